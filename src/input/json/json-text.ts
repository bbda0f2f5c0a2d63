import { BACKSLASH, BLANK, QUOTE } from '../characters.ts'
import { utf8Text } from '../utf8-text.ts'

const HEX = '0123456789abcdef'
/** Bytes from which on copying together is faster than one by one. */
const MANY = 48

/** JSON that is being written, as bytes. */
export class JsonText {
  /** Whether what is written is left out. */
  isMuted = false
  private bytes = new Uint8Array(1 << 13)
  private length = 0

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

  /** Writes text of ASCII. */
  ascii(text: string): void {
    for (let at = 0; at < text.length; at++) this.character(text.charCodeAt(at))
  }

  /** What was written, as a value. */
  value(): unknown {
    return JSON.parse(utf8Text(this.bytes.subarray(0, this.length))) as unknown
  }

  private grow(size: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + size))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
