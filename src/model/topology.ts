import { MultiUndirectedGraph } from 'graphology'
import type { Ip, Mac } from '../wire/index.ts'
import type { Interface, InterfaceKind } from './interface.ts'
import type { Namespace, Role } from './namespace.ts'
import type { NetworkData } from './network.ts'
import { fdbOf, routesOf } from './routes.ts'
import { segmentsOf } from './segments.ts'

/** A node of the topology: a namespace (key: its name) or a segment (key: `segment NAME`). */
export type TopologyNode =
  | {
      /** A network namespace. */
      readonly type: 'namespace'
      /** What it stands for. */
      readonly role: Role
    }
  | {
      /** An Ethernet segment; a wire between two namespaces is one. */
      readonly type: 'segment'
      /** Number of interfaces on it that are no bridge ports. */
      readonly stations: number
    }

/** An edge of the topology. */
export type TopologyEdge =
  | {
      /** An interface on a segment. */
      readonly type: 'attachment'
      /** Interface. */
      readonly dev: string
      /** Its MAC. */
      readonly mac?: Mac
      /** Its addresses with prefix length. */
      readonly addresses: readonly string[]
    }
  | {
      /** A tunnel between two namespaces: at least one of them sends to the other. */
      readonly type: 'tunnel'
      /** Kind of the tunnel device. */
      readonly kind: InterfaceKind
      /** Tunnel device at the edge's source. */
      readonly dev: string
      /** Tunnel device at the edge's target. */
      readonly peerDev: string
      /** Whether each end sends to the other. */
      readonly mutual: boolean
    }

/** A graph of namespaces and segments, with attachments and tunnels as edges. */
export type Topology = MultiUndirectedGraph<TopologyNode, TopologyEdge>

/**
 * The network as a graphology graph, for analysis of one's own (paths, components, drawing). A view: changing it changes
 * nothing in the network. Switch namespaces appear as the segment their bridge makes.
 */
export function topology(network: NetworkData): Topology {
  const graph: Topology = new MultiUndirectedGraph<TopologyNode, TopologyEdge>()
  for (const ns of Object.values(network.namespaces)) {
    if (ns.role !== 'switch') graph.addNode(ns.name, { type: 'namespace', role: ns.role })
  }
  for (const segment of segmentsOf(network)) {
    const stations = segment.stations.filter((end) => network.namespaces[end.netns]?.role !== 'switch')
    const node = `segment ${segment.name}`
    graph.addNode(node, { type: 'segment', stations: stations.length })
    for (const end of stations) {
      const link = network.namespaces[end.netns]?.interfaces[end.dev]
      if (link === undefined) continue
      graph.addEdge(end.netns, node, {
        type: 'attachment',
        dev: end.dev,
        ...(link.mac === undefined ? {} : { mac: link.mac }),
        addresses: link.addresses.map((address) => `${address.local}/${address.prefixlen}`),
      })
    }
  }
  addTunnels(network, graph)
  return graph
}

function addTunnels(network: NetworkData, graph: Topology): void {
  const owner = new Map<string, string>()
  for (const ns of Object.values(network.namespaces)) {
    for (const link of Object.values(ns.interfaces))
      for (const address of link.addresses) owner.set(address.local, ns.name)
  }
  const sends = new Map<string, { from: string; dev: string; to: string; peerDev: string; kind: InterfaceKind }>()
  for (const ns of Object.values(network.namespaces)) {
    for (const link of Object.values(ns.interfaces)) {
      for (const remote of remotesOf(network, ns, link)) {
        const to = owner.get(remote)
        const peer = to === undefined || to === ns.name ? undefined : counterpart(network.namespaces[to]!, link)
        if (to === undefined || peer === undefined) continue
        sends.set(`${ns.name}\n${link.name}\n${to}\n${peer.name}`, {
          from: ns.name,
          dev: link.name,
          to,
          peerDev: peer.name,
          kind: link.kind,
        })
      }
    }
  }
  for (const { from, dev, to, peerDev, kind } of sends.values()) {
    const mutual = sends.has(`${to}\n${peerDev}\n${from}\n${dev}`)
    if (mutual && from > to) continue
    graph.addEdge(from, to, { type: 'tunnel', kind, dev, peerDev, mutual })
  }
}

/** Outer addresses a tunnel device sends to. */
function remotesOf(network: NetworkData, ns: Namespace, link: Interface): Set<Ip> {
  if (link.ipip !== undefined) {
    if (link.ipip.remote !== undefined) return new Set([link.ipip.remote])
    return new Set(routesOf(network, ns).flatMap((route) => (route.dev === link.name ? (route.via ?? []) : [])))
  }
  if (link.vxlan !== undefined) {
    const remotes = fdbOf(network, ns).flatMap((entry) => (entry.dev === link.name ? (entry.dst ?? []) : []))
    return new Set(link.vxlan.remote === undefined ? remotes : [...remotes, link.vxlan.remote])
  }
  return new Set(link.wireguard?.peers.flatMap((peer) => peer.endpoint?.address ?? []))
}

/** The device at the far end that takes what this one sends. */
function counterpart(ns: Namespace, link: Interface): Interface | undefined {
  return Object.values(ns.interfaces).find(
    (other) => other.kind === link.kind && other.up && other.vxlan?.id === link.vxlan?.id,
  )
}
