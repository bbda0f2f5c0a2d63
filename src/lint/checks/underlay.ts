import {
  addressOfNode,
  type ClusterNode,
  parentInterface,
  type UnderlayFilter,
  type UnderlayResource,
} from '../../control/index.ts'
import { contains, IP_PROTOCOL, type Ip, parsePrefix } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** What the Underlay does to packets between nodes. */
export function underlayChecks(facts: LintFacts): LintFinding[] {
  const { underlay } = facts
  if (underlay === undefined) return []
  return [...filters(facts, underlay), ...sourceChecks(facts)]
}

/** Two nodes, one of each of two segments or both of one, and the filters between them. */
interface Way {
  readonly from: ClusterNode
  readonly to: ClusterNode
  readonly isSame: boolean
  readonly lists: readonly {
    readonly filters: readonly UnderlayFilter[]
    readonly subject: Subject
    readonly name: string
  }[]
}

/** Segments that are compared pair by pair; of each, two nodes. */
const MOST_SEGMENTS = 8

function ways({ cluster }: LintFacts, underlay: UnderlayResource): Way[] {
  const bySegment = new Map<string, ClusterNode[]>()
  for (const node of cluster.nodes) {
    const name = parentInterface(node, 4)?.segment?.name
    if (name === undefined) continue
    const known = bySegment.get(name)
    if (known === undefined) bySegment.set(name, [node])
    else if (known.length < 2) known.push(node)
  }
  const segmentList = (name: string): Way['lists'] =>
    underlay.spec.segments.flatMap((segment, i) =>
      segment.name === name && segment.filters !== undefined
        ? [{ filters: segment.filters, subject: at(underlay, 'segments', i), name: `segment ${name}` }]
        : [],
    )
  const routers = (underlay.spec.routers ?? []).flatMap((router, i) =>
    router.filters === undefined
      ? []
      : [{ filters: router.filters, subject: at(underlay, 'routers', i), name: `router ${router.name}` }],
  )
  const named = [...bySegment].slice(0, MOST_SEGMENTS)
  const within = named.flatMap(([name, [a, b]]): Way[] =>
    b === undefined ? [] : [{ from: a!, to: b, isSame: true, lists: segmentList(name) }],
  )
  const between = named.flatMap(([name, [a]], i) =>
    named.slice(i + 1).map(([other, [b]]): Way => {
      const lists = [...segmentList(name), ...routers, ...segmentList(other)]
      return { from: a!, to: b!, isSame: false, lists }
    }),
  )
  return [...within, ...between]
}

function at(underlay: UnderlayResource, list: 'segments' | 'routers', i: number): Subject {
  return { resource: underlay, path: ['spec', list, i, 'filters'] }
}

/** A packet that filters are asked about. */
interface Asked {
  readonly what: string
  readonly protocol: number
  readonly port?: number
  readonly vni?: number
}

/** What pools make nodes send to each other. */
function tunnels({ cluster, pools }: LintFacts, isSame: boolean): Asked[] {
  const felix = cluster.nodes[0]!.felix
  const sends = (mode: 'ipip' | 'vxlan'): boolean =>
    pools.some((pool) => pool[mode] === 'Always' || (pool[mode] === 'CrossSubnet' && !isSame))
  return [
    ...(sends('ipip') ? [{ what: 'IPIP (protocol 4)', protocol: IP_PROTOCOL.IPIP }] : []),
    ...(sends('vxlan') ? [{ ...udp('VXLAN', felix.vxlanPort), vni: felix.vxlanVni }] : []),
    ...(felix.wireguard ? [udp('WireGuard', felix.wireguardPort)] : []),
  ]
}

function udp(what: string, port: number): Asked {
  return { what: `${what} (UDP ${port})`, protocol: IP_PROTOCOL.UDP, port }
}

const BGP: Asked = { what: 'BGP (TCP 179)', protocol: IP_PROTOCOL.TCP, port: 179 }

/** The protocol that is called ipip in /etc/protocols, and is not the one that Calico sends. */
const NAMED_IPIP = 94

