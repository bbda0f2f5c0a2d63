import type {
  TopologyMachine,
  TopologyPod,
  TopologySegment,
  TopologySession,
  TopologyView,
} from '../../topology/index.ts'
import { shortName, wrap } from '../layout-text.ts'
import { folded, machinesOn } from './folded.ts'
import {
  counted,
  headline,
  hostWords,
  listed,
  meshWords,
  poolWords,
  SELECTED,
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
  readonly kind: 'wire' | 'tunnel' | 'hub' | 'session' | 'down' | 'endpoint'
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

/** Nodes that are points of their own: on one Ethernet, and on all of them. */
const MOST_NODES = { each: 12, all: 60 } as const
/** Ethernets that are points of their own. */
const MOST_SEGMENTS = 40
/** Nodes whose pods are named, pods of one, and interfaces of a machine. */
const NAMED = { nodes: 4, pods: 4, interfaces: 6 } as const
/** Characters of a line in a point. */
const WIDTH = 38
/** Services that are points of their own, and places its lines lead to. */
const MOST_SERVICES = 12
const MOST_PLACES = 4
/** Sessions that are lines of their own. */
const MOST_SESSIONS = 60

/** A diagram while it is made. */
interface Making {
  readonly topology: TopologyView
  readonly points: Point[]
  readonly links: Link[]
  /** Point of each machine. */
  readonly ids: Map<string, string>
}

/**
 * A topology as points and lines; many nodes of an Ethernet become one point. Lines lead from outside to inside: internet, routers,
 * Ethernets, nodes, and what joins the nodes. Who draws it from left to right has them in columns.
 */
export function diagramOf(topology: TopologyView): Diagram {
  const making: Making = { topology, points: [], links: [], ids: new Map() }
  const segments = topology.segments.filter(({ switched }) => switched)
  for (const segment of segments.slice(0, MOST_SEGMENTS)) addSegment(making, segment, segments.length)
  const more = segments.length - MOST_SEGMENTS
  if (more > 0) addPoint(making, 's', 'segment', [counted(more, 'more Ethernet')])
  addCables(making)
  addTunnels(making)
  for (const mesh of topology.meshes) addPoint(making, 'b', 'bgp', ['BGP', meshWords(mesh, topology.machines)])
  addSessions(making)
  for (const pool of topology.pools) addPoint(making, 'p', 'pool', [pool.name, poolWords(pool)])
  addServices(making)
  return { title: headline(topology), points: making.points, links: making.links }
}

function addPoint({ points }: Making, letter: string, kind: PointKind, lines: readonly string[]): string {
  const id = `${letter}${points.length}`
  points.push({ id, kind, lines: lines.flatMap((line) => wrap(line, WIDTH)) })
  return id
}

function addSegment(making: Making, segment: TopologySegment, count: number): void {
  const { topology, links, ids } = making
  const own = addPoint(making, 's', 'segment', [segment.name, ...segment.subnets])
  const most = Math.max(1, Math.min(MOST_NODES.each, Math.floor(MOST_NODES.all / Math.max(1, count))))
  const { shown, more } = folded(machinesOn(topology, segment.name), most)
  for (const machine of shown) {
    const point = pointOf(making, machine)
    const [from, to] = machine.kind === 'node' ? [own, point] : [point, own]
    links.push({ from, to, kind: 'wire', text: '' })
  }
  if (more === undefined) return
  const lines = [counted(more.count, 'more node'), `${more.first.name} to ${more.last.name}`, counted(more.pods, 'pod')]
  const rest = addPoint(making, 'm', 'node', lines)
  links.push({ from: own, to: rest, kind: 'wire', text: '' })
  for (const { name, kind, interfaces } of topology.machines) {
    if (kind === 'node' && !ids.has(name) && interfaces.some((one) => one.segment === segment.name)) ids.set(name, rest)
  }
}

/** Interfaces, one a line: `eth0 10.0.1.11`. */
function interfaceLines({ interfaces }: TopologyMachine): readonly string[] {
  const lines = interfaces.map(({ dev, addresses }) =>
    [dev, ...addresses.map((cidr) => cidr.replace(/\/.*/, ''))].join(' '),
  )
  const more = lines.length - NAMED.interfaces
  return more > 1 ? [...lines.slice(0, NAMED.interfaces), counted(more, 'more interface')] : lines
}

/** The point of a machine, made when it is met first. */
function pointOf(making: Making, machine: TopologyMachine): string {
  const { name, kind, reflector, asNumber, hostEndpoints = [] } = machine
  const known = making.ids.get(name)
  if (known !== undefined) return known
  const lines = [
    name,
    ...interfaceLines(machine),
    ...(kind === 'node' ? podLines(making.topology, machine) : []),
    ...(reflector === undefined ? [] : [`route reflector ${reflector}`]),
    ...(kind === 'router' && asNumber !== undefined ? [`AS ${asNumber}`] : []),
    ...hostEndpoints.map(hostWords),
  ]
  const id = addPoint(making, 'n', kind, lines)
  making.ids.set(name, id)
  return id
}

/** How many pods in which blocks; their names where there is room. */
function podLines({ machines, blocks }: TopologyView, machine: TopologyMachine): readonly string[] {
  const { name, podCount, pods } = machine
  const own = blocks.filter(({ owner }) => owner === name).map(({ cidr }) => cidr)
  const count = `${counted(podCount, 'pod')}${selectedWords(machine)}${own.length === 0 ? '' : ` in ${listed(own)}`}`
  const isFew = machines.filter(({ kind }) => kind === 'node').length <= NAMED.nodes && pods.length <= NAMED.pods
  if (!isFew) return [count]
  return [count, ...pods.map((pod) => `${policyMark(pod)} ${shortName(pod.name, 20)} ${pod.addresses.join(' ')}`)]
}

function policyMark({ policies }: TopologyPod): string {
  return policies === undefined ? '·' : SELECTED
}

/** What is further outside comes first. */
const OUTSIDE: Readonly<Record<TopologyMachine['kind'], number>> = { internet: 0, router: 1, host: 2, node: 3 }

/** Cables between two machines. */
function addCables(making: Making): void {
  const { topology, links } = making
  for (const { switched, stations } of topology.segments) {
    if (switched) continue
    const ends = topology.machines.filter(({ name }) => stations.includes(name))
    const [from, to] = [...ends].sort((a, b) => OUTSIDE[a.kind] - OUTSIDE[b.kind]).map((one) => pointOf(making, one))
    if (from !== undefined && to !== undefined) links.push({ from, to, kind: 'wire', text: '' })
  }
}

/** What joins nodes is a point with a line from each: a line from node to node would put one behind the other. */
function addTunnels(making: Making): void {
  for (const way of making.topology.tunnels) {
    if (way.kind === 'none') continue
    const members = new Set(way.groups.flatMap(({ nodes }) => nodes).flatMap((name) => making.ids.get(name) ?? []))
    const own = addPoint(making, 't', 'tunnel', [tunnelWords(way)])
    for (const member of members) making.links.push({ from: member, to: own, kind: 'tunnel', text: '' })
  }
}

/** Sessions by the ends that have most of them: of each a point, with a line from every other end. */
function addSessions(making: Making): void {
  const { sessions } = making.topology
  const hubs = hubsOf(sessions)
  const lines = hubs.map(({ hub, own }) => ({ hub, count: own.length, peers: peersOf(making, hub, own) }))
  if (lines.reduce((sum, { peers }) => sum + peers.length + 1, 0) > MOST_SESSIONS) {
    addPoint(making, 'b', 'bgp', ['BGP', counted(sessions.length, 'session')])
    return
  }
  for (const { hub, count, peers } of lines) {
    const at = making.ids.get(hub)
    if (at === undefined || peers.length === 0) continue
    const own = addPoint(making, 'b', 'bgp', [`BGP of ${hub}`, counted(count, 'session')])
    making.links.push({ from: at, to: own, kind: 'hub', text: '' })
    for (const { from, kind, text } of peers) making.links.push({ from, to: own, kind, text })
  }
}

interface Hub {
  readonly hub: string
  readonly own: readonly TopologySession[]
}

/** Sessions dealt out to as few of their ends as easily found. */
function hubsOf(sessions: readonly TopologySession[]): readonly Hub[] {
  const hubs: Hub[] = []
  let left = sessions
  while (left.length > 0) {
    const counts = new Map<string, number>()
    for (const { a, b } of left) for (const end of [a, b]) counts.set(end, (counts.get(end) ?? 0) + 1)
    const [hub] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))
    const isOwn = ({ a, b }: TopologySession): boolean => a === hub || b === hub
    hubs.push({ hub, own: left.filter(isOwn) })
    left = left.filter((session) => !isOwn(session))
  }
  return hubs
}

