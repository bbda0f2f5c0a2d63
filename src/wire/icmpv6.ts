import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import { checksum, checksumWithout } from './checksum.ts'
import type { HeaderFault } from './header-fault.ts'

/** Bytes of the ICMPv6 header with its second word. */
export const ICMPV6_HEADER_LENGTH = 8

/** ICMPv6 types. @rfc 4443, @rfc 4861, @rfc 2710, @rfc 3810 */
export const ICMPV6_TYPE = {
  /** Destination unreachable. */
  DEST_UNREACH: 1,
  /** Packet too big. */
  PACKET_TOO_BIG: 2,
  /** Time exceeded. */
  TIME_EXCEEDED: 3,
  /** Parameter problem. */
  PARAMETER_PROBLEM: 4,
  /** Echo request. */
  ECHO_REQUEST: 128,
  /** Echo reply. */
  ECHO_REPLY: 129,
  /** Multicast listener query. */
  MLD_QUERY: 130,
  /** Multicast listener report, version 1. */
  MLD_REPORT: 131,
  /** Multicast listener done. */
  MLD_DONE: 132,
  /** Router solicitation. */
  ROUTER_SOLICITATION: 133,
  /** Router advertisement. */
  ROUTER_ADVERTISEMENT: 134,
  /** Neighbor solicitation. */
  NEIGHBOR_SOLICITATION: 135,
  /** Neighbor advertisement. */
  NEIGHBOR_ADVERTISEMENT: 136,
  /** Redirect. */
  REDIRECT: 137,
  /** Multicast listener report, version 2. */
  MLD2_REPORT: 143,
} as const

/** Codes of destination unreachable. @rfc 4443 §3.1 */
export const ICMPV6_UNREACH = {
  /** No route to destination. */
  NO_ROUTE: 0,
  /** Administratively prohibited. */
  ADMIN_PROHIBITED: 1,
  /** Beyond scope of source address. */
  NOT_NEIGHBOUR: 2,
  /** Address unreachable. */
  ADDRESS: 3,
  /** Port unreachable. */
  PORT: 4,
  /** Source address failed ingress or egress policy. */
  POLICY_FAIL: 5,
  /** Reject route to destination. */
  REJECT_ROUTE: 6,
} as const

/** Codes of time exceeded. @rfc 4443 §3.3 */
export const ICMPV6_TIME_EXCEEDED = {
  /** Hop limit exceeded in transit. */
  HOP_LIMIT: 0,
  /** Fragment reassembly time exceeded. */
  REASSEMBLY: 1,
} as const

/** Codes of parameter problem. @rfc 4443 §3.4, @rfc 7112 §5 */
export const ICMPV6_PARAMETER_PROBLEM = {
  /** Erroneous header field. */
  HEADER_FIELD: 0,
  /** Unrecognized next header. */
  NEXT_HEADER: 1,
  /** Unrecognized option. */
  OPTION: 2,
  /** The first fragment lacks a part of the header chain. */
  INCOMPLETE_CHAIN: 3,
} as const

/** The first informational type: below are errors. @rfc 4443 §2.1 */
export const ICMPV6_INFORMATIONAL = 128

const TYPE = 0
/** Offset of the code; the type is at 0. */
export const ICMPV6_CODE = 1
/** Offset of the checksum. */
export const ICMPV6_CHECKSUM = 2
/** Offset of the second 32-bit word, whose meaning depends on the type. */
export const ICMPV6_REST = 4
/** Offset of the identifier of an echo. */
export const ICMPV6_ID = 4
/** Offset of the sequence number of an echo. */
export const ICMPV6_SEQUENCE = 6

/** An ICMPv6 message inside a buffer. @rfc 4443 §2.1 */
export class Icmpv6View {
  /** The buffer the message lies in. */
  bytes: Uint8Array
  /** Where the message starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /**
   * A view when the header fits and the checksum over the message up to `end` is right.
   * @param pseudo - the partial sum of the pseudo header
   */
  static checked(bytes: Uint8Array, at: number, end: number, pseudo: number): Icmpv6View | HeaderFault {
    return icmpv6Fault(bytes, at, end, pseudo) ?? new Icmpv6View(bytes, at)
  }

  /** Moves the view to another message. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Type, see `ICMPV6_TYPE`; below 128 it is an error. */
  get type(): number {
    return this.bytes[this.at + TYPE]!
  }
  /** Writes the field; no other byte changes. */
  set type(value: number) {
    this.bytes[this.at + TYPE] = value
  }

