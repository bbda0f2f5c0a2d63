import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import { checksum, checksumWithout, updateChecksum16 } from './checksum.ts'
import type { HeaderFault } from './header-fault.ts'

/** Bytes of an IPv4 header without options. */
export const IPV4_HEADER_LENGTH = 20

/** The longest IPv4 packet, in bytes. */
export const IPV4_MAX_LENGTH = 65535

/** Bits of the 16-bit word that holds flags and fragment offset. @rfc 791 §3.1 */
export const IPV4_FLAG = {
  /** Reserved; must be zero. */
  RESERVED: 0x8000,
  /** Don't fragment. */
  DF: 0x4000,
  /** More fragments. */
  MF: 0x2000,
  /** The bits of the fragment offset. */
  OFFSET: 0x1fff,
} as const

const VERSION_IHL = 0
/** Bits of the type of service that IPv4 routes are chosen by, the ECN bits left out. @linux include/net/route.h IPTOS_RT_MASK */
export const IPTOS_RT_MASK = 0x1c
/** Bits of the type of service an answer keeps. @rfc 1349 @linux include/uapi/linux/ip.h */
export const IPTOS_TOS_MASK = 0x1e
/** Precedence of messages that control the network. @rfc 791 §3.1 */
export const IPTOS_PREC_INTERNETCONTROL = 0xc0

/** Offset of the type of service. */
export const IPV4_TOS = 1
/** Offset of the total length. */
export const IPV4_TOTAL_LENGTH = 2
/** Offset of the identification. */
export const IPV4_ID = 4
/** Offset of the word that holds flags and fragment offset, see {@link IPV4_FLAG}. */
export const IPV4_FRAG_OFF = 6
/** Offset of the time to live. */
export const IPV4_TTL = 8
/** Offset of the protocol. */
export const IPV4_PROTOCOL = 9
/** Offset of the header checksum. */
export const IPV4_CHECKSUM = 10
/** Offset of the source address. */
export const IPV4_SOURCE = 12
/** Offset of the destination address. */
export const IPV4_DESTINATION = 16

