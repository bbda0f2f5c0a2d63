import type { TopologyMachine, TopologyTunnels, TopologyView } from '../../topology/index.ts'
import { folded, machinesOn } from './folded.ts'
import {
  counted,
  headline,
  hostWords,
  listed,
  meshWords,
  poolWords,
  selectedWords,
  serviceWords,
  tunnelWords,
} from './words.ts'

/** What a point of a diagram stands for. */
export type PointKind = 'segment' | 'node' | 'router' | 'internet' | 'host' | 'tunnel' | 'bgp' | 'pool' | 'service'

/** A point of a diagram. */
export interface Point {
  /** Short name, unique. */
  readonly id: string
  /** What it stands for. */
  readonly kind: PointKind
  /** What stands in it, line by line. */
  readonly lines: readonly string[]
}

/** A line of a diagram. */
export interface Link {
  /** One end. */
  readonly from: string
  /** The other. */
  readonly to: string
  /** What it is. */
  readonly kind: 'wire' | 'tunnel' | 'session' | 'down' | 'endpoint'
  /** What stands on it. */
  readonly text: string
}

/** A topology for programs that place things themselves. */
export interface Diagram {
  /** What it shows. */
  readonly title: string
  /** Points. */
  readonly points: readonly Point[]
  /** Lines. */
  readonly links: readonly Link[]
}

/** Nodes of an Ethernet that are points of their own. */
const MOST_NODES = 12
/** Services that are points of their own. */
const MOST_SERVICES = 12
/** Sessions that are lines of their own. */
const MOST_SESSIONS = 60

/** A topology as points and lines; many nodes of an Ethernet become one point. */
export function diagramOf(topology: TopologyView): Diagram {
  const points: Point[] = []
  const links: Link[] = []
  const ids = new Map<string, string>()
  for (const segment of topology.segments) {
    if (!segment.switched) continue
    const own = `s${points.length}`
    points.push({ id: own, kind: 'segment', lines: [segment.name, ...segment.subnets] })
    const { shown, more } = folded(machinesOn(topology, segment.name), MOST_NODES)
    for (const machine of shown) {
      const words = machine.interfaces
        .filter((one) => one.segment === segment.name)
        .map(({ dev, addresses }) => [dev, ...addresses.map((cidr) => cidr.replace(/\/.*/, ''))].join(' '))
      links.push({ from: own, to: pointOf(topology, machine, points, ids), kind: 'wire', text: words.join(', ') })
    }
    if (more === undefined) continue
    const rest = `m${points.length}`
    const lines = [
      counted(more.count, 'more node'),
      `${more.first.name} to ${more.last.name}`,
      counted(more.pods, 'pod'),
    ]
    points.push({ id: rest, kind: 'node', lines })
    links.push({ from: own, to: rest, kind: 'wire', text: '' })
    for (const { name, kind, interfaces } of topology.machines) {
      if (kind === 'node' && !ids.has(name) && interfaces.some((one) => one.segment === segment.name))
        ids.set(name, rest)
    }
  }
  links.push(...cablesIn(topology, points, ids))
  links.push(...tunnelsIn(topology, points, ids), ...sessionsIn(topology, points, ids))
  for (const pool of topology.pools)
    points.push({ id: `p${points.length}`, kind: 'pool', lines: [pool.name, poolWords(pool)] })
  links.push(...servicesIn(topology, points, ids))
  return { title: headline(topology), points, links }
}

/** The point of a machine, made when it is met first. */
function pointOf(topology: TopologyView, machine: TopologyMachine, points: Point[], ids: Map<string, string>): string {
  const { name, kind, podCount, reflector, asNumber, hostEndpoints = [] } = machine
  const known = ids.get(name)
  if (known !== undefined) return known
  const id = `n${points.length}`
  const blocks = topology.blocks.filter(({ owner }) => owner === name).map(({ cidr }) => cidr)
  const pods = `${counted(podCount, 'pod')}${selectedWords(machine)}${blocks.length === 0 ? '' : ` in ${listed(blocks)}`}`
  const lines = [
    name,
    ...(kind === 'node' ? [pods] : []),
    ...(reflector === undefined ? [] : [`route reflector ${reflector}`]),
    ...(kind === 'router' && asNumber !== undefined ? [`AS ${asNumber}`] : []),
    ...hostEndpoints.map(hostWords),
  ]
  points.push({ id, kind, lines })
  ids.set(name, id)
  return id
}

