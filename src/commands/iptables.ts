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
import {
  checkChainName,
  checkRuleWords,
  type Family,
  misread,
  noSuchTable,
  type RulePlace,
  refused,
} from './iptables-words.ts'
import { refuse, toolRefuses } from './refusal.ts'

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
  '--check': '-C',
}

interface Order {
  readonly table: TableName
  readonly command: string
  readonly words: readonly string[]
}

/** `iptables [-t TABLE] -A|-I|-D|-R|-C|-F|-P|-N|-X|-E|-Z …`; counters are not part of a network. @throws Refusal in the words of `iptables` */
export function iptablesCommand(network: Network, netns: string, words: Words, family: Family): Network {
  const ns = namespaceOf(network, netns)
  const order = readOrder(words, family)
  const key = family === 'inet' ? 'iptables' : 'ip6tables'
  const ruleset: Ruleset = ns[key] ?? { tables: {}, backend: 'legacy' }
  const table = ruleset.tables[order.table] ?? emptyTable(order.table)
  const chains = execute(table, order, family)
  const tables = { ...ruleset.tables, [order.table]: { chains } }
  return withNamespace(network, { ...ns, [key]: { ...ruleset, tables } } satisfies Namespace)
}

function readOrder(words: Words, family: Family): Order {
  let table: TableName = 'filter'
  let command: string | undefined
  const rest: string[] = []
  while (words.at < words.list.length) {
    const word = take(words)!
    const short = Object.hasOwn(COMMANDS, word) ? COMMANDS[word]! : word
    if (word === '-t' || word === '--table') {
      const name = take(words) ?? ''
      if (!isTableName(name)) return toolRefuses(noSuchTable(family, name))
      table = name
    } else if (word === '-w' || word === '--wait') {
      if (parseNumber(words.list[words.at] ?? '') !== undefined) take(words)
    } else if (command === undefined && /^-[AIDRFPNXEZC]$/.test(short)) command = short
    else if (command === undefined && /^-[LS]$/.test(short)) return refuse('a command that changes rules', word)
    else rest.push(word)
  }
  if (command === undefined) {
    const option = rest.find((word) => word.startsWith('--'))
    return misread(family, option === undefined ? 'no command specified' : `unknown option "${option}"`)
  }
  if (/^-[AIDRPE]$/.test(command) && rest.length === 0)
    return misread(family, `option "${command}" requires an argument`)
  return { table, command, words: rest }
}

type Chains = Readonly<Record<string, Chain>>

function chainOf(chains: Chains, name: string | undefined, family: Family): Chain {
  if (name !== undefined && Object.hasOwn(chains, name)) return chains[name]!
  return refused(family, 'No chain/target/match by that name.')
}

function execute(table: Table, order: Order, family: Family): Chains {
  const { chains } = table
  const [name, ...rest] = order.words
  const set = (chain: Chain): Chains => ({ ...chains, [name!]: chain })
  const place: RulePlace = { family, table: order.table, chain: name ?? '', chains }
  switch (order.command) {
    case '-A': {
      const chain = chainOf(chains, name, family)
      return set({ ...chain, rules: [...chain.rules, makeRule(rest, place)] })
    }
    case '-I':
      return set(insert(place, name, rest))
    case '-R': {
      const chain = chainOf(chains, name, family)
      const at = position(rest[0], chain.rules.length, family, 'replacement')
      const rule = makeRule(rest.slice(1), place)
      return set({ ...chain, rules: chain.rules.map((old, i) => (i === at ? rule : old)) })
    }
    case '-D':
      return set(removeRule(place, name, rest))
    case '-F':
      return name === undefined
        ? mapChains(chains, (chain) => ({ ...chain, rules: [] }))
        : set({ ...chainOf(chains, name, family), rules: [] })
    case '-P': {
      const [policy] = rest
      if (policy === undefined) return misread(family, '-P requires a chain and a policy')
      const chain = Object.hasOwn(chains, name!) ? chains[name!]! : undefined
      if (chain?.policy === undefined) return refused(family, 'Bad built-in chain name.')
      if (policy !== 'ACCEPT' && policy !== 'DROP')
        return refused(family, "Bad policy name. Run `dmesg' for more information.")
      return set({ ...chain, policy })
    }
    case '-N':
      if (name === undefined) return misread(family, 'option "-N" requires an argument')
      checkChainName(name, family)
      if (Object.hasOwn(chains, name)) return refused(family, 'Chain already exists.')
      return { ...chains, [name]: { rules: [] } }
    case '-X':
      return removeChains(chains, name, family)
    case '-C':
      removeRule(place, name, rest)
      return chains
    case '-Z':
      if (name !== undefined) chainOf(chains, name, family)
      return chains
    case '-E':
      return renameChain(chains, name, rest[0], family)
    default:
      return chains
  }
}

