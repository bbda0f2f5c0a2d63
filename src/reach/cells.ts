import { type FindingCode, keptIn } from '../model/index.ts'
import { type Family, IP_PROTOCOL, type Ip } from '../wire/index.ts'
import { keyOf } from './ends/alike.ts'
import { type EndClass, FAMILIES } from './ends/classes.ts'
import type { Member } from './ends/members.ts'
import { type Pair, pairsOf } from './ends/pairs.ts'
import { Outcomes } from './outcomes.ts'
import { PolicyBetween } from './policy/between.ts'
import { ALLOWED } from './policy/decisions.ts'
import { doorsOf } from './policy/flow-judge.ts'
import { hasPorts, hasTypes, joined, OTHER, type Spans } from './policy/spans.ts'
import { protocolWord } from './policy/universe.ts'
import type { ReachFlow, ReachOutcome, ReachPattern } from './reach.ts'
import type { ServicePortAsked } from './services.ts'
import { Walks } from './walks.ts'
import { isOwn, type ReachWorld } from './world.ts'

const { TCP, UDP, SCTP, IPIP } = IP_PROTOCOL

/** Makes cells: what policy says of all headers between two classes, and for what it lets through what packets meet. */
export class Cells {
  /** Outcomes by number. */
  readonly outcomes: Outcomes = new Outcomes()
  /** Patterns by number. */
  readonly patterns: ReachPattern[] = []
  /** Walks ways. */
  readonly walks: Walks
  private readonly world: ReachWorld
  private readonly policy: PolicyBetween
  private readonly outside: string | undefined
  private readonly isSent: boolean
  private readonly known = new Map<string, number>()
  private readonly patternIds = new Map<string, number>()
  private readonly ways = new Map<string, number>()
  private readonly told = new Map<number, number>()

  /**
   * @param outside - the network namespace that stands for all outside; undefined: there is none
   * @param isSent - whether packets are sent
   */
  constructor(world: ReachWorld, outside: string | undefined, isSent: boolean) {
    this.isSent = isSent
    this.world = world
    this.outside = outside
    this.policy = new PolicyBetween(world)
    this.walks = new Walks(world.lab, this.outcomes)
  }

  /** The pattern between two classes; undefined where there is no pair of ends. */
  between(from: EndClass, to: EndClass): number | undefined {
    const pairs = pairsOf(from, to)
    const families = FAMILIES.filter((family) => from.atoms[family] !== undefined && to.atoms[family] !== undefined)
    if (pairs.length === 0 || families.length === 0) return undefined
    const asked = families.map((family) => ({
      family,
      said: pairs.map((pair) => this.policy.of(from, to, pair, family)),
    }))
    const isWalked = this.isSent && (from.isEdited || to.isEdited)
    // Where policy says the same, and packets go the same ways, all is the same.
    const own = isWalked ? `${keyOf(from)} ${keyOf(to)}` : ''
    const said = asked.map((one) => `${one.family}:${one.said.join(',')}`).join(' ')
    return keptIn(this.known, `${from.path}>${to.path} ${pairs.map(({ when }) => when).join()} ${said} ${own}`, () =>
      this.pattern(
        merged(
          asked.map((one) => ({ family: one.family, flows: this.ofFamily(from, to, pairs, one.family, one.said) })),
        ),
      ),
    )
  }

  /** The number of a pattern. */
  pattern(flows: ReachPattern): number {
    const key = flows
      .map(({ headers: h, outcome }) => `${h.family ?? ''}${h.protocol}/${h.low}-${h.high}=${outcome}`)
      .join(' ')
    return keptIn(this.patternIds, key, () => this.patterns.push(flows) - 1)
  }

  private ofFamily(
    from: EndClass,
    to: EndClass,
    pairs: readonly Pair[],
    family: Family,
    said: readonly number[],
  ): Spans {
    const isWalked = this.isSent && (from.isEdited || to.isEdited)
    const all = pairs.map((pair, i) => {
      const spans = this.world.table.all[said[i] as number] as Spans
      return spans.map((span) => ({ ...span, value: this.outcome(from, to, pair, family, span, isWalked) }))
    })
    const [first = [], second] = all
    if (second === undefined) return first
    return joined(first, second, (a, b) =>
      this.outcomes.over('node pair', [
        { when: pairs[0]?.when ?? '', outcome: a },
        { when: pairs[1]?.when ?? '', outcome: b },
      ]),
    )
  }

