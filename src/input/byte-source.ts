/** Bytes that are read piece by piece: those of a file stay on the disk. */
export interface ByteSource {
  /** The bytes from `start` up to `end`, or up to where they all end; nobody writes to what it gives. */
  piece(start: number, end: number): Uint8Array
}

/** Bytes in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { piece: (start, end) => bytes.subarray(start, end) }
}

/** A place in a source, from which its line and column follow. */
export interface BytePlace {
  /** Index in the source. */
  readonly offset: number
  /** Line, from 1. */
  readonly line: number
  /** Index at which the line would begin if each of its characters were one byte. */
  readonly lineAt: number
}
