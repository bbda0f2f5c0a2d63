import {
  checksum,
  ICMP_TYPE,
  ICMP_UNREACH,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  isIpv4Fragment,
  readU16,
  readU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import {
  IPSKB_DOREDIRECT,
  PACKET_BROADCAST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type PacketBuffer,
  type PacketOnDevice,
} from '../kernel/skb.ts'
import { NF_ACCEPT, NF_LOCAL_IN, NF_PRE_ROUTING } from '../kernel/stack.ts'
import { ipDefrag } from './defrag.ts'
import { ipForward } from './forward.ts'
import { icmpRcv } from './icmp.ts'
import { ipError } from './ip-error.ts'
import { ipOptionsCompile } from './options.ts'
import { ipRouteInput } from './route-input.ts'
import { type Rtable, rtOf } from './rtable.ts'
import { fibComputeSpecDst } from './spec-dst.ts'

/**
 * A packet came in on `skb.dev`, `data` at its IPv4 header.
 *
 * @linux net/ipv4/ip_input.c ip_rcv
 */
export function ipRcv(skb: PacketOnDevice): void {
  if (!ipRcvCore(skb)) return
  const { dev } = skb
  const { ns } = dev
  // A bridge has shown it to PREROUTING already when it carries its port (`ip_sabotage_in`).
  const wasSeen = skb.physIn !== null
  if (ns.hasHooks && !wasSeen && ns.sim.stack.nfHook('inet', NF_PRE_ROUTING, skb, dev, null) !== NF_ACCEPT) return
  ipRcvFinish(skb)
}

/** The checks every packet must pass, in the kernel's order. @linux net/ipv4/ip_input.c ip_rcv_core */
function ipRcvCore(skb: PacketOnDevice): boolean {
  const { dev } = skb
  const { bytes, data: at } = skb
  if (skb.pktType === PACKET_OTHERHOST) {
    dropPacket(skb, 'other_host', dev)
    return false
  }
  skb.network = at
  const length = skb.tail - at
  const headerLength = length < 20 ? 0 : (bytes[at]! & 0xf) << 2
  if (headerLength < 20 || bytes[at]! >>> 4 !== 4 || length < headerLength) {
    dropPacket(skb, 'ip_header_bad', dev)
    return false
  }
  if (checksum(bytes, at, at + headerLength) !== 0) {
    dropPacket(skb, 'ip_checksum', dev)
    return false
  }
  const total = readU16(bytes, at + IPV4_TOTAL_LENGTH)
  if (length < total || total < headerLength) {
    dropPacket(skb, length < total ? 'ip_too_small' : 'ip_header_bad', dev)
    return false
  }
  skb.tail = at + total
  skb.transport = at + headerLength
  skb.cbFlags = 0
  skb.fragMaxSize = 0
  skb.opt = null
  skb.fragLengths = null
  skb.sk = null
  return true
}

/** Routing, options, and on to whom it is for. @linux net/ipv4/ip_input.c ip_rcv_finish_core */
function ipRcvFinish(skb: PacketOnDevice): void {
  const { dev } = skb
  const { bytes, network: at } = skb
  if (skb.dst === null) {
    const cause = ipRouteInput(
      skb,
      readU32(bytes, at + IPV4_DESTINATION),
      readU32(bytes, at + IPV4_SOURCE),
      bytes[at + IPV4_TOS]!,
      dev,
    )
    if (cause !== null) {
      dropPacket(skb, cause, dev)
      return
    }
  }
  if (skb.transport - at > 20 && !ipRcvOptions(skb, dev)) return
  const rt = rtOf(skb)
  if (skb.pktType === PACKET_BROADCAST || skb.pktType === PACKET_MULTICAST) {
    if (rt.kind !== 'broadcast' && rt.kind !== 'multicast' && dev.conf4.dropUnicastInL2Multicast) {
      dropPacket(skb, 'unicast_in_l2_multicast', dev)
      return
    }
  }
  dstInput(skb, rt)
}

/** Hands a packet to what its route says. */
function dstInput(skb: PacketOnDevice, rt: Rtable): void {
  if (rt.kind === 'forward') ipForward(skb)
  else if (rt.kind === 'error') ipError(skb)
  else ipLocalDeliver(skb)
}

/** @linux net/ipv4/ip_input.c ip_rcv_options */
function ipRcvOptions(skb: PacketOnDevice, dev: NetDevice): boolean {
  const { ns } = dev
  const { stack } = ns.sim
  const host = { ns, address: () => fibComputeSpecDst(skb), received: true }
  const opt = ipOptionsCompile(skb.bytes, skb.network, skb.transport, host)
  if (typeof opt === 'number') {
    stack.icmpSend(skb, ICMP_TYPE.PARAMETER_PROBLEM, 0, opt * 0x100_0000)
    dropPacket(skb, 'ip_options_bad', dev)
    return false
  }
  skb.opt = opt
  if (opt.srr === 0) return true
  // Source routes that a device accepts are not modelled; refused ones are dropped here.
  dropPacket(skb, dev.conf4.acceptSourceRoute ? 'not_modelled' : 'ip_source_route', dev)
  return false
}

/** The packet is for this host. @linux net/ipv4/ip_input.c ip_local_deliver */
function ipLocalDeliver(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  if (isIpv4Fragment(skb.bytes, skb.network) && !ipDefrag(skb, 'local')) return
  if (ns.hasHooks && ns.sim.stack.nfHook('inet', NF_LOCAL_IN, skb, dev, null) !== NF_ACCEPT) return
  skb.cbFlags &= ~IPSKB_DOREDIRECT
  skb.data = skb.transport
  ipProtocolDeliver(skb, dev)
}

/** Raw sockets get their copy, then the protocol takes the packet. @linux net/ipv4/ip_input.c ip_protocol_deliver_rcu */
function ipProtocolDeliver(skb: PacketOnDevice, dev: NetDevice): void {
  const { ns } = dev
  const { stack } = ns.sim
  const protocol = skb.bytes[skb.network + IPV4_PROTOCOL]!
  const raw = stack.rawLocalDeliver(skb, protocol)
  switch (protocol) {
    case IP_PROTOCOL.ICMP:
      icmpRcv(skb)
      return
    case IP_PROTOCOL.UDP:
      stack.udpRcv(skb)
      return
    case IP_PROTOCOL.TCP:
      stack.tcpRcv(skb)
      return
    case IP_PROTOCOL.IPIP:
    case IP_PROTOCOL.IPV6:
      stack.tunnel4Rcv(skb)
      return
    case IP_PROTOCOL.IGMP:
      consumed(skb, dev, protocol)
      return
    default:
      if (raw) {
        consumed(skb, dev, protocol)
        return
      }
      stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.PROTOCOL, 0)
      dropPacket(skb, 'no_protocol', dev)
  }
}

function consumed(skb: PacketBuffer, dev: NetDevice, protocol: number): void {
  dev.ns.log?.deliver(skb, protocol, 0, 'stack')
  dev.ns.log?.end(skb, dev, 'consumed')
}
