import type { RouteError } from '../kernel/dst.ts'
import type { NsLog } from '../kernel/log.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN, routeTypeName } from '../kernel/rtn.ts'
import type { Stack } from '../kernel/stack.ts'
import { isMulticast6, LOOPBACK_ADDR, needsStrict } from './addr.ts'
import type { Fib6Result } from './fib6.ts'
import { type Fib6Nexthop, isForUs } from './fib6-info.ts'
import { askedOf6, LookupRef6 } from './lookup-ref6.ts'
import { selectMultipath6 } from './multipath.ts'
import { sendDueProbes } from './router-probe.ts'
import { Rt6 } from './rt6.ts'
import { type Fib6Query, scratch6Of } from './scratch.ts'
import { ipv6DevGetSaddr } from './select-source.ts'
import { ipv6Of } from './slot.ts'

/** What an own packet's route is asked with. */
export type OutputFlow6 = Parameters<Stack['ip6RouteOutput']>[1]

/**
 * Routes a packet made here and chooses its source: `src` of what is returned, unless the flow has one. An erroneous route
 * counts only once the source is known, since a rule may ask for it.
 *
 * @linux net/ipv6/ip6_output.c ip6_dst_lookup_tail
 */
export function ip6RouteOutput(ns: NetNs, asked: OutputFlow6): Rt6 | RouteError {
  const query = scratch6Of(ns.sim).output
  const { flow, result } = query
  const rt = routeOutput(ns, query, asked)
  const ip6 = ipv6Of(ns)
  if (ns.log !== null) {
    const failed = typeof rt === 'string'
    const tables = ip6 === null ? null : askedOf6(ip6.fib, flow, asked.oif, isStrict(flow.daddr, asked))
    const ref = new LookupRef6(routeTypeName(result.type), asked.daddr, asked.saddr, result, tables)
    if (!failed) rt.ref = ref
    note(ns.log, asked.packet, failed ? null : rt, ref)
  }
  if (ip6 !== null && ip6.dueProbes.length > 0) sendDueProbes(ip6)
  return rt
}

/** Whoever makes the packet records the way it was given; here it is recorded for one that exists, or when there is no way. */
function note(log: NsLog, packet: number | undefined, rt: Rt6 | null, ref: LookupRef6): void {
  if (packet === undefined || (packet === 0 && rt !== null)) return
  log.routeOutput(packet, rt === null ? null : rt.dev, ref)
}

function routeOutput(ns: NetNs, query: Fib6Query, asked: OutputFlow6): Rt6 | RouteError {
  const ip6 = ipv6Of(ns)
  const { flow, result } = query
  result.clear()
  if (ip6 === null) return asked.saddr === '' ? 'EADDRNOTAVAIL' : 'ENETUNREACH'
  flow.daddr = asked.daddr
  flow.saddr = asked.saddr
  flow.tclass = asked.tclass
  flow.mark = asked.mark
  flow.oif = asked.oif
  flow.proto = asked.proto
  flow.sport = asked.sport
  flow.dport = asked.dport
  // The wildcard as destination means this host.
  if (asked.daddr === '\0'.repeat(16)) flow.daddr = LOOPBACK_ADDR
  const { oif } = asked
  const strict = isStrict(flow.daddr, asked)
  ip6.fib.lookup(flow, oif, strict, result)
  let src = ''
  if (asked.saddr === '') {
    src = sourceFor(ns, query)
    if (src === '') return 'EADDRNOTAVAIL'
    if (errorOf(result.type) !== null) {
      flow.saddr = src
      ip6.fib.lookup(flow, oif, strict, result)
    }
  }
  const error = errorOf(result.type)
  if (error !== null) return error
  return makeOutput(ns, query, oif, src)
}

/** Only routes by the device asked for count: for destinations of a link, and while the source is open. */
function isStrict(daddr: string, { oif, saddr }: OutputFlow6): boolean {
  return needsStrict(daddr) || (oif !== null && saddr === '')
}

/** The route's own preference, or the best address for the destination. @linux include/net/ip6_route.h ip6_route_get_saddr */
function sourceFor(ns: NetNs, { flow, result }: Fib6Query): string {
  const hop = errorOf(result.type) === null ? result.nexthop : null
  if (hop !== null && hop.info.prefsrc !== '') return hop.info.prefsrc
  return ipv6DevGetSaddr(ns, hop === null ? null : hop.dev, flow.daddr)
}

function makeOutput(ns: NetNs, { flow, result }: Fib6Query, oif: NetDevice | null, src: string): Rt6 {
  const first = result.nexthop as Fib6Nexthop
  const hop = oif === null && first.info.nexthops.length > 1 ? selectMultipath6(ns, first, flow) : first
  result.nexthop = hop
  return rt6Of(result, hop, flow.daddr, src, 'output')
}

/** The decision the next hop `hop` of a lookup stands for (`ip6_rt_init_dst`). */
export function rt6Of(found: Fib6Result, hop: Fib6Nexthop, daddr: string, src: string, way: 'output' | 'forward'): Rt6 {
  const real = hop.dev as NetDevice
  const { ns } = real
  const ref = new LookupRef6(routeTypeName(hop.info.type), daddr, src, found)
  if (isForUs(hop.info)) return new Rt6('local', ns.lo, real, null, null, src, hop, null, false, ref)
  if (isMulticast6(daddr)) return new Rt6('multicast', real, real, null, null, src, hop, null, true, ref)
  const exception = ipv6Of(ns)?.cache.find(hop, daddr) ?? null
  const gateway = exception !== null ? exception.gateway : hop.gateway
  return new Rt6(way, real, real, gateway === '' ? null : gateway, null, src, hop, exception, false, ref)
}

/** The error of a route type; null for types that carry packets. @linux net/ipv6/route.c ip6_rt_type_to_error */
export function errorOf(type: number): RouteError | null {
  switch (type) {
    case RTN.UNSPEC:
      return 'ENETUNREACH'
    case RTN.BLACKHOLE:
      return 'EINVAL'
    case RTN.PROHIBIT:
      return 'EACCES'
    case RTN.UNREACHABLE:
      return 'EHOSTUNREACH'
    default:
      return null
  }
}
