import { maskOf } from '../../wire/index.ts'
import type { FabricView } from './fib-fabric.ts'
import type { FibAlias } from './fib-info.ts'

/** Netmasks by prefix length, as signed 32-bit numbers (so that map keys stay small integers). */
const MASKS: readonly number[] = Array.from({ length: 33 }, (_, length) => maskOf(length) | 0)

/**
 * A routing table: one hash map per prefix length in use, asked from the longest to the shortest. Routes of shared fabrics
 * are not copied in: a {@link FabricView} answers for them at each length.
 */
export class FibTable {
  /** Number. */
  readonly id: number
  /** Name as `ip route` prints it. */
  readonly name: string
  private lengths: number[] = []
  private readonly maps: (Map<number, FibAlias[]> | undefined)[] = new Array(33).fill(undefined)
  private readonly fabrics: FabricView[] = []

  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }

  /** Puts a route in; routes of one prefix are ordered by table (local first), TOS and metric as the kernel orders them. */
  insert(address: number, alias: FibAlias): void {
    const length = alias.prefixLength
    let map = this.maps[length]
    if (map === undefined) {
      map = new Map()
      this.maps[length] = map
      this.useLength(length)
    }
    const key = address & MASKS[length]!
    const list = map.get(key)
    if (list === undefined) map.set(key, [alias])
    else insertAlias(list, alias)
  }

  /** Adds a fabric's routes. */
  addFabric(view: FabricView): void {
    this.fabrics.push(view)
    for (const length of view.lengths) this.useLength(length)
  }

  /** Prefix lengths in use, longest first. */
  get prefixLengths(): readonly number[] {
    return this.lengths
  }

  /** Routes of exactly this prefix, in the order they are tried; undefined = none. */
  at(address: number, length: number): readonly FibAlias[] | undefined {
    const own = this.maps[length]?.get(address & MASKS[length]!)
    return this.fabrics.length === 0 ? own : this.withFabrics(own, address, length)
  }

  /** Every route of the table that is its own, unordered. */
  *aliases(): IterableIterator<FibAlias> {
    for (const map of this.maps) if (map !== undefined) for (const list of map.values()) yield* list
  }

  private withFabrics(
    own: readonly FibAlias[] | undefined,
    address: number,
    length: number,
  ): readonly FibAlias[] | undefined {
    let list = own
    for (const view of this.fabrics) {
      const found = view.at(address, length)
      if (found === undefined) continue
      if (list === undefined) list = found
      else {
        const both = [...list]
        for (const alias of found) insertAlias(both, alias)
        list = both
      }
    }
    return list === undefined || list.length === 0 ? undefined : list
  }

  private useLength(length: number): void {
    if (this.lengths.includes(length)) return
    this.lengths = [...this.lengths, length].sort((a, b) => b - a)
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
