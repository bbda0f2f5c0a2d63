import { keptIn } from '../../model/index.ts'
import { BAR, BLANK, COLON, DASH, DOT, GREATER, HASH, NEWLINE, PERCENT, RETURN, TAB } from '../characters.ts'
import { blockScalar } from './block-scalar.ts'
import { Cursor, lineAfter, type Told } from './cursor.ts'
import { flow } from './flow.ts'
import { isOddKey } from './keys.ts'
import { plainScalar } from './plain-scalar.ts'

/** A document of a text. */
export interface BlockDocument {
  /** Its value. */
  readonly value: unknown
  /** Where its lines begin. */
  readonly start: number
  /** Where its lines end. */
  readonly end: number
}

/**
 * Reads YAML as people and kubectl write it: maps and lists by indentation, scalars of one line, texts behind `|` and `>`, flow
 * form on one line, comments. Undefined for all else that YAML has (anchors, tags, words over several lines, tabs, errors …): that
 * is for the full parser, which gives the same for what is read here.
 */
export function readBlockYaml(text: string): readonly BlockDocument[] | undefined {
  const documents: BlockDocument[] = []
  const parts = documentsOf(text)
  if (parts === undefined) return undefined
  for (const part of parts) {
    const cursor = new Cursor(text, part.start, part.end)
    const value = new BlockReader(cursor).document()
    if (cursor.isOther) return undefined
    documents.push({ value, ...part })
  }
  return documents
}

/** Where each value begins in a document that was read before: by path, or of the nearest parent. */
export function blockPlaces(
  text: string,
  { start, end }: BlockDocument,
): (path: readonly (string | number)[]) => number {
  const inside = new Map<unknown, Map<string, number>>()
  const told: Told = (container, key, at) => {
    keptIn(inside, container, () => new Map<string, number>()).set(String(key), at)
  }
  const cursor = new Cursor(text, start, end, told)
  const root = new BlockReader(cursor).document()
  const { from } = cursor
  return (path) => {
    let value = root
    let place = from
    for (const step of path) {
      const next = inside.get(value)?.get(String(step))
      if (next === undefined) break
      place = next
      value = (value as Record<string | number, unknown>)[step]
    }
    return place
  }
}

