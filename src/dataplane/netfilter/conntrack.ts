import {
  checksumHolds,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_SOURCE,
  NR_ICMP_TYPES,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  readU16,
  readU32,
  UDP_CHECKSUM,
  UDP_LENGTH,
} from '../../wire/index.ts'
import {
  dirOf,
  IP_CT_DIR_REPLY,
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_UNTRACKED,
} from '../kernel/conntrack.ts'
import { NF_ACCEPT, NF_DROP, NF_PRE_ROUTING } from '../kernel/stack.ts'
import { Conn, IPS_CONFIRMED, IPS_DYING, IPS_EXPECTED, IPS_NAT_MASK, IPS_SEEN_REPLY } from './conn.ts'
import type { FoundLast, TupleEntry } from './conn-table.ts'
import { trackIcmpError, untrackedIcmpv6 } from './conntrack-icmp.ts'
import type { NfPacket } from './packet.ts'
import { saneFlags, tcpPacket } from './tcp-tracker.ts'
import { equalTuples, ICMP_MAY_BEGIN, ICMPV6_MAY_BEGIN, invertTuple, readTuple, type Tuple } from './tuple.ts'
import { udpPacket } from './udp-tracker.ts'

/**
 * Finds or begins the connection of a packet and sets `skb.ct` and `skb.ctinfo`. Leaves both empty when the packet is invalid:
 * it goes on, and `--ctstate INVALID` holds for it. NF_DROP only when the table is full. `found` is where the last packet's was.
 * @linux net/netfilter/nf_conntrack_core.c nf_conntrack_in
 */
export function nfConntrackIn(p: NfPacket, zone: number, found: FoundLast | null): number {
  const skb = p.skb
  if (skb.ct !== null || skb.ctinfo === IP_CT_UNTRACKED) return NF_ACCEPT
  skb.ctinfo = 0
  if (!p.transportFound || p.fragmentOffset !== 0) return NF_ACCEPT
  if (p.protocol === IP_PROTOCOL.ICMP && p.family === 'inet') {
    if (!checkIcmp(p) || trackIcmpError(p, zone)) return NF_ACCEPT
  } else if (p.protocol === IP_PROTOCOL.ICMPV6 && p.family === 'inet6') {
    if (!checkIcmpv6(p) || untrackedIcmpv6(p) || trackIcmpError(p, zone)) return NF_ACCEPT
  }
  for (let round = 0; round < 2; round++) {
    const verdict = resolveAndTrack(p, zone, found)
    if (verdict !== 'repeat') return verdict
  }
  return NF_ACCEPT
}

function resolveAndTrack(p: NfPacket, zone: number, found: FoundLast | null): number | 'repeat' {
  const skb = p.skb
  if (!readTuple(p.tuple, p.family, p.bytes, p.at, p.end, p.protocol, p.transport)) return NF_ACCEPT
  const { conns } = p.nf
  const last = found === null ? null : found.entry
  const entry = last !== null && isStill(last, p.tuple, zone, p.now) ? last : conns.find(p.tuple, zone, p.now)
  if (found !== null) found.entry = entry
  let conn: Conn
  let ctinfo: number
  if (entry === null) {
    if (!invertTuple(p.inverse, p.tuple)) return NF_ACCEPT
    if (conns.size >= p.nf.ct.max) {
      conns.sweep(p.now)
      if (conns.size >= p.nf.ct.max) return NF_DROP
    }
    conn = new Conn(p.tuple.clone(), p.inverse.clone())
    conn.zone = zone
    ctinfo = IP_CT_NEW
  } else {
    conn = entry.conn
    ctinfo = ctinfoOf(conn, entry.dir)
  }
  const verdict = track(p, conn, ctinfo)
  if (verdict === 'repeat') {
    conns.remove(conn)
    return 'repeat'
  }
  if (verdict === 'invalid') return NF_ACCEPT
  if (verdict === 'kill') conns.remove(conn)
  skb.ct = conn
  skb.ctinfo = ctinfo
  if (ctinfo === IP_CT_ESTABLISHED_REPLY) conn.status |= IPS_SEEN_REPLY
  return NF_ACCEPT
}

/** Whether an entry that was found before is what would be found now. */
function isStill({ tuple, conn }: TupleEntry, wanted: Tuple, zone: number, now: number): boolean {
  const isAlive = (conn.status & (IPS_CONFIRMED | IPS_DYING)) === IPS_CONFIRMED && conn.expires > now
  return isAlive && conn.zone === zone && equalTuples(tuple, wanted)
}

/** The IP_CT_ constant of a packet that goes in a direction of a connection. */
export function ctinfoOf(conn: Conn, dir: number): number {
  if (dir === IP_CT_DIR_REPLY) return IP_CT_ESTABLISHED_REPLY
  if (conn.status & IPS_SEEN_REPLY) return IP_CT_ESTABLISHED
  return conn.status & IPS_EXPECTED ? IP_CT_RELATED : IP_CT_NEW
}

