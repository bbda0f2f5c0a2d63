import type { Cluster, WorkloadEndpoint } from '../../control/index.ts'
import { type Cable, type Interface, type Namespace, type Network, type Note, note } from '../../model/index.ts'
import type { DumpedNode } from '../node-files.ts'
import { dumpNotes } from '../notes.ts'
import { assumePods } from '../pods.ts'
import { type Station, stationOf, withKnownMacs } from '../stations.ts'
import { type End, pairVeths } from '../veth.ts'
import type { KnownMachine } from './identify.ts'
import { renamedNote } from './renamed.ts'

/** A cluster of objects in which machines that were dumped are as they were. */
export interface ObjectsAndDumps {
  /** The network. */
  readonly network: Network
  /** What was assumed, a sentence each. */
  readonly assumed: readonly string[]
  /** Interfaces of which nobody knows where their cable goes, as `NAMESPACE/INTERFACE`. */
  readonly unplugged: ReadonlySet<string>
  /** Namespaces that were made up. */
  readonly assumedNamespaces: ReadonlySet<string>
  /** What is missing, derived or made up, with the flows it concerns. */
  readonly notes: readonly Note[]
}

/** Puts dumped machines into the network of the objects: their state instead of what Calico would write, on the same cables. */
export function joinObjects(cluster: Cluster, known: readonly KnownMachine[]): ObjectsAndDumps {
  const dumped = dumpedNamespaces(cluster, known)
  const cables = rewired(cluster, dumped)
  const used = new Set(cables.flatMap(({ ends }) => ends.map(({ netns, dev }) => `${netns}/${dev}`)))
  const isFree = ({ ns, dev }: End): boolean => !used.has(`${ns.name}/${dev.name}`)
  const pairs = pairVeths([...dumped.values()])
  const own = pairs.wires.filter(({ ends }) => ends.every(({ netns, dev }) => !used.has(`${netns}/${dev}`)))
  for (const { ends } of own) for (const { netns, dev } of ends) used.add(`${netns}/${dev}`)
  const inPlace = cluster.network.edit((draft) => {
    Object.assign(draft.namespaces, Object.fromEntries(dumped))
  })
  const pods = assumePods(inPlace, pairs.single.filter(isFree))
  for (const { ns, dev } of pods.joined) used.add(`${ns.name}/${dev.name}`)
  const open = [...dumped.values()].flatMap((ns) =>
    Object.values(ns.interfaces)
      .filter((dev) => dev.kind === 'ethernet' || dev.kind === 'veth')
      .map((dev): End => ({ ns, dev }))
      .filter(isFree),
  )
  const matched = withNeighbours(cluster, dumped)
  const made = [...pods.namespaces, ...matched].map((ns) => [ns.name, ns] as const)
  const network = inPlace.edit((draft) => {
    Object.assign(draft.namespaces, Object.fromEntries(made))
    Object.assign(draft, { wires: [...cables, ...own, ...pods.wires] })
  })
  const unplugged = open.map(({ ns, dev }) => `${ns.name}/${dev.name}`)
  const assumedNamespaces = new Set(pods.namespaces.map(({ name }) => name))
  return {
    network,
    assumed: [
      ...pods.assumed,
      ...unplugged.map((name) => `${name} is plugged into nothing: no dump and no object says where it leads`),
    ],
    unplugged: new Set(unplugged),
    assumedNamespaces,
    notes: [
      ...dumpNotes({ network, nodes: known.map(renamed), assumedNamespaces, unplugged: new Set(unplugged) }),
      ...derivedNotes(cluster, dumped, used),
    ],
  }
}

/** A machine under the name that it has beside the objects. */
function renamed({ node, netns }: KnownMachine): DumpedNode {
  return { ...node, name: netns, notes: node.notes.map((one) => renamedNote(one, node.name, netns)) }
}

function dumpedNamespaces(cluster: Cluster, known: readonly KnownMachine[]): Map<string, Namespace> {
  const dumped = new Map<string, Namespace>()
  for (const { node, netns, kind } of known) {
    const before = cluster.network.namespaces[netns]
    const role = kind === 'node' ? 'node' : kind === 'pod' ? 'pod' : (before?.role ?? node.namespace.role)
    dumped.set(netns, { ...node.namespace, name: netns, role })
  }
  return dumped
}

/** The cables of the objects, with the interfaces that dumped machines have in place of derived ones. */
function rewired(cluster: Cluster, dumped: ReadonlyMap<string, Namespace>): Cable[] {
  const { network } = cluster
  return network.wires.flatMap((wire): Cable[] => {
    const [a, b] = wire.ends
    if (!dumped.has(a.netns) && !dumped.has(b.netns)) return [wire]
    const ends = [a, b].map(({ netns, dev }) => {
      const ns = dumped.get(netns)
      const name = ns === undefined ? dev : interfaceFor(network.namespaces[netns]?.interfaces[dev], ns)
      return name === undefined ? undefined : { netns, dev: name }
    })
    const [first, second] = ends
    return first === undefined || second === undefined ? [] : [{ ...wire, ends: [first, second] }]
  })
}

