import { BLANK, CLOSE_LIST, CLOSE_MAP, COMMA, DASH, DOT, PLUS } from '../characters.ts'

const ZERO = 48
const NINE = 57
const LOWER_E = 101
const UPPER_E = 69
const WORDS = ['true', 'false', 'null']

/** Index behind a word that begins at `start`: up to a blank, comma or closing bracket. */
export function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start
  for (; at < bytes.length; at++) {
    const code = bytes[at] as number
    if (code <= BLANK || code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP) break
  }
  return at
}

/** Whether a word is a number, `true`, `false` or `null`. @rfc 8259 §3, §6 */
export function isJsonWord(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] as number
  return start < end && (isDigit(first) || first === DASH) ? isNumber(bytes, start, end) : isWord(bytes, start, end)
}

function isWord(bytes: Uint8Array, start: number, end: number): boolean {
  return WORDS.some((word) => {
    if (word.length !== end - start) return false
    for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false
    return true
  })
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

/** Index behind the digits that begin at `start`. */
function endOfDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isDigit(bytes[at] as number)) at++
  return at
}

function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const whole = bytes[start] === DASH ? start + 1 : start
  let at = endOfDigits(bytes, whole, end)
  if (at === whole || (bytes[whole] === ZERO && at > whole + 1)) return false
  if (at < end && bytes[at] === DOT) {
    const fraction = at + 1
    at = endOfDigits(bytes, fraction, end)
    if (at === fraction) return false
  }
  if (at < end && (bytes[at] === LOWER_E || bytes[at] === UPPER_E)) {
    const behind = at + 1
    const exponent = bytes[behind] === PLUS || bytes[behind] === DASH ? behind + 1 : behind
    at = endOfDigits(bytes, exponent, end)
    if (at === exponent) return false
  }
  return at === end
}
