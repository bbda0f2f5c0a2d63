import type { IptRule, Ruleset } from '../../model/index.ts'

/**
 * Whether a rule makes the kernel track connections in its namespace: it looks at them, changes them, or translates addresses. A nat
 * table without such a rule tracks nothing, and so translates nothing.
 * @linux net/netfilter/nf_conntrack_proto.c nf_ct_netns_get
 */
function needsConntrack(rule: IptRule): boolean {
  for (const m of rule.matches) if (m.kind === 'conntrack' || m.kind === 'connmark') return true
  switch (rule.target?.kind) {
    case 'CONNMARK':
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
    case 'NETMAP':
      return true
    case 'CT':
      return !rule.target.notrack
    default:
      return false
  }
}

/** Whether any rule of a ruleset needs connections tracked. */
export function rulesetTracks(ruleset: Ruleset): boolean {
  for (const table of Object.values(ruleset.tables)) {
    for (const chain of Object.values(table.chains)) if (chain.rules.some(needsConntrack)) return true
  }
  return false
}
