import {
  APOSTROPHE,
  BAR,
  BLANK,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  DASH,
  DOT,
  GREATER,
  HASH,
  NEWLINE,
  OPEN_LIST,
  OPEN_MAP,
  PERCENT,
  QUOTE,
  RETURN,
  TAB,
} from '../characters.ts'
import { ALL, type Kept } from '../kept.ts'
import { type Key, KeySets } from '../key-set.ts'
import { type ObjectType, tellsType } from '../object-type.ts'
import { blockScalar } from './block-scalar.ts'
import type { Cursor } from './cursor.ts'
import { field } from './field.ts'
import { flow } from './flow.ts'
import { plainKey, quotedKey } from './keys.ts'
import { behindQuotes, quoted } from './quotes.ts'
import { plain } from './words.ts'

/** Bytes of a key. */
const LONGEST_KEY = 1000
const MARK_LENGTH = 3

/**
 * Reads YAML as people and kubectl write it, by its indentation: maps and lists, scalars, texts behind `|` and `>`, flow form on one
 * line, comments. What else YAML has (anchors, tags, keys of several lines, tabs, errors …) is for the full parser, which gives the
 * same for what is read here.
 */
export class BlockReader {
  /** The place. */
  readonly cursor: Cursor
  /** Column of the content at the place, which is the first of its line or of a list's item; -1 at the end of a document. */
  column = -1
  private readonly keySets = new KeySets()
  private colon = -1

  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  /** Gives up. */
  other(): void {
    this.column = -1
    this.cursor.other()
  }

  /** From the beginning of a line to the next content, past empty lines and comments, or to a mark between documents. */
  nextContent(): void {
    const { cursor } = this
    this.column = -1
    while (cursor.at < cursor.end) {
      const start = cursor.at
      cursor.skipBlanks()
      const code = cursor.byte(cursor.at)
      if (code === TAB || code === RETURN) {
        this.other()
        return
      }
      if (code !== NEWLINE && code !== HASH) {
        if (cursor.at > start || !this.isMark(code)) this.column = cursor.at - start
        return
      }
      cursor.nextLine()
    }
  }

  /** Whether a line is one between documents; gives up at others that are not of a document. */
  private isMark(code: number): boolean {
    const { cursor } = this
    if (code === PERCENT || (code === DOT && this.isThree(DOT))) this.other()
    return cursor.isOther || (code === DASH && this.isThree(DASH))
  }

  private isThree(code: number): boolean {
    const { bytes, at, end } = this.cursor
    if (at + MARK_LENGTH > end) return false
    for (let i = at; i < at + MARK_LENGTH; i++) if (bytes[i] !== code) return false
    return true
  }

  /** Past the mark between documents at which the place is. */
  passMark(): void {
    this.cursor.at += MARK_LENGTH
    this.endLine()
  }

  /** To the next content, where nothing but a comment stands on the line any more. */
  endLine(): void {
    if (!this.cursor.isLineOver()) {
      this.other()
      return
    }
    this.cursor.nextLine()
    this.nextContent()
  }

  /** The value whose first line is here, in one that is indented by `parent`; of an object, of its type. */
  block(parent: number, kept: Kept, type?: ObjectType): void {
    if (this.isItem()) this.sequence(this.column, kept.element ?? ALL)
    else if (this.isKey()) this.mapping(this.column, kept, type)
    else this.scalar(parent, kept)
  }

  /** Whether an item of a list begins here. */
  isItem(): boolean {
    const { cursor } = this
    return cursor.byte(cursor.at) === DASH && cursor.isGap(cursor.at + 1)
  }

  /** Whether a key and its colon stand here. */
  isKey(): boolean {
    const { cursor } = this
    this.colon = -1
    if (cursor.isBracket(cursor.at)) return false
    if (!cursor.isQuote(cursor.at)) {
      this.colon = this.colonAfter(cursor.at)
      return this.colon >= 0
    }
    let after = behindQuotes(cursor, cursor.at)
    if (after < 0) return false
    while (cursor.byte(after) === BLANK) after++
    return cursor.byte(after) === COLON && cursor.isGap(after + 1)
  }

  /** Index of the colon that ends a key without quotes, or -1. */
  private colonAfter(start: number): number {
    const { cursor } = this
    const { bytes, end } = cursor
    for (let at = start; at < end; at++) {
      const code = bytes[at] as number
      if (code === COLON && cursor.isGap(at + 1)) return at
      if (code === NEWLINE || (code === HASH && cursor.byte(at - 1) === BLANK)) return -1
    }
    return -1
  }

