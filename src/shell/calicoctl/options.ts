import { type FlagTable, type ParsedFlags, parseFlags } from '../flags.ts'

/** Options of all commands. @calico calicoctl/calicoctl/commands */
const EVERYWHERE: FlagTable = {
  valued: {
    '-l': 'log-level',
    '--log-level': 'log-level',
    '-c': 'config',
    '--config': 'config',
    '--context': 'context',
  },
  plain: { '--allow-version-mismatch': 'allow-version-mismatch', '-h': 'help', '--help': 'help' },
}

/** Options that verbs have. */
const VALUED: Readonly<Record<string, string>> = {
  '-n': 'namespace',
  '--namespace': 'namespace',
  '-o': 'output',
  '--output': 'output',
  '-f': 'filename',
  '--filename': 'filename',
  '-p': 'patch',
  '--patch': 'patch',
  '-t': 'type',
  '--type': 'type',
  '--ip': 'ip',
  '--strictaffinity': 'strictaffinity',
  '--max-blocks-per-host': 'max-blocks-per-host',
  '--from-report': 'from-report',
}
const PLAIN: Readonly<Record<string, string>> = {
  '-a': 'all-namespaces',
  '-A': 'all-namespaces',
  '--all-namespaces': 'all-namespaces',
  '--export': 'export',
  '-R': 'recursive',
  '--recursive': 'recursive',
  '--skip-empty': 'skip-empty',
  '--skip-exists': 'skip-exists',
  '--skip-not-exists': 'skip-not-exists',
  '--overwrite': 'overwrite',
  '--remove': 'remove',
  '--show-blocks': 'show-blocks',
  '--show-borrowed': 'show-borrowed',
  '--show-configuration': 'show-configuration',
  '--show-all-ips': 'show-all-ips',
  '--show-problem-ips': 'show-problem-ips',
  '--force': 'force',
}

const FILES = ['filename', 'recursive', 'skip-empty'] as const
const OBJECTS = [...FILES, 'namespace'] as const

/** Which of them each verb takes. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  get: [...OBJECTS, 'output', 'all-namespaces', 'export'],
  apply: OBJECTS,
  create: [...OBJECTS, 'skip-exists'],
  replace: OBJECTS,
  delete: [...OBJECTS, 'skip-not-exists'],
  patch: ['namespace', 'patch', 'type'],
  label: ['namespace', 'overwrite', 'remove'],
  validate: FILES,
  convert: [...FILES, 'output'],
  'ipam show': ['ip', 'show-blocks', 'show-borrowed', 'show-configuration'],
  'ipam check': ['show-all-ips', 'show-problem-ips', 'output'],
  'ipam release': ['ip', 'from-report', 'force'],
  'ipam configure': ['strictaffinity', 'max-blocks-per-host'],
}

/** A command line of calicoctl: its options, and words from the verb on. */
export interface Asked {
  readonly flags: ReadonlyMap<string, string | true>
  /** The same in the order they stand, those that stand several times, too. */
  readonly given: readonly (readonly [name: string, value: string | true])[]
  readonly words: readonly string[]
}

/** The options a verb has; a text says which it has not. */
export function askedOf(verb: string, line: readonly string[]): Asked | string {
  const taken = Object.hasOwn(TAKEN, verb) ? (TAKEN[verb] ?? []) : []
  const own = (table: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(table).filter(([, name]) => taken.includes(name)))
  const parsed: ParsedFlags | string = parseFlags(line, {
    valued: { ...own(VALUED), ...EVERYWHERE.valued },
    plain: { ...own(PLAIN), ...EVERYWHERE.plain },
  })
  return parsed
}

/** The namespace that is meant. */
export function namespaceOfFlags(flags: Asked['flags']): string {
  return String(flags.get('namespace') ?? 'default')
}
