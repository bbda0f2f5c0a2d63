import type { RouteResult } from '../../model/index.ts'
import {
  INADDR_BROADCAST,
  INADDR_LOOPBACK,
  IP_PROTOCOL,
  IPTOS_RT_MASK,
  isIpv4Loopback,
  isIpv4Multicast,
} from '../../wire/index.ts'
import type { DstKind, RouteError } from '../kernel/dst.ts'
import type { NsLog } from '../kernel/log.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FIB_OK, RT_SCOPE, RTN, routeErrorOf, routeTypeName } from '../kernel/rtn.ts'
import { type Flow4, NO_PACKET, PACKET_TO_COME } from '../kernel/stack.ts'
import { fibSelectDefault, isAmongDefaults } from './default-route.ts'
import type { FibNexthop } from './fib-info.ts'
import { inetSelectAddr, ipDevFind } from './inet-addr.ts'
import { askedOf, LookupRef } from './lookup-ref.ts'
import { fibMultipathHash, fibSelectMultipath, isLasting, isMultipath } from './multipath.ts'
import { ipCheckMc } from './route-input.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, Rtable } from './rtable.ts'
import type { FibQuery } from './scratch.ts'
import { ipv4Of } from './slot.ts'

/**
 * Routes a packet made here. The source address to use is the flow's own, or else `src` of what is returned.
 *
 * @linux net/ipv4/route.c ip_route_output_key_hash_rcu
 */
export function ipRouteOutput(ns: NetNs, asked: Flow4): Rtable | RouteError {
  const tos = asked.tos & IPTOS_RT_MASK
  const { daddr, saddr, mark, oif, anySource } = asked
  const { fib, cache, scratch } = ipv4Of(ns)
  const { generation } = cache
  const mayMemo = !fib.needsPorts && !anySource && asked.proto !== IP_PROTOCOL.IGMP
  const known = mayMemo ? fib.outputMemo.find(generation, daddr, saddr, tos, mark, oif) : undefined
  if (known !== undefined && (ns.log === null || known.ref !== null)) {
    const { rt, ref } = known
    if (ref !== null && ns.log !== null) {
      // Destinations behind one hop share a route: the last lookup may have been of another.
      rt.ref = ref
      note(ns.log, asked.packet, rt, ref)
    }
    return rt
  }
  const { flow, result } = scratch.output
  flow.daddr = daddr
  flow.saddr = saddr
  flow.tos = tos
  flow.mark = mark
  flow.oif = oif
  flow.iif = null
  flow.proto = asked.proto
  flow.sport = asked.sport
  flow.dport = asked.dport
  result.clear()
  const rt = routeOutput(ns, scratch.output, anySource)
  const failed = typeof rt === 'string'
  let ref: LookupRef | null = null
  if (ns.log !== null) {
    ref = refOf(ns, routeTypeName(failed ? result.type : rt.type), daddr, saddr, failed)
    if (!failed) rt.ref = ref
    note(ns.log, asked.packet, failed ? null : rt, ref)
  }
  if (!failed && mayMemo && isLasting(ns, result) && !isAmongDefaults(ns, result)) {
    fib.outputMemo.keep(generation, { daddr, saddr, tos, mark, dev: oif, rt, flags: 0, ref })
  }
  return rt
}

/** The record of a decision; it explains itself when the tables were asked and followed. */
function refOf(ns: NetNs, found: RouteResult, daddr: number, saddr: number, failed: boolean): LookupRef {
  const { flow, result } = ipv4Of(ns).scratch.output
  const isAsked = result.alias !== null || failed
  return new LookupRef(found, daddr, saddr, result, isAsked ? askedOf(ns, flow) : null)
}

/** Whoever makes the packet records the way it was given; here it is recorded for one that exists, or when there is no way. */
function note(log: NsLog, packet: number, rt: Rtable | null, ref: LookupRef): void {
  if (packet === NO_PACKET || (packet === PACKET_TO_COME && rt !== null)) return
  log.routeOutput(packet, rt === null ? null : rt.dev, ref)
}

function routeOutput(ns: NetNs, query: FibQuery, anySource: boolean): Rtable | RouteError {
  const { flow } = query
  const { daddr } = flow
  const group = isIpv4Multicast(daddr)
  if (flow.saddr !== 0) {
    if (isIpv4Multicast(flow.saddr) || flow.saddr === INADDR_BROADCAST) return 'EINVAL'
    if (flow.oif === null && (group || daddr === INADDR_BROADCAST)) {
      const own = ipDevFind(ns, flow.saddr)
      return own === undefined ? 'ENETUNREACH' : mkrouteOutput(query, own, RTN.UNICAST, flow.saddr, null)
    }
    if (!anySource && ipDevFind(ns, flow.saddr) === undefined) return 'ENETUNREACH'
  }
  const { oif } = flow
  if (oif !== null) {
    if (!oif.up) return 'ENETUNREACH'
    if (daddr >>> 8 === 0xe00000 || daddr === INADDR_BROADCAST || flow.proto === IP_PROTOCOL.IGMP) {
      const src = flow.saddr !== 0 ? flow.saddr : inetSelectAddr(oif, 0, RT_SCOPE.LINK)
      return mkrouteOutput(query, oif, RTN.UNICAST, src, null)
    }
    if (flow.saddr === 0) {
      if (group) flow.saddr = inetSelectAddr(oif, 0, RT_SCOPE.UNIVERSE)
      else if (daddr === 0) flow.saddr = inetSelectAddr(oif, 0, RT_SCOPE.HOST)
    }
  }
  if (daddr === 0) {
    flow.daddr = flow.saddr === 0 ? INADDR_LOOPBACK : flow.saddr
    return mkrouteOutput(query, ns.lo, RTN.LOCAL, flow.daddr, null)
  }
  return lookupOutput(ns, query, oif)
}

