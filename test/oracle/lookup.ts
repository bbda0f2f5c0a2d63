// A second opinion on routing lookups: a plain scan over rules and routes, slow and easy to believe. It judges the engine, which
// explains its lookups itself.
import {
  confKey,
  defaultRules,
  hasCarrier,
  InputError,
  type LossReason,
  linkSource,
  type Namespace,
  type NetworkData,
  type Nexthop,
  type Route,
  type Rule,
  routesCovering,
  rulesOf,
  sysctlOf,
} from '../../src/model/index.ts'
import { contains, type Ip, prefixLength } from '../../src/wire/index.ts'

/** TOS bits that IPv4 routing looks at (IPTOS_RT_MASK). */
const IPTOS_RT_MASK = 0x1c

/** What is looked up: the fields of a flow that rules and routes ask for. */
export interface LookupQuery {
  /** Destination. */
  readonly dst: Ip
  /** Source; absent = not chosen yet (a rule with `from` does not match). */
  readonly src?: Ip
  /** Input interface; absent = made here (`lo`). */
  readonly iif?: string
  /** Output interface the sender is bound to. */
  readonly oif?: string
  /** Packet mark. */
  readonly mark?: number
  /** TOS byte. */
  readonly tos?: number
  /** IP protocol. */
  readonly ipproto?: number
  /** Source port. */
  readonly sport?: number
  /** Destination port. */
  readonly dport?: number
}

/** A route that covers the destination and lost. */
export interface LostRoute {
  /** The route. */
  readonly route: Route
  /** Why it lost. */
  readonly reason: LossReason
  /** The same in words. */
  readonly why: string
}

/** What one policy rule did with the query. */
export interface LookupStep {
  /** The rule. */
  readonly rule: Rule
  /** Whether its selector matched; undefined `outcome` otherwise. */
  readonly matched: boolean
  /** What came of it: an answer, or why the next rule is asked. */
  readonly outcome: 'not-matched' | 'answer' | 'no-route' | 'throw' | 'suppressed' | 'goto' | 'nop'
  /** The winning route of its table. */
  readonly route?: Route
  /** The best of the routes that lost in its table. */
  readonly runnerUp?: LostRoute
}

/** The outcome of a lookup, step by step. */
export interface LookupExplanation {
  /** Type of the winning route, the action of a refusing rule, or `none` when nothing matched. */
  readonly result: Route['type'] | 'none'
  /** The rule that decided. */
  readonly rule?: Rule
  /** The winning route. */
  readonly route?: Route
  /** The best route that lost against it, and why. */
  readonly runnerUp?: LostRoute
  /** Every rule that was asked, in order. */
  readonly steps: readonly LookupStep[]
}

/**
 * A routing lookup by a plain scan over rules and routes: slow, and easy to believe. For explanations and as the judge
 * of the engine's own lookup. Of several equal next hops none is chosen; IPv6 router preference and reachability are not
 * looked at.
 *
 * @linux net/core/fib_rules.c fib_rules_lookup
 * @linux net/ipv4/fib_trie.c fib_table_lookup
 * @throws InputError when the network has no such namespace
 */
export function explainLookup(network: NetworkData, netns: string, query: LookupQuery): LookupExplanation {
  const ns = network.namespaces[netns]
  if (ns === undefined) {
    const expected = 'a namespace of the network'
    throw new InputError([
      { kind: 'missing_reference', file: '', path: ['namespaces', netns], expected, received: netns },
    ])
  }
  const family = query.dst.includes(':') ? 'inet6' : 'inet'
  const routes = routesCovering(network, ns, query.dst)
  const rules = rulesOf(ns, family)
  const oneTable = hasOneTable(rules)
  const steps: LookupStep[] = []
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!
    const step = askRule(network, ns, routes, rule, query, oneTable)
    steps.push(step)
    if (step.outcome === 'goto') {
      const target = rules.findIndex((other, at) => at > i && other.priority === rule.goto)
      if (target >= 0) i = target - 1
    }
    if (step.outcome !== 'answer') continue
    const { route, runnerUp } = step
    return {
      result: route?.type ?? (rule.action as Route['type']),
      rule,
      ...(route === undefined ? {} : { route }),
      ...(runnerUp === undefined ? {} : { runnerUp }),
      steps,
    }
  }
  return { result: 'none', steps }
}

