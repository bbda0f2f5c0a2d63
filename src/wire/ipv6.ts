import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import type { HeaderFault } from './header-fault.ts'
import { type Ip6Key, readIp6Key, writeIp6Key } from './ipv6-address.ts'

/** Bytes of the IPv6 header. */
export const IPV6_HEADER_LENGTH = 40

/** The MTU every IPv6 link has at least. @rfc 8200 §5 */
export const IPV6_MIN_MTU = 1280

const VERSION_CLASS_FLOW = 0
/** Offset of the byte with the lower half of the traffic class and the top of the flow label. */
export const IPV6_CLASS_LOW = 1
/** Offset of the payload length. */
export const IPV6_PAYLOAD_LENGTH = 4
/** Offset of the next header. */
export const IPV6_NEXT_HEADER = 6
/** Offset of the hop limit. */
export const IPV6_HOP_LIMIT = 7
/** Offset of the source address. */
export const IPV6_SOURCE = 8
/** Offset of the destination address. */
export const IPV6_DESTINATION = 24

/** An IPv6 header inside a buffer. @rfc 8200 §3 */
export class Ipv6View {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header and its stated payload fit before `end`. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): Ipv6View | HeaderFault {
    return ipv6Fault(bytes, at, end) ?? new Ipv6View(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Version, 6. */
  get version(): number {
    return this.bytes[this.at]! >>> 4
  }

  /** Traffic class: DSCP in the upper six bits, ECN in the lower two. */
  get trafficClass(): number {
    return (readU16(this.bytes, this.at) >>> 4) & 0xff
  }
  /** Writes the field; no other byte changes. */
  set trafficClass(value: number) {
    writeU16(this.bytes, this.at, (readU16(this.bytes, this.at) & 0xf00f) | ((value & 0xff) << 4))
  }

  /** Flow label, 20 bits. */
  get flowLabel(): number {
    return readU32(this.bytes, this.at + VERSION_CLASS_FLOW) & 0xf_ffff
  }
  /** Writes the field; no other byte changes. */
  set flowLabel(value: number) {
    writeU32(this.bytes, this.at, (readU32(this.bytes, this.at) & 0xfff0_0000) | (value & 0xf_ffff))
  }

  /** Payload length: everything behind this header, in bytes. */
  get payloadLength(): number {
    return readU16(this.bytes, this.at + IPV6_PAYLOAD_LENGTH)
  }
  /** Writes the field; no other byte changes. */
  set payloadLength(value: number) {
    writeU16(this.bytes, this.at + IPV6_PAYLOAD_LENGTH, value)
  }

  /** Next header: an extension header or the upper layer, see `IP_PROTOCOL`. */
  get nextHeader(): number {
    return this.bytes[this.at + IPV6_NEXT_HEADER]!
  }
  /** Writes the field; no other byte changes. */
  set nextHeader(value: number) {
    this.bytes[this.at + IPV6_NEXT_HEADER] = value
  }

  /** Hop limit, in hops. */
  get hopLimit(): number {
    return this.bytes[this.at + IPV6_HOP_LIMIT]!
  }
  /** Writes the field; no other byte changes. */
  set hopLimit(value: number) {
    this.bytes[this.at + IPV6_HOP_LIMIT] = value
  }

  /** Source address. */
  get source(): Ip6Key {
    return readIp6Key(this.bytes, this.at + IPV6_SOURCE)
  }
  /** Writes the field; no other byte changes. */
  set source(key: Ip6Key) {
    writeIp6Key(this.bytes, this.at + IPV6_SOURCE, key)
  }

  /** Destination address. */
  get destination(): Ip6Key {
    return readIp6Key(this.bytes, this.at + IPV6_DESTINATION)
  }
  /** Writes the field; no other byte changes. */
  set destination(key: Ip6Key) {
    writeIp6Key(this.bytes, this.at + IPV6_DESTINATION, key)
  }

  /** Where the payload (extension headers included) starts, in the buffer. */
  get payloadAt(): number {
    return this.at + IPV6_HEADER_LENGTH
  }

  /** Where the packet ends by the header's own word, in the buffer. */
  get end(): number {
    return this.at + IPV6_HEADER_LENGTH + this.payloadLength
  }
}

/** What keeps {@link Ipv6View.checked} from giving a view; no allocation. */
export function ipv6Fault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  const fault = ipv6HeaderFault(bytes, at, end)
  if (fault !== undefined) return fault
  return end - at < IPV6_HEADER_LENGTH + readU16(bytes, at + IPV6_PAYLOAD_LENGTH) ? 'truncated' : undefined
}

/** Why the header alone cannot be read; what an ICMPv6 error quotes need not be whole. */
export function ipv6HeaderFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < IPV6_HEADER_LENGTH) return 'truncated'
  return bytes[at]! >>> 4 === 6 ? undefined : 'bad_version'
}

/** The fields of an IPv6 header; what is left out is zero. */
export interface Ipv6Fields {
  /** Source address. */
  readonly source: Ip6Key
  /** Destination address. */
  readonly destination: Ip6Key
  /** Next header. */
  readonly nextHeader: number
  /** Hop limit, in hops. */
  readonly hopLimit: number
  /** Everything behind the header, in bytes. */
  readonly payloadLength: number
  /** Traffic class. */
  readonly trafficClass?: number
  /** Flow label, 20 bits. */
  readonly flowLabel?: number
}

/** Writes an IPv6 header at `at`; returns where the payload starts. */
export function buildIpv6Header(bytes: Uint8Array, at: number, fields: Ipv6Fields): number {
  writeU32(bytes, at, 0x6000_0000 | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0))
  writeU16(bytes, at + IPV6_PAYLOAD_LENGTH, fields.payloadLength)
  bytes[at + IPV6_NEXT_HEADER] = fields.nextHeader
  bytes[at + IPV6_HOP_LIMIT] = fields.hopLimit
  writeIp6Key(bytes, at + IPV6_SOURCE, fields.source)
  writeIp6Key(bytes, at + IPV6_DESTINATION, fields.destination)
  return at + IPV6_HEADER_LENGTH
}