/** An IPv4 header inside a buffer. @rfc 791 §3.1 */
export class Ipv4View {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view of a packet that `ip_rcv` would take; see {@link ipv4Fault}. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): Ipv4View | HeaderFault {
    return ipv4Fault(bytes, at, end) ?? new Ipv4View(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Version, 4. */
  get version(): number {
    return this.bytes[this.at + VERSION_IHL]! >>> 4
  }

  /** Internet header length, in 32-bit words. */
  get ihl(): number {
    return this.bytes[this.at + VERSION_IHL]! & 0x0f
  }

  /** Length of the header with its options, in bytes. */
  get headerLength(): number {
    return (this.bytes[this.at + VERSION_IHL]! & 0x0f) << 2
  }
  /** Writes version and length in one byte. */
  set headerLength(length: number) {
    this.bytes[this.at + VERSION_IHL] = 0x40 | (length >>> 2)
  }

  /** Type of service: DSCP in the upper six bits, ECN in the lower two. */
  get tos(): number {
    return this.bytes[this.at + IPV4_TOS]!
  }
  /** Writes the field; no other byte changes. */
  set tos(value: number) {
    this.bytes[this.at + IPV4_TOS] = value
  }

  /** Differentiated services code point. @rfc 2474 */
  get dscp(): number {
    return this.bytes[this.at + IPV4_TOS]! >>> 2
  }

  /** Explicit congestion notification. @rfc 3168 */
  get ecn(): number {
    return this.bytes[this.at + IPV4_TOS]! & 3
  }

  /** Total length: header and payload, in bytes. */
  get totalLength(): number {
    return readU16(this.bytes, this.at + IPV4_TOTAL_LENGTH)
  }
  /** Writes the field; no other byte changes. */
  set totalLength(value: number) {
    writeU16(this.bytes, this.at + IPV4_TOTAL_LENGTH, value)
  }

  /** Identification: the same in all fragments of a packet. */
  get identification(): number {
    return readU16(this.bytes, this.at + IPV4_ID)
  }
  /** Writes the field; no other byte changes. */
  set identification(value: number) {
    writeU16(this.bytes, this.at + IPV4_ID, value)
  }

  /** Flags and fragment offset as the one word they share (`frag_off` of the kernel). */
  get flagsAndOffset(): number {
    return readU16(this.bytes, this.at + IPV4_FRAG_OFF)
  }
  /** Writes the field; no other byte changes. */
  set flagsAndOffset(value: number) {
    writeU16(this.bytes, this.at + IPV4_FRAG_OFF, value)
  }

  /** Don't fragment. */
  get df(): boolean {
    return (this.bytes[this.at + IPV4_FRAG_OFF]! & 0x40) !== 0
  }
  /** Writes the field; no other byte changes. */
  set df(value: boolean) {
    const byte = this.bytes[this.at + IPV4_FRAG_OFF]!
    this.bytes[this.at + IPV4_FRAG_OFF] = value ? byte | 0x40 : byte & ~0x40
  }

  /** More fragments. */
  get mf(): boolean {
    return (this.bytes[this.at + IPV4_FRAG_OFF]! & 0x20) !== 0
  }
  /** Writes the field; no other byte changes. */
  set mf(value: boolean) {
    const byte = this.bytes[this.at + IPV4_FRAG_OFF]!
    this.bytes[this.at + IPV4_FRAG_OFF] = value ? byte | 0x20 : byte & ~0x20
  }

  /** Fragment offset, in bytes (the field counts units of 8). */
  get fragmentOffset(): number {
    return (this.flagsAndOffset & IPV4_FLAG.OFFSET) << 3
  }
  /** Writes the field; no other byte changes. */
  set fragmentOffset(offset: number) {
    this.flagsAndOffset = (this.flagsAndOffset & ~IPV4_FLAG.OFFSET) | (offset >>> 3)
  }

  /** Whether this is a piece of a larger packet. */
  get isFragment(): boolean {
    return (this.flagsAndOffset & (IPV4_FLAG.MF | IPV4_FLAG.OFFSET)) !== 0
  }

  /** Time to live, in hops. */
  get ttl(): number {
    return this.bytes[this.at + IPV4_TTL]!
  }
  /** Writes the field; no other byte changes. */
  set ttl(value: number) {
    this.bytes[this.at + IPV4_TTL] = value
  }

  /** Protocol of the payload, see `IP_PROTOCOL`. */
  get protocol(): number {
    return this.bytes[this.at + IPV4_PROTOCOL]!
  }
  /** Writes the field; no other byte changes. */
  set protocol(value: number) {
    this.bytes[this.at + IPV4_PROTOCOL] = value
  }

  /** Header checksum as stored. */
  get headerChecksum(): number {
    return readU16(this.bytes, this.at + IPV4_CHECKSUM)
  }
  /** Writes the field; no other byte changes. */
  set headerChecksum(value: number) {
    writeU16(this.bytes, this.at + IPV4_CHECKSUM, value)
  }

  /** Source address, as uint32. */
  get source(): number {
    return readU32(this.bytes, this.at + IPV4_SOURCE)
  }
  /** Writes the field; no other byte changes. */
  set source(address: number) {
    writeU32(this.bytes, this.at + IPV4_SOURCE, address)
  }

  /** Destination address, as uint32. */
  get destination(): number {
    return readU32(this.bytes, this.at + IPV4_DESTINATION)
  }
  /** Writes the field; no other byte changes. */
  set destination(address: number) {
    writeU32(this.bytes, this.at + IPV4_DESTINATION, address)
  }

  /** Where the payload starts, in the buffer. */
  get payloadAt(): number {
    return this.at + this.headerLength
  }

  /** Length of the payload by the header's own word, in bytes. */
  get payloadLength(): number {
    return this.totalLength - this.headerLength
  }

  /** Where the packet ends by the header's own word, in the buffer. */
  get end(): number {
    return this.at + this.totalLength
  }

  /** Whether the stored header checksum is right. */
  checksumHolds(): boolean {
    return checksum(this.bytes, this.at, this.at + this.headerLength) === 0
  }

  /** Computes and stores the header checksum. */
  writeChecksum(): void {
    this.headerChecksum = checksumWithout(this.bytes, this.at, this.at + this.headerLength, this.at + IPV4_CHECKSUM)
  }

  /** Lowers the TTL by one and adjusts the checksum as `ip_decrease_ttl` does it. @rfc 1141 */
  decreaseTtl(): void {
    const old = readU16(this.bytes, this.at + IPV4_TTL)
    this.ttl = this.ttl - 1
    this.headerChecksum = updateChecksum16(this.headerChecksum, old, readU16(this.bytes, this.at + IPV4_TTL))
  }
}

/**
 * Why `ip_rcv` would refuse a packet, in its order: version and header length, checksum, total length. No allocation.
 * Bytes behind the total length (Ethernet padding) are no fault.
 * @linux net/ipv4/ip_input.c ip_rcv_core
 */
export function ipv4Fault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  const fault = ipv4HeaderFault(bytes, at, end)
  if (fault !== undefined) return fault
  const headerLength = (bytes[at]! & 0x0f) << 2
  if (checksum(bytes, at, at + headerLength) !== 0) return 'bad_checksum'
  const totalLength = readU16(bytes, at + IPV4_TOTAL_LENGTH)
  if (end - at < totalLength) return 'truncated'
  return totalLength < headerLength ? 'bad_length' : undefined
}

