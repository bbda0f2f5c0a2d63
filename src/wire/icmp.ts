import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import { checksum, checksumWithout } from './checksum.ts'
import type { HeaderFault } from './header-fault.ts'

/** Bytes of every ICMP header this project reads. */
export const ICMP_HEADER_LENGTH = 8

/** ICMP types, named as the kernel names them. @rfc 792 */
export const ICMP_TYPE = {
  /** Echo reply. */
  ECHO_REPLY: 0,
  /** Destination unreachable. */
  DEST_UNREACH: 3,
  /** Source quench; deprecated. */
  SOURCE_QUENCH: 4,
  /** Redirect. */
  REDIRECT: 5,
  /** Echo request. */
  ECHO: 8,
  /** Router advertisement. @rfc 1256 */
  ROUTER_ADVERTISEMENT: 9,
  /** Router solicitation. @rfc 1256 */
  ROUTER_SOLICITATION: 10,
  /** Time exceeded. */
  TIME_EXCEEDED: 11,
  /** Parameter problem. */
  PARAMETER_PROBLEM: 12,
  /** Timestamp request. */
  TIMESTAMP: 13,
  /** Timestamp reply. */
  TIMESTAMP_REPLY: 14,
  /** Address mask request. @rfc 950 */
  ADDRESS: 17,
  /** Address mask reply. @rfc 950 */
  ADDRESS_REPLY: 18,
  /** Extended echo request. @rfc 8335 */
  EXT_ECHO: 42,
  /** Extended echo reply. @rfc 8335 */
  EXT_ECHO_REPLY: 43,
} as const

/** The highest type whose rate the kernel limits and whose meaning it knows. @linux include/uapi/linux/icmp.h */
export const NR_ICMP_TYPES = 18

/** The highest code of destination unreachable. @linux include/uapi/linux/icmp.h */
export const NR_ICMP_UNREACH = 15

/** Codes of destination unreachable. @rfc 792, @rfc 1122 §3.2.2.1, @rfc 1812 §5.2.7.1 */
export const ICMP_UNREACH = {
  /** Net unreachable. */
  NET: 0,
  /** Host unreachable. */
  HOST: 1,
  /** Protocol unreachable. */
  PROTOCOL: 2,
  /** Port unreachable. */
  PORT: 3,
  /** Fragmentation needed and DF set. */
  FRAG_NEEDED: 4,
  /** Source route failed. */
  SOURCE_ROUTE_FAILED: 5,
  /** Destination network unknown. */
  NET_UNKNOWN: 6,
  /** Destination host unknown. */
  HOST_UNKNOWN: 7,
  /** Source host isolated. */
  HOST_ISOLATED: 8,
  /** Network administratively prohibited. */
  NET_PROHIBITED: 9,
  /** Host administratively prohibited. */
  HOST_PROHIBITED: 10,
  /** Network unreachable for this type of service. */
  NET_TOS: 11,
  /** Host unreachable for this type of service. */
  HOST_TOS: 12,
  /** Packet filtered. */
  ADMIN_PROHIBITED: 13,
} as const

/** Codes of time exceeded. @rfc 792 */
export const ICMP_TIME_EXCEEDED = {
  /** TTL exceeded in transit. */
  TTL: 0,
  /** Fragment reassembly time exceeded. */
  REASSEMBLY: 1,
} as const

/** Codes of redirect. @rfc 792 */
export const ICMP_REDIRECT = {
  /** For the network. */
  NET: 0,
  /** For the host. */
  HOST: 1,
} as const

const TYPE = 0
/** Offset of the code; the type is at 0. */
export const ICMP_CODE = 1
/** Offset of the checksum. */
export const ICMP_CHECKSUM = 2
/** Offset of the identifier of an echo or timestamp. */
export const ICMP_ID = 4
/** Offset of the sequence number of an echo or timestamp, and of the MTU of "fragmentation needed". */
export const ICMP_SEQUENCE = 6
/** Offset of the second 32-bit word, whose meaning depends on the type. */
export const ICMP_REST = 4

/** An ICMP message inside a buffer. Fields beyond the checksum have a meaning by type. @rfc 792 */
export class IcmpView {
  /** The buffer the message lies in. */
  bytes: Uint8Array
  /** Where the message starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header fits and the checksum over the whole message up to `end` is right. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): IcmpView | HeaderFault {
    return icmpFault(bytes, at, end) ?? new IcmpView(bytes, at)
  }

  /** Moves the view to another message. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Type, see `ICMP_TYPE`. */
  get type(): number {
    return this.bytes[this.at + TYPE]!
  }
  /** Writes the field; no other byte changes. */
  set type(value: number) {
    this.bytes[this.at + TYPE] = value
  }

