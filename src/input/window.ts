import type { ByteSource } from './byte-source.ts'

/** Bytes a reader looks at together, unless one object is longer. */
const USUAL = 1 << 20
/** Bytes of one object that are looked at together at most. */
const MOST = 1 << 27

/** The piece of a source that a reader has before it. */
export class Window {
  /** The bytes. */
  bytes: Uint8Array
  /** Where in the source they begin. */
  base: number
  private readonly source: ByteSource
  private size: number

  constructor(source: ByteSource, base: number, size: number = USUAL) {
    this.source = source
    this.size = size
    this.base = base
    this.bytes = source.piece(base, base + size)
  }

  /** Whether the source ends where it does. */
  get isLast(): boolean {
    return this.bytes.length < this.size
  }

  /** Begins anew at an index of it, longer where that is its beginning; false where it could hold no more. */
  slide(at: number): boolean {
    if (this.isLast || (at === 0 && this.size >= MOST)) return false
    if (at === 0) this.size *= 2
    this.base += at
    this.bytes = this.source.piece(this.base, this.base + this.size)
    return true
  }
}
