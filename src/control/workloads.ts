import { keptIn, lateList, once, pushTo } from '../model/index.ts'
import { type Ip, parseIp } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import { type WorkloadEndpoint, workloadEndpoint } from './cni.ts'
import type { AssignedPods } from './ipam/assigned-pods.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import { PodNames } from './pod-names.ts'
import { namespacedName } from './resource.ts'
import type { Settings } from './settings/settings.ts'

/** Finds workload endpoints without looking at all of them. */
export interface EndpointFinder {
  /** The endpoint of a network namespace; undefined for what is no pod's. */
  readonly at: (netns: string) => WorkloadEndpoint | undefined
  /** Those on a node, in order of creation. */
  readonly ofNode: (node: string) => readonly WorkloadEndpoint[]
  /** The network namespaces of all of them, in order of creation. */
  readonly names: () => readonly string[]
  /** The first one that has an address. */
  readonly holding: (address: string) => WorkloadEndpoint | undefined
  /** All that have an address: several where objects say so. */
  readonly holders: (address: string) => readonly WorkloadEndpoint[]
}

/** The endpoints of a cluster, and where they are in their list. */
export interface ClusterWorkloads extends EndpointFinder {
  /** Pods with a network of their own, in order of creation. */
  readonly list: readonly WorkloadEndpoint[]
  /** How many there are. */
  readonly length: number
  /** The place in the list of the endpoint of a network namespace; -1 for what is no pod's. */
  readonly placeOf: (netns: string) => number
  /** The places in the list of those on a node. */
  readonly placesOn: (node: string) => readonly number[]
}

const finders = new WeakMap<readonly WorkloadEndpoint[], EndpointFinder>()

const NONE: readonly WorkloadEndpoint[] = []

/** What finds the endpoints of a list. Such lists are immutable: each is sorted once, and not at all where a cluster made it. */
export function endpointsIn(endpoints: readonly WorkloadEndpoint[]): EndpointFinder {
  return keptIn(finders, endpoints, sorted)
}

/** Says what finds the endpoints of a list. */
export function foundBy(endpoints: readonly WorkloadEndpoint[], finder: EndpointFinder): void {
  finders.set(endpoints, finder)
}

function sorted(endpoints: readonly WorkloadEndpoint[]): EndpointFinder {
  const byNetns = once(() => new Map(endpoints.map((endpoint) => [endpoint.netns, endpoint])))
  const byNode = once(() => {
    const lists = new Map<string, WorkloadEndpoint[]>()
    for (const endpoint of endpoints) pushTo(lists, endpoint.node, endpoint)
    return lists
  })
  const byAddress = once(() => {
    const lists = new Map<string, WorkloadEndpoint[]>()
    for (const one of endpoints) for (const ip of new Set(one.addresses)) pushTo(lists, ip, one)
    return lists
  })
  return {
    at: (netns) => byNetns().get(netns),
    ofNode: (node) => byNode().get(node) ?? NONE,
    names: () => endpoints.map(({ netns }) => netns),
    holding: (address) => byAddress().get(address)?.[0],
    holders: (address) => byAddress().get(address) ?? NONE,
  }
}

/** The endpoints of a cluster: each is made when it is first read, unless there are few. */
export class Workloads implements ClusterWorkloads {
  readonly list: readonly WorkloadEndpoint[]
  private readonly pods: AssignedPods
  private readonly blockOf: Ipam['blockOf']
  private readonly nodes: readonly ClusterNode[]
  private readonly mtuOf: (node: ClusterNode) => number
  /** Places of endpoints that were made, by the name of their network namespace. */
  private readonly seen = new Map<string, number>()
  private readonly byName: () => PodNames
  private readonly settings: Settings
  private readonly seed: number

  /**
   * @param mtuOf - MTU of pods of a node, in bytes
   * @param isLarge - whether to wait until somebody reads an endpoint
   */
  constructor(
    { pods, blockOf }: Ipam,
    nodes: readonly ClusterNode[],
    settings: Settings,
    seed: number,
    mtuOf: (node: ClusterNode) => number,
    isLarge: boolean,
  ) {
    this.pods = pods
    this.blockOf = blockOf
    this.nodes = nodes
    this.settings = settings
    this.seed = seed
    const mtus = new Map<ClusterNode, number>()
    this.mtuOf = (node) => keptIn(mtus, node, mtuOf)
    const make = (i: number): WorkloadEndpoint => {
      const made = this.endpointOf(pods.pod(i), pods.node(i), pods.addresses(i))
      this.seen.set(made.netns, i)
      return made
    }
    this.list = isLarge ? lateList(pods.length, make) : Array.from({ length: pods.length }, (_, i) => make(i))
    this.byName = once(() => new PodNames(pods.length, (i) => pods.pod(i).metadata))
    foundBy(this.list, this)
  }

  /** The endpoint of a pod of this cluster, with these addresses. */
  endpointOf(pod: PodResource, node: ClusterNode, addresses: readonly Ip[]): WorkloadEndpoint {
    return workloadEndpoint(pod, node.name, addresses, this.settings, this.seed, this.mtuOf(node))
  }

  get length(): number {
    return this.list.length
  }

  placeOf(netns: string): number {
    // Whoever has a name from an endpoint needs no index of all of them, nor does the name of a machine.
    return netns.includes('/') ? (this.seen.get(netns) ?? this.byName().placeOf(netns)) : -1
  }

  placesOn(node: string): readonly number[] {
    return this.pods.ofNode(node)
  }

  readonly at = (netns: string): WorkloadEndpoint | undefined => {
    const place = this.placeOf(netns)
    return place < 0 ? undefined : this.list[place]
  }

  readonly ofNode = (node: string): readonly WorkloadEndpoint[] => this.placesOn(node).map((place) => this.list[place]!)

  readonly holding = (address: string): WorkloadEndpoint | undefined => this.holders(address)[0]

  readonly holders = (address: string): readonly WorkloadEndpoint[] => {
    const ip = parseIp(address)
    return ip === undefined ? NONE : this.pods.holding(ip, this.blockOf(ip)).map((place) => this.list[place]!)
  }

  readonly names = (): string[] =>
    Array.from({ length: this.length }, (_, i) => namespacedName(this.pods.pod(i).metadata))

  /** Whether pods of some node have such an MTU, in bytes. */
  someMtu(isWanted: (mtu: number) => boolean): boolean {
    return this.length > 0 && this.nodes.some((node) => isWanted(this.mtuOf(node)))
  }
}
