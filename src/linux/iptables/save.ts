import { type Chain, findLoop, type IptRule, type Ruleset, type Table, type TableName } from '../../model/index.ts'
import { linesOf, originAt, type Place, report } from '../place.ts'
import { readRule } from './rule.ts'
import { ruleText } from './rule-text.ts'
import { splitWords } from './words.ts'

const TABLES: ReadonlySet<string> = new Set(['raw', 'mangle', 'nat', 'filter', 'security'])

/** Whether a text is a table of iptables. */
export function isTableName(text: string): text is TableName {
  return TABLES.has(text)
}

interface ChainDraft {
  policy?: 'ACCEPT' | 'DROP'
  readonly rules: IptRule[]
}

/**
 * `iptables-save` or `ip6tables-save`, legacy or nft, with or without counters, and `iptables -S`, which names no table. A
 * rule with a match or target that is not modelled is kept, marked `unsupported`; a line that is no rule at all becomes an
 * issue and is left out, as is a table that Linux would not load.
 * @param tableOfList - the table of `iptables -S`; absent: as its base chains say
 */
export function parseIptablesSave(
  text: string,
  place: Place,
  family: 'inet' | 'inet6',
  tableOfList?: TableName,
): Ruleset {
  const tables = new Map<string, Map<string, ChainDraft>>()
  let chains: Map<string, ChainDraft> | undefined
  let skipping = false
  let nft = false
  let start = place
  if (!/^\s*\*\w/m.test(text) && /^-P \S+ \S+/m.test(text)) {
    chains = new Map<string, ChainDraft>()
    tables.set(tableOfList ?? tableOfBases(text), chains)
  }
  const isList = chains !== undefined
  for (const line of linesOf(text, place)) {
    const first = line.text.trimStart()[0]
    if (first === '#') {
      if (/nft|nf_tables/.test(line.text)) nft = true
    } else if (first === '*') {
      const name = line.text.trim().slice(1)
      skipping = !isTableName(name)
      start = line.place
      if (skipping) report(line.place, 'unsupported', 'a table raw, mangle, nat, filter or security', name)
      else {
        chains = tables.get(name) ?? new Map<string, ChainDraft>()
        tables.set(name, chains)
      }
    } else if (line.text.trim() === 'COMMIT') {
      chains = undefined
      skipping = false
    } else if (chains === undefined) {
      if (!skipping) report(line.place, 'syntax', '*TABLE before chains and rules', line.text)
    } else if (skipping) continue
    else if (first === ':') readChain(line.text.trim(), chains, line.place)
    else if (isList && /^-[PN] /.test(line.text)) readListed(line.text.trim(), chains, line.place)
    else readLine(line.text.trim(), chains, line.place, family)
  }
  if (chains !== undefined && !isList) {
    report(
      start,
      'syntax',
      'COMMIT behind the rules of the table, which is cut off and not complete',
      'the end of the file',
    )
  }
  const made = [...tables].map(([name, drafts]): [string, Table] => [
    name,
    { chains: Object.fromEntries([...drafts].map(([chain, draft]): [string, Chain] => [chain, draft])) },
  ])
  const loadable = made.filter(([name, table]) => !refusesLoop(name, table, place))
  return { tables: Object.fromEntries(loadable), backend: nft ? 'nft' : 'legacy' }
}

/** Chains that lead back into themselves: Linux does not load such a table. @linux net/ipv4/netfilter/ip_tables.c mark_source_chains */
function refusesLoop(name: string, table: Table, place: Place): boolean {
  const loop = findLoop(table)
  if (loop === undefined) return false
  const [from = '', to] = loop.slice(-2)
  const closing = table.chains[from]?.rules.find(
    ({ target }) => (target?.kind === 'jump' || target?.kind === 'goto') && target.chain === to,
  )
  const line = closing?.origin?.line
  const at = line === undefined ? place : { ...place, line }
  report(at, 'invalid', `no loop among the chains of table ${name}, which Linux refuses to load`, loop.join(' > '))
  return true
}

