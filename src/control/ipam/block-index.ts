import { encodeUtf8 } from '../../wire/index.ts'
import { GoRandSource } from './go-rand.ts'

/** FNV-1, 32 bits: multiply, then xor. Not FNV-1a. */
export function fnv1(text: string): number {
  const bytes = encodeUtf8(text)
  let hash = 2166136261
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash, 16777619) ^ bytes[i]!
  return hash >>> 0
}

/** Seeded anew for each host: a source takes more time to make than to use. */
const source = new GoRandSource()

/**
 * Where a host begins its walk over the blocks of a pool. Depends on the host's name and the number of blocks only:
 * a uniform integer below `blocks` by rejection, from a source seeded with the name's hash.
 *
 * @param blocks - number of blocks in the pool, a power of two
 * @calico libcalico-go/lib/ipam/ipam_block_reader_writer.go randomBlockGenerator
 */
export function firstBlockIndex(host: string, blocks: bigint): bigint {
  source.seed(fnv1(host))
  // The limit itself is measured, so a power of two takes one bit more than its largest index.
  const bits = blocks.toString(2).length
  for (;;) {
    const index = BigInt.asUintN(bits, draw(bits))
    if (index < blocks) return index
  }
}

/** At least so many random bits: whole words of 64, the lower half first. */
function draw(bits: number): bigint {
  let drawn = 0n
  for (let have = 0; have < bits || have % 64 !== 0; have += 32) drawn |= BigInt(source.uint32()) << BigInt(have)
  return drawn
}
