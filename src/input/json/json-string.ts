import { BACKSLASH, BLANK, QUOTE } from '../characters.ts'

const LETTER_U = 117
/** What may stand behind a backslash. @rfc 8259 §7 */
const ESCAPES: ReadonlySet<number> = new Set(Array.from('"\\/bfnrtu', (char) => char.charCodeAt(0)))
/** Digits of the number of a character. */
const DIGITS = 4
const HEX: ReadonlySet<number> = new Set(Array.from('0123456789abcdefABCDEF', (char) => char.charCodeAt(0)))

/** Bytes of a string that are not simply part of it: its end, escapes, what may not be there, parts of characters of several. */
export const SPECIAL: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < BLANK || byte === QUOTE || byte === BACKSLASH || byte >= 0x80 ? 1 : 0,
)

/** Index of the last byte of the escape that begins at a backslash; the end of all where it is none. */
export function endOfEscape(bytes: Uint8Array, backslash: number): number {
  const mark = backslash + 1
  const code = bytes[mark]
  if (code === undefined || !ESCAPES.has(code)) return bytes.length
  if (code !== LETTER_U) return mark
  for (let at = mark + 1; at <= mark + DIGITS; at++) if (!HEX.has(bytes[at] ?? 0)) return bytes.length
  return mark + DIGITS
}
