import { CLOSE_LIST, CLOSE_MAP, COLON, COMMA, HASH, NEWLINE, OPEN_LIST, OPEN_MAP, RETURN, TAB } from '../characters.ts'
import { ALL, type Kept } from '../kept.ts'
import { type Key, KeySet } from '../key-set.ts'
import type { Cursor } from './cursor.ts'
import { field } from './field.ts'
import { plainKey, quotedKey } from './keys.ts'
import { quoted } from './quotes.ts'
import { writeWord } from './words.ts'

/** A list or map in brackets, on one line. */
export function flow(cursor: Cursor, kept: Kept): void {
  const start = cursor.at
  if (!cursor.enter()) return
  cursor.at++
  if (cursor.bytes[start] === OPEN_LIST) flowList(cursor, kept.element ?? ALL)
  else flowMap(cursor, kept)
  cursor.leave()
  cursor.from = start
}

function flowList(cursor: Cursor, element: Kept): void {
  const { out } = cursor
  out.character(OPEN_LIST)
  for (let index = 0; !closes(cursor, CLOSE_LIST); index++) {
    const own = index
    if (index > 0) out.character(COMMA)
    cursor.inner(
      () => String(own),
      () => flowValue(cursor, element),
    )
    endValue(cursor, CLOSE_LIST)
  }
  out.character(CLOSE_LIST)
}

function flowMap(cursor: Cursor, kept: Kept): void {
  const { out } = cursor
  const keys = new KeySet()
  let isFirst = true
  out.character(OPEN_MAP)
  while (!closes(cursor, CLOSE_MAP)) {
    const key = flowKey(cursor)
    if (key === undefined || !keys.add(key)) {
      cursor.other()
      return
    }
    cursor.skipBlanks()
    const isText = cursor.isQuote(cursor.at)
    if (field(cursor, key, kept, isFirst, isText, (inner) => flowValue(cursor, inner))) isFirst = false
    endValue(cursor, CLOSE_MAP)
  }
  out.character(CLOSE_MAP)
}

/** Past the closing bracket, if it stands here; also true when nothing is left to read. */
function closes(cursor: Cursor, bracket: number): boolean {
  cursor.skipBlanks()
  if (cursor.isOther) return true
  if (cursor.byte(cursor.at) !== bracket) return false
  cursor.at++
  return true
}

/** Past the comma behind a value; what else stands there must be the bracket. */
function endValue(cursor: Cursor, bracket: number): void {
  cursor.skipBlanks()
  const code = cursor.byte(cursor.at)
  if (code === COMMA) cursor.at++
  else if (code !== bracket) cursor.other()
}

function flowKey(cursor: Cursor): Key | undefined {
  cursor.skipBlanks()
  const start = cursor.at
  const key = cursor.isQuote(start) ? quotedKey(cursor) : plainKey(cursor.bytes, start, flowWord(cursor))
  return cursor.passColon() ? key : undefined
}

function flowValue(cursor: Cursor, kept: Kept): void {
  cursor.skipBlanks()
  const start = cursor.at
  if (cursor.isBracket(start)) flow(cursor, kept)
  else if (cursor.isQuote(start)) quoted(cursor)
  else {
    const end = flowWord(cursor)
    if (!cursor.isOther) writeWord(cursor, start, end)
  }
  cursor.from = start
}

/** Index behind a word without quotes between brackets and commas; past it. */
function flowWord(cursor: Cursor): number {
  const start = cursor.at
  const end = cursor.isWord(start, isFlowMark(cursor, start + 1)) ? endOfFlowWord(cursor, start) : -1
  if (end < 0) {
    cursor.other()
    return start
  }
  cursor.at = end
  let last = end
  while (last > start && cursor.isGap(last - 1)) last--
  return last
}

/** Index of what ends such a word; -1 where that is for the full parser, as a colon before a bracket is, or a comment. */
function endOfFlowWord(cursor: Cursor, start: number): number {
  for (let at = start; at < cursor.end; at++) {
    const code = cursor.bytes[at] as number
    if (code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP) return at
    if (code === COLON && cursor.isGap(at + 1)) return at
    if (code === COLON && isFlowMark(cursor, at + 1)) return -1
    if (code === NEWLINE || code === TAB || code === RETURN || code === HASH || cursor.isBracket(at)) return -1
  }
  return cursor.end
}

function isFlowMark(cursor: Cursor, at: number): boolean {
  const code = cursor.byte(at)
  return code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP || cursor.isBracket(at)
}
