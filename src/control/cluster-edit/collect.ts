import { builtCluster, type Cluster } from '../cluster.ts'
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
  const { options, ...making } = makingOf(cluster)
  const ipam = making.ipam()
  const store = storeOfResources(storedObjects(cluster), cluster.settings.traits)
  const pods: PodSeen[] = []
  for (let i = 0; i < ipam.pods.length; i++) {
    const { namespace = 'default', name } = ipam.pods.pod(i).metadata
    pods.push({ namespace, name, node: ipam.pods.node(i).name, addresses: ipam.pods.addresses(i) })
  }
  const collected = collectGarbage(store, { pods, isGraceOver })
  if (collected.addresses.length + collected.blocks.length === 0) return { cluster, collected }
  const inheritance = { ipam, isDeleted: () => false, deletedPools: new Set<string>(), garbage: collected }
  return { cluster: builtCluster(cluster.resources, options, { inheritance }), collected }
}
