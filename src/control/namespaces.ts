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
  viewCables,
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
import { type ClusterWorkloads, Workloads } from './workloads.ts'

/** Up to this many namespaces are made at once where nobody says otherwise. */
const EAGER_LIMIT = 256

/** What namespaces are made from. */
interface MakerParts {
  readonly facts: NodeFacts
  readonly nodes: ReadonlyMap<string, ClusterNode>
  readonly underlay: ReadonlyMap<string, Namespace>
  readonly cables: readonly Cable[]
  readonly workloads: ClusterWorkloads
  readonly isLarge: boolean
}

/** What makes the namespaces of a cluster, and its endpoints. */
export function namespaceMaker(
  facts: NodeFacts,
  nodes: readonly ClusterNode[],
  ipam: Ipam,
  underlay: Underlay,
  seed: number,
  eagerLimit: number = EAGER_LIMIT,
): { readonly maker: NamespaceMaker; readonly workloads: Workloads } {
  const below = new Map(underlay.namespaces.map((namespace) => [namespace.name, namespace]))
  const isLarge = nodes.length + ipam.pods.length + below.size > eagerLimit
  const { settings, pools } = facts
  const mtuOf = (node: ClusterNode): number => podMtu(node, pools, settings)
  const workloads = new Workloads(ipam, nodes, settings, seed, mtuOf, isLarge)
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const parts = { facts, nodes: byName, underlay: below, cables: underlay.wires, workloads, isLarge }
  return { maker: new NamespaceMaker(parts), workloads }
}

/** Makes the namespaces of a cluster one by one, from facts that are computed once. */
export class NamespaceMaker {
  /** Pods with a network of their own. */
  readonly workloads: ClusterWorkloads
  /** Whether each is made when somebody reads it. */
  readonly isLarge: boolean
  private readonly parts: MakerParts
  private readonly facts: NodeFacts
  private readonly nodes: ReadonlyMap<string, ClusterNode>
  private readonly underlay: ReadonlyMap<string, Namespace>
  private readonly cables: readonly Cable[]
  private readonly ipip: boolean

  constructor(parts: MakerParts) {
    const { facts, nodes, underlay, cables, workloads, isLarge } = parts
    this.parts = parts
    this.facts = facts
    this.nodes = nodes
    this.underlay = underlay
    this.cables = cables
    this.ipip = facts.pools.some((pool) => pool.ipip !== 'Never')
    this.isLarge = isLarge
    this.workloads = workloads
  }

  /** The same for other pods, and the firewalls that they bring. */
  forPods(workloads: ClusterWorkloads, firewall: Pick<NodeFacts, 'felix' | 'others' | 'fixed'>): NamespaceMaker {
    return new NamespaceMaker({ ...this.parts, workloads, facts: { ...this.facts, ...firewall } })
  }

  /** A node by name. */
  node(name: string): ClusterNode | undefined {
    return this.nodes.get(name)
  }

  /** What firewalls of nodes are made of. */
  get firewall(): Pick<NodeFacts, 'felix' | 'others' | 'fixed'> {
    const { felix, others, fixed } = this.facts
    return { felix, others, fixed }
  }

  /** Whether there is a namespace of a name. */
  readonly has = (name: string): boolean =>
    this.nodes.has(name) || this.underlay.has(name) || this.workloads.placeOf(name) >= 0

  /** The names of all namespaces. */
  readonly names: () => readonly string[] = once((): string[] => [
    ...new Set([...this.nodes.keys(), ...this.workloads.names(), ...this.underlay.keys()]),
  ])

  /** About how many there are. */
  get count(): number {
    return this.nodes.size + this.workloads.length + this.underlay.size
  }

  /** Every namespace: nodes, pods, and what is under them. */
  namespaces(): Readonly<Record<string, Namespace>> {
    if (this.isLarge) {
      const all = lazyRecord(this.names, this.has, (name) => this.make(name))
      markLazy(all, this.count, this.names)
      return all
    }
    const all = dictionary<Namespace>()
    for (const name of this.names()) all[name] = this.make(name)
    return all
  }

  /** Every wire: those under the cluster, and the veth pairs of all pods. */
  wires(): readonly Cable[] {
    const { cables, workloads } = this
    const { list } = workloads
    if (!this.isLarge) return [...cables, ...list.map(podCable)]
    return lateCables(
      cables.length + list.length,
      (i) => cables[i] ?? podCable(list[i - cables.length]!),
      this.cablesOf,
    )
  }

  /** Every wire, where those of pods are known. @param ofPod - the wire of the pod at a place of the list */
  wiresOf(ofPod: (place: number) => Cable): readonly Cable[] {
    const { cables, workloads } = this
    const { length } = cables
    if (!this.isLarge) return [...cables, ...Array.from({ length: workloads.length }, (_, i) => ofPod(i))]
    return viewCables(length + workloads.length, (i) => cables[i] ?? ofPod(i - length), this.cablesOf)
  }

  /** How many wires are under the cluster. */
  get cablesBelow(): number {
    return this.cables.length
  }

  private readonly cablesOf = (netns: string, all: readonly Cable[]): readonly Cable[] => {
    const { cables, workloads } = this
    const place = workloads.placeOf(netns)
    const own = place < 0 ? workloads.placesOn(netns) : [place]
    return [...cablesIn(cables)(netns), ...own.map((i) => all[cables.length + i]!)]
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

  /** Makes the namespace of a name. */
  make(name: string): Namespace {
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
