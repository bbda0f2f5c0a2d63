import { pushTo } from '../../../model/index.ts'
import type { Ip, Prefix } from '../../../wire/index.ts'
import { releaseBlock } from './affinity.ts'
import { type HeldAddress, heldAddresses } from './inspect.ts'
import { isEmpty, plainHandle } from './ipam-block.ts'
import { affinitiesOf, type Claimant, type IpamStore, listAffinities } from './ipam-store.ts'
import { releaseAddresses } from './release.ts'

/** A pod as kube-controllers sees it. */
export interface PodSeen {
  /** Namespace of the pod. */
  readonly namespace: string
  /** Name of the pod. */
  readonly name: string
  /** Node it runs on. */
  readonly node: string
  /** Addresses it has. */
  readonly addresses: readonly Ip[]
}

/** What kube-controllers finds when it looks through IPAM. */
export interface GarbageLook {
  /** Pods that have not ended. */
  readonly pods: readonly PodSeen[]
  /** What it saw before has been so for the grace period (15 minutes unless set). */
  readonly isGraceOver: boolean
}

/** What was given back. */
export interface Collected {
  /** Addresses, those of pods before those of tunnels. */
  readonly addresses: readonly Ip[]
  /** Blocks whose claims were given up. */
  readonly blocks: readonly Prefix[]
}

/**
 * What kube-controllers gives back: addresses whose pod is gone, tunnel addresses and claims of nodes that are gone, and
 * empty blocks of nodes that have others. All addresses of a handle go, or none does.
 *
 * @calico kube-controllers/pkg/controllers/node/ipam.go
 */
export function collectGarbage(store: IpamStore, look: GarbageLook): Collected {
  const seen = new Map(look.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]))
  const ofPods = releaseHandles(store, (held) => isGarbage(store, held, seen, look.isGraceOver))
  // Tunnels go with their node, once nobody else has an address there.
  const busy = new Set(heldAddresses(store).flatMap((held) => (isTunnel(held) ? [] : [held.node])))
  const ofTunnels = releaseHandles(store, (held) => isTunnel(held) && isNodeGone(store, held) && !busy.has(held.node))
  const blocks = [...claimsOfGoneNodes(store), ...(look.isGraceOver ? idleBlocks(store) : [])]
  return { addresses: [...ofPods, ...ofTunnels], blocks }
}

/** Gives back the addresses of handles of which all are garbage. */
function releaseHandles(store: IpamStore, isGone: (held: HeldAddress) => boolean): Ip[] {
  const byHandle = new Map<string, HeldAddress[]>()
  for (const held of heldAddresses(store)) {
    if (held.handle !== undefined) pushTo(byHandle, plainHandle(held.handle), held)
  }
  const addresses: Ip[] = []
  for (const [handle, all] of byHandle) {
    if (!all.every(isGone)) continue
    const requests = all.map(({ address, sequence }) => ({ address, handle, sequence }))
    const { error } = releaseAddresses(store, requests)
    if (error === undefined) addresses.push(...all.map(({ address }) => address))
  }
  return addresses
}

function isTunnel({ attributes }: HeldAddress): boolean {
  return attributes?.['type']?.endsWith('TunnelAddress') === true
}

function isNodeGone(store: IpamStore, { node }: HeldAddress): boolean {
  return node !== undefined && !store.nodes.has(node)
}

function isGarbage(
  store: IpamStore,
  held: HeldAddress,
  seen: ReadonlyMap<string, PodSeen>,
  isGraceOver: boolean,
): boolean {
  const { address, node, attributes = {} } = held
  const { pod, namespace } = attributes
  // Without a pod to look for it counts as used.
  if (pod === undefined || namespace === undefined) return false
  const found = seen.get(`${namespace}/${pod}`)
  const isUsed = found !== undefined && found.node === node && found.addresses.includes(address)
  return !isUsed && (isNodeGone(store, held) || isGraceOver)
}

/** Claims of nodes that are gone and hold no address any more. */
function claimsOfGoneNodes(store: IpamStore): Prefix[] {
  const gone = listAffinities(store).filter(({ type, host }) => type === 'host' && !store.nodes.has(host))
  const inUse = new Set(heldAddresses(store).map(({ node }) => node))
  return gone.flatMap((claim) =>
    !inUse.has(claim.host) && releaseBlock(store, claim, claim.cidr, true) === 'released' ? [claim.cidr] : [],
  )
}

/** Empty blocks of nodes; a node keeps its last one. */
function idleBlocks(store: IpamStore): Prefix[] {
  const released: Prefix[] = []
  for (const host of [...store.nodes.keys()].sort()) {
    const claimant: Claimant = { type: 'host', host }
    for (const { cidr } of affinitiesOf(store, claimant)) {
      if (affinitiesOf(store, claimant).length <= 1) break
      const block = store.blocks.get(cidr)
      if (block === undefined || !isEmpty(block)) continue
      if (releaseBlock(store, claimant, cidr, true) === 'released') released.push(cidr)
    }
  }
  return released
}
