import {
  type Chain,
  dictionary,
  type IpSet,
  type IptRule,
  lateRecord,
  type Ruleset,
  type Table,
  type TableName,
} from '../../model/index.ts'
import { KERNEL_CHAINS } from '../ruleset-part.ts'
import { keyedBy } from './keyed-merge.ts'
import { isSameChain, membersIn, ruleKey } from './state-entries.ts'

type Family = 'inet' | 'inet6'
type Chains = Table['chains']

/** Rules of a chain of the kernel, in which several have theirs: what programs put in comes behind what is before it with them. */
function mergedRules(
  edited: readonly IptRule[],
  was: readonly IptRule[],
  fresh: readonly IptRule[],
  family: Family,
): readonly IptRule[] {
  const entryOf = (rule: IptRule) => ({ key: ruleKey(rule, family), text: '' })
  const [mine, before, now] = [keyedBy(edited, entryOf), keyedBy(was, entryOf), keyedBy(fresh, entryOf)]
  const left = [...mine.keys()].filter((key) => !before.has(key) || now.has(key))
  let at = 0
  for (const key of now.keys()) {
    const place = left.indexOf(key)
    if (place >= 0) at = place + 1
    else if (!before.has(key)) left.splice(at++, 0, key)
  }
  return left.map((key) => (now.get(key) ?? mine.get(key))!.value)
}

function mergedChain(
  edited: Chain | undefined,
  was: Chain | undefined,
  fresh: Chain | undefined,
  family: Family,
  isKernels: boolean,
): Chain | undefined {
  if (edited === was) return fresh
  if (was === fresh || (was && fresh && isSameChain(was, fresh))) return edited
  if (!isKernels || edited === undefined || was === undefined || fresh === undefined) return fresh
  const policy = was.policy === fresh.policy ? edited.policy : fresh.policy
  const rules = mergedRules(edited.rules, was.rules, fresh.rules, family)
  return { ...(policy === undefined ? {} : { policy }), rules }
}

const EMPTY: Chain = { policy: 'ACCEPT', rules: [] }

const NO_CHAINS: Chains = dictionary()

function mergedTable(name: TableName, edited: Chains, was: Chains, fresh: Chains, family: Family): Table {
  const kernel = KERNEL_CHAINS[name] ?? []
  const names = new Set([...Object.getOwnPropertyNames(fresh), ...Object.getOwnPropertyNames(edited)])
  const chains = [...names].flatMap((chain): [string, Chain][] => {
    const isKernels = kernel.includes(chain)
    // A chain of the kernel stays where no program has rules any more.
    const now = fresh[chain] ?? (isKernels ? EMPTY : undefined)
    const made = mergedChain(edited[chain], was[chain], now, family, isKernels)
    return made === undefined ? [] : [[chain, made]]
  })
  const rank = (chain: string): number => (kernel.includes(chain) ? kernel.indexOf(chain) : kernel.length)
  chains.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return { chains: Object.fromEntries(chains) }
}

/** Tables that somebody edited by hand, and programs since: chain by chain, and in chains of the kernel rule by rule. */
export function mergedRuleset(
  edited: Ruleset | undefined,
  was: Ruleset | undefined,
  fresh: Ruleset | undefined,
  family: Family,
): Ruleset | undefined {
  if (edited === was) return fresh
  if (was === fresh || fresh === undefined) return edited
  const names = new Set([...Object.keys(fresh.tables), ...Object.keys(edited?.tables ?? {})] as TableName[])
  const tables: Partial<Record<TableName, Table>> = {}
  for (const name of names) {
    const [mine, before, now] = [edited, was, fresh].map((one) => one?.tables[name])
    if (mine === before) {
      if (now !== undefined) tables[name] = now
    } else if (before === now && mine !== undefined) tables[name] = mine
    else {
      const chains = [mine, before, now].map((one) => one?.chains ?? NO_CHAINS) as [Chains, Chains, Chains]
      tables[name] = mergedTable(name, ...chains, family)
    }
  }
  return { ...fresh, ...(edited?.backend === undefined ? {} : { backend: edited.backend }), tables }
}

type Sets = Readonly<Record<string, IpSet>>

function mergedSet(edited: IpSet | undefined, was: IpSet | undefined, fresh: IpSet | undefined): IpSet | undefined {
  if (edited === was) return fresh
  if (was === fresh) return edited
  const [before, now] = [membersIn(was), membersIn(fresh)]
  const come = [...now].filter((member) => !before.has(member))
  const gone = new Set([...before].filter((member) => !now.has(member)))
  const isSameKind = was?.type === fresh?.type
  if (come.length + gone.size === 0 && isSameKind) return edited
  if (edited === undefined || fresh === undefined || was === undefined || !isSameKind) return fresh
  const left = edited.members.filter((member) => !gone.has(member))
  return { ...edited, members: [...new Set([...left, ...come])] }
}

/** Sets that somebody edited by hand, and programs since: member by member. */
export function mergedSets(edited: Sets, was: Sets, fresh: Sets): Sets {
  if (edited === was) return fresh
  if (was === fresh) return edited
  const names = new Set([...Object.keys(fresh), ...Object.keys(edited)])
  const makers = [...names].flatMap((name): [string, () => IpSet][] => {
    const made = mergedSet(edited[name], was[name], fresh[name])
    return made === undefined ? [] : [[name, () => made]]
  })
  return lateRecord(makers)
}