/** The lines between the marks `---`; undefined where something else of a stream stands. */
function documentsOf(text: string): { readonly start: number; readonly end: number }[] | undefined {
  const parts: { start: number; end: number }[] = []
  let start = 0
  for (let at = 0; at < text.length; at = lineAfter(text, at)) {
    const first = text.charCodeAt(at)
    if (first === PERCENT || (first === DOT && text.startsWith('...', at))) return undefined
    if (first !== DASH || !text.startsWith('---', at)) continue
    const next = lineAfter(text, at)
    if (!/^---(\s*| +#.*\n?)$/.test(text.slice(at, next))) return undefined
    parts.push({ start, end: at })
    start = next
  }
  parts.push({ start, end: text.length })
  return parts
}

/** Characters of a key. */
const LONGEST_KEY = 1000

/** Reads one document by its indentation. */
class BlockReader {
  private readonly cursor: Cursor
  /** Column of the content at the cursor, which is the first of its line or of a list's item; -1 at the end. */
  private column = -1

  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  /** The value; null of an empty document. */
  document(): unknown {
    this.nextContent()
    if (this.column < 0) return null
    const value = this.block(-1)
    if (this.column >= 0) this.other()
    return value
  }

  private other(): undefined {
    this.column = -1
    return this.cursor.other()
  }

  /** From the beginning of a line to the next content, past empty lines and comments. */
  private nextContent(): void {
    const { cursor } = this
    this.column = -1
    while (cursor.at < cursor.end) {
      const start = cursor.at
      cursor.skipBlanks()
      const char = cursor.char(cursor.at)
      if (char !== NEWLINE && char !== HASH) {
        if (char === TAB || char === RETURN) this.other()
        else this.column = cursor.at - start
        return
      }
      cursor.nextLine()
    }
  }

  /** To the next content, where nothing but a comment stands on the line any more. */
  private endLine(): void {
    if (!this.cursor.isLineOver()) {
      this.other()
      return
    }
    this.cursor.nextLine()
    this.nextContent()
  }

  /** The value whose first line is here, in one that is indented by `parent`. */
  private block(parent: number): unknown {
    if (this.isItem()) return this.sequence(this.column)
    return this.isKey() ? this.mapping(this.column) : this.scalar(parent)
  }

  private isItem(): boolean {
    const { cursor } = this
    return cursor.char(cursor.at) === DASH && cursor.isGap(cursor.at + 1)
  }

  /** Whether a key and its colon stand here. */
  private isKey(): boolean {
    const { cursor } = this
    if (cursor.isBracket(cursor.at)) return false
    if (!cursor.isQuote(cursor.at)) return this.colonAfter(cursor.at) >= 0
    let after = cursor.behindQuotes(cursor.at)
    if (after === undefined) return false
    while (cursor.char(after) === BLANK) after++
    return cursor.char(after) === COLON && cursor.isGap(after + 1)
  }

  /** Index of the colon that ends a key without quotes, or -1. */
  private colonAfter(start: number): number {
    const { cursor } = this
    for (let at = start; at < cursor.end; at++) {
      const char = cursor.text.charCodeAt(at)
      if (char === NEWLINE || (char === HASH && cursor.char(at - 1) === BLANK)) return -1
      if (char === COLON && cursor.isGap(at + 1)) return at
    }
    return -1
  }

  private sequence(column: number): unknown {
    const { cursor } = this
    const start = cursor.at
    const list: unknown[] = []
    cursor.deeper(() => {
      while (this.column === column && this.isItem()) {
        const value = this.item(column)
        cursor.told?.(list, list.length, cursor.from)
        list.push(value)
      }
    })
    if (this.column > column) this.other()
    cursor.from = start
    return list
  }

  private item(column: number): unknown {
    const { cursor } = this
    const dash = cursor.at
    cursor.at++
    if (cursor.isLineOver()) {
      this.endLine()
      return this.column > column ? this.block(column) : this.other()
    }
    cursor.skipBlanks()
    this.column = column + cursor.at - dash
    return this.block(column)
  }

  private mapping(column: number): unknown {
    const { cursor } = this
    const start = cursor.at
    const map: Record<string, unknown> = {}
    cursor.deeper(() => {
      while (this.column === column) {
        const key = this.key()
        if (key === undefined || isOddKey(map, key)) {
          this.other()
          return
        }
        map[key] = this.valueOf(column)
        cursor.told?.(map, key, cursor.from)
      }
    })
    if (this.column > column) this.other()
    cursor.from = start
    return map
  }

  /** A key; the cursor is behind its colon then. */
  private key(): string | undefined {
    const { cursor } = this
    const start = cursor.at
    if (cursor.isQuote(start)) {
      const key = cursor.quoted()
      return cursor.passColon() ? key : undefined
    }
    const colon = cursor.isWord(start) ? this.colonAfter(start) : -1
    if (colon <= start || colon - start > LONGEST_KEY) return undefined
    cursor.at = colon + 1
    const key = cursor.text.slice(start, colon)
    return /[\t\r]/.test(key) ? undefined : key.trimEnd()
  }

  /** What stands behind the colon of a key. */
  private valueOf(column: number): unknown {
    const { cursor } = this
    const colon = cursor.at
    const isNothing = cursor.isLineOver()
    cursor.skipBlanks()
    if (!isNothing) return this.scalar(column)
    // Where nothing stands: behind the colon, or before the comment. Behind blanks the full parser finds it here or there.
    const place = cursor.at === colon || cursor.char(cursor.at) === HASH ? cursor.at : undefined
    cursor.at = colon
    this.endLine()
    if (this.column > column) return this.block(column)
    if (this.column === column && this.isItem()) return this.sequence(column)
    if (place === undefined) return this.other()
    cursor.from = place
    return null
  }

  private scalar(parent: number): unknown {
    const { cursor } = this
    const start = cursor.at
    const first = cursor.char(start)
    let value: unknown
    if (first === BAR || first === GREATER) {
      value = blockScalar(cursor, parent)
      this.nextContent()
    } else {
      value = this.inline()
      this.endLine()
    }
    // A line that is further in would go on with it.
    if (this.column > parent) this.other()
    cursor.from = start
    return value
  }

  private inline(): unknown {
    const { cursor } = this
    if (cursor.isQuote(cursor.at)) return cursor.quoted()
    return cursor.isBracket(cursor.at) ? flow(cursor) : this.plain()
  }

  /** A word without quotes, to the end of the line or a comment. */
  private plain(): unknown {
    const { cursor } = this
    const start = cursor.at
    if (!cursor.isWord(start)) return this.other()
    let last = start
    for (let at = start; at < cursor.end; at++) {
      const char = cursor.text.charCodeAt(at)
      if (char === NEWLINE || (char === HASH && at > last + 1)) break
      if (char === TAB || char === RETURN || (char === COLON && cursor.isGap(at + 1))) return this.other()
      if (char !== BLANK) last = at
    }
    cursor.at = last + 1
    return plainScalar(cursor.text.slice(start, last + 1))
  }
}
