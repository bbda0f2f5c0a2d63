import { writeU16, writeU32 } from './bytes.ts'

/** Bytes of an SCTP header with one chunk: INIT, or DATA with four bytes. */
export const SCTP_PACKET_LENGTH = 32

const DESTINATION_PORT = 2
const VERIFICATION_TAG = 4
const CHECKSUM = 8
/** The first chunk. @rfc 9260 §3.2 */
const CHUNK_TYPE = 12
const CHUNK_FLAGS = 13
const CHUNK_LENGTH = 14
/** Of INIT the initiate tag, of DATA the transmission sequence number. @rfc 9260 §3.3.1, §3.3.2 */
const FIRST_WORD = 16
const RECEIVER_WINDOW = 20
const OUTBOUND_STREAMS = 24
const INBOUND_STREAMS = 26

const INIT = 1
const DATA = 0
/** A chunk that is the whole of its message: begin and end. */
const WHOLE = 3
const CHUNK_BYTES = SCTP_PACKET_LENGTH - CHUNK_TYPE

/** What an SCTP packet says. */
export interface SctpFields {
  /** Source port. */
  readonly sourcePort: number
  /** Destination port. */
  readonly destinationPort: number
  /** INIT begins an association; DATA is in the middle of one. */
  readonly chunk: 'INIT' | 'DATA'
}

/** Writes {@link SCTP_PACKET_LENGTH} bytes of SCTP at the start of a buffer. @rfc 9260 */
export function buildSctp(bytes: Uint8Array, { sourcePort, destinationPort, chunk }: SctpFields): void {
  const isInit = chunk === 'INIT'
  writeU16(bytes, 0, sourcePort)
  writeU16(bytes, DESTINATION_PORT, destinationPort)
  writeU32(bytes, VERIFICATION_TAG, isInit ? 0 : 1)
  bytes[CHUNK_TYPE] = isInit ? INIT : DATA
  bytes[CHUNK_FLAGS] = isInit ? 0 : WHOLE
  writeU16(bytes, CHUNK_LENGTH, CHUNK_BYTES)
  writeU32(bytes, FIRST_WORD, 1)
  if (isInit) {
    writeU32(bytes, RECEIVER_WINDOW, 0xffff)
    writeU16(bytes, OUTBOUND_STREAMS, 1)
    writeU16(bytes, INBOUND_STREAMS, 1)
  }
  writeU32(bytes, CHECKSUM, 0)
  const sum = crc32c(bytes)
  for (let i = 0; i < 4; i++) bytes[CHECKSUM + i] = (sum >>> (8 * i)) & 0xff
}

/** CRC-32C. @rfc 9260 appendix A */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1
  }
  return ~crc >>> 0
}
