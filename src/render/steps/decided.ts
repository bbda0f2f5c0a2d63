import {
  describeDecision,
  type Hop,
  isDenial,
  isQuiet,
  type RouteHop,
  type RpFilterHop,
  type RuleHop,
  type TriedRule,
} from '../../trace/index.ts'
import type { Told } from '../told.ts'
import type {
  PacketStep,
  StepConnection,
  StepLookup,
  StepNeighbour,
  StepRule,
  StepSaid,
  StepTranslation,
  StepWalk,
} from './packet-step.ts'
import type { Sources } from './sources.ts'

/** A hop, and where it stands in the trace. */
export interface NumberedHop {
  /** Index in the trace's hops. */
  readonly index: number
  /** The hop. */
  readonly hop: Hop
}

/** What hops are told with. */
export interface Telling {
  /** Decisions of policy, Services and NAT. */
  readonly told: Told
  /** Rules that were tried in vain before a rule hop, by its index. */
  readonly tried: ReadonlyMap<number, readonly TriedRule[]>
  /** Lines of the input. */
  readonly sources: Sources
}

/** What a step says of the decisions that led to it. */
export type Decided = Pick<
  PacketStep,
  'decisions' | 'lookups' | 'walks' | 'connections' | 'translations' | 'neighbour' | 'others'
>

/** Sorts the hops between two sightings of a packet by what they are about. */
export function decidedIn(hops: readonly NumberedHop[], telling: Telling): Decided {
  const { sources } = telling
  const neighbour = neighbourIn(hops, sources)
  return {
    decisions: hops.flatMap(({ hop }) => decisionOf(hop, telling)),
    lookups: hops.flatMap(({ hop }) => lookupOf(hop, sources)),
    walks: walksIn(hops, telling),
    connections: hops.flatMap(({ hop }) => connectionOf(hop)),
    translations: hops.flatMap(({ hop }) => translationOf(hop, sources)),
    ...(neighbour === undefined ? {} : { neighbour }),
    others: hops.flatMap(({ hop }) => otherOf(hop, sources)),
  }
}

function decisionOf(hop: Hop, { told, sources }: Telling): StepSaid[] {
  const decision = told.by.get(hop)
  if (decision === undefined || isQuiet(decision)) return []
  return [{ text: describeDecision(decision), bad: isDenial(decision), facts: sources.facts(hop.facts) }]
}

function lookupOf(hop: Hop, sources: Sources): StepLookup[] {
  if (hop.kind === 'route') return [routeLookup(hop, sources)]
  return hop.kind === 'rp-filter' && (!hop.passed || hop.route !== undefined) ? [reverseLookup(hop, sources)] : []
}

function routeLookup(hop: RouteHop, sources: Sources): StepLookup {
  const { destination, source, result, table = '', reason, candidates, facts } = hop
  const isRefused = hop.refused !== undefined || result === 'none' || REFUSALS.has(result)
  return {
    kind: 'route',
    destination,
    source,
    result,
    table,
    reason,
    bad: isRefused,
    candidates: candidates.map(({ text, table, won, lost, why }) => ({
      text,
      table,
      won,
      ...(lost === undefined ? {} : { lost }),
      why,
    })),
    facts: sources.facts(facts),
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw'])

function reverseLookup({ reason, passed, facts, route }: RpFilterHop, sources: Sources): StepLookup {
  const why = passed ? 'an answer would leave where the packet came in' : 'an answer would not leave where it came in'
  return {
    kind: 'reverse',
    destination: '',
    source: '',
    result: '',
    table: '',
    reason,
    bad: !passed,
    candidates: route === undefined ? [] : [{ text: route, table: '', won: true, why }],
    facts: sources.facts(facts),
  }
}

/** Rules walked, a table at a time: a hook's end closes its walk. */
function walksIn(hops: readonly NumberedHop[], telling: Telling): StepWalk[] {
  const walks: StepWalk[] = []
  let open: { readonly of: RuleHop; readonly rules: StepRule[] } | undefined
  const close = (verdict: string): void => {
    if (open !== undefined) walks.push(walkOf(open.of, open.rules, verdict))
    open = undefined
  }
  for (const { hop, index } of hops) {
    if (hop.kind === 'hook') {
      const { unmodelled } = hop
      close(unmodelled === undefined ? hop.verdict : `${hop.verdict} (not modelled: ${unmodelled})`)
    }
    if (hop.kind !== 'rule') continue
    if (open !== undefined && !isSameWalk(open.of, hop)) close('')
    open ??= { of: hop, rules: [] }
    for (const rule of telling.tried.get(index) ?? [])
      open.rules.push({ ...rule, matched: false, target: '', facts: [] })
    open.rules.push(matchedRule(hop, telling))
  }
  close('')
  return walks
}

function isSameWalk(a: RuleHop, b: RuleHop): boolean {
  return a.hook === b.hook && a.table === b.table && a.family === b.family
}

function walkOf({ hook, table, family }: RuleHop, rules: readonly StepRule[], verdict: string): StepWalk {
  return { hook, table, tool: family === 'inet' ? 'iptables' : 'ip6tables', verdict, rules }
}

function matchedRule(hop: RuleHop, { told, sources }: Telling): StepRule {
  const { chain, position, text, target, facts } = hop
  const decision = told.by.get(hop)
  return {
    chain,
    position,
    text,
    matched: true,
    target,
    ...(decision === undefined ? {} : { decision: describeDecision(decision) }),
    facts: sources.facts(facts),
  }
}

function connectionOf(hop: Hop): StepConnection[] {
  if (hop.kind !== 'conntrack') return []
  const { state, isNew, original, reply } = hop
  return [{ state, isNew, original, reply }]
}

function translationOf(hop: Hop, sources: Sources): StepTranslation[] {
  if (hop.kind !== 'nat') return []
  const { side, from, to, reason, facts } = hop
  return [{ side, from, to, reason, facts: sources.facts(facts) }]
}

/** The last entry that was looked up is the one that is used; before it was known the packet waited. */
function neighbourIn(hops: readonly NumberedHop[], sources: Sources): StepNeighbour | undefined {
  const found = hops.flatMap(({ hop }) => (hop.kind === 'neighbour' ? [hop] : []))
  const last = found.at(-1)
  if (last === undefined) return undefined
  const { address, lladdr, state, reason, facts } = last
  return { address, lladdr, state, waited: found.some((one) => one.queued), reason, facts: sources.facts(facts) }
}

function otherOf(hop: Hop, sources: Sources): StepSaid[] {
  switch (hop.kind) {
    case 'arp':
    case 'bridge':
    case 'decap':
    case 'encap':
    case 'forward':
    case 'fragment':
    case 'icmp-error':
    case 'neighbour-change':
    case 'program':
    case 'reassemble':
    case 'route-exception':
      return [{ text: hop.reason, bad: false, facts: sources.facts(hop.facts) }]
    case 'clone':
    case 'conntrack':
    case 'create':
    case 'deliver':
    case 'drop':
    case 'hook':
    case 'learn':
    case 'nat':
    case 'neighbour':
    case 'route':
    case 'rp-filter':
    case 'rule':
    case 'rx':
    case 'tx':
      return []
  }
}
