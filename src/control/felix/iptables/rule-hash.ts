import { sha224 } from '@noble/hashes/sha2.js'
import { base64Url, concatBytes, encodeUtf8 } from '../../../wire/index.ts'

/** Bytes of a digest that are written: 16 characters. */
const HASH_BYTES = 12

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
    return base64Url(digest.subarray(0, HASH_BYTES))
  })
}
