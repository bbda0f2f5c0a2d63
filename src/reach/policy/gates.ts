import {
  type EndpointAnswer,
  judgeEndpoint,
  type Policy,
  type PolicyBook,
  type PolicyPacket,
  type PolicyRule,
  type Profile,
  type SetId,
  type TierPolicies,
} from '../../control/index.ts'
import { policyTitle, reasonOf } from '../../lab/index.ts'
import { keptIn, type PolicyDirection } from '../../model/index.ts'
import { type Family, familyOf, type Ip, type Prefix } from '../../wire/index.ts'
import type { Atom } from './address-atoms.ts'
import { ALLOWED, type Decisions } from './decisions.ts'
import { Cuts, hasPorts, hasTypes, OTHER, type SpansTable, spansBy } from './spans.ts'

/** The policies of endpoints, by which those of one list are alike. */
export interface Gate {
  /** Number. */
  readonly id: number
  /** Into the endpoint or out of it. */
  readonly direction: PolicyDirection
  /** Tiers in order. */
  readonly tiers: readonly TierPolicies[]
  /** Profiles in order. */
  readonly profiles: readonly Profile[]
  /** All rules that may be asked. */
  readonly rules: readonly PolicyRule[]
  /** Names of ranges and sets that they ask. */
  readonly asks: readonly string[]
}

/** One end of a packet. */
export interface GateSide {
  /** An address. */
  readonly address: Ip
  /** Its atom. */
  readonly atom: Atom
}

/** Ports that clients send from. @linux net.ipv4.ip_local_port_range */
const CLIENT_PORTS = { low: 32_768, high: 60_999 }

/** What gates say, over all headers at once. */
export class Gates {
  private readonly book: PolicyBook
  private readonly table: SpansTable
  private readonly decisions: Decisions
  private readonly gates = new Map<string, Gate>()
  private readonly lists = new Map<string, Gate>()
  private readonly objects = new Map<object, number>()
  private readonly views = new Map<Gate, Views>()
  /** Verdicts that were calculated. */
  verdicts = 0

  constructor(book: PolicyBook, table: SpansTable, decisions: Decisions) {
    this.book = book
    this.table = table
    this.decisions = decisions
  }

  /** The gate of some policies; the same for the same in this direction, whatever the other has. */
  of(direction: PolicyDirection, tiers: readonly TierPolicies[], profiles: readonly Profile[]): Gate {
    return keptIn(this.lists, `${direction} ${this.numbersOf(tiers, profiles)}`, () => {
      const numbers = (all: readonly object[]): string => all.map((one) => this.numberOf(one)).join(',')
      const own = tiers.filter((tier) => tier[direction].length > 0)
      const asked = own.map((tier) => `${this.numberOf(tier.tier)}:${numbers(tier[direction])}`)
      const key = `${direction} ${asked.join(';')} ${numbers(profiles)}`
      return keptIn(this.gates, key, () => this.gate(direction, tiers, profiles))
    })
  }

  /** Numbers of two lists: the same for the same lists. */
  numbersOf(tiers: readonly TierPolicies[], profiles: readonly Profile[]): string {
    return `${this.numberOf(tiers)} ${this.numberOf(profiles)}`
  }

  private numberOf(one: object): number {
    return keptIn(this.objects, one, () => this.objects.size)
  }

  private gate(direction: PolicyDirection, tiers: readonly TierPolicies[], profiles: readonly Profile[]): Gate {
    const rules = [
      ...tiers.flatMap((tier) => tier[direction].flatMap((policy) => policy[direction])),
      ...profiles.flatMap((profile) => profile[direction]),
    ]
    const asks = [...new Set(rules.flatMap((rule) => [...setsOf(rule), ...netsOf(rule)]))]
    const gate: Gate = { id: this.gates.size, direction, tiers, profiles, rules, asks }
    this.views.set(gate, { byAtom: [], ids: new Map(), answers: new Map() })
    return gate
  }

  /** All gates there are. */
  get all(): Iterable<Gate> {
    return this.gates.values()
  }

  /** What a gate says of all headers between two addresses, as the number of spans. */
  answer(gate: Gate, source: GateSide, destination: GateSide, universe: Universe): number {
    const views = this.views.get(gate) as Views
    const key = viewOf(gate, views, source.atom) * MANY + viewOf(gate, views, destination.atom)
    const known = views.answers.get(key)
    if (known !== undefined) return known
    const answer = this.answered(gate, source, destination, universe)
    views.answers.set(key, answer)
    return answer
  }

  private answered(gate: Gate, source: GateSide, destination: GateSide, universe: Universe): number {
    const cuts = new Cuts()
    for (const rule of gate.rules) cutBy(cuts, rule, destination.atom)
    const spans = spansBy(universe.protocols, cuts, (protocol, low) =>
      this.overSourcePorts(gate, source, destination, universe, protocol, low),
    )
    return this.table.of(spans)
  }

  private overSourcePorts(
    gate: Gate,
    { address: source }: GateSide,
    { address: destination }: GateSide,
    { family, other, sourcePorts }: Universe,
    protocol: number,
    point: number,
  ): number {
    const ports = hasPorts(protocol) ? sourcePorts : sourcePorts.slice(0, 1)
    const cases = ports.map(([low, high]) => {
      const packet = packetOf({ source, destination, protocol: protocol === OTHER ? other : protocol }, point, low)
      return { when: `source port ${low}-${high}`, decision: this.judged(gate, packet, family) }
    })
    return this.decisions.over('source port', cases)
  }

