import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import type { HeaderFault } from './header-fault.ts'
import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER } from './ipv6.ts'
import { IP_PROTOCOL } from './protocols.ts'

/** Bytes of an IPv6 fragment header. */
export const IPV6_FRAGMENT_LENGTH = 8

/** Offset of the length of an extension header, in units of 8 bytes behind the first; its next header is at 0. */
export const IPV6_EXTENSION_LENGTH = 1
/** Offset of the options of a hop-by-hop or destination header. */
const IPV6_EXTENSION_OPTIONS = 2
/** Offset of the type of a routing header. */
export const IPV6_ROUTING_TYPE = 2
/** Offset of the segments left of a routing header. */
export const IPV6_SEGMENTS_LEFT = 3
/** Offset of the word of a fragment header that holds offset and "more fragments". */
export const IPV6_FRAGMENT_OFFSET = 2
/** Offset of the identification of a fragment header. */
export const IPV6_FRAGMENT_ID = 4
/** Offset of an option's length, type and length bytes not counted; PAD1 has none. */
export const IPV6_OPTION_LENGTH = 1
/** Offset of an option's data. */
export const IPV6_OPTION_DATA = 2

/** Types of options in hop-by-hop and destination headers. @rfc 8200 §4.2, @rfc 2711, @rfc 2675 */
export const IPV6_OPTION = {
  /** One byte of padding, without a length. */
  PAD1: 0,
  /** Two or more bytes of padding. */
  PADN: 1,
  /** Router alert. */
  ROUTER_ALERT: 5,
  /** Jumbo payload. */
  JUMBO: 0xc2,
} as const

/** One extension header in place. */
export interface Ipv6Extension {
  /** Its own number, as the header before it named it. */
  readonly type: number
  /** Where it starts, in the buffer. */
  readonly start: number
  /** Its length in bytes. */
  readonly length: number
}

/** What lies between the IPv6 header and the upper layer. */
export interface Ipv6Chain {
  /** The extension headers in their order. */
  readonly extensions: readonly Ipv6Extension[]
  /** The number behind the last of them: the upper layer's protocol. */
  readonly protocol: number
  /** Where the upper layer starts, in the buffer. */
  readonly payloadAt: number
  /** Where the header or field lies that names `protocol`: what a parameter problem points at. */
  readonly protocolAt: number
  /** Fragment offset in bytes; 0 without fragment header. Other than 0, no upper-layer header follows. */
  readonly fragmentOffset: number
  /** The chain could not be followed to its end. */
  readonly fault?: HeaderFault
}

/** Whether a next-header number is an extension header this project walks over. */
export function isIpv6Extension(type: number): boolean {
  return (
    type === IP_PROTOCOL.HOP_BY_HOP ||
    type === IP_PROTOCOL.ROUTING ||
    type === IP_PROTOCOL.FRAGMENT ||
    type === IP_PROTOCOL.DESTINATION_OPTIONS
  )
}

/**
 * Walks the extension headers of the IPv6 packet at `at`. ESP and AH are taken as upper layers.
 * @param end - where the bytes of the packet end
 * @rfc 8200 §4
 */
export function walkIpv6(bytes: Uint8Array, at: number, end: number): Ipv6Chain {
  const extensions: Ipv6Extension[] = []
  let protocolAt = at + IPV6_NEXT_HEADER
  let protocol = bytes[protocolAt]!
  let to = at + IPV6_HEADER_LENGTH
  let fragmentOffset = 0
  while (isIpv6Extension(protocol) && fragmentOffset === 0) {
    const fits = end - to >= 8
    const length =
      protocol === IP_PROTOCOL.FRAGMENT ? IPV6_FRAGMENT_LENGTH : fits ? (bytes[to + IPV6_EXTENSION_LENGTH]! + 1) * 8 : 8
    if (!fits || to + length > end) {
      return { extensions, protocol, payloadAt: to, protocolAt, fragmentOffset, fault: 'truncated' }
    }
    extensions.push({ type: protocol, start: to, length })
    if (protocol === IP_PROTOCOL.FRAGMENT) fragmentOffset = readU16(bytes, to + IPV6_FRAGMENT_OFFSET) & 0xfff8
    protocolAt = to
    protocol = bytes[to]!
    to += length
  }
  return { extensions, protocol, payloadAt: to, protocolAt, fragmentOffset }
}