/** Cables between two machines. */
function cablesIn(topology: TopologyView, points: Point[], ids: Map<string, string>): Link[] {
  return topology.segments.flatMap(({ switched, stations, subnets }) => {
    if (switched) return []
    const ends = topology.machines.filter(({ name }) => stations.includes(name))
    const [from, to] = ends.map((machine) => pointOf(topology, machine, points, ids))
    return from === undefined || to === undefined ? [] : [{ from, to, kind: 'wire', text: subnets.join(', ') }]
  })
}

/** A tunnel between two points is a line; among more it is a point with a line to each. */
function tunnelsIn({ tunnels }: TopologyView, points: Point[], ids: ReadonlyMap<string, string>): Link[] {
  return tunnels.flatMap((way): Link[] => {
    if (way.kind === 'none') return []
    const members = [...new Set(membersOf(way).flatMap((name) => ids.get(name) ?? []))]
    const [from, to] = members
    if (from !== undefined && to !== undefined && members.length === 2)
      return [{ from, to, kind: 'tunnel', text: tunnelWords(way) }]
    const own = `t${points.length}`
    points.push({ id: own, kind: 'tunnel', lines: [tunnelWords(way)] })
    return members.map((member) => ({ from: own, to: member, kind: 'tunnel', text: '' }))
  })
}

function membersOf({ groups }: TopologyTunnels): string[] {
  return groups.flatMap(({ nodes }) => nodes)
}

function sessionsIn(
  { meshes, sessions, machines }: TopologyView,
  points: Point[],
  ids: ReadonlyMap<string, string>,
): Link[] {
  for (const mesh of meshes)
    points.push({ id: `b${points.length}`, kind: 'bgp', lines: ['BGP', meshWords(mesh, machines)] })
  const between = new Map<string, { readonly link: Link; count: number }>()
  for (const { a, b, up, info } of sessions) {
    const [from, to] = [ids.get(a), ids.get(b)]
    if (from === undefined || to === undefined) continue
    const kind = up ? 'session' : 'down'
    const key = `${from} ${to} ${kind}`
    const known = between.get(key)
    if (known === undefined)
      between.set(key, { link: { from, to, kind, text: up ? 'BGP' : `BGP ✗ ${info}` }, count: 1 })
    else known.count += 1
  }
  const all = [...between.values()].map(({ link, count }) =>
    count === 1 ? link : { ...link, text: `${link.text} ×${count}` },
  )
  if (all.length <= MOST_SESSIONS) return all
  points.push({ id: `b${points.length}`, kind: 'bgp', lines: ['BGP', counted(sessions.length, 'session')] })
  return []
}

/** A Service is a point with a line to every machine that has endpoints of it. */
function servicesIn({ services }: TopologyView, points: Point[], ids: ReadonlyMap<string, string>): Link[] {
  const links = services.slice(0, MOST_SERVICES).flatMap((service): Link[] => {
    const own = `v${points.length}`
    points.push({ id: own, kind: 'service', lines: [service.name, serviceWords(service)] })
    const counts = new Map<string, number>()
    for (const { node = '' } of service.endpoints) {
      const to = ids.get(node)
      if (to !== undefined) counts.set(to, (counts.get(to) ?? 0) + 1)
    }
    return [...counts].map(([to, count]) => ({ from: own, to, kind: 'endpoint', text: counted(count, 'endpoint') }))
  })
  const more = services.length - MOST_SERVICES
  if (more > 0) points.push({ id: `v${points.length}`, kind: 'service', lines: [counted(more, 'more Service')] })
  return links
}
