import {
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  readIp6Key,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import { HZ, TICK, xrlimAllow } from '../kernel/inet-peer.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { IPSKB_FORWARDED, PACKET_HOST, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { NF_ACCEPT, NF_FORWARD } from '../kernel/stack.ts'
import { ANY_ADDR, isLinkLocal6, LOOPBACK_ADDR } from './addr.ts'
import { icmpv6Send } from './icmpv6-send.ts'
import { sendRedirect } from './ndisc-redirect.ts'
import { ip6Output } from './output.ts'
import { type Rt6, rt6Of } from './rt6.ts'
import { ipv6Of } from './slot.ts'

/**
 * Passes a packet on, in the kernel's order of checks.
 *
 * @returns true when the packet is to be taken in here: neighbour discovery for somebody this host stands in for
 * @linux net/ipv6/ip6_output.c ip6_forward
 */
export function ip6Forward(skb: PacketOnDevice): boolean {
  const { dev } = skb
  const { ns } = dev
  const { sim } = ns
  const { stack } = sim
  const rt = rt6Of(skb)
  const { bytes, network: at } = skb
  if (!ipv6Of(ns)?.forwarding) {
    dropPacket(skb, 'ip6_not_forwarding', dev)
    return false
  }
  if (skb.pktType !== PACKET_HOST) {
    dropPacket(skb, 'ip6_forward_not_for_us', dev)
    return false
  }
  const hopLimit = bytes[at + IPV6_HOP_LIMIT] as number
  if (hopLimit <= 1) {
    icmpv6Send(skb, ICMPV6_TYPE.TIME_EXCEEDED, 0, 0)
    dropPacket(skb, 'ip6_hop_limit', dev)
    return false
  }
  if (isProxied(skb, dev)) {
    if (isNeighbourDiscovery(skb)) return true
    if (isLinkLocal6(readIp6Key(bytes, at + IPV6_DESTINATION))) {
      stack.neighErrorReport(skb, 'inet6')
      dropPacket(skb, 'ip6_forward_refused', dev)
      return false
    }
  }
  if (!checkSource(skb, dev, rt)) return false
  const mtu = rt.forwardMtu
  if (isTooBig(skb, mtu)) {
    setDevice(skb, rt.dev)
    icmpv6Send(skb, ICMPV6_TYPE.PACKET_TOO_BIG, 0, mtu)
    dropPacket(skb, 'ip6_too_big', dev)
    return false
  }
  bytes[at + IPV6_HOP_LIMIT] = hopLimit - 1
  ns.log?.forward(skb, rt.dev, hopLimit)
  if (ns.hasHooks && stack.nfHook('inet6', NF_FORWARD, skb, dev, rt.dev) !== NF_ACCEPT) return false
  skb.cbFlags |= IPSKB_FORWARDED
  ip6Output(skb)
  return false
}

function isProxied(skb: PacketBuffer, dev: NetDevice): boolean {
  const ip6 = ipv6Of(dev.ns)
  const { neigh } = dev.ns
  return (
    ip6?.globals.proxyNdp === true &&
    neigh.isProxied(dev, 'inet6', readIp6Key(skb.bytes, skb.network + IPV6_DESTINATION))
  )
}

/** @linux net/ipv6/ip6_output.c ip6_forward_proxy_check */
function isNeighbourDiscovery(skb: PacketBuffer): boolean {
  const { bytes, network: at } = skb
  if (bytes[at + IPV6_NEXT_HEADER] !== IP_PROTOCOL.ICMPV6 || at + 41 > skb.tail) return false
  const type = bytes[at + IPV6_HEADER_LENGTH] as number
  return type >= ICMPV6_TYPE.ROUTER_SOLICITATION && type <= ICMPV6_TYPE.REDIRECT
}

/** Back out where it came from: tells the sender of the shorter way. Else only addresses that mean something elsewhere pass. */
function checkSource(skb: PacketOnDevice, dev: NetDevice, rt: Rt6): boolean {
  const { ns } = dev
  const { bytes, network: at } = skb
  if (skb.iif === rt.dev.ifindex) {
    const daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
    const now = Math.floor(ns.sim.clock.now / TICK)
    // Limited by destination here, and by source where it is sent.
    const peer = ipv6Of(ns)?.peers.get(daddr, now)
    if (peer !== undefined && xrlimAllow(peer, HZ, now)) sendRedirect(skb, rt.gateway ?? daddr)
    return true
  }
  const saddr = readIp6Key(bytes, at + IPV6_SOURCE)
  const linkLocal = isLinkLocal6(saddr)
  if (!linkLocal && saddr !== ANY_ADDR && saddr !== LOOPBACK_ADDR) return true
  if (linkLocal) icmpv6Send(skb, ICMPV6_TYPE.DEST_UNREACH, ICMPV6_UNREACH.NOT_NEIGHBOUR, 0)
  dropPacket(skb, 'ip6_forward_refused', dev)
  return false
}

/** @linux net/ipv6/ip6_output.c ip6_pkt_too_big */
function isTooBig(skb: PacketBuffer, mtu: number): boolean {
  if (skb.tail - skb.network <= mtu) return false
  return skb.fragMaxSize > mtu || !skb.ignoreDf
}
