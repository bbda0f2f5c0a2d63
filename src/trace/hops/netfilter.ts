import type { CtRef, IptRule, NatRef, RuleHitRef } from '../../model/index.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ConntrackHop, HookHop, HookName, NatHop, RuleHop } from '../hop.ts'
import type { HopReader, RecordRow } from '../reader.ts'
import { place } from './routing.ts'

const HOOKS: readonly HookName[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

/** A netfilter rule or policy that matched. */
export function ruleHop(reader: HopReader, row: RecordRow): RuleHop {
  const ref = row.ref as RuleHitRef
  const isPolicy = ref.text.startsWith('policy ')
  reader.marks.set(row.packet, row.c)
  const where = `${ref.table} ${ref.chain}`
  return {
    kind: 'rule',
    ...place(row),
    reason: isPolicy ? `no rule of ${where} decided: ${ref.text}` : `${where} rule ${row.b} matches: ${ruleWords(ref)}`,
    facts: ruleFacts(row, ref),
    hook: HOOKS[row.a] ?? 'PREROUTING',
    family: ref.family,
    table: ref.table,
    chain: ref.chain,
    position: isPolicy ? 0 : row.b,
    text: ref.text,
    target: isPolicy ? ref.text.slice('policy '.length) : (/ -[jg] (\S+)/.exec(ref.text)?.[1] ?? ''),
    mark: row.c,
  }
}

/** A rule without the words that name its chain. */
function ruleWords(ref: RuleHitRef): string {
  const start = `-A ${ref.chain} `
  return ref.text.startsWith(start) ? ref.text.slice(start.length) : ref.text
}

function ruleFacts(row: RecordRow, ref: RuleHitRef): Fact[] {
  const rule = ref.rule as IptRule | undefined
  return [factOf('netfilter-rule', row.netns, `${ref.table}: ${ref.text}`, rule?.origin)]
}

/** The end of a hook, or of one table's part in it. */
export function hookHop(row: RecordRow): HookHop {
  const hook = HOOKS[row.a] ?? 'PREROUTING'
  const verdict = row.b === 0 ? 'drop' : row.b === 1 ? 'accept' : 'stolen'
  const table = typeof row.ref === 'string' ? row.ref : ''
  const reason = `${table === '' ? '' : `${table} `}${hook}: ${verdict}`
  return { kind: 'hook', ...place(row), reason, facts: [], hook, table, verdict }
}

/** What connection tracking knows of the packet. */
export function conntrackHop(row: RecordRow): ConntrackHop {
  const ref = row.ref as CtRef
  const isNew = row.b === 1
  return {
    kind: 'conntrack',
    ...place(row),
    reason: `${isNew ? 'new connection' : `connection is ${ref.state}`}: ${ref.original}`,
    facts: [],
    state: ref.state,
    isNew,
    original: ref.original,
    reply: ref.reply,
  }
}

/** NAT rewrote the packet. */
export function natHop(row: RecordRow): NatHop {
  const ref = row.ref as NatRef
  const side = row.a === 0 ? 'source' : 'destination'
  const reason = `NAT: ${side} ${ref.from} becomes ${ref.to}`
  return { kind: 'nat', ...place(row), reason, facts: [], side, from: ref.from, to: ref.to }
}
