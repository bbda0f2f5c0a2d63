import { destinationText } from '../../linux/index.ts'
import { explainLookup, type LookupStep, RECORD, type Route, type RouteRef } from '../../model/index.ts'
import { type Layer, parseIp, prefixLength } from '../../wire/index.ts'
import { factOf } from '../fact.ts'
import { flowOf } from '../flow.ts'
import type { ExceptionHop, ForwardHop, RouteCandidate, RouteHop, RpFilterHop } from '../hop.ts'
import { fieldNumber } from '../layers.ts'
import type { HopReader, RecordRow } from '../reader.ts'
import { routeFacts, routeOfRef, routeText } from '../route-words.ts'
import { sysctlFact } from '../sysctl-fact.ts'

/** A routing decision: which route won, by which rule and table, and why the runner-up lost. */
export function routeHop(reader: HopReader, row: RecordRow): RouteHop {
  const ref = saidOf(row.ref as RouteRef)
  const direction = row.kind === RECORD.routeInput ? 'input' : 'output'
  const candidates = candidatesOf(reader, row, ref, direction)
  const route = routeOfRef(ref)
  return {
    kind: 'route',
    ...place(row),
    reason: routeReason(ref, route, candidates),
    facts: routeFacts(reader.network, row.netns, ref),
    direction,
    result: ref.resultType,
    destination: ref.dst,
    source: unset(ref.src) ? '' : ref.src,
    ...(ref.table === undefined ? {} : { table: ref.table }),
    ...(ref.rulePriority === undefined ? {} : { rulePriority: ref.rulePriority }),
    ...(route === undefined ? {} : { route: routeText(route) }),
    ...(ref.via === undefined ? {} : { via: ref.via }),
    ...(ref.dev === undefined ? {} : { out: ref.dev }),
    candidates,
  }
}

/** A lookup's result with what the engine left empty left out. */
function saidOf(ref: RouteRef): RouteRef {
  const { dst, src, rulePriority, table, route, via, dev } = ref
  const resultType = ref.resultType.startsWith('none') ? 'none' : ref.resultType
  return {
    resultType,
    dst,
    src,
    ...(table === undefined || table === '' ? {} : { table, ...(rulePriority === undefined ? {} : { rulePriority }) }),
    ...(route === undefined ? {} : { route }),
    ...(via === undefined || via === '' ? {} : { via }),
    ...(dev === undefined || dev === '' ? {} : { dev }),
  }
}

/** Columns every hop takes over. */
export function place(row: RecordRow): Pick<RouteHop, 'time' | 'netns' | 'dev' | 'packet'> {
  return { time: row.time, netns: row.netns, dev: row.dev, packet: row.packet }
}

function routeReason(ref: RouteRef, route: Route | undefined, candidates: readonly RouteCandidate[]): string {
  const table = ref.table === undefined ? '' : ` (table ${ref.table}${ruleWords(ref)})`
  const loser = candidates.find((one) => !one.won)
  const lost = loser === undefined || route === undefined ? '' : `; ${loser.text} lost: ${loser.why}`
  const won = route === undefined ? '' : ` ${destinationText(route.dst)}${table}`
  switch (ref.resultType) {
    case 'local':
      return `${ref.dst} is an address of this host${table}`
    case 'none':
      return `no route to ${ref.dst} in any table`
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return `${ref.dst} falls into the ${ref.resultType} route${won}${lost}`
    case 'broadcast':
    case 'multicast':
      return `${ref.dst} is a ${ref.resultType} address${table}${outWords(ref)}`
    default:
      return `${ref.dst} goes${outWords(ref)} by route${won === '' ? table : won}${lost}`
  }
}

function ruleWords(ref: RouteRef): string {
  return ref.rulePriority === undefined ? '' : `, rule ${ref.rulePriority}`
}

function outWords(ref: RouteRef): string {
  const via = ref.via === undefined ? '' : ` via ${ref.via}`
  return `${via}${ref.dev === undefined ? '' : ` out of ${ref.dev}`}`
}

