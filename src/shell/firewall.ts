import { noSuchTable } from '../commands/index.ts'
import {
  type IptablesListOptions,
  ipsetList,
  ipsetSave,
  iptablesList,
  iptablesRules,
  iptablesSave,
  isTableName,
} from '../linux/index.ts'
import { didYouMean, type IpSet, type Ruleset, type TableName } from '../model/index.ts'
import { contains, parseIp, parsePrefix } from '../wire/index.ts'
import { changeState } from './change.ts'
import { type FlagTable, parseFlags } from './flags.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

type Family = 'inet' | 'inet6'

/** Letters of `iptables -L` that take no value; they may stand together with `L` at the end, as in `-nvL`. */
const LETTERS = 'nvxwL'

/** Commands that print; anything else changes rules. */
const PRINTING: ReadonlySet<string> = new Set(['-L', '--list', '-S', '--list-rules'])

/** `iptables [-t TABLE] -L|-S [CHAIN [RULE]] [-n] [-v] [-x] [--line-numbers]`; other lines change rules. */
export function iptablesCommand(host: Host, words: readonly string[], line: string): Run {
  const tool = words[0] ?? ''
  const spread = words.slice(1).flatMap(spreadLetters)
  if (spread.some((word) => word === '-V' || word === '--version')) return printed(`${tool} v1.8.9 (legacy)\n`)
  const command = spread.find((word) => PRINTING.has(word))
  if (command === undefined) {
    const run = changeState(host, line)
    if (run.exitCode === 0) zeroed(host, spread, tool)
    return run
  }
  const asked = readListing(spread, tool)
  if (typeof asked === 'string') return failed(asked, /can't initialize/.test(asked) ? 3 : 2)
  const family: Family = tool.startsWith('ip6') ? 'inet6' : 'inet'
  const isList = command === '-L' || command === '--list'
  const { table = 'filter' } = asked
  const options = { ...asked, family, counts: countsOf(host, family, table) }
  const rules = rulesOf(host, family)
  const text = isList ? iptablesList(rules, options) : iptablesRules(rules, options)
  if (text !== undefined) return printed(text)
  const chains = Object.keys(rules?.tables[table]?.chains ?? {})
  const hint = `packetwalk: table ${table} has no chain "${asked.chain}"; ${didYouMean(asked.chain ?? '', chains)}`
  return failed(`${tool}: No chain/target/match by that name. (${hint})`)
}

/** `-Z [CHAIN [RULE]]`: counters belong to the running kernel, not to the rules. */
function zeroed(host: Host, words: readonly string[], tool: string): void {
  const at = words.findIndex((word) => word === '-Z' || word === '--zero')
  if (at === -1) return
  const table = words[words.findIndex((word) => word === '-t' || word === '--table') + 1] ?? 'filter'
  const isNamed = words.some((word) => word === '-t' || word === '--table')
  const [chain, rule] = words.slice(at + 1)
  const family: Family = tool.startsWith('ip6') ? 'inet6' : 'inet'
  const name = isNamed && isTableName(table) ? table : 'filter'
  const number = rule !== undefined && /^\d+$/.test(rule) ? Number(rule) - 1 : undefined
  host.ns.nf?.zeroCounters(family, name, chain?.startsWith('-') === true ? undefined : chain, number)
}

/** `-nvL` as the tool reads it: a letter at a time. */
function spreadLetters(word: string): string[] {
  const isTogether = /^-[a-zA-Z]{2,}$/.test(word) && [...word.slice(1)].every((letter) => LETTERS.includes(letter))
  return isTogether ? [...word.slice(1)].map((letter) => `-${letter}`) : [word]
}

type Asked = { -readonly [K in keyof IptablesListOptions]: IptablesListOptions[K] }

/** What is asked for; a text says what the tool does not take. */
function readListing(words: readonly string[], tool: string): Asked | string {
  const asked: Asked = {}
  const named: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === '-t' || word === '--table') {
      const name = words[++i] ?? ''
      if (!isTableName(name)) return noSuchTable(tool === 'ip6tables' ? 'inet6' : 'inet', name)
      asked.table = name
    } else if (word === '-n' || word === '--numeric') asked.numeric = true
    else if (word === '-v' || word === '--verbose') asked.verbose = true
    else if (word === '-x' || word === '--exact') asked.exact = true
    else if (word === '--line-numbers' || word === '--line-number') asked.lineNumbers = true
    else if (PRINTING.has(word)) continue
    else if (word === '-w' || word === '--wait') i += /^\d+$/.test(words[i + 1] ?? '') ? 1 : 0
    else if (word.startsWith('-')) return `${tool}: unknown option "${word}"`
    else named.push(word)
  }
  const [chain, rule, ...more] = named
  const number = rule === undefined ? undefined : /^\d{1,9}$/.test(rule) ? Number(rule) : 0
  if (number === 0 || more.length > 0) return `${tool}: Invalid rule number \`${more[0] ?? rule}'`
  if (chain !== undefined) asked.chain = chain
  if (number !== undefined) asked.rule = number
  return asked
}

