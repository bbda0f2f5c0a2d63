import { keptIn } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import type { NamespaceMaker } from '../namespaces.ts'
import type { NodeSource } from '../node-source.ts'
import { workshopOf } from '../policy-edit.ts'

/** A node as one cluster has it. */
export interface NodePart {
  /** The cluster. */
  readonly cluster: Cluster
  /** Makes its namespaces; clusters that differ in policies alone have the same. */
  readonly maker: NamespaceMaker
  /** What the node's namespace is made from. */
  readonly source: NodeSource
}

const parts = new WeakMap<Cluster, Map<string, NodePart | null>>()

/** A node as a cluster has it; undefined where nobody has seen a cluster, or it has no such node. */
export function partOf(cluster: Cluster | null, name: string): NodePart | undefined {
  if (cluster === null) return undefined
  const known = keptIn(parts, cluster, () => new Map<string, NodePart | null>())
  return keptIn(known, name, () => made(cluster, name)) ?? undefined
}

function made(cluster: Cluster, name: string): NodePart | null {
  const { maker, felix } = workshopOf(cluster)
  const source = maker.nodeSource(name, felix())
  return source === undefined ? null : { cluster, maker, source }
}

/** The endpoint of a pod, where a cluster has it on this node. */
export function endpointOn(node: string, netns: string, cluster: Cluster): WorkloadEndpoint | undefined {
  const endpoint = workshopOf(cluster).maker.workloads.at(netns)
  return endpoint?.node === node ? endpoint : undefined
}

/** Whether two clusters mean one veth: a pod that was made anew has another, whatever its name. */
export function isSameVeth(a: WorkloadEndpoint, b: WorkloadEndpoint): boolean {
  if (a === b) return true
  return (
    a.interfaceName === b.interfaceName &&
    a.mac === b.mac &&
    a.pod.metadata.uid === b.pod.metadata.uid &&
    a.addresses.join() === b.addresses.join()
  )
}
