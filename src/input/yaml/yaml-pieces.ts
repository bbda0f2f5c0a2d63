import type { PlaceOf } from '../../control/index.ts'
import type { ByteSource } from '../byte-source.ts'
import { BLANK, CLOSE_MAP, HASH, NEWLINE, OPEN_MAP } from '../characters.ts'
import type { InputDocument } from '../document.ts'
import { JsonText } from '../json/json-text.ts'
import { ALL } from '../kept.ts'
import { isSameKey, type Key, KeySet, keyOf } from '../key-set.ts'
import { Items, mayBeList } from '../list-items.ts'
import { type KeptOf, type ListType, ObjectType } from '../object-type.ts'
import { Window } from '../window.ts'
import { BlockReader } from './block-reader.ts'
import { Cursor } from './cursor.ts'
import { type OddItem, oddItem } from './odd-item.ts'
import { type BlockPlace, newlinesIn, yamlPlace } from './yaml-place.ts'

const ITEMS = keyOf('items')

/**
 * Reads YAML in the form that kubectl writes object by object: the items of a list come one by one, so that only one of them is in
 * memory.
 */
export class YamlPieces {
  /** Whether it was something else: what was given means nothing then. */
  isOther = false
  private readonly file: string
  private readonly source: ByteSource
  private readonly keptOf: KeptOf
  private readonly isWhole: boolean
  private readonly window: Window
  private readonly cursor: Cursor
  private readonly reader: BlockReader
  /** Line of what is next, or was something else. */
  line = 1
  /** Whether the items of a list are next. */
  private isAtItems = false

  /**
   * @param keptOf - absent = documents are not taken apart, and all of them is kept
   * @param start - where it begins: behind a byte order mark
   * @param window - bytes that are looked at together
   */
  constructor(file: string, source: ByteSource, keptOf?: KeptOf, start = 0, window?: number) {
    this.file = file
    this.source = source
    this.keptOf = keptOf ?? (() => ALL)
    this.isWhole = keptOf === undefined
    this.window = new Window(source, start, window)
    this.cursor = new Cursor(this.window.bytes)
    this.reader = new BlockReader(this.cursor)
    this.look()
  }

  /** The documents that are not empty; of a list its items. */
  *documents(): Generator<InputDocument> {
    const { reader, cursor } = this
    this.attempt(() => reader.nextContent())
    while (!this.isOther && (reader.column >= 0 || cursor.at < cursor.end)) {
      if (reader.column < 0) this.attempt(() => reader.passMark())
      else {
        if (!this.isWhole && reader.isItem()) yield* this.elements([], {})
        else if (reader.isKey()) yield* this.mapping()
        else yield* this.value()
        // A mark is next, or the end.
        this.isOther ||= reader.column >= 0
      }
    }
  }

  /** Takes what the window holds; its last line may be cut off. */
  private look(): void {
    const { cursor, window } = this
    cursor.bytes = window.bytes
    cursor.end = window.isLast ? window.bytes.length : window.bytes.lastIndexOf(NEWLINE) + 1
  }

  /** Reads something, again with more bytes when these ended too early; who gives up at what `isThere` in whole needs no more. */
  private attempt(read: () => void, isThere: (start: number) => boolean = () => false): void {
    const { reader, cursor, window } = this
    if (this.isOther) return
    for (;;) {
      const { at, depth } = cursor
      const { column } = reader
      const mark = cursor.out.mark()
      read()
      // What touches the end may go on behind it.
      if (cursor.at < cursor.end || (cursor.isOther && isThere(at)) || !window.slide(at)) {
        if (!cursor.isOther) this.line += newlinesIn(cursor.bytes, at, cursor.at)
        break
      }
      this.look()
      cursor.at = 0
      cursor.depth = depth
      cursor.isOther = false
      cursor.out.rewind(mark)
      reader.column = column
    }
    this.isOther = cursor.isOther
  }

  /** Where the value begins that was read last, in lines from an index that is in a column. */
  private placeFrom(start: number, column: number, parent: number): BlockPlace {
    const { bytes, from, at } = this.cursor
    const { base } = this.window
    const newlines = newlinesIn(bytes, start, from)
    const lineAt = newlines === 0 ? start - column : bytes.lastIndexOf(NEWLINE, from - 1) + 1
    return { offset: base + from, line: this.line + newlines, lineAt: base + lineAt, end: base + at, parent }
  }

  private placeOf(place: BlockPlace): PlaceOf {
    const { file, source } = this
    return (path) => yamlPlace(file, source, place, path)
  }

