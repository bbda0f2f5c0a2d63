import { routeOf, type SharedEntry, type SharedTable, type SharedView, sees, tableId } from '../../model/index.ts'
import { familyOf, ipv4ToNumber, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type FibAlias, type FibInfoPool, formOf } from './fib-info.ts'
import type { FibLeaf } from './fib-table.ts'
import { Lpm } from './lpm.ts'

/** Each shared table's IPv4 entries as a trie; built once a table, whatever the number of nodes. */
const indexes = new WeakMap<SharedTable, Lpm<SharedEntry[]>>()

function indexOf(table: SharedTable): Lpm<SharedEntry[]> {
  const known = indexes.get(table)
  if (known !== undefined) return known
  const index = new Lpm<SharedEntry[]>()
  for (const entry of table.entries) {
    if (entry.dst === undefined || familyOf(entry.dst) !== 4) continue
    const length = prefixLength(entry.dst)
    const network = ipv4ToNumber(prefixAddress(entry.dst))
    const list = index.get(network, length)
    if (list === undefined) index.set(network, length, [entry])
    else list.push(entry)
  }
  indexes.set(table, index)
  return index
}

/** The IPv4 routes of a shared table as one namespace sees them. Made as they are asked for. */
export class SharedRoutes {
  /** Number of the table the routes are in. */
  readonly table: number
  private readonly name: string
  private readonly view: SharedView
  private readonly index: Lpm<SharedEntry[]>
  private readonly pool: FibInfoPool
  private readonly made = new Map<SharedEntry, FibAlias>()

  constructor(ns: NetNs, view: SharedView, table: SharedTable, pool: FibInfoPool) {
    this.name = ns.name
    this.view = view
    this.index = indexOf(table)
    this.pool = pool
    this.table = tableId(view.route?.table ?? 'main') ?? 254
  }

  /** Routes for an address, the longest prefix first. */
  leaves(address: number): FibLeaf[] {
    const leaves: FibLeaf[] = []
    for (let node = this.index.find(address); node !== null; node = node.parent) {
      const { length } = node
      const seen = node.value.filter((entry) => sees(this.view, this.name, entry))
      if (seen.length > 0) leaves.push({ length, aliases: seen.map((entry) => this.alias(entry)) })
    }
    return leaves
  }

  private alias(entry: SharedEntry): FibAlias {
    const known = this.made.get(entry)
    if (known !== undefined) return known
    const route = routeOf(entry, this.view)!
    const alias = this.pool.alias(route, formOf(route), this.table)
    this.made.set(entry, alias)
    return alias
  }
}
