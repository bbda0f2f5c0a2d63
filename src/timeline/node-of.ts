import { type Cluster, nodeOfViews } from '../control/index.ts'
import type { Namespace } from '../model/index.ts'
import type { NodeState } from './follower-state.ts'
import type { Revision } from './revision.ts'

/**
 * The namespace of a node on which each program has written what it made of the state it has seen. Its machine and the ends of its
 * pods are those of what is stored: CNI stores what it has made.
 */
export function nodeNamespace(name: string, { parts }: NodeState, { cluster }: Revision): Namespace | undefined {
  const seen = (revision: Revision | null): Cluster | null => revision?.cluster ?? null
  const felix = seen(parts.felixRules)
  return nodeOfViews(name, {
    machine: cluster,
    cni: cluster,
    felix,
    felixSets: seen(parts.felixSets),
    felixDevices: seen(parts.felixDevices),
    felixRoutes: seen(parts.felixRoutes),
    felixRules: felix,
    bird: seen(parts.bird),
    proxy: seen(parts.proxy),
    tunl0Stays: true,
  })
}
