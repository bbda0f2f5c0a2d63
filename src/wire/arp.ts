import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import type { HeaderFault } from './header-fault.ts'
import { type MacKey, readMac, writeMac } from './mac.ts'
import { ETHERTYPE } from './protocols.ts'

/** Bytes of an ARP packet for Ethernet and IPv4. */
export const ARP_LENGTH = 28

/** Operations of ARP. @rfc 826, @rfc 903 */
export const ARP_OPERATION = {
  /** Who has this address? */
  REQUEST: 1,
  /** The answer. */
  REPLY: 2,
} as const

/** Offset of the hardware type. */
export const ARP_HARDWARE_TYPE = 0
/** Offset of the protocol type. */
export const ARP_PROTOCOL_TYPE = 2
/** Offset of the length of a hardware address. */
export const ARP_HARDWARE_LENGTH = 4
/** Offset of the length of a protocol address. */
export const ARP_PROTOCOL_LENGTH = 5
/** Offset of the operation. */
export const ARP_OPERATION_AT = 6
/** Offset of the sender's hardware address. */
export const ARP_SENDER_HARDWARE = 8
/** Offset of the sender's protocol address. */
export const ARP_SENDER_PROTOCOL = 14
/** Offset of the target's hardware address. */
export const ARP_TARGET_HARDWARE = 18
/** Offset of the target's protocol address. */
export const ARP_TARGET_PROTOCOL = 24

const HARDWARE_ETHERNET = 1

/** An ARP packet for Ethernet and IPv4 inside a buffer. @rfc 826 */
export class ArpView {
  /** The buffer the packet lies in. */
  bytes: Uint8Array
  /** Where the packet starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the packet is whole and speaks of Ethernet and IPv4. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): ArpView | HeaderFault {
    return arpFault(bytes, at, end) ?? new ArpView(bytes, at)
  }

  /** Moves the view to another packet. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Hardware type; 1 is Ethernet. */
  get hardwareType(): number {
    return readU16(this.bytes, this.at + ARP_HARDWARE_TYPE)
  }
  /** Writes the field; no other byte changes. */
  set hardwareType(value: number) {
    writeU16(this.bytes, this.at + ARP_HARDWARE_TYPE, value)
  }

  /** Protocol type, an EtherType. */
  get protocolType(): number {
    return readU16(this.bytes, this.at + ARP_PROTOCOL_TYPE)
  }
  /** Writes the field; no other byte changes. */
  set protocolType(value: number) {
    writeU16(this.bytes, this.at + ARP_PROTOCOL_TYPE, value)
  }

  /** Length of a hardware address, in bytes. */
  get hardwareLength(): number {
    return this.bytes[this.at + ARP_HARDWARE_LENGTH]!
  }
  /** Writes the field; no other byte changes. */
  set hardwareLength(value: number) {
    this.bytes[this.at + ARP_HARDWARE_LENGTH] = value
  }

  /** Length of a protocol address, in bytes. */
  get protocolLength(): number {
    return this.bytes[this.at + ARP_PROTOCOL_LENGTH]!
  }
  /** Writes the field; no other byte changes. */
  set protocolLength(value: number) {
    this.bytes[this.at + ARP_PROTOCOL_LENGTH] = value
  }

  /** Operation: 1 request, 2 reply. */
  get operation(): number {
    return readU16(this.bytes, this.at + ARP_OPERATION_AT)
  }
  /** Writes the field; no other byte changes. */
  set operation(value: number) {
    writeU16(this.bytes, this.at + ARP_OPERATION_AT, value)
  }

  /** Hardware address of the sender. */
  get senderHardware(): MacKey {
    return readMac(this.bytes, this.at + ARP_SENDER_HARDWARE)
  }
  /** Writes the field; no other byte changes. */
  set senderHardware(mac: MacKey) {
    writeMac(this.bytes, this.at + ARP_SENDER_HARDWARE, mac)
  }

  /** Protocol address of the sender, as uint32. */
  get senderProtocol(): number {
    return readU32(this.bytes, this.at + ARP_SENDER_PROTOCOL)
  }
  /** Writes the field; no other byte changes. */
  set senderProtocol(address: number) {
    writeU32(this.bytes, this.at + ARP_SENDER_PROTOCOL, address)
  }

  /** Hardware address of the target; means nothing in a request. */
  get targetHardware(): MacKey {
    return readMac(this.bytes, this.at + ARP_TARGET_HARDWARE)
  }
  /** Writes the field; no other byte changes. */
  set targetHardware(mac: MacKey) {
    writeMac(this.bytes, this.at + ARP_TARGET_HARDWARE, mac)
  }

  /** Protocol address of the target, as uint32. */
  get targetProtocol(): number {
    return readU32(this.bytes, this.at + ARP_TARGET_PROTOCOL)
  }
  /** Writes the field; no other byte changes. */
  set targetProtocol(address: number) {
    writeU32(this.bytes, this.at + ARP_TARGET_PROTOCOL, address)
  }
}

/** What keeps {@link ArpView.checked} from giving a view; no allocation. */
export function arpFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < ARP_LENGTH) return 'truncated'
  if (readU16(bytes, at + ARP_HARDWARE_TYPE) !== HARDWARE_ETHERNET) return 'bad_type'
  if (readU16(bytes, at + ARP_PROTOCOL_TYPE) !== ETHERTYPE.IPV4) return 'bad_type'
  if (bytes[at + ARP_HARDWARE_LENGTH] !== 6 || bytes[at + ARP_PROTOCOL_LENGTH] !== 4) return 'bad_length'
  return undefined
}

/** The fields of an ARP packet for Ethernet and IPv4. */
export interface ArpFields {
  /** 1 request, 2 reply. */
  readonly operation: number
  /** Hardware address of the sender. */
  readonly senderHardware: MacKey
  /** Protocol address of the sender, as uint32. */
  readonly senderProtocol: number
  /** Hardware address of the target; 0 in a request. */
  readonly targetHardware: MacKey
  /** Protocol address of the target, as uint32. */
  readonly targetProtocol: number
}

/** Writes an ARP packet at `at`; returns where it ends. */
export function buildArp(bytes: Uint8Array, at: number, fields: ArpFields): number {
  writeU16(bytes, at + ARP_HARDWARE_TYPE, HARDWARE_ETHERNET)
  writeU16(bytes, at + ARP_PROTOCOL_TYPE, ETHERTYPE.IPV4)
  bytes[at + ARP_HARDWARE_LENGTH] = 6
  bytes[at + ARP_PROTOCOL_LENGTH] = 4
  writeU16(bytes, at + ARP_OPERATION_AT, fields.operation)
  writeMac(bytes, at + ARP_SENDER_HARDWARE, fields.senderHardware)
  writeU32(bytes, at + ARP_SENDER_PROTOCOL, fields.senderProtocol)
  writeMac(bytes, at + ARP_TARGET_HARDWARE, fields.targetHardware)
  writeU32(bytes, at + ARP_TARGET_PROTOCOL, fields.targetProtocol)
  return at + ARP_LENGTH
}