function rulesOf(host: Host, family: Family): Ruleset | undefined {
  return family === 'inet' ? host.model.iptables : host.model.ip6tables
}

/** Counters of a table's rules, and of the policies of its chains. */
function countsOf(host: Host, family: Family, table: TableName): NonNullable<IptablesListOptions['counts']> {
  const { nf } = host.ns
  let policies: ReadonlyMap<string, readonly [number, number]> | undefined
  return (chain, rule) => {
    if (nf === null || nf === undefined) return [0, 0]
    if (rule !== undefined) return nf.counter(family, table, chain, rule)
    policies ??= new Map(
      nf
        .counters(family)
        .filter((one) => one.table === table && one.policy !== undefined)
        .map(({ chain: name, packets, bytes }) => [name, [packets, bytes]]),
    )
    return policies.get(chain) ?? [0, 0]
  }
}

const SAVE_FLAGS: FlagTable = {
  valued: { '-t': 'table', '--table': 'table' },
  plain: { '-c': 'counters', '--counters': 'counters' },
}

/** `iptables-save [-c] [-t TABLE]`, `ip6tables-save`. */
export function iptablesSaveCommand(host: Host, words: readonly string[]): Run {
  const tool = words[0] ?? ''
  const known = { ...SAVE_FLAGS.valued, ...SAVE_FLAGS.plain }
  const unknown = words.slice(1).find((word) => word.startsWith('--') && !Object.hasOwn(known, word.split('=', 1)[0]!))
  if (unknown !== undefined) return failed(`${tool}: unrecognized option '${unknown}'`)
  const parsed = parseFlags(words.slice(1), SAVE_FLAGS)
  if (typeof parsed === 'string') return failed(`${tool}: ${parsed.replace(/^error: /, '')}`)
  if (parsed.words.length > 0) return failed(`Unknown arguments found on commandline: "${parsed.words.join(' ')}"`)
  const table = parsed.flags.get('table')
  if (typeof table === 'string' && !isTableName(table))
    return failed(`${tool}: Cannot initialize: Table does not exist (packetwalk: no table "${table}")`)
  const family: Family = tool === 'ip6tables-save' ? 'inet6' : 'inet'
  const counters = (name: string, chain: string, rule: number): readonly [number, number] =>
    countsOf(host, family, name as TableName)(chain, rule)
  return printed(
    iptablesSave(rulesOf(host, family), {
      family,
      ...(typeof table === 'string' ? { table } : {}),
      ...(parsed.flags.has('counters') ? { counters } : {}),
    }),
  )
}

/** `iptables-restore [-n] [FILE]`, `ip6tables-restore`: from a file, a pipe or a redirection. */
export function iptablesRestoreCommand(host: Host, words: readonly string[]): Run {
  const tool = words[0] ?? ''
  const known = ['-n', '--noflush', '-w', '--wait', '-v', '--verbose']
  const wrong = words.slice(1).find((word) => word.startsWith('-') && !known.includes(word))
  if (wrong !== undefined)
    return failed(`packetwalk: ${tool} ${wrong} is not known here; there are -n and a file, or < FILE`, 2)
  const [file, ...more] = words.slice(1).filter((word) => !word.startsWith('-'))
  if (more.length > 0) return failed(`Unknown arguments found on commandline`)
  const text = file === undefined ? host.stdin : host.files.read(file)
  if (text === undefined)
    return failed(`packetwalk: ${tool} reads what ${tool.replace('restore', 'save')} prints: ${tool} < FILE`, 2)
  if (typeof text !== 'string') return failed(`Can't open ${file}: ${text.fault}`)
  const flags = words.slice(1).filter((word) => word === '-n' || word === '--noflush')
  return changeState(host, [tool, ...flags].join(' '), text)
}