/** What the protocol makes of a packet of the connection. */
function track(p: NfPacket, conn: Conn, ctinfo: number): 'accept' | 'invalid' | 'repeat' | 'kill' {
  const settings = p.nf.ct
  switch (p.protocol) {
    case IP_PROTOCOL.TCP:
      if (!p.segment.read(p.bytes, p.transport, p.end) || !checkTransport(p) || !saneFlags(p.segment.flags))
        return 'invalid'
      return tcpPacket(conn, ctinfo, p.segment, p.now, settings)
    case IP_PROTOCOL.UDP:
      if (!checkUdp(p)) return 'invalid'
      udpPacket(conn, p.now, settings)
      return 'accept'
    case IP_PROTOCOL.ICMP:
      if (p.family !== 'inet' || !mayBegin(conn, ICMP_MAY_BEGIN)) return 'invalid'
      conn.expires = p.now + settings.icmp
      return 'accept'
    case IP_PROTOCOL.ICMPV6:
      if (p.family !== 'inet6' || !mayBegin(conn, ICMPV6_MAY_BEGIN)) return 'invalid'
      conn.expires = p.now + settings.icmpv6
      return 'accept'
    default:
      conn.expires = p.now + settings.generic
      return 'accept'
  }
}

function mayBegin(conn: Conn, types: ReadonlySet<number>): boolean {
  return (conn.status & IPS_CONFIRMED) !== 0 || types.has(conn.original.dport >>> 8)
}

function checkUdp(p: NfPacket): boolean {
  const room = p.end - p.transport
  if (room < 8) return false
  const length = readU16(p.bytes, p.transport + UDP_LENGTH)
  if (length < 8 || length > room) return false
  return readU16(p.bytes, p.transport + UDP_CHECKSUM) === 0 || checkTransport(p, p.transport + length)
}

/** Whether the checksum over pseudo header and upper layer is right. Only looked at on arrival, and when asked to. */
function checkTransport(p: NfPacket, end: number = p.end): boolean {
  if (p.hook !== NF_PRE_ROUTING || !p.nf.ct.checksum || p.skb.isSummed(p.transport, end)) return true
  if (!transportSumHolds(p, end)) return false
  p.skb.summed(p.transport, end)
  return true
}

/** The sum over the pseudo header of the IPv4 packet at `at`, whose upper layer is so long. */
export function pseudoSum4(bytes: Uint8Array, at: number, protocol: number, length: number): number {
  return pseudoHeaderSum(readU32(bytes, at + IPV4_SOURCE), readU32(bytes, at + IPV4_DESTINATION), protocol, length)
}

/** Whether the TCP, UDP or ICMPv6 checksum of a packet is right. */
export function transportSumHolds(p: NfPacket, end: number = p.end): boolean {
  const length = end - p.transport
  const pseudo =
    p.family === 'inet'
      ? pseudoSum4(p.bytes, p.at, p.protocol, length)
      : pseudoHeaderSum6(p.bytes, p.at, p.protocol, length)
  return checksumHolds(p.bytes, p.transport, end, pseudo)
}

function checkIcmp(p: NfPacket): boolean {
  if (p.end - p.transport < 8 || p.bytes[p.transport]! > NR_ICMP_TYPES) return false
  if (p.hook !== NF_PRE_ROUTING || !p.nf.ct.checksum || p.skb.isSummed(p.transport, p.end)) return true
  if (!checksumHolds(p.bytes, p.transport, p.end)) return false
  p.skb.summed(p.transport, p.end)
  return true
}

function checkIcmpv6(p: NfPacket): boolean {
  return p.end - p.transport >= 8 && checkTransport(p)
}

/**
 * Puts a new connection into the table once its first packet has come through; NF_DROP when another one got there first.
 * @linux net/netfilter/nf_conntrack_core.c __nf_conntrack_confirm
 */
export function nfConntrackConfirm(p: NfPacket): number {
  const { skb } = p
  const conn = p.ct
  if (conn === null || conn.status & IPS_CONFIRMED) return NF_ACCEPT
  if (dirOf(skb.ctinfo) === IP_CT_DIR_REPLY) return NF_ACCEPT
  if (conn.status & IPS_DYING) return NF_DROP
  const { conns } = p.nf
  const clash = conns.find(conn.original, conn.zone, p.now) ?? conns.find(conn.reply, conn.zone, p.now)
  if (clash === null) {
    conns.insert(conn, p.now)
    return NF_ACCEPT
  }
  const winner = clash.conn
  const same = equalTuples(winner.original, conn.original) && equalTuples(winner.reply, conn.reply)
  if (!same || conn.original.protocol !== IP_PROTOCOL.UDP) {
    if (conn.status & IPS_NAT_MASK) p.cause = 'nat_no_port'
    return NF_DROP
  }
  skb.ct = winner
  skb.ctinfo = ctinfoOf(winner, clash.dir)
  return NF_ACCEPT
}
