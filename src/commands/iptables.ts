import {
  emptyTable,
  iptablesRuleText,
  isTableName,
  parseIptablesSave,
  parseNumber,
  placeIn,
  readRule,
  take,
  type Words,
} from '../linux/index.ts'
import type { Chain, IptRule, Namespace, Network, Ruleset, Table, TableName } from '../model/index.ts'
import { BY_USER, namespaceOf, withNamespace } from './edit.ts'
import { refuse, toolRefuses } from './refusal.ts'

type Family = 'inet' | 'inet6'

const COMMANDS: Readonly<Record<string, string>> = {
  '--append': '-A',
  '--insert': '-I',
  '--delete': '-D',
  '--replace': '-R',
  '--flush': '-F',
  '--policy': '-P',
  '--new-chain': '-N',
  '--new': '-N',
  '--delete-chain': '-X',
  '--rename-chain': '-E',
  '--zero': '-Z',
}

interface Order {
  readonly table: TableName
  readonly command: string
  readonly words: readonly string[]
}

/** `iptables [-t TABLE] -A|-I|-D|-R|-F|-P|-N|-X|-E|-Z …`. @throws Refusal in the words of `iptables` */
export function iptablesCommand(network: Network, netns: string, words: Words, family: Family): Network {
  const ns = namespaceOf(network, netns)
  const order = readOrder(words)
  const key = family === 'inet' ? 'iptables' : 'ip6tables'
  const ruleset: Ruleset = ns[key] ?? { tables: {}, backend: 'legacy' }
  const table = ruleset.tables[order.table] ?? emptyTable(order.table)
  const chains = execute(table, order, family)
  const tables = { ...ruleset.tables, [order.table]: { chains } }
  return withNamespace(network, { ...ns, [key]: { ...ruleset, tables } } satisfies Namespace)
}

function readOrder(words: Words): Order {
  let table: TableName = 'filter'
  let command: string | undefined
  const rest: string[] = []
  while (words.at < words.list.length) {
    const word = take(words)!
    const short = Object.hasOwn(COMMANDS, word) ? COMMANDS[word]! : word
    if (word === '-t' || word === '--table') {
      const name = take(words) ?? ''
      if (!isTableName(name)) return toolRefuses(`can't initialize iptables table \`${name}': Table does not exist`)
      table = name
    } else if (word === '-w' || word === '--wait') {
      if (parseNumber(words.list[words.at] ?? '') !== undefined) take(words)
    } else if (command === undefined && /^-[AIDRFPNXEZ]$/.test(short)) command = short
    else if (command === undefined && /^-[LSC]$/.test(short))
      return refuse('a command that changes rules', word, 'unsupported')
    else rest.push(word)
  }
  if (command === undefined) return toolRefuses('iptables: no command specified')
  return { table, command, words: rest }
}

type Chains = Readonly<Record<string, Chain>>

function chainOf(chains: Chains, name: string | undefined): Chain {
  if (name !== undefined && Object.hasOwn(chains, name)) return chains[name]!
  return toolRefuses('iptables: No chain/target/match by that name.')
}

function execute(table: Table, order: Order, family: Family): Chains {
  const { chains } = table
  const [name, ...rest] = order.words
  const set = (chain: Chain): Chains => ({ ...chains, [name!]: chain })
  switch (order.command) {
    case '-A': {
      const chain = chainOf(chains, name)
      return set({ ...chain, rules: [...chain.rules, makeRule(chains, rest, family)] })
    }
    case '-I':
      return set(insert(chains, name, rest, family))
    case '-R': {
      const chain = chainOf(chains, name)
      const at = position(rest[0], chain.rules.length)
      const rule = makeRule(chains, rest.slice(1), family)
      return set({ ...chain, rules: chain.rules.map((old, i) => (i === at ? rule : old)) })
    }
    case '-D':
      return set(removeRule(chains, name, rest, family))
    case '-F':
      return name === undefined
        ? mapChains(chains, (chain) => ({ ...chain, rules: [] }))
        : set({ ...chainOf(chains, name), rules: [] })
    case '-P': {
      const chain = chainOf(chains, name)
      const policy = rest[0]
      if (chain.policy === undefined) return toolRefuses('iptables: Bad built-in chain name.')
      if (policy !== 'ACCEPT' && policy !== 'DROP')
        return toolRefuses("iptables: Bad policy name. Run `dmesg' for more information.")
      return set({ ...chain, policy })
    }
    case '-N':
      if (name === undefined) return refuse('a name', 'nothing', 'syntax')
      if (Object.hasOwn(chains, name)) return toolRefuses('iptables: Chain already exists.')
      return { ...chains, [name]: { rules: [] } }
    case '-X':
      return removeChains(chains, name)
    case '-E':
      return renameChain(chains, name, rest[0])
    default:
      return chains
  }
}

function mapChains(chains: Chains, change: (chain: Chain) => Chain): Chains {
  return Object.fromEntries(Object.entries(chains).map(([name, chain]) => [name, change(chain)]))
}

function makeRule(chains: Chains, words: readonly string[], family: Family): IptRule {
  const parts = readRule({ list: words, at: 0 }, { family, isChain: (name) => Object.hasOwn(chains, name) })
  if ('fault' in parts) return refuse(parts.fault, words.join(' '), 'syntax')
  const { target } = parts
  if (target?.kind === 'goto') chainOf(chains, target.chain)
  return { ...parts, origin: BY_USER }
}

/** A rule's number counts from 1. */
function position(text: string | undefined, count: number): number {
  const number = parseNumber(text ?? '')
  if (number === undefined || number < 1 || number > count) return toolRefuses('iptables: Index of deletion too big.')
  return number - 1
}