function unset(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

/**
 * Every route that contains the destination, the winner first in its table, and why each of the others lost. Empty when
 * a plain scan over the network does not find the route the engine took: then packetwalk cannot explain it.
 */
function candidatesOf(
  reader: HopReader,
  row: RecordRow,
  ref: RouteRef,
  direction: RouteHop['direction'],
): readonly RouteCandidate[] {
  const ns = reader.namespace(row.netns)
  const dst = parseIp(ref.dst)
  if (ns === undefined || dst === undefined) return []
  const flow = portsOf(reader, row.packet)
  const src = unset(ref.src) ? undefined : parseIp(ref.src)
  const explained = explainLookup(reader.network, row.netns, {
    dst,
    ...(src === undefined ? {} : { src }),
    ...(direction === 'input' ? { iif: row.dev } : {}),
    mark: reader.marks.get(row.packet) ?? 0,
    ...flow,
  })
  const won = routeOfRef(ref)
  if (won !== undefined && (explained.route?.dst !== won.dst || explained.route.table !== won.table)) return []
  const candidates: RouteCandidate[] = []
  for (const step of explained.steps) {
    if (!step.matched || step.rule.action !== 'lookup') continue
    const covering = longestFirst(reader.routes(row.netns, dst).filter((one) => one.table === step.rule.table))
    const winner = covering.find((one) => sameRoute(one, step.route))
    for (const one of covering) {
      const wins = one === winner && step.outcome === 'answer'
      const common = { text: routeText(one), table: one.table, rulePriority: step.rule.priority, won: wins }
      candidates.push({ ...common, why: wins ? whyWon(covering.length) : whyLost(one, winner, step) })
    }
  }
  return candidates
}

function longestFirst(routes: readonly Route[]): readonly Route[] {
  if (routes.length < 2) return routes
  const measured = routes.map((route) => ({ route, length: prefixLength(route.dst) }))
  measured.sort((a, b) => b.length - a.length || (a.route.metric ?? 0) - (b.route.metric ?? 0))
  return measured.map(({ route }) => route)
}

function sameRoute(a: Route, b: Route | undefined): boolean {
  return (
    b !== undefined &&
    a.dst === b.dst &&
    a.metric === b.metric &&
    a.via === b.via &&
    a.dev === b.dev &&
    a.type === b.type
  )
}

function whyWon(count: number): string {
  return count === 1
    ? 'the only route of its table that contains the destination'
    : 'the longest prefix, then the lowest metric'
}

function whyLost(route: Route, winner: Route | undefined, step: LookupStep): string {
  if (route === winner)
    return step.outcome === 'suppressed' ? 'the rule suppresses prefixes this short' : 'throw: asks the next rule'
  if (sameRoute(route, step.runnerUp?.route)) return step.runnerUp?.why ?? ''
  if (winner === undefined) return 'not usable'
  if (prefixLength(route.dst) < prefixLength(winner.dst)) return `its prefix /${prefixLength(route.dst)} is shorter`
  if ((route.metric ?? 0) > (winner.metric ?? 0)) return `its metric ${route.metric ?? 0} is higher`
  return 'not usable for this packet, or listed later'
}

/** What of a packet's headers rules may ask for. */
function portsOf(reader: HopReader, packet: number): Record<string, number> {
  const headers = reader.sightings.get(packet)?.headers
  if (headers === undefined) return {}
  const ip = headers.find((layer) => layer.protocol === 'ipv4')
  const flow = headers.some(hasPorts) ? flowOf(headers) : undefined
  const query: Record<string, number> = {}
  if (ip !== undefined) {
    query['tos'] = fieldNumber(ip, 'dscp') << 2
    query['ipproto'] = fieldNumber(ip, 'protocol')
  }
  if (flow !== undefined && (flow.protocol === 'udp' || flow.protocol === 'tcp')) {
    query['sport'] = Number(flow.from)
    query['dport'] = Number(flow.to)
  }
  return query
}

function hasPorts(layer: Layer): boolean {
  return layer.protocol === 'udp' || layer.protocol === 'tcp'
}

/** Forwarding: the TTL falls by one. */
export function forwardHop(reader: HopReader, row: RecordRow): ForwardHop {
  const last = reader.lastRoute.get(row.packet)
  const out = last?.out === undefined ? '' : ` to ${last.out}`
  const fact = sysctlFact(reader, row.netns, row.dev, last?.destination.includes(':') ? 'ipv6' : 'ipv4', 'forwarding')
  return {
    kind: 'forward',
    ...place(row),
    reason: `not for this host, so forwarded${out}: TTL ${row.a}→${row.b}`,
    facts: fact === undefined ? [] : [fact],
    ttlBefore: row.a,
    ttlAfter: row.b,
  }
}

/** A reverse path check. */
export function rpFilterHop(reader: HopReader, row: RecordRow): RpFilterHop {
  const ref = row.ref === undefined ? undefined : saidOf(row.ref as RouteRef)
  const passed = row.a === 1
  const route = ref === undefined ? undefined : routeOfRef(ref)
  const out = ref?.dev
  const back =
    ref === undefined || ref.resultType === 'none'
      ? 'there is no route back'
      : `a reply would leave by ${out ?? 'nothing'}`
  const setting = sysctlFact(reader, row.netns, row.dev, 'ipv4', 'rp_filter')
  return {
    kind: 'rp-filter',
    ...place(row),
    reason: passed
      ? `reverse path check passed: ${back}`
      : `reverse path check failed: came in by ${row.dev}, but ${back}`,
    facts: [
      ...(setting === undefined ? [] : [setting]),
      ...(route === undefined ? [] : [factOf('route', row.netns, routeText(route), route.origin)]),
    ],
    passed,
    ...(route === undefined ? {} : { route: routeText(route) }),
    ...(out === undefined ? {} : { out }),
  }
}

/** A path MTU or redirect was learned. */
export function exceptionHop(row: RecordRow): ExceptionHop {
  return { kind: 'route-exception', ...place(row), reason: `learned: ${String(row.ref)}`, facts: [], mtu: row.a }
}
