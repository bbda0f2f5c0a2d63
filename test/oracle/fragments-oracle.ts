// Fragmentation and reassembly worked out slowly: a datagram is a list of single bytes, each with its place.

/** One fragment: where its data begins, in bytes, whether more follow, and the data. */
export interface Piece {
  /** First byte. */
  readonly at: number
  /** More fragments follow. */
  readonly more: boolean
  /** Data. */
  readonly data: readonly number[]
}

/** Cuts data for an MTU: what fits goes as the last piece; until then pieces are the longest multiple of eight. @rfc 791 §3.2 */
export function cut(data: readonly number[], header: number, mtu: number): Piece[] {
  let room = 0
  while (header + room + 8 <= mtu) room += 8
  const pieces: Piece[] = []
  let at = 0
  while (header + data.length - at > mtu) {
    pieces.push({ at, more: true, data: data.slice(at, at + room) })
    at += room
  }
  return [...pieces, { at, more: false, data: data.slice(at) }]
}

/** Puts pieces together, in whatever order they came: undefined while a byte is missing. */
export function join(pieces: readonly Piece[]): number[] | undefined {
  const last = pieces.find((piece) => !piece.more)
  if (last === undefined) return undefined
  const whole: (number | undefined)[] = new Array<undefined>(last.at + last.data.length).fill(undefined)
  for (const { at, data } of pieces) {
    for (const [i, byte] of data.entries()) whole[at + i] = byte
  }
  return whole.includes(undefined) ? undefined : (whole as number[])
}
