import type { PlaceOf } from '../../control/index.ts'
import type { BytePlace, ByteSource } from '../byte-source.ts'
import { CLOSE_LIST, CLOSE_MAP, OPEN_LIST, OPEN_MAP } from '../characters.ts'
import type { InputDocument } from '../document.ts'
import { ALL } from '../kept.ts'
import { isSameKey, type Key, KeySet, keyOf } from '../key-set.ts'
import { Items, mayBeList } from '../list-items.ts'
import { type KeptOf, type ListType, ObjectType, tellsType } from '../object-type.ts'
import { Window } from '../window.ts'
import { jsonPlace } from './json-place.ts'
import { JsonReader } from './json-reader.ts'
import { JsonText } from './json-text.ts'

/**
 * Reads JSON, one value or several behind each other, object by object: the items of a list come one by one, so that only one of
 * them is in memory.
 */
export class JsonPieces {
  /** Whether it was something else: what was given means nothing then. */
  isOther = false
  /** Line of what was read last, or was something else. */
  line = 1
  private readonly file: string
  private readonly source: ByteSource
  private readonly window: Window
  private readonly reader: JsonReader
  private readonly keptOf: KeptOf
  private readonly isWhole: boolean

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
    this.reader = new JsonReader(this.window.bytes, start)
  }

  /** The documents; of a list its items. */
  *documents(): Generator<InputDocument> {
    const { reader } = this
    this.attempt(() => reader.skipBlanks())
    this.isOther ||= reader.byte() < 0
    while (!this.isOther && reader.byte() >= 0) {
      const first = reader.byte()
      if (first !== OPEN_LIST && first !== OPEN_MAP) this.isOther = true
      else if (this.isWhole) yield* this.value()
      else yield* first === OPEN_LIST ? this.elements([], {}) : this.map()
      this.attempt(() => reader.skipBlanks())
    }
  }

  /** Reads something, again with more bytes when these ended too early. */
  private attempt(read: () => void): void {
    const { reader, window } = this
    if (this.isOther) return
    this.line = reader.line
    for (;;) {
      const { at, line, lineAt, depth } = reader
      const mark = reader.out.mark()
      read()
      // What touches the end may go on behind it.
      if (reader.at < reader.bytes.length || !window.slide(at)) break
      reader.bytes = window.bytes
      reader.base = window.base
      reader.at = 0
      reader.line = line
      reader.lineAt = lineAt
      reader.depth = depth
      reader.isOther = false
      reader.out.rewind(mark)
    }
    this.isOther = reader.isOther
  }

  private endsWith(bracket: number): boolean {
    let isLast = false
    this.attempt(() => {
      isLast = this.reader.endsWith(bracket)
    })
    return isLast || this.isOther
  }

  /** Into a map or list; whether something is in it. */
  private enters(bracket: number): boolean {
    const { reader } = this
    reader.out.clear()
    this.attempt(() => void reader.enter())
    if (this.isOther || reader.byte() !== bracket) return !this.isOther
    reader.leave()
    return false
  }

  /** A document in whole. */
  private *value(): Generator<InputDocument> {
    const { reader } = this
    const place = reader.place()
    this.attempt(() => {
      reader.out.clear()
      reader.value(ALL)
    })
    if (!this.isOther) yield { file: this.file, value: reader.out.value(), placeOf: this.placeOf(place) }
  }

  /** A map: the items of a list, or all of what is none. */
  private *map(): Generator<InputDocument> {
    const { reader } = this
    const place = reader.place()
    const type = new ObjectType(this.keptOf)
    const keys = new KeySet()
    let items: Items | undefined
    let isFirst = true
    for (let isOver = !this.enters(CLOSE_MAP); !isOver; isOver = this.endsWith(CLOSE_MAP)) {
      const key = this.passKey()
      if (this.isOther || !keys.add(key)) this.isOther = true
      else if (reader.byte() === OPEN_LIST && isSameKey(key, ITEMS) && mayBeList(type)) {
        items = new Items(type)
        const frame = reader.out
        reader.out = new JsonText()
        yield* items.ready(this.elements(['items'], type))
        reader.out = frame
      } else if (this.field(key, type, isFirst)) isFirst = false
    }
    if (this.isOther) return
    if (items === undefined) yield { file: this.file, value: reader.out.value(), placeOf: this.placeOf(place) }
    else if (items.areOfList) yield* items.rest()
    else this.isOther = true
  }

  private passKey(): Key {
    let key: Key | undefined
    this.attempt(() => {
      key = { ...this.reader.passKey() }
    })
    return key as unknown as Key
  }

  private field(key: Key, type: ObjectType, isFirst: boolean): boolean {
    const { reader } = this
    let isKept = true
    this.attempt(() => {
      if (tellsType(key)) reader.typeField(key, type, isFirst)
      else isKept = reader.field(key, type.kept, isFirst)
    })
    return isKept
  }

  /** The elements of a list, each by itself. */
  private *elements(path: readonly string[], list: ListType): Generator<InputDocument> {
    const { reader, file } = this
    const type = new ObjectType(this.keptOf)
    let index = 0
    for (let isOver = !this.enters(CLOSE_LIST); !isOver; isOver = this.endsWith(CLOSE_LIST)) {
      const place = reader.place()
      this.attempt(() => {
        reader.out.clear()
        type.reset(list)
        reader.object(type)
      })
      if (this.isOther) return
      yield { file, value: reader.out.value(), placeOf: this.placeOf(place), path: [...path, index++] }
    }
  }

  private placeOf(place: BytePlace): PlaceOf {
    const { file, source, reader } = this
    const end = reader.base + reader.at
    return (path) => jsonPlace(file, source, place, end, path)
  }
}

const ITEMS = keyOf('items')
