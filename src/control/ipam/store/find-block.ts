import type { Prefix } from '../../../wire/index.ts'
import { firstBlockIndex } from '../block-index.ts'
import { baseAt, blockAt, hostBits, stepsTo } from '../block-walk.ts'
import { type AddressRange, holderOf, rangeOf } from './address-ranges.ts'
import { blockOfAffinity, pendingAffinity, releaseBlock } from './affinity.ts'
import { failure, type IpamFailure } from './failure.ts'
import { freeSlots, type IpamBlock, isEmpty } from './ipam-block.ts'
import { type IpamPool, isInPool } from './ipam-pool.ts'
import { affinityOf, type Claimant, claimantOf, type IpamStore, ownerText } from './ipam-store.ts'

/** A search of blocks for one request. */
export interface BlockSearch {
  readonly claimant: Claimant
  readonly pools: readonly IpamPool[]
  /** Own blocks that were not tried yet, in order. */
  readonly remaining: Prefix[]
  /** No more blocks than it has. */
  mayClaim: boolean
}

/** A block with room. */
export interface FoundBlock {
  readonly block: IpamBlock
  /** It counts as one more of the claimant. */
  readonly isNew: boolean
}

/** Whether a block is reserved as a whole. */
function isAllReserved(range: AddressRange, reserved: readonly AddressRange[]): boolean {
  return reserved.length > 0 && holderOf(range, reserved) !== undefined
}

/** The next own block with room. */
function ownBlock(store: IpamStore, search: BlockSearch): IpamBlock | undefined {
  for (let cidr = search.remaining.shift(); cidr !== undefined; cidr = search.remaining.shift()) {
    if (isAllReserved(rangeOf(cidr), store.reserved)) continue
    const affinity = affinityOf(store, search.claimant, cidr)
    const block = affinity && blockOfAffinity(store, affinity)
    if (block !== undefined && freeSlots(block, store.reserved) >= 1) return block
  }
  return undefined
}

/**
 * The range of a block to claim: the first of the walk that does not exist, or is the claimant's own with room; else one
 * that lies empty in other hands, which is taken away from them unless they claimed it within the last minute.
 * @calico libcalico-go/lib/ipam/ipam_block_reader_writer.go findUsableBlock
 */
function usableBlock(store: IpamStore, { claimant, pools }: BlockSearch): Prefix | undefined {
  const { reserved, blocks } = store
  const owner = ownerText(claimant)
  const idle: IpamBlock[] = []
  for (const pool of pools) {
    if (pool.blocks === 0n) continue
    const start = firstBlockIndex(claimant.host, pool.blocks)
    for (let step = 0n; step < pool.blocks; step++) {
      const base = baseAt(pool, (start + step) % pool.blocks)
      const cidr = blockAt(pool, base)
      if (reserved.length > 0) {
        const holder = holderOf(rangeOf(cidr), reserved)
        if (holder !== undefined) {
          // To the end of what is reserved, or of the pool, in one step: reserved ranges can be vast.
          const end = holder.last < pool.range.last ? holder.last : pool.range.last
          step += ((end - BigInt(base) + 1n) >> hostBits(pool)) - 1n
          continue
        }
      }
      const block = blocks.get(cidr)
      if (block === undefined) return cidr
      const hasRoom = freeSlots(block, reserved) > 0
      if (hasRoom && block.affinity === owner) return cidr
      if (hasRoom && isEmpty(block)) idle.push(block)
    }
  }
  for (const block of idle) {
    const holder = claimantOf(block)
    if (block.isFresh || holder === undefined) continue
    if (releaseBlock(store, holder, block.cidr, true) === 'released') return block.cidr
  }
  return undefined
}

/** How often a claim is tried anew before a request gives up. */
const TRIES = 100

/**
 * A block with room: an own one, else a new one.
 * @returns undefined when there is none left anywhere: then others' blocks may be tried
 * @calico libcalico-go/lib/ipam/ipam.go findOrClaimBlock
 */
export function findOrClaim(store: IpamStore, search: BlockSearch): FoundBlock | IpamFailure | undefined {
  const own = ownBlock(store, search)
  if (own !== undefined) return { block: own, isNew: false }
  if (!search.mayClaim) return failure('block-limit', 'cannot allocate new block due to per host block limit')
  if (!store.settings.autoAllocateBlocks) return failure('other', 'failed to find or claim a block')
  for (let i = 0; i < TRIES; i++) {
    const cidr = usableBlock(store, search)
    if (cidr === undefined) return undefined
    const block = blockOfAffinity(store, pendingAffinity(store, search.claimant, cidr))
    if (block === undefined) continue
    const free = freeSlots(block, store.reserved)
    if (free >= 1) return { block, isNew: true }
    return failure('other', `Block '${cidr}' has ${free} free ips which is less than 1 ips required.`)
  }
  return failure('other', 'Max retries hit - excessive concurrent IPAM requests')
}

function sizeOfBlocks(pool: IpamPool): number {
  return 2 ** Number(hostBits(pool))
}

/** Existing blocks of a pool in the order of a host's walk, without those that are reserved as a whole. */
export function walkedBlocks(store: IpamStore, pool: IpamPool, host: string): IpamBlock[] {
  if (pool.blocks === 0n) return []
  const start = firstBlockIndex(host, pool.blocks)
  const steps = new Map<IpamBlock, bigint>()
  for (const block of store.blocks.values()) {
    if (!isInPool(pool, block.base) || block.size !== sizeOfBlocks(pool)) continue
    if (!isAllReserved(block.range, store.reserved)) steps.set(block, stepsTo(pool, start, block.base))
  }
  return [...steps.keys()].sort((a, b) => (steps.get(a)! < steps.get(b)! ? -1 : 1))
}
