import { CLOSE_LIST, CLOSE_MAP, COLON, COMMA, HASH, NEWLINE, OPEN_LIST, RETURN, TAB } from '../characters.ts'
import type { Cursor } from './cursor.ts'
import { isOddKey } from './keys.ts'
import { plainScalar } from './plain-scalar.ts'

/** A list or map in brackets, on one line. */
export function flow(cursor: Cursor): unknown {
  const start = cursor.at
  const value = cursor.char(start) === OPEN_LIST ? flowList(cursor) : flowMap(cursor)
  cursor.from = start
  return value
}

function flowList(cursor: Cursor): unknown {
  const list: unknown[] = []
  cursor.at++
  cursor.deeper(() => {
    while (!closes(cursor, CLOSE_LIST)) {
      const value = flowValue(cursor)
      cursor.told?.(list, list.length, cursor.from)
      list.push(value)
      endValue(cursor, CLOSE_LIST)
    }
  })
  return list
}

function flowMap(cursor: Cursor): unknown {
  const map: Record<string, unknown> = {}
  cursor.at++
  cursor.deeper(() => {
    while (!closes(cursor, CLOSE_MAP)) {
      const key = flowKey(cursor)
      if (key === undefined || isOddKey(map, key)) {
        cursor.other()
        return
      }
      map[key] = flowValue(cursor)
      cursor.told?.(map, key, cursor.from)
      endValue(cursor, CLOSE_MAP)
    }
  })
  return map
}

/** Past the closing bracket, if it stands here; also true when nothing is left to read. */
function closes(cursor: Cursor, bracket: number): boolean {
  cursor.skipBlanks()
  if (cursor.isOther) return true
  if (cursor.char(cursor.at) !== bracket) return false
  cursor.at++
  return true
}

/** Past the comma behind a value; what else stands there must be the bracket. */
function endValue(cursor: Cursor, bracket: number): void {
  cursor.skipBlanks()
  const char = cursor.char(cursor.at)
  if (char === COMMA) cursor.at++
  else if (char !== bracket) cursor.other()
}

function flowKey(cursor: Cursor): string | undefined {
  cursor.skipBlanks()
  const key = cursor.isQuote(cursor.at) ? cursor.quoted() : flowWord(cursor)
  return cursor.passColon() ? key : undefined
}

function flowValue(cursor: Cursor): unknown {
  cursor.skipBlanks()
  const start = cursor.at
  let value: unknown
  if (cursor.isBracket(start)) value = flow(cursor)
  else if (cursor.isQuote(start)) value = cursor.quoted()
  else {
    const word = flowWord(cursor)
    value = word === undefined ? undefined : plainScalar(word)
  }
  cursor.from = start
  return value
}

/** A word without quotes between brackets and commas. */
function flowWord(cursor: Cursor): string | undefined {
  const start = cursor.at
  if (!cursor.isWord(start, isFlowMark(cursor, start + 1))) return cursor.other()
  let at = start
  for (; at < cursor.end; at++) {
    const char = cursor.text.charCodeAt(at)
    if (char === COMMA || char === CLOSE_LIST || char === CLOSE_MAP) break
    if (char === COLON && cursor.isGap(at + 1)) break
    // A colon before a bracket, a comment and the like are for the full parser.
    if (char === COLON && isFlowMark(cursor, at + 1)) return cursor.other()
    if (char === NEWLINE || char === TAB || char === RETURN || char === HASH) return cursor.other()
    if (cursor.isBracket(at)) return cursor.other()
  }
  cursor.at = at
  return cursor.text.slice(start, at).trimEnd()
}

function isFlowMark(cursor: Cursor, at: number): boolean {
  const char = cursor.char(at)
  return char === COMMA || char === CLOSE_LIST || char === CLOSE_MAP || cursor.isBracket(at)
}
