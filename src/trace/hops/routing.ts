import { destinationText } from '../../linux/index.ts'
import { type Candidate, DROPS, type DropCause, type EventOf, type Lookup, type LossReason } from '../../model/index.ts'
import { type Ip, isIpv6, prefixLength } from '../../wire/index.ts'
import { factOf } from '../fact.ts'
import type { ExceptionHop, ForwardHop, RouteCandidate, RouteHop, RpFilterHop } from '../hop.ts'
import { type HopReader, place } from '../reader.ts'
import { routeFacts, routeText } from '../route-words.ts'
import { sysctlFact } from '../sysctl-fact.ts'

/** A routing decision: which route won, by which rule and table, and why the others lost. */
export function routeHop(reader: HopReader, event: EventOf<'route'>): RouteHop {
  const { lookup, direction, refused } = event
  const { route, table } = lookup
  const candidates = lookup.candidates.map((one) => {
    const text = routeText(reader.network, event.netns, one.route)
    return candidateOf(one, text, lookup.candidates)
  })
  const found = routeReason(lookup, candidates)
  return {
    kind: 'route',
    ...place(event),
    reason: refused === undefined ? found : refusal(lookup, found, refused),
    facts: routeFacts(reader.network, event.netns, lookup),
    direction,
    result: lookup.result,
    ...(refused === undefined ? {} : { refused }),
    destination: lookup.dst,
    source: unset(lookup.src) ? '' : lookup.src,
    ...(table === '' ? {} : { table, rulePriority: lookup.rulePriority }),
    ...(route === undefined ? {} : { route: routeText(reader.network, event.netns, route) }),
    ...(lookup.via === '' ? {} : { via: lookup.via }),
    ...(lookup.dev === '' ? {} : { out: lookup.dev }),
    candidates,
  }
}

/** Some packets are refused before anything is looked up. */
function refusal(lookup: Lookup, found: string, cause: DropCause): string {
  const { why } = DROPS[cause]
  return lookup.result === 'none' ? `${lookup.dst} is refused: ${why}` : `${found}; but refused: ${why}`
}

function routeReason(lookup: Lookup, candidates: readonly RouteCandidate[]): string {
  const { result, dst, route } = lookup
  const table = lookup.table === '' ? '' : ` (table ${lookup.table}, rule ${lookup.rulePriority})`
  const loser = candidates.find((one) => !one.won)
  const lost = loser === undefined || route === undefined ? '' : `; ${loser.text} lost: ${loser.why}`
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
  const common = { text, prefix: route.dst, table, rulePriority }
  if (lost !== undefined) return { ...common, won: false, lost, why: LOST[lost](one) }
  const isOnly = all.every((other) => other === one || other.table !== table)
  const why = isOnly
    ? 'the only route of its table that contains the destination'
    : 'the longest prefix, then the lowest metric'
  return { ...common, won: true, why }
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

/** Forwarding: the TTL falls by one. */
export function forwardHop(reader: HopReader, event: EventOf<'forward'>): ForwardHop {
  const last = reader.lastRoute.get(event.packet)
  const out = last?.out === undefined ? '' : ` to ${last.out}`
  const family = last !== undefined && isIpv6(last.destination as Ip) ? 'ipv6' : 'ipv4'
  const fact = sysctlFact(reader, event.netns, event.dev, family, 'forwarding')
  const [before, after] = [event.hopLimit, event.hopLimit - 1]
  return {
    kind: 'forward',
    ...place(event),
    reason: `not for this host, so forwarded${out}: TTL ${before}→${after}`,
    facts: fact === undefined ? [] : [fact],
    ttlBefore: before,
    ttlAfter: after,
  }
}

/** A reverse path check. */
export function rpFilterHop(reader: HopReader, event: EventOf<'rp-filter'>): RpFilterHop {
  const { passed, lookup } = event
  const { route, dev: out } = lookup
  const isFound = lookup.result !== 'none'
  const back = isFound ? `a reply would leave by ${out === '' ? 'nothing' : out}` : 'there is no route back'
  const setting = sysctlFact(reader, event.netns, event.dev, 'ipv4', 'rp_filter')
  return {
    kind: 'rp-filter',
    ...place(event),
    reason: passed
      ? `reverse path check passed: ${back}`
      : `reverse path check failed: came in by ${event.dev}, but ${back}`,
    facts: [
      ...(setting === undefined ? [] : [setting]),
      ...(route === undefined
        ? []
        : [factOf('route', event.netns, routeText(reader.network, event.netns, route), route.origin)]),
    ],
    passed,
    ...(route === undefined ? {} : { route: routeText(reader.network, event.netns, route) }),
    ...(out === '' ? {} : { out }),
  }
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
