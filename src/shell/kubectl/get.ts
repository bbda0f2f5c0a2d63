import {
  type Cluster,
  isCalicoPolicy,
  type LabelSelector,
  type Metadata,
  type NodeResource,
  type PodResource,
  type ServiceResource,
} from '../../control/index.ts'
import { didYouMean } from '../../model/index.ts'
import { type FlagTable, type ParsedFlags, parseFlags, refusedOutput } from '../flags.ts'
import { labelTest } from '../label-selector.ts'
import { NO_CLUSTER } from '../no-cluster.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import {
  AGE,
  addressOf,
  compare,
  namespaceOf,
  nodeCells,
  none,
  pairs,
  podCells,
  selectorCell,
  serviceCells,
  some,
  wideNodeCells,
} from './cells.ts'

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
const OUTPUTS = ['wide', 'name'] as const

/** An object as `kubectl get` looks at it. */
interface Listed {
  readonly metadata: Metadata
}

/** A kind that `kubectl get` lists: columns and cells are those behind NAMESPACE. */
interface Kind<T extends Listed> {
  /** Its name in messages, and by what else it is called. */
  readonly names: readonly [plural: string, ...others: string[]]
  /** What stands before names with `-o name`. */
  readonly prefix: string
  readonly namespaced: boolean
  readonly all: (cluster: Cluster) => readonly T[]
  readonly head: readonly string[]
  readonly cells: (one: T, cluster: Cluster) => readonly string[]
  /** With `-o wide`. */
  readonly wideHead: readonly string[]
  readonly wideCells: (one: T, cluster: Cluster) => readonly string[]
}

/** What `kubectl get` is asked for. */
interface Asked {
  readonly names: readonly string[]
  readonly namespace: string | undefined
  readonly output: string
  readonly bare: boolean
  readonly selects: (labels: Readonly<Record<string, string>>) => boolean
}

/** Lists objects of a kind. */
type Getter = (cluster: Cluster, asked: Asked) => Run

function getter<T extends Listed>(kind: Kind<T>): { readonly names: readonly string[]; readonly get: Getter } {
  return { names: kind.names, get: (cluster, asked) => getAll(kind, cluster, asked) }
}

function getAll<T extends Listed>(kind: Kind<T>, cluster: Cluster, asked: Asked): Run {
  const { output, bare } = asked
  const namespace = kind.namespaced ? asked.namespace : ''
  const all = kind
    .all(cluster)
    .filter((one) => !kind.namespaced || namespace === undefined || namespaceOf(one) === namespace)
    .sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
  const known = all.map(({ metadata }) => metadata.name)
  const absent = asked.names.find((name) => !known.includes(name))
  if (absent !== undefined) {
    const hint = `(packetwalk: ${didYouMean(absent, known)})`
    return failed(`Error from server (NotFound): ${kind.names[0]} "${absent}" not found ${hint}`)
  }
  const { names, selects } = asked
  const found = all.filter(
    ({ metadata }) => (names.length === 0 || names.includes(metadata.name)) && selects(metadata.labels ?? {}),
  )
  const within = namespace === '' || namespace === undefined ? '' : ` in ${namespace} namespace`
  if (found.length === 0) return printed('', `No resources found${within}${kind.namespaced ? '.' : ''}\n`)
  if (output === 'name') return printed(found.map(({ metadata }) => `${kind.prefix}/${metadata.name}\n`).join(''))
  const showsNamespace = namespace === undefined
  const wide = output === 'wide'
  const head = [...(showsNamespace ? ['NAMESPACE'] : []), ...kind.head, ...(wide ? kind.wideHead : [])]
  const rows = found.map((one) => [
    ...(showsNamespace ? [namespaceOf(one)] : []),
    ...kind.cells(one, cluster),
    ...(wide ? kind.wideCells(one, cluster) : []),
  ])
  return printed(table(bare ? rows : [head, ...rows]))
}

