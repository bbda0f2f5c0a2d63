import type { Cluster, NodeResource, PodResource } from '../control/index.ts'
import { didYouMean, InputError } from '../model/index.ts'
import type { Desk } from './desk.ts'
import { type FlagTable, type ParsedFlags, parseFlags, refusedOutput } from './flags.ts'
import { labelTest } from './label-selector.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'
import { table } from './table.ts'

/** Said where commands about objects are typed and there are none. */
export const NO_CLUSTER =
  'packetwalk: there are no Kubernetes objects here; this network was made by hand or from dumps'

const GET: FlagTable = {
  valued: {
    '-n': 'namespace',
    '--namespace': 'namespace',
    '-o': 'output',
    '--output': 'output',
    '-l': 'selector',
    '--selector': 'selector',
  },
  plain: { '-A': 'all', '--all-namespaces': 'all', '--no-headers': 'bare' },
}
const EXEC: FlagTable = {
  valued: { '-n': 'namespace', '--namespace': 'namespace', '-c': 'container', '--container': 'container' },
  plain: { '-i': 'stdin', '--stdin': 'stdin', '-t': 'tty', '--tty': 'tty', '-q': 'quiet', '--quiet': 'quiet' },
}
const OUTPUTS = ['wide', 'name'] as const
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

/** What `kubectl get` is asked for. */
interface Asked {
  readonly names: readonly string[]
  readonly namespace: string | undefined
  readonly output: string
  readonly bare: boolean
  readonly selects: (labels: Readonly<Record<string, string>>) => boolean
}

/** `kubectl get pods|nodes [NAME…] [-n NS|-A] [-l SELECTOR] [-o wide|name]`. */
export function kubectlGet(cluster: Cluster | null, line: readonly string[]): Run {
  if (cluster === null) return failed(NO_CLUSTER)
  const parsed = parseFlags(line.slice(1), GET)
  if (typeof parsed === 'string') return failed(`${parsed}\nSee 'help' for what packetwalk knows.`)
  const { flags } = parsed
  const refused = refusedOutput(flags.get('output'), OUTPUTS)
  if (refused !== undefined) return failed(refused)
  const selects = labelTest(String(flags.get('selector') ?? ''))
  if (typeof selects === 'string') return failed(selects)
  const { kind, names } = typeAndNames(parsed)
  const all = flags.has('all')
  if (all && names.length > 0) return failed('error: a resource cannot be retrieved by name across all namespaces')
  const asked = {
    names,
    namespace: all ? undefined : String(flags.get('namespace') ?? 'default'),
    output: String(flags.get('output') ?? ''),
    bare: flags.has('bare'),
    selects,
  }
  if (/^(pods?|po)$/.test(kind)) return getPods(cluster, asked)
  if (/^(nodes?|no)$/.test(kind)) return getNodes(cluster, asked)
  const nearest = didYouMean(kind, ['pods', 'nodes'])
  return failed(
    `error: the server doesn't have a resource type "${kind}" (packetwalk knows pods and nodes; ${nearest})`,
  )
}

/** `pods a b`, or `pod/a pod/b` of one kind. */
function typeAndNames({ words }: ParsedFlags): { readonly kind: string; readonly names: readonly string[] } {
  const [, first = '', ...rest] = words
  const slash = first.indexOf('/')
  if (slash === -1) return { kind: first, names: rest }
  const kind = first.slice(0, slash)
  const named = [first, ...rest].map((word) => (word.startsWith(`${kind}/`) ? word.slice(slash + 1) : word))
  return { kind, names: named }
}

/** Objects that are asked for; a result names one that is not there. */
function chosen<T extends PodResource | NodeResource>(
  kind: 'pods' | 'nodes',
  all: readonly T[],
  { names, selects }: Asked,
): T[] | Run {
  const known = all.map(({ metadata }) => metadata.name)
  const absent = names.find((name) => !known.includes(name))
  if (absent !== undefined) {
    return failed(
      `Error from server (NotFound): ${kind} "${absent}" not found (packetwalk: ${didYouMean(absent, known)})`,
    )
  }
  return all.filter(
    ({ metadata }) => (names.length === 0 || names.includes(metadata.name)) && selects(metadata.labels ?? {}),
  )
}

function getPods(cluster: Cluster, asked: Asked): Run {
  const { namespace, output, bare } = asked
  const all = cluster.resources.pods
    .filter((pod) => namespace === undefined || namespaceOf(pod) === namespace)
    .sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
  const pods = chosen('pods', all, asked)
  if (!Array.isArray(pods)) return pods
  if (pods.length === 0) {
    return printed('', `No resources found${namespace === undefined ? '' : ` in ${namespace} namespace`}.\n`)
  }
  if (output === 'name') return printed(pods.map(({ metadata }) => `pod/${metadata.name}\n`).join(''))
  const head = [...(namespace === undefined ? ['NAMESPACE'] : []), 'NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE']
  if (output === 'wide') head.push('IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES')
  const rows = pods.map((pod) => {
    const row = [...(namespace === undefined ? [namespaceOf(pod)] : []), ...podCells(pod)]
    if (output === 'wide') row.push(addressOf(cluster, pod), pod.spec.nodeName ?? '<none>', '<none>', '<none>')
    return row
  })
  return printed(table(bare ? rows : [head, ...rows]))
}

function podCells(pod: PodResource): string[] {
  const containers = pod.spec.containers?.length ?? 1
  const status = pod.status?.phase ?? 'Running'
  const isReady = pod.status?.conditions?.every((one) => one.status === 'True') ?? true
  return [
    pod.metadata.name,
    `${status === 'Running' && isReady ? containers : 0}/${containers}`,
    status,
    '0',
    '<unknown>',
  ]
}

function namespaceOf(pod: PodResource): string {
  return pod.metadata.namespace ?? 'default'
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function addressOf(cluster: Cluster, pod: PodResource): string {
  const endpoint = cluster.workloadEndpoints.find((w) => w.pod === pod)
  if (endpoint !== undefined) return endpoint.addresses[0] ?? '<none>'
  if (pod.spec.hostNetwork !== true) return pod.status?.podIP ?? '<none>'
  return cluster.nodes.find((n) => n.name === pod.spec.nodeName)?.ipv4?.address ?? '<none>'
}

function getNodes(cluster: Cluster, asked: Asked): Run {
  const all = [...cluster.resources.nodes].sort((a, b) => compare(a.metadata.name, b.metadata.name))
  const nodes = chosen('nodes', all, asked)
  if (!Array.isArray(nodes)) return nodes
  if (nodes.length === 0) return printed('', 'No resources found\n')
  if (asked.output === 'name') return printed(nodes.map(({ metadata }) => `node/${metadata.name}\n`).join(''))
  const wide = asked.output === 'wide'
  const head = ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION']
  if (wide) head.push('INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME')
  const rows = nodes.map((node) => nodeCells(node, wide))
  return printed(table(asked.bare ? rows : [head, ...rows]))
}

function nodeCells(node: NodeResource, wide: boolean): string[] {
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith('node-role.kubernetes.io/'))
    .map((label) => label.slice('node-role.kubernetes.io/'.length))
  const info = (key: string): string => String(node.status?.nodeInfo?.[key] ?? '<unknown>')
  const row = [node.metadata.name, 'Ready', roles.join(',') || '<none>', '<unknown>', info('kubeletVersion')]
  if (!wide) return row
  const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address
  return [
    ...row,
    address ?? '<none>',
    '<none>',
    info('osImage'),
    info('kernelVersion'),
    info('containerRuntimeVersion'),
  ]
}
