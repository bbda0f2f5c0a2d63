import type { Cluster, Resources, UnderlayPlan } from '../control/index.ts'
import { InputError, type Issue, type Namespace, Network, type Note, type Role } from '../model/index.ts'
import type { Ip } from '../wire/index.ts'
import { drift } from './drift/drift.ts'
import type { DriftFinding } from './drift/finding.ts'
import { withMeanings } from './meanings/meanings.ts'
import { type Dump, type DumpedNode, parseDump } from './node-files.ts'
import { dumpNotes } from './notes.ts'
import { type Difference, told } from './objects/compared.ts'
import { comparedNodes } from './objects/differences.ts'
import { enriched } from './objects/enrich.ts'
import { identify, type KnownMachine } from './objects/identify.ts'
import { joinObjects } from './objects/join-objects.ts'
import { underlayOfDumps } from './objects/underlay.ts'
import { assumePods } from './pods.ts'
import { assumeUnderlay } from './segments.ts'
import { unpacked } from './unpacked.ts'
import { type End, pairVeths, type VethPairs } from './veth.ts'

/** Dumps of real machines, joined to a network. */
export interface LoadedDump {
  /** The machines, what was assumed between and behind them, and the wires. */
  readonly network: Network
  /** The machines that were dumped, with what is missing of each. */
  readonly nodes: readonly DumpedNode[]
  /** What no dump says and was assumed, a sentence each. */
  readonly assumed: readonly string[]
  /** What is missing and what that makes uncertain, a sentence each. */
  readonly uncertain: readonly string[]
  /** Namespaces that were made up: nobody dumped them. */
  readonly assumedNamespaces: ReadonlySet<string>
  /** Interfaces of which nobody knows where their cable goes, as `NAMESPACE/INTERFACE`. */
  readonly unplugged: ReadonlySet<string>
  /** What is missing or made up, with the flows it concerns. */
  readonly notes: readonly Note[]
  /** Files and lines that could not be read or are not modelled. */
  readonly issues: readonly Issue[]
  /** Nodes whose rules are those of their dump. */
  readonly dumped: ReadonlySet<string>
  /** What machines hold otherwise than Calico would have written it, where there are objects; else empty. */
  readonly differences: readonly Difference[]
  /** The same with rules of iptables and routes of others, by what likely caused it; calculated when it is asked. */
  readonly drift: () => readonly DriftFinding[]
}

/** Objects beside the dumps: names, and everything that no dump holds. */
export interface DumpWithObjects extends LoadedDump {
  /** The cluster of the objects; its network is that of the dumps. */
  readonly cluster: Cluster
}

/**
 * Reads dumps of nodes: a folder a machine with whatever files there are (`packetwalk collect` writes them), or archives of
 * such folders. The machines are joined by what they say of each other; what they do not say is assumed, and listed.
 * @param files - by path; archives among them are unpacked
 * @throws InputError when an archive is damaged or there is no dump at all
 */
export function loadDump(files: ReadonlyMap<string, Uint8Array>): LoadedDump {
  const dump = readDump(files)
  const made = join(Object.values(dump.network.namespaces))
  const dumped = ruledBy(dump.nodes)
  const network = withMeanings(made.network, { dumped })
  const joined = { ...made, network, ...gapsOf(dump.nodes), assumed: [...followedIn(dump.nodes), ...made.assumed] }
  return { ...joined, notes: dumpNotes(joined), issues: dump.issues, dumped, differences: [], drift: () => [] }
}

/**
 * Reads dumps of nodes of a cluster whose objects are known: machines are as they were dumped, and have the names of the
 * objects; everything else is as Calico would write it.
 * @param build - builds the cluster of objects over an underlay
 * @throws InputError when an archive is damaged or there is no dump at all, or two dumps are of one node
 */
export function loadDumpWithObjects(
  files: ReadonlyMap<string, Uint8Array>,
  resources: Resources,
  build: (resources: Resources, underlay: (derived: UnderlayPlan) => UnderlayPlan) => Cluster,
): DumpWithObjects {
  const dump = readDump(files)
  const known = identify(dump.nodes, resources)
  assertOnce(known)
  const derived = build(enriched(resources, known), (plan) => underlayOfDumps(plan, known))
  const { network: joint, assumed, ...joined } = joinObjects(derived, known)
  const dumped = ruledBy(known.map(({ node, netns }) => ({ ...node, name: netns })))
  const network = withMeanings(joint, { dumped, derived: derived.network, podAt: podsByAddress(derived) })
  const compared = comparedNodes(derived, known)
  return {
    ...joined,
    ...gapsOf(dump.nodes),
    network,
    assumed: [...identified(known), ...followedIn(dump.nodes), ...assumed],
    issues: dump.issues,
    dumped,
    differences: compared.flatMap(({ contrasts }) => contrasts.map(told)),
    drift: () => drift(derived, compared),
    cluster: { ...derived, network },
  }
}

function readDump(files: ReadonlyMap<string, Uint8Array>): Dump {
  const dump = parseDump(unpacked(files))
  if (dump.nodes.length === 0) {
    const received = files.size === 0 ? 'no files' : [...files.keys()].slice(0, 8).join(', ')
    const expected = 'a folder a machine with link.json, addr.json, route.json, … (packetwalk collect gathers them)'
    throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received }])
  }
  return dump
}

function ruledBy(nodes: readonly DumpedNode[]): ReadonlySet<string> {
  return new Set(nodes.filter(({ namespace }) => namespace.iptables !== undefined).map(({ name }) => name))
}

