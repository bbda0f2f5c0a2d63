import { type Fabric, type FabricEntry, type FabricUse, type Route, tableId } from '../../model/index.ts'
import { familyOf, ipv4ToNumber, maskOf, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetNs } from '../netns.ts'
import type { FibAlias, FibInfoPool } from './fib-info.ts'

/** A fabric's IPv4 routes by prefix length and network; built once a fabric, whatever the number of nodes. */
interface FabricRoutes {
  readonly lengths: readonly number[]
  readonly maps: readonly (ReadonlyMap<number, readonly FabricEntry[]> | undefined)[]
}

const indexes = new WeakMap<Fabric, FabricRoutes>()

function indexOf(fabric: Fabric): FabricRoutes {
  const known = indexes.get(fabric)
  if (known !== undefined) return known
  const maps: (Map<number, FabricEntry[]> | undefined)[] = new Array(33).fill(undefined)
  for (const entry of fabric.entries) {
    if (entry.dst === undefined || familyOf(entry.dst) !== 4) continue
    const length = prefixLength(entry.dst)
    const map = maps[length] ?? new Map<number, FabricEntry[]>()
    maps[length] = map
    const key = ipv4ToNumber(prefixAddress(entry.dst)) | 0
    const list = map.get(key)
    if (list === undefined) map.set(key, [entry])
    else list.push(entry)
  }
  const lengths = maps.flatMap((map, length) => (map === undefined ? [] : [length]))
  const made = { lengths, maps }
  indexes.set(fabric, made)
  return made
}

/** The routes of a fabric as one namespace sees them: without its own, with the attributes of its use. Made as they are asked for. */
export class FabricView {
  /** Number of the table the routes are in. */
  readonly table: number
  private readonly name: string
  private readonly use: FabricUse
  private readonly except: ReadonlySet<string>
  private readonly index: FabricRoutes
  private readonly pool: FibInfoPool
  private readonly made = new Map<FabricEntry, FibAlias>()

  constructor(ns: NetNs, use: FabricUse, fabric: Fabric, pool: FibInfoPool) {
    this.name = ns.name
    this.use = use
    this.except = new Set(use.except)
    this.index = indexOf(fabric)
    this.pool = pool
    this.table = tableId(use.route?.table ?? 'main') ?? 254
  }

  /** Prefix lengths in use. */
  get lengths(): readonly number[] {
    return this.index.lengths
  }

  /** Routes of exactly this prefix; undefined = none. */
  at(address: number, length: number): FibAlias[] | undefined {
    const entries = this.index.maps[length]?.get(address & maskOf(length))
    if (entries === undefined) return undefined
    let list: FibAlias[] | undefined
    for (const entry of entries) {
      if (entry.owner === this.name || this.except.has(entry.owner)) continue
      const alias = this.alias(entry, length)
      if (list === undefined) list = [alias]
      else list.push(alias)
    }
    return list
  }

  /** Every route this namespace sees. */
  *aliases(): IterableIterator<FibAlias> {
    for (const [length, map] of this.index.maps.entries()) {
      if (map !== undefined) for (const key of map.keys()) yield* this.at(key, length) ?? []
    }
  }

  private alias(entry: FabricEntry, length: number): FibAlias {
    const known = this.made.get(entry)
    if (known !== undefined) return known
    const alias = this.pool.alias(fabricRoute(this.use, entry), length, this.table)
    this.made.set(entry, alias)
    return alias
  }
}

/** A fabric entry as the route it stands for. */
function fabricRoute(use: FabricUse, entry: FabricEntry): Route {
  const shared = use.route
  const via = shared?.noVia === true ? undefined : (shared?.via ?? entry.via)
  const origin = entry.origin ?? use.origin
  return {
    family: 'inet',
    dst: entry.dst!,
    type: 'unicast',
    ...(via === undefined ? {} : { via }),
    dev: use.dev,
    ...(shared?.onlink === undefined ? {} : { onlink: shared.onlink }),
    table: shared?.table ?? 'main',
    protocol: shared?.protocol ?? 'boot',
    scope: shared?.scope ?? (via === undefined ? 'link' : 'global'),
    ...(shared?.src === undefined ? {} : { src: shared.src }),
    ...(shared?.metric === undefined ? {} : { metric: shared.metric }),
    ...(shared?.mtu === undefined ? {} : { mtu: shared.mtu }),
    ...(origin === undefined ? {} : { origin }),
  }
}
