// Neighbor discovery: what follows the ICMPv6 type, code and checksum. @rfc 4861 §4

import { readU16, readU32, writeU32 } from './bytes.ts'
import { buildIcmpv6, ICMPV6_HEADER_LENGTH, ICMPV6_TYPE } from './icmpv6.ts'
import { type Ip6Key, readIp6Key, writeIp6Key } from './ipv6-address.ts'
import { type MacKey, readMac, writeMac } from './mac.ts'

/** Types of neighbor discovery options. @rfc 4861 §4.6 */
export const ND_OPTION = {
  /** Source link-layer address. */
  SOURCE_LINK_LAYER: 1,
  /** Target link-layer address. */
  TARGET_LINK_LAYER: 2,
  /** Prefix information. */
  PREFIX_INFORMATION: 3,
  /** Redirected header. */
  REDIRECTED_HEADER: 4,
  /** MTU. */
  MTU: 5,
} as const

/** Flags of a neighbor advertisement, in its second 32-bit word. @rfc 4861 §4.4 */
export const NA_FLAG = {
  /** The sender is a router. */
  ROUTER: 0x8000_0000,
  /** Sent in answer to a solicitation. */
  SOLICITED: 0x4000_0000,
  /** An existing cache entry should be overridden. */
  OVERRIDE: 0x2000_0000,
} as const

/** Bytes of a neighbor solicitation or advertisement without options. */
export const ND_TARGET_LENGTH = 24

/** Bytes of a link-layer address option for Ethernet. */
export const ND_LINK_LAYER_OPTION_LENGTH = 8

/** Offset of the target address of a solicitation, advertisement or redirect, from its ICMPv6 header. */
export const ND_TARGET = 8
/** Offset of the destination address of a redirect. */
export const ND_REDIRECT_DESTINATION = 24
/** Bytes of a redirect without options. */
export const ND_REDIRECT_LENGTH = 40
/** Offset of an option's length, in units of 8 bytes; its type is at 0. */
export const ND_OPTION_LENGTH = 1
/** Offset of the address in a link-layer option. */
export const ND_OPTION_DATA = 2
/** Offset of the MTU in its option. */
export const ND_OPTION_MTU = 4

/** Offsets of a router advertisement, from its ICMPv6 header. @rfc 4861 §4.2 */
export const ND_RA = {
  /** Current hop limit. */
  HOP_LIMIT: 4,
  /** Flags and the preference of the router. */
  FLAGS: 5,
  /** Router lifetime. */
  LIFETIME: 6,
  /** Reachable time. */
  REACHABLE: 8,
  /** Retransmission time. */
  RETRANS: 12,
} as const
/** Bytes of a router advertisement without options. */
const ND_RA_LENGTH = 16

/** Offsets of a prefix information option, from its type. @rfc 4861 §4.6.2 */
export const ND_PREFIX = {
  /** Length of the prefix. */
  LENGTH: 2,
  /** Flags: on-link, autonomous. */
  FLAGS: 3,
  /** Valid lifetime. */
  VALID: 4,
  /** Preferred lifetime. */
  PREFERRED: 8,
  /** The prefix. */
  PREFIX: 16,
} as const

/** Hop limit of every message of neighbor discovery: nobody forwarded it. @rfc 4861 §7.1 */
export const ND_HOP_LIMIT = 255

/** The target address of the solicitation, advertisement or redirect at `at`. */
export function ndTarget(bytes: Uint8Array, at: number): Ip6Key {
  return readIp6Key(bytes, at + ND_TARGET)
}

/** The destination address of the redirect at `at`. */
export function redirectDestination(bytes: Uint8Array, at: number): Ip6Key {
  return readIp6Key(bytes, at + ND_REDIRECT_DESTINATION)
}

/** What a router advertisement says before its options. @rfc 4861 §4.2 */
export interface RouterAdvertisement {
  /** Current hop limit; 0 for "not said". */
  readonly hopLimit: number
  /** Addresses come by DHCPv6. */
  readonly managed: boolean
  /** Other things come by DHCPv6. */
  readonly other: boolean
  /** Router lifetime, in seconds. */
  readonly lifetime: number
  /** Reachable time, in milliseconds; 0 for "not said". */
  readonly reachableTime: number
  /** Retransmission time, in milliseconds; 0 for "not said". */
  readonly retransTimer: number
}

/** Reads the router advertisement whose ICMPv6 header starts at `at`; 16 bytes must be there. */
export function readRouterAdvertisement(bytes: Uint8Array, at: number): RouterAdvertisement {
  const flags = bytes[at + ND_RA.FLAGS]!
  return {
    hopLimit: bytes[at + ND_RA.HOP_LIMIT]!,
    managed: (flags & 0x80) !== 0,
    other: (flags & 0x40) !== 0,
    lifetime: readU16(bytes, at + ND_RA.LIFETIME),
    reachableTime: readU32(bytes, at + ND_RA.REACHABLE),
    retransTimer: readU32(bytes, at + ND_RA.RETRANS),
  }
}

