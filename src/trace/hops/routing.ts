import { destinationText } from '../../linux/index.ts'
import {
  type Candidate,
  DROPS,
  type DropCause,
  type EventOf,
  type Lookup,
  type LossReason,
  lateMembers,
  type NetworkData,
  type Route,
} from '../../model/index.ts'
import { type Ip, isIpv6, prefixLength } from '../../wire/index.ts'
import type { Configuration } from '../configuration.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ExceptionHop, ForwardHop, RouteCandidate, RouteHop, RpFilterHop } from '../hop.ts'
import { type Growing, type HopReader, headOf, place } from '../reader.ts'
import { routeFacts, routeText } from '../route-words.ts'
import { sysctlFact } from '../sysctl-fact.ts'

/** What a routing decision is told from. */
interface RouteWords {
  readonly network: NetworkData
  readonly netns: string
  readonly lookup: Lookup
  readonly refused: DropCause | undefined
  /** Routes of the destination; they hold for this moment only, so the lookup is asked for them now. */
  readonly candidates: readonly Candidate[]
}

const giveReason = lateMembers<RouteWords>({
  reason: (words) => {
    const { lookup, refused } = words
    return refused === undefined ? routeReason(words) : refusal(lookup, routeReason(words), refused)
  },
  facts: ({ network, netns, lookup }) => routeFacts(network, netns, lookup),
})
const giveRoute = lateMembers<RouteWords>({
  route: ({ network, netns, lookup: { route } }) => route && routeText(network, netns, route),
})
const giveCandidates = lateMembers<RouteWords>({
  candidates: ({ network, netns, candidates }) =>
    candidates.map((one) => candidateOf(one, routeText(network, netns, one.route), candidates)),
})

/** A routing decision: which route won, by which rule and table, and why the others lost. */
export function routeHop(reader: HopReader, event: EventOf<'route'>): RouteHop {
  const { lookup, direction, refused, netns } = event
  const { table, src, via, dev } = lookup
  const words = { network: reader.at.network, netns, lookup, refused, candidates: lookup.candidates }
  const hop: Growing<RouteHop> = headOf('route', event)
  giveReason(hop, words)
  hop.direction = direction
  hop.result = lookup.result
  if (refused !== undefined) hop.refused = refused
  hop.destination = lookup.dst
  hop.source = unset(src) ? '' : src
  if (table !== '') {
    hop.table = table
    hop.rulePriority = lookup.rulePriority
  }
  if (lookup.route !== undefined) giveRoute(hop, words)
  if (via !== '') hop.via = via
  if (dev !== '') hop.out = dev
  giveCandidates(hop, words)
  return hop as RouteHop
}

/** Some packets are refused before anything is looked up. */
function refusal(lookup: Lookup, found: string, cause: DropCause): string {
  const { why } = DROPS[cause]
  return lookup.result === 'none' ? `${lookup.dst} is refused: ${why}` : `${found}; but refused: ${why}`
}

function routeReason({ network, netns, lookup, candidates }: RouteWords): string {
  const { result, dst, route } = lookup
  const table = lookup.table === '' ? '' : ` (table ${lookup.table}, rule ${lookup.rulePriority})`
  const loser = route === undefined ? undefined : candidates.find((one) => one.lost !== undefined)
  const lost =
    loser?.lost === undefined ? '' : `; ${routeText(network, netns, loser.route)} lost: ${LOST[loser.lost](loser)}`
  const won = route === undefined ? '' : ` ${destinationText(route.dst)}${table}`
  switch (result) {
    case 'local':
      return `${dst} is an address of this host${table}`
    case 'none':
      return `no route to ${dst} in any table`
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return `${dst} falls into the ${result} route${won}${lost}`
    case 'broadcast':
    case 'multicast':
      return `${dst} is a ${result} address${table}${outWords(lookup)}`
    default:
      return `${dst} goes${outWords(lookup)} by route${won === '' ? table : won}${lost}`
  }
}

function outWords({ via, dev }: Lookup): string {
  return `${via === '' ? '' : ` via ${via}`}${dev === '' ? '' : ` out of ${dev}`}`
}

