import type { Cluster, PolicyPacket } from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import { contains, type Ip, parsePrefix } from '../../wire/index.ts'
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
    if (i === at && through?.masquerades === true) source = ownSource(ways.simulation, node, seen)
    return { node, came, seen }
  })
}

/** The source that arrives at another node: what leaves the pools of a natOutgoing pool has its node's. */
export function translatedSource(
  { resources }: Cluster,
  simulation: Simulation,
  start: FlowEnd,
  packet: PolicyPacket,
): Ip {
  const { source, destination } = packet
  if (start.kind !== 'pod') return source
  const pools = resources.ippools.flatMap(({ spec }) => {
    const cidr = parsePrefix(spec.cidr)
    return cidr === undefined ? [] : [{ cidr, natOutgoing: spec.natOutgoing === true }]
  })
  const isTranslated = pools.some(({ cidr, natOutgoing }) => natOutgoing && contains(cidr, source))
  if (!isTranslated || pools.some(({ cidr }) => contains(cidr, destination))) return source
  return ownSource(simulation, start.node, packet)
}

/** The address a node masquerades by. */
function ownSource(simulation: Simulation, node: string, { source, destination }: PolicyPacket): Ip {
  const found = routeGet(simulation.netns(node), { dst: destination })
  return typeof found === 'string' ? source : (found.src ?? source)
}
