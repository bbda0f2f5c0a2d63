/** The alphabet for addresses of pages and names of files. @rfc 4648 §5 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Bytes as characters that may stand in the address of a page and in names, without padding. @rfc 4648 §5 */
export function base64Url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += ALPHABET[word >> 18]! + ALPHABET[(word >> 12) & 63]! + ALPHABET[(word >> 6) & 63]! + ALPHABET[word & 63]!
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3))
}

/** Bytes in the usual alphabet, padded, as WireGuard prints keys. @rfc 4648 §4 */
export function base64(bytes: Uint8Array): string {
  const text = base64Url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** The bytes again, of either alphabet, with padding or without; undefined for what is none. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
  const left = digits.length % 4
  if (left === 1) return undefined
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let word = 0
  let bits = 0
  let at = 0
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit)
    if (value < 0) return undefined
    word = ((word << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (word >> bits) & 0xff
  }
  return bytes
}
