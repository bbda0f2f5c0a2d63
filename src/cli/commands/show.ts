import type { Lab } from '../../lab/index.ts'
import { iptablesSave } from '../../linux/index.ts'
import { didYouMean, InputError, printableLines } from '../../model/index.ts'
import { Shell } from '../../shell/index.ts'
import { SHOW_TABLES } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { namespaceOf, nodeWord, openLab, type SourceOptions } from '../open-lab.ts'

/** What can be shown. */
type ShownTable = keyof typeof SHOW_TABLES

/** Options of `packetwalk show`. */
export interface ShowOptions extends SourceOptions {
  /** `--node`. */
  readonly node?: string
  /** `--pod`. */
  readonly pod?: string
  /** `-6`. */
  readonly ipv6?: boolean
  /** `-j`. */
  readonly json?: boolean
  /** `-t`. */
  readonly table?: string
  /** `-c`. */
  readonly chain?: string
}

/** Prints a table of a node or pod as the tool of that name prints it; Services are those of the cluster. */
export function showCommand(table: ShownTable, options: ShowOptions): number {
  const name = table === 'services' ? undefined : placeOf(options)
  const line = lineOf(table, options)
  const { lab } = openLab(options)
  const netns = name === undefined ? undefined : lab.endpoint(name, namespaceOf(options)).netns
  if (table === 'iptables' && netns !== undefined) return write(rulesOf(lab, netns, options))
  const { stdout, stderr, exitCode } = new Shell(lab, netns).execute(line)
  write(stdout)
  process.stderr.write(printableLines(stderr))
  if (table === 'conntrack' && stdout === '' && options.quiet !== true)
    process.stderr.write(
      'packetwalk: no connection is tracked: none was dumped (a packetwalk shell has those it makes)\n',
    )
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}

function write(text: string): number {
  process.stdout.write(printableLines(text))
  return EXIT.ok
}

/** The node or pod that is asked about. */
function placeOf({ node, pod }: ShowOptions): string {
  const name = node !== undefined ? nodeWord(node) : pod
  if (name !== undefined && (node === undefined || pod === undefined)) return name
  throw refusal('invalid', 'either --node NAME or --pod NAMESPACE/POD', name === undefined ? 'none' : 'both')
}

/** The rules of a namespace, of one table or chain where that is asked. @throws InputError for what it does not have */
function rulesOf(lab: Lab, netns: string, { ipv6, table, chain }: ShowOptions): string {
  const ns = lab.network.namespaces[netns]
  const ruleset = ipv6 === true ? ns?.ip6tables : ns?.iptables
  const tables = Object.entries(ruleset?.tables ?? {})
  if (table !== undefined && !tables.some(([name]) => name === table)) {
    const names = tables.map(([name]) => name)
    throw refusal('missing_reference', `a table of ${netns}: ${names.join(', ') || 'it has none'}`, `"${table}"`)
  }
  const family = ipv6 === true ? ('inet6' as const) : ('inet' as const)
  const options = { family, ...(table === undefined ? {} : { table }), ...(chain === undefined ? {} : { chain }) }
  const text = iptablesSave(ruleset, options)
  if (chain === undefined || text !== '') return text
  const chains = tables.flatMap(([name, one]) => (table === undefined || table === name ? Object.keys(one.chains) : []))
  throw refusal('missing_reference', `a chain of ${netns}; ${didYouMean(chain, [...new Set(chains)])}`, `"${chain}"`)
}

/** The command line that prints a table. @throws InputError for a flag that its tool does not have */
function lineOf(table: ShownTable, options: ShowOptions): string {
  const [tool = '', ...rest] = SHOW_TABLES[table].split(' ')
  if (options.json === true && tool !== 'ip' && tool !== 'bridge')
    throw refusal('unsupported', `a table that ${tool} prints as JSON`, `${table} with -j`)
  if (options.ipv6 === true && tool !== 'ip' && table !== 'iptables')
    throw refusal('unsupported', `a table that ${tool} has for each family`, `${table} with -6`)
  if (table !== 'iptables' && (options.table !== undefined || options.chain !== undefined))
    throw refusal('unsupported', 'iptables with -t and -c', table)
  if (table === 'services') {
    const namespace = namespaceOf(options)
    return [tool, ...rest, ...(namespace === undefined ? ['-A'] : ['-n', namespace])].join(' ')
  }
  const flags = [...(options.json === true ? ['-j'] : []), ...(options.ipv6 === true ? ['-6'] : [])]
  return [tool, ...flags, ...rest].join(' ')
}

function refusal(
  kind: 'invalid' | 'unsupported' | 'missing_reference',
  expected: string,
  received: string,
): InputError {
  return new InputError([{ kind, file: '', path: [], expected, received }])
}