/** An IPv6 fragment header inside a buffer. @rfc 8200 §4.5 */
export class Ipv6FragmentView {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header fits before `end`. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): Ipv6FragmentView | HeaderFault {
    return end - at < IPV6_FRAGMENT_LENGTH ? 'truncated' : new Ipv6FragmentView(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Next header of the whole packet. */
  get nextHeader(): number {
    return this.bytes[this.at]!
  }
  /** Writes the field; no other byte changes. */
  set nextHeader(value: number) {
    this.bytes[this.at] = value
  }

  /** Fragment offset, in bytes (the field counts units of 8). */
  get fragmentOffset(): number {
    return readU16(this.bytes, this.at + IPV6_FRAGMENT_OFFSET) & 0xfff8
  }
  /** Writes the field; no other byte changes. */
  set fragmentOffset(offset: number) {
    writeU16(
      this.bytes,
      this.at + IPV6_FRAGMENT_OFFSET,
      (offset & 0xfff8) | (readU16(this.bytes, this.at + IPV6_FRAGMENT_OFFSET) & 7),
    )
  }

  /** More fragments. */
  get m(): boolean {
    return (readU16(this.bytes, this.at + IPV6_FRAGMENT_OFFSET) & 1) !== 0
  }
  /** Writes the field; no other byte changes. */
  set m(more: boolean) {
    const word = readU16(this.bytes, this.at + IPV6_FRAGMENT_OFFSET)
    writeU16(this.bytes, this.at + IPV6_FRAGMENT_OFFSET, more ? word | 1 : word & ~1)
  }

  /** Identification, 32 bits. */
  get identification(): number {
    return readU32(this.bytes, this.at + IPV6_FRAGMENT_ID)
  }
  /** Writes the field; no other byte changes. */
  set identification(value: number) {
    writeU32(this.bytes, this.at + IPV6_FRAGMENT_ID, value)
  }
}

/** The fields of an IPv6 fragment header. */
export interface Ipv6FragmentFields {
  /** Next header of the whole packet. */
  readonly nextHeader: number
  /** Fragment offset, in bytes; a multiple of 8. */
  readonly fragmentOffset: number
  /** More fragments. */
  readonly m: boolean
  /** Identification, 32 bits. */
  readonly identification: number
}

/** Writes an IPv6 fragment header at `at`; returns where it ends. */
export function buildIpv6Fragment(bytes: Uint8Array, at: number, fields: Ipv6FragmentFields): number {
  bytes[at] = fields.nextHeader
  bytes[at + IPV6_EXTENSION_LENGTH] = 0
  writeU16(bytes, at + IPV6_FRAGMENT_OFFSET, (fields.fragmentOffset & 0xfff8) | (fields.m ? 1 : 0))
  writeU32(bytes, at + IPV6_FRAGMENT_ID, fields.identification)
  return at + IPV6_FRAGMENT_LENGTH
}

/** One option of a hop-by-hop or destination header in place. */
export interface Ipv6Option {
  /** Option type. */
  readonly type: number
  /** Where the option starts, in the buffer. */
  readonly start: number
  /** Its length with type and length bytes. */
  readonly length: number
}

/** The options of the hop-by-hop or destination header `extension`; stops at a length that makes no sense. */
export function readIpv6Options(bytes: Uint8Array, extension: Ipv6Extension): Ipv6Option[] {
  const options: Ipv6Option[] = []
  const end = Math.min(bytes.length, extension.start + extension.length)
  let at = extension.start + IPV6_EXTENSION_OPTIONS
  while (at < end) {
    const type = bytes[at]!
    const length = type === IPV6_OPTION.PAD1 ? 1 : at + 1 < end ? bytes[at + IPV6_OPTION_LENGTH]! + IPV6_OPTION_DATA : 0
    if (length === 0 || at + length > end) break
    options.push({ type, start: at, length })
    at += length
  }
  return options
}

/** Writes the hop-by-hop header with a router alert that MLD messages carry; returns where it ends. @rfc 2711 */
export function buildRouterAlert6(bytes: Uint8Array, at: number, nextHeader: number): number {
  bytes[at] = nextHeader
  bytes[at + IPV6_EXTENSION_LENGTH] = 0
  const alert = at + IPV6_EXTENSION_OPTIONS
  bytes[alert] = IPV6_OPTION.ROUTER_ALERT
  bytes[alert + IPV6_OPTION_LENGTH] = 2
  writeU16(bytes, alert + IPV6_OPTION_DATA, 0)
  const padding = alert + IPV6_OPTION_DATA + 2
  bytes[padding] = IPV6_OPTION.PADN
  bytes[padding + IPV6_OPTION_LENGTH] = 0
  return padding + IPV6_OPTION_DATA
}
