import { DROPS, type Origin } from '../model/index.ts'
import {
  type ArpHop,
  type DropHop,
  type FactKind,
  fieldNumber,
  type Hop,
  headersOfHop,
  lastMatch,
  type RouteHop,
  type Trace,
  type TunnelHop,
} from '../trace/index.ts'
import { ETHERNET_HEADER_LENGTH } from '../wire/index.ts'
import type { Stay } from './hop-stays.ts'
import { refusalIn, type Told } from './told.ts'

/** What one line says of a stay. */
export interface StayWords {
  /** Short statements, the deciding one first. */
  readonly said: readonly string[]
  /** What made the deciding fact; absent where the kernel and the CNI plugin do what they always do. */
  readonly origin?: Origin
  /** The packet came to grief here. */
  readonly bad: boolean
}

/** The deciding facts of a stay in a few words; its end, where the packet was taken in, is said by who knows the answer. */
export function stayWords(trace: Trace, told: Told, stay: Stay, isLastRouter: boolean): StayWords {
  const drop = stay.hops.find((hop) => hop.kind === 'drop' && !hop.harmless)
  const parts = [
    ...tunnelParts(stay),
    ...stay.hops.flatMap((hop) => hopParts(hop, stay, told)),
    ...resolutionParts(trace, stay),
  ]
  const forward = stay.hops.find((hop) => hop.kind === 'forward')
  if (forward?.kind === 'forward' && drop === undefined && (isLastRouter || parts.length === 0))
    parts.push(`ttl ${forward.ttlAfter}`)
  if (drop?.kind !== 'drop') return { said: parts, ...originIn(stay), bad: false }
  const error = stay.hops.find((hop) => hop.kind === 'icmp-error' && hop.sent)
  const tells = error?.kind === 'icmp-error' ? [`tells the sender: ${error.message}`] : []
  const refusal = refusalIn(told, stay.hops)
  // The line of the decision names its place.
  const origin = refusal === undefined ? drop.facts.find((one) => one.origin !== undefined)?.origin : undefined
  return {
    said: [`ends here: ${refusal ?? causeWords(stay, drop)}`, ...tells],
    ...(origin === undefined ? {} : { origin }),
    bad: true,
  }
}

/** Why, and the setting, rule or route behind it; the runners-up are left to the deeper views. */
function causeWords(stay: Stay, drop: DropHop): string {
  const { why } = DROPS[drop.cause]
  const behind = drop.facts.find((fact) => BEHIND.has(fact.kind))
  if (behind !== undefined) return `${why}: ${behind.text}`
  const waiting = lastMatch(stay.hops, (hop) => hop.kind === 'neighbour')
  if (waiting?.kind === 'neighbour' && waiting.lladdr === '') return `${why}: ${waiting.address} on ${waiting.dev}`
  return why
}

/** Facts that say by themselves what a cause rests on. */
const BEHIND: ReadonlySet<FactKind> = new Set(['netfilter-rule', 'route', 'sysctl'])

function hopParts(hop: Hop, stay: Stay, told: Told): string[] {
  switch (hop.kind) {
    case 'route':
      return hop === decidingRoute(stay) ? [routeWords(hop)] : []
    case 'nat':
      return isToldBelow(hop, told) ? [] : [`${hop.side} ${hop.from} becomes ${hop.to}`]
    case 'fragment':
      return [`cut into ${hop.fragments} fragments (MTU ${hop.mtu})`]
    case 'reassemble':
      return [`${hop.fragments} fragments put together`]
    case 'bridge':
      return hop.decision === 'flood' ? ['flooded to all ports of the bridge'] : []
    default:
      return []
  }
}

/** A translation that a decision tells is left to its line. */
function isToldBelow(hop: Hop, told: Told): boolean {
  const decision = told.by.get(hop)
  return decision?.kind === 'nat' && decision.by.kind !== 'connection'
}

/** The lookup that chose the way on. The one for a tunnel's outer packet is left to the deeper views: the outer addresses say it. */
function decidingRoute(stay: Stay): RouteHop | undefined {
  if (stay.hops.some((hop) => hop.kind === 'encap')) return undefined
  const routes = stay.hops.filter((hop): hop is RouteHop => hop.kind === 'route')
  return lastMatch(
    routes,
    (hop) => hop.result === 'unicast' || hop.result === 'broadcast' || hop.result === 'multicast',
  )
}

/** `10.244.2.0/26 via 10.244.2.0`, `default via 169.254.1.1, table 220`, `10.244.2.6`. */
function routeWords(hop: RouteHop): string {
  const prefix = hop.route?.split(' ')[0] ?? hop.destination
  const via = hop.via === undefined ? '' : ` via ${hop.via}`
  const table = hop.table === undefined || hop.table === 'main' ? '' : `, table ${hop.table}`
  return `${prefix}${via}${table}`
}

function tunnelParts(stay: Stay): string[] {
  return stay.hops.flatMap((hop) => {
    if (hop.kind === 'decap') return [`− ${cost(hop)} bytes`]
    if (hop.kind !== 'encap') return []
    return [`+ ${cost(hop)} bytes: ${hop.source} > ${hop.destination} ${outerProtocol(stay, hop.tunnel)}`]
  })
}

/** Bytes of the tag that proves that a WireGuard message is whole. */
const WIREGUARD_TAG = 16

/**
 * Bytes a tunnel adds to an IP packet: VXLAN carries a whole Ethernet frame, WireGuard puts a tag behind it. What WireGuard fills
 * up to a multiple of 16 is not counted: packets as large as the MTU have none.
 */
function cost({ tunnel, overhead }: TunnelHop): number {
  switch (tunnel) {
    case 'vxlan':
      return overhead + ETHERNET_HEADER_LENGTH
    case 'wireguard':
      return overhead + WIREGUARD_TAG
    case 'ipip':
      return overhead
  }
}

function outerProtocol(stay: Stay, tunnel: string): string {
  if (stay.sent === undefined || tunnel === 'ipip') return tunnel
  const headers = headersOfHop(stay.sent)
  const udp = headers.find((layer) => layer.protocol === 'udp')
  return udp === undefined ? tunnel : `udp ${fieldNumber(udp, 'destinationPort')}`
}

/** Who answered for the next hop, where it is not the owner of the address. */
function resolutionParts(trace: Trace, stay: Stay): string[] {
  return stay.hops.flatMap((hop) => {
    if (hop.kind !== 'neighbour' || !hop.queued) return []
    const answer = trace.hops.find(
      (one): one is ArpHop => one.kind === 'arp' && one.answered && one.target === hop.address && one.time >= hop.time,
    )
    return answer !== undefined && isProxy(answer) ? [`${answer.netns} answers (proxy ARP)`] : []
  })
}

/** An answer that rests on a setting is given for somebody else. */
function isProxy(hop: ArpHop): boolean {
  return hop.facts.some((fact) => fact.kind === 'sysctl' || fact.kind === 'proxy-neighbour')
}

/** The kernel's own routes and the CNI plugin's are the same everywhere: what made them is no news. */
const EVERYWHERE: ReadonlySet<string> = new Set(['kernel', 'cni'])

function originIn(stay: Stay): { readonly origin?: Origin } {
  const route = decidingRoute(stay)?.facts.find((fact) => fact.kind === 'route')?.origin
  return route === undefined || EVERYWHERE.has(route.component) ? {} : { origin: route }
}
