import {
  type Cluster,
  endpointsIn,
  hostEndpointsOf,
  InheritedLabels,
  type PolicyEndpoint,
  policyEndpoint,
} from '../control/index.ts'
import { type Finding, type Namespace, type NetworkData, type Note, once, type TooLong } from '../model/index.ts'
import type { Ip } from '../wire/index.ts'
import type { Course } from './course.ts'
import { type AddressOwner, ownersOf } from './owners.ts'

/** One end of a connection. */
export interface SessionEnd {
  /** Namespace. */
  readonly netns: string
  /** Its address. */
  readonly address: Ip
}

/** What a trace is judged by. */
export interface Facts {
  /** The network it ran in. */
  readonly network: NetworkData
  /** The cluster it was built from; null for a network made by hand or from dumps. */
  readonly cluster: Cluster | null
  /** Everything that is not modelled, missing or assumed. */
  readonly notes: readonly Note[]
  /** Nodes whose routes and rules are those of a dump: what objects leave open, these decide. */
  readonly dumped: ReadonlySet<string>
  /** What the program could not even send, because it is too long; absent for anything else. */
  readonly tooLong?: TooLong
  /**
   * Tries a TCP connection between two machines: why it fails, or undefined when it comes up. Routes that a session would have
   * brought hang on it. Absent where nothing can be tried.
   */
  readonly triedTcp?: (from: SessionEnd, to: SessionEnd, port: number) => Finding | undefined
  /** What happened before, in a cluster that runs; absent where time does not pass. */
  readonly course?: Course
  /** What policies select in a namespace: a pod, or the host endpoints of a node. */
  readonly endpointsAt: (netns: string) => readonly PolicyEndpoint[]
  /** Node a pod runs on; undefined for what is no pod of the cluster. */
  readonly nodeOf: (netns: string) => string | undefined
  /** Whether the cluster gave a pod this address; true for what is no pod of the cluster. */
  readonly isOwnAddress: (netns: string, address: string) => boolean
  /** Namespace and name of a pod of the cluster, as kubectl takes them. */
  readonly podNameOf: (netns: string) => { readonly namespace: string; readonly name: string } | undefined
  /** Who has an address. */
  readonly ownerOf: (address: string) => AddressOwner | undefined
}

/** Facts of a network; of a cluster also whom policies select. Nothing is computed before it is asked for. */
export function factsOf(
  network: NetworkData,
  notes: readonly Note[],
  cluster: Cluster | null,
  dumped: ReadonlySet<string> = new Set(),
): Facts {
  const pods = endpointsIn(cluster?.workloadEndpoints ?? [])
  const inherited = once(() => new InheritedLabels(cluster?.resources ?? { namespaces: [], serviceAccounts: [] }))
  return {
    network,
    cluster,
    notes,
    dumped,
    nodeOf: (netns) => pods.at(netns)?.node,
    isOwnAddress: (netns, address) => pods.at(netns)?.addresses.some((one) => one === address) ?? true,
    podNameOf: (netns) => {
      const pod = pods.at(netns)
      return pod && { namespace: pod.namespace, name: pod.pod.metadata.name }
    },
    ownerOf: ownersOf(network, cluster),
    endpointsAt: (netns) => {
      if (cluster === null) return []
      const pod = pods.at(netns)
      if (pod !== undefined) return [policyEndpoint(pod, inherited())]
      const node = cluster.nodes.find((one) => one.name === netns)
      return node === undefined ? [] : hostEndpointsOf(node, cluster.resources)
    },
  }
}

/** Whether nobody described a namespace: packetwalk put it there so that packets have somewhere to go. */
export function isAssumed(ns: Namespace | undefined): boolean {
  return ns?.origin?.assumed === true && ns.role !== 'switch'
}
