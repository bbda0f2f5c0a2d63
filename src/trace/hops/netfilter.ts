import { iptablesRuleText } from '../../linux/index.ts'
import { type EventOf, keptIn, lateMembers, type RuleHit, type TableName, type Target } from '../../model/index.ts'
import { endText } from '../end-text.ts'
import type { Fact } from '../fact.ts'
import type { ConntrackHop, HookHop, NatHop, RuleHop } from '../hop.ts'
import { type Growing, headOf, place } from '../reader.ts'
import { late, type Shape, Step, shapeOf } from '../step.ts'

const SHAPE = shapeOf(
  late('reason'),
  late('facts'),
  'hook',
  'family',
  'table',
  'chain',
  'position',
  late('text'),
  'target',
  'mark',
  'meaning',
)

/** A netfilter rule or policy that matched. */
export class RuleStep extends Step implements Omit<RuleHop, 'meaning'> {
  declare readonly kind: 'rule'
  declare readonly hook: RuleHop['hook']
  declare readonly position: number
  declare readonly mark: number
  declare readonly hit: RuleHit

  constructor(event: EventOf<'rule'>) {
    super(event)
    this.kind = 'rule'
    this.hook = event.hook
    this.position = event.position
    this.mark = event.mark
    this.hit = event.hit
  }

  get shape(): Shape {
    return SHAPE
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
