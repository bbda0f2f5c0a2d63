import { InputError } from '../../model/index.ts'
import type { Desk } from '../desk.ts'
import { type FlagTable, parseFlags } from '../flags.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import type { Kube } from './kube.ts'

const EXEC: FlagTable = {
  valued: { '-n': 'namespace', '--namespace': 'namespace', '-c': 'container', '--container': 'container' },
  plain: { '-i': 'stdin', '--stdin': 'stdin', '-t': 'tty', '--tty': 'tty', '-q': 'quiet', '--quiet': 'quiet' },
}

/** `kubectl exec [-n NS] [-it] POD|pod/POD|deploy/NAME [-c CONTAINER] -- COMMAND…`: runs the command in the network of the pod. */
export function exec(kube: Kube, line: readonly string[]): Run {
  const dashes = line.indexOf('--')
  const parsed = parseFlags(line.slice(1, dashes === -1 ? undefined : dashes), EXEC)
  if (typeof parsed === 'string') return failed(dashes === -1 ? `${parsed}; the command stands behind --` : parsed)
  const { flags, words } = parsed
  const [, name = ''] = words
  const command = dashes === -1 ? words.slice(2) : line.slice(dashes + 1)
  if (name === '') return failed('error: pod, type/name or --filename must be specified')
  const namespace = String(flags.get('namespace') ?? 'default')
  const netns = podOf(kube.desk, name, namespace)
  if (typeof netns !== 'string') return netns
  if (command.length === 0) return failed('error: you must specify at least one command for the container')
  return kube.run(netns, command)
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