/** Why the header alone cannot be read; what an ICMP error quotes need not be whole or have a right checksum. */
export function ipv4HeaderFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < IPV4_HEADER_LENGTH) return 'truncated'
  const first = bytes[at]!
  if (first >>> 4 !== 4) return 'bad_version'
  if ((first & 0x0f) < 5) return 'bad_header_length'
  return end - at < (first & 0x0f) << 2 ? 'truncated' : undefined
}

/** The fields of an IPv4 header; what is left out is zero. */
export interface Ipv4Fields {
  /** Source address, as uint32. */
  readonly source: number
  /** Destination address, as uint32. */
  readonly destination: number
  /** Protocol of the payload. */
  readonly protocol: number
  /** Time to live, in hops. */
  readonly ttl: number
  /** Header and payload, in bytes. */
  readonly totalLength: number
  /** Type of service byte. */
  readonly tos?: number
  /** Identification. */
  readonly identification?: number
  /** Don't fragment. */
  readonly df?: boolean
  /** More fragments. */
  readonly mf?: boolean
  /** Fragment offset, in bytes; a multiple of 8. */
  readonly fragmentOffset?: number
  /** Options, padded with zeros to a multiple of four bytes; at most 40 bytes. */
  readonly options?: Uint8Array
}

/** Writes an IPv4 header with its checksum at `at`; returns where the payload starts. */
export function buildIpv4Header(bytes: Uint8Array, at: number, fields: Ipv4Fields): number {
  const options = fields.options
  const headerLength = IPV4_HEADER_LENGTH + (options === undefined ? 0 : (options.length + 3) & ~3)
  bytes[at + VERSION_IHL] = 0x40 | (headerLength >>> 2)
  bytes[at + IPV4_TOS] = fields.tos ?? 0
  writeU16(bytes, at + IPV4_TOTAL_LENGTH, fields.totalLength)
  writeU16(bytes, at + IPV4_ID, fields.identification ?? 0)
  const flags = (fields.df === true ? IPV4_FLAG.DF : 0) | (fields.mf === true ? IPV4_FLAG.MF : 0)
  writeU16(bytes, at + IPV4_FRAG_OFF, flags | ((fields.fragmentOffset ?? 0) >>> 3))
  bytes[at + IPV4_TTL] = fields.ttl
  bytes[at + IPV4_PROTOCOL] = fields.protocol
  writeU16(bytes, at + IPV4_CHECKSUM, 0)
  writeU32(bytes, at + IPV4_SOURCE, fields.source)
  writeU32(bytes, at + IPV4_DESTINATION, fields.destination)
  if (options !== undefined) {
    bytes.fill(0, at + IPV4_HEADER_LENGTH, at + headerLength)
    bytes.set(options, at + IPV4_HEADER_LENGTH)
  }
  writeU16(bytes, at + IPV4_CHECKSUM, checksum(bytes, at, at + headerLength))
  return at + headerLength
}

/** Whether the IPv4 packet at `at` is a fragment: another follows, or it is not the first. */
export function isIpv4Fragment(bytes: Uint8Array, at: number): boolean {
  return (readU16(bytes, at + IPV4_FRAG_OFF) & (IPV4_FLAG.MF | IPV4_FLAG.OFFSET)) !== 0
}
