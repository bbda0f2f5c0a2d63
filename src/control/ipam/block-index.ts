import { encodeUtf8 } from '../../wire/index.ts'
import { GoRandSource } from './go-rand.ts'

/** FNV-1, 32 bits: multiply, then xor. Not FNV-1a. */
export function fnv1(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return fnv1OfBytes(encodeUtf8(text))
    hash = Math.imul(hash, 16777619) ^ code
  }
  return hash >>> 0
}

function fnv1OfBytes(bytes: Uint8Array): number {
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
  if (bits <= 32) return BigInt(indexBelow(Number(blocks), bits))
  for (;;) {
    const index = BigInt.asUintN(bits, draw(bits))
    if (index < blocks) return index
  }
}

/** The same for a pool of IPv4, in numbers: the bits lie in the lower half of a word. */
function indexBelow(blocks: number, bits: number): number {
  for (;;) {
    const index = (source.uint32() << (32 - bits)) >>> (32 - bits)
    if (index < blocks) return index
    source.uint32()
  }
}

/** At least so many random bits: whole words of 64, the lower half first. */
function draw(bits: number): bigint {
  let drawn = 0n
  for (let have = 0; have < bits || have % 64 !== 0; have += 32) drawn |= BigInt(source.uint32()) << BigInt(have)
  return drawn
}
