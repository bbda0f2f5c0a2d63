import type { Cluster } from '../control/index.ts'
import { checkArgument, isRecord, type NetworkData } from '../model/index.ts'
import { topologyOfCluster } from './from-cluster.ts'
import { topologyOfNetwork } from './from-network.ts'
import type { TopologyView } from './topology-view.ts'

/** What a topology is told from: a lab has both. */
export interface TopologySource {
  /** The network. */
  readonly network: NetworkData
  /** The cluster it was made for; null for a network that no objects made. */
  readonly cluster: Cluster | null
}

/**
 * How a cluster is put together: machines and Ethernets, how packets of pods travel between nodes, BGP sessions, pools and blocks.
 * Of a network that no objects made: what its interfaces, routes and cables show.
 * @param lab - a lab
 */
export function topologyOf(lab: TopologySource): TopologyView {
  checkArgument(isRecord(lab) && isRecord(lab.network), 'lab', 'a lab, such as what Lab.load() gives', lab)
  const { cluster, network } = lab
  return cluster === null ? topologyOfNetwork(network) : topologyOfCluster(cluster)
}
