import type { DropCause } from '../../model/index.ts'
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_EXTENSION_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { PACKET_LOOPBACK, PACKET_OTHERHOST, type PacketBuffer, type PacketOnDevice } from '../kernel/skb.ts'
import { NF_ACCEPT, NF_LOCAL_IN, NF_PRE_ROUTING } from '../kernel/stack.ts'
import { isMulticast6, LOOPBACK_ADDR, multicastScope } from './addr.ts'
import { ip6FragRcv } from './defrag.ts'
import { parseHopByHop, receiveDestinationOptions, receiveRouting } from './exthdrs.ts'
import { ip6Forward } from './forward.ts'
import { icmpv6Rcv } from './icmpv6.ts'
import { icmpv6Send } from './icmpv6-send.ts'
import { ipv6ChkMcastAddr } from './inet6-addr.ts'
import { ip6RouteInput } from './route-input.ts'
import { type Rt6, rt6Of } from './rt6.ts'
import { ipv6Of } from './slot.ts'

/**
 * A packet came in on `skb.dev`, `data` at its IPv6 header.
 *
 * @linux net/ipv6/ip6_input.c ipv6_rcv
 */
export function ipv6Rcv(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  const cause = ip6RcvCore(skb, dev)
  if (cause !== null) {
    dropPacket(skb, cause, dev)
    return
  }
  if (skb.bytes[skb.network + IPV6_NEXT_HEADER] === IP_PROTOCOL.HOP_BY_HOP && !parseHopByHop(skb)) return
  // A bridge has shown it to PREROUTING already when it carries its port.
  const wasSeen = skb.physIn !== null
  if (ns.hasHooks && !wasSeen && ns.sim.stack.nfHook('inet6', NF_PRE_ROUTING, skb, dev, null) !== NF_ACCEPT) return
  ip6RcvFinish(skb, dev)
}

/** The checks every packet must pass, in the kernel's order. @linux net/ipv6/ip6_input.c ip6_rcv_core */
function ip6RcvCore(skb: PacketBuffer, dev: NetDevice): DropCause | null {
  const { bytes, data: at } = skb
  if (skb.pktType === PACKET_OTHERHOST) return 'ip6_other_host'
  if (ipv6Of(dev.ns) === null || dev.conf6.disabled) return 'ip6_disabled'
  skb.network = at
  const length = skb.tail - at
  if (length < IPV6_HEADER_LENGTH || (bytes[at] as number) >> 4 !== 6) return 'ip6_header_bad'
  const saddr = readIp6Key(bytes, at + IPV6_SOURCE)
  const daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
  if (!isPlausible(skb, dev, saddr, daddr)) return 'ip6_header_bad'
  const payload = readU16(bytes, at + IPV6_PAYLOAD_LENGTH)
  if (payload !== 0 || bytes[at + IPV6_NEXT_HEADER] !== IP_PROTOCOL.HOP_BY_HOP) {
    if (payload + IPV6_HEADER_LENGTH > length) return 'ip6_too_small'
    skb.tail = at + IPV6_HEADER_LENGTH + payload
  }
  skb.transport = at + IPV6_HEADER_LENGTH
  skb.iif = skb.dst === null ? dev.ifindex : rt6Of(skb).idev.ifindex
  skb.cbFlags = 0
  skb.fragMaxSize = 0
  skb.fragLengths = null
  skb.sk = null
  return null
}

/** Loopback addresses and groups of the interface never come by a wire; groups are no senders. @rfc 4291 §2.5.3, §2.7 */
function isPlausible(skb: PacketBuffer, dev: NetDevice, saddr: string, daddr: string): boolean {
  if ((saddr === LOOPBACK_ADDR || daddr === LOOPBACK_ADDR) && !dev.loopback) return false
  if (isMulticast6(daddr)) {
    const scope = multicastScope(daddr)
    if (scope === 0) return false
    if (scope === 1 && skb.pktType !== PACKET_LOOPBACK && !dev.loopback) return false
  }
  return !isMulticast6(saddr)
}

/** Routing, and on to whom it is for. @linux net/ipv6/ip6_input.c ip6_rcv_finish */
function ip6RcvFinish(skb: PacketOnDevice, dev: NetDevice): void {
  if (skb.dst === null) {
    const cause = ip6RouteInput(skb, dev)
    if (cause !== null) {
      dropPacket(skb, cause, dev)
      return
    }
  }
  const rt = rt6Of(skb)
  switch (rt.kind) {
    case 'local':
      ip6Input(skb)
      return
    case 'multicast':
      ip6McInput(skb, dev)
      return
    case 'blackhole':
      dropPacket(skb, 'dst_discard_out', dev)
      return
    case 'error':
      ip6PktDrop(skb, dev, rt)
      return
    default:
      if (ip6Forward(skb)) ip6Input(skb)
  }
}

