import { ICMP_REDIRECT, ICMP_TYPE, IPV4_DESTINATION, IPV4_SOURCE, readU32 } from '../../wire/index.ts'
import { TICK } from '../kernel/inet-peer.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { Rtable } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/**
 * Tells a sender on the same link of the better gateway, less and less often while it does not listen.
 *
 * @linux net/ipv4/route.c ip_rt_send_redirect
 */
export function ipRtSendRedirect(skb: PacketBuffer, rt: Rtable): void {
  const { ns } = rt.dev
  if (!rt.dev.conf4.sendRedirects) return
  const { ip, sim } = ns
  const now = Math.floor(sim.clock.now / TICK)
  const peer = ipv4Of(ns).cache.peers.get(readU32(skb.bytes, skb.network + IPV4_SOURCE), now)
  if (now > peer.last + ip.redirectSilence) {
    peer.tokens = 0
    peer.redirects = 0
  }
  if (peer.redirects >= ip.redirectNumber) {
    peer.last = now
    return
  }
  if (peer.redirects !== 0 && now <= peer.last + ip.redirectLoad * 2 ** peer.redirects) return
  const gateway = rt.gateway ?? readU32(skb.bytes, skb.network + IPV4_DESTINATION)
  sim.stack.icmpSend(skb, ICMP_TYPE.REDIRECT, ICMP_REDIRECT.HOST, gateway)
  peer.last = now
  peer.redirects++
}
