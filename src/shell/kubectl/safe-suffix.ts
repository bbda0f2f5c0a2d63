/** Letters and digits that Kubernetes makes names of: no vowels, so that no words come out. @kubernetes apimachinery/pkg/util/rand */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

/** A number of 32 bits, the same for the same text: what a real cluster draws. */
export function safeHash(text: string): number {
  let hash = 0x811c9dc5
  for (const c of text) hash = Math.imul(hash ^ (c.codePointAt(0) as number), 0x01000193) >>> 0
  return hash
}

/** Some safe characters, the same for the same text. */
export function safeSuffix(text: string, length: number): string {
  let out = ''
  for (let i = 0; i < length; i++) out += SAFE[(safeHash(`${i} ${text}`) >>> 8) % SAFE.length]
  return out
}
