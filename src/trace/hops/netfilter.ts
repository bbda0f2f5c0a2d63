import { iptablesRuleText } from '../../linux/index.ts'
import { type EventOf, lateMembers, once, type RuleHit, type Target } from '../../model/index.ts'
import { endText } from '../end-text.ts'
import type { Fact } from '../fact.ts'
import type { ConntrackHop, HookHop, NatHop, RuleHop } from '../hop.ts'
import { type HopReader, place } from '../reader.ts'

/** Words of a rule's hop, which are put together when somebody reads them: most rules are only passed. */
interface RuleWords {
  readonly hit: RuleHit
  readonly position: number
  readonly text: () => string
}

const giveReason = lateMembers<RuleWords>({ reason: reasonOf })
const giveText = lateMembers<RuleWords>({ text: ({ text }) => text() })
const giveFactText = lateMembers<RuleWords>({ text: ({ hit, text }) => `${hit.table}: ${text()}` })

/** A netfilter rule or policy that matched. */
export function ruleHop(reader: HopReader, event: EventOf<'rule'>): RuleHop {
  const { hit, hook, position, mark } = event
  const { family, table, chain, rule, policy } = hit
  const words = { hit, position, text: once(() => textOf(hit)) }
  reader.marks.set(event.packet, mark)
  // In the order of all hops: JSON shows it.
  const hop = { kind: 'rule', ...place(event) }
  giveReason(hop, words)
  Object.assign(hop, { facts: [ruleFact(event.netns, words)], hook, family, table, chain, position })
  giveText(hop, words)
  const target = rule === undefined ? (policy ?? '') : rule.target === undefined ? '' : targetName(rule.target, family)
  return Object.assign(hop, {
    target,
    mark,
    ...(rule?.meaning === undefined ? {} : { meaning: rule.meaning }),
  }) as RuleHop
}

function ruleFact(netns: string, words: RuleWords): Fact {
  const fact = { kind: 'netfilter-rule', netns }
  giveFactText(fact, words)
  const origin = words.hit.rule?.origin
  return (origin === undefined ? fact : Object.assign(fact, { origin })) as Fact
}

function reasonOf({ hit: { table, chain, rule }, position, text: words }: RuleWords): string {
  const where = `${table} ${chain}`
  const text = words()
  if (rule === undefined) return `no rule of ${where} decided: ${text}`
  return `${where} rule ${position} matches: ${text.slice(`-A ${chain} `.length) || text}`
}

/** The rule as `iptables-save` prints it, or the policy. */
function textOf({ chain, family, rule, policy }: RuleHit): string {
  return rule === undefined ? `policy ${policy}` : iptablesRuleText(chain, rule, family)
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
  const base = { kind: 'hook', ...place(event), facts: [], hook, table, verdict } as const
  const reason = `${table} ${hook}: ${verdict}`
  return unmodelled === undefined
    ? { ...base, reason }
    : { ...base, reason: `${reason}, because ${unmodelled} is not modelled`, unmodelled }
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
