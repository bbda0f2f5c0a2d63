import type { ByteSource } from './byte-source.ts'

/** Bytes that are kept together. */
const BLOCK = 1 << 22

/** Bytes that come one after the other, as out of a pipe, when they are looked at; they are kept, for who asks again. */
export class PulledSource implements ByteSource {
  private readonly pull: (into: Uint8Array) => number
  private readonly blocks: Uint8Array[] = []
  private length = 0
  private isOver = false

  /** @param pull - writes the next bytes into an array, as many as there are and it holds; 0 = there are no more */
  constructor(pull: (into: Uint8Array) => number) {
    this.pull = pull
  }

  piece(start: number, end: number): Uint8Array {
    while (this.length < end && !this.isOver) this.more()
    const last = Math.min(end, this.length)
    if (start >= last) return new Uint8Array(0)
    const first = Math.floor(start / BLOCK)
    if (last <= (first + 1) * BLOCK) return this.part(first, start, last)
    const joined = new Uint8Array(last - start)
    for (let i = first; i * BLOCK < last; i++)
      joined.set(this.part(i, Math.max(start, i * BLOCK), last), Math.max(i * BLOCK - start, 0))
    return joined
  }

  private part(block: number, start: number, end: number): Uint8Array {
    return (this.blocks[block] as Uint8Array).subarray(start - block * BLOCK, end - block * BLOCK)
  }

  private more(): void {
    const at = this.length % BLOCK
    if (at === 0) this.blocks.push(new Uint8Array(BLOCK))
    const length = this.pull((this.blocks.at(-1) as Uint8Array).subarray(at))
    this.length += length
    this.isOver = length === 0
  }
}
