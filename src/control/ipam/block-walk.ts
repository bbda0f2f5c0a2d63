import type { Family, Prefix } from '../../wire/index.ts'
import { type AddressNumber, addressOf } from '../address-number.ts'
import { firstBlockIndex } from './block-index.ts'

/** Blocks of one size, side by side: what a pool is to a walk. */
export interface BlockGrid {
  readonly family: Family
  /** First address. */
  readonly base: AddressNumber
  /** Prefix length of a block. */
  readonly blockSize: number
  /** How many there are, a power of two; 0 when a block is larger than the pool. */
  readonly blocks: bigint
}

/** The bits of an address behind a block's prefix. */
export function hostBits({ family, blockSize }: BlockGrid): bigint {
  return BigInt((family === 4 ? 32 : 128) - blockSize)
}

/** First address of a block by its place in the grid. */
export function baseAt(grid: BlockGrid, index: bigint): AddressNumber {
  const offset = index << hostBits(grid)
  return typeof grid.base === 'number' ? grid.base + Number(offset) : grid.base + offset
}

/** The block that begins at an address. */
export function blockAt({ blockSize }: BlockGrid, base: AddressNumber): Prefix {
  return `${addressOf(base)}/${blockSize}` as Prefix
}

/** The place in the grid of the block that begins at an address. */
function indexOf(grid: BlockGrid, base: AddressNumber): bigint {
  return (BigInt(base) - BigInt(grid.base)) >> hostBits(grid)
}

/** How many steps of a walk lie between a host's first block and another. */
export function stepsTo(grid: BlockGrid, start: bigint, base: AddressNumber): bigint {
  return (indexOf(grid, base) - start + grid.blocks) % grid.blocks
}

/** A walk over all blocks of a pool, from a host's own first one on and around. */
export function* walk(grid: BlockGrid, host: string): Generator<AddressNumber> {
  if (grid.blocks === 0n) return
  const start = firstBlockIndex(host, grid.blocks)
  for (let step = 0n; step < grid.blocks; step++) yield baseAt(grid, (start + step) % grid.blocks)
}
