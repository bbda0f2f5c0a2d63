import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import { checksum } from './checksum.ts'
import type { HeaderFault } from './header-fault.ts'
import { type TcpOption, tcpOptionsLength, writeTcpOptions } from './tcp-options.ts'

/** Bytes of a TCP header without options. */
export const TCP_HEADER_LENGTH = 20

/** Control bits of TCP. @rfc 9293 §3.1, @rfc 3168 §6.1 */
export const TCP_FLAG = {
  /** No more data from the sender. */
  FIN: 0x01,
  /** Synchronize sequence numbers. */
  SYN: 0x02,
  /** Reset the connection. */
  RST: 0x04,
  /** Push. */
  PSH: 0x08,
  /** The acknowledgment field is significant. */
  ACK: 0x10,
  /** The urgent pointer is significant. */
  URG: 0x20,
  /** ECN echo. */
  ECE: 0x40,
  /** Congestion window reduced. */
  CWR: 0x80,
} as const

/** The letters tcpdump prints for control bits, in its order. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [TCP_FLAG.FIN, 'F'],
  [TCP_FLAG.SYN, 'S'],
  [TCP_FLAG.RST, 'R'],
  [TCP_FLAG.PSH, 'P'],
  [TCP_FLAG.ACK, '.'],
  [TCP_FLAG.URG, 'U'],
  [TCP_FLAG.ECE, 'E'],
  [TCP_FLAG.CWR, 'W'],
]

/** Control bits as tcpdump's letters, e.g. `S.` for SYN and ACK; `none` for none. */
export function tcpFlagLetters(flags: number): string {
  const letters = FLAG_LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter)
  return letters.join('') || 'none'
}

/** Offset of the source port. */
export const TCP_SOURCE_PORT = 0
/** Offset of the destination port. */
export const TCP_DESTINATION_PORT = 2
/** Offset of the sequence number. */
export const TCP_SEQUENCE = 4
/** Offset of the acknowledgment number. */
export const TCP_ACKNOWLEDGMENT = 8
/** Offset of the byte whose upper half counts the words of the header. */
export const TCP_DATA_OFFSET = 12
/** Offset of the control bits, see {@link TCP_FLAG}. */
export const TCP_FLAGS = 13
/** Offset of the window. */
export const TCP_WINDOW = 14
/** Offset of the checksum. */
export const TCP_CHECKSUM = 16
/** Offset of the urgent pointer. */
export const TCP_URGENT_POINTER = 18

/** A TCP header inside a buffer. @rfc 9293 §3.1 */
export class TcpView {
  /** The buffer the header lies in. */
  bytes: Uint8Array
  /** Where the header starts. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** A view when the header with its options fits before `end`; the checksum needs {@link TcpView.checksumHolds}. */
  static checked(bytes: Uint8Array, at = 0, end: number = bytes.length): TcpView | HeaderFault {
    return tcpFault(bytes, at, end) ?? new TcpView(bytes, at)
  }

  /** Moves the view to another header. */
  on(bytes: Uint8Array, at: number): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  /** Source port. */
  get sourcePort(): number {
    return readU16(this.bytes, this.at + TCP_SOURCE_PORT)
  }
  /** Writes the field; no other byte changes. */
  set sourcePort(value: number) {
    writeU16(this.bytes, this.at + TCP_SOURCE_PORT, value)
  }

  /** Destination port. */
  get destinationPort(): number {
    return readU16(this.bytes, this.at + TCP_DESTINATION_PORT)
  }
  /** Writes the field; no other byte changes. */
  set destinationPort(value: number) {
    writeU16(this.bytes, this.at + TCP_DESTINATION_PORT, value)
  }

  /** Sequence number of the first data byte, or of the SYN; uint32. */
  get sequence(): number {
    return readU32(this.bytes, this.at + TCP_SEQUENCE)
  }
  /** Writes the field; no other byte changes. */
  set sequence(value: number) {
    writeU32(this.bytes, this.at + TCP_SEQUENCE, value)
  }

  /** The next sequence number the sender expects; uint32, significant with ACK. */
  get acknowledgment(): number {
    return readU32(this.bytes, this.at + TCP_ACKNOWLEDGMENT)
  }
  /** Writes the field; no other byte changes. */
  set acknowledgment(value: number) {
    writeU32(this.bytes, this.at + TCP_ACKNOWLEDGMENT, value)
  }

  /** Length of the header with its options, in bytes (the data offset field counts words). */
  get headerLength(): number {
    return (this.bytes[this.at + TCP_DATA_OFFSET]! >>> 4) << 2
  }
  /** Writes the field; no other byte changes. */
  set headerLength(length: number) {
    this.bytes[this.at + TCP_DATA_OFFSET] = (length >>> 2) << 4
  }

