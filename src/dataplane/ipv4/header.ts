import { checksum, writeU16 } from '../../wire/index.ts'

/** Computes the header checksum anew (`ip_send_check`). */
export function ipSendCheck(bytes: Uint8Array, at: number): void {
  writeU16(bytes, at + 10, 0)
  writeU16(bytes, at + 10, checksum(bytes, at, at + ((bytes[at]! & 0xf) << 2)))
}
