import {
  ICMP_HEADER_LENGTH,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_INFORMATIONAL,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV6_DESTINATION,
  ND_OPTION_LENGTH,
  readIp6Key,
  readU32,
} from '../../wire/index.ts'
import { IP_CT_DIR_REPLY, IP_CT_RELATED, IP_CT_RELATED_REPLY, IP_CT_UNTRACKED } from '../kernel/conntrack.ts'
import type { NfPacket } from './packet.ts'
import { invertTuple, tupleOfPacket } from './tuple.ts'

/** Bits of the ICMP errors that quote a packet: unreachable, source quench, redirect, time exceeded, parameter problem. */
const ICMP_ERRORS = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 11) | (1 << 12)

/** Listener reports and neighbour discovery: never tracked. */
const ICMPV6_UNTRACKED: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143, 151, 152, 153])

/** Marks neighbour discovery and listener reports as untracked. True: it was one. */
export function untrackedIcmpv6(p: NfPacket): boolean {
  if (!ICMPV6_UNTRACKED.has(p.bytes[p.transport]!)) return false
  p.skb.ctinfo = IP_CT_UNTRACKED
  return true
}

/**
 * Relates an ICMP error to the connection whose packet it quotes. True: it is an error, whether it could be related or not
 * (then it is invalid).
 * @linux net/netfilter/nf_conntrack_proto_icmp.c nf_conntrack_inet_error
 */
export function trackIcmpError(p: NfPacket, zone: number): boolean {
  const type = p.bytes[p.transport]!
  if (p.family === 'inet') {
    if (type > 31 || ((ICMP_ERRORS >>> type) & 1) === 0) return false
    relate(p, zone, p.transport + ICMP_HEADER_LENGTH, readU32(p.bytes, p.at + IPV4_DESTINATION))
    return true
  }
  if (type === ICMPV6_TYPE.REDIRECT) {
    const at = redirectedPacket(p)
    if (at >= 0) relate(p, zone, at, readIp6Key(p.bytes, p.at + IPV6_DESTINATION))
    return true
  }
  if (type >= ICMPV6_INFORMATIONAL) return false
  relate(p, zone, p.transport + ICMPV6_HEADER_LENGTH, readIp6Key(p.bytes, p.at + IPV6_DESTINATION))
  return true
}

function relate(p: NfPacket, zone: number, inner: number, outerDestination: number | string): void {
  const { tuple: quoted } = p
  if (!tupleOfPacket(quoted, p.place, p.family, p.bytes, inner, p.end)) return
  if (!invertTuple(quoted, quoted)) return
  const entry = p.nf.conns.find(quoted, zone, p.now)
  if (entry === null || entry.tuple.dst !== outerDestination) return
  p.skb.ct = entry.conn
  p.skb.ctinfo = entry.dir === IP_CT_DIR_REPLY ? IP_CT_RELATED_REPLY : IP_CT_RELATED
}

/** Where an ICMPv6 redirect quotes the packet it is about, or -1. @rfc 4861 §4.6.3 */
function redirectedPacket(p: NfPacket): number {
  const REDIRECTED_HEADER = 4
  let at = p.transport + 40
  while (at + 8 <= p.end) {
    const length = p.bytes[at + ND_OPTION_LENGTH]! * 8
    if (length === 0) return -1
    if (p.bytes[at] === REDIRECTED_HEADER) return at + 8
    at += length
  }
  return -1
}

/** Whether a packet is ICMP or ICMPv6 of its family. */
export function isIcmpOf(p: NfPacket): boolean {
  return p.protocol === (p.family === 'inet' ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)
}