  /** The eight control bits, see `TCP_FLAG`. */
  get flags(): number {
    return this.bytes[this.at + TCP_FLAGS]!
  }
  /** Writes the field; no other byte changes. */
  set flags(value: number) {
    this.bytes[this.at + TCP_FLAGS] = value
  }

  /** Window, in bytes before scaling. */
  get window(): number {
    return readU16(this.bytes, this.at + TCP_WINDOW)
  }
  /** Writes the field; no other byte changes. */
  set window(value: number) {
    writeU16(this.bytes, this.at + TCP_WINDOW, value)
  }

  /** Checksum as stored. */
  get checksum(): number {
    return readU16(this.bytes, this.at + TCP_CHECKSUM)
  }
  /** Writes the field; no other byte changes. */
  set checksum(value: number) {
    writeU16(this.bytes, this.at + TCP_CHECKSUM, value)
  }

  /** Urgent pointer, significant with URG. */
  get urgentPointer(): number {
    return readU16(this.bytes, this.at + TCP_URGENT_POINTER)
  }
  /** Writes the field; no other byte changes. */
  set urgentPointer(value: number) {
    writeU16(this.bytes, this.at + TCP_URGENT_POINTER, value)
  }

  /** Where the options start, in the buffer; they end at {@link TcpView.payloadAt}. */
  get optionsAt(): number {
    return this.at + TCP_HEADER_LENGTH
  }

  /** Where the data starts, in the buffer. */
  get payloadAt(): number {
    return this.at + this.headerLength
  }

  /**
   * Whether the stored checksum is right.
   * @param end - where the segment ends in the buffer
   * @param pseudo - the partial sum of the pseudo header
   */
  checksumHolds(end: number, pseudo: number): boolean {
    return checksum(this.bytes, this.at, end, pseudo) === 0
  }

  /** Computes and stores the checksum of the segment that ends at `end`. */
  writeChecksum(end: number, pseudo: number): void {
    this.checksum = 0
    this.checksum = checksum(this.bytes, this.at, end, pseudo)
  }
}

/** What keeps {@link TcpView.checked} from giving a view; no allocation. */
export function tcpFault(bytes: Uint8Array, at: number, end: number): HeaderFault | undefined {
  if (end - at < TCP_HEADER_LENGTH) return 'truncated'
  const length = (bytes[at + TCP_DATA_OFFSET]! >>> 4) << 2
  if (length < TCP_HEADER_LENGTH) return 'bad_header_length'
  return length > end - at ? 'truncated' : undefined
}

/** The fields of a TCP header; what is left out is zero. */
export interface TcpFields {
  /** Source port. */
  readonly sourcePort: number
  /** Destination port. */
  readonly destinationPort: number
  /** Sequence number, uint32. */
  readonly sequence: number
  /** Acknowledgment number, uint32. */
  readonly acknowledgment?: number
  /** Control bits, see `TCP_FLAG`. */
  readonly flags: number
  /** Window, in bytes before scaling. */
  readonly window: number
  /** Urgent pointer. */
  readonly urgentPointer?: number
  /** Options in the order they are written; padded with zeros to a multiple of four bytes. */
  readonly options?: readonly TcpOption[]
  /** Partial sum of the pseudo header. */
  readonly pseudo: number
}

/** Bytes of the header that {@link buildTcp} writes for these options. */
export function tcpHeaderLength(options: readonly TcpOption[] | undefined): number {
  return TCP_HEADER_LENGTH + (options === undefined ? 0 : (tcpOptionsLength(options) + 3) & ~3)
}

/**
 * Writes a TCP header at `at`, its checksum over the data that already lies behind it up to `end`.
 * @returns where the data starts
 */
export function buildTcp(bytes: Uint8Array, at: number, end: number, fields: TcpFields): number {
  const headerLength = tcpHeaderLength(fields.options)
  writeU16(bytes, at + TCP_SOURCE_PORT, fields.sourcePort)
  writeU16(bytes, at + TCP_DESTINATION_PORT, fields.destinationPort)
  writeU32(bytes, at + TCP_SEQUENCE, fields.sequence)
  writeU32(bytes, at + TCP_ACKNOWLEDGMENT, fields.acknowledgment ?? 0)
  bytes[at + TCP_DATA_OFFSET] = (headerLength >>> 2) << 4
  bytes[at + TCP_FLAGS] = fields.flags
  writeU16(bytes, at + TCP_WINDOW, fields.window)
  writeU16(bytes, at + TCP_CHECKSUM, 0)
  writeU16(bytes, at + TCP_URGENT_POINTER, fields.urgentPointer ?? 0)
  if (fields.options !== undefined) {
    bytes.fill(0, at + TCP_HEADER_LENGTH, at + headerLength)
    writeTcpOptions(bytes, at + TCP_HEADER_LENGTH, fields.options)
  }
  writeU16(bytes, at + TCP_CHECKSUM, checksum(bytes, at, end, fields.pseudo))
  return at + headerLength
}