/**
 * Whether a namespace has only the rules it started with. Then IPv4 keeps `local` and `main` as one table: the longest
 * prefix of both wins, and a default route in `local` hides nothing.
 *
 * @linux include/net/ip_fib.h fib_lookup
 */
function hasOneTable(rules: readonly Rule[]): boolean {
  return (
    rules.length === USUAL.length &&
    rules.every((rule, i) => {
      const { family, priority, action, table } = USUAL[i]!
      const plain = Object.keys(rule).every((key) => key in USUAL[i]!)
      return (
        plain && rule.family === family && rule.priority === priority && rule.action === action && rule.table === table
      )
    })
  )
}

function askRule(
  network: NetworkData,
  ns: Namespace,
  routes: readonly Route[],
  rule: Rule,
  query: LookupQuery,
  oneTable: boolean,
): LookupStep {
  if (ruleMatches(rule, query) === (rule.not === true)) return { rule, matched: false, outcome: 'not-matched' }
  if (rule.action === 'goto' || rule.action === 'nop') return { rule, matched: true, outcome: rule.action }
  if (rule.action !== 'lookup') return { rule, matched: true, outcome: 'answer' }
  const table = routes.filter((route) => route.table === (rule.table ?? 'main'))
  const own = bestOf(network, ns, table, query)
  const better = oneTable ? betterElsewhere(network, ns, routes, rule, query, own.winner) : undefined
  const { winner, runnerUp } = better === undefined || own.winner === undefined ? own : { runnerUp: lost(own.winner) }
  const found = {
    rule,
    matched: true,
    ...(winner === undefined ? {} : { route: winner }),
    ...(runnerUp === undefined ? {} : { runnerUp }),
  }
  if (winner === undefined) return { ...found, outcome: 'no-route' }
  if (winner.type === 'throw') return { ...found, outcome: 'throw' }
  const suppressed = rule.suppressPrefixlength !== undefined && prefixLength(winner.dst) <= rule.suppressPrefixlength
  return { ...found, outcome: suppressed ? 'suppressed' : 'answer' }
}

/** While `local` and `main` are one table: the route of the other one that beats this one's, if any. */
function betterElsewhere(
  network: NetworkData,
  ns: Namespace,
  routes: readonly Route[],
  rule: Rule,
  query: LookupQuery,
  own: Route | undefined,
): Route | undefined {
  if (own === undefined || (rule.table !== 'local' && rule.table !== 'main')) return undefined
  const local = routes.filter((route) => route.table === 'local')
  const main = routes.filter((route) => route.table === 'main')
  const { winner } = bestOf(network, ns, [...local, ...main], query)
  return winner === own ? undefined : winner
}

function lost(route: Route): LostRoute {
  return { route, reason: 'shorter-prefix', why: WHY['shorter-prefix'](route) }
}

/** Whether a rule's selector matches, `not` apart. */
function ruleMatches(rule: Rule, query: LookupQuery): boolean {
  if (rule.iif !== undefined && rule.iif !== (query.iif ?? 'lo')) return false
  if (rule.oif !== undefined && rule.oif !== query.oif) return false
  if (rule.from !== undefined && prefixLength(rule.from) > 0) {
    if (query.src === undefined || !contains(rule.from, query.src)) return false
  }
  if (rule.to !== undefined && !contains(rule.to, query.dst)) return false
  if (rule.fwmark !== undefined || rule.fwmask !== undefined) {
    const mask = rule.fwmask ?? 0xffffffff
    if ((((query.mark ?? 0) ^ (rule.fwmark ?? 0)) & mask) !== 0) return false
  }
  if (rule.tos !== undefined && rule.tos !== 0 && rule.tos !== ((query.tos ?? 0) & IPTOS_RT_MASK)) return false
  if (rule.ipproto !== undefined && rule.ipproto !== query.ipproto) return false
  return inRange(rule.sport, query.sport) && inRange(rule.dport, query.dport)
}

function inRange(
  range: { readonly low: number; readonly high: number } | undefined,
  port: number | undefined,
): boolean {
  return range === undefined || (port !== undefined && port >= range.low && port <= range.high)
}

