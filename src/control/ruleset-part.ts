import { type Chain, type IptRule, lateLookup, type Ruleset, type Table, type TableName } from '../model/index.ts'

/** Chains by name, each made when somebody reads it; a map of makers is one. Where there are many, even the names are made late. */
export interface ChainMakers {
  /** All names, in any order. */
  readonly keys: () => Iterable<string>
  /** Whether there is a chain of that name. */
  readonly has: (name: string) => boolean
  /** What makes it. */
  readonly get: (name: string) => (() => Chain) | undefined
}

/** What one program has in a table: rules in chains of the kernel, and chains of its own. */
export interface TablePart {
  /** Rules before those of others, by chain of the kernel. */
  readonly first: Readonly<Record<string, readonly IptRule[]>>
  /** Rules behind those of others. */
  readonly last: Readonly<Record<string, readonly IptRule[]>>
  /** Its own chains. */
  readonly chains: ChainMakers
  /** What tells it from what the same program had before; absent = nothing is known of that. */
  readonly edition?: PartEdition
}

/** Tells parts of one program in a table from each other, without making their chains. */
export interface PartEdition {
  /** Names of the chains of this one that may be others in another, or none; undefined = any. */
  apartFrom(other: PartEdition): Iterable<string> | undefined
}

/** What one program has in the tables of a node. */
export type RulesetPart = Readonly<Partial<Record<TableName, TablePart>>>

/** Chains of the kernel, in the order in which packets meet the tables. */
export const KERNEL_CHAINS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** One table; iptables lists the chains of the kernel first, and then all others by name. */
function mergedTable(kernel: readonly string[], parts: readonly TablePart[]): Table {
  const last = latest.get(parts[0]!)
  const own = last?.kernel === kernel ? partsOf.get(last.table) : undefined
  if (own?.length === parts.length && own.every((part, i) => part === parts[i])) return last!.table
  const table = madeTable(kernel, parts)
  latest.set(parts[0]!, { kernel, table })
  return table
}

/** Tables that were put together last, by their first parts: of the very same parts it is the very same. */
const latest = new WeakMap<TablePart, { readonly kernel: readonly string[]; readonly table: Table }>()

function madeTable(kernel: readonly string[], parts: readonly TablePart[]): Table {
  let listed: readonly string[] | undefined
  const names = (): readonly string[] => {
    listed ??= [...kernel, ...parts.flatMap(({ chains }) => [...chains.keys()]).sort()]
    return listed
  }
  const ownerOf = (name: string): ChainMakers | undefined => parts.find(({ chains }) => chains.has(name))?.chains
  const known = (name: string): boolean => kernel.includes(name) || ownerOf(name) !== undefined
  const make = (name: string): Chain =>
    kernel.includes(name) ? kernelChain(name, parts) : (ownerOf(name)?.get(name)?.() ?? { rules: [] })
  const table: Table = Object.freeze({ chains: lateLookup(names, known, make) })
  partsOf.set(table, parts)
  return table
}

const partsOf = new WeakMap<Table, readonly TablePart[]>()

/**
 * Names of the chains in which two tables may differ, as far as it is known without reading them: parts that both have are the same.
 * Undefined where one of them was not put together of parts.
 */
export function chainsThatMayDiffer(name: TableName, a: Table, b: Table): ReadonlySet<string> | undefined {
  const [left, right] = [partsOf.get(a), partsOf.get(b)]
  if (left === undefined || right === undefined) return undefined
  const names = new Set((KERNEL_CHAINS[name] ?? []).filter((chain) => !haveSameRules(chain, left, right)))
  for (const part of left) if (!right.includes(part)) for (const chain of chainsApart(part, right)) names.add(chain)
  for (const part of right) if (!left.includes(part)) for (const chain of chainsApart(part, left)) names.add(chain)
  return names
}

/** Whether the very same rules of programs stand in a chain of the kernel. */
function haveSameRules(chain: string, left: readonly TablePart[], right: readonly TablePart[]): boolean {
  const isSame = (a: TablePart, b: TablePart | undefined): boolean =>
    a === b || (a.first[chain] === b?.first[chain] && a.last[chain] === b?.last[chain])
  return left.length === right.length && left.every((part, i) => isSame(part, right[i]))
}

function chainsApart({ edition, chains }: TablePart, others: readonly TablePart[]): Iterable<string> {
  for (const other of others) {
    const apart = other.edition && edition?.apartFrom(other.edition)
    if (apart !== undefined) return apart
  }
  return chains.keys()
}

function kernelChain(name: string, parts: readonly TablePart[]): Chain {
  const rulesOf = (side: 'first' | 'last'): IptRule[] => parts.flatMap((part) => part[side][name] ?? [])
  return { policy: 'ACCEPT', rules: [...rulesOf('first'), ...rulesOf('last')] }
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
  // Who freezes the namespace must not make the chains.
  return Object.freeze({ tables: Object.freeze(tables) })
}
