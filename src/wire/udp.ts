import { readU16, writeU16 } from './bytes.ts'
import { checksum } from './checksum.ts'
import type { HeaderFault } from './header-fault.ts'

/** Bytes of a UDP header. */
export const UDP_HEADER_LENGTH = 8

/** Offset of the source port. */
export const UDP_SOURCE_PORT = 0
/** Offset of the destination port. */
export const UDP_DESTINATION_PORT = 2
/** Offset of the length. */
export const UDP_LENGTH = 4
/** Offset of the checksum. */
export const UDP_CHECKSUM = 6

/** A UDP header inside a buffer. @rfc 768 */
export class UdpView {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when header and stated length fit before `end`; the checksum needs {@link UdpView.checksumHolds}. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): UdpView | HeaderFault {
    return udpFault(bytes, at, end) ?? new UdpView(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Source port. */
  get sourcePort(): number {
    return readU16(this.bytes, this.at + UDP_SOURCE_PORT)
  }
  /** Writes the field; no other byte changes. */
  set sourcePort(value: number) {
    writeU16(this.bytes, this.at + UDP_SOURCE_PORT, value)
  }

  /** Destination port. */
  get destinationPort(): number {
    return readU16(this.bytes, this.at + UDP_DESTINATION_PORT)
  }
  /** Writes the field; no other byte changes. */
  set destinationPort(value: number) {
    writeU16(this.bytes, this.at + UDP_DESTINATION_PORT, value)
  }

  /** Length of header and data, in bytes. */
  get length(): number {
    return readU16(this.bytes, this.at + UDP_LENGTH)
  }
  /** Writes the field; no other byte changes. */
  set length(value: number) {
    writeU16(this.bytes, this.at + UDP_LENGTH, value)
  }

  /** Checksum as stored; 0 over IPv4 means none was made. */
  get checksum(): number {
    return readU16(this.bytes, this.at + UDP_CHECKSUM)
  }
  /** Writes the field; no other byte changes. */
  set checksum(value: number) {
    writeU16(this.bytes, this.at + UDP_CHECKSUM, value)
  }

  /** Where the data starts, in the buffer. */
  get payloadAt(): number {
    return this.at + UDP_HEADER_LENGTH
  }

  /** Length of the data by the header's own word, in bytes. */
  get payloadLength(): number {
    return this.length - UDP_HEADER_LENGTH
  }

  /**
   * Whether the stored checksum is right, or absent.
   * @param pseudo - the partial sum of the pseudo header
   */
  checksumHolds(pseudo: number): boolean {
    return this.checksum === 0 || checksum(this.bytes, this.at, this.at + this.length, pseudo) === 0
  }

  /** Computes and stores the checksum; a sum of zero is stored as 0xffff. */
  writeChecksum(pseudo: number): void {
    this.checksum = 0
    this.checksum = checksum(this.bytes, this.at, this.at + this.length, pseudo) || 0xffff
  }
}

/** What keeps {@link UdpView.checked} from giving a view; no allocation. */
export function udpFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < UDP_HEADER_LENGTH) return 'truncated'
  const length = readU16(bytes, at + UDP_LENGTH)
  if (length < UDP_HEADER_LENGTH) return 'bad_length'
  return length > end - at ? 'truncated' : undefined
}

/** The fields of a UDP header. */
export interface UdpFields {
  /** Source port. */
  readonly sourcePort: number
  /** Destination port. */
  readonly destinationPort: number
  /** Header and data, in bytes. */
  readonly length: number
  /** Partial sum of the pseudo header; when left out the checksum is 0, "none", which only IPv4 allows. */
  readonly pseudo?: number
}

/**
 * Writes a UDP header at `at`, its checksum over the data that already lies behind it.
 * @returns where the data starts
 */
export function buildUdp(bytes: Uint8Array, at: number, fields: UdpFields): number {
  writeU16(bytes, at + UDP_SOURCE_PORT, fields.sourcePort)
  writeU16(bytes, at + UDP_DESTINATION_PORT, fields.destinationPort)
  writeU16(bytes, at + UDP_LENGTH, fields.length)
  writeU16(bytes, at + UDP_CHECKSUM, 0)
  if (fields.pseudo !== undefined) {
    writeU16(bytes, at + UDP_CHECKSUM, checksum(bytes, at, at + fields.length, fields.pseudo) || 0xffff)
  }
  return at + UDP_HEADER_LENGTH
}
