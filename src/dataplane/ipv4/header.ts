import { checksum, IPV4_CHECKSUM, writeU16 } from '../../wire/index.ts'

/** Computes the header checksum anew (`ip_send_check`). */
export function ipSendCheck(bytes: Uint8Array, at: number): void {
  writeU16(bytes, at + IPV4_CHECKSUM, 0)
  writeU16(bytes, at + IPV4_CHECKSUM, checksum(bytes, at, at + ((bytes[at]! & 0xf) << 2)))
}
