import type { DropCause, RouteResult } from '../../model/index.ts'
import { ETHERTYPE, INADDR_BROADCAST, IPTOS_RT_MASK, isIpv4Loopback, isIpv4Multicast } from '../../wire/index.ts'
import type { DstKind } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FIB_EHOSTUNREACH, FIB_OK, type FibError, RTN, routeErrorOf, routeTypeName } from '../kernel/rtn.ts'
import { IPSKB_DOREDIRECT, type PacketBuffer } from '../kernel/skb.ts'
import type { FibResult } from './fib.ts'
import type { FibNexthop } from './fib-info.ts'
import { inetAddrOnlink } from './inet-addr.ts'
import { askedOf, LookupRef } from './lookup-ref.ts'
import { dissectFlow, fibMultipathHash, fibSelectMultipath, isLasting, isMultipath } from './multipath.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, Rtable, rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'
import { fibValidateSource, SOURCE_RPFILTER } from './validate-source.ts'

/** 224.0.0.1: every host is in this group. */
const ALL_HOSTS = 0xe0000001

/**
 * Routes a received packet and sets `skb.dst`.
 *
 * @linux net/ipv4/route.c ip_route_input_noref
 * @returns a cause when the packet must be dropped before any hook
 */
export function ipRouteInput(
  skb: PacketBuffer,
  daddr: number,
  saddr: number,
  tos: number,
  dev: NetDevice,
): DropCause | null {
  const rtTos = tos & IPTOS_RT_MASK
  const { ns } = dev
  const { fib, cache, scratch } = ipv4Of(ns)
  const { generation } = cache
  const mayMemo = skb.protocol === ETHERTYPE.IPV4 && !fib.needsPorts
  if (mayMemo) {
    const known = fib.inputMemo.find(generation, daddr, saddr, rtTos, skb.mark, dev)
    if (known !== undefined && (ns.log === null || (known.ref !== null && dev.conf4.rpFilter === 0))) {
      const { rt, ref } = known
      skb.dst = rt
      skb.cbFlags |= known.flags
      if (ref !== null && ns.log !== null) {
        rt.ref = ref
        ns.log.routeInput(skb, dev, ref, null)
      }
      return null
    }
  }
  const { result } = scratch.input
  result.clear()
  const cause = isIpv4Multicast(daddr)
    ? routeMulticast(skb, daddr, saddr, rtTos, dev)
    : routeSlow(skb, daddr, saddr, rtTos, dev)
  const rt = rtOf(skb)
  let ref: LookupRef | null = null
  if (ns.log !== null) {
    ref = refOf(ns, cause === null ? describe(rt, result) : routeTypeName(result.type), daddr, saddr, rtTos, skb, dev)
    if (cause === null) rt.ref = ref
    ns.log.routeInput(skb, dev, ref, cause)
  }
  if (cause === null && mayMemo && isLasting(ns, result)) {
    const flags = skb.cbFlags & IPSKB_DOREDIRECT
    fib.inputMemo.keep(generation, { daddr, saddr, tos: rtTos, mark: skb.mark, dev, rt, flags, ref })
  }
  return cause
}

/** The record of a decision; it explains itself when the tables were asked. */
function refOf(
  ns: NetNs,
  found: RouteResult,
  daddr: number,
  saddr: number,
  tos: number,
  skb: PacketBuffer,
  dev: NetDevice,
): LookupRef {
  const { flow, result } = ipv4Of(ns).scratch.input
  flow.daddr = daddr
  flow.saddr = saddr
  flow.tos = tos
  flow.mark = skb.mark
  flow.iif = dev
  const isAsked = result.alias !== null || (found === 'none' && skb.dst !== null)
  return new LookupRef(found, daddr, saddr, result, isAsked ? askedOf(ns, flow) : null)
}

function describe(rt: Rtable, result: FibResult): RouteResult {
  return routeTypeName(rt.kind === 'error' ? result.type : rt.type)
}

/** Whether this host listens to a group on a device. Groups joined by sockets are not modelled. */
export function ipCheckMc(group: number): boolean {
  return group === ALL_HOSTS
}

/** @linux net/ipv4/route.c ip_route_input_mc */
function routeMulticast(
  skb: PacketBuffer,
  daddr: number,
  saddr: number,
  tos: number,
  dev: NetDevice,
): DropCause | null {
  if (!ipCheckMc(daddr)) return 'multicast_not_joined'
  if (isIpv4Multicast(saddr) || saddr === INADDR_BROADCAST || skb.protocol !== ETHERTYPE.IPV4) return 'martian_source'
  if (isIpv4Loopback(saddr) && !dev.conf4.routeLocalnet) return 'martian_source'
  if (saddr === 0) {
    if (daddr >>> 8 !== 0xe00000) return 'martian_source'
  } else {
    const valid = fibValidateSource(skb, saddr, 0, tos, null, dev)
    if (valid < 0) return valid === SOURCE_RPFILTER ? 'rp_filter' : 'martian_source'
  }
  skb.dst = localRoute('multicast', dev, RTCF_LOCAL | RTCF_MULTICAST, RTN.MULTICAST, daddr)
  return null
}

