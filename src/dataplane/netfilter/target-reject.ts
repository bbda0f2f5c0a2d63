import type { RejectWith, Target } from '../../model/index.ts'
import {
  buildIpv4Header,
  buildIpv6Header,
  buildTcp,
  checksumHolds,
  ETHERNET_SOURCE,
  ETHERTYPE,
  ICMP_TYPE,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV4_TOS,
  type Ip6Key,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  readU16,
  readU48,
  TCP_FLAG,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  writeU16,
  writeU48,
} from '../../wire/index.ts'
import { ctAttach } from '../kernel/conntrack.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { NF_DROP, NF_LOCAL_OUT, NF_PRE_ROUTING } from '../kernel/stack.ts'
import { transportSumHolds } from './conntrack.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import type { TargetFn } from './rule.ts'
import type { Segment } from './tcp-track.ts'
import { tcpSetClosing } from './tcp-tracker.ts'

/** ICMP and ICMPv6 codes of "destination unreachable". */
const CODES: Readonly<Record<Exclude<RejectWith, 'tcp-reset'>, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
}

/** REJECT: tells the sender, then drops. @linux net/ipv4/netfilter/ipt_REJECT.c reject_tg */
export function rejectTarget(t: Extract<Target, { kind: 'REJECT' }>): TargetFn {
  const { rejectWith } = t
  if (rejectWith === 'tcp-reset') {
    return (p) => {
      if (p.family === 'inet') sendReset4(p)
      else sendReset6(p)
      return NF_DROP
    }
  }
  const code = CODES[rejectWith]
  return (p) => {
    sendUnreachable(p, code)
    return NF_DROP
  }
}

/** Protocols whose checksum is no Internet checksum over all they carry: REJECT does not look. */
const UNCHECKED: ReadonlySet<number> = new Set([
  IP_PROTOCOL.SCTP,
  IP_PROTOCOL.UDPLITE,
  IP_PROTOCOL.GRE,
  IP_PROTOCOL.ESP,
  IP_PROTOCOL.AH,
  IP_PROTOCOL.DCCP,
])

function sendUnreachable(p: NfPacket, code: number): void {
  if (p.fragmentOffset !== 0 || !quotable(p) || !fillRoute(p)) return
  const { stack } = p.ns.sim
  if (p.family === 'inet') stack.icmpSend(p.skb, ICMP_TYPE.DEST_UNREACH, code, 0)
  else {
    // What this host is about to send has no device yet: the error comes back by loopback.
    p.skb.dev ??= p.ns.lo
    stack.icmpv6Send(p.skb, ICMPV6_TYPE.DEST_UNREACH, code, 0)
  }
}

/** A packet with a wrong checksum gets no answer. Other protocols than TCP and UDP are summed over their payload. */
function quotable(p: NfPacket): boolean {
  if (p.hook === NF_LOCAL_OUT || UNCHECKED.has(p.protocol)) return true
  if (p.protocol === IP_PROTOCOL.UDP && readU16(p.bytes, p.transport + UDP_CHECKSUM) === 0) return true
  if (p.protocol === IP_PROTOCOL.TCP || p.protocol === IP_PROTOCOL.UDP) return transportSumHolds(p)
  if (p.family === 'inet6') return p.protocol !== IP_PROTOCOL.ICMPV6 || transportSumHolds(p)
  return checksumHolds(p.bytes, p.transport, p.end)
}

/** Before routing the answer has no route to go by yet. */
function fillRoute(p: NfPacket): boolean {
  if (p.hook !== NF_PRE_ROUTING || p.skb.dst !== null || p.indev === null) return p.skb.dst !== null
  const { stack } = p.ns.sim
  if (p.family === 'inet6') return stack.ip6RouteInput(p.skb, p.indev) === null
  return stack.ipRouteInput(p.skb, p.dst4, p.src4, p.bytes[p.at + IPV4_TOS]!, p.indev) === null
}

/** The segment to reset, or null: a reset itself, a fragment, or one with a wrong checksum. */
function resettable(p: NfPacket): Segment | null {
  if (p.fragmentOffset !== 0 || p.protocol !== IP_PROTOCOL.TCP) return null
  const offending = p.segment
  if (!offending.read(p.bytes, p.transport, p.end) || offending.flags & TCP_FLAG.RST) return null
  return p.hook === NF_LOCAL_OUT || transportSumHolds(p) ? offending : null
}

/** The reset of a segment, behind an IP header already in place. */
function writeReset(p: NfPacket, s: Segment, reset: PacketBuffer, pseudo: number): void {
  const sequence = s.hasAck ? s.ack : 0
  const acknowledgment = s.hasAck ? 0 : s.end
  const flags = s.hasAck ? TCP_FLAG.RST : TCP_FLAG.RST | TCP_FLAG.ACK
  const sourcePort = readU16(p.bytes, p.transport + UDP_DESTINATION_PORT)
  const destinationPort = readU16(p.bytes, p.transport)
  const fields = { sourcePort, destinationPort, sequence, acknowledgment, flags, window: 0, pseudo }
  buildTcp(reset.bytes, reset.transport, reset.tail, fields)
}

