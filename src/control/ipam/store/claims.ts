import { addressBits, type Prefix, prefixAddress, prefixLength } from '../../../wire/index.ts'
import { numberOf, plus } from '../../address-number.ts'
import { blockAt } from '../block-walk.ts'
import { blockNotEmpty, claimBlock, pendingAffinity, releaseBlock } from './affinity.ts'
import { failure, type IpamFailure, isFailure } from './failure.ts'
import type { IpamPool } from './ipam-pool.ts'
import { affinitiesOf, type Claimant, enabledPoolOf, type IpamStore } from './ipam-store.ts'

/** Blocks that a node was to get. */
export interface ClaimResult {
  /** It has them. */
  readonly claimed: readonly Prefix[]
  /** Somebody else has them. */
  readonly failed: readonly Prefix[]
  /** Why none of the range was tried; undefined when all of it was. */
  readonly error: IpamFailure | undefined
}

/** The pool of a range that is at least one block; else the refusal. */
function poolOfRange(store: IpamStore, cidr: Prefix): IpamPool | IpamFailure {
  const pool = enabledPoolOf(store, prefixAddress(cidr))
  if (pool === undefined) {
    return failure('not-in-pool', `The requested CIDR (${cidr}) is not within any configured pools.`)
  }
  if (prefixLength(cidr) <= pool.blockSize) return pool
  return failure('too-small', `The requested CIDR (${cidr}) is smaller than the minimum.`)
}

/** The blocks of a range, in order. */
function* blocksIn(pool: IpamPool, cidr: Prefix): Generator<Prefix> {
  const count = 2 ** (pool.blockSize - prefixLength(cidr))
  const size = 2 ** (addressBits(cidr) - pool.blockSize)
  const base = numberOf(prefixAddress(cidr))
  for (let i = 0; i < count; i++) yield blockAt(pool, plus(base, i * size))
}

/** Claims every block of a range for a node. @calico libcalico-go/lib/ipam/ipam.go ClaimAffinity */
export function claimRange(store: IpamStore, claimant: Claimant, cidr: Prefix): ClaimResult {
  const claimed: Prefix[] = []
  const failed: Prefix[] = []
  const pool = poolOfRange(store, cidr)
  if (isFailure(pool)) return { claimed, failed, error: pool }
  for (const each of blocksIn(pool, cidr)) {
    const block = claimBlock(store, pendingAffinity(store, claimant, each))
    if (block === undefined) failed.push(each)
    else claimed.push(each)
  }
  return { claimed, failed, error: undefined }
}

/** Gives up a node's claims to the blocks of a range. @calico libcalico-go/lib/ipam/ipam.go ReleaseAffinity */
export function releaseRange(
  store: IpamStore,
  claimant: Claimant,
  cidr: Prefix,
  mustBeEmpty: boolean,
): IpamFailure | undefined {
  const pool = poolOfRange(store, cidr)
  if (isFailure(pool)) return pool
  for (const each of blocksIn(pool, cidr)) {
    if (releaseBlock(store, claimant, each, mustBeEmpty) === 'not-empty') return blockNotEmpty(each)
  }
  return undefined
}

/** Gives up all claims of a node; of several refusals the last is told. @calico ReleaseHostAffinities */
export function releaseNode(store: IpamStore, claimant: Claimant, mustBeEmpty: boolean): IpamFailure | undefined {
  let refused: IpamFailure | undefined
  for (const family of [4, 6] as const) {
    for (const { cidr } of affinitiesOf(store, claimant, family)) {
      if (releaseBlock(store, claimant, cidr, mustBeEmpty) === 'not-empty') refused = blockNotEmpty(cidr)
    }
  }
  return refused
}
