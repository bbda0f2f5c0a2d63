import { IPTOS_RT_MASK, IPV4_DESTINATION, IPV4_SOURCE, IPV4_TOS, readU32 } from '../../wire/index.ts'
import { FIB_OK, RT_SCOPE } from '../kernel/rtn.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { inetSelectAddr } from './inet-addr.ts'
import { hopSource } from './route-output.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Rtable, rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/**
 * The address by which this host answers a received packet: the one it was sent to, or where that is none of ours the
 * source a packet back would get.
 *
 * @linux net/ipv4/fib_frontend.c fib_compute_spec_dst
 */
export function fibComputeSpecDst(skb: PacketOnDevice): number {
  const at = skb.network
  const flags = rtOf(skb).flags & (RTCF_LOCAL | RTCF_BROADCAST | RTCF_MULTICAST)
  if (flags === RTCF_LOCAL) return readU32(skb.bytes, at + IPV4_DESTINATION)
  const { dev } = skb
  const source = readU32(skb.bytes, at + IPV4_SOURCE)
  if (source === 0) return inetSelectAddr(dev, source, RT_SCOPE.LINK)
  const { fib, scratch } = ipv4Of(dev.ns)
  const { flow, result } = scratch.specDst
  flow.daddr = source
  flow.saddr = 0
  flow.tos = skb.bytes[at + IPV4_TOS]! & IPTOS_RT_MASK
  flow.mark = dev.conf4.srcValidMark ? skb.mark : 0
  if (fib.lookup(flow, result) === FIB_OK && result.nexthop !== null) return hopSource(result.nexthop)
  return inetSelectAddr(dev, source, RT_SCOPE.UNIVERSE)
}

/** The address a forwarded packet gets into its record route: the source of the way out (`ip_rt_get_source`). */
export function ipRtGetSource(skb: PacketBuffer, rt: Rtable): number {
  const at = skb.network
  if (!rt.isInput) return readU32(skb.bytes, at + IPV4_SOURCE)
  const { fib, scratch } = ipv4Of(rt.dev.ns)
  const { flow, result } = scratch.specDst
  flow.daddr = readU32(skb.bytes, at + IPV4_DESTINATION)
  flow.saddr = readU32(skb.bytes, at + IPV4_SOURCE)
  flow.tos = skb.bytes[at + IPV4_TOS]! & IPTOS_RT_MASK
  flow.mark = skb.mark
  flow.iif = skb.dev
  flow.oif = rt.dev
  const found = fib.lookup(flow, result) === FIB_OK && result.nexthop !== null
  const source = found
    ? hopSource(result.nexthop!)
    : inetSelectAddr(rt.dev, rt.gateway ?? flow.daddr, RT_SCOPE.UNIVERSE)
  flow.iif = null
  flow.oif = null
  return source
}
