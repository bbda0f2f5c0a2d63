/** A number of 32 bits, the same for the same text: FNV-1a over its UTF-16 code units. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/**
 * Word `i` of what a seed stands for: neighbouring seeds give words that have nothing in common, though people count them 1, 2, 3.
 * Each bit of the seed turns half of the bits of a word.
 */
export function seedWord(seed: number, i = 0): number {
  let h = (seed + Math.imul(i, 0x9e3779b9)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return h ^ (h >>> 16)
}
