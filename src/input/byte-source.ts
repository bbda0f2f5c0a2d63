/** Bytes that are read piece by piece: those of a file stay on the disk. */
export interface ByteSource {
  /** The bytes from `start` up to `end`, or up to where they all end; nobody writes to what it gives. */
  piece(start: number, end: number): Uint8Array
}

/** Bytes in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { piece: (start, end) => bytes.subarray(start, end) }
}
