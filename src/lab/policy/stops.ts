import { type Cluster, type PolicyPacket, sourceOfLeaving } from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import type { Ip } from '../../wire/index.ts'
import type { FlowEnd, Stop } from './way.ts'

/** A node that translates the destination. */
export interface Through {
  /** The node. */
  readonly node: string
  /** Whether what it sends on to other machines has its own address. */
  readonly masquerades: boolean
}

/** A packet from start to end. */
export interface Course {
  /** Start. */
  readonly start: FlowEnd
  /** End. */
  readonly last: FlowEnd
  /** As it was sent. */
  readonly sent: PolicyPacket
  /** Behind the translation of its destination. */
  readonly packet: PolicyPacket
  /** Absent: the first node on the way translates. */
  readonly through: Through | undefined
}

/** What knows the ways. */
export interface Ways {
  /** The cluster. */
  readonly cluster: Cluster
  /** The running network. */
  readonly simulation: Simulation
}

/** The nodes on the way of a packet, and what it looks like at each: source and destination may change on it. */
export function stopsOf(ways: Ways, { start, last, sent, packet, through }: Course): Stop[] {
  const end = last.kind === 'outside' ? undefined : last.node
  const first = start.kind === 'outside' ? (through?.node ?? end) : start.node
  if (first === undefined) return []
  const translator = through?.node ?? first
  const nodes = [first, translator, end ?? translator].filter((node, i, all) => node !== all[i - 1])
  const at = nodes.indexOf(translator)
  let { source } = packet
  return nodes.map((node, i): Stop => {
    const came = { ...(i > at ? packet : sent), source }
    const seen = { ...(i < at ? sent : packet), source }
    if (i === 0) source = translatedSource(ways.cluster, ways.simulation, start, seen)
    if (i === at && through?.masquerades === true) source = leaves(ways.simulation, node, seen).own
    return { node, came, seen }
  })
}

/** The source that arrives at another node: natOutgoing may give what a pod sends another one. */
export function translatedSource(cluster: Cluster, simulation: Simulation, start: FlowEnd, packet: PolicyPacket): Ip {
  const { source, destination } = packet
  const node = start.kind === 'pod' ? cluster.nodes.find(({ name }) => name === start.node) : undefined
  if (node === undefined) return source
  const { dev, own } = leaves(simulation, node.name, packet)
  const given = sourceOfLeaving({ source, destination, dev }, node, cluster.resources, cluster.nodes)
  return given === 'own' ? source : given === 'of-device' ? own : given
}

/** The device by which a node sends a packet, and the address it masquerades by there. */
function leaves(
  simulation: Simulation,
  node: string,
  { source, destination }: PolicyPacket,
): { readonly dev: string; readonly own: Ip } {
  const found = routeGet(simulation.netns(node), { dst: destination })
  return typeof found === 'string' ? { dev: '', own: source } : { dev: found.dev, own: found.src ?? source }
}
