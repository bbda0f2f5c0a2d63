import { type Chain, type IptRule, lateRecord, type Ruleset, type Table, type TableName } from '../model/index.ts'

/** What one program has in a table: rules in chains of the kernel, and chains of its own. */
export interface TablePart {
  /** Rules before those of others, by chain of the kernel. */
  readonly first: Readonly<Record<string, readonly IptRule[]>>
  /** Rules behind those of others. */
  readonly last: Readonly<Record<string, readonly IptRule[]>>
  /** Chains by name, each made when somebody reads it. */
  readonly chains: ReadonlyMap<string, () => Chain>
}

/** What one program has in the tables of a node. */
export type RulesetPart = Readonly<Partial<Record<TableName, TablePart>>>

/** Chains of the kernel, in the order in which packets meet the tables. */
const KERNEL_CHAINS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** One table; iptables lists the chains of the kernel first, and then all others by name. */
function mergedTable(kernel: readonly string[], parts: readonly TablePart[]): Table {
  const builtIn = kernel.map((name) => {
    const rulesOf = (side: 'first' | 'last'): IptRule[] => parts.flatMap((part) => part[side][name] ?? [])
    return [name, (): Chain => ({ policy: 'ACCEPT', rules: [...rulesOf('first'), ...rulesOf('last')] })] as const
  })
  const own = parts.flatMap(({ chains }) => [...chains]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return { chains: lateRecord([...builtIn, ...own]) }
}

/**
 * The tables of a node with what several programs have in them. Names of their chains do not collide.
 *
 * @param parts - in the order in which their rules stand in chains of the kernel
 */
export function mergedRuleset(parts: readonly RulesetPart[]): Ruleset {
  const tables: Partial<Record<TableName, Table>> = {}
  for (const [table, kernel] of Object.entries(KERNEL_CHAINS) as [TableName, readonly string[]][]) {
    const own = parts.flatMap((part) => part[table] ?? [])
    if (own.length > 0) tables[table] = mergedTable(kernel, own)
  }
  return { tables }
}
