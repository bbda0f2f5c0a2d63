import { type Interface, type Namespace, type NetworkData, topology } from '../model/index.ts'
import { ethernetOf } from './ethernet.ts'
import { kindOf, stationOf } from './from-cluster.ts'
import { TOPOLOGY_SCHEMA, type TopologyMachine, type TopologyTunnels, type TopologyView } from './topology-view.ts'

/** The topology of a network that no objects made: by hand, or of dumps. What only objects tell is left empty. */
export function topologyOfNetwork(network: NetworkData): TopologyView {
  const all = Object.values(network.namespaces)
  const pods = podsIn(network, all)
  const below = all.filter(({ name }) => !pods.has(name))
  const names = new Set(below.map(({ name }) => name))
  const wires = network.wires.filter(({ ends }) => ends.every(({ netns }) => names.has(netns)))
  const ethernet = ethernetOf(below.map(stationOf), wires)
  const machines = below.flatMap((namespace): TopologyMachine[] => {
    if (namespace.role === 'switch') return []
    const own = all.filter(({ name }) => pods.get(name) === namespace.name)
    return [
      {
        name: namespace.name,
        kind: kindOf(namespace),
        interfaces: ethernet.interfaces.get(namespace.name) ?? [],
        podCount: own.length,
        pods: own.map((pod) => ({ name: pod.name, addresses: addressesOf(pod) })),
      },
    ]
  })
  return {
    schema: TOPOLOGY_SCHEMA,
    segments: ethernet.segments,
    machines,
    tunnels: tunnelsIn(network),
    meshes: [],
    sessions: [],
    pools: [],
    blocks: [],
    services: [],
  }
}

/** Pods and containers that hang on one machine, and on which. */
function podsIn(network: NetworkData, all: readonly Namespace[]): ReadonlyMap<string, string> {
  const isPod = new Set(all.filter(({ role }) => role === 'pod' || role === 'container').map(({ name }) => name))
  const found = new Map<string, string>()
  for (const { ends } of network.wires) {
    const [a, b] = ends
    if (isPod.has(a.netns) && !isPod.has(b.netns)) found.set(a.netns, b.netns)
    if (isPod.has(b.netns) && !isPod.has(a.netns)) found.set(b.netns, a.netns)
  }
  return found
}

function addressesOf({ interfaces }: Namespace): string[] {
  return Object.values(interfaces)
    .filter(({ kind }) => kind !== 'loopback')
    .flatMap(({ addresses }) => addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local))
}

const KINDS: Readonly<Partial<Record<Interface['kind'], TopologyTunnels['kind']>>> = {
  ipip: 'ipip',
  vxlan: 'vxlan',
  wireguard: 'wireguard',
}

/** Tunnels as far as devices, routes and peers show them. */
function tunnelsIn(network: NetworkData): TopologyTunnels[] {
  const found = new Map<TopologyTunnels['kind'], { readonly nodes: Set<string>; readonly pairs: Set<string> }>()
  topology(network).forEachEdge((_, edge, a, b) => {
    const kind = edge.type === 'tunnel' ? KINDS[edge.kind] : undefined
    if (kind === undefined) return
    const among = found.get(kind) ?? { nodes: new Set(), pairs: new Set() }
    among.nodes.add(a).add(b)
    among.pairs.add([a, b].sort().join('\n'))
    found.set(kind, among)
  })
  return [...found].map(([kind, { nodes, pairs }]) => ({
    kind,
    family: 4,
    when: 'always',
    pools: [],
    groups: [{ subnet: '', nodes: [...nodes] }],
    pairs: pairs.size,
  }))
}
