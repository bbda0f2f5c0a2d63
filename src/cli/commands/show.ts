import { InputError } from '../../model/index.ts'
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
    throw new InputError([
      {
        kind: 'invalid',
        file: '',
        path: [],
        expected: 'either --node NAME or --pod NAMESPACE/POD',
        received: name === undefined ? 'none' : 'both',
      },
    ])
  }
  const [tool = '', ...rest] = SHOW_TABLES[table].split(' ')
  if (options.json === true && tool !== 'ip' && tool !== 'bridge') {
    const expected = `a table that ${tool} prints as JSON`
    throw new InputError([{ kind: 'unsupported', file: '', path: [], expected, received: `${table} with -j` }])
  }
  const { lab } = openLab(options)
  const { netns } = lab.endpoint(name, namespaceOf(options))
  const flags = [...(options.json === true ? ['-j'] : []), ...(options.ipv6 === true ? ['-6'] : [])]
  const line = [tool, ...flags, ...rest].join(' ')
  const { stdout, stderr, exitCode } = new Shell(lab, netns).execute(line)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}
