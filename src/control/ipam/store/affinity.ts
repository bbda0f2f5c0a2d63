import type { Prefix } from '../../../wire/index.ts'
import { isSelectorFault, selects } from '../../selector.ts'
import { failure, type IpamFailure } from './failure.ts'
import { type IpamBlock, isEmpty, newBlock } from './ipam-block.ts'
import type { IpamPool } from './ipam-pool.ts'
import {
  affinityOf,
  type Claimant,
  claimantOf,
  deleteAffinity,
  enabledPoolOf,
  firstAddress,
  type IpamAffinity,
  type IpamStore,
  type Labels,
  ownerText,
  putAffinity,
  written,
} from './ipam-store.ts'

/** How far apart the first numbers of two new blocks lie: more than any block is written between them. */
const CLOCK_STEP = 1_000_000n

/** A claim that is not confirmed yet, unless it was before. */
export function pendingAffinity(store: IpamStore, claimant: Claimant, cidr: Prefix): IpamAffinity {
  const known = affinityOf(store, claimant, cidr)
  if (known !== undefined) {
    if (known.state !== 'confirmed') known.state = 'pending'
    return known
  }
  const affinity: IpamAffinity = { type: claimant.type, host: claimant.host, cidr, state: 'pending' }
  putAffinity(store, affinity)
  return affinity
}

/**
 * Makes the block of a claim, or confirms the claim to one that is the claimant's already.
 * @returns undefined when somebody else has the block: then the claim is taken back
 */
export function claimBlock(store: IpamStore, affinity: IpamAffinity): IpamBlock | undefined {
  const owner = ownerText(affinity)
  const known = store.blocks.get(affinity.cidr)
  if (known !== undefined && known.affinity !== owner) {
    deleteAffinity(store, affinity)
    return undefined
  }
  affinity.state = 'confirmed'
  if (known !== undefined) return known
  const block = newBlock(affinity.cidr, store.clock)
  store.clock += CLOCK_STEP
  block.affinity = owner
  store.blocks.set(block.cidr, block)
  return block
}

/**
 * The block of a claim, made when it does not exist, the claim confirmed.
 * @returns undefined when the block is another's, or nobody's: then the claim is stale and goes
 */
export function blockOfAffinity(store: IpamStore, affinity: IpamAffinity): IpamBlock | undefined {
  const block = store.blocks.get(affinity.cidr)
  if (block === undefined) return claimBlock(store, affinity)
  if (block.affinity !== ownerText(affinity)) {
    deleteAffinity(store, affinity)
    return undefined
  }
  if (affinity.state !== 'confirmed' && affinity.state !== undefined) {
    // The block is written once, so that whoever else works on it has to read it again.
    written(block)
    affinity.state = 'confirmed'
  }
  return block
}

/** What came of giving up a claim: it is gone; there was none, or no block; the block is another's. */
export type Released = 'released' | 'absent' | 'stale' | 'not-empty'

/**
 * Gives up a claim: an empty block goes with it, any other loses its owner and keeps its addresses.
 * @param mustBeEmpty - only when the block is empty
 * @calico libcalico-go/lib/ipam/ipam_block_reader_writer.go releaseBlockAffinity
 */
export function releaseBlock(store: IpamStore, claimant: Claimant, cidr: Prefix, mustBeEmpty: boolean): Released {
  const affinity = affinityOf(store, claimant, cidr)
  const block = store.blocks.get(cidr)
  if (affinity === undefined || block === undefined) return 'absent'
  if (block.affinity !== undefined && block.affinity !== ownerText(claimant)) {
    deleteAffinity(store, affinity)
    return 'stale'
  }
  const empty = isEmpty(block)
  if (mustBeEmpty && !empty) return 'not-empty'
  if (empty) store.blocks.delete(cidr)
  else {
    block.affinity = undefined
    block.isFresh = false
    written(block)
  }
  deleteAffinity(store, affinity)
  return 'released'
}

/** The refusal that a block has addresses. */
export function blockNotEmpty(cidr: Prefix): IpamFailure {
  return failure('not-empty', `block '${cidr}' is not empty`)
}

/** Whether a pool is for a node; undefined when its selector cannot be read. */
export function selectsNode({ nodeSelector }: IpamPool, labels: Labels): boolean | undefined {
  return isSelectorFault(nodeSelector) ? undefined : selects(nodeSelector, labels)
}

/**
 * After a release: a block whose pool is no longer for its node is given up, once it is empty.
 * @calico libcalico-go/lib/ipam/ipam.go ensureConsistentAffinity
 */
export function keepConsistent(store: IpamStore, block: IpamBlock): void {
  const claimant = claimantOf(block)
  const labels = claimant && store.nodes.get(claimant.host)
  const pool = enabledPoolOf(store, firstAddress(block))
  if (claimant === undefined || labels === undefined || pool === undefined) return
  if (selectsNode(pool, labels) === false) releaseBlock(store, claimant, block.cidr, true)
}