  /** The outcome of a class of headers: what policy says, or what packets meet. */
  private outcome(
    from: EndClass,
    to: EndClass,
    pair: Pair,
    family: Family,
    { protocol, low, high, value }: Spans[number],
    isWalked: boolean,
  ): number {
    if (!isWalked && value !== ALLOWED)
      return this.decided(value, () => this.way(from, to, pair, family, protocol, low, high))
    return this.way(from, to, pair, family, protocol, low, high, isWalked)
  }

  /** A decision as outcome. @param way - what packets meet that are let through */
  decided(decision: number, way: () => number): number {
    const { verdict, why, by, partly, parts } = this.world.decisions.all[decision] ?? {
      verdict: 'allowed',
      why: '',
      by: [],
    }
    if (verdict === 'allowed') return way()
    if (partly !== undefined && parts !== undefined) {
      return this.outcomes.over(
        partly,
        parts.map(({ when, decision: one }) => ({ when, outcome: this.decided(one, way) })),
      )
    }
    return keptIn(this.told, decision, () =>
      this.outcomes.of({
        verdict,
        why,
        ...(by.length === 0 ? {} : { by }),
        how: 'computed',
        certainty: verdict === 'undecided' ? 'undecided' : 'certain',
        from: 'objects',
      }),
    )
  }

  /** What packets meet from one end to another. Each way is walked once. */
  private way(
    from: EndClass,
    to: EndClass,
    pair: Pair,
    family: Family,
    protocol: number,
    low: number,
    high: number,
    isEach = false,
  ): number {
    if (!this.isSent) return this.outcomes.of(NOT_ASKED)
    const sort = sortOf(protocol)
    const door =
      pair.to.name.startsWith('node/') &&
      doorsOf(this.world.cluster, pair.to).some(([one, port]) => one === protocol && low <= port && port <= high)
    const point = pointOf(protocol, low, high)
    const each = isEach ? `${keyOf(from)} ${keyOf(to)} ${point}` : door ? `${point}` : ''
    const key = `${from.path} > ${to.path} ${pair.when} ${family} ${sort} ${each}`
    return keptIn(this.ways, key, () => this.walked(from, to, pair, family, sort, point))
  }

  /** What packets meet that ask a port of a Service and are led to one of its endpoints. */
  serviceWay(
    from: EndClass,
    asking: Member,
    port: {
      readonly service: Member
      readonly family: Family
      readonly protocol: 'tcp' | 'udp' | 'sctp'
      readonly port: number
    },
    lead: { readonly name: string },
    sort: string,
  ): number {
    const { service, family } = port
    if (!this.isSent) return this.outcomes.of(NOT_ASKED)
    const protocol = port.protocol === 'tcp' ? TCP : UDP
    return keptIn(this.ways, `${from.path} > ${port.protocol} ${family} ${sort}`, () => {
      const first = FAMILIES.find((one) => asking.addresses[one] !== undefined && service.addresses[one] !== undefined)
      const to = first === family ? service.name : (service.addresses[family] as Ip)
      const { other } = this.world.universe[family]
      const from = asking.netns as string
      return this.walks.walk({
        from,
        to,
        family,
        protocol,
        other,
        point: port.port,
        mtu: asking.mtu,
        backend: lead.name,
      })
    })
  }

  /** What packets meet that ask a Service from outside, at an address that it has there. */
  outsideWay(from: EndClass, { address, family, protocol: word, port }: ServicePortAsked): number {
    if (!this.isSent) return this.outcomes.of(NOT_ASKED)
    const [start, source] = [this.outside, from.atoms[family]?.address]
    if (start === undefined || source === undefined) return this.outcomes.of(NOT_WALKED)
    if (isOwn(this.world.lab, start, address)) return this.outcomes.of(NO_WAY_IN)
    const protocol = word === 'tcp' ? TCP : UDP
    const { other } = this.world.universe[family]
    const mtu = from.members[0]?.mtu ?? 0
    return keptIn(this.ways, `${from.path} > ${address} ${port}/${word}`, () =>
      this.walks.walk({ from: start, source, to: address, family, protocol, other, point: port, mtu }),
    )
  }

  /** Something that no packet is needed for to see it is broken. */
  broken(why: string, code: FindingCode): number {
    return this.outcomes.of({ verdict: 'broken', why, code, how: 'computed', certainty: 'certain', from: 'objects' })
  }

