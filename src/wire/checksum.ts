// The Internet checksum: the one's complement of the one's complement sum of 16-bit words. @rfc 1071

/**
 * Adds the 16-bit words of `bytes[start..end)` to a partial sum; an odd last byte counts as the high half of a word.
 * The result, which may be folded in part, is below 2^32 for any frame: pass it on as `initial`, or to {@link foldChecksum}.
 */
export function partialSum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  const words = end - start < LONG || ((bytes.byteOffset + start) & 3) !== 0 ? 0 : (end - start) >> 2
  return words === 0
    ? sumOfBytes(bytes, start, end, initial)
    : sumOfBytes(bytes, start + words * 4, end, initial + sumOfWords(bytes, start, words))
}

/** From this many bytes on it pays to look at them in words of the machine. */
const LONG = 256

/**
 * The sum does not depend on the byte order it is taken in: only the result is swapped. Nor on the size of words, as long as what
 * overflows is added again: words of 32 bits are summed in doubles, which hold two million of them exactly. @rfc 1071 §1.2 (B), (C)
 */
function sumOfWords(bytes: Uint8Array, start: number, words: number): number {
  const view = new Uint32Array(bytes.buffer, bytes.byteOffset + start, words)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (const by8 = words - 7; i < by8; i += 8) {
    a += view[i]! + view[i + 1]!
    b += view[i + 2]! + view[i + 3]!
    c += view[i + 4]! + view[i + 5]!
    d += view[i + 6]! + view[i + 7]!
  }
  for (; i < words; i++) a += view[i]!
  const sum = ~foldChecksum(a + b + c + d) & 0xffff
  return IS_LITTLE_ENDIAN ? ((sum & 0xff) << 8) | (sum >>> 8) : sum
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function sumOfBytes(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let high = 0
  let low = 0
  let i = start
  for (const by4 = end - 3; i < by4; i += 4) {
    high += bytes[i]! + bytes[i + 2]!
    low += bytes[i + 1]! + bytes[i + 3]!
  }
  if (i + 1 < end) {
    high += bytes[i]!
    low += bytes[i + 1]!
    i += 2
  }
  if (i < end) high += bytes[i]!
  return initial + high * 0x100 + low
}

/** Folds a partial sum to 16 bits and complements it: the value a header carries. */
export function foldChecksum(sum: number): number {
  let folded = (sum & 0xffff) + (sum >>> 16)
  if (sum > 0xffff_ffff) folded += Math.floor(sum / 0x1_0000_0000)
  folded = (folded & 0xffff) + (folded >>> 16)
  folded = (folded & 0xffff) + (folded >>> 16)
  return ~folded & 0xffff
}

/**
 * The Internet checksum of `bytes[start..end)`. Over a region that holds its own right checksum it is 0.
 * @param initial - a partial sum to add, such as a pseudo header's
 * @rfc 1071
 */
export function checksum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  return foldChecksum(partialSum(bytes, start, end, initial))
}

/**
 * The partial sum of the IPv4 pseudo header.
 * @param source - as uint32
 * @param destination - as uint32
 * @param length - of the upper layer, header and data, in bytes
 * @rfc 9293 §3.1
 */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length
}

/**
 * The partial sum of the IPv6 pseudo header; both addresses are read from a header at `at`.
 * @param length - of the upper layer, header and data, in bytes
 * @rfc 8200 §8.1
 */
export function pseudoHeaderSum6(bytes: Uint8Array, at: number, nextHeader: number, length: number): number {
  return partialSum(bytes, at + 8, at + 40, (length >>> 16) + (length & 0xffff) + nextHeader)
}

/**
 * The checksum after one 16-bit field changed: HC' = ~(~HC + ~m + m').
 * @rfc 1624 §3 eqn. 3
 */
export function updateChecksum16(old: number, oldField: number, newField: number): number {
  let sum = (~old & 0xffff) + (~oldField & 0xffff) + newField
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The checksum after one 32-bit field at an even offset changed, such as an IPv4 address. @rfc 1624 §3 */
export function updateChecksum32(old: number, oldField: number, newField: number): number {
  const high = updateChecksum16(old, oldField >>> 16, newField >>> 16)
  return updateChecksum16(high, oldField & 0xffff, newField & 0xffff)
}

/** Whether the checksum stored inside `bytes[start..end)` is right. */
export function checksumHolds(bytes: Uint8Array, start: number, end: number, initial = 0): boolean {
  return checksum(bytes, start, end, initial) === 0
}

/** The checksum a region should carry in its 16-bit field at `fieldAt`, whatever stands there now; the field is at an even offset. */
export function checksumWithout(bytes: Uint8Array, start: number, end: number, fieldAt: number, initial = 0): number {
  return foldChecksum(partialSum(bytes, fieldAt + 2, end, partialSum(bytes, start, fieldAt, initial)))
}
