import type { Ip, Prefix } from '../../../wire/index.ts'
import type { Resources } from '../../resources.ts'
import { heldAddresses } from './inspect.ts'
import { type AddressOwner, addressOwners } from './ipam-owners.ts'
import { claimantOf, enabledPoolOf, type IpamStore, listAffinities, listBlocks } from './ipam-store.ts'

/** What can be wrong between IPAM and those who use addresses, by a name that stays. */
export type IpamProblemKind =
  | 'leaked'
  | 'not-allocated'
  | 'outside-pools'
  | 'duplicate'
  | 'tunnel-taken'
  | 'block-without-node'
  | 'block-outside-pools'
  | 'slots-disagree'
  | 'affinity-without-block'
  | 'affinity-of-other'

/** One thing that is wrong. */
export interface IpamProblem {
  /** What sort of problem, to filter and count by. */
  readonly kind: IpamProblemKind
  /** Address or block. */
  readonly at: Ip | Prefix
  /** What is wrong, in a sentence. */
  readonly what: string
  /** What to do. */
  readonly remedy: string
}

/** What was looked at, and what is wrong. */
export interface IpamCheck {
  /** Number of blocks. */
  readonly blocks: number
  /** Number of addresses that IPAM has given out. */
  readonly allocations: number
  /** Addresses that somebody says to have. */
  readonly inUse: number
  /** All that was found; empty: nothing is wrong. */
  readonly problems: readonly IpamProblem[]
}

/**
 * Holds what IPAM has given out against what pods, nodes and Services say to have, and blocks against nodes and claims.
 * @calico calicoctl/calicoctl/commands/ipam/check.go
 */
export function checkIpam(store: IpamStore, resources: Resources): IpamCheck {
  const owners = addressOwners(resources)
  const held = heldAddresses(store)
  const allocated = new Set(held.map(({ address }) => address))
  const problems: IpamProblem[] = []
  for (const { address, node, handle } of held) {
    if (owners.has(address)) continue
    const from = handle === undefined ? '' : ` for handle ${handle}`
    const where = node === undefined ? '' : ` on ${node}`
    const remedy = `calicoctl ipam release --ip=${address}, once nobody uses it`
    problems.push({ kind: 'leaked', at: address, what: `allocated${from}${where}, and nobody has it`, remedy })
  }
  for (const [address, all] of owners) problems.push(...ofOwners(store, address, all, allocated.has(address)))
  problems.push(...ofBlocks(store), ...ofAffinities(store))
  return { blocks: store.blocks.size, allocations: held.length, inUse: owners.size, problems }
}

function names(owners: readonly AddressOwner[]): string {
  return owners.map(({ object, as }) => (as === 'tunnel' ? `${object} (tunnel)` : object)).join(' and ')
}

function ofOwners(store: IpamStore, address: Ip, owners: readonly AddressOwner[], isAllocated: boolean): IpamProblem[] {
  const problems: IpamProblem[] = []
  if (owners.length > 1) {
    const isTunnel = owners.some(({ as }) => as === 'tunnel') && owners.some(({ as }) => as !== 'tunnel')
    const remedy = isTunnel ? 'restart the pod, then calico-node of the node' : 'restart all pods but one'
    const kind = isTunnel ? 'tunnel-taken' : 'duplicate'
    problems.push({ kind, at: address, what: `${names(owners)} have it`, remedy })
  }
  if (isAllocated) return problems
  if (enabledPoolOf(store, address) === undefined) {
    if (owners.every(({ as }) => as === 'service')) return problems
    const remedy = 'an IPPool for its range, or the pod anew'
    problems.push({
      kind: 'outside-pools',
      at: address,
      what: `${names(owners)} has it, out of no enabled pool`,
      remedy,
    })
  } else {
    const remedy = 'restart the pod: the address may be given to another one'
    problems.push({
      kind: 'not-allocated',
      at: address,
      what: `${names(owners)} has it, and IPAM counts it as free`,
      remedy,
    })
  }
  return problems
}

function ofBlocks(store: IpamStore): IpamProblem[] {
  const problems: IpamProblem[] = []
  for (const block of listBlocks(store)) {
    const claimant = claimantOf(block)
    const at = block.cidr
    const used = block.slots.filter((slot) => slot !== undefined).length
    if (claimant?.type === 'host' && !store.nodes.has(claimant.host)) {
      const what = `${claimant.host} owns it, and there is no such node; ${used} addresses in use`
      const remedy = `calicoctl delete node ${claimant.host}, or let kube-controllers clean up`
      problems.push({ kind: 'block-without-node', at, what, remedy })
    }
    if (
      !store.pools.some(
        ({ family, range }) =>
          family === block.family && range.first <= block.range.first && block.range.last <= range.last,
      )
    ) {
      const what = `it lies in no IPPool; ${used} addresses in use`
      problems.push({ kind: 'block-outside-pools', at, what, remedy: 'an IPPool for its range, or the pods anew' })
    }
    const wrong = slotsFault(block.slots, block.unallocated)
    if (wrong !== undefined) {
      problems.push({ kind: 'slots-disagree', at, what: wrong, remedy: 'a report to Calico: the block is damaged' })
    }
  }
  return problems
}

/** Every slot is held or free, once. */
function slotsFault(slots: readonly unknown[], unallocated: readonly number[]): string | undefined {
  const seen = new Set<number>()
  for (const slot of unallocated) {
    if (slot < 0 || slot >= slots.length) return `slot ${slot} is free and lies outside the block`
    if (seen.has(slot)) return `slot ${slot} is free twice`
    if (slots[slot] !== undefined) return `slot ${slot} is in use and free`
    seen.add(slot)
  }
  const used = slots.filter((slot) => slot !== undefined).length
  if (used + seen.size === slots.length) return undefined
  return `${used} slots in use and ${seen.size} free are not ${slots.length}`
}

function ofAffinities(store: IpamStore): IpamProblem[] {
  const problems: IpamProblem[] = []
  for (const { type, host, cidr } of listAffinities(store)) {
    const block = store.blocks.get(cidr)
    const remedy = 'none: Calico puts it right when the node assigns an address'
    if (block === undefined) {
      problems.push({
        kind: 'affinity-without-block',
        at: cidr,
        what: `${host} claims it, and there is no block`,
        remedy,
      })
    } else if (block.affinity !== `${type}:${host}`) {
      const owner = block.affinity ?? 'nobody'
      problems.push({
        kind: 'affinity-of-other',
        at: cidr,
        what: `${host} claims it, and the block is of ${owner}`,
        remedy,
      })
    }
  }
  return problems
}