  /** A document that is neither a map nor a list of objects. */
  private *value(): Generator<InputDocument> {
    const { cursor, reader } = this
    let place: BlockPlace | undefined
    this.attempt(() => {
      const { at } = cursor
      const { column } = reader
      cursor.out.clear()
      reader.block(-1, ALL)
      place = this.placeFrom(at, column, -1)
    })
    if (this.isOther || place === undefined) return
    const value = cursor.out.value()
    if (value !== null) yield { file: this.file, value, placeOf: this.placeOf(place) }
  }

  /** The items of a list whose first is here. */
  private *elements(path: readonly string[], list: ListType): Generator<InputDocument> {
    const { cursor, reader } = this
    const { column } = reader
    const type = new ObjectType(this.keptOf)
    cursor.enter()
    const { depth } = cursor
    for (let index = 0; !this.isOther && reader.column === column && reader.isItem(); index++) {
      const { line, file } = this
      let dash = 0
      let place: BlockPlace | undefined
      const read = (): void => {
        dash = cursor.at
        cursor.out.clear()
        type.reset(list)
        reader.item(column, type.kept, type)
        place = this.placeFrom(dash, column, column)
      }
      this.attempt(read, (at) => this.endOfItem(at, column) >= 0)
      if (this.isOther || place === undefined) {
        const item = this.oddItem(dash, line, column, path)
        if (item === undefined) return
        cursor.depth = depth
        yield { file, ...item, path: [...path, index] }
      } else yield { file, value: cursor.out.value(), placeOf: this.placeOf(place), path: [...path, index] }
    }
    cursor.leave()
    this.isOther ||= reader.column > column
  }

  /** An item that is for the full parser, and past it; undefined where that does not take it by itself. */
  private oddItem(dash: number, line: number, column: number, list: readonly string[]): OddItem | undefined {
    const { cursor, reader, window, file, source } = this
    const end = this.endOfItem(dash, column)
    const offset = window.base + dash
    const lines = { offset, line, lineAt: offset - column, end: window.base + end, list }
    const item = end < 0 ? undefined : oddItem(file, source, lines)
    if (item === undefined) return undefined
    this.isOther = false
    cursor.isOther = false
    cursor.at = end
    this.line = line + newlinesIn(cursor.bytes, dash, end)
    this.attempt(() => reader.nextContent())
    return item
  }

  /** Where the lines of an item end, the first of which begins in a column; -1 where the window may end before them. */
  private endOfItem(dash: number, column: number): number {
    const { cursor, window } = this
    for (let at = cursor.lineEnd(dash) + 1; at < cursor.end; at = cursor.lineEnd(at) + 1) {
      let next = at
      while (cursor.byte(next) === BLANK) next++
      const code = cursor.byte(next)
      if (next - at <= column && code !== NEWLINE && code !== HASH) return at
    }
    return window.isLast ? cursor.end : -1
  }

  /** A map: the items of a list, or all of what is none. */
  private *mapping(): Generator<InputDocument> {
    const { cursor, reader, window } = this
    const { column } = reader
    const start = { offset: window.base + cursor.at, line: this.line, lineAt: window.base + cursor.at - column }
    const type = new ObjectType(this.keptOf)
    const keys = new KeySet()
    let items: Items | undefined
    let isFirst = true
    cursor.out.clear()
    cursor.out.character(OPEN_MAP)
    cursor.enter()
    while (!this.isOther && reader.column === column) {
      const key = this.passKey(column, type)
      if (key === undefined || !keys.add(key)) this.isOther = true
      else if (this.isAtItems) {
        items = new Items(type)
        const frame = cursor.out
        cursor.out = new JsonText()
        yield* items.ready(this.elements(['items'], type))
        cursor.out = frame
      } else {
        let isKept = false
        this.attempt(() => {
          isKept = reader.field(column, key, type.kept, isFirst, type)
        })
        if (isKept) isFirst = false
      }
    }
    cursor.leave()
    this.isOther ||= reader.column > column
    if (this.isOther) return
    cursor.out.character(CLOSE_MAP)
    const place = { ...start, end: window.base + cursor.at, parent: -1 }
    if (items === undefined) yield { file: this.file, value: cursor.out.value(), placeOf: this.placeOf(place) }
    else if (items.areOfList) yield* items.rest()
    else this.isOther = true
  }

  /** A key of a map in a column; where items of a list follow, their first is next. */
  private passKey(column: number, type: ListType): Key | undefined {
    const { cursor, reader } = this
    let key: Key | undefined
    this.attempt(() => {
      this.isAtItems = false
      key = reader.isKey() ? reader.key() : undefined
      if (key === undefined || this.isWhole || !isSameKey(key, ITEMS) || !mayBeList(type) || !cursor.isLineOver())
        return
      reader.endLine()
      if (reader.column >= column && reader.isItem()) this.isAtItems = true
      else key = undefined
    })
    return key
  }
}
