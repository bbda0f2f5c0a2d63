import type { RuleMeaning } from '../model/index.ts'
import type { Decision, DecisionBase, NatBy, PolicyPlace, WeighedBackend } from './decision.ts'
import type { Hop, NatHop, RuleHop } from './hop.ts'
import { SeenPackets } from './packet-seen.ts'
import type { Trace } from './trace.ts'

/**
 * What policy, Services and NAT decided, in the order it fell: one entry a decision, however many rules it took. Rules without a
 * meaning (of a dump, of people) decide nothing here, but their translations are told.
 */
export function decisionsOf(trace: Pick<Trace, 'hops'>): readonly Decision[] {
  const reader = new DecisionReader()
  for (const [i, hop] of trace.hops.entries()) reader.take(hop, i)
  return reader.decisions
}

/** What is known of a packet in one namespace while rules are read. */
interface Visit {
  readonly netns: string
  /** Endpoint whose chains the packet is in, by direction. */
  place?: PolicyPlace
  /** A policy of the endpoint was asked. */
  selected: boolean
  /** The last rule of table nat. */
  translator?: RuleHop
  /** The Service that was asked, and how. */
  service?: Extract<RuleMeaning, { readonly kind: 'service' }>
  backend?: Extract<RuleMeaning, { readonly kind: 'backend' }>
  /** Why the source is to be translated. */
  mark?: Extract<RuleMeaning, { readonly kind: 'masquerade-mark' }>
  /** The last policy decision: a rule's marks and its verdict are rules of their own. */
  said: string
}

class DecisionReader {
  readonly decisions: Decision[] = []
  private readonly seen = new SeenPackets()
  private readonly visits = new Map<number, Visit>()
  private readonly translations = new Map<string, NatBy>()
  private isEstablishedSaid = false

  take(hop: Hop, index: number): void {
    if (hop.kind === 'rule') this.rule(hop, index)
    else if (hop.kind === 'nat') this.nat(hop, index)
    this.seen.take(hop)
  }

  private visit(hop: Hop): Visit {
    const known = this.visits.get(hop.packet)
    if (known?.netns === hop.netns) return known
    const made: Visit = { netns: hop.netns, selected: false, said: '' }
    this.visits.set(hop.packet, made)
    return made
  }

  private base(hop: Hop, index: number): DecisionBase {
    const origin = hop.facts.find((fact) => fact.origin !== undefined)?.origin
    const { time, netns, packet } = hop
    const seen = this.seen.at(packet)
    return { hop: index, time, netns, packet, seen, ...(origin === undefined ? {} : { origin }) }
  }

  private rule(hop: RuleHop, index: number): void {
    const visit = this.visit(hop)
    if (hop.table === 'nat' && TRANSLATING.has(hop.target)) visit.translator = hop
    const { meaning } = hop
    if (meaning === undefined) return
    remember(visit, meaning)
    if (ASIDE.has(meaning.kind)) return
    const decision = this.decide(meaning, hop, visit, () => this.base(hop, index))
    if (decision !== undefined) this.decisions.push(decision)
  }

  /** A rule as a decision; undefined for those that only lead to one, or repeat it. */
  private decide(meaning: RuleMeaning, hop: RuleHop, visit: Visit, base: () => DecisionBase): Decision | undefined {
    const { dev } = hop
    const at = visit.place ?? { endpoint: '', host: false, dev }
    switch (meaning.kind) {
      case 'policy': {
        const said = `${hop.table} ${hop.hook} ${at.endpoint} ${meaning.direction} ${JSON.stringify(meaning)}`
        if (visit.said === said) return undefined
        visit.said = said
        return { ...base(), ...meaning, at }
      }
      case 'tier-end':
        return REFUSING.has(hop.target) ? { ...base(), ...meaning, at } : undefined
      case 'profile': {
        const said = `${hop.table} ${hop.hook} ${at.endpoint} ${JSON.stringify(meaning)}`
        if (visit.said === said) return undefined
        visit.said = said
        return { ...base(), ...meaning, at, selected: visit.selected }
      }
      case 'no-profile':
        return { ...base(), ...meaning, at, selected: visit.selected }
      case 'failsafe':
        return { ...base(), ...meaning, at }
      case 'endpoint-to-host':
        return { ...base(), ...meaning }
      case 'rpf':
      case 'encapsulated':
      case 'tunnel':
      case 'unknown-interface':
      case 'invalid':
      case 'service-loop':
        return REFUSING.has(hop.target) ? { ...base(), kind: meaning.kind, dev } : undefined
      case 'established':
        return this.established(base)
      case 'service-dnat':
        return chosen(visit, meaning, base())
      case 'no-backend':
      case 'source-range':
        return REFUSING.has(hop.target) ? { ...base(), ...meaning } : undefined
      case 'endpoint':
      case 'tier':
      case 'allowed-before':
      case 'nat-outgoing':
      case 'tunnel-source':
      case 'service':
      case 'backend':
      case 'masquerade-mark':
      case 'service-masquerade':
      case 'host-port':
        return undefined
    }
  }

