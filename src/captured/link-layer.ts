import {
  ETHERNET_HEADER_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPE,
  LINK_TYPE,
  LINUX_SLL2,
  readU16,
  readU32,
  SLL2_HEADER_LENGTH,
  SLL2_INTERFACE_INDEX,
  SLL2_PACKET_TYPE,
  SLL2_PROTOCOL_TYPE,
  toHex,
  VLAN_TAG_LENGTH,
  VLAN_TYPE,
} from '../wire/index.ts'

/** What stands in front of an IP packet in a capture. */
export interface LinkLayer {
  /** `ethernet`; `raw`: nothing, as on tunnels; `cooked`: what `tcpdump -i any` puts there. */
  readonly kind: 'ethernet' | 'raw' | 'cooked'
  /** Ethertype of what follows. */
  readonly type: number
  /** Where it begins. */
  readonly at: number
  /** Hardware addresses as hex digits, destination and source; '' where there are none. */
  readonly macs: string
  /** Index of the device, where the header says it. */
  readonly ifindex?: number
  /** Which way the packet went, where the header says it. */
  readonly direction?: 'tx' | 'rx'
}

/** Link types besides those that are written here. @see https://www.tcpdump.org/linktypes.html */
const LINUX_SLL = 113
/** The header of version 1: its length, and offsets in it. @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
const SLL_HEADER_LENGTH = 16
const SLL_PACKET_TYPE = 0
const SLL_PROTOCOL_TYPE = 14
/** Raw IP, by the numbers that systems and versions have for it. */
const RAW: ReadonlySet<number> = new Set([LINK_TYPE.RAW, 12, 14, 228, 229])
/** `PACKET_OUTGOING`. @linux include/uapi/linux/if_packet.h */
const OUTGOING = 4

/** Reads the link layer; a text where it cannot: what is wrong. */
export function linkLayerOf(bytes: Uint8Array, linkType: number): LinkLayer | string {
  if (RAW.has(linkType)) return rawLayer(bytes)
  switch (linkType) {
    case LINK_TYPE.ETHERNET:
      return ethernetLayer(bytes, 0)
    case LINUX_SLL:
      if (bytes.length < SLL_HEADER_LENGTH) return 'cut off in the header of the capture'
      return {
        kind: 'cooked',
        type: readU16(bytes, SLL_PROTOCOL_TYPE),
        at: SLL_HEADER_LENGTH,
        macs: '',
        direction: wayOf(readU16(bytes, SLL_PACKET_TYPE)),
      }
    case LINUX_SLL2:
      if (bytes.length < SLL2_HEADER_LENGTH) return 'cut off in the header of the capture'
      return {
        kind: 'cooked',
        type: readU16(bytes, SLL2_PROTOCOL_TYPE),
        at: SLL2_HEADER_LENGTH,
        macs: '',
        ifindex: readU32(bytes, SLL2_INTERFACE_INDEX),
        direction: wayOf(bytes[SLL2_PACKET_TYPE]!),
      }
    default:
      return `link type ${linkType} is not read: Ethernet, raw IP, Linux cooked v1 and v2 are`
  }
}

function wayOf(packetType: number): 'tx' | 'rx' {
  return packetType === OUTGOING ? 'tx' : 'rx'
}

function rawLayer(bytes: Uint8Array): LinkLayer | string {
  const version = (bytes[0] ?? 0) >>> 4
  if (version !== 4 && version !== 6) return bytes.length === 0 ? 'empty' : `IP version ${version}`
  return { kind: 'raw', type: version === 4 ? ETHERTYPE.IPV4 : ETHERTYPE.IPV6, at: 0, macs: '' }
}

/** An Ethernet header, VLAN tags passed over. */
export function ethernetLayer(bytes: Uint8Array, start: number): LinkLayer | string {
  if (bytes.length < start + ETHERNET_HEADER_LENGTH) return 'cut off in the Ethernet header'
  const macs = toHex(bytes.subarray(start, start + ETHERNET_TYPE))
  let at = start + ETHERNET_HEADER_LENGTH
  let type = readU16(bytes, start + ETHERNET_TYPE)
  while (type === ETHERTYPE.VLAN && bytes.length >= at + VLAN_TAG_LENGTH) {
    type = readU16(bytes, at + VLAN_TYPE)
    at += VLAN_TAG_LENGTH
  }
  return { kind: 'ethernet', type, at, macs }
}
