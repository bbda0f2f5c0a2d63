import { type IpSet, keptIn, type PolicyDirection, type PortRange } from '../../model/index.ts'
import { contains, familyOf, IP_PROTOCOL, type Ip, type Prefix, parsePrefix } from '../../wire/index.ts'
import type {
  IcmpMatch,
  Policy,
  PolicyBook,
  PolicyRule,
  Profile,
  ProtocolMatch,
  SetId,
  SideMatch,
  Tier,
  TierPolicies,
} from './model.ts'

/** What policy sees of a packet. */
export interface PolicyPacket {
  /** Source address. */
  readonly source: Ip
  /** Destination address. */
  readonly destination: Ip
  /** Number of the protocol. */
  readonly protocol: number
  /** Ports, of protocols that have them. */
  readonly sourcePort?: number
  /** Destination port. */
  readonly destinationPort?: number
  /** Type and code, of ICMP. */
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** What one policy, or the profile at the end, says of a packet. */
export interface PolicyAnswer {
  /** The policy. */
  readonly policy: Policy
  /** What the rule that matches does; staged: what it would do; `none`: no rule matches. */
  readonly answer: 'Allow' | 'Deny' | 'Pass' | 'none'
  /** The rule. */
  readonly rule?: PolicyRule
}

/** What a tier says: answers in order, up to the one that decides. */
export interface TierAnswer {
  /** The tier. */
  readonly tier: Tier
  /** Policies that were asked. */
  readonly answers: readonly PolicyAnswer[]
  /** How it ends: by a rule, or at its end by its default action; tiers with staged policies only pass. */
  readonly end: 'Allow' | 'Deny' | 'Pass'
  /** Whether none of its rules decided. */
  readonly atEnd: boolean
}

/** What an endpoint says of a packet. */
export interface EndpointAnswer {
  /** Verdict. `none`: nobody decided, as it may be for stages without an end of their own. */
  readonly verdict: 'allow' | 'deny' | 'none'
  /** Tiers that were asked, in order. */
  readonly tiers: readonly TierAnswer[]
  /** The profile whose rule decided. */
  readonly profile?: { readonly profile: Profile; readonly rule: PolicyRule }
}

/** Members of a set by address, and its ranges. */
interface Members {
  readonly words: ReadonlySet<string>
  readonly ranges: readonly Prefix[]
}

const read = new WeakMap<IpSet, Members>()

/** A set's members for asking: addresses by their text, ranges one by one. */
function membersOf(set: IpSet): Members {
  return keptIn(read, set, () => {
    const isHost = (member: string): boolean => !member.includes('/') || /\/(32|128)$/.test(member)
    const words = new Set(set.members.map((member) => member.replace(/\/(32|128)$/, '')))
    const ranges = set.type === 'hash:net' ? set.members.filter((member) => !isHost(member)) : []
    return { words, ranges: ranges.flatMap((range) => parsePrefix(range) ?? []) }
  })
}

const NAMES: Readonly<Record<number, string>> = {
  [IP_PROTOCOL.TCP]: 'tcp',
  [IP_PROTOCOL.UDP]: 'udp',
  [IP_PROTOCOL.SCTP]: 'sctp',
}

/** One side of a packet. */
interface Side {
  readonly address: Ip
  readonly port: number | undefined
}

/** The questions of a rule about one packet. */
class Question {
  private readonly packet: PolicyPacket
  private readonly setOf: PolicyBook['set']
  private readonly family

  constructor(packet: PolicyPacket, setOf: PolicyBook['set']) {
    this.packet = packet
    this.setOf = setOf
    this.family = familyOf(packet.destination)
  }

  /** Whether everything that a rule asks holds. */
  matches(rule: PolicyRule): boolean {
    const { source, destination, sourcePort, destinationPort } = this.packet
    if (rule.ipVersion !== undefined && rule.ipVersion !== this.family) return false
    if (!this.isOf(rule.protocol, true) || !this.isOf(rule.notProtocol, false)) return false
    if (rule.icmp !== undefined && !this.isMessage(rule.icmp)) return false
    if (rule.notIcmp !== undefined && this.isMessage(rule.notIcmp)) return false
    return (
      this.side(rule.source, { address: source, port: sourcePort }) &&
      this.side(rule.destination, { address: destination, port: destinationPort })
    )
  }

  private isOf(wanted: ProtocolMatch | undefined, is: boolean): boolean {
    return wanted === undefined || (wanted.number === this.packet.protocol) === is
  }

  private isMessage({ type, code }: IcmpMatch): boolean {
    const { icmp } = this.packet
    return icmp !== undefined && icmp.type === type && (code === undefined || icmp.code === code)
  }

