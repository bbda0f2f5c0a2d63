import { sha1 } from './sha1.ts'

/** Twenty bytes that follow from a seed and a text and nothing else: what a real machine would draw at random. */
export function seededBytes(seed: number, text: string): Uint8Array {
  return sha1(`${seed}/${text}`)
}
