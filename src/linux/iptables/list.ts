import type { Chain, IptRule, Match, Ruleset, Table, TableName } from '../../model/index.ts'
import { isHostPrefix, prefixAddress, prefixLength } from '../../wire/index.ts'
import { protocolText } from '../protocol.ts'
import { matchListText, targetListText, targetName } from './list-words.ts'
import { ruleText } from './rule-text.ts'

/** Packets and bytes that a rule has counted; the rule left out: those of the chain's policy. */
export type RuleCounts = (chain: string, rule?: number) => readonly [packets: number, bytes: number]

/** What `iptables -L` and `iptables -S` are asked for. */
export interface IptablesListOptions {
  /** Table (`-t`); absent = filter. */
  readonly table?: TableName
  /** Only this chain. */
  readonly chain?: string
  /** Only this rule of the chain, from 1. */
  readonly rule?: number
  /** `-n`: addresses, never names. */
  readonly numeric?: boolean
  /** `-v`: counters and interfaces. */
  readonly verbose?: boolean
  /** `-x`: counters to the last digit. */
  readonly exact?: boolean
  /** `--line-numbers`. */
  readonly lineNumbers?: boolean
  /** Whose rules they are; absent = inet. */
  readonly family?: 'inet' | 'inet6'
  /** Counters; absent: nothing has been counted. */
  readonly counts?: RuleCounts
}

/** Base chains of each table, as a table starts. */
const BASE_CHAINS: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** A table nobody has touched: its base chains, empty, policy ACCEPT. */
export function emptyTable(name: TableName): Table {
  const chains = BASE_CHAINS[name].map((chain): [string, Chain] => [chain, { policy: 'ACCEPT', rules: [] }])
  return { chains: Object.fromEntries(chains) }
}

const NOTHING: RuleCounts = () => [0, 0]

/** The chains of the table, and those that are asked for, base chains first; undefined when there is none of that name. */
function chainsOf(ruleset: Ruleset | undefined, { table = 'filter', chain }: IptablesListOptions) {
  const chains = ruleset?.tables[table]?.chains ?? {}
  const empty = emptyTable(table).chains
  const of = (name: string): Chain | undefined =>
    Object.hasOwn(chains, name) ? chains[name] : Object.hasOwn(empty, name) ? empty[name] : undefined
  const names = chain === undefined ? [...new Set([...Object.keys(empty), ...Object.keys(chains)])] : [chain]
  const shown = names.flatMap((name): (readonly [string, Chain])[] => {
    const found = of(name)
    return found === undefined ? [] : [[name, found]]
  })
  return shown.length === 0 ? undefined : { chains, shown }
}

/** `iptables [-t TABLE] -L [CHAIN [RULE]]`; undefined when there is no chain of that name. */
export function iptablesList(ruleset: Ruleset | undefined, options: IptablesListOptions = {}): string | undefined {
  const found = chainsOf(ruleset, options)
  if (found === undefined) return undefined
  const { rule: only } = options
  if (only !== undefined) {
    const [[name, chain] = ['', { rules: [] }]] = found.shown
    const rule = chain.rules[only - 1]
    return rule === undefined ? '' : ruleLine(name, rule, only - 1, { ...options, lineNumbers: false })
  }
  const references = referencesIn(found.chains)
  const parts = found.shown.map(([name, chain]) => {
    const lines = chain.rules.map((rule, i) => ruleLine(name, rule, i, options))
    return `${headOf(name, chain, references.get(name) ?? 0, options)}${columns(options)}\n${lines.join('')}`
  })
  return parts.join('\n')
}

/** How often each chain is jumped to. */
function referencesIn(chains: Readonly<Record<string, Chain>>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { rules } of Object.values(chains)) {
    for (const { target } of rules) {
      if (target?.kind !== 'jump' && target?.kind !== 'goto') continue
      counts.set(target.chain, (counts.get(target.chain) ?? 0) + 1)
    }
  }
  return counts
}

function headOf(name: string, { policy }: Chain, references: number, options: IptablesListOptions): string {
  if (policy === undefined) return `Chain ${name} (${references} references)\n`
  const [packets, bytes] = (options.counts ?? NOTHING)(name)
  const counted =
    options.verbose === true
      ? ` ${counter(packets, 0, options).trim()} packets, ${counter(bytes, 0, options).trim()} bytes`
      : ''
  return `Chain ${name} (policy ${policy}${counted})\n`
}

/** The line of the columns' names. */
function columns({ verbose, exact, lineNumbers }: IptablesListOptions): string {
  const number = lineNumbers === true ? 'num  ' : ''
  const counters = verbose !== true ? '' : exact === true ? '    pkts      bytes ' : ' pkts bytes '
  const devices = verbose === true ? ' in     out    ' : ''
  return `${number}${counters}target     prot opt${devices} source               destination         `
}

