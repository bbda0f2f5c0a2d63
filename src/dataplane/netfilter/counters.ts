import type { Netfilter } from './netfilter.ts'

/** A counter of a rule or a policy. */
export interface RuleCounter {
  /** Table. */
  readonly table: string
  /** Chain. */
  readonly chain: string
  /** The rule from `-A` on, or `:CHAIN POLICY`. */
  readonly text: string
  /** Packets. */
  readonly packets: number
  /** Bytes. */
  readonly bytes: number
}

/** All counters of a family in the order of `iptables-save`: per table the policies, then the rules. */
export function ruleCounters(nf: Netfilter, family: 'inet' | 'inet6'): RuleCounter[] {
  const out: RuleCounter[] = []
  for (const table of nf.tables(family).values()) {
    const rules: RuleCounter[] = []
    for (const { name: chain, chain: model, states } of table.counters()) {
      if (model.policy !== undefined) {
        const { packets, bytes } = states?.policy ?? { packets: 0, bytes: 0 }
        out.push({ table: table.name, chain, text: `:${chain} ${model.policy}`, packets, bytes })
      }
      for (const [i, rule] of model.rules.entries()) {
        const { packets, bytes } = states?.rules[i] ?? { packets: 0, bytes: 0 }
        rules.push({ table: table.name, chain, text: rule.text, packets, bytes })
      }
    }
    out.push(...rules)
  }
  return out
}

/**
 * What was hit between two readings, as the captures write it: `*table` lines, then `[packets:bytes] rule`. A rule that stood in
 * `before` is found again by table, text and its place among its equals; a counter that went back began anew.
 */
export function hitsBetween(before: readonly RuleCounter[], after: readonly RuleCounter[]): string {
  const old = new Map<string, RuleCounter[]>()
  for (const c of before) {
    const key = `${c.table} ${c.text}`
    const list = old.get(key)
    if (list === undefined) old.set(key, [c])
    else list.push(c)
  }
  const lines: string[] = []
  let table = ''
  for (const c of after) {
    const was = old.get(`${c.table} ${c.text}`)?.shift()
    const anew = was === undefined || was.packets > c.packets
    const packets = anew ? c.packets : c.packets - was.packets
    const bytes = anew ? c.bytes : c.bytes - was.bytes
    if (packets === 0) continue
    if (c.table !== table) {
      table = c.table
      lines.push(`*${table}`)
    }
    lines.push(`[${packets}:${bytes}] ${c.text}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
