import type { IptRule } from '../../model/index.ts'
import type { Netfilter } from './netfilter.ts'

/** A counter of a rule or a policy. */
export interface RuleCounter {
  /** Table. */
  readonly table: string
  /** Chain. */
  readonly chain: string
  /** The rule; absent: the chain's policy. */
  readonly rule?: IptRule
  /** The policy. */
  readonly policy?: 'ACCEPT' | 'DROP'
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
        out.push({ table: table.name, chain, policy: model.policy, packets, bytes })
      }
      for (const [i, rule] of model.rules.entries()) {
        const { packets, bytes } = states?.rules[i] ?? { packets: 0, bytes: 0 }
        rules.push({ table: table.name, chain, rule, packets, bytes })
      }
    }
    out.push(...rules)
  }
  return out
}