/** The interface of a dumped machine that a derived one stands for: of its name, or with its address. */
function interfaceFor(derived: Interface | undefined, ns: Namespace): string | undefined {
  if (derived === undefined) return undefined
  if (ns.interfaces[derived.name] !== undefined) return derived.name
  const addresses = new Set(derived.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local))
  const found = Object.values(ns.interfaces).find((dev) => dev.addresses.some(({ local }) => addresses.has(local)))
  if (found === undefined || found.kind !== 'bridge') return found?.name
  return Object.values(ns.interfaces).find((dev) => dev.kind === 'ethernet' && dev.master === found.name)?.name
}

/**
 * Derived namespaces with the link-layer addresses that dumped machines know them by: machines on the cards, pods behind the
 * host ends, and the MTU of the latter.
 */
function withNeighbours(cluster: Cluster, dumped: ReadonlyMap<string, Namespace>): Namespace[] {
  const { network } = cluster
  const stations = [...dumped.values()].flatMap((ns) =>
    Object.values(ns.interfaces).flatMap((dev) => stationOf({ ns, dev }) ?? []),
  )
  const machines = derivedMachines(cluster, dumped, stations).map((ns) => withKnownMacs(ns, stations))
  const pods = cluster.workloadEndpoints.flatMap((endpoint) => podBehind(endpoint, network, dumped) ?? [])
  return [...machines, ...pods]
}

/**
 * Machines that no dump holds: what is neither a pod nor a node of the cluster, and those nodes that dumped machines have as
 * neighbours. Of a large cluster no other node is looked at.
 */
function derivedMachines(
  { network, nodes, workloadEndpoints }: Cluster,
  dumped: ReadonlyMap<string, Namespace>,
  stations: readonly Station[],
): Namespace[] {
  const neighbours = new Set<string>(stations.flatMap(({ end }) => end.ns.neighbours.map(({ dst }) => dst)))
  const isNeighbour = ({ ipv4, ipv6 }: Cluster['nodes'][number]): boolean =>
    [ipv4, ipv6].some((own) => own !== undefined && neighbours.has(own.address))
  const passed = new Set([
    ...nodes.filter((node) => !isNeighbour(node)).map(({ name }) => name),
    ...workloadEndpoints.map(({ netns }) => netns),
    ...dumped.keys(),
  ])
  return Object.keys(network.namespaces).flatMap((name) => (passed.has(name) ? [] : (network.namespaces[name] ?? [])))
}

function podBehind(
  { node, netns, interfaceName, addresses }: WorkloadEndpoint,
  network: Network,
  dumped: ReadonlyMap<string, Namespace>,
): Namespace | undefined {
  const host = dumped.get(node)
  const end = host?.interfaces[interfaceName]
  const pod = dumped.has(netns) ? undefined : network.namespaces[netns]
  const eth0 = pod?.interfaces['eth0']
  if (host === undefined || end === undefined || pod === undefined || eth0 === undefined) return undefined
  const entry = host.neighbours.find((one) => one.dev === interfaceName && addresses.includes(one.dst))
  const mac = entry?.lladdr ?? eth0.mac
  const changed: Interface = { ...eth0, ...(mac === undefined ? {} : { mac }), mtu: end.mtu }
  return { ...pod, interfaces: { ...pod.interfaces, eth0: changed } }
}

/** Machines that are only derived, the insides of pods, and pods whose host end is not there. */
function derivedNotes(cluster: Cluster, dumped: ReadonlyMap<string, Namespace>, used: ReadonlySet<string>): Note[] {
  const nodes = cluster.nodes
    .filter(({ name }) => !dumped.has(name))
    .map(({ name }) =>
      note('dump_assumed', 'it was not dumped: what Calico would write there is assumed', {
        object: name,
        turns: 'any',
        scope: { kind: 'through', netns: [name] },
      }),
    )
  const pods = cluster.workloadEndpoints.flatMap(({ node, netns, interfaceName }): Note[] => {
    if (!dumped.has(node) || dumped.has(netns)) return []
    const scope = { kind: 'ends', netns: [netns] } as const
    if (used.has(`${node}/${interfaceName}`)) {
      return [
        note('dump_assumed', 'its inside was not dumped and is derived from the objects', { object: netns, scope }),
      ]
    }
    const what = `the dump of ${node} has no ${interfaceName}, which is its host end`
    return [
      note('dump_unplugged', what, { object: netns, scope, check: `ip link show ${interfaceName}   (on ${node})` }),
    ]
  })
  return [...nodes, ...pods]
}