  /** Code: details of the type. */
  get code(): number {
    return this.bytes[this.at + ICMPV6_CODE]!
  }
  /** Writes the field; no other byte changes. */
  set code(value: number) {
    this.bytes[this.at + ICMPV6_CODE] = value
  }

  /** Checksum over pseudo header and message, as stored. */
  get checksum(): number {
    return readU16(this.bytes, this.at + ICMPV6_CHECKSUM)
  }
  /** Writes the field; no other byte changes. */
  set checksum(value: number) {
    writeU16(this.bytes, this.at + ICMPV6_CHECKSUM, value)
  }

  /** The second 32-bit word, whose meaning depends on the type. */
  get restOfHeader(): number {
    return readU32(this.bytes, this.at + ICMPV6_REST)
  }
  /** Writes the field; no other byte changes. */
  set restOfHeader(value: number) {
    writeU32(this.bytes, this.at + ICMPV6_REST, value)
  }

  /** Identifier of an echo message. */
  get identifier(): number {
    return readU16(this.bytes, this.at + ICMPV6_ID)
  }
  /** Writes the field; no other byte changes. */
  set identifier(value: number) {
    writeU16(this.bytes, this.at + ICMPV6_ID, value)
  }

  /** Sequence number of an echo message. */
  get sequence(): number {
    return readU16(this.bytes, this.at + ICMPV6_SEQUENCE)
  }
  /** Writes the field; no other byte changes. */
  set sequence(value: number) {
    writeU16(this.bytes, this.at + ICMPV6_SEQUENCE, value)
  }

  /** MTU of "packet too big", in bytes. */
  get mtu(): number {
    return readU32(this.bytes, this.at + ICMPV6_REST)
  }
  /** Writes the field; no other byte changes. */
  set mtu(value: number) {
    writeU32(this.bytes, this.at + ICMPV6_REST, value)
  }

  /** Pointer of a parameter problem: the offending byte of the quoted packet. */
  get pointer(): number {
    return readU32(this.bytes, this.at + ICMPV6_REST)
  }
  /** Writes the field; no other byte changes. */
  set pointer(value: number) {
    writeU32(this.bytes, this.at + ICMPV6_REST, value)
  }

  /** Where the data, or the quoted packet of an error, starts in the buffer. */
  get payloadAt(): number {
    return this.at + ICMPV6_HEADER_LENGTH
  }

  /** Computes and stores the checksum of the message that ends at `end`. */
  writeChecksum(end: number, pseudo: number): void {
    this.checksum = checksumWithout(this.bytes, this.at, end, this.at + ICMPV6_CHECKSUM, pseudo)
  }
}

/** What keeps {@link Icmpv6View.checked} from giving a view; no allocation. */
export function icmpv6Fault(bytes: Uint8Array, at: number, end: number, pseudo: number): HeaderFault | undefined {
  if (end - at < ICMPV6_HEADER_LENGTH) return 'truncated'
  return checksum(bytes, at, end, pseudo) === 0 ? undefined : 'bad_checksum'
}

/** Whether a message of this type is an error and quotes the packet that caused it. @rfc 4443 §2.1 */
export function isIcmpv6Error(type: number): boolean {
  return type < 128
}

/** The fields of an ICMPv6 header. */
export interface Icmpv6Fields {
  /** Type, see `ICMPV6_TYPE`. */
  readonly type: number
  /** Code: details of the type. */
  readonly code: number
  /** The second 32-bit word; zero when left out. `echoWord` makes that of an echo. */
  readonly restOfHeader?: number
  /** Partial sum of the pseudo header. */
  readonly pseudo: number
}

/**
 * Writes an ICMPv6 header at `at`, its checksum over the data that already lies behind it up to `end`.
 * @returns where the data starts
 */
export function buildIcmpv6(bytes: Uint8Array, at: number, end: number, fields: Icmpv6Fields): number {
  bytes[at + TYPE] = fields.type
  bytes[at + ICMPV6_CODE] = fields.code
  writeU16(bytes, at + ICMPV6_CHECKSUM, 0)
  writeU32(bytes, at + ICMPV6_REST, fields.restOfHeader ?? 0)
  writeU16(bytes, at + ICMPV6_CHECKSUM, checksum(bytes, at, end, fields.pseudo))
  return at + ICMPV6_HEADER_LENGTH
}
