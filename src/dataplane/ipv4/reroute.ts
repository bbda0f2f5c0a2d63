import { IPTOS_TOS_MASK, IPV4_DESTINATION, IPV4_SOURCE, IPV4_TOS, readU32 } from '../../wire/index.ts'
import { RTN } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { inetAddrTypeNumber } from './inet-addr.ts'
import { ipRouteOutput } from './route-output.ts'
import { rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/**
 * Routes a packet of this host again after netfilter changed its address or mark.
 *
 * @linux net/ipv4/netfilter.c ip_route_me_harder
 * @returns false when there is no route: the caller drops the packet
 */
export function ipRouteMeHarder(skb: PacketBuffer): boolean {
  const old = rtOf(skb)
  const { ns } = old.dev
  const { bytes, network: at } = skb
  const saddr = readU32(bytes, at + IPV4_SOURCE)
  const type = inetAddrTypeNumber(ns, saddr, null)
  const anySource = type === RTN.LOCAL || type === RTN.UNICAST
  const { reroute: flow } = ipv4Of(ns).scratch
  flow.daddr = readU32(bytes, at + IPV4_DESTINATION)
  flow.saddr = anySource ? saddr : 0
  flow.tos = bytes[at + IPV4_TOS]! & IPTOS_TOS_MASK
  flow.mark = skb.mark
  flow.oif = skb.sk?.boundDev ?? null
  flow.anySource = anySource
  flow.packet = skb.id
  const rt = ipRouteOutput(ns, flow)
  if (typeof rt === 'string') return false
  skb.dst = rt
  return true
}
