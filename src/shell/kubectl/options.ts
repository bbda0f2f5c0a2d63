import { type FlagTable, parseFlags } from '../flags.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'

/** Options of a verb, besides those that all verbs have. */
export type VerbOptions = Partial<FlagTable>

const ONE_CLUSTER = 'a lab is one cluster, and whoever types is its administrator'
const NO_SERVER = 'there is no API server to talk to'
const NO_MANAGERS = 'who owns which field is not kept'

/** Options of all verbs that nothing here follows. */
const REFUSED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'as',
      'as-group',
      'as-uid',
      'as-user-extra',
      'cluster',
      'context',
      'kubeconfig',
      'user',
      'username',
      'password',
      'token',
    ].map((name) => [`--${name}`, ONE_CLUSTER]),
  ),
  ...Object.fromEntries(
    [
      'server',
      'cache-dir',
      'certificate-authority',
      'client-certificate',
      'client-key',
      'disable-compression',
      'insecure-skip-tls-verify',
      'match-server-version',
      'tls-server-name',
      'profile',
      'profile-output',
      'log-flush-frequency',
      'v',
      'vmodule',
      'warnings-as-errors',
    ].map((name) => [`--${name}`, NO_SERVER]),
  ),
  '-s': NO_SERVER,
  '-v': NO_SERVER,
}

/** Options that verbs share and nothing here follows. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  '--chunk-size': 'all objects are at hand at once',
  '--field-manager': NO_MANAGERS,
  '--force-conflicts': NO_MANAGERS,
  '--kustomize': 'kustomize is not modelled; build it elsewhere and give what it prints with -f',
  '-k': 'kustomize is not modelled; build it elsewhere and give what it prints with -f',
  '--raw': NO_SERVER,
  '--record': 'it is gone from kubectl; annotate says as much',
  '--server-side': NO_MANAGERS,
  '--show-managed-fields': NO_MANAGERS,
  '--subresource': 'objects are stored whole',
  '--template': 'templates of Go are not modelled; -o jsonpath=… and -o custom-columns=… are',
}

/** Of the options that verbs share and nothing here follows these, with the reasons. */
export function refusing(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, NOT_FOLLOWED[name] as string]))
}

/** A kubectl line taken apart. */
export interface Asked {
  /** Words behind the verb. */
  readonly words: readonly string[]
  /** Namespace that is meant. */
  readonly namespace: string
  /** Whether it was said. */
  readonly namespaceGiven: boolean
  /** Whether an option was given. */
  readonly has: (name: string) => boolean
  /** Value of an option; undefined when it was not given. */
  readonly text: (name: string) => string | undefined
  /** Values of an option that may be given several times, and with commas. */
  readonly all: (name: string) => readonly string[]
}

/** A table of options of the same name as they are kept by: `-o --output=output`. */
export function named(...lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const names = line.split(' ')
      const long = names.find((name) => name.startsWith('--')) ?? (names[0] as string)
      return names.map((name) => [name, long.replace(/^--?/, '')])
    }),
  )
}

/** Takes the options of a verb apart; the line begins with `kubectl`. What is not followed is refused by name. */
export function ask(line: readonly string[], own: VerbOptions): Asked | Run {
  const parsed = parseFlags(line.slice(1), {
    valued: { ...named('-n --namespace', '--request-timeout'), ...own.valued },
    plain: own.plain ?? {},
    optional: own.optional ?? {},
    refused: { ...REFUSED, ...own.refused },
  })
  if (typeof parsed === 'string') return failed(`${parsed}\nSee 'help' for what packetwalk knows.`)
  const { flags, given, words } = parsed
  const text = (name: string): string | undefined => {
    const value = flags.get(name)
    return value === undefined ? undefined : value === true ? 'true' : value
  }
  const namespace = text('namespace')
  return {
    words: words.slice(1),
    namespace: namespace === undefined || namespace === '' ? 'default' : namespace,
    namespaceGiven: namespace !== undefined,
    has: (name) => flags.has(name),
    text,
    all: (name) => given.flatMap(([key, value]) => (key === name && value !== true ? [value] : [])),
  }
}

/** Whether a line could not be taken apart, or what was asked could not be done. */
export function isRun(value: object): value is Run {
  return 'exitCode' in value
}

/** How `--dry-run` was meant, and what is said behind what would be done. */
export interface DryRun {
  readonly isDry: boolean
  /** `` or ` (dry run)` or ` (server dry run)`. */
  readonly remark: string
}

/** `--dry-run=none|client|server`. @kubernetes kubectl/pkg/cmd/util GetDryRunStrategy */
export function dryRunOf(asked: Asked): DryRun | Run {
  switch (asked.text('dry-run')) {
    case undefined:
    case 'none':
      return { isDry: false, remark: '' }
    case 'client':
      return { isDry: true, remark: ' (dry run)' }
    case 'server':
      return { isDry: true, remark: ' (server dry run)' }
    default: {
      const words = `Invalid dry-run value (${asked.text('dry-run')}). Must be "none", "server", or "client".`
      return failed(`error: ${words}`)
    }
  }
}

/** `5m`, `1h30m`, `90s`, `300ms`, `0`, in seconds; undefined for no duration. */
export function secondsOf(text: string): number | undefined {
  if (/^-?\d+$/.test(text)) return Number(text) === 0 ? 0 : undefined
  if (!/^-?(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return undefined
  const unit: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 }
  const total = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce(
    (sum, [, n, u = 's']) => sum + Number(n) * (unit[u] as number),
    0,
  )
  return text.startsWith('-') ? -total : total
}