  /** Said once: every packet after the first of a connection meets it at every hop. */
  private established(base: () => DecisionBase): Decision | undefined {
    if (this.isEstablishedSaid) return undefined
    this.isEstablishedSaid = true
    return { ...base(), kind: 'established' }
  }

  private nat(hop: NatHop, index: number): void {
    const visit = this.visit(hop)
    const rule = visit.translator
    delete visit.translator
    const by = rule === undefined ? this.before(hop) : translatorOf(rule, visit)
    const key = `${hop.netns} ${hop.side} ${hop.from} ${hop.to}`
    if (rule !== undefined) this.translations.set(key, by)
    const { side, from, to } = hop
    this.decisions.push({ ...this.base(rule ?? hop, index), kind: 'nat', side, from, to, by })
  }

  /** A connection that was translated before: the same again, or on the way back the other way round. */
  private before({ netns, side, from, to }: NatHop): NatBy {
    const other = side === 'source' ? 'destination' : 'source'
    const of =
      this.translations.get(`${netns} ${side} ${from} ${to}`) ??
      this.translations.get(`${netns} ${other} ${to} ${from}`)
    return of === undefined ? { kind: 'connection' } : { kind: 'connection', of }
  }
}

/** Rules that decide nothing by themselves; most rules a packet meets are such, and cost nothing. */
const ASIDE: ReadonlySet<RuleMeaning['kind']> = new Set<RuleMeaning['kind']>([
  'endpoint',
  'tier',
  'allowed-before',
  'service',
  'backend',
  'masquerade-mark',
])

/** Targets that rewrite an address. */
const TRANSLATING: ReadonlySet<string> = new Set(['DNAT', 'MASQUERADE', 'NETMAP', 'REDIRECT', 'SNAT'])

/** Targets that end a packet. */
const REFUSING: ReadonlySet<string> = new Set(['DROP', 'REJECT'])

/** What later rules of the same visit are read by. */
function remember(visit: Visit, meaning: RuleMeaning): void {
  switch (meaning.kind) {
    case 'endpoint': {
      const { endpoint, host, dev, forward } = meaning
      visit.place = { endpoint, host, dev, ...(forward === undefined ? {} : { forward }) }
      visit.selected = false
      visit.said = ''
      return
    }
    case 'tier':
    case 'policy':
      visit.selected = true
      return
    case 'service':
      visit.service = meaning
      return
    case 'backend':
      visit.backend = meaning
      return
    case 'masquerade-mark':
      visit.mark = meaning
      return
    default:
      return
  }
}

/** The choice among a Service's endpoints, told where it takes effect. */
function chosen(
  visit: Visit,
  { service, backend }: Extract<RuleMeaning, { readonly kind: 'service-dnat' }>,
  base: DecisionBase,
): Decision {
  const choice = visit.backend
  const all = choice?.backends ?? [backend]
  const backends: readonly WeighedBackend[] = all.map((one) => ({ ...one, probability: 1 / all.length }))
  return {
    ...base,
    kind: 'service',
    service,
    door: visit.service?.door ?? 'ClusterIP',
    chosen: choice?.chosen ?? 1,
    backends,
    affinity: choice?.affinity === true,
  }
}

function translatorOf(rule: RuleHop, visit: Visit): NatBy {
  const { meaning, table, chain, position } = rule
  switch (meaning?.kind) {
    case 'nat-outgoing':
    case 'tunnel-source':
      return { kind: meaning.kind }
    case 'host-port':
      return meaning
    case 'service-dnat':
      return { kind: 'service', service: meaning.service }
    case 'service-masquerade': {
      const { mark } = visit
      return mark === undefined ? { kind: meaning.kind } : { kind: meaning.kind, service: mark.service, why: mark.why }
    }
    default:
      return { kind: 'rule', table, chain, position }
  }
}
