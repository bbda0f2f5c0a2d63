import { iptablesRuleText } from '../../linux/index.ts'
import { type EventOf, keptIn, lateMembers, type RuleHit, type TableName, type Target } from '../../model/index.ts'
import { endText } from '../end-text.ts'
import type { Fact } from '../fact.ts'
import type { ConntrackHop, HookHop, Hop, NatHop, RuleHop } from '../hop.ts'
import { type Growing, headOf, place } from '../reader.ts'

/**
 * A rule or policy that matched, as it is read: most rules are only passed, and a trace holds hundreds, so their words are members of
 * the class. {@link spelledOut} makes plain data of it.
 */
class RuleStep implements Omit<RuleHop, 'meaning'> {
  readonly kind = 'rule'
  readonly time: number
  readonly netns: string
  readonly dev: string
  readonly packet: number
  readonly hook: RuleHop['hook']
  readonly position: number
  readonly mark: number
  readonly hit: RuleHit

  constructor({ time, netns, dev, packet, hook, position, mark, hit }: EventOf<'rule'>) {
    this.time = time
    this.netns = netns
    this.dev = dev
    this.packet = packet
    this.hook = hook
    this.position = position
    this.mark = mark
    this.hit = hit
  }

  get reason(): string {
    return reasonOf(this)
  }

  get facts(): readonly Fact[] {
    return factsOf(this)
  }

  get family(): RuleHop['family'] {
    return this.hit.family
  }

  get table(): TableName {
    return this.hit.table
  }

  get chain(): string {
    return this.hit.chain
  }

  get text(): string {
    return textOf(this.hit)
  }

  get target(): string {
    const { rule, policy, family } = this.hit
    if (rule === undefined) return policy ?? ''
    return rule.target === undefined ? '' : targetName(rule.target, family)
  }

  get meaning(): NonNullable<RuleHop['meaning']> | undefined {
    return this.hit.rule?.meaning
  }
}

const giveReason = lateMembers<RuleStep>({ reason: reasonOf, facts: factsOf })
const giveText = lateMembers<RuleStep>({ text: ({ text }) => text })

/** A netfilter rule or policy that matched. */
export function ruleHop(event: EventOf<'rule'>): RuleHop {
  return new RuleStep(event) as RuleHop
}

/** A hop as plain data, words of rules made when they are read. */
export function spelledOut(step: Hop): Hop {
  if (!(step instanceof RuleStep)) return step
  const hop: Growing<RuleHop> = headOf('rule', step)
  giveReason(hop, step)
  hop.hook = step.hook
  hop.family = step.family
  hop.table = step.table
  hop.chain = step.chain
  hop.position = step.position
  giveText(hop, step)
  hop.target = step.target
  hop.mark = step.mark
  const { meaning } = step
  if (meaning !== undefined) hop.meaning = meaning
  return hop as RuleHop
}

const giveFactText = lateMembers<RuleHit>({ text: (hit) => `${hit.table}: ${textOf(hit)}` })

/** Where a rule comes from is asked for more often than its words. */
function factsOf({ netns, hit }: RuleStep): readonly Fact[] {
  const fact: Growing<Fact> = { kind: 'netfilter-rule', netns }
  giveFactText(fact, hit)
  const origin = hit.rule?.origin
  if (origin !== undefined) fact.origin = origin
  return [fact as Fact]
}

function reasonOf({ hit, position }: RuleStep): string {
  const { table, chain, rule } = hit
  const where = `${table} ${chain}`
  const text = textOf(hit)
  if (rule === undefined) return `no rule of ${where} decided: ${text}`
  return `${where} rule ${position} matches: ${text.slice(`-A ${chain} `.length) || text}`
}

/** Rules that matched are told alike again and again: each is put into words once. */
const texts = new WeakMap<RuleHit, string>()

/** The rule as `iptables-save` prints it, or the policy. */
function textOf(hit: RuleHit): string {
  const { chain, family, rule, policy } = hit
  return rule === undefined ? `policy ${policy}` : keptIn(texts, hit, () => iptablesRuleText(chain, rule, family))
}

/** The word behind `-j` or `-g`. */
function targetName(target: Target, family: RuleHit['family']): string {
  switch (target.kind) {
    case 'jump':
    case 'goto':
      return target.chain
    case 'unsupported':
      return target.name
    case 'TTL':
      return family === 'inet' ? 'TTL' : 'HL'
    default:
      return target.kind
  }
}

/** The end of a table's part in a hook. */
export function hookHop(event: EventOf<'hook-end'>): HookHop {
  const { hook, table, verdict, unmodelled } = event
  const hop: Growing<HookHop> = headOf('hook', event)
  hop.facts = []
  hop.hook = hook
  hop.table = table
  hop.verdict = verdict
  hop.reason = `${table} ${hook}: ${verdict}`
  if (unmodelled !== undefined) {
    hop.reason += `, because ${unmodelled} is not modelled`
    hop.unmodelled = unmodelled
  }
  return hop as HookHop
}

/** What connection tracking knows of the packet. */
export function conntrackHop(event: EventOf<'conntrack'>): ConntrackHop {
  const { isNew, connection } = event
  const { state, original, reply } = connection
  return {
    kind: 'conntrack',
    ...place(event),
    reason: `${isNew ? 'new connection' : `connection is ${state}`}: ${original}`,
    facts: [],
    state,
    isNew,
    original,
    reply,
  }
}

/** NAT rewrote the packet. */
export function natHop(event: EventOf<'nat'>): NatHop {
  const { side, to: after } = event
  const [from, to] = [endText(event.from), endText(after)]
  return {
    kind: 'nat',
    ...place(event),
    reason: `NAT: ${side} ${from} becomes ${to}`,
    facts: [],
    side,
    from,
    to,
    after,
  }
}
