import { InputError, printableLines } from '../../model/index.ts'
import { Shell } from '../../shell/index.ts'
import { SHOW_TABLES } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { namespaceOf, nodeWord, openLab, type SourceOptions } from '../open-lab.ts'

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
}

/** Prints a table of a node or pod as the tool of that name prints it. */
export function showCommand(table: keyof typeof SHOW_TABLES, options: ShowOptions): number {
  const name = options.node !== undefined ? nodeWord(options.node) : options.pod
  if (name === undefined || (options.node !== undefined && options.pod !== undefined)) {
    throw refusal('invalid', 'either --node NAME or --pod NAMESPACE/POD', name === undefined ? 'none' : 'both')
  }
  const line = lineOf(table, options)
  const { lab } = openLab(options)
  const { netns } = lab.endpoint(name, namespaceOf(options))
  const { stdout, stderr, exitCode } = new Shell(lab, netns).execute(line)
  process.stdout.write(printableLines(stdout))
  process.stderr.write(printableLines(stderr))
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}

/** The command line that prints a table. @throws InputError for a flag that its tool does not have */
function lineOf(table: keyof typeof SHOW_TABLES, options: ShowOptions): string {
  const [tool = '', ...rest] = SHOW_TABLES[table].split(' ')
  if (options.json === true && tool !== 'ip' && tool !== 'bridge')
    throw refusal('unsupported', `a table that ${tool} prints as JSON`, `${table} with -j`)
  if (options.ipv6 === true && table === 'iptables') return 'ip6tables-save'
  if (options.ipv6 === true && tool !== 'ip')
    throw refusal('unsupported', `a table that ${tool} has for each family`, `${table} with -6`)
  const flags = [...(options.json === true ? ['-j'] : []), ...(options.ipv6 === true ? ['-6'] : [])]
  return [tool, ...flags, ...rest].join(' ')
}

function refusal(kind: 'invalid' | 'unsupported', expected: string, received: string): InputError {
  return new InputError([{ kind, file: '', path: [], expected, received }])
}