  private judged(gate: Gate, packet: PolicyPacket, family: Family): number {
    this.verdicts += 1
    const { tiers, profiles, direction } = gate
    const answer = judgeEndpoint({ tiers, profiles, direction }, packet, (id) => this.book.set(id, family))
    if (answer.verdict !== 'deny') return ALLOWED
    const why = reasonOf(answer, 'normal', direction)
    return this.decisions.of({ verdict: 'denied', why, by: deciders(answer) })
  }
}

/** What tells headers apart besides the rules of a gate. */
export interface Universe {
  /** Family. */
  readonly family: Family
  /** Numbers of protocols that anybody asks for, and `OTHER`. */
  readonly protocols: readonly number[]
  /** A protocol nobody asks for. */
  readonly other: number
  /** Ports that clients send from, as rules tell them apart. */
  readonly sourcePorts: readonly (readonly [number, number])[]
}

/** A packet of a class. */
function packetOf(
  ends: Pick<PolicyPacket, 'source' | 'destination' | 'protocol'>,
  point: number,
  sourcePort: number,
): PolicyPacket {
  if (hasPorts(ends.protocol)) return { ...ends, sourcePort, destinationPort: point }
  return hasTypes(ends.protocol) ? { ...ends, icmp: { type: point >> 8, code: point & 255 } } : ends
}

/** Intervals of ports that clients send from. */
export function sourcePortsOf(rules: Iterable<PolicyRule>): Universe['sourcePorts'] {
  const { low: first, high: last } = CLIENT_PORTS
  const starts = new Set([first])
  for (const { source } of rules) {
    for (const { low, high } of [...source.ports, ...source.notPorts]) {
      for (const start of [low, high + 1]) if (start > first && start <= last) starts.add(start)
    }
  }
  const sorted = [...starts].sort((a, b) => a - b)
  return sorted.map((low, i) => [low, (sorted[i + 1] ?? last + 1) - 1])
}

/** Sets that a rule asks. */
export function setsOf({ source, destination }: PolicyRule): SetId[] {
  return [source, destination].flatMap((side) => [
    ...side.sets,
    ...side.notSets,
    ...side.namedPorts,
    ...side.notNamedPorts,
    ...side.ipPortSets,
  ])
}

/** Ranges that a rule asks. */
export function netsOf({ source, destination }: PolicyRule): Prefix[] {
  return [source, destination].flatMap((side) => [...side.nets, ...side.notNets])
}

/** Cuts headers where a rule tells them apart. @param destination - where its names of ports are looked for */
export function cutBy(cuts: Cuts, rule: PolicyRule, destination: Atom): void {
  const { ports, notPorts, namedPorts, notNamedPorts, ipPortSets } = rule.destination
  for (const { low, high } of [...ports, ...notPorts]) cuts.add(rule.protocol?.number, low, high)
  for (const id of [...namedPorts, ...notNamedPorts, ...ipPortSets]) {
    for (const [, port] of destination.tokens.get(id)?.matchAll(/:(\d+)/g) ?? []) {
      cuts.add(undefined, Number(port), Number(port))
    }
  }
  for (const icmp of [rule.icmp, rule.notIcmp]) {
    if (icmp === undefined) continue
    const [low, high] = [icmp.type * 256 + (icmp.code ?? 0), icmp.type * 256 + (icmp.code ?? 255)]
    for (const protocol of [1, 58]) cuts.add(protocol, low, high)
  }
}

/** What a gate said already: of addresses by how they look to it. */
interface Views {
  /** How atoms look, by their numbers. */
  readonly byAtom: (number | undefined)[]
  readonly ids: Map<string, number>
  /** Numbers of spans by how both ends look. */
  readonly answers: Map<number, number>
}

/** More than any number of atoms. */
const MANY = 2 ** 24

/** How an address looks to a gate: the same number where none of its rules tells two apart. */
function viewOf(gate: Gate, { byAtom, ids }: Views, atom: Atom): number {
  const known = byAtom[atom.id]
  if (known !== undefined) return known
  const view = keptIn(ids, asked(gate, atom), () => ids.size)
  byAtom[atom.id] = view
  return view
}

/** What a gate sees of an address. */
function asked({ asks }: Gate, { tokens, address }: Atom): string {
  let told = `${familyOf(address)} `
  for (let i = 0; i < asks.length; i++) {
    const token = tokens.get(asks[i] as string)
    if (token !== undefined) told += token === '' ? `${i},` : `${i}=${token},`
  }
  return told
}

function deciders({ tiers, profile }: EndpointAnswer): string[] {
  const last = tiers.at(-1)
  if (last === undefined || last.end !== 'Deny') return profile === undefined ? [] : [`Profile ${profile.profile.name}`]
  const enforced = last.answers.filter(({ policy }) => !policy.staged)
  const one = last.atEnd ? undefined : enforced.find(({ answer }) => answer === 'Deny')
  return (one === undefined ? enforced : [one]).map(({ policy }: { readonly policy: Policy }) =>
    policyTitle(policy.ref),
  )
}
