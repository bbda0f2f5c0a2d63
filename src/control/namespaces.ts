import {
  type Cable,
  cablesIn,
  dictionary,
  lateCables,
  lazyNamespace,
  lazyRecord,
  markLazy,
  type Namespace,
  once,
  type Ruleset,
  wholeNamespace,
  withFirewall,
} from '../model/index.ts'
import type { Family } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import { podCable, podNamespace } from './cni.ts'
import { TUNL0_DOWN } from './felix/devices.ts'
import type { FelixFirewall } from './felix/firewall.ts'
import { podMtu } from './felix/mtu.ts'
import { resyncedRuleset, resyncedSets } from './felix/resync.ts'
import { attachPod, type HostSide } from './host-side.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import { type NodeFacts, nodeFirewall, nodeSysctls } from './node-namespace.ts'
import { NodeSource } from './node-source.ts'
import { originOf } from './origin.ts'
import type { Underlay } from './underlay/build.ts'
import { Workloads } from './workloads.ts'

/** Up to this many namespaces are made at once where nobody says otherwise. */
const EAGER_LIMIT = 256

/** Makes the namespaces of a cluster one by one, from facts that are computed once. */
export class NamespaceMaker {
  /** Pods with a network of their own. */
  readonly workloads: Workloads
  private readonly facts: NodeFacts
  private readonly nodes: ReadonlyMap<string, ClusterNode>
  private readonly underlay: ReadonlyMap<string, Namespace>
  private readonly cables: readonly Cable[]
  private readonly ipip: boolean
  private readonly isLarge: boolean

  constructor(
    facts: NodeFacts,
    nodes: readonly ClusterNode[],
    ipam: Ipam,
    underlay: Underlay,
    seed: number,
    eagerLimit: number = EAGER_LIMIT,
  ) {
    this.facts = facts
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.underlay = new Map(underlay.namespaces.map((namespace) => [namespace.name, namespace]))
    this.cables = underlay.wires
    this.ipip = facts.pools.some((pool) => pool.ipip !== 'Never')
    this.isLarge = this.nodes.size + ipam.pods.length + this.underlay.size > eagerLimit
    const { settings, pools } = facts
    const mtuOf = (node: ClusterNode): number => podMtu(node, pools, settings)
    this.workloads = new Workloads(ipam, nodes, settings, seed, mtuOf, this.isLarge)
  }

  /** Every namespace: nodes, pods, and what is under them. */
  namespaces(): Readonly<Record<string, Namespace>> {
    const { nodes, underlay, workloads } = this
    const names = once((): string[] => [...new Set([...nodes.keys(), ...workloads.names(), ...underlay.keys()])])
    if (this.isLarge) {
      const known = (name: string): boolean => nodes.has(name) || underlay.has(name) || workloads.placeOf(name) >= 0
      const all = lazyRecord(names, known, (name) => this.make(name))
      markLazy(all, nodes.size + workloads.length + underlay.size, names)
      return all
    }
    const all = dictionary<Namespace>()
    for (const name of names()) all[name] = this.make(name)
    return all
  }

  /** Every wire: those under the cluster, and the veth pairs of all pods. */
  wires(): readonly Cable[] {
    const { cables, workloads } = this
    const { list } = workloads
    if (!this.isLarge) return [...cables, ...list.map(podCable)]
    const below = cablesIn(cables)
    return lateCables(
      cables.length + list.length,
      (i) => cables[i] ?? podCable(list[i - cables.length]!),
      (netns, all) => {
        const place = workloads.placeOf(netns)
        const own = place < 0 ? workloads.placesOn(netns) : [place]
        return [...below(netns), ...own.map((i) => all[cables.length + i]!)]
      },
    )
  }

  /** A node's namespace with the rules and sets that other policies ask for. */
  underPolicies(ns: Namespace, felix: FelixFirewall): Namespace {
    const node = this.nodes.get(ns.name)!
    const source = this.sourceOf(node)
    return withFirewall(
      ns,
      nodeFirewall({ ...this.facts, felix }, node, () => source.devices),
    )
  }

  /** A node's namespace that somebody edited, after Felix wrote what is its own again. */
  resynced(edited: Namespace, before: Namespace, fresh: Namespace): Namespace {
    const node = this.nodes.get(edited.name)!
    const ruleset = (key: 'iptables' | 'ip6tables', family: Family): (() => Ruleset | undefined) => {
      // Read now: edit after edit, nothing must wait for all that were before.
      const mine = edited[key]
      return () => {
        const wanted = fresh[key]
        if (mine === undefined || wanted === undefined) return wanted ?? mine
        const { tunnels } = this.sourceOf(node).devices
        return resyncedRuleset(mine, before[key], wanted, this.facts.felix.kernelRules(family, node, tunnels))
      }
    }
    const { ipsets = {} } = edited
    return withFirewall(edited, {
      iptables: ruleset('iptables', 4),
      ...(Object.hasOwn(fresh, 'ip6tables') ? { ip6tables: ruleset('ip6tables', 6) } : {}),
      ipsets: () => resyncedSets(ipsets, fresh.ipsets ?? {}),
    })
  }

  private make(name: string): Namespace {
    const node = this.nodes.get(name)
    if (node) return this.makeNode(node)
    const pod = this.workloads.at(name)
    if (!pod) return this.underlay.get(name)!
    return podNamespace(pod, this.facts.settings, this.ipip ? TUNL0_DOWN : undefined, originOf('cni', pod.pod))
  }

  private makeNode(node: ClusterNode): Namespace {
    const source = this.sourceOf(node)
    return this.isLarge ? lazyNamespace(source, source) : wholeNamespace(source)
  }

  private sourceOf(node: ClusterNode): NodeSource {
    return new NodeSource(this.facts, node, this.hostSide)
  }

  /** What a node's namespace is made from, with the rules of other policies; undefined for what is no node. */
  nodeSource(name: string, felix: FelixFirewall): NodeSource | undefined {
    const node = this.nodes.get(name)
    return node === undefined ? undefined : new NodeSource({ ...this.facts, felix }, node, this.hostSide)
  }

  /** What the pods of a node add to it: their ends come after its devices. */
  private readonly hostSide = ({ node, devices: { devices } }: NodeSource): HostSide => {
    const { facts } = this
    const side: HostSide = { interfaces: [], routes: [], neighbours: [], sysctls: nodeSysctls(facts, node) }
    for (const endpoint of this.workloads.ofNode(node.name)) {
      const ifindex = devices.length + side.interfaces.length + 2
      attachPod(side, endpoint, ifindex, facts.settings, node)
    }
    return side
  }
}
