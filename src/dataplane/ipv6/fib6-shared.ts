import {
  routeOf,
  type SharedEntry,
  SharedIndex,
  type SharedTable,
  type SharedView,
  sees,
  tableId,
} from '../../model/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type Fib6Info, makeFib6Info } from './fib6-info.ts'

/** The IPv6 routes of a shared table as one namespace sees them. Made as they are asked for. */
export class SharedRoutes6 {
  /** Number of the table the routes are in. */
  readonly table: number
  private readonly ns: NetNs
  private readonly view: SharedView
  private readonly index: ReturnType<SharedIndex['byPrefix']>
  private readonly made = new Map<SharedEntry, Fib6Info>()

  constructor(ns: NetNs, view: SharedView, table: SharedTable) {
    this.ns = ns
    this.view = view
    this.index = SharedIndex.of(table).byPrefix(6)
    this.table = tableId(view.route?.table ?? 'main') ?? 254
  }

  /** Prefix lengths in use. */
  get lengths(): Iterable<number> {
    return this.index.keys()
  }

  /** Routes of exactly this prefix, given as `prefixKey` of wire. */
  at(key: string, length: number): Fib6Info[] {
    const out: Fib6Info[] = []
    for (const entry of this.index.get(length)?.get(key) ?? []) {
      const info = sees(this.view, this.ns.name, entry) ? this.info(entry) : undefined
      if (info !== undefined) out.push(info)
    }
    return out
  }

  private info(entry: SharedEntry): Fib6Info | undefined {
    const known = this.made.get(entry)
    if (known !== undefined) return known
    const info = makeFib6Info(this.ns, routeOf(entry, this.view)!)
    if (info !== undefined) this.made.set(entry, info)
    return info
  }
}
