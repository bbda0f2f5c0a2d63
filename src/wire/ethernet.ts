import { readU16, writeU16 } from './bytes.ts'
import type { HeaderFault } from './header-fault.ts'
import { type MacKey, readMac, writeMac } from './mac.ts'

/** Bytes of an Ethernet II header: two addresses and the EtherType. */
export const ETHERNET_HEADER_LENGTH = 14

/** Bytes of an IEEE 802.1Q tag. */
export const VLAN_TAG_LENGTH = 4
/** Offset of the EtherType behind a tag, from the tag. */
export const VLAN_TYPE = 2

/** Offset of the destination address. */
export const ETHERNET_DESTINATION = 0
/** Offset of the source address. */
export const ETHERNET_SOURCE = 6
/** Offset of the EtherType. */
export const ETHERNET_TYPE = 12

/** An Ethernet II header inside a buffer. @ieee 802.3 §3.1.1 */
export class EthernetView {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header fits before `end`. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): EthernetView | HeaderFault {
    return end - at < ETHERNET_HEADER_LENGTH ? 'truncated' : new EthernetView(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Destination address. */
  get destination(): MacKey {
    return readMac(this.bytes, this.at + ETHERNET_DESTINATION)
  }
  /** Writes the field; no other byte changes. */
  set destination(mac: MacKey) {
    writeMac(this.bytes, this.at + ETHERNET_DESTINATION, mac)
  }

  /** Source address. */
  get source(): MacKey {
    return readMac(this.bytes, this.at + ETHERNET_SOURCE)
  }
  /** Writes the field; no other byte changes. */
  set source(mac: MacKey) {
    writeMac(this.bytes, this.at + ETHERNET_SOURCE, mac)
  }

  /** EtherType; below 0x0600 it is the length of an 802.3 frame. */
  get type(): number {
    return readU16(this.bytes, this.at + ETHERNET_TYPE)
  }
  /** Writes the field; no other byte changes. */
  set type(value: number) {
    writeU16(this.bytes, this.at + ETHERNET_TYPE, value)
  }

  /** Where the payload starts, in the buffer. */
  get payloadAt(): number {
    return this.at + ETHERNET_HEADER_LENGTH
  }
}

/** The fields of an Ethernet header. */
export interface EthernetFields {
  /** Destination address. */
  readonly destination: MacKey
  /** Source address. */
  readonly source: MacKey
  /** EtherType, e.g. `ETHERTYPE.IPV4`. */
  readonly type: number
}

/** Writes an Ethernet header at `at`; returns where the payload starts. */
export function buildEthernet(bytes: Uint8Array, at: number, fields: EthernetFields): number {
  writeMac(bytes, at + ETHERNET_DESTINATION, fields.destination)
  writeMac(bytes, at + ETHERNET_SOURCE, fields.source)
  writeU16(bytes, at + ETHERNET_TYPE, fields.type)
  return at + ETHERNET_HEADER_LENGTH
}
