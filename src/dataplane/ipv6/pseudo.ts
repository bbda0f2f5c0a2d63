/** Partial sum of an address for the pseudo header. */
export function keySum(key: string): number {
  let sum = 0
  for (let i = 0; i < 16; i += 2) sum += (key.charCodeAt(i) << 8) | key.charCodeAt(i + 1)
  return sum
}