  /** Code: details of the type. */
  get code(): number {
    return this.bytes[this.at + ICMP_CODE]!
  }
  /** Writes the field; no other byte changes. */
  set code(value: number) {
    this.bytes[this.at + ICMP_CODE] = value
  }

  /** Checksum over the whole message, as stored. */
  get checksum(): number {
    return readU16(this.bytes, this.at + ICMP_CHECKSUM)
  }
  /** Writes the field; no other byte changes. */
  set checksum(value: number) {
    writeU16(this.bytes, this.at + ICMP_CHECKSUM, value)
  }

  /** The second 32-bit word, whose meaning depends on the type. */
  get restOfHeader(): number {
    return readU32(this.bytes, this.at + ICMP_REST)
  }
  /** Writes the field; no other byte changes. */
  set restOfHeader(value: number) {
    writeU32(this.bytes, this.at + ICMP_REST, value)
  }

  /** Identifier of an echo or timestamp message. */
  get identifier(): number {
    return readU16(this.bytes, this.at + ICMP_ID)
  }
  /** Writes the field; no other byte changes. */
  set identifier(value: number) {
    writeU16(this.bytes, this.at + ICMP_ID, value)
  }

  /** Sequence number of an echo or timestamp message. */
  get sequence(): number {
    return readU16(this.bytes, this.at + ICMP_SEQUENCE)
  }
  /** Writes the field; no other byte changes. */
  set sequence(value: number) {
    writeU16(this.bytes, this.at + ICMP_SEQUENCE, value)
  }

  /** Gateway of a redirect, as uint32. */
  get gateway(): number {
    return readU32(this.bytes, this.at + ICMP_REST)
  }
  /** Writes the field; no other byte changes. */
  set gateway(address: number) {
    writeU32(this.bytes, this.at + ICMP_REST, address)
  }

  /** Next-hop MTU of "fragmentation needed", in bytes. @rfc 1191 §4 */
  get mtu(): number {
    return readU16(this.bytes, this.at + ICMP_SEQUENCE)
  }
  /** Writes the field; no other byte changes. */
  set mtu(value: number) {
    writeU16(this.bytes, this.at + ICMP_SEQUENCE, value)
  }

  /** Pointer of a parameter problem: the offending byte of the quoted header. */
  get pointer(): number {
    return this.bytes[this.at + ICMP_REST]!
  }
  /** Writes the field; no other byte changes. */
  set pointer(value: number) {
    this.bytes[this.at + ICMP_REST] = value
  }

  /** Where the data, or the quoted packet of an error, starts in the buffer. */
  get payloadAt(): number {
    return this.at + ICMP_HEADER_LENGTH
  }

  /** Computes and stores the checksum of the message that ends at `end`. */
  writeChecksum(end: number): void {
    this.checksum = checksumWithout(this.bytes, this.at, end, this.at + ICMP_CHECKSUM)
  }
}

/** What keeps {@link IcmpView.checked} from giving a view; no allocation. */
export function icmpFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < ICMP_HEADER_LENGTH) return 'truncated'
  return checksum(bytes, at, end) === 0 ? undefined : 'bad_checksum'
}

/** Whether a message of this type quotes the packet that caused it. @linux net/ipv4/icmp.c icmp_pointers */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_TYPE.DEST_UNREACH ||
    type === ICMP_TYPE.TIME_EXCEEDED ||
    type === ICMP_TYPE.REDIRECT ||
    type === ICMP_TYPE.PARAMETER_PROBLEM ||
    type === ICMP_TYPE.SOURCE_QUENCH
  )
}

/** The fields of an ICMP header. */
export interface IcmpFields {
  /** Type, see `ICMP_TYPE`. */
  readonly type: number
  /** Code: details of the type. */
  readonly code: number
  /** The second 32-bit word; zero when left out. {@link echoWord} makes that of an echo. */
  readonly restOfHeader?: number
}

/** The second word of an echo message. */
export function echoWord(identifier: number, sequence: number): number {
  return ((identifier << 16) | (sequence & 0xffff)) >>> 0
}

/**
 * Writes an ICMP header at `at`, its checksum over the data that already lies behind it up to `end`.
 * @returns where the data starts
 */
export function buildIcmp(bytes: Uint8Array, at: number, end: number, fields: IcmpFields): number {
  bytes[at + TYPE] = fields.type
  bytes[at + ICMP_CODE] = fields.code
  writeU16(bytes, at + ICMP_CHECKSUM, 0)
  writeU32(bytes, at + ICMP_REST, fields.restOfHeader ?? 0)
  writeU16(bytes, at + ICMP_CHECKSUM, checksum(bytes, at, end))
  return at + ICMP_HEADER_LENGTH
}
