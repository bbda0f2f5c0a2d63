import { type Ip, type Prefix, prefixLength } from '../../wire/index.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { namespacedName } from '../resource.ts'
import { OpenBlock } from './block.ts'
import type { Ipam, TunnelNeed } from './cluster-ipam.ts'
import { Estate } from './estate.ts'
import { affinityResources, blockResource, type KeptBlock, keptBlock } from './kept-block.ts'
import type { Ledger } from './ledger.ts'
import { podKey } from './pod-address.ts'
import type { PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'

/** What IPAM had given when objects were edited, and what the edit says of it. */
export interface Inheritance {
  /** IPAM before. */
  readonly ipam: Ipam
  /** Pods that were deleted, although pods of their names may be there again. */
  readonly isDeleted: (pod: PodPlans['pods'][number]) => boolean
  /** Pods for which nobody gives back what they had, where they go: it stays taken. */
  readonly isLeaked: (pod: PodPlans['pods'][number]) => boolean
  /** Names of pools that were deleted, although pools of their names may be there again. */
  readonly deletedPools: ReadonlySet<string>
  /** What kube-controllers gives back, beyond what goes by itself. */
  readonly garbage: Garbage
}

/** What kube-controllers gives back: what nodes had that are gone; or these addresses and claims. */
export type Garbage =
  | 'none'
  | 'of-gone-nodes'
  | { readonly addresses: readonly Ip[]; readonly blocks: readonly Prefix[] }

/** Who is there now. */
interface Heirs {
  readonly plans: PodPlans
  readonly nodes: readonly ClusterNode[]
  readonly pools: readonly Pool[]
  readonly needs: readonly (readonly TunnelNeed[])[]
}

/** What a datastore holds of IPAM. */
export interface StoredIpam {
  readonly blocks: readonly IPAMBlockResource[]
  readonly affinities: readonly BlockAffinityResource[]
}

/** What goes over to the IPAM of edited objects: blocks that are out of the ordinary as objects, all others as they are. */
export interface CarriedIpam extends StoredIpam {
  /** Ordinary blocks. */
  readonly heirs: readonly OpenBlock[]
  /** Addresses that no object tells of, by {@link podKey} or `TUNNEL NODE`. */
  readonly loose: ReadonlyMap<string, readonly Ip[]>
  /** Whether a pod, by its place among the plans, keeps what it had, all of it in ordinary blocks. */
  readonly keeps: (plan: number) => boolean
  /** Gives it to such a pod. */
  readonly keep: (plan: number, ledger: Ledger) => void
}

/**
 * What a datastore holds of IPAM after an edit, before anybody asks for new addresses: pods and tunnels that stay have theirs, what
 * was given back comes behind all that was free.
 *
 * @calico libcalico-go/lib/ipam/ipam.go
 */
export function carriedOver(
  { ipam, isDeleted, isLeaked, deletedPools, garbage }: Inheritance,
  { plans, nodes, pools, needs }: Heirs,
): CarriedIpam {
  const estate = new Estate(ipam, nodes)
  const places = estate.pods(isDeleted, isLeaked, plans)
  estate.tunnels(new Map(nodes.map(({ name }, i) => [name, needs[i]!])))
  estate.settle(pools)
  estate.pools(pools, deletedPools)
  estate.collect(garbage)
  const byCidr = new Map([...pools].reverse().map((pool) => [pool.cidr, pool]))
  const poolOf = (pool: Pool | undefined): Pool | undefined => pool && byCidr.get(pool.cidr)
  const names = new Set(nodes.map(({ name }) => name))
  const heirs: (OpenBlock | undefined)[] = []
  const odd: KeptBlock[] = []
  for (const block of estate.blocks.values()) {
    const pool = poolOf(block.before.pool)
    if (isPlain(block, pool, names)) heirs[block.before.place] = heirOf(block, pool)
    else odd.push(block)
  }
  const stored = written(ipam, odd)
  return { ...stored, ...handedOver(ipam, places, heirs, new Set(odd.map(({ before }) => before)), plans) }
}

/** Whether a block is as Calico's IPAM makes it here: its owner is there and alone announces it, and all its holders are known. */
function isPlain({ before, affinity, slots }: KeptBlock, pool: Pool | undefined, nodes: ReadonlySet<string>): boolean {
  const { resource, affinities, claims, lent, confirmed, cidr } = before
  if ((resource ?? affinities ?? claims ?? lent) !== undefined || !confirmed) return false
  if (affinity === undefined || !nodes.has(affinity) || pool?.blockSize !== prefixLength(cidr)) return false
  return slots.every((holder) => typeof holder !== 'object')
}

/** A block with the same free slots, and nobody in it yet: where nothing happened to it, all who were in it come back. */
function heirOf(block: KeptBlock, pool: Pool | undefined): OpenBlock {
  const { before, affinity, isChanged } = block
  const heir = new OpenBlock(before.cidr, before.base, pool, isChanged ? block.free : before.released)
  heir.affinity = affinity
  if (!isChanged) heir.next = before.next
  return heir
}

/** Who gets what he had directly, and who by what is stored. */
function handedOver(
  { ledger, pods, isHostLocal, tunnels }: Ipam,
  places: Int32Array,
  heirs: readonly (OpenBlock | undefined)[],
  odd: ReadonlySet<OpenBlock>,
  plans: PodPlans,
): Pick<CarriedIpam, 'heirs' | 'loose' | 'keeps' | 'keep'> {
  const loose = new Map<string, readonly Ip[]>()
  const blockAt = (id: number): OpenBlock | undefined => {
    const block = ledger.slotOf(id) < 0 ? undefined : ledger.blockOf(id)
    return block && heirs[block.place]
  }
  for (let i = 0; i < plans.length; i++) {
    const place = places[i]!
    if (place < 0) continue
    let isDirect = !isHostLocal
    for (let id = pods.startOf(place); isDirect && id < pods.endOf(place); id++) isDirect = blockAt(id) !== undefined
    if (isDirect) continue
    places[i] = -1
    const isRead = (id: number): boolean => ledger.slotOf(id) >= 0 && odd.has(ledger.blockOf(id)!)
    const rest = pods.ofPlan(place).filter((id) => isHostLocal || !isRead(id))
    const key = podKey(namespacedName(plans.pods[i]!.metadata), plans.nodeOf(i).name)
    if (rest.length > 0)
      loose.set(
        key,
        rest.map((id) => ledger.addressOf(id)),
      )
  }
  for (const [node, own] of isHostLocal ? [] : tunnels) {
    for (const [kind, address] of Object.entries(own)) loose.set(`${kind} ${node}`, [address])
  }
  const keep = (i: number, after: Ledger): void => {
    const place = places[i]!
    const end = pods.endOf(place)
    for (let id = pods.startOf(place); id < end; id++) after.occupy(blockAt(id)!, ledger.slotOf(id), i)
  }
  return { heirs: heirs.filter((heir) => heir !== undefined), loose, keeps: (i) => places[i]! >= 0, keep }
}

/** What a datastore holds of IPAM. */
export function storedIpam(ipam: Ipam): StoredIpam {
  return written(ipam, ipam.isHostLocal ? [] : ipam.blocks.map(keptBlock))
}

function written({ ledger }: Ipam, blocks: readonly KeptBlock[]): StoredIpam {
  return {
    blocks: blocks.map((block) => blockResource(block, ledger)),
    affinities: blocks.flatMap(affinityResources),
  }
}
