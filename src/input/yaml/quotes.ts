import { APOSTROPHE, BACKSLASH, BLANK, NEWLINE, QUOTE, RETURN, TAB } from '../characters.ts'
import { utf8Text } from '../utf8-text.ts'
import type { Cursor } from './cursor.ts'
import { unescaped } from './plain-scalar.ts'

/** Index behind the quotes that begin at `start`; -1 when they do not close on the same line. */
export function behindQuotes(cursor: Cursor, start: number): number {
  const { bytes, end } = cursor
  const quote = bytes[start] as number
  for (let at = start + 1; at < end; at++) {
    const code = bytes[at] as number
    if (code === NEWLINE || code === RETURN) return -1
    if (code === quote) {
      // Two of them stand for one.
      if (quote === QUOTE || cursor.byte(at + 1) !== APOSTROPHE) return at + 1
      at++
    } else if (code === BACKSLASH && quote === QUOTE) at++
  }
  return -1
}

/** Writes what stands in the quotes that begin here; those of a value may close on a line further in than `parent`. */
export function quoted(cursor: Cursor, parent = -1): void {
  const start = cursor.at
  const after = behindQuotes(cursor, start)
  if (after < 0) severalLines(cursor, parent)
  else {
    cursor.at = after
    write(cursor, start, after)
  }
}

/** The text of quotes on one line; undefined when an escape is none. */
export function quotedText(cursor: Cursor, start: number, after: number): string | undefined {
  const inner = utf8Text(cursor.bytes.subarray(start + 1, after - 1))
  return cursor.bytes[start] === APOSTROPHE ? inner.replaceAll("''", "'") : unescaped(inner)
}

function write(cursor: Cursor, start: number, after: number): void {
  const { bytes, out } = cursor
  const odd = bytes[start] === APOSTROPHE ? APOSTROPHE : BACKSLASH
  let isPlain = true
  for (let at = start + 1; at < after - 1 && isPlain; at++) isPlain = bytes[at] !== odd
  if (isPlain) {
    out.character(QUOTE)
    out.escaped(bytes, start + 1, after - 1)
    out.character(QUOTE)
    return
  }
  const text = quotedText(cursor, start, after)
  if (text === undefined) cursor.other()
  else out.text(text)
}

/** Quotes on several lines: an end of line stands for a blank, n empty lines for n ends of lines. */
function severalLines(cursor: Cursor, parent: number): void {
  const { bytes, at: start } = cursor
  const quote = bytes[start] as number
  const lines: string[] = []
  const after = parent < 0 ? -1 : endOfLines(cursor, parent, lines)
  if (after < 0) {
    cursor.other()
    return
  }
  cursor.at = after
  const inner = foldedLines(lines, quote === QUOTE)
  const text = inner === undefined || quote === APOSTROPHE ? inner?.replaceAll("''", "'") : unescaped(inner)
  if (text === undefined) cursor.other()
  else cursor.out.text(text)
}

/** Index behind quotes whose lines are all further in than `parent`, and the lines; -1 where that is not so. */
function endOfLines(cursor: Cursor, parent: number, lines: string[]): number {
  const { bytes, end, at: start } = cursor
  const quote = bytes[start] as number
  let lineStart = start + 1
  for (let at = start + 1; at < end; at++) {
    const code = bytes[at] as number
    if (code === RETURN || code === TAB) return -1
    if (code === NEWLINE) {
      lines.push(utf8Text(bytes.subarray(lineStart, at)))
      let next = at + 1
      while (next < end && bytes[next] === BLANK) next++
      const isEmpty = cursor.byte(next) === NEWLINE
      if (!isEmpty && next - at - 1 <= parent) return -1
      lineStart = next
      at = next - 1
    } else if (code === quote) {
      if (quote === QUOTE || cursor.byte(at + 1) !== APOSTROPHE) {
        lines.push(utf8Text(bytes.subarray(lineStart, at)))
        return at + 1
      }
      at++
    } else if (code === BACKSLASH && quote === QUOTE && cursor.byte(at + 1) !== NEWLINE) at++
  }
  return -1
}

/** Lines of quotes, without the blanks they begin with, as one; undefined where blanks may or may not be escaped. */
function foldedLines(lines: readonly string[], hasEscapes: boolean): string | undefined {
  let text = ''
  let empty = -1
  let isJoined = true
  for (const [i, line] of lines.entries()) {
    const isLast = i === lines.length - 1
    const isEmpty = line.trim() === '' && i > 0 && !isLast
    if (isEmpty) {
      if (isJoined) return undefined // an escaped end of line before empty ones
      empty++
      continue
    }
    const cut = isLast ? line : line.replace(/ +$/, '')
    const slashes = hasEscapes ? (/\\*$/.exec(cut)?.[0].length ?? 0) : 0
    const isEscaped = !isLast && slashes % 2 === 1
    if (isEscaped && cut !== line) return undefined
    if (!isJoined) text += empty < 1 ? ' ' : '\n'.repeat(empty)
    text += isEscaped ? cut.slice(0, -1) : cut
    isJoined = isEscaped
    empty = 0
  }
  return text
}
