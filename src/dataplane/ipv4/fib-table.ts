import { maskOf } from '../../wire/index.ts'
import type { FibAlias } from './fib-info.ts'
import type { SharedRoutes } from './fib-shared.ts'
import { Lpm, type LpmNode } from './lpm.ts'

/** Routes of one prefix, in the order they are tried. */
export interface FibLeaf {
  /** Prefix length. */
  readonly length: number
  /** The routes. */
  readonly aliases: readonly FibAlias[]
}

/** A routing table. Those of shared tables are not copied in: a {@link SharedRoutes} answers for them. */
export class FibTable {
  /** Number. */
  readonly id: number
  /** Shared tables whose routes are in it. */
  readonly shared: SharedRoutes[] = []
  private readonly lpm = new Lpm<FibAlias[]>()

  constructor(id: number) {
    this.id = id
  }

  /** Puts a route in; routes of one prefix are ordered by table (local first), TOS and metric as the kernel orders them. */
  insert(address: number, alias: FibAlias): void {
    const { prefixLength: length } = alias
    const network = (address & maskOf(length)) >>> 0
    const list = this.lpm.get(network, length)
    if (list === undefined) this.lpm.set(network, length, [alias])
    else insertAlias(list, alias)
  }

  /** The table's own routes for an address: the longest prefix, then by `parent`. Not those of shared tables. */
  find(address: number): LpmNode<FibAlias[]> | null {
    return this.lpm.find(address)
  }

  /** All routes for an address, the longest prefix first, those of shared tables among them. */
  leaves(address: number): FibLeaf[] {
    const leaves: FibLeaf[] = []
    for (let node = this.lpm.find(address); node !== null; node = node.parent) {
      leaves.push({ length: node.length, aliases: node.value })
    }
    for (const view of this.shared) for (const leaf of view.leaves(address)) addLeaf(leaves, leaf)
    return leaves
  }

  /** Routes of exactly this prefix. */
  at(address: number, length: number): readonly FibAlias[] {
    return this.leaves(address).find((leaf) => leaf.length === length)?.aliases ?? []
  }

  /** Every route of the table that is its own, unordered. */
  aliases(): FibAlias[] {
    return this.lpm.values().flat()
  }
}

/** Puts a leaf among others, the longest first; one of the same length is merged. */
function addLeaf(leaves: FibLeaf[], leaf: FibLeaf): void {
  const at = leaves.findIndex((other) => other.length <= leaf.length)
  const there = leaves[at]
  if (there === undefined) leaves.push(leaf)
  else if (there.length !== leaf.length) leaves.splice(at, 0, leaf)
  else {
    const both = [...there.aliases]
    for (const alias of leaf.aliases) insertAlias(both, alias)
    leaves[at] = { length: leaf.length, aliases: both }
  }
}

/** Descending table and TOS, ascending metric; equals behind those that are there. */
function insertAlias(list: FibAlias[], alias: FibAlias): void {
  let at = list.length
  while (at > 0 && before(alias, list[at - 1] as FibAlias)) at--
  list.splice(at, 0, alias)
}

function before(a: FibAlias, b: FibAlias): boolean {
  if (a.table !== b.table) return a.table > b.table
  if (a.tos !== b.tos) return a.tos > b.tos
  return a.info.priority < b.info.priority
}
