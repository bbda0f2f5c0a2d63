import type { BytePlace } from '../byte-source.ts'
import {
  BACKSLASH,
  BLANK,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
  RETURN,
  TAB,
} from '../characters.ts'
import { DEEPEST } from '../document.ts'
import { ALL, fieldOf, type Kept } from '../kept.ts'
import { hashed, type Key, KeySets, NO_BYTES } from '../key-set.ts'
import { type ObjectType, tellsType } from '../object-type.ts'
import { utf8Bytes, utf8Text } from '../utf8-text.ts'
import { endOfEscape, SPECIAL } from './json-string.ts'
import { JsonText } from './json-text.ts'
import { endOfWord, isJsonWord } from './json-words.ts'

/**
 * Reads JSON from bytes: holds each byte against the grammar, and writes what is kept, without blanks. Where something is met that
 * is no JSON, a key that may stand twice, or more levels than are allowed, `isOther` is set and the place moves to the end, so that
 * everything returns.
 */
export class JsonReader {
  /** Bytes that are read. */
  bytes: Uint8Array
  /** Where in the source they begin. */
  base: number
  /** The place in them. */
  at = 0
  /** Line of the place. */
  line = 1
  /** As in {@link BytePlace}. */
  lineAt: number
  /** Lists and maps around the place. */
  depth = 0
  /** Whether something else was met, or the end. */
  isOther = false
  /** Where what is kept is written. */
  out: JsonText = new JsonText()
  /** A path that is looked for; as far as it is there, `found` is where its value begins. */
  wanted: readonly (string | number)[] | undefined
  /** See `wanted`. */
  found: BytePlace | undefined
  private matched = 0
  private readonly keySets = new KeySets()
  private readonly key: Key = { hash: 0, bytes: new Uint8Array(0), start: 0, end: 0 }

  constructor(bytes: Uint8Array, base = 0) {
    this.bytes = bytes
    this.base = base
    this.lineAt = base
  }

  /** Gives up. */
  other(): void {
    this.isOther = true
    this.at = this.bytes.length
  }

  /** The place. */
  place(): BytePlace {
    return { offset: this.base + this.at, line: this.line, lineAt: this.lineAt }
  }

  /** The byte here; -1 at the end. */
  byte(): number {
    return this.at < this.bytes.length ? (this.bytes[this.at] as number) : -1
  }

  /** To the next byte that is no blank. */
  skipBlanks(): void {
    const { bytes } = this
    let { at } = this
    for (; at < bytes.length; at++) {
      const code = bytes[at] as number
      if (code === BLANK) continue
      if (code === NEWLINE) {
        this.line++
        this.lineAt = this.base + at + 1
      } else if (code !== RETURN && code !== TAB) break
    }
    this.at = at
  }

  /** An object: what is kept of it hangs on its type. */
  object(type: ObjectType): void {
    if (this.byte() === OPEN_MAP) this.map(type.kept, type)
    else this.value(ALL)
  }

  /** A value, as far as it is kept. */
  value(kept: Kept): void {
    switch (this.byte()) {
      case QUOTE:
        this.string()
        break
      case OPEN_MAP:
        this.map(kept)
        break
      case OPEN_LIST:
        this.list(kept.element ?? ALL)
        break
      default:
        this.word()
    }
  }

  /** Into a map or list, to what stands first in it; false when it is one too deep. */
  enter(): boolean {
    if (this.depth === DEEPEST) {
      this.other()
      return false
    }
    this.depth++
    this.out.character(this.byte())
    this.at++
    this.skipBlanks()
    return true
  }

  /** Past what stands behind a value; whether it was the last, and the map or list is left. */
  endsWith(bracket: number): boolean {
    this.skipBlanks()
    const code = this.byte()
    if (code === bracket) this.leave()
    if (code === bracket) return true
    if (code === COMMA) this.at++
    else this.other()
    this.skipBlanks()
    return this.isOther
  }

  /** Past the bracket that closes a map or list. */
  leave(): void {
    this.depth--
    this.out.character(this.byte())
    this.at++
  }

  /** A key, and past its colon; it is good until the next one. */
  passKey(): Key {
    const { key } = this
    if (this.byte() === QUOTE) this.keyString()
    else this.other()
    this.skipBlanks()
    if (this.byte() === COLON) this.at++
    else this.other()
    this.skipBlanks()
    return key
  }

