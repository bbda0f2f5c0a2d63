import { type Cluster, parentInterface } from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import { type Ip, isIpv4 } from '../../wire/index.ts'
import { type Course, stopsOf, type Ways } from './stops.ts'
import { type Way, wayOf } from './way.ts'

/** Whom policy asks about a packet from one end to another, and what they say: no packet is sent. */
export function flowWay(ways: Ways, course: Course): Way {
  const { cluster, simulation } = ways
  return wayOf({
    book: cluster.policies,
    nodes: cluster.nodes,
    from: course.start,
    to: course.last,
    stops: stopsOf(ways, course),
    deviceOf: (node, to) => deviceOf(cluster, simulation, node, to),
  })
}

/** The device by which a node reaches an address. */
export function deviceOf({ nodes }: Cluster, simulation: Simulation, node: string, to: Ip): string {
  const found = routeGet(simulation.netns(node), { dst: to })
  const machine = nodes.find(({ name }) => name === node)
  if (typeof found !== 'string' && found.dev !== 'lo') return found.dev
  return machine === undefined ? '' : (parentInterface(machine, isIpv4(to) ? 4 : 6)?.name ?? '')
}