function unset(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

function candidateOf(one: Candidate, text: string, all: readonly Candidate[]): RouteCandidate {
  const { route, table, rulePriority, lost } = one
  if (lost !== undefined)
    return { text, prefix: route.dst, table, rulePriority, won: false, lost, why: LOST[lost](one) }
  const isOnly = all.every((other) => other === one || other.table !== table)
  const why = isOnly
    ? 'the only route of its table that contains the destination'
    : 'the longest prefix, then the lowest metric'
  return { text, prefix: route.dst, table, rulePriority, won: true, why }
}

const LOST: Readonly<Record<LossReason, (one: Candidate) => string>> = {
  'shorter-prefix': ({ route }) => `its prefix /${prefixLength(route.dst)} is shorter`,
  'higher-metric': ({ route }) => `its metric ${route.metric ?? 0} is higher`,
  'listed-later': () => 'it is equal and stands later in the table',
  'device-down': ({ route }) => `its device ${route.dev ?? ''} is down`,
  'link-down': ({ route }) => `its device ${route.dev ?? ''} has no carrier`,
  'no-device': ({ route }) => `its device ${route.dev ?? ''} is not there`,
  tos: ({ route }) => `it is for TOS ${route.tos ?? 0} only`,
  'not-the-output-device': ({ route }) => `its device ${route.dev ?? ''} is not the one asked for`,
  'unreachable-router': ({ route }) => `its router ${route.via ?? ''} does not answer`,
  'lower-preference': () => 'its router preference is lower',
  throw: () => 'throw: asks the next rule',
  suppressed: () => 'the rule suppresses prefixes this short',
}

/** What the setting behind forwarding is told from. */
interface ForwardWords {
  readonly at: Configuration
  readonly event: EventOf<'forward'>
  readonly family: 'ipv4' | 'ipv6'
}

const giveForwardFacts = lateMembers<ForwardWords>({
  facts: ({ at, event: { netns, dev }, family }) => listed(sysctlFact(at, netns, dev, family, 'forwarding')),
})

/** Forwarding: the TTL falls by one. */
export function forwardHop(reader: HopReader, event: EventOf<'forward'>): ForwardHop {
  const last = reader.lastRoute.get(event.packet)
  const out = last?.out === undefined ? '' : ` to ${last.out}`
  const family = last !== undefined && isIpv6(last.destination as Ip) ? 'ipv6' : 'ipv4'
  const [before, after] = [event.hopLimit, event.hopLimit - 1]
  const hop: Growing<ForwardHop> = headOf('forward', event)
  hop.reason = `not for this host, so forwarded${out}: TTL ${before}→${after}`
  giveForwardFacts(hop, { at: reader.at, event, family })
  hop.ttlBefore = before
  hop.ttlAfter = after
  return hop as ForwardHop
}

function listed(fact: Fact | undefined): readonly Fact[] {
  return fact === undefined ? [] : [fact]
}

/** What a reverse path check is told from. */
interface RpFilterWords {
  readonly at: Configuration
  readonly event: EventOf<'rp-filter'>
  readonly route: Route | undefined
}

const giveRpFilterFacts = lateMembers<RpFilterWords>({
  facts: ({ at, event: { netns, dev }, route }) => [
    ...listed(sysctlFact(at, netns, dev, 'ipv4', 'rp_filter')),
    ...(route === undefined ? [] : [factOf('route', netns, routeText(at.network, netns, route), route.origin)]),
  ],
})
const giveWayBack = lateMembers<RpFilterWords>({
  route: ({ at, event: { netns }, route }) => route && routeText(at.network, netns, route),
})

/** A reverse path check. */
export function rpFilterHop(reader: HopReader, event: EventOf<'rp-filter'>): RpFilterHop {
  const { passed, lookup } = event
  const { route, dev: out } = lookup
  const isFound = lookup.result !== 'none'
  const back = isFound ? `a reply would leave by ${out === '' ? 'nothing' : out}` : 'there is no route back'
  const words = { at: reader.at, event, route }
  const hop: Growing<RpFilterHop> = headOf('rp-filter', event)
  hop.reason = passed
    ? `reverse path check passed: ${back}`
    : `reverse path check failed: came in by ${event.dev}, but ${back}`
  giveRpFilterFacts(hop, words)
  hop.passed = passed
  if (route !== undefined) giveWayBack(hop, words)
  if (out !== '') hop.out = out
  return hop as RpFilterHop
}

/** A path MTU was learned. */
export function pathMtuHop(event: EventOf<'path-mtu'>): ExceptionHop {
  const { destination, mtu, locked } = event
  const reason = `learned: mtu ${mtu} to ${destination}${locked ? ' lock' : ''}`
  return { kind: 'route-exception', ...place(event), reason, facts: [], mtu, destination }
}

/** A redirect was learned. */
export function redirectHop(event: EventOf<'redirect'>): ExceptionHop {
  const { destination, gateway } = event
  const reason =
    gateway === '' ? `learned: ${destination} is on the link` : `learned: redirect to ${gateway} for ${destination}`
  return { kind: 'route-exception', ...place(event), reason, facts: [], mtu: 0, destination, gateway }
}
