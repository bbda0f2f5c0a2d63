import { type Cable, dictionary, lazyNamespace, lazyRecord, markLazy, type Namespace } from '../model/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import { attachPod, type HostSide, podCable, podNamespace, type WorkloadEndpoint, workloadEndpoint } from './cni.ts'
import { TUNL0_DOWN } from './felix/devices.ts'
import { podMtu } from './felix/mtu.ts'
import type { IpamResult } from './ipam/cluster-ipam.ts'
import { type NodeFacts, nodeDevices, nodeKeys, nodeNamespace, nodeOutline, nodeSysctls } from './node-namespace.ts'
import { originOf } from './origin.ts'
import type { Underlay } from './underlay.ts'

/** Up to this many namespaces are made at once, as plain data; beyond, each is made when it is first looked at. */
const EAGER_LIMIT = 4096

/** Makes the namespaces of a cluster one by one, from facts that are computed once. */
export class NamespaceMaker {
  /** Pods with a network of their own, in order of creation. */
  readonly endpoints: readonly WorkloadEndpoint[]
  private readonly facts: NodeFacts
  private readonly nodes: ReadonlyMap<string, ClusterNode>
  private readonly pods = new Map<string, WorkloadEndpoint>()
  private readonly podsOf = new Map<string, WorkloadEndpoint[]>()
  private readonly underlay: ReadonlyMap<string, Namespace>
  private readonly ipip: boolean

  constructor(facts: NodeFacts, nodes: readonly ClusterNode[], ipam: IpamResult, underlay: Underlay, seed: number) {
    this.facts = facts
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.underlay = new Map(underlay.namespaces.map((namespace) => [namespace.name, namespace]))
    this.ipip = facts.pools.some((pool) => pool.ipip !== 'Never')
    const mtus = new Map(nodes.map((node) => [node, podMtu(node, facts.pools, facts.settings)]))
    this.endpoints = ipam.pods.map((pod) => workloadEndpoint(pod, facts.settings, seed, mtus.get(pod.node)!))
    for (const endpoint of this.endpoints) {
      this.pods.set(endpoint.netns, endpoint)
      const list = this.podsOf.get(endpoint.node)
      if (list) list.push(endpoint)
      else this.podsOf.set(endpoint.node, [endpoint])
    }
  }

  /** Every namespace: nodes, pods, and what is under them. */
  namespaces(): Readonly<Record<string, Namespace>> {
    const names = [...this.nodes.keys(), ...this.pods.keys(), ...this.underlay.keys()]
    const known = (name: string): boolean => this.nodes.has(name) || this.pods.has(name) || this.underlay.has(name)
    if (this.isLarge) {
      const all = lazyRecord(names, known, (name) => this.make(name))
      markLazy(all)
      return all
    }
    const all = dictionary<Namespace>()
    for (const name of names) all[name] = this.make(name)
    return all
  }

  private get isLarge(): boolean {
    return this.nodes.size + this.pods.size + this.underlay.size > EAGER_LIMIT
  }

  /** The veth pairs of all pods. */
  wires(): Cable[] {
    return this.endpoints.map(podCable)
  }

  private make(name: string): Namespace {
    const node = this.nodes.get(name)
    if (node) return this.makeNode(node)
    const pod = this.pods.get(name)
    if (!pod) return this.underlay.get(name)!
    return podNamespace(pod, this.facts.settings, this.ipip ? TUNL0_DOWN : undefined, originOf('cni', pod.pod))
  }

  private makeNode(node: ClusterNode): Namespace {
    const { facts } = this
    const { devices, tunnels } = nodeDevices(facts, node)
    const whole = (): Namespace => {
      const side: HostSide = { interfaces: [], routes: [], neighbours: [], sysctls: nodeSysctls(node) }
      for (const endpoint of this.podsOf.get(node.name) ?? []) {
        const ifindex = devices.length + side.interfaces.length + 2
        attachPod(side, endpoint, ifindex, facts.settings, node, originOf('cni', endpoint.pod))
      }
      return nodeNamespace(facts, node, devices, tunnels, side)
    }
    return this.isLarge ? lazyNamespace(nodeOutline(node, devices), nodeKeys(facts, node), whole) : whole()
  }
}
