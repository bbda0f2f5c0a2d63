import type { Prefix } from '../../../wire/index.ts'
import type { Resources } from '../../resources.ts'
import type { Block, SlotAttribute } from '../block.ts'
import type { IpamResult } from '../cluster-ipam.ts'
import { attributeOf } from '../kept-block.ts'
import { type IpamAllocation, type IpamBlock, newBlock } from './ipam-block.ts'
import { type IpamStore, putAffinity } from './ipam-store.ts'
import { type IpamTraits, storeOf } from './stored-objects.ts'

/** The objects that IPAM reads, of all that a cluster has. */
function ipamObjects(resources: Resources): readonly object[] {
  const { nodes, namespaces, ippools, ipReservations, ipamConfigs, ipamBlocks, blockAffinities, others } = resources
  const handles = others.filter(({ kind }) => kind === 'IPAMHandle')
  const kinds = [nodes, namespaces, ippools, ipReservations, ipamConfigs, ipamBlocks, blockAffinities, handles]
  return kinds.flat()
}

/** IPAM's datastore as objects hold it. */
export function storeOfResources(resources: Resources, traits: IpamTraits): IpamStore {
  return storeOf(ipamObjects(resources), traits)
}

/** IPAM's datastore as it is in a cluster that was built: stored blocks, and those that Calico would have made. */
export function storeOfCluster(
  { resources, ipam }: { readonly resources: Resources; readonly ipam: IpamResult },
  traits: IpamTraits,
): IpamStore {
  const store = storeOf(ipamObjects({ ...resources, ipamBlocks: [], blockAffinities: [] }), traits)
  for (const block of ipam.blocks) addBlock(store, block)
  return store
}

function addBlock(store: IpamStore, block: Block): void {
  const made = newBlock(block.cidr, 0n)
  made.isFresh = !block.old
  block.slots.forEach((held, slot) => {
    if (held !== undefined) made.slots[slot] = allocationOf(held)
  })
  for (const [slot, stray] of block.strays ?? []) made.slots[slot] = ofPod(stray)
  made.unallocated = freeOf(block, made)
  store.blocks.set(block.cidr, made)
  for (const host of block.claims ?? []) claim(store, host, block.cidr, true)
  if (block.affinity === undefined) return
  made.affinity = `host:${block.affinity}`
  claim(store, block.affinity, block.cidr, block.confirmed)
}

function claim(store: IpamStore, host: string, cidr: Prefix, isConfirmed: boolean): void {
  putAffinity(store, { type: 'host', host, cidr, state: isConfirmed ? 'confirmed' : 'pending' })
}

function allocationOf({ node, pod, tunnel }: NonNullable<Block['slots'][number]>): IpamAllocation {
  if (tunnel !== undefined) return { ...ofHolder(attributeOf({ node, tunnel })), use: 'Tunnel' }
  if (pod === undefined) return { node }
  return ofPod(attributeOf({ node, pod }))
}

/** A pod's, as a stored block says it. */
function ofPod(attribute: SlotAttribute): IpamAllocation {
  return { ...ofHolder(attribute), use: 'Workload' }
}

function ofHolder({ handle_id, secondary }: SlotAttribute): IpamAllocation {
  const node = secondary?.['node']
  return {
    ...(node === undefined ? {} : { node }),
    ...(typeof handle_id === 'string' ? { handle: handle_id } : {}),
    ...(secondary ? { attributes: secondary } : {}),
  }
}

/** Slots that were never handed out first, then those that were given back. */
function freeOf({ next, released, size }: Block, { slots }: IpamBlock): number[] {
  const never = Array.from({ length: size - next }, (_, i) => next + i)
  return [...never, ...released].filter((slot) => slots[slot] === undefined)
}