function filters(facts: LintFacts, underlay: UnderlayResource): LintFinding[] {
  const { cluster } = facts
  if (cluster.nodes.length < 2) return []
  const speaks = cluster.settings.backend === 'bird' && (cluster.settings.mesh || cluster.bgp.explicit.length > 0)
  const seen = new Set<string>()
  return ways(facts, underlay).flatMap((way) =>
    [...tunnels(facts, way.isSame), ...(speaks ? [BGP] : [])].flatMap((asked) => {
      const dropped = way.lists.find(({ filters: list }) => drops(list, asked, way))
      const key = `${dropped?.name} ${asked.what}`
      if (dropped === undefined || seen.has(key)) return []
      seen.add(key)
      const message = `${dropped.name} drops ${asked.what} from ${way.from.name} to ${way.to.name}`
      const takes94 = dropped.filters.some(({ protocol, action }) => protocol === NAMED_IPIP && action === 'accept')
      const isIpip = asked.protocol === IP_PROTOCOL.IPIP
      if (isIpip && takes94) {
        return [found('underlay-takes-94-for-ipip', [dropped.subject], `${message}, and accepts protocol 94`)]
      }
      return [found(asked === BGP ? 'underlay-blocks-bgp' : 'underlay-blocks-tunnel', [dropped.subject], message)]
    }),
  )
}

/** Whether filters drop a packet between two nodes, on its way or that of the answer. */
function drops(list: readonly UnderlayFilter[], asked: Asked, { from, to }: Way): boolean {
  const [a, b] = [addressOfNode(from, 4)?.address, addressOfNode(to, 4)?.address]
  if (a === undefined || b === undefined) return false
  const verdict = (source: Ip, destination: Ip): boolean => {
    const first = list.find((filter) => fits(filter, asked, source, destination))
    return first !== undefined && first.action !== 'accept'
  }
  return verdict(a, b) || verdict(b, a)
}

const NAMES: Readonly<Record<string, number>> = {
  ipip: IP_PROTOCOL.IPIP,
  tcp: IP_PROTOCOL.TCP,
  udp: IP_PROTOCOL.UDP,
  icmp: IP_PROTOCOL.ICMP,
  sctp: IP_PROTOCOL.SCTP,
}

function fits(filter: UnderlayFilter, { protocol, port, vni }: Asked, source: Ip, destination: Ip): boolean {
  const { protocol: wanted = filter.vni === undefined ? undefined : 'udp' } = filter
  const number = typeof wanted === 'string' ? (NAMES[wanted.toLowerCase()] ?? Number(wanted)) : wanted
  if (number !== undefined && number !== protocol) return false
  if (filter.vni !== undefined && filter.vni !== vni) return false
  if (filter.port !== undefined && !hasPort(filter.port, port)) return false
  return isWithin(filter.source, source) && isWithin(filter.destination, destination)
}

function hasPort(wanted: number | string, port: number | undefined): boolean {
  if (port === undefined) return false
  const [low, high = low] = String(wanted).split('-').map(Number)
  return low! <= port && port <= high!
}

function isWithin(range: string | undefined, address: Ip): boolean {
  if (range === undefined) return true
  const prefix = parsePrefix(range)
  return prefix !== undefined && prefix.includes(':') === address.includes(':') && contains(prefix, address)
}

/** Cards whose network checks sources, under pools that leave packets bare. */
function sourceChecks(facts: LintFacts): LintFinding[] {
  const { cluster, pools, underlay } = facts
  const bare = pools.find(({ ipip, vxlan }) => ipip !== 'Always' && vxlan !== 'Always')
  if (bare === undefined || underlay === undefined || cluster.nodes.length < 2) return []
  const always = bare.ipip === 'Never' && bare.vxlan === 'Never'
  const checked = cluster.nodes.filter((node) => parentInterface(node, 4)?.sourceCheck !== undefined)
  const segmentOf = (node: ClusterNode): string | undefined => parentInterface(node, 4)?.segment?.name
  const meets = checked.find((node) =>
    cluster.nodes.some((other) => other !== node && (always || segmentOf(other) === segmentOf(node))),
  )
  if (meets === undefined) return []
  const message = `${meets.name} sends packets of pods of ${bare.cidr} bare, and its network takes only its own addresses`
  const subjects = [{ resource: underlay }, { resource: bare.resource }, { resource: meets.resource }]
  return [found('source-check-drops-pods', subjects, message, facts.assumedOf(bare))]
}
