import {
  type Chain,
  dictionary,
  type IpSet,
  type IptRule,
  lateLookup,
  lateRecord,
  type Namespace,
  type Ruleset,
  type Table,
  type TableName,
} from '../../model/index.ts'
import { KERNEL_CHAINS } from '../ruleset-part.ts'
import type { FelixTableName, KernelRules } from './rules/shared-chains.ts'

/** How the names of Felix' chains begin. @calico felix/rules/rule_defs.go ChainNamePrefix */
const OWN_CHAIN = 'cali-'

/** How the names of Felix' sets begin, of both families. @calico felix/ipsets/ipset_defs.go */
const OWN_SET = /^cali[46]0/

/** Whether a rule in a chain of the kernel is Felix': each of its rules has a hash in a comment. */
function isOwnRule({ matches }: IptRule): boolean {
  return matches.some((match) => match.kind === 'comment' && match.comment.startsWith('cali:'))
}

/** The rules of others in their order, between those that Felix has before and behind them. */
function kernelChain(name: string, edited: Chain, { first, last }: KernelRules): Chain {
  const others = edited.rules.filter((rule) => !isOwnRule(rule))
  return { ...edited, rules: [...(first[name] ?? []), ...others, ...(last[name] ?? [])] }
}

const isOwnChain = (name: string): boolean => name.startsWith(OWN_CHAIN)

function tableOf(name: TableName, edited: Table, fresh: Table, rules: KernelRules): Table {
  const kernel = KERNEL_CHAINS[name] ?? []
  const others = dictionary<Chain>()
  for (const [chain, made] of Object.entries(edited.chains)) {
    if (!isOwnChain(chain)) others[chain] = kernel.includes(chain) ? kernelChain(chain, made, rules) : made
  }
  const chainsOf = (chain: string): Table['chains'] => (isOwnChain(chain) ? fresh.chains : others)
  const names = (): string[] => {
    const own = Object.keys(fresh.chains).filter(isOwnChain)
    return [...kernel, ...[...Object.keys(others).filter((chain) => !kernel.includes(chain)), ...own].sort()]
  }
  const known = (chain: string): boolean => Object.hasOwn(chainsOf(chain), chain)
  return Object.freeze({ chains: lateLookup(names, known, (chain) => chainsOf(chain)[chain]!) })
}

/**
 * The tables of a node that somebody edited, after Felix wrote its own again: its chains are as it writes them, and its rules in
 * chains of the kernel are where it puts them. What others have there stays. @calico felix/iptables/table.go
 *
 * @param edited - as somebody left them
 * @param before - as they were built
 * @param fresh - as they are built now
 * @param rulesOf - Felix' rules in chains of the kernel
 */
export function resyncedRuleset(
  edited: Ruleset,
  before: Ruleset | undefined,
  fresh: Ruleset,
  rulesOf: (table: FelixTableName) => KernelRules,
): Ruleset {
  if (edited === before) return fresh
  const tables: Partial<Record<TableName, Table>> = { ...edited.tables }
  for (const [name, table] of Object.entries(fresh.tables) as [TableName, Table][]) {
    const mine = edited.tables[name]
    if (mine === undefined || mine === before?.tables[name]) tables[name] = table
    else if (name !== 'security') tables[name] = tableOf(name, mine, table, rulesOf(name))
  }
  return Object.freeze({ ...edited, tables: Object.freeze(tables) })
}

type Sets = NonNullable<Namespace['ipsets']>

/** The sets of a node that somebody edited, after Felix wrote its own again: what it does not know of its names is gone. */
export function resyncedSets(edited: Sets, fresh: Sets): Sets {
  const own = Object.keys(fresh).filter((name) => OWN_SET.test(name))
  const others = Object.keys(edited).filter((name) => !OWN_SET.test(name))
  const makers: [string, () => IpSet][] = own.map((name) => [name, () => fresh[name]!])
  for (const name of others) {
    const set = edited[name]!
    makers.push([name, () => set])
  }
  return lateRecord(makers)
}