  private walked(from: EndClass, to: EndClass, pair: Pair, family: Family, sort: number, point: number): number {
    const start = from.kind === 'outside' ? this.outside : pair.from.netns
    const address = to.kind === 'outside' ? to.atoms[family]?.address : addressOf(pair, family)
    if (start === undefined || address === undefined || (to.kind === 'outside' && this.outside === undefined)) {
      return this.outcomes.of(NOT_WALKED)
    }
    const source = from.kind === 'outside' ? from.atoms[family]?.address : undefined
    if (source !== undefined && !isOwn(this.world.lab, start, source)) return this.outcomes.of(NOBODY_THERE)
    const own = pair.to.addresses[family]
    if (from.kind === 'outside' && own !== undefined && isOwn(this.world.lab, start, own))
      return this.outcomes.of(NO_WAY_IN)
    const outcome = this.walks.walk({
      from: start,
      ...(source === undefined ? {} : { source }),
      to: address,
      family,
      protocol: sort,
      other: this.world.universe[family].other,
      point,
      mtu: pair.from.mtu,
    })
    return outcome
  }
}

/** Nobody outside knows a way to pods, unless somebody tells routers. */
const NO_WAY_IN: ReachOutcome = {
  verdict: 'denied',
  why: 'outside knows no way to this address',
  by: ['the network outside, which knows no way to this address'],
  code: 'route_missing',
  where: 'internet',
  how: 'walked',
  certainty: 'assumed',
  from: 'objects',
  notes: ['the network outside is as the underlay says, or as it is assumed without one'],
}

/** Policy lets it through, and no packet was to be sent. */
const NOT_ASKED: ReachOutcome = { verdict: 'allowed', why: '', how: 'computed', certainty: 'certain', from: 'objects' }

/** Policy lets it through, and nothing shows what packets meet. */
const NOT_WALKED: ReachOutcome = {
  verdict: 'allowed',
  why: '',
  how: 'computed',
  certainty: 'assumed',
  from: 'objects',
  notes: ['no router of the underlay leads outside: only policy was asked'],
}

/** Policy lets it through, and nobody can send it: the range is one of a network of nodes, none of which has an address of it. */
const NOBODY_THERE: ReachOutcome = {
  ...NOT_WALKED,
  notes: ['no machine of the input has an address of this range: only policy was asked'],
}

/** SCTP is not sent: its way is that of UDP. That of packets in packets is that of any other protocol. So is that of messages but the echo that of the echo. */
function sortOf(protocol: number): number {
  if (protocol === IPIP) return OTHER
  return protocol === SCTP ? UDP : protocol
}

/** A header of an interval that is asked as a sample. */
function pointOf(protocol: number, low: number, high: number): number {
  if (hasTypes(protocol)) return 0
  if (!hasPorts(protocol)) return 0
  const usual = protocol === TCP ? [80, 443, 8080] : [53, 8125]
  return usual.find((one) => low <= one && one <= high) ?? low
}

/** Whom to ask: by name where the name leads to this family. */
function addressOf({ from, to }: Pair, family: Family): string | undefined {
  const first = FAMILIES.find((one) => from.addresses[one] !== undefined && to.addresses[one] !== undefined)
  if (first === family && to.netns !== undefined) return to.name
  return to.addresses[family] as Ip | undefined
}

/** Flows of both families; what is the same in both is told once. */
function merged(all: readonly { readonly family: Family; readonly flows: Spans }[]): ReachFlow[] {
  const [first, second] = all
  if (first === undefined) return []
  if (second === undefined) return first.flows.map((span) => flowOf(span))
  const protocols = [...new Set([...first.flows, ...second.flows].map(({ protocol }) => protocol))]
  return protocols.flatMap((protocol) => {
    const [four, six] = [
      first.flows.filter((one) => one.protocol === protocol),
      second.flows.filter((one) => one.protocol === protocol),
    ]
    const isSame =
      four.length === six.length && four.every(({ low, value }, i) => six[i]?.low === low && six[i]?.value === value)
    if (four.length === 0 || isSame) return six.map((span) => flowOf(span))
    if (six.length === 0) return four.map((span) => flowOf(span))
    return [...four.map((span) => flowOf(span, 4)), ...six.map((span) => flowOf(span, 6))]
  })
}

function flowOf({ protocol, low, high, value }: Spans[number], family?: Family): ReachFlow {
  const headers = { protocol: protocolWord(protocol), low, high, ...(family === undefined ? {} : { family }) }
  return { headers, outcome: value }
}
