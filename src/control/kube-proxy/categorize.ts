import type { ClusterNode } from '../cluster-node.ts'
import type { Readiness } from '../services/readiness.ts'
import type { Endpoint } from './endpoints.ts'
import { type ServicePort, usesCluster, usesLocal } from './service-ports.ts'

/** Which endpoints a node's rules lead to. */
export interface NodeEndpoints {
  /** Those for addresses with the policy Cluster. */
  readonly cluster: readonly Endpoint[]
  /** Those for addresses with the policy Local. */
  readonly local: readonly Endpoint[]
  /** Both, each once. */
  readonly reachable: readonly Endpoint[]
}

/** What of a node decides about endpoints. */
export type EndpointNode = Pick<ClusterNode, 'name' | 'labels'>

const ZONE = 'topology.kubernetes.io/zone'

/** Whether an endpoint still serves while it ends. */
export function isLeaving({ serving, terminating }: Readiness): boolean {
  return serving && terminating
}

/** The endpoints that take new connections: ready ones, and where none is, those that still serve while they end. */
export function takingConnections<T extends Readiness>(endpoints: readonly T[]): readonly T[] {
  const ready = endpoints.filter((one) => one.ready)
  return ready.length > 0 ? ready : endpoints.filter(isLeaving)
}

/**
 * Sorts endpoints for a node: ready ones, of them those that hints mean for it; where none is ready, those that still serve
 * while they end. @kubernetes pkg/proxy/topology.go
 */
export function categorize(port: ServicePort, endpoints: readonly Endpoint[], node: EndpointNode): NodeEndpoints {
  const taking = takingConnections(endpoints)
  const areReady = taking[0]?.ready === true
  const cluster = !usesCluster(port) ? [] : port.heedsHints && areReady ? hinted(taking, node) : taking
  const local = usesLocal(port) ? takingConnections(endpoints.filter((one) => one.node === node.name)) : []
  const reachable = [...cluster, ...local.filter((one) => !cluster.includes(one))]
  return { cluster, local, reachable }
}

/** Those meant for this node, else for its zone, where all have such hints and some is meant for it. */
function hinted(ready: readonly Endpoint[], { name, labels }: EndpointNode): readonly Endpoint[] {
  const zone = labels[ZONE]
  const choices: readonly (readonly [(one: Endpoint) => readonly string[], string | undefined])[] = [
    [({ nodes }) => nodes, name],
    [({ zones }) => zones, zone],
  ]
  for (const [hintsOf, wanted] of choices) {
    if (wanted === undefined || wanted === '' || !ready.every((one) => hintsOf(one).length > 0)) continue
    const meant = ready.filter((one) => hintsOf(one).includes(wanted))
    if (meant.length > 0) return meant
  }
  return ready
}
