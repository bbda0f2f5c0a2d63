import { type Cluster, type ClusterNode, cardCables, endpointsIn, type Pool } from '../control/index.ts'
import { dictionary, type Namespace } from '../model/index.ts'
import { type Ethernet, ethernetOf, type Station, type StationInterface } from './ethernet.ts'
import { tunnelsOf } from './overlay.ts'
import { selectedOn } from './policies.ts'
import { servicesOf } from './services.ts'
import { meshesOf, sessionsOf } from './sessions.ts'
import {
  type MachineKind,
  TOPOLOGY_SCHEMA,
  type TopologyBlock,
  type TopologyMachine,
  type TopologyPool,
  type TopologyView,
} from './topology-view.ts'

/** In a cluster of more pods none is listed, only counted. */
const MOST_PODS = 500

/** The topology of a cluster. Of nodes and pods nothing is made for it: what the control plane knows is enough. */
export function topologyOfCluster(cluster: Cluster): TopologyView {
  const { nodes, network, settings } = cluster
  const wires = cardCables(cluster)
  const known = new Set(nodes.map(({ name }) => name))
  const others = [...new Set(wires.flatMap(({ ends }) => ends.map(({ netns }) => netns)))]
    .filter((name) => !known.has(name))
    .flatMap((name) => network.namespaces[name] ?? [])
  const ethernet = ethernetOf([...nodes.map(stationOfNode), ...others.map(stationOf)], wires)
  return {
    schema: TOPOLOGY_SCHEMA,
    calico: settings.version.text,
    segments: ethernet.segments,
    machines: [...nodesIn(cluster, ethernet), ...othersIn(cluster, others, ethernet)],
    tunnels: tunnelsOf(cluster),
    meshes: meshesOf(cluster),
    sessions: sessionsOf(cluster),
    pools: cluster.ipam.pools.map((pool) => poolIn(cluster, pool)),
    blocks: blocksOf(cluster),
    services: servicesOf(cluster, cluster.workloadEndpoints.length <= MOST_PODS),
  }
}

function stationOfNode({ name, machine }: ClusterNode): Station {
  const interfaces = dictionary<StationInterface>()
  for (const dev of machine?.interfaces ?? []) {
    const cidrs = dev.addresses.map(({ address, length }) => `${address}/${length}`)
    interfaces[dev.name] = { name: dev.name, kind: dev.kind, cidrs }
  }
  return { name, role: 'node', interfaces }
}

/** A namespace as far as Ethernet goes. */
export function stationOf({ name, role, interfaces }: Namespace): Station {
  const own = dictionary<StationInterface>()
  for (const { name: dev, kind, master, addresses } of Object.values(interfaces)) {
    const cidrs = addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    own[dev] = { name: dev, kind, cidrs, ...(master === undefined ? {} : { master }) }
  }
  return { name, role, interfaces: own }
}

function nodesIn(cluster: Cluster, ethernet: Ethernet): TopologyMachine[] {
  const { nodes, workloadEndpoints, bgp } = cluster
  const isListed = workloadEndpoints.length <= MOST_PODS
  const speakers = new Set([...bgp.mesh[4], ...bgp.mesh[6]].map(({ name }) => name))
  for (const { dialer, listener } of bgp.explicit) speakers.add(dialer).add(listener)
  const pods = endpointsIn(workloadEndpoints)
  const counts = isListed ? undefined : podCounts(cluster)
  return nodes.map(({ name, asNumber, routeReflector }) => {
    const selected = isListed ? selectedOn(cluster, name) : undefined
    const own = isListed
      ? pods.ofNode(name).map(({ netns, addresses }) => {
          const policies = selected?.pods.get(netns)
          return { name: netns, addresses: [...addresses], ...(policies === undefined ? {} : { policies }) }
        })
      : []
    const hosts = selected?.hosts ?? []
    return {
      name,
      kind: 'node',
      interfaces: ethernet.interfaces.get(name) ?? [],
      ...(speakers.has(name) ? { asNumber } : {}),
      ...(routeReflector === undefined ? {} : { reflector: routeReflector }),
      podCount: counts?.get(name) ?? own.length,
      pods: own,
      ...(hosts.length === 0 ? {} : { hostEndpoints: hosts }),
    }
  })
}

/** Pods with an address: counted without making what else they have. */
function podCounts({ ipam }: Cluster): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { node } of ipam.pods) counts.set(node.name, (counts.get(node.name) ?? 0) + 1)
  return counts
}

function othersIn({ bgp }: Cluster, others: readonly Namespace[], ethernet: Ethernet): TopologyMachine[] {
  const speakers = new Map(bgp.routers.map((router) => [router.name, router]))
  return others.flatMap((namespace) => {
    if (namespace.role === 'switch') return []
    const speaker = speakers.get(namespace.name)
    return {
      name: namespace.name,
      kind: kindOf(namespace),
      interfaces: ethernet.interfaces.get(namespace.name) ?? [],
      ...(speaker === undefined ? {} : { asNumber: speaker.asNumber }),
      ...(speaker?.routeReflector === undefined ? {} : { reflector: speaker.routeReflector }),
      podCount: 0,
      pods: [],
    }
  })
}

/** What a namespace is in a topology. */
export function kindOf({ role }: Namespace): MachineKind {
  if (role === 'node' || role === 'router') return role
  return role === 'external' ? 'internet' : 'host'
}

function poolIn({ ipam }: Cluster, pool: Pool): TopologyPool {
  const { name, cidr, family, blockSize, natOutgoing, disabled } = pool
  const blocks = ipam.blocks.filter((block) => block.pool === pool)
  return {
    name,
    cidr,
    family,
    blockSize,
    encapsulation: encapsulationOf(pool),
    natOutgoing,
    disabled,
    blocks: blocks.length,
    used: blocks.reduce((sum, block) => sum + block.used, 0),
  }
}

function encapsulationOf({ ipip, vxlan }: Pool): string {
  if (vxlan !== 'Never') return `VXLAN ${vxlan}`
  return ipip === 'Never' ? 'not encapsulated' : `IPIP ${ipip}`
}

function blocksOf({ ipam }: Cluster): TopologyBlock[] {
  return ipam.blocks.map(({ cidr, pool, affinity, used, size }) => ({
    cidr,
    ...(pool === undefined ? {} : { pool: pool.name }),
    ...(affinity === undefined ? {} : { owner: affinity }),
    used,
    size,
  }))
}