/** An empty packet for the answer, recorded as one. */
function newAnswer(p: NfPacket, length: number, headerLength: number): PacketBuffer {
  const { sim } = p.ns
  const answer = sim.newSkb(length)
  answer.network = answer.data
  answer.transport = answer.data + headerLength
  answer.protocol = p.family === 'inet' ? ETHERTYPE.IPV4 : ETHERTYPE.IPV6
  answer.mark = p.ns.ip.fwmarkReflect ? p.skb.mark : 0
  answer.parent = p.skb.id
  p.ns.log?.create(answer, null, IP_PROTOCOL.TCP, p.skb.id)
  return answer
}

/** @linux net/ipv4/netfilter/nf_reject_ipv4.c nf_send_reset */
function sendReset4(p: NfPacket): void {
  const s = resettable(p)
  if (s === null || !fillRoute(p) || p.skb.dst === null || p.skb.dst.broadcast || p.skb.dst.multicast) return
  const { stack } = p.ns.sim
  const reset = newAnswer(p, 40, 20)
  reset.dst = p.skb.dst
  buildIpv4Header(reset.bytes, reset.network, {
    source: p.dst4,
    destination: p.src4,
    protocol: IP_PROTOCOL.TCP,
    ttl: p.ns.ip.defaultTtl,
    df: true,
    totalLength: 40,
  })
  writeReset(p, s, reset, pseudoHeaderSum(p.dst4, p.src4, IP_PROTOCOL.TCP, 20))
  if (!stack.ipRouteMeHarder(reset) || reset.dst === null) {
    dropPacket(reset, 'no_route_local', deviceOf(p))
    return
  }
  if (reset.tail - reset.data > reset.dst.mtu) {
    dropPacket(reset, 'frag_needed_local', deviceOf(p))
    return
  }
  attach(p, reset)
  if (p.skb.physIn === null) stack.ipLocalOut(reset)
  else sendBridged(p, reset, p.skb.physIn)
}

/** A bridged packet is answered on the port it came in by, with its own MAC addresses the other way round. */
function sendBridged(p: NfPacket, reset: PacketBuffer, port: NetDevice): void {
  const { mac } = p.skb
  if (mac < 0) {
    dropPacket(reset, 'bridge_no_port', port)
    return
  }
  const network = reset.data
  reset.push(14)
  reset.mac = reset.data
  writeU48(reset.bytes, network - 14, readU48(p.bytes, mac + ETHERNET_SOURCE))
  writeU48(reset.bytes, network - 8, readU48(p.bytes, mac))
  writeU16(reset.bytes, network - 2, reset.protocol)
  setDevice(reset, port)
  p.ns.sim.stack.devQueueXmit(reset)
}

/** @linux net/ipv6/netfilter/nf_reject_ipv6.c nf_send_reset6 */
function sendReset6(p: NfPacket): void {
  const s = resettable(p)
  if (s === null || isGroup6(p.src6Key) || isGroup6(p.dst6Key)) return
  const { stack } = p.ns.sim
  const dst = stack.ip6RouteOutput(p.ns, {
    daddr: p.src6Key,
    saddr: p.dst6Key,
    tclass: 0,
    mark: p.ns.ip.fwmarkReflect ? p.skb.mark : 0,
    oif: null,
    proto: IP_PROTOCOL.TCP,
    sport: readU16(p.bytes, p.transport + UDP_DESTINATION_PORT),
    dport: readU16(p.bytes, p.transport),
  })
  if (typeof dst === 'string' || dst.error !== null) return
  const reset = newAnswer(p, 60, 40)
  reset.dst = dst
  p.ns.log?.routeOutput(reset.id, dst.dev, dst.ref)
  buildIpv6Header(reset.bytes, reset.network, {
    source: p.dst6Key as Ip6Key,
    destination: p.src6Key as Ip6Key,
    nextHeader: IP_PROTOCOL.TCP,
    hopLimit: dst.dev.conf6.hopLimit,
    payloadLength: 20,
  })
  writeReset(p, s, reset, pseudoHeaderSum6(reset.bytes, reset.network, IP_PROTOCOL.TCP, 20))
  attach(p, reset)
  stack.ip6LocalOut(reset)
}

function isGroup6(key: string): boolean {
  return key.charCodeAt(0) === 0xff || key === '\0'.repeat(16)
}

/** The answer belongs to the connection of the packet it answers (`nf_ct_attach`), which is about to end. */
function attach(p: NfPacket, answer: PacketBuffer): void {
  ctAttach(answer, p.skb)
  if (p.ct !== null) tcpSetClosing(p.ct, p.now, p.nf.ct)
}