/** Where the options of a neighbor discovery message start behind its ICMPv6 header; undefined for other types. */
export function ndOptionsOffset(type: number): number | undefined {
  switch (type) {
    case ICMPV6_TYPE.ROUTER_SOLICITATION:
      return ICMPV6_HEADER_LENGTH
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
      return ND_RA_LENGTH
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
      return ND_TARGET_LENGTH
    case ICMPV6_TYPE.REDIRECT:
      return ND_REDIRECT_LENGTH
    default:
      return undefined
  }
}

/** A neighbor discovery option in place. */
export interface NdOption {
  /** Option type, see `ND_OPTION`. */
  readonly type: number
  /** Where the option starts, in the buffer. */
  readonly start: number
  /** Its length in bytes (the field counts units of 8). */
  readonly length: number
}

/** The options in `bytes[start..end)`; reading stops at a length that makes no sense, as the receiver must drop then. */
export function readNdOptions(bytes: Uint8Array, start: number, end: number): NdOption[] {
  const options: NdOption[] = []
  let at = start
  while (at + 1 < end) {
    const length = bytes[at + ND_OPTION_LENGTH]! * 8
    if (length === 0 || at + length > end) break
    options.push({ type: bytes[at]!, start: at, length })
    at += length
  }
  return options
}

/** The address in the first link-layer option of this type; undefined when there is none. */
export function ndLinkLayer(bytes: Uint8Array, start: number, end: number, type: number): MacKey | undefined {
  let at = start
  while (at + 8 <= end) {
    const length = bytes[at + ND_OPTION_LENGTH]! * 8
    if (length === 0) return undefined
    if (bytes[at] === type) return readMac(bytes, at + ND_OPTION_DATA)
    at += length
  }
  return undefined
}

/** A neighbor solicitation or advertisement to build. */
export interface NeighborFields {
  /** Whose address it is about. */
  readonly target: Ip6Key
  /** Flags of an advertisement, see `NA_FLAG`; left out in a solicitation. */
  readonly flags?: number
  /** Source (solicitation) or target (advertisement) link-layer address; left out in duplicate address detection. */
  readonly linkLayer?: MacKey
  /** Partial sum of the pseudo header. */
  readonly pseudo: number
}

/** Bytes of the message the two builders write. */
export function neighborMessageLength(withLinkLayer: boolean): number {
  return ND_TARGET_LENGTH + (withLinkLayer ? ND_LINK_LAYER_OPTION_LENGTH : 0)
}

/** Writes a neighbor solicitation at `at`; returns where it ends. @rfc 4861 §4.3 */
export function buildNeighborSolicitation(bytes: Uint8Array, at: number, fields: NeighborFields): number {
  return buildNeighbor(bytes, at, ICMPV6_TYPE.NEIGHBOR_SOLICITATION, ND_OPTION.SOURCE_LINK_LAYER, fields)
}

/** Writes a neighbor advertisement at `at`; returns where it ends. @rfc 4861 §4.4 */
export function buildNeighborAdvertisement(bytes: Uint8Array, at: number, fields: NeighborFields): number {
  return buildNeighbor(bytes, at, ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT, ND_OPTION.TARGET_LINK_LAYER, fields)
}

function buildNeighbor(bytes: Uint8Array, at: number, type: number, option: number, fields: NeighborFields): number {
  const end = at + neighborMessageLength(fields.linkLayer !== undefined)
  writeIp6Key(bytes, at + ND_TARGET, fields.target)
  if (fields.linkLayer !== undefined) buildLinkLayerOption(bytes, at + ND_TARGET_LENGTH, option, fields.linkLayer)
  buildIcmpv6(bytes, at, end, { type, code: 0, restOfHeader: fields.flags ?? 0, pseudo: fields.pseudo })
  return end
}

/** Writes a link-layer address option at `at`; returns where it ends. @rfc 4861 §4.6.1 */
export function buildLinkLayerOption(bytes: Uint8Array, at: number, type: number, mac: MacKey): number {
  bytes[at] = type
  bytes[at + ND_OPTION_LENGTH] = 1
  writeMac(bytes, at + ND_OPTION_DATA, mac)
  return at + ND_LINK_LAYER_OPTION_LENGTH
}

/** Writes an MTU option at `at`; returns where it ends. @rfc 4861 §4.6.4 */
export function buildMtuOption(bytes: Uint8Array, at: number, mtu: number): number {
  writeU32(bytes, at, (ND_OPTION.MTU << 24) | (1 << 16))
  writeU32(bytes, at + ND_OPTION_MTU, mtu)
  return at + 8
}
