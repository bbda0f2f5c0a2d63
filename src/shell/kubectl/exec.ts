import { InputError } from '../../model/index.ts'
import type { Desk } from '../desk.ts'
import { type FlagTable, parseFlags } from '../flags.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'

const EXEC: FlagTable = {
  valued: { '-n': 'namespace', '--namespace': 'namespace', '-c': 'container', '--container': 'container' },
  plain: { '-i': 'stdin', '--stdin': 'stdin', '-t': 'tty', '--tty': 'tty', '-q': 'quiet', '--quiet': 'quiet' },
}
const VERBS = ['get', 'exec'] as const

/** The verb of a kubectl line: its first word that is neither a flag nor the namespace behind `-n`. */
export function kubectlVerb(line: readonly string[]): string {
  const at = line.findIndex(
    (word, i) => i > 0 && !word.startsWith('-') && !/^(-n|--namespace)$/.test(line[i - 1] ?? ''),
  )
  return at === -1 ? '' : (line[at] as string)
}

/** A verb packetwalk does not have. */
export function unknownVerb(verb: string): Run {
  return failed(`packetwalk: kubectl ${verb} is not known; there are: ${VERBS.join(', ')}`)
}

/** A command to run in a pod. */
export interface PodCommand {
  /** Network namespace of the pod. */
  readonly netns: string
  /** Words of the command. */
  readonly words: readonly string[]
}

/** `kubectl exec [-n NS] [-it] POD|pod/POD|deploy/NAME [-c CONTAINER] -- COMMAND…`: where and what; a result when it is refused. */
export function kubectlExec(lab: Desk, line: readonly string[]): PodCommand | Run {
  const dashes = line.indexOf('--')
  const parsed = parseFlags(line.slice(1, dashes === -1 ? undefined : dashes), EXEC)
  if (typeof parsed === 'string') return failed(dashes === -1 ? `${parsed}; the command stands behind --` : parsed)
  const { flags, words } = parsed
  const [, name = ''] = words
  const command = dashes === -1 ? words.slice(2) : line.slice(dashes + 1)
  if (name === '') return failed('error: pod, type/name or --filename must be specified')
  const namespace = String(flags.get('namespace') ?? 'default')
  const netns = podOf(lab, name, namespace)
  if (typeof netns !== 'string') return netns
  if (command.length === 0) return failed('error: you must specify at least one command for the container')
  return { netns, words: command }
}

function podOf(lab: Desk, name: string, namespace: string): string | Run {
  try {
    const [kind, rest = ''] = name.split('/')
    // kubectl exec knows no other namespace than that of -n.
    const { netns } = lab.endpoint(rest === '' ? `pod/${namespace}/${name}` : `${kind}/${namespace}/${rest}`)
    if (netns !== undefined && !/^(node|nodes|no)\//.test(name)) return netns
    return failed(`error: cannot attach to ${name}: it is no pod`)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const [issue] = error.issues
    const bare = name.replace(/^(pods?|po)\//, '')
    const why = `packetwalk: expected ${issue?.expected}${issue?.received.replace(/^"[^"]*"/, '') ?? ''}`
    return failed(`Error from server (NotFound): pods "${bare}" not found (${why})`)
  }
}
