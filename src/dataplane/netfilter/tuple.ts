import {
  ICMP_ID,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV6_DESTINATION,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
  readU32,
  UDP_DESTINATION_PORT,
  walkIpv6,
} from '../../wire/index.ts'

/** An address in engine form: IPv4 a uint32, IPv6 a string of 16 bytes. */
export type Addr = number | string

/**
 * One direction of a connection (`struct nf_conntrack_tuple`). For TCP, UDP, UDP-Lite, SCTP and DCCP `sport` and `dport`
 * are ports; for ICMP `sport` is the identifier and `dport` is type * 256 + code; for everything else both are 0.
 */
export class Tuple {
  /** Address family. */
  family: 'inet' | 'inet6' = 'inet'
  /** IP protocol. */
  protocol = 0
  /** Source. */
  src: Addr = 0
  /** Destination. */
  dst: Addr = 0
  /** Source port or ICMP identifier. */
  sport = 0
  /** Destination port or ICMP type and code. */
  dport = 0

  /** Takes over all fields of another. */
  set(from: Tuple): this {
    this.family = from.family
    this.protocol = from.protocol
    this.src = from.src
    this.dst = from.dst
    this.sport = from.sport
    this.dport = from.dport
    return this
  }

  /** A copy. */
  clone(): Tuple {
    return new Tuple().set(this)
  }
}

/** Whether two tuples are the same. */
export function equalTuples(a: Tuple, b: Tuple): boolean {
  return (
    a.src === b.src &&
    a.dst === b.dst &&
    a.sport === b.sport &&
    a.dport === b.dport &&
    a.protocol === b.protocol &&
    a.family === b.family
  )
}

/** A 32-bit hash of a tuple. */
export function hashTuple(t: Tuple): number {
  let h = Math.imul(hashAddr(t.src), 0x9e3779b1) ^ hashAddr(t.dst)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ ((t.sport << 16) | t.dport)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) ^ t.protocol
  return h ^ (h >>> 16)
}

/** A 32-bit hash of an address. */
export function hashAddr(addr: Addr): number {
  if (typeof addr === 'number') return addr | 0
  let h = 0
  for (let i = 0; i < addr.length; i++) h = Math.imul(h, 31) + addr.charCodeAt(i)
  return h | 0
}

/** ICMP request and reply types belong together; 255 = cannot be inverted. */
const ICMP_INVERSE: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 }
const ICMPV6_INVERSE: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 }

/** ICMP types that may begin a connection: echo, time stamp, information and address mask requests. */
export const ICMP_MAY_BEGIN: ReadonlySet<number> = new Set([8, 13, 15, 17])
/** ICMPv6 types that may begin a connection: echo and node information requests. */
export const ICMPV6_MAY_BEGIN: ReadonlySet<number> = new Set([128, 139])

/**
 * Writes the tuple that answers `of` into `to` (which may be the same object); false when nothing can answer it.
 * @linux net/netfilter/nf_conntrack_core.c nf_ct_invert_tuple
 */
export function invertTuple(to: Tuple, of: Tuple): boolean {
  const { family, protocol, src, dst, sport, dport } = of
  to.family = family
  to.protocol = protocol
  to.src = dst
  to.dst = src
  if (protocol !== IP_PROTOCOL.ICMP && protocol !== IP_PROTOCOL.ICMPV6) {
    to.sport = dport
    to.dport = sport
    return true
  }
  const inverse = (protocol === IP_PROTOCOL.ICMP ? ICMP_INVERSE : ICMPV6_INVERSE)[dport >>> 8]
  if (inverse === undefined) return false
  to.sport = sport
  to.dport = (inverse << 8) | (dport & 0xff)
  return true
}

/** Where the upper layer of a packet starts: filled by {@link findTransport}. */
export interface TransportPlace {
  /** Upper-layer protocol. */
  protocol: number
  /** Offset of its first byte in the buffer. */
  transport: number
  /** Fragment offset in bytes, 0 = first or only piece. */
  fragmentOffset: number
}

/**
 * Finds the upper layer of the IP packet at `at`. False when the header does not fit.
 * @linux net/netfilter/nf_conntrack_core.c get_l4proto
 */
export function findTransport(
  family: 'inet' | 'inet6',
  bytes: Uint8Array,
  at: number,
  end: number,
  place: TransportPlace,
): boolean {
  if (family === 'inet') {
    if (end - at < 20) return false
    const headerLength = (bytes[at]! & 15) * 4
    if (headerLength < 20 || at + headerLength > end) return false
    place.protocol = bytes[at + IPV4_PROTOCOL]!
    place.transport = at + headerLength
    place.fragmentOffset = (readU16(bytes, at + IPV4_FRAG_OFF) & IPV4_FLAG.OFFSET) * 8
    return true
  }
  if (end - at < 40) return false
  const next = bytes[at + IPV6_NEXT_HEADER]!
  if (next === IP_PROTOCOL.TCP || next === IP_PROTOCOL.UDP || next === IP_PROTOCOL.ICMPV6) {
    place.protocol = next
    place.transport = at + 40
    place.fragmentOffset = 0
    return true
  }
  const chain = walkIpv6(bytes, at, end)
  place.protocol = chain.protocol
  place.transport = chain.payloadAt
  place.fragmentOffset = chain.fragmentOffset
  return chain.fault === undefined
}

/**
 * Reads the tuple of the IP packet at `at` into `to`, and where its upper layer is into `place`. False: not the first fragment, or the upper header does not fit.
 * @linux net/netfilter/nf_conntrack_core.c nf_ct_get_tuplepr
 */
export function tupleOfPacket(
  to: Tuple,
  place: TransportPlace,
  family: 'inet' | 'inet6',
  bytes: Uint8Array,
  at: number,
  end: number,
): boolean {
  if (!findTransport(family, bytes, at, end, place) || place.fragmentOffset !== 0) return false
  return readTuple(to, family, bytes, at, end, place.protocol, place.transport)
}

/**
 * Reads a tuple when the upper layer is already known to be `protocol` at `transport`.
 * @linux net/netfilter/nf_conntrack_core.c nf_ct_get_tuple
 */
export function readTuple(
  to: Tuple,
  family: 'inet' | 'inet6',
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
  transport: number,
): boolean {
  to.family = family
  to.protocol = protocol
  if (family === 'inet') {
    to.src = readU32(bytes, at + IPV4_SOURCE)
    to.dst = readU32(bytes, at + IPV4_DESTINATION)
  } else {
    to.src = readIp6Key(bytes, at + IPV6_SOURCE)
    to.dst = readIp6Key(bytes, at + IPV6_DESTINATION)
  }
  if (hasPorts(protocol)) {
    if (end - transport < 4) return false
    to.sport = readU16(bytes, transport)
    to.dport = readU16(bytes, transport + UDP_DESTINATION_PORT)
    return true
  }
  if (protocol === (family === 'inet' ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)) {
    if (end - transport < 8) return false
    to.sport = readU16(bytes, transport + ICMP_ID)
    to.dport = readU16(bytes, transport)
    return true
  }
  to.sport = 0
  to.dport = 0
  return true
}

/** Whether a protocol has a source and a destination port in its first four bytes, for conntrack. */
export function hasPorts(protocol: number): boolean {
  return (
    protocol === IP_PROTOCOL.TCP ||
    protocol === IP_PROTOCOL.UDP ||
    protocol === IP_PROTOCOL.UDPLITE ||
    protocol === IP_PROTOCOL.SCTP ||
    protocol === IP_PROTOCOL.DCCP
  )
}