/** Which table has such base chains: `iptables -S` does not say. */
function tableOfBases(text: string): TableName {
  const bases = new Set([...text.matchAll(/^-P (\S+) /gm)].map((match) => match[1]))
  if (bases.has('FORWARD')) return bases.has('PREROUTING') ? 'mangle' : 'filter'
  return bases.has('POSTROUTING') ? 'nat' : bases.has('PREROUTING') ? 'raw' : 'filter'
}

/** `-P CHAIN POLICY` or `-N CHAIN` of `iptables -S`. */
function readListed(text: string, chains: Map<string, ChainDraft>, place: Place): void {
  const [option, name = '', policy = '-'] = text.split(/\s+/)
  readChain(`:${name} ${option === '-P' ? policy : '-'}`, chains, place)
}

/** `:NAME POLICY [packets:bytes]`. */
function readChain(text: string, chains: Map<string, ChainDraft>, place: Place): void {
  const [name, policy] = text.slice(1).split(/\s+/)
  if (name === undefined || name === '' || policy === undefined) report(place, 'syntax', ':CHAIN POLICY', text)
  else if (policy === 'ACCEPT' || policy === 'DROP') chains.set(name, { policy, rules: [] })
  else if (policy === '-') chains.set(name, { rules: [] })
  else report(place, 'unsupported', 'a policy ACCEPT or DROP, or -', policy)
}

function readLine(text: string, chains: Map<string, ChainDraft>, place: Place, family: 'inet' | 'inet6'): void {
  const rule = text.replace(/^\[[0-9]+:[0-9]+\]\s+/, '')
  const list = splitWords(rule)
  if (list === undefined || list[0] !== '-A' || list[1] === undefined) {
    report(place, 'syntax', '-A CHAIN …', text)
    return
  }
  const chain = chains.get(list[1])
  if (chain === undefined) {
    report(place, 'missing_reference', 'a chain of this table', list[1])
    return
  }
  const parts = readRule({ list, at: 2 }, { family, isChain: (name) => chains.has(name) })
  if ('fault' in parts) report(place, 'syntax', parts.fault, rule)
  else chain.rules.push({ ...parts, text: rule, origin: originAt(place) })
}

/** What `iptables-save` is asked for. */
export interface IptablesSaveOptions {
  /** Only this table (`-t`). */
  readonly table?: string
  /** Only this chain, of the tables that have it. */
  readonly chain?: string
  /** Whose rules they are; absent = inet. */
  readonly family?: 'inet' | 'inet6'
  /** `-c`: packets and bytes before each rule; rules not in it have counted nothing. */
  readonly counters?: (table: string, chain: string, rule: number) => readonly [number, number]
}

/** `iptables-save`: the rules as they were read or made, without the comment lines that hold a date. */
export function iptablesSave(ruleset: Ruleset | undefined, options: IptablesSaveOptions = {}): string {
  const { counters, family = 'inet' } = options
  let text = ''
  for (const [name, table] of Object.entries(ruleset?.tables ?? {})) {
    if (options.table !== undefined && options.table !== name) continue
    const chains = chainsOf(table, options.chain)
    if (options.chain !== undefined && chains.length === 0) continue
    text += `*${name}\n`
    for (const [chainName, chain] of chains) text += `:${chainName} ${chain.policy ?? '-'} [0:0]\n`
    for (const [chainName, chain] of chains) {
      chain.rules.forEach((rule, i) => {
        const [packets, bytes] = counters?.(name, chainName, i) ?? [0, 0]
        const words = ruleText(chainName, rule, family)
        text += counters === undefined ? `${words}\n` : `[${packets}:${bytes}] ${words}\n`
      })
    }
    text += 'COMMIT\n'
  }
  return text
}

function chainsOf({ chains }: Table, only: string | undefined): readonly (readonly [string, Chain])[] {
  if (only === undefined) return Object.entries(chains)
  const chain = Object.hasOwn(chains, only) ? chains[only] : undefined
  return chain === undefined ? [] : [[only, chain]]
}