function podsByAddress({
  workloadEndpoints,
}: Cluster): (address: Ip) => { readonly pod?: string; readonly node?: string } {
  const pods = new Map(
    workloadEndpoints.flatMap(({ netns, node, addresses }) =>
      addresses.map((ip) => [ip, { pod: netns, node }] as const),
    ),
  )
  return (address) => pods.get(address) ?? {}
}

function followedIn(nodes: readonly DumpedNode[]): string[] {
  return nodes.flatMap((node) => node.assumed.map((what) => `${node.name}: ${what}`))
}

/** Two dumps of one node cannot both be its state. */
function assertOnce(known: readonly KnownMachine[]): void {
  const seen = new Map<string, KnownMachine>()
  for (const one of known) {
    const first = seen.get(one.netns)
    if (first !== undefined) {
      const expected = `one dump of ${one.netns}`
      const received = `${first.node.name} and ${one.node.name}`
      throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
    }
    seen.set(one.netns, one)
  }
}

/** Machines that are in no object, and those that another name was given. */
function identified(known: readonly KnownMachine[]): string[] {
  return known.flatMap(({ node, netns, kind, by }) => {
    if (kind === 'unknown') return [`${node.name} is in no object: its dump is taken as it is`]
    const how = by === 'interface' ? 'as the host end of its veth says' : 'as its address says'
    return by === undefined ? [] : [`the dump ${node.name} is ${netns}, ${how}`]
  })
}

function gapsOf(nodes: readonly DumpedNode[]): Pick<LoadedDump, 'nodes'> & { uncertain: string[] } {
  return { nodes, uncertain: nodes.flatMap((node) => node.uncertain.map((gap) => `${node.name}: ${gap}`)) }
}

function join(
  dumped: readonly Namespace[],
): Omit<LoadedDump, 'nodes' | 'uncertain' | 'issues' | 'notes' | 'differences' | 'drift' | 'dumped'> {
  const pairs = pairVeths(dumped)
  const namespaces = withRoles(dumped, pairs)
  const network = new Network({ namespaces: byName(namespaces) })
  const current = ({ ns, dev }: End): End => ({ ns: network.namespaces[ns.name] as Namespace, dev })
  const pods = assumePods(network, pairs.single.map(current))
  const behindPods = new Set(pods.joined.map((end) => end.dev))
  const wired = new Set(pairs.wires.flatMap((wire) => wire.ends.map((end) => `${end.netns}/${end.dev}`)))
  const open = namespaces.flatMap((ns) =>
    Object.values(ns.interfaces)
      .filter((dev) => (dev.kind === 'ethernet' || dev.kind === 'veth') && !behindPods.has(dev))
      .filter((dev) => !wired.has(`${ns.name}/${dev.name}`))
      .map((dev): End => ({ ns, dev })),
  )
  const underlay = assumeUnderlay(network, open)
  const made = [...pods.namespaces, ...underlay.namespaces]
  const plugged = new Set(underlay.joined.map((end) => end.dev))
  const unplugged = open.filter((end) => !plugged.has(end.dev))
  return {
    network: new Network({
      namespaces: byName([...namespaces, ...made]),
      wires: [...pairs.wires, ...pods.wires, ...underlay.wires],
    }),
    assumed: [
      ...weakPairs(pairs),
      ...underlay.assumed,
      ...pods.assumed,
      ...unplugged.map((end) => unknownEnd(end, pairs)),
    ],
    assumedNamespaces: new Set(made.map((ns) => ns.name)),
    unplugged: new Set(unplugged.map(nameOf)),
  }
}

function byName(namespaces: readonly Namespace[]): Record<string, Namespace> {
  return Object.fromEntries(namespaces.map((ns): [string, Namespace] => [ns.name, ns]))
}

function nameOf({ ns, dev }: End): string {
  return `${ns.name}/${dev.name}`
}

function weakPairs(pairs: VethPairs): string[] {
  return pairs.byIndexOnly.map(({ ends: [a, b] }) => {
    return `${a.netns}/${a.dev} and ${b.netns}/${b.dev} are the two ends of one veth pair; only their indices say so`
  })
}

function unknownEnd(end: End, pairs: VethPairs): string {
  const several = pairs.ambiguous.some((one) => one.dev === end.dev)
  const why = several ? 'several interfaces could be its other end' : 'no dump says where it leads'
  return `${nameOf(end)} is plugged into nothing: ${why}`
}

/** What each namespace stands for: a dump does not say, but shows. */
function withRoles(namespaces: readonly Namespace[], pairs: VethPairs): Namespace[] {
  const containers = new Set<string>()
  for (const { ends } of pairs.wires) {
    for (const [a, b] of [ends, [ends[1], ends[0]]] as const) {
      const host = namespaces.find((ns) => ns.name === a.netns)
      if (host?.interfaces[a.dev]?.master !== undefined && hasAddress(host)) containers.add(b.netns)
    }
  }
  return namespaces.map((ns): Namespace => ({ ...ns, role: roleOf(ns, containers) }))
}

function roleOf(ns: Namespace, containers: ReadonlySet<string>): Role {
  const links = Object.values(ns.interfaces)
  if (ns.routes.some((route) => route.via === '169.254.1.1' && route.dst === '0.0.0.0/0')) return 'pod'
  if (!hasAddress(ns) && links.some((dev) => dev.kind === 'bridge')) return 'switch'
  return containers.has(ns.name) && links.every((dev) => dev.kind !== 'ethernet') ? 'container' : 'node'
}

function hasAddress(ns: Namespace): boolean {
  return Object.values(ns.interfaces).some((dev) => dev.addresses.some((address) => address.scope === 'global'))
}