function mapChains(chains: Chains, change: (chain: Chain) => Chain): Chains {
  return Object.fromEntries(Object.entries(chains).map(([name, chain]) => [name, change(chain)]))
}

function makeRule(words: readonly string[], place: RulePlace): IptRule {
  const { chains, family } = place
  checkRuleWords(words, place)
  const parts = readRule({ list: words, at: 0 }, { family, isChain: (name) => Object.hasOwn(chains, name) })
  if ('fault' in parts) return refuse(parts.fault, words.join(' '))
  const { target } = parts
  if (target?.kind === 'goto' && !Object.hasOwn(chains, target.chain))
    return misread(family, `goto '${target.chain}' is not a chain`)
  return { ...parts, origin: BY_USER }
}

/** A rule's number counts from 1. */
function position(text: string | undefined, count: number, family: Family, what: 'deletion' | 'replacement'): number {
  if (text === undefined || text.startsWith('-')) return misread(family, '-R requires a rule number')
  const number = parseNumber(text)
  if (number === undefined || number < 1) return misread(family, `Invalid rule number \`${text}'`)
  return number > count ? refused(family, `Index of ${what} too big.`) : number - 1
}

function insert(place: RulePlace, name: string | undefined, words: readonly string[]): Chain {
  const { chains, family } = place
  const chain = chainOf(chains, name, family)
  const number = parseNumber(words[0] ?? '')
  const at = number === undefined ? 0 : number - 1
  if (at < 0) return misread(family, "Invalid rule number `0'")
  if (at > chain.rules.length) return refused(family, 'Index of insertion too big.')
  const rule = makeRule(number === undefined ? words : words.slice(1), place)
  return { ...chain, rules: [...chain.rules.slice(0, at), rule, ...chain.rules.slice(at)] }
}

function withoutWords({ text: _, ...rule }: IptRule): IptRule {
  return rule
}

/** A rule is found by its number or by being the same test and target. */
function removeRule(place: RulePlace, name: string | undefined, words: readonly string[]): Chain {
  const { chains, family } = place
  const chain = chainOf(chains, name, family)
  if (words.length === 1 && parseNumber(words[0]!) !== undefined) {
    const at = position(words[0], chain.rules.length, family, 'deletion')
    return { ...chain, rules: chain.rules.filter((_, i) => i !== at) }
  }
  const wanted = makeRule(words, place)
  const text = iptablesRuleText(name!, wanted, family)
  const at = chain.rules.findIndex(
    (rule) => rule.text === text || iptablesRuleText(name!, withoutWords(rule), family) === text,
  )
  if (at < 0) return refused(family, 'Bad rule (does a matching rule exist in that chain?).')
  return { ...chain, rules: chain.rules.filter((_, i) => i !== at) }
}

function isUsed(chains: Chains, name: string): boolean {
  return Object.values(chains).some((chain) =>
    chain.rules.some(({ target }) => (target?.kind === 'jump' || target?.kind === 'goto') && target.chain === name),
  )
}

/** Why a chain cannot be removed. @linux the order is that of libiptc: who jumps to it is asked before its rules */
function obstacle(chains: Chains, name: string): string | undefined {
  if (isUsed(chains, name)) return 'Too many links.'
  return chains[name]!.rules.length > 0 ? 'Directory not empty.' : undefined
}

/** Removes a chain, or all that are not built in; all of them or none. */
function removeChains(chains: Chains, name: string | undefined, family: Family): Chains {
  const own = Object.keys(chains).filter((one) => chains[one]!.policy === undefined)
  if (name !== undefined && chainOf(chains, name, family).policy !== undefined)
    return refused(family, "Invalid argument. Run `dmesg' for more information.")
  const gone = name === undefined ? own : [name]
  const why = gone.flatMap((one) => obstacle(chains, one) ?? []).at(-1)
  if (why !== undefined) return refused(family, why)
  return Object.fromEntries(Object.entries(chains).filter(([other]) => !gone.includes(other)))
}

function renameChain(chains: Chains, from: string | undefined, to: string | undefined, family: Family): Chains {
  if (to === undefined) return misread(family, '-E requires old-chain-name and new-chain-name')
  if (Object.hasOwn(chains, to)) return refused(family, 'File exists.')
  const chain = chainOf(chains, from, family)
  if (chain.policy !== undefined) return refused(family, 'No chain/target/match by that name.')
  if (isUsed(chains, from!)) return refuse('a chain nobody jumps to', `renaming ${from}, which rules jump to`)
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
  if (issue !== undefined) return refuse(issue.expected, issue.received)
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
