import type { Nexthop, Route } from '../../model/index.ts'
import { ipv4ToNumber } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_SCOPE, RTN, routeTypeNumber, scopeNumber } from '../kernel/rtn.ts'
import type { Rtable } from './rtable.ts'

/** One next hop of a route (`struct fib_nh`), with the routing decisions made of it. */
export interface FibNexthop {
  /** Route attributes it belongs to. */
  readonly info: FibInfo
  /** Place among the next hops, from 0. */
  readonly index: number
  /** Output device; null when this namespace has none of that name. */
  readonly dev: NetDevice | null
  /** Gateway, uint32; 0 = none. */
  readonly gateway: number
  /** Weight among several. */
  readonly weight: number
  /** LINK with a gateway, HOST without, NOWHERE for local routes. */
  readonly scope: number
  /** Forwarding decision, made on first use. */
  rthInput: Rtable | null
  /** Output decision, made on first use. */
  rthOutput: Rtable | null
  /** Source address this hop gives (`fib_result_prefsrc`), -1 = not computed yet. */
  prefsrc: number
}

/** What routes of the same attributes share (`struct fib_info`). */
export interface FibInfo {
  /** Identity over recompilation: attributes and next hops as text. */
  readonly key: string
  /** RTN number. */
  readonly type: number
  /** Scope of the route. */
  readonly scope: number
  /** Preferred source, uint32; 0 = none. */
  readonly prefsrc: number
  /** Metric. */
  readonly priority: number
  /** Route MTU, 0 = none. */
  readonly mtu: number
  /** MTU is locked. */
  readonly mtuLock: boolean
  /** Advertised MSS, 0 = none. */
  readonly advmss: number
  /** Next hops; empty for routes that carry no packets. */
  readonly nexthops: readonly FibNexthop[]
}

/** A route in a table (`struct fib_alias`). */
export interface FibAlias {
  /** Prefix length. */
  readonly prefixLength: number
  /** RTN number. */
  readonly type: number
  /** Only packets of this TOS; 0 = all. */
  readonly tos: number
  /** Number of the table it stands in. */
  readonly table: number
  /** Attributes and next hops. */
  readonly info: FibInfo
  /** The route as in the model, or as a shared table gives it. */
  readonly route: Route
}

/** Makes aliases and shares their attributes. */
export class FibInfoPool {
  private readonly ns: NetNs
  private readonly byKey = new Map<string, FibInfo>()
  private readonly uses = new Map<FibInfo, number>()

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** The alias of a route in table number `table`. */
  alias(route: Route, prefixLength: number, table: number): FibAlias {
    const type = routeTypeNumber(route.type)
    const info = this.info(route, type, table)
    this.uses.set(info, (this.uses.get(info) ?? 0) + 1)
    return { prefixLength, type, tos: route.tos ?? 0, table, info, route }
  }

  /** How many routes share these attributes, by their key; of a shared table those that were looked up. */
  usesOf(key: string): number {
    const info = this.byKey.get(key)
    return info === undefined ? 0 : (this.uses.get(info) ?? 0)
  }

  private info(route: Route, type: number, table: number): FibInfo {
    const key = keyOf(route, type, table)
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const nexthops: FibNexthop[] = []
    const info: FibInfo = {
      key,
      type,
      scope: scopeNumber(route.scope),
      prefsrc: route.src === undefined ? 0 : ipv4ToNumber(route.src),
      priority: route.metric ?? 0,
      mtu: route.mtu ?? 0,
      mtuLock: route.mtuLock ?? false,
      advmss: route.advmss ?? 0,
      nexthops,
    }
    for (const hop of nexthopsOf(route)) nexthops.push(this.nexthop(info, hop, nexthops.length))
    this.byKey.set(key, info)
    return info
  }

  private nexthop(info: FibInfo, hop: Nexthop, index: number): FibNexthop {
    const gateway = hop.via === undefined ? 0 : ipv4ToNumber(hop.via)
    const dev = hop.dev === undefined ? null : (this.ns.byName.get(hop.dev) ?? null)
    const direct = info.type === RTN.LOCAL ? RT_SCOPE.NOWHERE : RT_SCOPE.HOST
    const scope = gateway === 0 ? direct : RT_SCOPE.LINK
    const weight = hop.weight ?? 1
    return { info, index, dev, gateway, weight, scope, rthInput: null, rthOutput: null, prefsrc: -1 }
  }
}

/** Whether a next hop can carry packets: its device exists and is up. Local routes stay when their device goes down. */
export function nexthopAlive(hop: FibNexthop): boolean {
  return hop.dev !== null && (hop.dev.up || hop.scope === RT_SCOPE.NOWHERE)
}

function nexthopsOf(route: Route): readonly Nexthop[] {
  if (route.nexthops !== undefined) return route.nexthops
  if (route.dev === undefined && route.via === undefined) return []
  const { via, dev } = route
  return [{ ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) }]
}

const keys = new WeakMap<Route, string>()

/** The key of a route's attributes; routes are immutable, so it is made once however often tables are compiled. */
function keyOf(route: Route, type: number, table: number): string {
  const known = keys.get(route)
  if (known !== undefined) return known
  const made = infoKey(route, type, table)
  keys.set(route, made)
  return made
}

function infoKey(route: Route, type: number, table: number): string {
  const own = [
    table,
    type,
    route.protocol,
    route.scope,
    route.src,
    route.metric,
    route.mtu,
    route.mtuLock,
    route.advmss,
  ]
  const hops =
    route.nexthops === undefined
      ? `${route.via ?? ''}%${route.dev ?? ''}%${route.onlink ?? ''}`
      : route.nexthops.map((hop) => `${hop.via ?? ''}%${hop.dev ?? ''}%${hop.weight ?? 1}`).join(';')
  return `${own.join('|')}|${hops}`
}
