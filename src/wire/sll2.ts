// The header "cooked" captures put in front of a packet, whatever device it crossed. @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html

import { concatBytes, writeU16, writeU32 } from './bytes.ts'
import { ETHERNET_DESTINATION, ETHERNET_HEADER_LENGTH, ETHERNET_SOURCE, ETHERNET_TYPE } from './ethernet.ts'
import { LINK_TYPE } from './link-type.ts'
import { BROADCAST_MAC_KEY, readMac } from './mac.ts'
import { ETHERTYPE } from './protocols.ts'

/** Link type of frames with such a header. */
export const LINUX_SLL2 = 276

/** Bytes of such a header. */
export const SLL2_HEADER_LENGTH = 20

/** Offset of the EtherType of what follows. */
export const SLL2_PROTOCOL_TYPE = 0
/** Offset of the index of the device. */
export const SLL2_INTERFACE_INDEX = 4
const HARDWARE_TYPE = 8
/** Offset of who the packet is for, seen from the device. */
export const SLL2_PACKET_TYPE = 10
const ADDRESS_LENGTH = 11
const ADDRESS = 12

/** ARPHRD of a device with Ethernet, and of one without link layer. @linux include/uapi/linux/if_arp.h */
const ARPHRD = { ETHER: 1, NONE: 0xfffe } as const
/** Who a packet is for, seen from the device. @linux include/uapi/linux/if_packet.h */
const PACKET = { HOST: 0, BROADCAST: 1, MULTICAST: 2, OUTGOING: 4 } as const

/**
 * A frame as `tcpdump -i any` writes it: the link-layer header gives way to one that all devices have.
 * @param index - of the interface in the file, from 1
 */
export function cookedFrame(bytes: Uint8Array, linkType: number, index: number, outgoing: boolean): Uint8Array {
  const header = new Uint8Array(SLL2_HEADER_LENGTH)
  writeU32(header, SLL2_INTERFACE_INDEX, index)
  header[SLL2_PACKET_TYPE] = outgoing ? PACKET.OUTGOING : PACKET.HOST
  if (linkType !== LINK_TYPE.ETHERNET || bytes.length < ETHERNET_HEADER_LENGTH) {
    writeU16(header, SLL2_PROTOCOL_TYPE, (bytes[0] ?? 0) >>> 4 === 6 ? ETHERTYPE.IPV6 : ETHERTYPE.IPV4)
    writeU16(header, HARDWARE_TYPE, ARPHRD.NONE)
    return concatBytes([header, bytes])
  }
  header.set(bytes.subarray(ETHERNET_TYPE, ETHERNET_HEADER_LENGTH), SLL2_PROTOCOL_TYPE)
  writeU16(header, HARDWARE_TYPE, ARPHRD.ETHER)
  if (!outgoing) header[SLL2_PACKET_TYPE] = packetType(bytes)
  header[ADDRESS_LENGTH] = ETHERNET_TYPE - ETHERNET_SOURCE
  header.set(bytes.subarray(ETHERNET_SOURCE, ETHERNET_TYPE), ADDRESS)
  return concatBytes([header, bytes.subarray(ETHERNET_HEADER_LENGTH)])
}

function packetType(bytes: Uint8Array): number {
  if (readMac(bytes, ETHERNET_DESTINATION) === BROADCAST_MAC_KEY) return PACKET.BROADCAST
  return ((bytes[ETHERNET_DESTINATION] as number) & 1) === 0 ? PACKET.HOST : PACKET.MULTICAST
}