/** @linux net/ipv4/route.c ip_route_input_slow */
function routeSlow(skb: PacketBuffer, daddr: number, saddr: number, tos: number, dev: NetDevice): DropCause | null {
  if (isIpv4Multicast(saddr) || saddr === INADDR_BROADCAST) return 'martian_source'
  if (daddr === INADDR_BROADCAST || (saddr === 0 && daddr === 0)) return broadcastInput(skb, daddr, saddr, tos, dev)
  if (saddr === 0) return 'martian_source'
  if (daddr === 0) return 'martian_destination'
  if (isIpv4Loopback(daddr)) {
    if (!dev.conf4.routeLocalnet) return 'martian_destination'
  } else if (isIpv4Loopback(saddr) && !dev.conf4.routeLocalnet) return 'martian_source'
  const { fib, scratch } = ipv4Of(dev.ns)
  const { flow, result } = scratch.input
  flow.daddr = daddr
  flow.saddr = saddr
  flow.tos = tos
  flow.mark = skb.mark
  flow.iif = dev
  if (fib.needsPorts) dissectFlow(skb, flow)
  const error = fib.lookup(flow, result)
  const { forwarding } = dev.conf4
  if (error !== FIB_OK) return noRoute(skb, dev, forwarding ? error : FIB_EHOSTUNREACH, daddr)
  if (result.type === RTN.BROADCAST) {
    if (dev.conf4.bcForwarding) return forwardInput(skb, daddr, saddr, tos, dev)
    return broadcastInput(skb, daddr, saddr, tos, dev)
  }
  if (result.type === RTN.LOCAL) {
    const valid = fibValidateSource(skb, saddr, daddr, tos, null, dev)
    if (valid < 0) return valid === SOURCE_RPFILTER ? 'rp_filter' : 'martian_source'
    skb.dst = localInput(result, dev, daddr)
    return null
  }
  if (!forwarding) return noRoute(skb, dev, FIB_EHOSTUNREACH, daddr)
  if (result.type !== RTN.UNICAST) return 'martian_destination'
  return forwardInput(skb, daddr, saddr, tos, dev)
}

function broadcastInput(
  skb: PacketBuffer,
  daddr: number,
  saddr: number,
  tos: number,
  dev: NetDevice,
): DropCause | null {
  if (skb.protocol !== ETHERTYPE.IPV4) return 'martian_destination'
  if (saddr !== 0) {
    const valid = fibValidateSource(skb, saddr, 0, tos, null, dev)
    if (valid < 0) return valid === SOURCE_RPFILTER ? 'rp_filter' : 'martian_source'
  }
  skb.dst = localRoute('broadcast', dev, RTCF_LOCAL | RTCF_BROADCAST, RTN.BROADCAST, daddr)
  return null
}

function noRoute(skb: PacketBuffer, dev: NetDevice, error: FibError, daddr: number): null {
  const ref = new LookupRef('none', daddr, 0, null)
  skb.dst = new Rtable('error', dev, 0, RTN.UNREACHABLE, true, 0, null, null, routeErrorOf(error), ref)
  return null
}

/** Local delivery depends on the device the packet came in by, so one decision is kept per next hop and device. */
function localInput(result: FibResult, dev: NetDevice, daddr: number): Rtable {
  const hop = result.nexthop as FibNexthop
  const known = hop.rthInput
  if (known !== null && known.dev === dev) return known
  const made = localRoute('local', dev, RTCF_LOCAL, RTN.LOCAL, daddr)
  hop.rthInput = made
  return made
}

function localRoute(kind: DstKind, dev: NetDevice, flags: number, type: number, daddr: number): Rtable {
  const ref = new LookupRef(routeTypeName(type), daddr, 0, ipv4Of(dev.ns).scratch.input.result)
  return new Rtable(kind, dev, flags, type, true, daddr, null, null, null, ref)
}

/** @linux net/ipv4/route.c __mkroute_input */
function forwardInput(skb: PacketBuffer, daddr: number, saddr: number, tos: number, dev: NetDevice): DropCause | null {
  const { fib, scratch } = ipv4Of(dev.ns)
  const { flow, result } = scratch.input
  if (isMultipath(result)) {
    if (!fib.needsPorts) dissectFlow(skb, flow)
    fibSelectMultipath(dev.ns, result, fibMultipathHash(dev.ns, flow))
  }
  const hop = result.nexthop as FibNexthop
  const out = hop.dev as NetDevice
  const valid = fibValidateSource(skb, saddr, daddr, tos, out, dev)
  if (valid < 0) return valid === SOURCE_RPFILTER ? 'rp_filter' : 'martian_source'
  if (out === dev && valid > 0 && out.conf4.sendRedirects) {
    if (out.conf4.sharedMedia || inetAddrOnlink(out, saddr, hop.gateway)) skb.cbFlags |= IPSKB_DOREDIRECT
  }
  if (skb.protocol !== ETHERTYPE.IPV4 && out === dev && !dev.conf4.proxyArpPvlan) return 'martian_destination'
  skb.dst = forwardRoute(result, hop, out, daddr)
  return null
}

function forwardRoute(result: FibResult, hop: FibNexthop, out: NetDevice, daddr: number): Rtable {
  const exception = ipv4Of(out.ns).cache.bind(hop, daddr)
  const known = exception === null ? hop.rthInput : exception.rthInput
  if (known !== null) return known
  const ref = new LookupRef('unicast', daddr, 0, result)
  const made = new Rtable('forward', out, 0, RTN.UNICAST, true, 0, hop, exception, null, ref)
  if (exception === null) hop.rthInput = made
  else exception.rthInput = made
  return made
}
