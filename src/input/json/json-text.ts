import { BACKSLASH, BLANK, COLON, COMMA, QUOTE } from '../characters.ts'
import type { Key } from '../key-set.ts'
import { utf8Bytes, utf8Text } from '../utf8-text.ts'

const HEX = '0123456789abcdef'
/** Bytes from which on copying together is faster than one by one. */
const MANY = 48
/** Fields that are remembered. */
const MOST_FIELDS = 8

/** JSON that is being written, as bytes. */
export class JsonText {
  /** Whether what is written is left out. */
  isMuted = false
  private bytes = new Uint8Array(1 << 13)
  private length = 0
  private readonly fields: { readonly bytes: Uint8Array; readonly value: unknown }[] = []

  /** Begins anew. */
  clear(): void {
    this.length = 0
    this.isMuted = false
  }

  /** How much is written. */
  mark(): number {
    return this.length
  }

  /** Forgets what was written behind a mark. */
  rewind(mark: number): void {
    this.length = mark
    this.isMuted = false
  }

  /** Writes one character of ASCII. */
  character(code: number): void {
    if (this.isMuted) return
    if (this.length === this.bytes.length) this.grow(1)
    this.bytes[this.length++] = code
  }

  /** Writes bytes of JSON. */
  copy(from: Uint8Array, start: number, end: number): void {
    if (this.isMuted) return
    const size = end - start
    if (this.length + size > this.bytes.length) this.grow(size)
    const { bytes } = this
    if (size >= MANY) bytes.set(from.subarray(start, end), this.length)
    else for (let at = start, to = this.length; at < end; at++, to++) bytes[to] = from[at] as number
    this.length += size
  }

  /** Writes bytes of text, as a string would hold them. */
  escaped(from: Uint8Array, start: number, end: number): void {
    if (this.isMuted) return
    let copied = start
    for (let at = start; at < end; at++) {
      const code = from[at] as number
      if (code >= BLANK && code !== QUOTE && code !== BACKSLASH) continue
      this.copy(from, copied, at)
      copied = at + 1
      if (code >= BLANK) {
        this.character(BACKSLASH)
        this.character(code)
      } else this.ascii(`\\u00${HEX[code >> 4]}${HEX[code & 15]}`)
    }
    this.copy(from, copied, end)
  }

  /** Writes a key of a map, and what stands between it and its neighbours. */
  key({ bytes, start, end }: Key, isFirst: boolean): void {
    if (!isFirst) this.character(COMMA)
    this.character(QUOTE)
    this.copy(bytes, start, end)
    this.character(QUOTE)
    this.character(COLON)
  }

  /** Writes a text as a string. */
  text(text: string): void {
    if (this.isMuted) return
    const bytes = utf8Bytes(JSON.stringify(text))
    this.copy(bytes, 0, bytes.length)
  }

  /** Writes text of ASCII. */
  ascii(text: string): void {
    for (let at = 0; at < text.length; at++) this.character(text.charCodeAt(at))
  }

  /** What was written, as a value. */
  value(): unknown {
    return JSON.parse(utf8Text(this.bytes.subarray(0, this.length))) as unknown
  }

  /** The value of the field that was written behind a mark; such that repeat, as types do, are read once. */
  fieldSince(mark: number): unknown {
    const start = this.bytes[mark] === COMMA ? mark + 1 : mark
    const known = this.fields.find(({ bytes }) => this.isSince(start, bytes))
    if (known !== undefined) return known.value
    const bytes = this.bytes.slice(start, this.length)
    const value = Object.values(JSON.parse(`{${utf8Text(bytes)}}`) as object)[0] as unknown
    if (this.fields.length < MOST_FIELDS) this.fields.push({ bytes, value })
    return value
  }

  private isSince(start: number, bytes: Uint8Array): boolean {
    if (this.length - start !== bytes.length) return false
    for (let i = bytes.length - 1; i >= 0; i--) if (this.bytes[start + i] !== bytes[i]) return false
    return true
  }

  private grow(size: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + size))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