/** The rules of a namespace nobody has given others. */
const USUAL = defaultRules('inet')

/** What one table says. */
export interface TableAnswer {
  /** The route that answers; absent when none covers the destination. */
  readonly winner?: Route
  /** The next best, and why it lost. */
  readonly runnerUp?: LostRoute
}

/** As {@link lookupTable}, of routes that all cover the destination. */
function bestOf(network: NetworkData, ns: Namespace, routes: readonly Route[], query: LookupQuery): TableAnswer {
  if (routes.length === 0) return {}
  const covering = inOrderOfTrial(routes)
  const winner = covering.find((route) => obstacle(network, ns, route, query) === undefined)
  const loser = covering.find((route) => route !== winner)
  if (loser === undefined) return winner === undefined ? {} : { winner }
  const reason = obstacle(network, ns, loser, query) ?? lossAgainst(winner!, loser)
  const runnerUp: LostRoute = { route: loser, reason, why: WHY[reason](loser) }
  return winner === undefined ? { runnerUp } : { winner, runnerUp }
}

function inOrderOfTrial(routes: readonly Route[]): readonly Route[] {
  if (routes.length < 2) return routes
  const measured = routes.map((route) => ({ route, length: prefixLength(route.dst) }))
  measured.sort(
    (a, b) =>
      b.length - a.length || (b.route.tos ?? 0) - (a.route.tos ?? 0) || (a.route.metric ?? 0) - (b.route.metric ?? 0),
  )
  return measured.map(({ route }) => route)
}

/** What makes a route unusable for this query, whatever the others are. */
function obstacle(network: NetworkData, ns: Namespace, route: Route, query: LookupQuery): LossReason | undefined {
  if (route.tos !== undefined && route.tos !== 0 && route.tos !== ((query.tos ?? 0) & IPTOS_RT_MASK)) return 'tos'
  if (route.type !== 'unicast' && route.dev === undefined) return undefined
  const hops: readonly Nexthop[] = route.nexthops ?? [route]
  let reason: LossReason | undefined
  for (const hop of hops) {
    const problem = hopObstacle(network, ns, route, hop, query)
    if (problem === undefined) return undefined
    reason = problem
  }
  return reason
}

function hopObstacle(
  network: NetworkData,
  ns: Namespace,
  route: Route,
  hop: Nexthop,
  query: LookupQuery,
): LossReason | undefined {
  if (query.oif !== undefined && hop.dev !== query.oif) return 'not-the-output-device'
  const link = hop.dev === undefined ? undefined : ns.interfaces[hop.dev]
  if (link === undefined || route.type === 'local') return undefined
  if (!link.up) return 'device-down'
  if (hasCarrier(linkSource(network, ns), ns.name, link.name)) return undefined
  const family = route.family === 'inet' ? 'ipv4' : 'ipv6'
  const ignores = (dev: string): boolean =>
    Number(sysctlOf(ns, confKey(family, dev, 'ignore_routes_with_linkdown')) ?? '0') > 0
  return ignores(link.name) || ignores('all') ? 'link-down' : undefined
}

function lossAgainst(winner: Route, loser: Route): LossReason {
  if (prefixLength(loser.dst) < prefixLength(winner.dst)) return 'shorter-prefix'
  return (loser.metric ?? 0) > (winner.metric ?? 0) ? 'higher-metric' : 'listed-later'
}

const WHY: Readonly<Record<LossReason, (route: Route) => string>> = {
  'shorter-prefix': (route) => `its prefix /${prefixLength(route.dst)} is shorter`,
  'higher-metric': (route) => `its metric ${route.metric ?? 0} is higher`,
  'listed-later': () => 'it is equal and stands later in the table',
  'device-down': (route) => `its device ${route.dev ?? ''} is down`,
  'link-down': (route) => `its device ${route.dev ?? ''} has no carrier`,
  tos: (route) => `it is for TOS ${route.tos ?? 0} only`,
  'no-device': () => 'it has no device',
  'unreachable-router': () => 'its router does not answer',
  'lower-preference': () => 'its router preference is lower',
  throw: () => 'throw: asks the next rule',
  suppressed: () => 'the rule suppresses prefixes this short',
  'not-the-output-device': (route) => `its device ${route.dev ?? ''} is not the one asked for`,
}