const KINDS: readonly ReturnType<typeof getter>[] = [
  getter<PodResource>({
    names: ['pods', 'pod', 'po'],
    prefix: 'pod',
    namespaced: true,
    all: ({ resources }) => resources.pods,
    head: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
    cells: podCells,
    wideHead: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    wideCells: (pod, cluster) => [addressOf(cluster, pod), pod.spec.nodeName ?? '<none>', '<none>', '<none>'],
  }),
  getter<NodeResource>({
    names: ['nodes', 'node', 'no'],
    prefix: 'node',
    namespaced: false,
    all: ({ resources }) => resources.nodes,
    head: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
    cells: nodeCells,
    wideHead: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
    wideCells: wideNodeCells,
  }),
  getter<ServiceResource>({
    names: ['services', 'service', 'svc'],
    prefix: 'service',
    namespaced: true,
    all: ({ resources }) => resources.services,
    head: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
    cells: serviceCells,
    wideHead: ['SELECTOR'],
    wideCells: ({ spec }) => [none(pairs(spec.selector ?? {}))],
  }),
  getter({
    names: ['endpointslices', 'endpointslice', 'endpointslices.discovery.k8s.io'],
    prefix: 'endpointslice.discovery.k8s.io',
    namespaced: true,
    all: ({ resources }) => resources.endpointSlices,
    head: ['NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS', 'AGE'],
    cells: ({ metadata, addressType, ports = [], endpoints = [] }) => [
      metadata.name,
      addressType ?? 'IPv4',
      ports.length === 0
        ? '<unset>'
        : some(
            ports.map(({ port }) => String(port ?? '*')),
            ',',
          ),
      endpoints.length === 0
        ? '<unset>'
        : some(
            endpoints.flatMap(({ addresses = [] }) => addresses),
            ',',
          ),
      AGE,
    ],
    wideHead: [],
    wideCells: () => [],
  }),
  getter({
    names: ['networkpolicies', 'networkpolicy', 'netpol', 'networkpolicies.networking.k8s.io'],
    prefix: 'networkpolicy.networking.k8s.io',
    namespaced: true,
    all: ({ resources }) => resources.policies.filter((one) => one.kind === 'NetworkPolicy' && !isCalicoPolicy(one)),
    head: ['NAME', 'POD-SELECTOR', 'AGE'],
    cells: (one) => {
      const spec = 'spec' in one ? (one.spec as { readonly podSelector?: LabelSelector } | undefined) : undefined
      return [one.metadata.name, none(selectorCell(spec?.podSelector ?? {})), AGE]
    },
    wideHead: [],
    wideCells: () => [],
  }),
]

/** `kubectl get KIND [NAME…] [-n NS|-A] [-l SELECTOR] [-o wide|name]`; several kinds with commas between them. */
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
  const words = kind.split(',')
  const unknown = words.find((word) => kindOf(word) === undefined)
  if (unknown !== undefined) {
    const known = KINDS.map(({ names: [name = ''] }) => name)
    return failed(
      `error: the server doesn't have a resource type "${unknown}" (packetwalk knows ${known.join(', ')}; ${didYouMean(
        unknown,
        KINDS.flatMap(({ names: all }) => all),
      )})`,
    )
  }
  return joined(words.flatMap((word) => kindOf(word)?.get(cluster, asked) ?? []))
}

function kindOf(word: string): (typeof KINDS)[number] | undefined {
  return KINDS.find(({ names }) => names.includes(word.toLowerCase()))
}

/** Tables of several kinds, an empty line between them; the first that fails is the answer. */
function joined(runs: readonly Run[]): Run {
  const wrong = runs.find(({ ok }) => !ok)
  if (wrong !== undefined || runs.length === 1) return wrong ?? (runs[0] as Run)
  const stdout = runs.map((run) => run.stdout).filter((text) => text !== '')
  return printed(stdout.join('\n'), runs.map(({ stderr }) => stderr).join(''))
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
