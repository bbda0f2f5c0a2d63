import { keptIn, type Nexthop, type Route, tableId } from '../../model/index.ts'
import { ipv4ToNumber, prefixAddress, prefixLength } from '../../wire/index.ts'
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

/** Attributes, and how many routes share them. */
interface Shared {
  readonly info: FibInfo
  uses: number
}

/** Makes aliases and shares their attributes. */
export class FibInfoPool {
  private readonly ns: NetNs
  private readonly byKey = new Map<string, Shared>()

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** The alias of a route in table number `table`. */
  alias(route: Route, form: RouteForm, table: number): FibAlias {
    const { length: prefixLength, type, tos } = form
    return { prefixLength, type, tos, table, info: this.info(form), route }
  }

  /** How many routes share these attributes, by their key; of a shared table those that were looked up. */
  usesOf(key: string): number {
    return this.byKey.get(key)?.uses ?? 0
  }

  private info(form: RouteForm): FibInfo {
    const known = this.byKey.get(form.key)
    if (known !== undefined) {
      known.uses++
      return known.info
    }
    const { key, type, scope, prefsrc, priority, mtu, mtuLock, advmss } = form
    const nexthops: FibNexthop[] = []
    const info: FibInfo = { key, type, scope, prefsrc, priority, mtu, mtuLock, advmss, nexthops }
    for (const hop of form.hops) nexthops.push(this.nexthop(info, hop, nexthops.length))
    this.byKey.set(key, { info, uses: 1 })
    return info
  }

  private nexthop(info: FibInfo, { gateway, name, weight, scope }: HopForm, index: number): FibNexthop {
    const dev = name === undefined ? null : (this.ns.byName.get(name) ?? null)
    return { info, index, dev, gateway, weight, scope, rthInput: null, rthOutput: null, prefsrc: -1 }
  }
}

/** Whether a next hop can carry packets: its device exists and is up. Local routes stay when their device goes down. */
export function nexthopAlive(hop: FibNexthop): boolean {
  return hop.dev !== null && (hop.dev.up || hop.scope === RT_SCOPE.NOWHERE)
}

/** A next hop as numbers. */
interface HopForm extends Pick<FibNexthop, 'gateway' | 'weight' | 'scope'> {
  /** Its device. */
  readonly name: string | undefined
}

/** A route as numbers: all that tables of any namespace need to know of it. */
export interface RouteForm extends Omit<FibInfo, 'nexthops'> {
  /** Number of its table; -1 = the name is none of a table. */
  readonly table: number
  /** Destination, uint32. */
  readonly network: number
  /** Prefix length. */
  readonly length: number
  /** Only packets of this TOS; 0 = all. */
  readonly tos: number
  /** Next hops. */
  readonly hops: readonly HopForm[]
}

const forms = new WeakMap<Route, RouteForm>()

/** A route as numbers. Routes are immutable: each is read once, however often tables are compiled. */
export function formOf(route: Route): RouteForm {
  return keptIn(forms, route, formed)
}

function formed(route: Route): RouteForm {
  const type = routeTypeNumber(route.type)
  const table = tableId(route.table) ?? -1
  return {
    key: infoKey(route, type, table),
    table,
    network: ipv4ToNumber(prefixAddress(route.dst)),
    length: prefixLength(route.dst),
    type,
    tos: route.tos ?? 0,
    scope: scopeNumber(route.scope),
    prefsrc: route.src === undefined ? 0 : ipv4ToNumber(route.src),
    priority: route.metric ?? 0,
    mtu: route.mtu ?? 0,
    mtuLock: route.mtuLock ?? false,
    advmss: route.advmss ?? 0,
    hops: nexthopsOf(route).map((hop) => hopForm(hop, type)),
  }
}

function hopForm({ via, dev, weight = 1 }: Nexthop, type: number): HopForm {
  const gateway = via === undefined ? 0 : ipv4ToNumber(via)
  const direct = type === RTN.LOCAL ? RT_SCOPE.NOWHERE : RT_SCOPE.HOST
  return { gateway, name: dev, weight, scope: gateway === 0 ? direct : RT_SCOPE.LINK }
}

function nexthopsOf(route: Route): readonly Nexthop[] {
  if (route.nexthops !== undefined) return route.nexthops
  if (route.dev === undefined && route.via === undefined) return []
  const { via, dev } = route
  return [{ ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) }]
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
