import { overlaps, type Prefix } from '../../../wire/index.ts'
import { countIn, mergedRanges, rangeOf, sizeOfRange } from './address-ranges.ts'
import { freeSlots, type IpamBlock } from './ipam-block.ts'
import { type IpamStore, listBlocks } from './ipam-store.ts'

/** How many addresses there are, and how many of them are gone. */
export interface Usage {
  /** Number of addresses in the range. */
  readonly capacity: number
  /** Addresses that somebody has, or that rest after a release. */
  readonly inUse: number
  /** Reserved ones, in use or not. */
  readonly reserved: number
  /** Neither in use nor reserved. */
  readonly available: number
}

/** A block's use. */
export interface BlockUsage extends Usage {
  /** The range of the block. */
  readonly cidr: Prefix
}

/** A pool's use; of blocks in no pool, under a name of their own, nothing is summed up. */
export interface PoolUsage extends Usage {
  /** Name of the pool. */
  readonly name: string
  /** The range of the pool. */
  readonly cidr: Prefix
  /** Its blocks, in the order of the datastore. */
  readonly blocks: readonly BlockUsage[]
}

/** Under what name blocks in no pool are listed. */
const ORPHANED_BLOCKS = 'orphaned allocation blocks'
const EVERYWHERE = '0.0.0.0/0' as Prefix

function usageOf(store: IpamStore, block: IpamBlock): BlockUsage {
  return {
    cidr: block.cidr,
    capacity: block.size,
    inUse: block.size - block.unallocated.length,
    reserved: Number(countIn(block.range, store.reserved)),
    available: freeSlots(block, store.reserved),
  }
}

/**
 * How full pools are. @param wanted - names or ranges; absent or empty: all pools, and blocks that lie in none
 * @calico libcalico-go/lib/ipam/ipam.go GetUtilization
 */
export function utilization(store: IpamStore, wanted: readonly string[] = []): PoolUsage[] {
  const isWanted = ({ name, cidr }: { readonly name: string; readonly cidr: Prefix }): boolean =>
    wanted.length === 0 || wanted.includes(name) || wanted.includes(cidr)
  const rows = store.pools.filter(isWanted).map(({ name, cidr }) => ({ name, cidr, blocks: [] as BlockUsage[] }))
  const orphans = { name: ORPHANED_BLOCKS, cidr: EVERYWHERE, blocks: [] as BlockUsage[] }
  const all = wanted.length === 0 ? [...rows, orphans] : rows
  for (const block of listBlocks(store)) {
    all.find(({ cidr }) => overlaps(cidr, block.cidr))?.blocks.push(usageOf(store, block))
  }
  return all.map((row) => (row === orphans ? { ...row, ...NO_USAGE } : { ...row, ...totalOf(store, row) }))
}

const NO_USAGE: Usage = { capacity: 0, inUse: 0, reserved: 0, available: 0 }

/** The whole range counts, also where no block is yet. */
function totalOf(store: IpamStore, { cidr, blocks }: Pick<PoolUsage, 'cidr' | 'blocks'>): Usage {
  const range = rangeOf(cidr)
  const capacity = sizeOfRange(range)
  const gone = mergedRanges([...store.reserved, ...blocks.map((block) => rangeOf(block.cidr))])
  const outside = capacity - countIn(range, gone)
  const sum = (field: 'inUse' | 'available'): number => blocks.reduce((total, block) => total + block[field], 0)
  return {
    capacity: Number(capacity),
    inUse: sum('inUse'),
    reserved: Number(countIn(range, store.reserved)),
    available: sum('available') + Number(outside),
  }
}
