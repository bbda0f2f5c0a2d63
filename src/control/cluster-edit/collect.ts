import type { Ip } from '../../wire/index.ts'
import { builtCluster, type Cluster } from '../cluster.ts'
import { slotOf, straysOf } from '../ipam/block.ts'
import { storeOfResources } from '../ipam/store/cluster-store.ts'
import { type Collected, collectGarbage, type PodSeen } from '../ipam/store/garbage.ts'
import { makingOf } from '../policy-edit.ts'
import { storedObjects } from './stored-objects.ts'

/** A cluster after kube-controllers looked through IPAM. */
export interface CollectedCluster {
  /** The cluster without what was collected. */
  readonly cluster: Cluster
  /** What was given back. */
  readonly collected: Collected
}

/**
 * The cluster after kube-controllers gave back what nobody uses: at once what nodes had that are gone; after the grace period also
 * addresses whose pods are gone, and empty blocks of nodes that have others.
 *
 * @param isGraceOver - what it finds has been so for the grace period: 15 minutes unless set
 */
export function collectedCluster(cluster: Cluster, isGraceOver: boolean): CollectedCluster {
  const collected = garbageOf(cluster, isGraceOver)
  return { cluster: withoutGarbage(cluster, collected), collected }
}

/** What of IPAM nobody uses, as {@link collectedCluster} gives it back. All of the cluster is looked through. */
export function garbageOf(cluster: Cluster, isGraceOver: boolean): Collected {
  const ipam = makingOf(cluster).ipam()
  const store = storeOfResources(storedObjects(cluster), cluster.settings.traits)
  const pods: PodSeen[] = []
  for (let i = 0; i < ipam.pods.length; i++) {
    const { namespace = 'default', name } = ipam.pods.pod(i).metadata
    pods.push({ namespace, name, node: ipam.pods.node(i).name, addresses: ipam.pods.addresses(i) })
  }
  return collectGarbage(store, { pods, isGraceOver })
}

/** The cluster without addresses and claims of blocks that are given back. */
export function withoutGarbage(cluster: Cluster, garbage: Collected): Cluster {
  if (garbage.addresses.length + garbage.blocks.length === 0) return cluster
  const { options, ...making } = makingOf(cluster)
  const inheritance = {
    ipam: making.ipam(),
    isDeleted: () => false,
    isLeaked: () => false,
    deletedPools: new Set<string>(),
    garbage,
  }
  return builtCluster(cluster.resources, options, { inheritance })
}

/** Which of these addresses IPAM holds for pods that are gone; told without looking through all of it. */
export function leakedIn(cluster: Cluster, addresses: readonly Ip[]): readonly Ip[] {
  if (addresses.length === 0) return []
  const { edited, ipam } = makingOf(cluster)
  const { base, state } = edited?.roster ?? { base: ipam(), state: undefined }
  return addresses.filter((address) => {
    const block = base.blockOf(address)
    if (block === undefined) return false
    const slot = slotOf(block, address)
    return state?.leaked.get(block)?.has(slot) === true || straysOf(block).has(slot)
  })
}

/** How many blocks a node has, those of host-local aside; told without looking through IPAM. */
export function blocksOf(cluster: Cluster, node: string): number {
  const { edited, ipam } = makingOf(cluster)
  const { blocks, isHostLocal } = edited?.roster.base ?? ipam()
  return isHostLocal ? 0 : blocks.reduce((sum, { affinity }) => sum + (affinity === node ? 1 : 0), 0)
}
