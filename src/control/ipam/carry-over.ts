import type { Ip, Prefix } from '../../wire/index.ts'
import { parseIp } from '../../wire/index.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { namespacedName } from '../resource.ts'
import { selects } from '../selector.ts'
import { type OpenBlock, slotAddress, TUNNEL_ANNOTATION } from './block.ts'
import type { Ipam, TunnelNeed } from './cluster-ipam.ts'
import {
  affinityResources,
  attributeOf,
  blockResource,
  isUnused,
  type KeptBlock,
  keptBlock,
  releaseSlot,
} from './kept-block.ts'
import { podKey, statedAddresses } from './pod-address.ts'
import type { PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'

/** What IPAM had given when objects were edited, and what the edit says of it. */
export interface Inheritance {
  /** IPAM before. */
  readonly ipam: Ipam
  /** Pods that were deleted, although pods of their names may be there again. */
  readonly isDeleted: (pod: PodPlans['pods'][number]) => boolean
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
export interface Heirs {
  readonly plans: PodPlans
  readonly nodes: readonly ClusterNode[]
  readonly pools: readonly Pool[]
  readonly needs: readonly (readonly TunnelNeed[])[]
}

/** What a datastore holds of IPAM. */
export interface StoredIpam {
  readonly blocks: readonly IPAMBlockResource[]
  readonly affinities: readonly BlockAffinityResource[]
  /** Addresses that lie in no block, by {@link podKey}. */
  readonly loose: ReadonlyMap<string, readonly Ip[]>
}

/** IPAM between two states of a cluster. */
class Estate {
  readonly blocks: Map<OpenBlock, KeptBlock>
  readonly loose = new Map<string, readonly Ip[]>()
  private readonly ipam: Ipam
  private readonly nodes: ReadonlyMap<string, ClusterNode>

  constructor(ipam: Ipam, nodes: readonly ClusterNode[]) {
    this.ipam = ipam
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.blocks = new Map(ipam.isHostLocal ? [] : ipam.blocks.map((block) => [block, keptBlock(block)]))
  }

  /** What pods had that are gone; those that stay keep theirs. */
  pods(isDeleted: Inheritance['isDeleted'], plans: PodPlans): void {
    const there = new Map(plans.pods.map((pod, i) => [namespacedName(pod.metadata), i]))
    const { plans: before, pods, ledger } = this.ipam
    for (let i = 0; i < before.length; i++) {
      const ids = pods.ofPlan(i)
      const [first] = ids
      if (first === undefined) continue
      const pod = before.pods[i]!
      const node = before.nodeOf(i).name
      const name = namespacedName(pod.metadata)
      const place = there.get(name)
      const addresses = (): Ip[] => ids.map((id) => ledger.addressOf(id))
      if (place === undefined || isDeleted(pod) || !isSame(before, i, plans, place, addresses)) {
        for (const id of ids) this.release(id, node)
      } else if (this.ipam.isHostLocal || ids.some((id) => ledger.slotOf(id) < 0)) {
        this.loose.set(podKey(name, node), addresses())
      }
    }
  }

  /** An address given back by its node; where this is gone, nobody gives it back. */
  private release(id: number, node: string): void {
    const { ledger } = this.ipam
    const slot = ledger.slotOf(id)
    const block = slot < 0 ? undefined : this.blocks.get(ledger.blockOf(id)!)
    if (block === undefined) return
    if (this.nodes.has(node)) {
      releaseSlot(block, slot)
      return
    }
    block.slots[slot] = attributeOf(ledger.userOf(id))
    block.isChanged = true
  }

  /** Tunnel addresses that nodes need no more, or not this one: calico-node gives them back when it starts. */
  tunnels(needs: ReadonlyMap<string, readonly TunnelNeed[]>): void {
    const { ledger } = this.ipam
    for (const block of this.blocks.values()) {
      block.slots.forEach((holder, slot) => {
        if (typeof holder !== 'number') return
        const { node, tunnel } = ledger.userOf(holder)
        if (tunnel === undefined) return
        const now = this.nodes.get(node)
        const need = needs.get(node)?.find(({ kind }) => kind === tunnel)
        const isGiven = need?.pools.some(({ cidr }) => cidr === block.before.pool?.cidr) === true
        const stays = isGiven && now !== undefined && isOf(now, tunnel, slotAddress(block.before, slot))
        if (!stays) this.release(holder, node)
      })
    }
  }

  /** Blocks of pools that are gone lose their owners. @calico libcalico-go/lib/clientv3/ippool.go Delete */
  pools(pools: readonly Pool[], deleted: ReadonlySet<string>): void {
    const left = new Set(pools.flatMap(({ name, cidr }) => (deleted.has(name) ? [] : [`${name} ${cidr}`])))
    for (const block of this.blocks.values()) {
      const { pool } = block.before
      if (pool !== undefined && !left.has(`${pool.name} ${pool.cidr}`)) this.disown(block)
    }
  }

  private disown(block: KeptBlock): void {
    block.affinity = undefined
    block.isChanged = true
    if (isUnused(block)) this.blocks.delete(block.before)
  }

  /** Blocks that are empty after a release: nobody's go, and those whose pool is no longer for their node. */
  settle(pools: readonly Pool[]): void {
    for (const block of [...this.blocks.values()]) {
      if (!block.isReleased || !isUnused(block)) continue
      const node = block.affinity === undefined ? undefined : this.nodes.get(block.affinity)
      const { pool: before } = block.before
      const pool = pools.find(({ cidr, disabled }) => cidr === before?.cidr && !disabled)
      const isUnfit = node !== undefined && pool !== undefined && !selects(pool.nodeSelector, node.labels)
      if (block.affinity === undefined ? !isVirtual(block) : isUnfit) this.blocks.delete(block.before)
    }
  }

  /** What kube-controllers gives back. */
  collect(garbage: Garbage): void {
    if (garbage === 'none') return
    if (garbage === 'of-gone-nodes') this.collectGone()
    else this.collectThese(garbage.addresses, garbage.blocks)
  }

  private collectGone(): void {
    for (const block of this.blocks.values()) {
      block.slots.forEach((holder, slot) => {
        const node = typeof holder === 'object' ? holder.secondary?.['node'] : undefined
        if (node !== undefined && !this.nodes.has(node)) releaseSlot(block, slot)
      })
    }
    for (const block of [...this.blocks.values()]) {
      const { affinity } = block
      if (affinity !== undefined && !this.nodes.has(affinity)) this.disown(block)
      else if (block.isReleased && affinity === undefined && !isVirtual(block) && isUnused(block)) {
        this.blocks.delete(block.before)
      }
    }
  }

  private collectThese(addresses: readonly Ip[], blocks: readonly Prefix[]): void {
    for (const address of addresses) {
      const open = this.ipam.blockOf(address)
      const block = open && this.blocks.get(open)
      const slot = block?.slots.findIndex((_, at) => slotAddress(open!, at) === address)
      if (block !== undefined && slot !== undefined && typeof block.slots[slot] === 'object') releaseSlot(block, slot)
    }
    for (const block of [...this.blocks.values()]) {
      if (blocks.includes(block.before.cidr)) this.disown(block)
      else if (block.isReleased && block.affinity === undefined && !isVirtual(block) && isUnused(block)) {
        this.blocks.delete(block.before)
      }
    }
  }
}

function isVirtual({ before }: KeptBlock): boolean {
  return before.resource?.spec.affinity?.startsWith('virtual:') === true
}

/** Whether a node says of a tunnel address that it has it, or nothing. */
function isOf(node: ClusterNode, tunnel: keyof typeof TUNNEL_ANNOTATION, address: Ip): boolean {
  const text = calicoAnnotation(node.resource, TUNNEL_ANNOTATION[tunnel])
  return text === undefined || parseIp(text) === address
}

/** Whether a pod is the one that was there: on the same node, and not told to have other addresses. */
function isSame(before: PodPlans, i: number, after: PodPlans, place: number, addresses: () => readonly Ip[]): boolean {
  if (before.nodeOf(i).name !== after.nodeOf(place).name) return false
  const [was, is] = [before.pods[i]!, after.pods[place]!]
  if (was === is) return true
  const { uid } = is.metadata
  if (uid !== undefined && was.metadata.uid !== undefined && uid !== was.metadata.uid) return false
  const stated = statedAddresses(is)?.texts
  if (stated === undefined) return true
  const own = addresses()
  return stated.length === own.length && stated.every((text, at) => parseIp(text) === own[at])
}

/**
 * What a datastore holds of IPAM after an edit, before anybody asks for new addresses: pods and tunnels that stay have theirs, what
 * was given back comes behind all that was free.
 *
 * @calico libcalico-go/lib/ipam/ipam.go
 */
export function carriedOver({ ipam, isDeleted, deletedPools, garbage }: Inheritance, heirs: Heirs): StoredIpam {
  const { plans, nodes, pools, needs } = heirs
  const estate = new Estate(ipam, nodes)
  estate.pods(isDeleted, plans)
  estate.tunnels(new Map(nodes.map(({ name }, i) => [name, needs[i]!])))
  estate.settle(pools)
  estate.pools(pools, deletedPools)
  estate.collect(garbage)
  return written(ipam, [...estate.blocks.values()], estate.loose)
}

/** What a datastore holds of IPAM. */
export function storedIpam(ipam: Ipam): StoredIpam {
  const blocks = ipam.isHostLocal ? [] : ipam.blocks.map(keptBlock)
  return written(ipam, blocks, new Map())
}

function written({ ledger }: Ipam, blocks: readonly KeptBlock[], loose: StoredIpam['loose']): StoredIpam {
  return {
    blocks: blocks.map((block) => blockResource(block, ledger)),
    affinities: blocks.flatMap(affinityResources),
    loose,
  }
}
