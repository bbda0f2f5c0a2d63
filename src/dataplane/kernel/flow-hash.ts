/** Mixes numbers to a well spread uint32. Ours, seeded; the kernel's own choice depends on a random key. */
export function mix(hash: number, value: number): number {
  let h = (hash ^ value) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
