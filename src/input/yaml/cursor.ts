import { APOSTROPHE, BLANK, COLON, DASH, HASH, NEWLINE, OPEN_LIST, OPEN_MAP, QUESTION, QUOTE } from '../characters.ts'
import { JsonText } from '../json/json-text.ts'

/** No word without quotes begins with these. */
const INDICATORS: ReadonlySet<number> = new Set(Array.from(',[]{}#&*!|>\'"%@`', (char) => char.charCodeAt(0)))
/** First byte of the mark that editors of Windows put before a text; a few rare characters begin so, too. */
const MARK = 0xef
/** Levels that are read here. */
const DEEPEST = 100

/**
 * A place in bytes of YAML, and the JSON that is written of what was read. Where something is met that is for the full parser,
 * `isOther` is set and the place moves to the end, so that everything returns; what was written then means nothing.
 */
export class Cursor {
  /** The bytes. */
  bytes: Uint8Array
  /** Where they end; behind it lines may be cut off. */
  end: number
  /** The place. */
  at: number
  /** Where the value begins that was read last. */
  from = 0
  /** Whether there is more than is read here. */
  isOther = false
  /** What was read. */
  out: JsonText = new JsonText()
  /** A path that is looked for; as far as it is there, `found` is where its value begins. */
  wanted: readonly (string | number)[] | undefined
  /** See `wanted`. */
  found: number | undefined
  /** Lists and maps around the place. */
  depth = 0
  private matched = 0

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** Gives up. */
  other(): void {
    this.isOther = true
    this.at = this.end
  }

  /** A byte; all ends with the end of a line. */
  byte(at: number): number {
    return at < this.end ? (this.bytes[at] as number) : NEWLINE
  }

  /** Whether a word ends here: a blank, or the end of the line. */
  isGap(at: number): boolean {
    const code = this.byte(at)
    return code === BLANK || code === NEWLINE
  }

  skipBlanks(): void {
    const { bytes, end } = this
    let { at } = this
    while (at < end && bytes[at] === BLANK) at++
    this.at = at
  }

  /** Whether nothing stands on the line any more, or a comment. */
  isLineOver(): boolean {
    let { at } = this
    while (this.byte(at) === BLANK) at++
    const code = this.byte(at)
    return code === NEWLINE || (code === HASH && at > this.at)
  }

  /** Index of the end of the line at an index; of the end of all where the line has none. */
  lineEnd(start: number): number {
    const { bytes, end } = this
    let at = start
    while (at < end && bytes[at] !== NEWLINE) at++
    return at
  }

  /** To the beginning of the next line. */
  nextLine(): void {
    this.at = Math.min(this.lineEnd(this.at) + 1, this.end)
  }

  /** Past a colon that ends a key. */
  passColon(): boolean {
    this.skipBlanks()
    if (this.byte(this.at) !== COLON || !this.isGap(this.at + 1)) return false
    this.at++
    return true
  }

  /** Whether a word without quotes may begin here; `isAlone` where its first character ends it. */
  isWord(at: number, isAlone: boolean = this.isGap(at + 1)): boolean {
    const first = this.byte(at)
    if (first === DASH || first === QUESTION || first === COLON) return !isAlone && !this.isGap(at + 1)
    return first !== MARK && !INDICATORS.has(first)
  }

  isQuote(at: number): boolean {
    const code = this.byte(at)
    return code === QUOTE || code === APOSTROPHE
  }

  isBracket(at: number): boolean {
    const code = this.byte(at)
    return code === OPEN_LIST || code === OPEN_MAP
  }

  /** One level deeper; false where that is one too many. */
  enter(): boolean {
    if (this.depth === DEEPEST) this.other()
    else this.depth++
    return !this.isOther
  }

  /** One level less deep. */
  leave(): void {
    this.depth--
  }

  /** Reads a value of the list or map around the place, in which the path that is looked for may lead on. */
  inner(name: () => string, read: () => void): void {
    const { wanted } = this
    const level = this.depth - 1
    if (wanted === undefined || this.matched !== level || level >= wanted.length || name() !== String(wanted[level])) {
      read()
      return
    }
    this.matched++
    read()
    this.found ??= this.from
    this.other()
  }
}
