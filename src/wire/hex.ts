/** `value` as lower-case hex digits, padded with zeros to `width` digits. */
export function hexNumber(value: number, width = 0): string {
  return value.toString(16).padStart(width, '0')
}

/** Bytes from which pieces are joined: a text that grows piece by piece is a chain of them, kept until somebody reads it. */
const LONG = 256

/** Bytes as lower-case hex digits, `separator` between bytes. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  if (bytes.length >= LONG) return Array.from(bytes, hexPair).join(separator)
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += i > 0 ? separator + hexPair(bytes[i]!) : hexPair(bytes[i]!)
  return text
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => hexNumber(byte, 2))

/** A byte as two lower-case hex digits. */
export function hexPair(byte: number): string {
  return PAIRS[byte]!
}

/** Hex digits as bytes; spaces, line breaks and colons between bytes are skipped. Undefined when anything else is found. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]/g, '')
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = hexDigit(digits.charCodeAt(2 * i)) * 16 + hexDigit(digits.charCodeAt(2 * i + 1))
  return bytes
}

/** The value of a character that is a hex digit; -1 for any other. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/**
 * Bytes as the lines `tcpdump -X` prints: a tab, the offset, eight groups of two bytes, and the printable characters.
 * @param bytes - what to print; offsets count from its start
 * @param withText - false leaves the characters out, as `tcpdump -x` does
 */
export function hexDump(bytes: Uint8Array, withText = true): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    let groups = ''
    let characters = ''
    for (let i = at; i < Math.min(at + 16, bytes.length); i++) {
      const byte = bytes[i]!
      groups += (i % 2 === 0 ? ' ' : '') + hexNumber(byte, 2)
      characters += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
    }
    lines.push(`\t0x${hexNumber(at, 4)}: ${withText ? `${groups.padEnd(40)}  ${characters}` : groups}`)
  }
  return lines.join('\n')
}