/** One line a peer, and one more where sessions with it are down. */
function peersOf({ ids }: Making, hub: string, own: readonly TopologySession[]): readonly Omit<Link, 'to'>[] {
  const lines = new Map<string, Omit<Link, 'to'>>()
  for (const { a, b, up, info } of own) {
    const from = ids.get(a === hub ? b : a)
    if (from !== undefined)
      lines.set(`${from} ${up}`, { from, kind: up ? 'session' : 'down', text: up ? '' : `✗ ${info}` })
  }
  return [...lines.values()]
}

/** A Service is a point with a line to every machine that has endpoints of it; where these are many it only says how many. */
function addServices(making: Making): void {
  const { services } = making.topology
  for (const service of services.slice(0, MOST_SERVICES)) {
    const nodes = new Set(service.endpoints.flatMap(({ node }) => node ?? []))
    const places = new Set([...nodes].flatMap((node) => making.ids.get(node) ?? []))
    const count = service.endpoints.length
    const summary = count === 0 ? [] : [`${counted(count, 'endpoint')} on ${counted(nodes.size, 'node')}`]
    const own = addPoint(making, 'v', 'service', [service.name, serviceWords(service), ...summary])
    if (places.size > MOST_PLACES) continue
    for (const to of places) making.links.push({ from: own, to, kind: 'endpoint', text: '' })
  }
  const more = services.length - MOST_SERVICES
  if (more > 0) addPoint(making, 'v', 'service', [counted(more, 'more Service')])
}
