import { type Namespace, Network, once, withFirewalls } from '../model/index.ts'
import { InvariantError } from '../wire/index.ts'
import type { BuildOptions, Cluster } from './cluster.ts'
import type { FelixFirewall } from './felix/firewall.ts'
import { Findings } from './findings.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import type { ProxyConfig } from './kube-proxy/config.ts'
import type { Endpoints } from './kube-proxy/endpoints.ts'
import type { ServiceNotes } from './kube-proxy/notes.ts'
import type { NamespaceMaker } from './namespaces.ts'
import type { PodMaking } from './pod-edit/pod-making.ts'
import { type Book, calculated, type PolicyInputs } from './policy/book.ts'
import { notePolicies } from './policy/notes.ts'
import type { Resources } from './resources.ts'

/** Objects that only policies are calculated from: an edit of them changes rules and sets of nodes, and nothing else. */
export type PolicyResources = Pick<Resources, 'policies' | 'tiers' | 'networkSets' | 'profiles' | 'hostEndpoints'>

/** What the policies of a cluster say, and what is wrong with them. */
export interface Enforced {
  readonly policies: Book
  readonly findings: Findings
}

/** What a cluster has besides its policies: those that differ in nothing else stand on the same ground. */
export interface Ground extends Omit<Cluster, 'resources' | 'policies'> {
  /** What its policies were calculated from when it was built. */
  readonly inputs: PolicyInputs
  /** What the objects brought to light that is none of policy. */
  readonly findings: Findings
  /** The network as it was built. */
  readonly network: Network
  /** Makes its namespaces. */
  readonly maker: NamespaceMaker
  /** Felix' rules as they were built. */
  readonly felix: FelixFirewall
  /** What it was made with. */
  readonly making: Making
}

/** What a cluster was made with besides its objects. */
export interface Making {
  /** Options of its build. */
  readonly options: BuildOptions
  /** Who has which address. */
  readonly ipam: () => Ipam
  /** What follows from pods by other ways than their nodes and policies. */
  readonly ways: PodWays
  /** What edits of pods alone have made of it; undefined: objects were looked at as a whole. */
  readonly edited?: PodMaking
}

/** What follows from pods by other ways than their nodes and policies. */
export interface PodWays {
  /** What kube-proxy is told. */
  readonly proxy: ProxyConfig
  /** Endpoints of Services. */
  readonly endpoints: Endpoints
  /** Whether nodes are to tell their peers of Services, whatever they have to tell now. */
  readonly mayAnnounce: boolean
  /** Whether filters of BGP decide who learns what. */
  readonly isPoliced: boolean
  /** What was noted of Services. */
  readonly notes: ServiceNotes
}

/** The namespace of a node, and by which policies it was made. */
export interface Made {
  readonly namespace: Namespace
  readonly policies: Book
}

/** Where a cluster comes from. */
export interface Descent {
  readonly ground: Ground
  readonly policies: Book
  /** What is wrong with them. */
  readonly findings: Findings
  /** Those it was built with. */
  readonly first: Book
  /** Names of nodes. */
  readonly names: () => ReadonlySet<string>
  /** What was made last for each node: policies that are none of a node's leave it the very same. */
  readonly latest: Map<string, Made>
}

const descents = new WeakMap<Cluster, Descent>()

/** What the namespaces of a cluster are made with. */
export interface Workshop {
  /** Makes them. Clusters that differ in policies alone have the same one. */
  readonly maker: NamespaceMaker
  /** The network whose namespaces differ from those of the cluster in their firewalls at most. */
  readonly network: Network
  /** Felix' rules by the policies of the cluster. */
  readonly felix: () => FelixFirewall
}

/** What the namespaces of a cluster are made with. */
export function workshopOf(cluster: Cluster): Workshop {
  const { ground, policies, first } = descentOf(cluster)
  const { maker, network, felix } = ground
  return { maker, network, felix: () => (policies === first ? felix : felix.enforcing(policies)) }
}

/** The same cluster, of objects that make no other. */
export function withResources(cluster: Cluster, resources: Resources): Cluster {
  const { resources: _, ...others } = Object.getOwnPropertyDescriptors(cluster)
  const made = Object.defineProperties({ resources }, others) as Cluster
  descents.set(made, descentOf(cluster))
  return made
}

/** Where a cluster comes from. */
export function descentOf(cluster: Cluster): Descent {
  const found = descents.get(cluster)
  if (found === undefined) throw new InvariantError('a cluster that buildCluster did not make')
  return found
}

/** What a cluster was made with. */
export function makingOf(cluster: Cluster): Making {
  return descentOf(cluster).ground.making
}

