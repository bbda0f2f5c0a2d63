import type { Chain, IptRule, Ruleset, Table } from '../../model/index.ts'

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

/**
 * Whether any rule of a ruleset needs connections tracked. The chains that packets come to are looked at first: most often one of the
 * first says yes, and chains that are made when they are read stay unmade.
 */
export function rulesetTracks(ruleset: Ruleset): boolean {
  const tables = Object.values(ruleset.tables)
  const seen = new Set<Chain>()
  const tracks = (table: Table, names: readonly string[]): boolean => {
    for (const name of names) {
      const chain = Object.hasOwn(table.chains, name) ? table.chains[name] : undefined
      if (chain === undefined || seen.has(chain)) continue
      seen.add(chain)
      if (chain.rules.some(needsConntrack)) return true
      if (tracks(table, targetsOf(chain))) return true
    }
    return false
  }
  return (
    tables.some((table) => tracks(table, BASE_CHAINS)) ||
    tables.some((table) => tracks(table, Object.keys(table.chains)))
  )
}

const BASE_CHAINS: readonly string[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

function targetsOf({ rules }: Chain): string[] {
  return rules.flatMap(({ target }) => (target?.kind === 'jump' || target?.kind === 'goto' ? [target.chain] : []))
}