  /** The value of a key, both written where something of it is kept; whether it is. */
  field(key: Key, kept: Kept, isFirst: boolean): boolean {
    const { out } = this
    const inner = out.isMuted ? ALL : fieldOf(kept, key, this.byte() === QUOTE)
    if (inner === undefined) {
      out.isMuted = true
      this.value(ALL)
      out.isMuted = false
      return false
    }
    out.key(key, isFirst)
    this.value(inner)
    return true
  }

  private map(all: Kept, type?: ObjectType): void {
    if (!this.enter()) return
    const level = this.depth - 1
    const keys = this.keySets.at(level)
    if (this.byte() === CLOSE_MAP) {
      this.leave()
      return
    }
    let kept = all
    let isFirst = true
    do {
      const key = this.passKey()
      if (this.isOther || !keys.add(key)) {
        this.other()
        return
      }
      if (this.wanted !== undefined) this.sought(level, this.wanted, () => textOf(key))
      else if (type !== undefined && tellsType(key)) {
        this.typeField(key, type, isFirst)
        kept = type.kept
        isFirst = false
      } else if (this.field(key, kept, isFirst)) isFirst = false
    } while (!this.endsWith(CLOSE_MAP))
  }

  private list(element: Kept): void {
    if (!this.enter()) return
    const level = this.depth - 1
    if (this.byte() === CLOSE_LIST) {
      this.leave()
      return
    }
    let index = 0
    do {
      if (index > 0) this.out.character(COMMA)
      const own = index
      if (this.wanted === undefined) this.value(element)
      else this.sought(level, this.wanted, () => String(own))
      index++
    } while (!this.endsWith(CLOSE_LIST))
  }

  /** The field that tells the type of an object. */
  typeField(key: Key, type: ObjectType, isFirst: boolean): void {
    const mark = this.out.mark()
    const own = { ...key }
    this.field(own, ALL, isFirst)
    if (!this.isOther && !type.learn(own, this.out.fieldSince(mark))) this.other()
  }

  /** A value of a map or list in which a path may lead on. */
  private sought(level: number, wanted: readonly (string | number)[], name: () => string): void {
    if (this.matched !== level || level >= wanted.length || name() !== String(wanted[level])) {
      this.value(ALL)
      return
    }
    this.matched++
    this.found = this.place()
    this.value(ALL)
    this.other()
  }

  private word(): void {
    const { bytes, at } = this
    const end = endOfWord(bytes, at)
    if (isJsonWord(bytes, at, end)) {
      this.out.copy(bytes, at, end)
      this.at = end
    } else this.other()
  }

  private string(): void {
    const start = this.at
    const end = this.endOfString(start + 1)
    if (this.isOther) return
    this.out.copy(this.bytes, start, end + 1)
    this.at = end + 1
  }

  /** Index of the quote that ends a string; its characters begin at `start`. */
  private endOfString(start: number): number {
    const { bytes } = this
    for (let at = start; at < bytes.length; at++) {
      const code = bytes[at] as number
      if (SPECIAL[code] === 0) continue
      if (code === QUOTE) return at
      if (code === BACKSLASH) at = endOfEscape(bytes, at)
      else if (code < BLANK) break
      else this.passWide(code)
    }
    this.other()
    return start
  }

  /** A byte of a character of several: columns count UTF-16 units. */
  private passWide(code: number): void {
    if (code < 0xc0) this.lineAt++
    else if (code >= 0xf0) this.lineAt--
  }

  private keyString(): void {
    const { bytes, key } = this
    const start = this.at + 1
    let hash = NO_BYTES
    let isEscaped = false
    let at = start
    for (; at < bytes.length; at++) {
      const code = bytes[at] as number
      if (SPECIAL[code] === 1) break
      hash = hashed(hash, code)
    }
    if (at === bytes.length || bytes[at] !== QUOTE) isEscaped = true
    const end = isEscaped ? this.endOfString(start) : at
    key.hash = hash
    key.bytes = bytes
    key.start = start
    key.end = end
    if (this.isOther) return
    this.at = end + 1
    if (isEscaped) this.spell(key)
  }

  /** Takes a key that holds escapes, or characters beyond ASCII, as JSON.stringify spells it: the same in one way only. */
  private spell(key: Key): void {
    const text = JSON.stringify(textOf(key))
    key.bytes = utf8Bytes(text)
    key.start = 1
    key.end = key.bytes.length - 1
    key.hash = key.bytes.subarray(1, -1).reduce(hashed, NO_BYTES)
  }
}

/** What a key says; it stands in quotes. */
function textOf({ bytes, start, end }: Key): string {
  return JSON.parse(utf8Text(bytes.subarray(start - 1, end + 1))) as string
}