function insert(chains: Chains, name: string | undefined, words: readonly string[], family: Family): Chain {
  const chain = chainOf(chains, name)
  const number = parseNumber(words[0] ?? '')
  const at = number === undefined ? 0 : number - 1
  if (at < 0 || at > chain.rules.length) return toolRefuses('iptables: Index of insertion too big.')
  const rule = makeRule(chains, number === undefined ? words : words.slice(1), family)
  return { ...chain, rules: [...chain.rules.slice(0, at), rule, ...chain.rules.slice(at)] }
}

function withoutWords({ text: _, ...rule }: IptRule): IptRule {
  return rule
}

/** A rule is found by its number or by being the same test and target. */
function removeRule(chains: Chains, name: string | undefined, words: readonly string[], family: Family): Chain {
  const chain = chainOf(chains, name)
  if (words.length === 1 && parseNumber(words[0]!) !== undefined) {
    const at = position(words[0], chain.rules.length)
    return { ...chain, rules: chain.rules.filter((_, i) => i !== at) }
  }
  const wanted = makeRule(chains, words, family)
  const text = iptablesRuleText(name!, wanted, family)
  const at = chain.rules.findIndex(
    (rule) => rule.text === text || iptablesRuleText(name!, withoutWords(rule), family) === text,
  )
  if (at < 0) return toolRefuses('iptables: Bad rule (does a matching rule exist in that chain?).')
  return { ...chain, rules: chain.rules.filter((_, i) => i !== at) }
}

function isUsed(chains: Chains, name: string): boolean {
  return Object.values(chains).some((chain) =>
    chain.rules.some(({ target }) => (target?.kind === 'jump' || target?.kind === 'goto') && target.chain === name),
  )
}

function removeChains(chains: Chains, name: string | undefined): Chains {
  if (name === undefined)
    return Object.fromEntries(Object.entries(chains).filter(([, chain]) => chain.policy !== undefined))
  const chain = chainOf(chains, name)
  if (chain.policy !== undefined) return toolRefuses("iptables: Can't delete built-in chain")
  if (chain.rules.length > 0) return toolRefuses('iptables: Directory not empty.')
  if (isUsed(chains, name)) return toolRefuses('iptables: Too many links.')
  return Object.fromEntries(Object.entries(chains).filter(([other]) => other !== name))
}

function renameChain(chains: Chains, from: string | undefined, to: string | undefined): Chains {
  const chain = chainOf(chains, from)
  if (to === undefined || Object.hasOwn(chains, to)) return toolRefuses('iptables: File exists.')
  if (isUsed(chains, from!))
    return refuse('a chain nobody jumps to', `renaming ${from}, which rules jump to`, 'unsupported')
  return Object.fromEntries(Object.entries(chains).map(([name, item]) => (name === from ? [to, chain] : [name, item])))
}

/** `iptables-restore [--noflush]` with the rules as standard input. @throws Refusal when a line cannot be read */
export function iptablesRestore(network: Network, netns: string, words: Words, family: Family, stdin: string): Network {
  const ns = namespaceOf(network, netns)
  const noflush = words.list.slice(words.at).some((word) => word === '-n' || word === '--noflush')
  const key = family === 'inet' ? 'iptables' : 'ip6tables'
  const place = placeIn('standard input', [])
  const before: Ruleset = ns[key] ?? { tables: {}, backend: 'legacy' }
  const given = parseIptablesSave(declareKnown(stdin, before, noflush), place, family)
  const issue = place.issues[0]
  if (issue !== undefined) return refuse(issue.expected, issue.received, issue.kind)
  const tables: Partial<Record<TableName, Table>> = { ...before.tables }
  for (const [name, table] of Object.entries(given.tables) as [TableName, Table][]) {
    const old = noflush ? (before.tables[name] ?? emptyTable(name)) : emptyTable(name)
    tables[name] = { chains: merge(old.chains, table.chains, declared(stdin, name)) }
  }
  return withNamespace(network, { ...ns, [key]: { ...before, tables } } satisfies Namespace)
}

/** Rules may name chains that exist already; the parser is told of them. */
function declareKnown(stdin: string, before: Ruleset, noflush: boolean): string {
  return stdin.replace(/^\*(\w+)[^\n]*$/gm, (line, name: string) => {
    if (!isTableName(name)) return line
    const known = noflush ? (before.tables[name] ?? emptyTable(name)) : emptyTable(name)
    const chains = Object.entries(known.chains).map(([chain, { policy }]) => `:${chain} ${policy ?? '-'}`)
    return [line, ...chains].join('\n')
  })
}

/** Chains a table of the input declares itself: those start empty. */
function declared(stdin: string, table: string): ReadonlySet<string> {
  const part = stdin.split(/^\*/m).find((text) => text.split(/\s/)[0] === table) ?? ''
  return new Set([...part.matchAll(/^:(\S+)/gm)].map((match) => match[1]!))
}

function merge(old: Chains, given: Chains, fresh: ReadonlySet<string>): Chains {
  const chains: Record<string, Chain> = { ...old }
  for (const [name, chain] of Object.entries(given)) {
    const before = chains[name]
    const keep = before !== undefined && (before.policy !== undefined || !fresh.has(name)) ? before.rules : []
    const policy = fresh.has(name) ? chain.policy : (before?.policy ?? chain.policy)
    const rules = chain.rules.map((rule) => ({ ...withoutWords(rule), origin: BY_USER }))
    chains[name] = { ...(policy === undefined ? {} : { policy }), rules: [...keep, ...rules] }
  }
  return chains
}
