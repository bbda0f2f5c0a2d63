import type { Family, Ip, Prefix } from '../../../wire/index.ts'
import { familyOf } from '../../../wire/index.ts'
import { numberOf } from '../../address-number.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { BUILT_IN_BLOCK_LIMIT } from '../book.ts'
import { releaseBlock, selectsNode } from './affinity.ts'
import { failure, type IpamFailure, isFailure } from './failure.ts'
import { type BlockSearch, findOrClaim, walkedBlocks } from './find-block.ts'
import { addressesOfHandle, countUp } from './handles.ts'
import { addressIn, freeSlots, type IpamAllocation, type IpamBlock, takeSlots } from './ipam-block.ts'
import { isInPool, poolOfAddress } from './ipam-pool.ts'
import { affinitiesOf, type Claimant, enabledPools, type IpamStore, written } from './ipam-store.ts'
import { resolvePools, type UsablePools, usablePools } from './usable-pools.ts'

/** A call for any addresses. */
export interface AutoAssignRequest {
  /** Node; load balancers have a virtual one. */
  readonly host: string
  /** How many IPv4 addresses; absent: none. */
  readonly ipv4?: number
  /** How many IPv6 addresses; absent: none. */
  readonly ipv6?: number
  /** What for; it must be said. */
  readonly use?: AllowedUse
  /** Namespace of the pod, by name. */
  readonly namespace?: string
  /** IPv4 pools by name or range, in order; absent or empty: those that select the node and the namespace. */
  readonly pools4?: readonly string[]
  /** The same for IPv6. */
  readonly pools6?: readonly string[]
  /** What the addresses will be found and given back by; absent: they get none. */
  readonly handle?: string
  /** Blocks the node may have, as this call says. */
  readonly maxBlocks?: number
  /** Addresses of each family that the handle may have. */
  readonly maxPerHandle?: number
  /** What is written beside the addresses. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** What was assigned of a family. */
export interface Assigned {
  /** In the order in which they were taken; fewer than asked for when there are no more. */
  readonly addresses: readonly Ip[]
  /** Why there are no more, as Calico words it. */
  readonly messages: readonly string[]
}

/** What a call for addresses gave. Addresses that were assigned stay assigned when there is an error, too. */
export interface AutoAssigned {
  /** Of IPv4, which is served first. */
  readonly ipv4: Assigned
  /** Of IPv6; nothing when IPv4 ended with an error. */
  readonly ipv6: Assigned
  /** The first refusal; undefined when there is none, also when there are too few addresses. */
  readonly error: IpamFailure | undefined
}

const NOTHING: Assigned = { addresses: [], messages: [] }

/**
 * Assigns addresses: from the node's own blocks in the order of the datastore, then from new blocks, then, unless strict
 * affinity forbids it, from anybody's.
 *
 * @calico libcalico-go/lib/ipam/ipam.go AutoAssign
 */
export function autoAssignAddresses(store: IpamStore, request: AutoAssignRequest): AutoAssigned {
  const ipv4 = assignFamily(store, request, 4, request.ipv4 ?? 0, request.pools4 ?? [])
  if (ipv4.error !== undefined) return { ipv4: ipv4.assigned, ipv6: NOTHING, error: ipv4.error }
  const ipv6 = assignFamily(store, request, 6, request.ipv6 ?? 0, request.pools6 ?? [])
  return { ipv4: ipv4.assigned, ipv6: ipv6.assigned, error: ipv6.error }
}

interface FamilyResult {
  readonly assigned: Assigned
  readonly error?: IpamFailure
}

/** A call for one family, under way. */
interface Assignment {
  readonly store: IpamStore
  readonly request: AutoAssignRequest
  readonly family: Family
  readonly wanted: number
  readonly addresses: Ip[]
  readonly messages: string[]
}

function assignFamily(
  store: IpamStore,
  request: AutoAssignRequest,
  family: Family,
  wanted: number,
  pools: readonly string[],
): FamilyResult {
  if (wanted <= 0) return { assigned: NOTHING }
  const { host, use, namespace } = request
  const requested = resolvePools(store, pools, family)
  if (isFailure(requested)) return { assigned: NOTHING, error: requested }
  if (use === undefined) {
    return { assigned: NOTHING, error: failure('other', 'must specify the intended use when assigning an IP') }
  }
  const usable = usablePools(store, {
    family,
    host,
    use,
    requested,
    ...(namespace === undefined ? {} : { namespace }),
  })
  if (isFailure(usable)) return { assigned: NOTHING, error: usable }
  const claimant: Claimant = { type: use === 'LoadBalancer' ? 'virtual' : 'host', host }
  const own = ownBlocks(store, claimant, family, usable)
  const assignment: Assignment = { store, request, family, wanted, addresses: [], messages: [] }
  const error = fill(assignment, { claimant, pools: usable.usable, remaining: own, mayClaim: true })
  const { addresses, messages } = assignment
  return { assigned: { addresses, messages }, ...(error === undefined ? {} : { error }) }
}

/**
 * The claims that a call may use. Those to blocks of pools that are no longer for the node are given up on the way, where
 * the block is empty.
 */
function ownBlocks(store: IpamStore, claimant: Claimant, family: Family, { usable, matching }: UsablePools): Prefix[] {
  const labels = claimant.type === 'virtual' ? {} : (store.nodes.get(claimant.host) ?? {})
  const enabled = enabledPools(store, family)
  const own: Prefix[] = []
  for (const { cidr } of affinitiesOf(store, claimant, family)) {
    const address = cidr.slice(0, cidr.indexOf('/')) as Ip
    const number = numberOf(address)
    if (usable.some((pool) => isInPool(pool, number))) {
      own.push(cidr)
    } else if (!matching.some((pool) => isInPool(pool, number))) {
      const pool = poolOfAddress(enabled, address)
      if (pool !== undefined && selectsNode(pool, labels) === false) releaseBlock(store, claimant, cidr, true)
    }
  }
  return own
}

/** The smaller of both limits that are said. */
function blockLimit(global: number, asked: number): number {
  if (global > 0 && asked > global) return global
  return asked || global || BUILT_IN_BLOCK_LIMIT
}

function fill(assignment: Assignment, search: BlockSearch): IpamFailure | undefined {
  const { store, request, wanted, addresses } = assignment
  const { settings } = store
  const limit = blockLimit(settings.maxBlocksPerHost, request.maxBlocks ?? 0)
  let owned = search.remaining.length
  while (addresses.length < wanted) {
    if (owned >= limit) search.mayClaim = false
    const found = findOrClaim(store, search)
    if (found === undefined) {
      if (settings.strictAffinity) note(assignment, 'No more free affine blocks and strict affinity enabled')
      break
    }
    if (isFailure(found)) {
      if (found.reason === 'block-limit') {
        const what = `limit of ${limit} blocks reached for this node`
        note(assignment, `Need to allocate an IPAM block but could not - ${what}`)
      }
      return found
    }
    if (found.isNew) owned += 1
    assignFrom(assignment, found.block)
  }
  if (addresses.length < wanted && !settings.strictAffinity) borrow(assignment, search)
  return undefined
}

/** Takes what is free of anybody's blocks. */
function borrow(assignment: Assignment, { claimant, pools }: BlockSearch): void {
  const { store, addresses, wanted } = assignment
  const exhausted: string[] = []
  for (const pool of pools) {
    for (const block of walkedBlocks(store, pool, claimant.host)) {
      if (addresses.length >= wanted) break
      assignFrom(assignment, block)
    }
    if (addresses.length < wanted) exhausted.push(pool.cidr)
  }
  if (exhausted.length > 0) note(assignment, `No IPs available in pools: [${exhausted.join(' ')}]`)
}

function note({ messages }: Assignment, message: string): void {
  if (!messages.includes(message)) messages.push(message)
}

/**
 * Takes addresses of a block, as many as are missing. A handle is counted up by what was asked for, not by what the block
 * had; one that may have no more gives the addresses that it has.
 */
function assignFrom(assignment: Assignment, block: IpamBlock): void {
  const { store, request, wanted, addresses } = assignment
  const { handle, maxPerHandle = 0 } = request
  const missing = wanted - addresses.length
  if (freeSlots(block, store.reserved) === 0) return
  if (handle !== undefined && !countUp(store, handle, block.cidr, missing, maxPerHandle)) {
    const held = addressesOfHandle(store, handle)
    const known = isFailure(held) ? [] : held.filter((address) => familyOf(address) === assignment.family)
    if (known.length >= wanted) addresses.push(...known.slice(0, wanted))
    return
  }
  for (const slot of takeSlots(block, missing, store.reserved, holderOfRequest(request))) {
    addresses.push(addressIn(block, slot))
  }
  written(block)
}

function holderOfRequest({ handle, host, use, attributes }: AutoAssignRequest): IpamAllocation {
  return {
    ...(handle === undefined ? {} : { handle }),
    node: host,
    ...(use === undefined ? {} : { use }),
    ...(attributes === undefined ? {} : { attributes }),
  }
}
