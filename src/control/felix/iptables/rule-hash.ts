import { sha224 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8 } from '../../../wire/index.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The first 16 characters of URL-safe base64. */
function shortText(digest: Uint8Array): string {
  let text = ''
  for (let i = 0; i < 12; i += 3) {
    const word = (digest[i]! << 16) | (digest[i + 1]! << 8) | digest[i + 2]!
    text += ALPHABET[word >> 18]! + ALPHABET[(word >> 12) & 63]! + ALPHABET[(word >> 6) & 63]! + ALPHABET[word & 63]!
  }
  return text
}

/**
 * The `cali:` comments of a chain's rules. Each covers the chain's name and every rule before it.
 *
 * @param rules - matches and action of each rule in Felix's long form, e.g. `--jump cali-fip-dnat`
 * @calico felix/generictables/rules.go
 */
export function ruleHashes(chain: string, rules: readonly string[]): string[] {
  let digest = sha224(encodeUtf8(chain))
  return rules.map((rule) => {
    digest = sha224(concatBytes([digest, encodeUtf8(`-A ${chain} HASH ${rule}`)]))
    return shortText(digest)
  })
}
