import { pushTo } from '../../model/index.ts'
import { type Ip, type Prefix, parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { namespacedName } from '../resource.ts'
import { selects } from '../selector.ts'
import { type OpenBlock, slotAddress, TUNNEL_ANNOTATION } from './block.ts'
import type { Garbage, Inheritance } from './carry-over.ts'
import type { Ipam, TunnelNeed } from './cluster-ipam.ts'
import { attributeOf, isUnused, type KeptBlock, keptBlock, leakKey, releaseSlot } from './kept-block.ts'
import { podKey, statedAddresses } from './pod-address.ts'
import type { PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'

/** IPAM between two states of a cluster. */
export class Estate {
  readonly blocks: Map<OpenBlock, KeptBlock>
  private readonly ipam: Ipam
  private readonly nodes: ReadonlyMap<string, ClusterNode>

  constructor(ipam: Ipam, nodes: readonly ClusterNode[]) {
    this.ipam = ipam
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.blocks = new Map(ipam.isHostLocal ? [] : ipam.blocks.map((block) => [block, keptBlock(block)]))
  }

  /**
   * What pods had that are gone; those that stay keep theirs.
   * @returns for each pod of now its place before; -1 for one that has nothing
   */
  pods(isDeleted: Inheritance['isDeleted'], isLeaked: Inheritance['isLeaked'], plans: PodPlans): Int32Array {
    const { plans: before, pods, ledger } = this.ipam
    const places = placesBefore(before, plans)
    const stays = new Uint8Array(before.length)
    for (let i = 0; i < plans.length; i++) {
      const place = places[i]!
      if (place < 0) continue
      const hasAny = pods.endOf(place) > pods.startOf(place)
      // Nearly all are the very same, and nobody need look closer.
      const isVery = before.pods[place] === plans.pods[i] && before.nodeOf(place).name === plans.nodeOf(i).name
      const addresses = (): Ip[] => pods.ofPlan(place).map((id) => ledger.addressOf(id))
      const isHeir = hasAny && !isDeleted(before.pods[place]!) && (isVery || isSame(before, place, plans, i, addresses))
      if (isHeir) stays[place] = 1
      else places[i] = -1
    }
    for (let place = 0; place < before.length; place++) {
      if (stays[place] === 1) continue
      const isKept = isLeaked(before.pods[place]!) || !this.nodes.has(before.nodeOf(place).name)
      for (let id = pods.startOf(place); id < pods.endOf(place); id++) {
        if (isKept) this.leak(id)
        else this.release(id)
      }
    }
    this.takeDown(plans, places)
    return places
  }

  /** Kubelet takes the sandbox of a pod down that is gone before it makes one for the next pod of that name. @kubernetes pkg/kubelet */
  private takeDown(plans: PodPlans, places: Int32Array): void {
    const leaked = new Map<string, (() => void)[]>()
    for (const block of this.blocks.values()) {
      block.slots.forEach((holder, slot) => {
        if (typeof holder === 'object') pushTo(leaked, leakKey(holder), () => releaseSlot(block, slot))
      })
    }
    if (leaked.size === 0) return
    for (let i = 0; i < plans.length; i++) {
      if (places[i]! >= 0) continue
      const key = podKey(namespacedName(plans.pods[i]!.metadata), plans.nodeOf(i).name)
      for (const release of leaked.get(key) ?? []) release()
      leaked.delete(key)
    }
  }

  private blockAt(id: number): KeptBlock | undefined {
    const { ledger } = this.ipam
    return ledger.slotOf(id) < 0 ? undefined : this.blocks.get(ledger.blockOf(id)!)
  }

  /** An address given back by its node. */
  private release(id: number): void {
    const block = this.blockAt(id)
    if (block !== undefined) releaseSlot(block, this.ipam.ledger.slotOf(id))
  }

  /** An address that nobody gives back: its node is gone, or nobody runs CNI DEL there. */
  private leak(id: number): void {
    const block = this.blockAt(id)
    if (block === undefined) return
    const { ledger } = this.ipam
    block.slots[ledger.slotOf(id)] = attributeOf(ledger.userOf(id))
    block.isChanged = true
  }

  /** Tunnel addresses that nodes need no more, or not this one: calico-node gives them back when it starts. */
  tunnels(needs: ReadonlyMap<string, readonly TunnelNeed[]>): void {
    const { ledger } = this.ipam
    for (const block of this.blocks.values()) {
      block.slots.forEach((holder, slot) => {
        // Pods are the most by far.
        if (typeof holder !== 'number' || ledger.holderOf(holder) >= 0) return
        const { node, tunnel } = ledger.userOf(holder)
        if (tunnel === undefined) return
        const now = this.nodes.get(node)
        const need = needs.get(node)?.find(({ kind }) => kind === tunnel)
        const isGiven = need?.pools.some(({ cidr }) => cidr === block.before.pool?.cidr) === true
        const stays = isGiven && now !== undefined && isOf(now, tunnel, slotAddress(block.before, slot))
        if (stays) return
        if (now === undefined) this.leak(holder)
        else this.release(holder)
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

/** For each pod of now its place before, by name; -1 where there was none. Most are the very same in the same order. */
function placesBefore(before: PodPlans, after: PodPlans): Int32Array {
  const places = new Int32Array(after.length).fill(-1)
  if (before.pods === after.pods) return places.map((_, i) => i)
  const shorter = Math.min(before.length, after.length)
  let first = 0
  while (first < shorter && before.pods[first] === after.pods[first]) places[first] = first++
  let last = 0
  const shift = before.length - after.length
  while (last < shorter - first) {
    const i = after.length - 1 - last
    if (before.pods[i + shift] !== after.pods[i]) break
    places[i] = i + shift
    last++
  }
  if (after.length - last === first) return places
  const known = new Map<string, number>()
  for (let i = first; i < before.length - last; i++) known.set(namespacedName(before.pods[i]!.metadata), i)
  for (let i = first; i < after.length - last; i++) places[i] = known.get(namespacedName(after.pods[i]!.metadata)) ?? -1
  return places
}