/** Calculates policies. */
export function enforcedPolicies(inputs: PolicyInputs): Enforced {
  const findings = new Findings()
  notePolicies(inputs.resources, findings)
  return { policies: calculated(inputs, findings), findings }
}

/** The cluster as it was built. @param known - names of nodes */
export function builtOn(ground: Ground, enforced: Enforced, known?: Descent['names']): Cluster {
  const { nodes, network, inputs } = ground
  const names = known ?? once(() => new Set(nodes.map(({ name }) => name)))
  const { policies, findings } = enforced
  const descent = { ground, policies, findings, first: policies, names, latest: new Map() }
  return clusterOf(descent, enforced, inputs.resources, network)
}

function clusterOf(
  descent: Descent,
  { policies, findings }: Enforced,
  resources: Resources,
  network: Network,
): Cluster {
  const { inputs: _, maker: _maker, felix: _felix, making: _making, ...common } = descent.ground
  const all = Findings.of(common.findings, findings)
  const cluster = { ...common, resources, policies, network, findings: all }
  descents.set(cluster, { ...descent, policies, findings })
  return cluster
}

/**
 * The cluster that {@link buildCluster} would give of its objects with other policies, at the cost of what changed: all but rules
 * and sets is shared with the one given, and rules of a node are written when somebody reads them.
 *
 * @param cluster - as `buildCluster` or this function gave it
 * @param edited - the lists of objects that take the place of its own
 */
export function withPolicies(cluster: Cluster, edited: Partial<PolicyResources>): Cluster {
  const descent = descentOf(cluster)
  const lists = POLICY_LISTS.filter((list) => isOther(edited[list], cluster.resources[list]))
  if (lists.length === 0) return cluster
  const resources = { ...cluster.resources, ...Object.fromEntries(lists.map((list) => [list, edited[list]])) }
  const { inputs, network } = descent.ground
  const enforced = enforcedPolicies({ ...inputs, resources })
  const { wires, shared } = network
  const namespaces = namespacesUnder(descent, enforced.policies)
  return clusterOf(descent, enforced, resources, new Network({ namespaces, wires, shared }))
}

/** The lists of these objects. */
export const POLICY_LISTS: readonly (keyof PolicyResources)[] = [
  'policies',
  'tiers',
  'networkSets',
  'profiles',
  'hostEndpoints',
]

/** Whether a list is given and has other objects. Much is kept by the very list. */
function isOther(given: readonly unknown[] | undefined, list: readonly unknown[]): boolean {
  return given !== undefined && (given.length !== list.length || given.some((one, i) => one !== list[i]))
}

function namespacesUnder({ ground, first, names, latest }: Descent, policies: Book): Network['namespaces'] {
  const { maker, network } = ground
  const felix = ground.felix.enforcing(policies)
  const built = (name: string): Namespace => network.namespaces[name]!
  return withFirewalls(network.namespaces, names(), (name) => {
    const last = latest.get(name) ?? { namespace: built(name), policies: first }
    const differs = policies.differs(last.policies, name)
    const namespace = differs ? maker.underPolicies(built(name), felix) : last.namespace
    latest.set(name, { namespace, policies })
    return namespace
  })
}

/**
 * A namespace that somebody edited, in a cluster whose policies are others by now. Where they change what a node has, its Felix
 * writes all that is its own again; what others have there, and nodes of which nothing changed, stay as somebody left them.
 *
 * @param edited - the namespace as somebody left it
 * @param before - the cluster it was edited in
 * @param cluster - the cluster now, of the same descent
 */
export function resynced(edited: Namespace, before: Cluster, cluster: Cluster): Namespace {
  const { ground, names } = descentOf(cluster)
  const { name } = edited
  const [was, fresh] = [before, cluster].map(({ network }) => network.namespaces[name])
  if (!names().has(name) || was === undefined || fresh === undefined || was === fresh) return edited
  return ground.maker.resynced(edited, was, fresh)
}

/** The nodes that may have other rules or sets by the policies of one cluster than by those of another that differs in nothing else; undefined where it does. */
export function nodesUnderOtherPolicies(
  a: Cluster,
  b: Cluster,
  names: Iterable<string>,
): readonly string[] | undefined {
  const [before, after] = [descentOf(a), descentOf(b)]
  return before.ground === after.ground ? after.policies.differing(before.policies, [...names]) : undefined
}

/** Whether the policies of some node's own interfaces may differ: sessions between nodes may come up, or go down. */
export function hostPoliciesDiffer(a: Cluster, b: Cluster): boolean {
  return descentOf(a).policies.hostsDiffer(descentOf(b).policies)
}
