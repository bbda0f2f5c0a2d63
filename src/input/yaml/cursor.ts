import {
  APOSTROPHE,
  BACKSLASH,
  BLANK,
  COLON,
  DASH,
  HASH,
  NEWLINE,
  OPEN_LIST,
  OPEN_MAP,
  QUESTION,
  QUOTE,
  RETURN,
} from '../characters.ts'
import { unescaped } from './plain-scalar.ts'

/** No word without quotes begins with these; the last is the byte order mark that editors of Windows put before a text. */
const INDICATORS: ReadonlySet<number> = new Set(Array.from(',[]{}#&*!|>\'"%@`\ufeff', (char) => char.charCodeAt(0)))
/** Levels that are read here. */
const DEEPEST = 100

/** Told of each value inside another: where it begins. */
export type Told = (container: object, key: string | number, at: number) => void

/** Index of the line behind the one at `at`. */
export function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/**
 * A place in a document. Where something is met that is for the full parser, `isOther` is set and the place moves to the end, so
 * that everything returns; what it returns then means nothing.
 */
export class Cursor {
  /** The whole text. */
  readonly text: string
  /** Where the document ends. */
  readonly end: number
  /** The place. */
  at: number
  /** Where the value begins that was read last. */
  from = 0
  /** Whether the document has more than is read here. */
  isOther = false
  /** Told of values, when somebody wants to know. */
  readonly told: Told | undefined
  private depth = 0

  constructor(text: string, start: number, end: number, told?: Told) {
    this.text = text
    this.at = start
    this.end = end
    this.told = told
  }

  /** Gives up. */
  other(): undefined {
    this.isOther = true
    this.at = this.end
    return undefined
  }

  /** A character; the document ends with the end of a line. */
  char(at: number): number {
    return at < this.end ? this.text.charCodeAt(at) : NEWLINE
  }

  /** Whether a word ends here: a blank, or the end of the line. */
  isGap(at: number): boolean {
    const char = this.char(at)
    return char === BLANK || char === NEWLINE
  }

  skipBlanks(): void {
    while (this.char(this.at) === BLANK) this.at++
  }

  /** Whether nothing stands on the line any more, or a comment. */
  isLineOver(): boolean {
    let { at } = this
    while (this.char(at) === BLANK) at++
    const char = this.char(at)
    return char === NEWLINE || (char === HASH && at > this.at)
  }

  /** To the beginning of the next line. */
  nextLine(): void {
    this.at = Math.min(lineAfter(this.text, this.at), this.end)
  }

  /** Past a colon that ends a key. */
  passColon(): boolean {
    this.skipBlanks()
    if (this.char(this.at) !== COLON || !this.isGap(this.at + 1)) return false
    this.at++
    return true
  }

  /** Whether a word without quotes may begin here; `isAlone` where its first character ends it. */
  isWord(at: number, isAlone: boolean = this.isGap(at + 1)): boolean {
    const first = this.char(at)
    if (first === DASH || first === QUESTION || first === COLON) return !isAlone && !this.isGap(at + 1)
    return !INDICATORS.has(first)
  }

  isQuote(at: number): boolean {
    const char = this.char(at)
    return char === QUOTE || char === APOSTROPHE
  }

  isBracket(at: number): boolean {
    const char = this.char(at)
    return char === OPEN_LIST || char === OPEN_MAP
  }

  /** Reads something one level deeper. */
  deeper(read: () => void): void {
    if (this.depth === DEEPEST) {
      this.other()
      return
    }
    this.depth++
    read()
    this.depth--
  }

  /** Index behind the quotes that begin at `start`; undefined when they do not close on the same line. */
  behindQuotes(start: number): number | undefined {
    const quote = this.text.charCodeAt(start)
    for (let at = start + 1; at < this.end; at++) {
      const char = this.text.charCodeAt(at)
      if (char === NEWLINE || char === RETURN) return undefined
      if (char === quote) {
        // Two of them stand for one.
        if (quote === QUOTE || this.char(at + 1) !== APOSTROPHE) return at + 1
        at++
      } else if (char === BACKSLASH && quote === QUOTE) at++
    }
    return undefined
  }

  /** What stands in the quotes that begin here. */
  quoted(): string | undefined {
    const start = this.at
    const after = this.behindQuotes(start)
    if (after === undefined) return this.other()
    this.at = after
    const inner = this.text.slice(start + 1, after - 1)
    if (this.text.charCodeAt(start) === APOSTROPHE) return inner.replaceAll("''", "'")
    return unescaped(inner) ?? this.other()
  }
}
