const SIZE = 65536
/** Longer buffers are made by themselves. */
const LARGEST = 2048

let slab = new ArrayBuffer(SIZE)
let used = 0

/**
 * A buffer of zero bytes. Small ones are pieces of a larger one, which is given out once and never again: a typed array with
 * memory of its own costs more than everything else that happens to a small packet on its way into a device.
 */
export function newBytes(length: number): Uint8Array {
  if (length > LARGEST) return new Uint8Array(length)
  if (used + length > SIZE) {
    slab = new ArrayBuffer(SIZE)
    used = 0
  }
  const start = used
  // Views begin at multiples of eight.
  used = (start + length + 7) & ~7
  return new Uint8Array(slab, start, length)
}

/** From this many bytes on, a copy by the engine's own call is faster than a loop. */
const SHORT = 96

/** Copies `from[start, end)` to `to` at `at`. */
export function putBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT) to.set(from.subarray(start, end), at)
  else for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number
}

/** A copy of `bytes[start, end)` in a buffer made as {@link newBytes} does. */
export function sliceBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const slice = newBytes(end - start)
  putBytes(slice, 0, bytes, start, end)
  return slice
}

/** A copy in a buffer of its own, made as {@link newBytes} does. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const copy = newBytes(bytes.length)
  copy.set(bytes)
  return copy
}