function lookupOutput(ns: NetNs, query: FibQuery, oif: NetDevice | null): Rtable | RouteError {
  const { flow, result } = query
  const error = ipv4Of(ns).fib.lookup(flow, result)
  if (error !== FIB_OK) {
    if (oif === null) return routeErrorOf(error)
    // A sender that names the device may reach anybody there, whatever the tables say.
    const src = flow.saddr !== 0 ? flow.saddr : inetSelectAddr(oif, 0, RT_SCOPE.LINK)
    result.clear()
    return mkrouteOutput(query, oif, RTN.UNICAST, src, null)
  }
  if (result.type === RTN.LOCAL) {
    const prefsrc = result.alias?.info.prefsrc ?? 0
    const src = flow.saddr !== 0 ? flow.saddr : prefsrc !== 0 ? prefsrc : flow.daddr
    return mkrouteOutput(query, ns.lo, RTN.LOCAL, src, result.nexthop)
  }
  if (oif === null && isMultipath(result)) fibSelectMultipath(ns, result, fibMultipathHash(ns, flow))
  else if (oif === null && isAmongDefaults(ns, result)) fibSelectDefault(ns, flow, result)
  const hop = result.nexthop as FibNexthop
  return mkrouteOutput(query, hop.dev as NetDevice, result.type, flow.saddr !== 0 ? flow.saddr : hopSource(hop), hop)
}

/** The source address of a next hop (`fib_result_prefsrc`). */
export function hopSource(hop: FibNexthop): number {
  if (hop.prefsrc >= 0) return hop.prefsrc
  const { info } = hop
  hop.prefsrc = info.prefsrc !== 0 ? info.prefsrc : inetSelectAddr(hop.dev as NetDevice, hop.gateway, info.scope)
  return hop.prefsrc
}

/** @linux net/ipv4/route.c __mkroute_output */
function mkrouteOutput(
  query: FibQuery,
  dev: NetDevice,
  found: number,
  src: number,
  hop: FibNexthop | null,
): Rtable | RouteError {
  const { flow, result } = query
  const { daddr } = flow
  const sender = flow.saddr !== 0 ? flow.saddr : src
  if (isIpv4Loopback(sender) && !dev.loopback && !dev.conf4.routeLocalnet) return 'EINVAL'
  let type = found
  if (daddr === INADDR_BROADCAST) type = RTN.BROADCAST
  else if (isIpv4Multicast(daddr)) type = RTN.MULTICAST
  let flags = dev.loopback ? RTCF_LOCAL : 0
  let via = hop
  if (type === RTN.BROADCAST) {
    flags |= RTCF_BROADCAST | RTCF_LOCAL
    via = null
  } else if (type === RTN.MULTICAST) {
    flags |= RTCF_MULTICAST | (ipCheckMc(daddr) ? RTCF_LOCAL : 0)
    if (result.alias !== null && result.alias.prefixLength < 4) via = null
  } else if (type === RTN.UNICAST && via !== null) return unicastRoute(query, via, dev, flags, src)
  const kind: DstKind =
    type === RTN.BROADCAST ? 'broadcast' : type === RTN.MULTICAST ? 'multicast' : dev.loopback ? 'local' : 'output'
  const carrier = type === RTN.LOCAL ? null : via
  const exception = carrier === null ? null : ipv4Of(dev.ns).cache.bind(carrier, daddr)
  const ref = new LookupRef(routeTypeName(type), daddr, flow.saddr, result)
  return new Rtable(kind, dev, flags, type, false, src, carrier, exception, null, ref)
}

/** Output decisions of unicast routes are shared by all senders that let the kernel choose the source, or chose the same. */
function unicastRoute({ flow, result }: FibQuery, hop: FibNexthop, dev: NetDevice, flags: number, src: number): Rtable {
  const { daddr } = flow
  const exception = ipv4Of(dev.ns).cache.bind(hop, daddr)
  const known = exception === null ? hop.rthOutput : exception.rthOutput
  if (known !== null && known.src === src) return known
  const kind: DstKind = dev.loopback ? 'local' : 'output'
  const ref = new LookupRef('unicast', daddr, flow.saddr, result)
  const made = new Rtable(kind, dev, flags, RTN.UNICAST, false, src, hop, exception, null, ref)
  if (exception === null) hop.rthOutput = made
  else exception.rthOutput = made
  return made
}
