/**
 * Bob Jenkins' public-domain lookup3 hash over 32-bit words, as Linux seeds it. Where the kernel picks an address out of a NAT
 * range by this hash, so do we, and get the same address.
 * @linux include/linux/jhash.h jhash2
 */
export function jhash2(words: readonly number[], initial: number): number {
  const start = (0xdeadbeef + (words.length << 2) + initial) | 0
  let a = start
  let b = start
  let c = start
  let i = 0
  let left = words.length
  const word = (k: number): number => words[k]! | 0
  while (left > 3) {
    a = (a + word(i)) | 0
    b = (b + word(i + 1)) | 0
    c = (c + word(i + 2)) | 0
    // mix
    a = ((a - c) | 0) ^ rotate(c, 4)
    c = (c + b) | 0
    b = ((b - a) | 0) ^ rotate(a, 6)
    a = (a + c) | 0
    c = ((c - b) | 0) ^ rotate(b, 8)
    b = (b + a) | 0
    a = ((a - c) | 0) ^ rotate(c, 16)
    c = (c + b) | 0
    b = ((b - a) | 0) ^ rotate(a, 19)
    a = (a + c) | 0
    c = ((c - b) | 0) ^ rotate(b, 4)
    b = (b + a) | 0
    i += 3
    left -= 3
  }
  if (left === 0) return c >>> 0
  if (left === 3) c = (c + word(i + 2)) | 0
  if (left >= 2) b = (b + word(i + 1)) | 0
  a = (a + word(i)) | 0
  // final
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  c = ((c ^ b) - rotate(b, 24)) | 0
  return c >>> 0
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

/** The bytes of a word in the other order: addresses lie in memory big-endian, the hash reads them little-endian. */
export function swap32(x: number): number {
  return (((x & 0xff) << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) >>> 0
}

/** `value * range / 2^32`, rounded down: spreads a hash over a range. */
export function reciprocalScale(value: number, range: number): number {
  return Number((BigInt(value >>> 0) * BigInt(range >>> 0)) >> 32n)
}
