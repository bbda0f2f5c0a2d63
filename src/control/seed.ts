import { sha1 } from '@noble/hashes/legacy.js'
import { encodeUtf8 } from '../wire/index.ts'

/** Twenty bytes that follow from a seed and a text and nothing else: what a real machine would draw at random. */
export function seededBytes(seed: number, text: string): Uint8Array {
  return sha1(encodeUtf8(`${seed}/${text}`))
}
