import type { Cluster, ClusterNode, PolicyRule } from '../control/index.ts'
import { routeGet } from '../dataplane/index.ts'
import { invalid, type Lab } from '../lab/index.ts'
import { cablesIn, keptIn } from '../model/index.ts'
import { type Family, type Ip, type Prefix, parsePrefix } from '../wire/index.ts'
import { type Member, nodesOf, type PodMember, podsOf, servicesOf } from './ends/members.ts'
import { type NodeKinds, nodeKinds } from './ends/node-kinds.ts'
import { AddressAtoms } from './policy/address-atoms.ts'
import { Decisions } from './policy/decisions.ts'
import { type Gate, Gates, netsOf, setsOf, type Universe } from './policy/gates.ts'
import { SpansTable } from './policy/spans.ts'
import { universeOf } from './policy/universe.ts'

/** All that the answer is made from, put together once. */
export interface ReachWorld {
  /** The lab. */
  readonly lab: Lab
  /** Its cluster. */
  readonly cluster: Cluster
  /** Pods. */
  readonly pods: readonly PodMember[]
  /** Nodes. */
  readonly nodes: readonly Member[]
  /** Nodes of the cluster by name. */
  readonly nodesByName: ReadonlyMap<string, ClusterNode>
  /** Services. */
  readonly services: readonly Member[]
  /** Ranges of pools. */
  readonly pools: readonly Prefix[]
  /** Who has an address. */
  readonly holders: ReadonlyMap<Ip, Member>
  /** Addresses by what is asked of them. */
  readonly atoms: AddressAtoms
  /** Policies of endpoints. */
  readonly gates: Gates
  /** Spans by number. */
  readonly table: SpansTable
  /** Decisions by number. */
  readonly decisions: Decisions
  /** Kinds of nodes. */
  readonly kinds: NodeKinds
  /** The gates of a pod. */
  readonly gatesOf: (pod: PodMember) => { readonly ingress: Gate; readonly egress: Gate }
  /** What tells headers apart. */
  readonly universe: Readonly<Record<Family, Universe>>
  /** Names of paths, by what they are. */
  readonly paths: Map<string, string>
  /** Whether there are host endpoints. */
  readonly areHosts: boolean
  /** Whether policies of host endpoints decide about anything: they ask of pods what no pod's own policies may ask. */
  readonly areHostsPoliced: boolean
  /** Whether host endpoints decide about what nodes forward. */
  readonly isForwardPoliced: boolean
}

/** Puts together what the answer is made from. @throws InputError for a lab without objects */
export function reachWorld(lab: Lab): ReachWorld {
  const { cluster, simulation, dump } = lab
  if (cluster === null)
    throw invalid('a lab of objects: who is there, and what policy says, comes from them', 'one without')
  const [table, decisions] = [new SpansTable(), new Decisions()]
  const gates = new Gates(cluster.policies, table, decisions)
  const pods = podsOf(cluster)
  const [nodes, services] = [nodesOf(cluster), servicesOf(cluster)]
  const gatesOf = ({ policies: { tiers, profiles } }: PodMember) => ({
    ingress: gates.of('ingress', tiers, profiles),
    egress: gates.of('egress', tiers, profiles),
  })
  for (const pod of pods) gatesOf(pod)
  const hosts = cluster.nodes.flatMap(({ name }) => cluster.policies.of(name).hosts)
  for (const { tiers, forward, untracked, preDnat, profiles } of hosts) {
    for (const list of [tiers, forward, untracked, preDnat]) {
      for (const direction of ['ingress', 'egress'] as const) gates.of(direction, list, profiles)
    }
  }
  const rules = new Set<PolicyRule>()
  for (const gate of gates.all) for (const rule of gate.rules) rules.add(rule)
  const pools = cluster.resources.ippools.flatMap(({ spec }) => parsePrefix(spec.cidr) ?? [])
  const holders = new Map<Ip, Member>()
  for (const member of [...pods, ...nodes, ...services]) {
    for (const address of Object.values(member.addresses)) if (!holders.has(address)) holders.set(address, member)
  }
  return {
    lab,
    cluster,
    pods,
    nodes,
    nodesByName: new Map(cluster.nodes.map((node) => [node.name, node])),
    services,
    pools,
    holders,
    table,
    decisions,
    gates,
    gatesOf,
    atoms: new AddressAtoms({
      sets: new Set([...rules].flatMap(setsOf)),
      nets: new Set([...pools, ...[...rules].flatMap(netsOf)]),
      book: cluster.policies,
    }),
    kinds: nodeKinds({
      cluster,
      network: simulation.network,
      simulation,
      isDumped: (node) => dump?.network.namespaces[node] !== undefined,
    }),
    universe: { 4: universeOf(4, [...rules]), 6: universeOf(6, [...rules]) },
    paths: new Map(),
    areHosts: hosts.length > 0,
    areHostsPoliced: hosts.some(({ tiers, forward, untracked, preDnat }) =>
      [tiers, forward, untracked, preDnat].some((list) => list.length > 0),
    ),
    isForwardPoliced: hosts.some(({ forward, untracked, preDnat }) =>
      [forward, untracked, preDnat].some((list) => list.length > 0),
    ),
  }
}

/** The network namespace that stands for all outside; undefined: there is none. */
export function outsideOf({ network }: Lab): string | undefined {
  return ['internet', 'internet-2'].find((name) => network.namespaces[name]?.role === 'external')
}

/** Whether a namespace takes in what is sent to an address: outside has every address that it knows no way to. */
export function isOwn({ simulation }: Lab, netns: string, dst: Ip): boolean {
  const found = routeGet(simulation.netns(netns), { dst })
  return typeof found !== 'string' && found.type === 'local'
}

/** What routers make of packets to an address outside, as text: some ranges lead nowhere. @param routers - their namespaces */
export function wayOut({ simulation }: Lab, routers: readonly string[], dst: Ip): string {
  const words = routers.map((router) => {
    const found = routeGet(simulation.netns(router), { dst })
    return typeof found === 'string' ? found : `${found.type} ${found.dev}`
  })
  return words.join(',')
}

/** Routers that are joined to outside. */
export function routersOf(lab: Lab): string[] {
  const outside = outsideOf(lab)
  if (outside === undefined) return []
  const { namespaces, wires } = lab.network
  const others = cablesIn(wires)(outside).flatMap(({ ends }) => ends.map(({ netns }) => netns))
  return [...new Set(others)].filter((name) => namespaces[name]?.role === 'router')
}

/** A list of values by a key, in order of their first. */
export function grouped<T>(all: Iterable<T>, keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) keptIn(groups, keyOf(one), () => []).push(one)
  return groups
}
