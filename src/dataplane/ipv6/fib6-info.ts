import { type Nexthop, type Route, tableId } from '../../model/index.ts'
import { ipv6ToKey, prefixAddress, prefixLength } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN, routeTypeNumber } from '../kernel/rtn.ts'
import type { Rt6 } from './rt6.ts'

/** One next hop of a route (`struct fib6_nh`). */
export interface Fib6Nexthop {
  /** Route it belongs to. */
  readonly info: Fib6Info
  /** Place among the next hops of the route, from 0. */
  readonly index: number
  /** Output device; null when this namespace has none of that name. */
  readonly dev: NetDevice | null
  /** Gateway as engine key, '' = none. */
  readonly gateway: string
  /** Weight among several. */
  readonly weight: number
  /** Decision for received packets, made on first use. */
  rtInput: Rt6 | null
}

/** A route (`struct fib6_info`). */
export interface Fib6Info {
  /** Destination prefix as engine key. */
  readonly dst: string
  /** Prefix length. */
  readonly prefixLength: number
  /** RTN number. */
  readonly type: number
  /** Metric. */
  readonly metric: number
  /** Preferred source, '' = none. */
  readonly prefsrc: string
  /** Route MTU, 0 = none. */
  readonly mtu: number
  /** MTU is locked. */
  readonly mtuLock: boolean
  /** Advertised MSS, 0 = none. */
  readonly advmss: number
  /** Router preference: 1 low, 2 medium, 3 high. */
  readonly pref: number
  /** Number of the table. */
  readonly table: number
  /** Next hops; a route that refuses packets has one, `lo`. */
  readonly nexthops: readonly Fib6Nexthop[]
  /** The route as in the model, or as a shared table gives it. */
  readonly route: Route
  /** Identity over recompilation. */
  readonly key: string
}

const PREFERENCES = { low: 1, medium: 2, high: 3 } as const

/** Whether a route refuses packets (RTF_REJECT). */
export function isReject(info: Fib6Info): boolean {
  const { type } = info
  return type === RTN.BLACKHOLE || type === RTN.UNREACHABLE || type === RTN.PROHIBIT || type === RTN.THROW
}

/** Whether a route delivers to this host: RTF_LOCAL or RTF_ANYCAST. */
export function isForUs(info: Fib6Info): boolean {
  return info.type === RTN.LOCAL || info.type === RTN.ANYCAST
}

/** Compiles a route; undefined when its table has no number. */
export function makeFib6Info(ns: NetNs, route: Route): Fib6Info | undefined {
  const table = tableId(route.table)
  if (table === undefined) return undefined
  const nexthops: Fib6Nexthop[] = []
  const type = routeTypeNumber(route.type)
  const info: Fib6Info = {
    dst: ipv6ToKey(prefixAddress(route.dst)),
    prefixLength: prefixLength(route.dst),
    type,
    metric: route.metric ?? 0,
    prefsrc: route.src === undefined ? '' : ipv6ToKey(route.src),
    mtu: route.mtu ?? 0,
    mtuLock: route.mtuLock ?? false,
    advmss: route.advmss ?? 0,
    pref: PREFERENCES[route.pref ?? 'medium'],
    table,
    nexthops,
    route,
    key: `${table} ${route.type} ${route.dst} ${route.metric ?? 0} ${hopsKey(route)}`,
  }
  if (isReject(info)) nexthops.push(makeNexthop(ns, info, { dev: ns.lo.name }, 0))
  else for (const hop of hopsOf(route)) nexthops.push(makeNexthop(ns, info, hop, nexthops.length))
  return info
}

function makeNexthop(ns: NetNs, info: Fib6Info, hop: Nexthop, index: number): Fib6Nexthop {
  return {
    info,
    index,
    dev: hop.dev === undefined ? null : (ns.byName.get(hop.dev) ?? null),
    gateway: hop.via === undefined ? '' : ipv6ToKey(hop.via),
    weight: hop.weight ?? 1,
    rtInput: null,
  }
}

function hopsOf(route: Route): readonly Nexthop[] {
  if (route.nexthops !== undefined) return route.nexthops
  const { via, dev } = route
  return [{ ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) }]
}

function hopsKey(route: Route): string {
  if (route.nexthops === undefined) return `${route.via ?? ''}%${route.dev ?? ''}`
  return route.nexthops.map((hop) => `${hop.via ?? ''}%${hop.dev ?? ''}`).join(';')
}
