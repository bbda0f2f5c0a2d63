import { type Chain, dictionary, type IptRule, type Ruleset, type Table, type TableName } from '../../model/index.ts'
import { KERNEL_CHAINS } from '../ruleset-part.ts'

/** How the names of chains of kube-proxy begin. @kubernetes pkg/proxy/iptables/proxier.go */
const OWN_CHAIN = /^KUBE-(?!KUBELET-)/

function jumpOf({ target }: IptRule): string {
  return target?.kind === 'jump' ? target.chain : ''
}

/** Jumps that are there stay where they are; those that are missing come first. @kubernetes pkg/util/iptables EnsureRule */
function kernelChain(edited: Chain, fresh: Chain): Chain {
  const jumps = new Set(edited.rules.map(jumpOf))
  const missing = fresh.rules.filter((rule) => OWN_CHAIN.test(jumpOf(rule)) && !jumps.has(jumpOf(rule)))
  return missing.length === 0 ? edited : { ...edited, rules: [...missing, ...edited.rules] }
}

function tableOf(name: TableName, edited: Table, fresh: Table): Table {
  const kernel = KERNEL_CHAINS[name] ?? []
  const chains = dictionary<Chain>()
  const add = (chain: string, made: Chain | undefined): void => {
    if (made !== undefined) chains[chain] = made
  }
  for (const chain of kernel) {
    const [mine, wanted] = [edited.chains[chain], fresh.chains[chain]]
    add(chain, mine === undefined || wanted === undefined ? (mine ?? wanted) : kernelChain(mine, wanted))
  }
  const own = Object.getOwnPropertyNames(fresh.chains).filter((chain) => OWN_CHAIN.test(chain))
  const others = Object.getOwnPropertyNames(edited.chains).filter(
    (chain) => !kernel.includes(chain) && !OWN_CHAIN.test(chain),
  )
  const ownNames = new Set(own)
  for (const chain of [...own, ...others].sort()) add(chain, (ownNames.has(chain) ? fresh : edited).chains[chain])
  return { chains }
}

/**
 * The tables of a node that somebody edited, after kube-proxy wrote all of its own again: its chains are as it writes them, and its jumps
 * are there. What others have stays. @kubernetes pkg/proxy/iptables/proxier.go syncProxyRules
 */
export function proxyResyncedRuleset(edited: Ruleset, fresh: Ruleset): Ruleset {
  const tables: Partial<Record<TableName, Table>> = { ...edited.tables }
  for (const [name, table] of Object.entries(fresh.tables) as [TableName, Table][]) {
    const mine = edited.tables[name]
    if (mine === undefined || mine === table) tables[name] = table
    else tables[name] = tableOf(name, mine, table)
  }
  return { ...edited, tables }
}