  private side(match: SideMatch, side: Side): boolean {
    const { address } = side
    if (match.nets.length > 0 && !match.nets.some((net) => contains(net, address))) return false
    if (match.notNets.some((net) => contains(net, address))) return false
    if (!match.sets.every((id) => this.hasAddress(id, address))) return false
    if (match.notSets.some((id) => this.hasAddress(id, address))) return false
    const asksPorts = match.ports.length + match.namedPorts.length > 0
    if (asksPorts && !this.isPort(match.ports, match.namedPorts, side)) return false
    if (this.isPort(match.notPorts, match.notNamedPorts, side)) return false
    return match.ipPortSets.length === 0 || match.ipPortSets.some((id) => this.hasPort(id, side))
  }

  private isPort(ports: readonly PortRange[], named: readonly SetId[], side: Side): boolean {
    const { port } = side
    if (port !== undefined && ports.some(({ low, high }) => low <= port && port <= high)) return true
    return named.some((id) => this.hasPort(id, side))
  }

  private hasAddress(id: SetId, address: Ip): boolean {
    const { words, ranges } = membersOf(this.setOf(id, this.family))
    return words.has(address) || ranges.some((range) => contains(range, address))
  }

  /** Whether a set of addresses and ports has this one. */
  private hasPort(id: SetId, { address, port }: Side): boolean {
    const name = NAMES[this.packet.protocol]
    if (name === undefined || port === undefined) return false
    return membersOf(this.setOf(id, this.family)).words.has(`${address},${name}:${port}`)
  }
}

/** Whether a rule matches a packet. */
export function ruleMatches(rule: PolicyRule, packet: PolicyPacket, setOf: PolicyBook['set']): boolean {
  return new Question(packet, setOf).matches(rule)
}

/** The first of the rules that decides about a packet. */
function decisiveRule(rules: readonly PolicyRule[], question: Question): PolicyRule | undefined {
  return rules.find((rule) => rule.action !== 'Log' && question.matches(rule))
}

function answerOf(policy: Policy, direction: PolicyDirection, question: Question): PolicyAnswer {
  const rule = decisiveRule(policy[direction], question)
  if (rule === undefined) return { policy, answer: 'none' }
  return { policy, answer: rule.action as Exclude<PolicyRule['action'], 'Log'>, rule }
}

/** What a tier says; undefined when none of its policies is for this direction. */
function askTier(
  { tier, ...policies }: TierPolicies,
  direction: PolicyDirection,
  question: Question,
  hasEnd: boolean,
): TierAnswer | undefined {
  const own = policies[direction]
  if (own.length === 0) return undefined
  const answers: PolicyAnswer[] = []
  for (const policy of own) {
    const answer = answerOf(policy, direction, question)
    answers.push(answer)
    if (!policy.staged && answer.answer !== 'none') return { tier, answers, end: answer.answer, atEnd: false }
  }
  const isEnforced = hasEnd && own.some(({ staged }) => !staged)
  return { tier, answers, end: isEnforced ? tier.defaultAction : 'Pass', atEnd: true }
}

/** How an endpoint is asked. */
export interface EndpointQuestion {
  /** Tiers of the stage. */
  readonly tiers: readonly TierPolicies[]
  /** Profiles that are asked when no tier decides; absent: none is, and `none` is the verdict. */
  readonly profiles?: readonly Profile[]
  /** The way of the packet. */
  readonly direction: PolicyDirection
  /** Whether the end of a tier decides: not before address translation, and not before connection tracking. */
  readonly hasEnd?: boolean
}

/**
 * What the policies of an endpoint say of the first packet of a connection: tiers in order, in each its policies in order, in each its
 * rules in order; then profiles. It reads the model alone and asks no chain.
 *
 * @calico felix/rules/endpoints.go
 */
export function judgeEndpoint(
  { tiers, profiles, direction, hasEnd = true }: EndpointQuestion,
  packet: PolicyPacket,
  setOf: PolicyBook['set'],
): EndpointAnswer {
  const question = new Question(packet, setOf)
  const asked: TierAnswer[] = []
  for (const one of tiers) {
    const answer = askTier(one, direction, question, hasEnd)
    if (answer === undefined) continue
    asked.push(answer)
    if (answer.end !== 'Pass') return { verdict: answer.end === 'Allow' ? 'allow' : 'deny', tiers: asked }
  }
  if (profiles === undefined) return { verdict: 'none', tiers: asked }
  for (const profile of profiles) {
    const rule = decisiveRule(profile[direction], question)
    if (rule === undefined || rule.action === 'Pass') continue
    return { verdict: rule.action === 'Allow' ? 'allow' : 'deny', tiers: asked, profile: { profile, rule } }
  }
  return { verdict: 'deny', tiers: asked }
}
