import { destinationText } from '../../linux/index.ts'
import {
  type Candidate,
  DROPS,
  type DropCause,
  type EventOf,
  type Lookup,
  type LossReason,
  type NetworkData,
  type Route,
} from '../../model/index.ts'
import { type Ip, isIpv6, prefixLength } from '../../wire/index.ts'
import type { Configuration } from '../configuration.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ExceptionHop, ForwardHop, RouteCandidate, RouteHop, RpFilterHop } from '../hop.ts'
import { type HopReader, place } from '../reader.ts'
import { routeFacts, routeText } from '../route-words.ts'
import { late, type Shape, Step, shapeOf, type Whole } from '../step.ts'
import { sysctlFact } from '../sysctl-fact.ts'

const ROUTE = shapeOf(
  late('reason'),
  late('facts'),
  'direction',
  'result',
  'refused',
  'destination',
  'source',
  'table',
  'rulePriority',
  late('route', 'won'),
  'via',
  'out',
  late('candidates'),
)

/** A routing decision: which route won, by which rule and table, and why the others lost. */
export class RouteStep extends Step implements Whole<RouteHop> {
  declare readonly kind: 'route'
  declare readonly direction: RouteHop['direction']
  declare readonly result: RouteHop['result']
  declare readonly refused: DropCause | undefined
  declare readonly destination: string
  declare readonly source: string
  declare readonly table: string | undefined
  declare readonly rulePriority: number | undefined
  declare readonly via: string | undefined
  declare readonly out: string | undefined
  /** The route that won. */
  declare readonly won: Route | undefined
  declare private readonly network: NetworkData
  declare private readonly lookup: Lookup
  /** Routes of the destination; they hold for this moment only, so the lookup is asked for them now. */
  declare private readonly met: readonly Candidate[]

  constructor(reader: HopReader, event: EventOf<'route'>) {
    super(event)
    this.kind = 'route'
    const { lookup, direction, refused } = event
    const { table, src, via, dev } = lookup
    this.direction = direction
    this.result = lookup.result
    this.refused = refused
    this.destination = lookup.dst
    this.source = unset(src) ? '' : src
    this.table = table === '' ? undefined : table
    this.rulePriority = table === '' ? undefined : lookup.rulePriority
    this.via = via === '' ? undefined : via
    this.out = dev === '' ? undefined : dev
    this.won = lookup.route
    this.network = reader.at.network
    this.lookup = lookup
    this.met = lookup.candidates
  }

  get shape(): Shape {
    return ROUTE
  }

  get reason(): string {
    const { lookup, refused } = this
    const loser = this.won === undefined ? undefined : this.met.find((one) => one.lost !== undefined)
    const lost = loser?.lost === undefined ? '' : `; ${this.textOf(loser.route)} lost: ${LOST[loser.lost](loser)}`
    const found = routeReason(lookup, lost)
    return refused === undefined ? found : refusal(lookup, found, refused)
  }

  get facts(): readonly Fact[] {
    return routeFacts(this.network, this.netns, this.lookup)
  }

  get route(): string | undefined {
    return this.won && this.textOf(this.won)
  }

  get candidates(): readonly RouteCandidate[] {
    return this.met.map((one) => candidateOf(one, this.textOf(one.route), this.met))
  }

  private textOf(route: Route): string {
    return routeText(this.network, this.netns, route)
  }
}

/** Some packets are refused before anything is looked up. */
function refusal(lookup: Lookup, found: string, cause: DropCause): string {
  const { why } = DROPS[cause]
  return lookup.result === 'none' ? `${lookup.dst} is refused: ${why}` : `${found}; but refused: ${why}`
}

/** @param lost - the words on the first that lost */
function routeReason(lookup: Lookup, lost: string): string {
  const { result, dst, route } = lookup
  const table = lookup.table === '' ? '' : ` (table ${lookup.table}, rule ${lookup.rulePriority})`
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

const FORWARD = shapeOf('reason', late('facts'), 'ttlBefore', 'ttlAfter')

/** Forwarding: the TTL falls by one. */
export class ForwardStep extends Step implements ForwardHop {
  declare readonly kind: 'forward'
  declare readonly reason: string
  declare readonly ttlBefore: number
  declare readonly ttlAfter: number
  declare private readonly at: Configuration
  declare private readonly family: 'ipv4' | 'ipv6'

  constructor(reader: HopReader, event: EventOf<'forward'>) {
    super(event)
    this.kind = 'forward'
    const last = reader.of(event.packet).route
    const out = last?.out === undefined ? '' : ` to ${last.out}`
    const [before, after] = [event.hopLimit, event.hopLimit - 1]
    this.reason = `not for this host, so forwarded${out}: TTL ${before}→${after}`
    this.ttlBefore = before
    this.ttlAfter = after
    this.at = reader.at
    this.family = last !== undefined && isIpv6(last.destination as Ip) ? 'ipv6' : 'ipv4'
  }

  get shape(): Shape {
    return FORWARD
  }

  get facts(): readonly Fact[] {
    return listed(sysctlFact(this.at, this.netns, this.dev, this.family, 'forwarding'))
  }
}

function listed(fact: Fact | undefined): readonly Fact[] {
  return fact === undefined ? [] : [fact]
}

const RP_FILTER = shapeOf('reason', late('facts'), 'passed', late('route', 'found'), 'out')

/** A reverse path check. */
export class RpFilterStep extends Step implements Whole<RpFilterHop> {
  declare readonly kind: 'rp-filter'
  declare readonly reason: string
  declare readonly passed: boolean
  declare readonly out: string | undefined
  /** The route back. */
  declare readonly found: Route | undefined
  declare private readonly at: Configuration

  constructor(reader: HopReader, event: EventOf<'rp-filter'>) {
    super(event)
    this.kind = 'rp-filter'
    const { passed, lookup } = event
    const { route, dev: out, result } = lookup
    const back = result === 'none' ? 'there is no route back' : `a reply would leave by ${out === '' ? 'nothing' : out}`
    this.reason = passed
      ? `reverse path check passed: ${back}`
      : `reverse path check failed: came in by ${event.dev}, but ${back}`
    this.passed = passed
    this.out = out === '' ? undefined : out
    this.found = route
    this.at = reader.at
  }

  get shape(): Shape {
    return RP_FILTER
  }

  get facts(): readonly Fact[] {
    const { at, netns, dev, route, found } = this
    return [
      ...listed(sysctlFact(at, netns, dev, 'ipv4', 'rp_filter')),
      ...(route === undefined ? [] : [factOf('route', netns, route, found?.origin)]),
    ]
  }

  get route(): string | undefined {
    return this.found && routeText(this.at.network, this.netns, this.found)
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