/** There is no way, or none that is allowed: tells the sender. @linux net/ipv6/route.c ip6_pkt_drop */
function ip6PktDrop(skb: PacketBuffer, dev: NetDevice, rt: Rt6): void {
  const code = rt.error === 'EACCES' ? ICMPV6_UNREACH.ADMIN_PROHIBITED : ICMPV6_UNREACH.NO_ROUTE
  icmpv6Send(skb, ICMPV6_TYPE.DEST_UNREACH, code, 0)
  dropPacket(skb, 'ip6_no_route', dev)
}

/** @linux net/ipv6/ip6_input.c ip6_mc_input */
function ip6McInput(skb: PacketOnDevice, dev: NetDevice): void {
  if (ipv6ChkMcastAddr(dev, readIp6Key(skb.bytes, skb.network + IPV6_DESTINATION))) ip6Input(skb)
  else dropPacket(skb, 'ip6_multicast_unwanted', dev)
}

/** The packet is for this host. @linux net/ipv6/ip6_input.c ip6_input */
function ip6Input(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  if (ns.hasHooks && ns.sim.stack.nfHook('inet6', NF_LOCAL_IN, skb, dev, null) !== NF_ACCEPT) return
  deliver(skb, dev)
}

/**
 * Follows the chain of headers: raw sockets get their copy at each, and the last takes the packet.
 *
 * @linux net/ipv6/ip6_input.c ip6_protocol_deliver_rcu
 */
function deliver(skb: PacketOnDevice, dev: NetDevice): void {
  let nhoff = skb.network + IPV6_NEXT_HEADER
  let at = skb.network + IPV6_HEADER_LENGTH
  if (skb.bytes[nhoff] === IP_PROTOCOL.HOP_BY_HOP) {
    nhoff = at
    at += ((skb.bytes[at + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
  }
  for (;;) {
    skb.transport = at
    skb.data = at
    const protocol = skb.bytes[nhoff] as number
    const raw = dev.ns.sim.stack.rawLocalDeliver(skb, protocol)
    if (protocol === IP_PROTOCOL.FRAGMENT) {
      const next = ip6FragRcv(skb, nhoff)
      if (next === null) return
      nhoff = next.nhoff
      at = next.transport
      continue
    }
    if (protocol !== IP_PROTOCOL.ROUTING && protocol !== IP_PROTOCOL.DESTINATION_OPTIONS) {
      finalDeliver(skb, dev, protocol, nhoff, raw)
      return
    }
    const goesOn = protocol === IP_PROTOCOL.ROUTING ? receiveRouting(skb, dev) : receiveDestinationOptions(skb, dev)
    if (!goesOn) return
    nhoff = at
    at += ((skb.bytes[at + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
  }
}

/** A protocol of the upper layer takes the packet, or nobody does. */
function finalDeliver(skb: PacketOnDevice, dev: NetDevice, protocol: number, nhoff: number, raw: boolean): void {
  const { stack } = dev.ns.sim
  switch (protocol) {
    case IP_PROTOCOL.ICMPV6:
      icmpv6Rcv(skb)
      return
    case IP_PROTOCOL.UDP:
      stack.udpRcv(skb)
      return
    case IP_PROTOCOL.TCP:
      stack.tcpRcv(skb)
      return
    case IP_PROTOCOL.NONE:
      consumed(skb, dev, protocol)
      return
    default:
      unclaimed(skb, dev, protocol, nhoff, raw)
  }
}

/** Nobody in the kernel speaks the protocol: a raw socket may have, else the sender is told. */
function unclaimed(skb: PacketBuffer, dev: NetDevice, protocol: number, nhoff: number, raw: boolean): void {
  if (raw) {
    consumed(skb, dev, protocol)
    return
  }
  icmpv6Send(skb, ICMPV6_TYPE.PARAMETER_PROBLEM, ICMPV6_PARAMETER_PROBLEM.NEXT_HEADER, nhoff - skb.network)
  dropPacket(skb, 'ip6_no_protocol', dev)
}

function consumed(skb: PacketBuffer, dev: NetDevice, protocol: number): void {
  dev.ns.log?.deliver(skb, protocol, 0, 'stack')
  dev.ns.log?.end(skb, dev, 'consumed')
}
