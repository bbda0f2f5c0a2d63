import { type Fabric, type FabricEntry, type FabricUse, type Route, tableId } from '../../model/index.ts'
import { familyOf, ipv4ToNumber, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { FibAlias, FibInfoPool } from './fib-info.ts'
import type { FibLeaf } from './fib-table.ts'
import { Lpm } from './lpm.ts'

/** Each fabric's IPv4 routes by prefix; built once a fabric, whatever the number of nodes. */
const indexes = new WeakMap<Fabric, Lpm<FabricEntry[]>>()

function indexOf(fabric: Fabric): Lpm<FabricEntry[]> {
  const known = indexes.get(fabric)
  if (known !== undefined) return known
  const index = new Lpm<FabricEntry[]>()
  for (const entry of fabric.entries) {
    if (entry.dst === undefined || familyOf(entry.dst) !== 4) continue
    const length = prefixLength(entry.dst)
    const network = ipv4ToNumber(prefixAddress(entry.dst))
    const list = index.get(network, length)
    if (list === undefined) index.set(network, length, [entry])
    else list.push(entry)
  }
  indexes.set(fabric, index)
  return index
}

/** The routes of a fabric as one namespace sees them: without its own, with the attributes of its use. Made as they are asked for. */
export class FabricView {
  /** Number of the table the routes are in. */
  readonly table: number
  private readonly name: string
  private readonly use: FabricUse
  private readonly except: ReadonlySet<string>
  private readonly index: Lpm<FabricEntry[]>
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

  /** Routes for an address, the longest prefix first. */
  leaves(address: number): FibLeaf[] {
    const leaves: FibLeaf[] = []
    for (let node = this.index.find(address); node !== null; node = node.parent) {
      const { length } = node
      const seen = node.value.filter((entry) => entry.owner !== this.name && !this.except.has(entry.owner))
      if (seen.length > 0) leaves.push({ length, aliases: seen.map((entry) => this.alias(entry, length)) })
    }
    return leaves
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
