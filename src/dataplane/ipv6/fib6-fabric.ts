import { type Fabric, type FabricEntry, type FabricUse, type Route, tableId } from '../../model/index.ts'
import { familyOf, ipv6ToKey, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { prefixKey } from './addr.ts'
import { type Fib6Info, makeFib6Info } from './fib6-info.ts'

/** Metric of routes that nobody gave one (`IP6_RT_PRIO_USER`). */
const USER_METRIC = 1024

/** A fabric's IPv6 routes by prefix length and prefix; built once a fabric, whatever the number of nodes. */
type FabricRoutes6 = ReadonlyMap<number, ReadonlyMap<string, readonly FabricEntry[]>>

const indexes = new WeakMap<Fabric, FabricRoutes6>()

function indexOf(fabric: Fabric): FabricRoutes6 {
  const known = indexes.get(fabric)
  if (known !== undefined) return known
  const made = new Map<number, Map<string, FabricEntry[]>>()
  for (const entry of fabric.entries) {
    if (entry.dst === undefined || familyOf(entry.dst) !== 6) continue
    const length = prefixLength(entry.dst)
    const map = made.get(length) ?? new Map<string, FabricEntry[]>()
    made.set(length, map)
    const key = prefixKey(ipv6ToKey(prefixAddress(entry.dst)), length)
    const list = map.get(key)
    if (list === undefined) map.set(key, [entry])
    else list.push(entry)
  }
  indexes.set(fabric, made)
  return made
}

/** The IPv6 routes of a fabric as one namespace sees them: without its own. Made as they are asked for. */
export class FabricView6 {
  /** Number of the table the routes are in. */
  readonly table: number
  private readonly ns: NetNs
  private readonly use: FabricUse
  private readonly except: ReadonlySet<string>
  private readonly index: FabricRoutes6
  private readonly made = new Map<FabricEntry, Fib6Info>()

  constructor(ns: NetNs, use: FabricUse, fabric: Fabric) {
    this.ns = ns
    this.use = use
    this.except = new Set(use.except)
    this.index = indexOf(fabric)
    this.table = tableId(use.route?.table ?? 'main') ?? 254
  }

  /** Prefix lengths in use. */
  get lengths(): Iterable<number> {
    return this.index.keys()
  }

  /** Routes of exactly this prefix, given as {@link prefixKey}. */
  at(key: string, length: number): Fib6Info[] {
    const out: Fib6Info[] = []
    for (const entry of this.index.get(length)?.get(key) ?? []) {
      if (entry.owner === this.ns.name || this.except.has(entry.owner)) continue
      const info = this.info(entry)
      if (info !== undefined) out.push(info)
    }
    return out
  }

  private info(entry: FabricEntry): Fib6Info | undefined {
    const known = this.made.get(entry)
    if (known !== undefined) return known
    const info = makeFib6Info(this.ns, fabricRoute6(this.use, entry))
    if (info !== undefined) this.made.set(entry, info)
    return info
  }
}

/** A fabric entry as the route it stands for. */
function fabricRoute6(use: FabricUse, entry: FabricEntry): Route {
  const shared = use.route
  const via = shared?.noVia === true ? undefined : (shared?.via ?? entry.via)
  const origin = entry.origin ?? use.origin
  return {
    family: 'inet6',
    dst: entry.dst!,
    type: 'unicast',
    ...(via === undefined ? {} : { via }),
    dev: use.dev,
    table: shared?.table ?? 'main',
    protocol: shared?.protocol ?? 'boot',
    scope: 'global',
    ...(shared?.src === undefined ? {} : { src: shared.src }),
    metric: shared?.metric ?? USER_METRIC,
    ...(shared?.mtu === undefined ? {} : { mtu: shared.mtu }),
    ...(origin === undefined ? {} : { origin }),
  }
}
