const SIZE = 65536
/** Longer buffers are made by themselves. */
const LARGEST = 2048

/**
 * Memory of packets. Small buffers are pieces of a larger one, which is given out once and never again: a typed array with
 * memory of its own costs more than everything else that happens to a small packet on its way into a device.
 */
export class Slab {
  private slab = new ArrayBuffer(SIZE)
  private used = 0

  /** A buffer of zero bytes. */
  bytes(length: number): Uint8Array {
    if (length > LARGEST) return new Uint8Array(length)
    if (this.used + length > SIZE) {
      this.slab = new ArrayBuffer(SIZE)
      this.used = 0
    }
    const start = this.used
    // Views begin at multiples of eight.
    this.used = (start + length + 7) & ~7
    return new Uint8Array(this.slab, start, length)
  }

  /** A copy of `bytes[start, end)`. */
  slice(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const slice = this.bytes(end - start)
    putBytes(slice, 0, bytes, start, end)
    return slice
  }

  /** A copy. */
  copy(bytes: Uint8Array): Uint8Array {
    const copy = this.bytes(bytes.length)
    copy.set(bytes)
    return copy
  }
}

/** From this many bytes on, a copy by the engine's own call is faster than a loop. */
const SHORT = 28

/** Copies `from[start, end)` to `to` at `at`. */
export function putBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT) to.set(from.subarray(start, end), at)
  else for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number
}