/** A number as the tool rounds it: beyond five digits to thousands, and so on. */
function counter(value: number, width: number, { exact }: IptablesListOptions): string {
  if (exact === true) return `${String(value).padStart(width === 0 ? 0 : 8)} `
  if (value <= 99_999) return `${String(value).padStart(width)} `
  let rounded = value
  for (const unit of 'KMGT') {
    rounded = Math.floor((rounded + 500) / 1000)
    if (rounded <= 9999 || unit === 'T') return `${String(rounded).padStart(width - 1)}${unit} `
  }
  return ''
}

function matchOf<K extends Match['kind']>(rule: IptRule, kind: K): Extract<Match, { kind: K }> | undefined {
  return rule.matches.find((match): match is Extract<Match, { kind: K }> => match.kind === kind)
}

/** A rule as `iptables -L` prints it. */
function ruleLine(chain: string, rule: IptRule, index: number, options: IptablesListOptions): string {
  const { family = 'inet', verbose, lineNumbers, counts = NOTHING } = options
  const [packets, bytes] = verbose === true ? counts(chain, index) : [0, 0]
  const counted = verbose === true ? `${counter(packets, 5, options)}${counter(bytes, 5, options)}` : ''
  const name = targetName(rule.target, family)
  const devices =
    verbose === true ? ` ${deviceCell(matchOf(rule, 'in-interface'))}${deviceCell(matchOf(rule, 'out-interface'))}` : ''
  const cells = `${name.padEnd(9)}  ${protocolCell(matchOf(rule, 'protocol'))}${fragmentCell(rule)} ${devices}`
  const ends = `${networkCell(matchOf(rule, 'source'), options)}${networkCell(matchOf(rule, 'destination'), options)}`
  const goTo = rule.target?.kind === 'goto' ? '[goto] ' : ''
  const matches = rule.matches.map((match) => matchListText(match, family)).join('')
  const target = rule.target === undefined ? '' : targetListText(rule.target, family)
  const number = lineNumbers === true ? `${String(index + 1).padEnd(4)} ` : ''
  return `${number}${counted}${cells}${ends}${goTo}${matches}${target}\n`
}

function protocolCell(match: Extract<Match, { kind: 'protocol' }> | undefined): string {
  const text = match === undefined ? 'all' : protocolText(match.protocol)
  return `${match?.invert === true ? '!' : ''}${text}`.padEnd(4).concat(' ')
}

function fragmentCell(rule: IptRule): string {
  const fragment = matchOf(rule, 'fragment')
  return fragment === undefined ? '--' : fragment.invert === true ? '!f' : '-f'
}

function deviceCell(match: { readonly name: string; readonly invert?: boolean } | undefined): string {
  return `${match?.invert === true ? '!' : ''}${match?.name ?? '*'}`.padEnd(6).concat(' ')
}

function networkCell(
  match: Extract<Match, { kind: 'source' | 'destination' }> | undefined,
  { family = 'inet', numeric }: IptablesListOptions,
): string {
  const all = numeric === true ? (family === 'inet' ? '0.0.0.0/0' : '::/0') : 'anywhere'
  const text = match === undefined ? all : networkText(match.prefix, all)
  return `${match?.invert === true ? '!' : ' '}${text.padEnd(19)} `
}

/** A host without its length. */
function networkText(prefix: Extract<Match, { kind: 'source' }>['prefix'], all: string): string {
  if (prefixLength(prefix) === 0) return all
  return isHostPrefix(prefix) ? prefixAddress(prefix) : prefix
}

/** `iptables [-t TABLE] -S [CHAIN [RULE]]`; undefined when there is no chain of that name. */
export function iptablesRules(ruleset: Ruleset | undefined, options: IptablesListOptions = {}): string | undefined {
  const found = chainsOf(ruleset, options)
  if (found === undefined) return undefined
  const { family = 'inet', rule: only } = options
  const lines = found.shown.flatMap(([name, chain]) =>
    chain.rules.flatMap((rule, i) => {
      if (only !== undefined && only !== i + 1) return []
      return [`${ruleText(name, rule, family)}\n`]
    }),
  )
  const bases = found.shown.filter(([, { policy }]) => policy !== undefined)
  const own = found.shown.filter(([, { policy }]) => policy === undefined)
  const heads = [...bases.map(([name, { policy }]) => `-P ${name} ${policy}\n`), ...own.map(([name]) => `-N ${name}\n`)]
  return `${only === undefined ? heads.join('') : ''}${lines.join('')}`
}
