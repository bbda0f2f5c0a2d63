import { BACKSLASH, BLANK, COLON, HASH, NEWLINE, QUOTE, RETURN, TAB } from '../characters.ts'
import { utf8Text } from '../utf8-text.ts'
import type { Cursor } from './cursor.ts'
import { mayMean, plainScalar } from './plain-scalar.ts'

/** Bytes of a word that are not simply part of it, or not of a string of JSON. */
const SPECIAL: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= BLANK || byte === COLON || byte === HASH || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
)

/** Writes bytes of text as a string. */
function writeText(cursor: Cursor, start: number, end: number): void {
  const { out } = cursor
  out.character(QUOTE)
  out.escaped(cursor.bytes, start, end)
  out.character(QUOTE)
}

/** Writes what a word without quotes means. */
export function writeWord(cursor: Cursor, start: number, end: number): void {
  const { out, bytes } = cursor
  if (out.isMuted) return
  const value = mayMean(bytes[start] as number) ? plainScalar(utf8Text(bytes.subarray(start, end))) : ''
  if (typeof value === 'string') writeText(cursor, start, end)
  else if (typeof value !== 'number') out.ascii(String(value))
  else if (Number.isFinite(value)) out.ascii(Object.is(value, -0) ? '-0' : String(value))
  else cursor.other() // JSON has no such numbers
}

/** A word without quotes, to the end of its line or a comment; it may go on on lines that are further in than `parent`. */
export function plain(cursor: Cursor, parent: number): void {
  const start = cursor.at
  if (!cursor.isWord(start)) {
    cursor.other()
    return
  }
  const end = endOfPlain(cursor, start)
  if (cursor.isOther) return
  const isWhole = parent < 0 || cursor.byte(cursor.at) !== NEWLINE || !goesOn(cursor, parent)
  if (isWhole) {
    cursor.at = end
    writeWord(cursor, start, end)
  } else severalLines(cursor, parent, start, end)
}

/** Index behind the last character of a word on its line; the cursor is at the end of the line then, or at its comment. */
function endOfPlain(cursor: Cursor, start: number): number {
  const { bytes, end } = cursor
  let last = start - 1
  let at = start
  for (; at < end; at++) {
    const code = bytes[at] as number
    if (SPECIAL[code] === 0) {
      last = at
      continue
    }
    if (code === NEWLINE || (code === HASH && at > last + 1)) break
    if (code === TAB || code === RETURN || (code === COLON && cursor.isGap(at + 1))) {
      cursor.other()
      return start
    }
    if (code !== BLANK) last = at
  }
  cursor.at = at
  return last + 1
}

/** Whether a line with more of a word follows the one that ends here. */
function goesOn(cursor: Cursor, parent: number): boolean {
  const { bytes, end } = cursor
  let lineStart = cursor.at + 1
  for (let at = lineStart; at < end; at++) {
    const code = bytes[at] as number
    if (code === NEWLINE) lineStart = at + 1
    else if (code !== BLANK) return at - lineStart > parent && code !== HASH && code !== TAB && code !== RETURN
  }
  return false
}

/** A word on several lines: an end of line stands for a blank, n empty lines for n ends of lines. */
function severalLines(cursor: Cursor, parent: number, start: number, firstEnd: number): void {
  let text = utf8Text(cursor.bytes.subarray(start, firstEnd))
  let end = firstEnd
  do {
    let empty = -1
    while (cursor.byte(cursor.at) === NEWLINE && cursor.at < cursor.end) {
      cursor.at++
      cursor.skipBlanks()
      empty++
    }
    const from = cursor.at
    end = endOfPlain(cursor, from)
    if (cursor.isOther) return
    text += (empty === 0 ? ' ' : '\n'.repeat(empty)) + utf8Text(cursor.bytes.subarray(from, end))
  } while (cursor.byte(cursor.at) === NEWLINE && goesOn(cursor, parent))
  cursor.at = end
  cursor.out.text(text)
}
