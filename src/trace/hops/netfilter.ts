import { iptablesRuleText } from '../../linux/index.ts'
import { type EventOf, keptIn, lateMembers, type RuleHit, type Target } from '../../model/index.ts'
import { endText } from '../end-text.ts'
import type { Fact } from '../fact.ts'
import type { ConntrackHop, HookHop, NatHop, RuleHop } from '../hop.ts'
import { type Growing, type HopReader, headOf, place } from '../reader.ts'

/** What a rule's hop is told from: most rules are only passed. */
interface RuleWords {
  readonly netns: string
  readonly hit: RuleHit
  readonly position: number
}

const giveReason = lateMembers<RuleWords>({ reason: reasonOf, facts: factsOf })
const giveText = lateMembers<RuleWords>({ text: ({ hit }) => textOf(hit) })

/** A netfilter rule or policy that matched. */
export function ruleHop(reader: HopReader, event: EventOf<'rule'>): RuleHop {
  const { hit, hook, position, mark, netns } = event
  const { family, table, chain, rule, policy } = hit
  const words = { netns, hit, position }
  reader.marks.set(event.packet, mark)
  const hop: Growing<RuleHop> = headOf('rule', event)
  giveReason(hop, words)
  hop.hook = hook
  hop.family = family
  hop.table = table
  hop.chain = chain
  hop.position = position
  giveText(hop, words)
  hop.target = rule === undefined ? (policy ?? '') : rule.target === undefined ? '' : targetName(rule.target, family)
  hop.mark = mark
  if (rule?.meaning !== undefined) hop.meaning = rule.meaning
  return hop as RuleHop
}

const giveFactText = lateMembers<RuleHit>({ text: (hit) => `${hit.table}: ${textOf(hit)}` })

/** Where a rule comes from is asked for more often than its words. */
function factsOf({ netns, hit }: RuleWords): readonly Fact[] {
  const fact: Growing<Fact> = { kind: 'netfilter-rule', netns }
  giveFactText(fact, hit)
  const origin = hit.rule?.origin
  if (origin !== undefined) fact.origin = origin
  return [fact as Fact]
}

function reasonOf({ hit, position }: RuleWords): string {
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