  private sequence(column: number, element: Kept): void {
    const { cursor } = this
    const start = cursor.at
    if (!cursor.enter()) return
    cursor.out.character(OPEN_LIST)
    for (let index = 0; this.column === column && this.isItem(); index++) {
      const own = index
      if (index > 0) cursor.out.character(COMMA)
      if (cursor.wanted === undefined) this.item(column, element)
      else
        cursor.inner(
          () => String(own),
          () => this.item(column, ALL),
        )
      if (cursor.isOther) this.column = -1
    }
    cursor.out.character(CLOSE_LIST)
    cursor.leave()
    if (this.column > column) this.other()
    cursor.from = start
  }

  /** An item of a list that stands in a column. */
  item(column: number, kept: Kept, type?: ObjectType): void {
    const { cursor } = this
    const dash = cursor.at
    cursor.at++
    if (cursor.isLineOver()) {
      this.endLine()
      if (this.column > column) this.block(column, kept, type)
      else this.other()
      return
    }
    cursor.skipBlanks()
    this.column = column + cursor.at - dash
    this.block(column, kept, type)
  }

  private mapping(column: number, all: Kept, type?: ObjectType): void {
    const { cursor } = this
    const start = cursor.at
    if (!cursor.enter()) return
    const keys = this.keySets.at(cursor.depth)
    let kept = all
    let isFirst = true
    cursor.out.character(OPEN_MAP)
    while (this.column === column) {
      const key = this.key()
      if (key === undefined || !keys.add(key)) {
        this.other()
        return
      }
      if (this.field(column, key, kept, isFirst, type)) isFirst = false
      if (type !== undefined) kept = type.kept
      if (cursor.isOther) this.column = -1
      else if (this.column === column && !this.isKey()) this.other()
    }
    cursor.out.character(CLOSE_MAP)
    cursor.leave()
    if (this.column > column) this.other()
    cursor.from = start
  }

  /** A key; the cursor is behind its colon then. */
  key(): Key | undefined {
    const { cursor, colon } = this
    const start = cursor.at
    if (cursor.isQuote(start)) {
      const key = quotedKey(cursor)
      return cursor.passColon() ? key : undefined
    }
    if (!cursor.isWord(start) || colon <= start || colon - start > LONGEST_KEY) return undefined
    cursor.at = colon + 1
    let end = colon
    while (cursor.bytes[end - 1] === BLANK) end--
    return plainKey(cursor.bytes, start, end)
  }

  /** The value of a key of a map that stands in a column, both written where something is kept; whether it is. */
  field(column: number, key: Key, kept: Kept, isFirst: boolean, type?: ObjectType): boolean {
    const { cursor } = this
    const colon = cursor.at
    const mark = cursor.out.mark()
    const isBelow = cursor.isLineOver()
    cursor.skipBlanks()
    const first = isBelow ? NEWLINE : cursor.byte(cursor.at)
    const isText = first === QUOTE || first === APOSTROPHE || first === BAR || first === GREATER
    const isKept = field(cursor, key, kept, isFirst, isText, (inner) => {
      if (isBelow) this.below(column, colon, inner)
      else this.scalar(column, inner)
    })
    if (type !== undefined && tellsType(key) && !cursor.isOther && !type.learn(key, cursor.out.fieldSince(mark)))
      this.other()
    return isKept
  }

  /** The value of a key that does not stand on its line. */
  private below(column: number, colon: number, kept: Kept): void {
    const { cursor } = this
    // Where nothing stands: behind the colon, or before the comment. Behind blanks the full parser finds it here or there.
    const place = cursor.at === colon || cursor.byte(cursor.at) === HASH ? cursor.at : -1
    cursor.at = colon
    this.endLine()
    if (this.column > column) this.block(column, kept)
    else if (this.column === column && this.isItem()) this.sequence(column, kept.element ?? ALL)
    else if (place < 0) this.other()
    else {
      cursor.from = place
      cursor.out.ascii('null')
    }
  }

  private scalar(parent: number, kept: Kept): void {
    const { cursor } = this
    const start = cursor.at
    const first = cursor.byte(start)
    if (first === BAR || first === GREATER) {
      blockScalar(cursor, parent)
      this.nextContent()
    } else {
      if (cursor.isQuote(start)) quoted(cursor, parent)
      else if (cursor.isBracket(start)) flow(cursor, kept)
      else plain(cursor, parent)
      this.endLine()
    }
    // A line that is further in would go on with it.
    if (this.column > parent) this.other()
    cursor.from = start
  }
}
