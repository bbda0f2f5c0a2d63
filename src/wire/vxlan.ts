import { readU24, writeU24 } from './bytes.ts'
import type { HeaderFault } from './header-fault.ts'

/** Bytes of a VXLAN header. */
export const VXLAN_HEADER_LENGTH = 8

/** The UDP port IANA gave to VXLAN. @rfc 7348 §5 */
export const VXLAN_PORT = 4789

/** The I flag: the VNI is valid. @rfc 7348 §5 */
export const VXLAN_FLAG_VNI = 0x08

const FLAGS = 0
/** Offset of the reserved bits behind the flags, three bytes. */
export const VXLAN_RESERVED = 1
/** Offset of the VXLAN_VNI, three bytes. */
export const VXLAN_VNI = 4
/** Offset of the reserved byte behind the VNI. */
export const VXLAN_RESERVED_LAST = 7

/** A VXLAN header inside a buffer; an Ethernet frame follows. @rfc 7348 §5 */
export class VxlanView {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header fits and its I flag is set. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): VxlanView | HeaderFault {
    if (end - at < VXLAN_HEADER_LENGTH) return 'truncated'
    return (bytes[at + FLAGS]! & VXLAN_FLAG_VNI) === 0 ? 'bad_type' : new VxlanView(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Flags; 0x08 says the VNI is valid. */
  get flags(): number {
    return this.bytes[this.at + FLAGS]!
  }
  /** Writes the field; no other byte changes. */
  set flags(value: number) {
    this.bytes[this.at + FLAGS] = value
  }

  /** VXLAN network identifier, 24 bits. */
  get vni(): number {
    return readU24(this.bytes, this.at + VXLAN_VNI)
  }
  /** Writes the field; no other byte changes. */
  set vni(value: number) {
    writeU24(this.bytes, this.at + VXLAN_VNI, value)
  }

  /** Where the inner Ethernet frame starts, in the buffer. */
  get payloadAt(): number {
    return this.at + VXLAN_HEADER_LENGTH
  }
}

/** Writes a VXLAN header with the I flag and zeros in all reserved bits; returns where the inner frame starts. */
export function buildVxlan(bytes: Uint8Array, at: number, vni: number): number {
  bytes.fill(0, at, at + VXLAN_HEADER_LENGTH)
  bytes[at + FLAGS] = VXLAN_FLAG_VNI
  writeU24(bytes, at + VXLAN_VNI, vni)
  return at + VXLAN_HEADER_LENGTH
}