const IPSET_FLAGS: FlagTable = {
  valued: { '-o': 'output', '--output': 'output' },
  plain: { '-t': 'terse', '-terse': 'terse', '-n': 'name', '-name': 'name', '--terse': 'terse', '--name': 'name' },
}

/** `ipset list|save [NAME] [-t] [-n] [-o plain|save]`; other lines change sets. */
export function ipsetCommand(host: Host, typed: readonly string[], line: string): Run {
  // The form may stand before the command, too.
  const isFirst = /^-(?:o|-?output)$/.test(typed[1] ?? '')
  const words = isFirst ? ['ipset', ...typed.slice(3), ...typed.slice(1, 3)] : typed
  const verbs: Readonly<Record<string, 'list' | 'save'>> = {
    list: 'list',
    '-L': 'list',
    '--list': 'list',
    save: 'save',
    '-S': 'save',
    '--save': 'save',
  }
  const verb = Object.hasOwn(verbs, words[1] ?? '') ? verbs[words[1] as string] : undefined
  if (/^(?:version|-v|--version|-version)$/.test(words[1] ?? '')) return printed('ipset v7.17, protocol version: 7\n')
  if (words[1] === 'test' || words[1] === '-T') return ipsetTest(host, words.slice(2))
  if (verb === undefined) return changeState(host, line, host.stdin)
  // The tool has long options with one dash.
  const rest = words.slice(2).map((word) => (/^-(?:terse|name|output)$/.test(word) ? `-${word}` : word))
  const parsed = parseFlags(rest, IPSET_FLAGS)
  if (typeof parsed === 'string') return failed(`ipset: ${parsed.replace(/^error: /, '')}`)
  const form = parsed.flags.get('output') ?? 'plain'
  if (form === 'xml' || form === 'json')
    return failed(`packetwalk: ipset -o ${form} is not known here; there are -o plain and -o save`, 2)
  if (form !== 'plain' && form !== 'save') return failed(`ipset v7.17: Syntax error: unknown output mode '${form}'`)
  const sets = host.model.ipsets ?? {}
  const [name, ...more] = parsed.words
  if (more.length > 0) return failed(`ipset v7.17: Unknown argument ${more[0]}`)
  if (name !== undefined && !Object.hasOwn(sets, name))
    return failed(
      `ipset v7.17: The set with the given name does not exist (packetwalk: ${didYouMean(name, Object.keys(sets))})`,
    )
  if (parsed.flags.has('name')) return printed((name === undefined ? Object.keys(sets) : [name]).map(asLine).join(''))
  const shown: Readonly<Record<string, IpSet>> = name === undefined ? sets : { [name]: sets[name] as IpSet }
  if (verb === 'save' || form === 'save') return printed(ipsetSave(shown))
  const used = usesOfSets(host)
  return printed(ipsetList(Object.values(shown), (one) => used.get(one) ?? 0, parsed.flags.has('terse')))
}

/** `ipset test SET ENTRY`: whether a set has an entry, or for an address a network with it. */
function ipsetTest(host: Host, [name = '', entry]: readonly string[]): Run {
  const sets = host.model.ipsets ?? {}
  const set = Object.hasOwn(sets, name) ? sets[name] : undefined
  if (entry === undefined) return failed('ipset v7.17: Missing second mandatory argument to command test', 2)
  if (set === undefined) return failed('ipset v7.17: The set with the given name does not exist')
  const address = parseIp(entry)
  const isIn = set.members.some((member) => {
    const [first = ''] = member.split(/[ ]/)
    const prefix = parsePrefix(first)
    return first === entry || (address !== undefined && prefix !== undefined && contains(prefix, address))
  })
  return isIn ? printed('', `Warning: ${entry} is in set ${name}.\n`) : failed(`${entry} is NOT in set ${name}.`)
}

const asLine = (text: string): string => `${text}\n`

/** How many rules ask for each set. */
function usesOfSets(host: Host): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const ruleset of [host.model.iptables, host.model.ip6tables]) {
    for (const table of Object.values(ruleset?.tables ?? {})) {
      for (const { rules } of Object.values(table.chains)) {
        const sets = rules.flatMap((rule) => rule.matches.flatMap((match) => (match.kind === 'set' ? [match.set] : [])))
        for (const set of sets) counts.set(set, (counts.get(set) ?? 0) + 1)
      }
    }
  }
  return counts
}
