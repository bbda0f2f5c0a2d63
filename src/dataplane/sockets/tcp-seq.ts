// Sequence numbers wrap around: comparisons are modulo 2^32. @rfc 9293 §3.4

/** a comes before b. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}

/** a comes after b. */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0
}

/** a + n. */
export function seqAdd(a: number, n: number): number {
  return (a + n) >>> 0
}

/** How far b is behind a: a - b as a signed number. */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0
}

/** lo <= x <= hi. */
export function between(x: number, lo: number, hi: number): boolean {
  return !before(x, lo) && !after(x, hi)
}
