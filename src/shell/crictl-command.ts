import { awaitsNetwork, type PodResource } from '../control/index.ts'
import { sandboxId } from '../controllers/index.ts'
import { type FlagTable, parseFlags } from './flags.ts'
import type { Host } from './host.ts'
import { momentOf, type WallTime } from './kubectl/age.ts'
import { addressOf, namespaceOf, phaseOf } from './kubectl/cells.ts'
import { type Seen, seenOf } from './kubectl/seen.ts'
import { refusedInPod } from './machine-commands.ts'
import { NO_CLUSTER } from './no-cluster.ts'
import { objectJson } from './object-text.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Verbs of crictl that are not here, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  exec: 'kubectl exec POD -- COMMAND runs a tool in the network of a pod',
  logs: 'containers print nothing: what runs in them is not modelled',
  images: 'images are names here',
  img: 'images are names here',
  pull: 'images are names here',
  inspect: 'of containers only that they run is modelled: crictl ps',
  rmp: 'kubectl delete pod takes a pod and its sandbox away',
  stopp: 'kubectl delete pod takes a pod and its sandbox away',
  rm: 'kubectl delete pod takes a pod and its containers away',
  stop: 'kubectl delete pod takes a pod and its containers away',
  stats: 'what pods use is not modelled',
  statsp: 'what pods use is not modelled',
  info: 'the runtime itself is not modelled',
  version: 'the runtime itself is not modelled',
}

/** How the runtime is reached, which is the same here however it is said. */
const GLOBAL = {
  '-r': 'endpoint',
  '--runtime-endpoint': 'endpoint',
  '-i': 'images',
  '--image-endpoint': 'images',
} as const
const FORMS = { '-o': 'output', '--output': 'output' } as const
const PS: FlagTable = {
  valued: { ...GLOBAL, ...FORMS, '--name': 'name', '-p': 'pod', '--pod': 'pod', '-s': 'state', '--state': 'state' },
  plain: { '-a': 'all', '--all': 'all', '-q': 'quiet', '--quiet': 'quiet', '--no-trunc': 'whole' },
}
const PODS: FlagTable = {
  valued: { ...GLOBAL, ...FORMS, '--name': 'name', '--namespace': 'namespace', '-s': 'state', '--state': 'state' },
  plain: { '-q': 'quiet', '--quiet': 'quiet', '--no-trunc': 'whole' },
}
const INSPECT: FlagTable = { valued: { ...GLOBAL, ...FORMS }, plain: { '-q': 'quiet', '--quiet': 'quiet' } }

/** A pod on a node, as its runtime knows it. */
interface Sandbox {
  readonly id: string
  readonly pod: PodResource
  readonly isReady: boolean
}

/** `crictl ps|pods|inspectp`: what runs on the node of the prompt. */
export function crictlCommand(host: Host, words: readonly string[]): Run {
  const inPod = refusedInPod(host, 'crictl')
  if (inPod !== undefined) return inPod
  const { cluster } = host.lab
  if (cluster === null) return failed(NO_CLUSTER)
  const at = words.findIndex((word, i) => i > 0 && !word.startsWith('-') && !Object.hasOwn(GLOBAL, words[i - 1] ?? ''))
  const verb = words[at] ?? ''
  const line = [...words.slice(1, Math.max(1, at)), ...words.slice(at + 1)]
  const seen = seenOf(cluster, host.lab)
  switch (verb) {
    case 'ps':
      return withFlags(line, PS, (asked) => containers(host, seen, asked))
    case 'pods':
      return withFlags(line, PODS, (asked) => pods(host, seen, asked))
    case 'inspectp':
      return withFlags(line, INSPECT, (asked) => inspected(host, seen, asked))
    default:
      return failed(
        Object.hasOwn(REFUSED, verb)
          ? `packetwalk: crictl ${verb} is not modelled: ${REFUSED[verb]}`
          : `packetwalk: crictl ${verb} is not known here; there are ps, pods, inspectp`,
        verb === '' ? 2 : 1,
      )
  }
}

interface Asked {
  readonly flags: ReadonlyMap<string, string | true>
  readonly words: readonly string[]
}

function withFlags(line: readonly string[], table: FlagTable, run: (asked: Asked) => Run): Run {
  const parsed = parseFlags(line, table)
  if (typeof parsed === 'string') return failed(`crictl: packetwalk: ${parsed.replace(/^error: /, '')}`, 2)
  const form = parsed.flags.get('output')
  const forms = table === INSPECT ? ['json'] : ['table']
  if (form !== undefined && !forms.includes(String(form)))
    return failed(`packetwalk: crictl -o ${form} is not modelled; there is ${forms.join(', ')}`, 2)
  return run(parsed)
}

/** Sandboxes of a node, the newest first. */
function sandboxesOf({ netns }: Host, { resources }: Seen): Sandbox[] {
  return resources.pods
    .filter((pod) => pod.spec.nodeName === netns && (pod.spec.hostNetwork === true || !awaitsNetwork(pod)))
    .map((pod) => {
      const { name, uid = '', annotations } = pod.metadata
      const id = annotations?.['cni.projectcalico.org/containerID'] ?? sandboxId(`${namespaceOf(pod)}/${name} ${uid}`)
      return { id, pod, isReady: !hasEnded(pod) }
    })
    .sort((a, b) => (stampOf(a) > stampOf(b) ? -1 : stampOf(a) < stampOf(b) ? 1 : 0))
}

const stampOf = ({ pod }: Sandbox): string => pod.metadata.creationTimestamp ?? ''

function hasEnded(pod: PodResource): boolean {
  return ['Succeeded', 'Failed'].includes(phaseOf(pod))
}

/** Whether a name is meant: crictl takes a regular expression, here a part of the name. */
function isNamed(name: string, wanted: string | true | undefined): boolean {
  return wanted === undefined || name.includes(String(wanted).replace(/^\^|\$$/g, ''))
}

function pods(host: Host, seen: Seen, { flags, words }: Asked): Run {
  const [namespace, state] = [flags.get('namespace'), flags.get('state')]
  const shown = sandboxesOf(host, seen).filter(
    ({ id, pod, isReady }) =>
      isNamed(pod.metadata.name, flags.get('name')) &&
      (namespace === undefined || namespace === namespaceOf(pod)) &&
      (state === undefined || String(state).toLowerCase() === (isReady ? 'ready' : 'notready')) &&
      words.every((word) => id.startsWith(word)),
  )
  if (flags.has('quiet')) return printed(shown.map(({ id }) => `${id}\n`).join(''))
  const rows = shown.map(({ id, pod, isReady }) => [
    short(id, flags),
    created(pod, seen.time),
    isReady ? 'Ready' : 'NotReady',
    pod.metadata.name,
    namespaceOf(pod),
    '0',
    '(default)',
  ])
  return printed(wide([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows]))
}

function containers(host: Host, seen: Seen, { flags, words }: Asked): Run {
  const rows = sandboxesOf(host, seen).flatMap(({ id, pod }) => {
    const phase = phaseOf(pod)
    const state = phase === 'Running' ? 'Running' : hasEnded(pod) ? 'Exited' : undefined
    if (state === undefined || (state === 'Exited' && !flags.has('all') && flags.get('state') === undefined)) return []
    return (pod.spec.containers ?? []).flatMap(({ name = 'app', image = '' }) => {
      const own = sandboxId(`container ${id} ${name}`)
      const wanted = flags.get('state')
      const isMeant =
        isNamed(name, flags.get('name')) &&
        id.startsWith(String(flags.get('pod') ?? '')) &&
        words.every((word) => own.startsWith(word)) &&
        (wanted === undefined || String(wanted).toLowerCase() === state.toLowerCase())
      if (!isMeant) return []
      if (flags.has('quiet')) return [[own]]
      const pods = [short(id, flags), pod.metadata.name, namespaceOf(pod)]
      return [[short(own, flags), image, created(pod, seen.time), state, name, '0', ...pods]]
    })
  })
  if (flags.has('quiet')) return printed(rows.map((row) => `${row.join('')}\n`).join(''))
  const head = ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE']
  return printed(wide([head, ...rows]))
}

/** What of a sandbox the simulator has: who it is of, and its network. */
function inspected(host: Host, seen: Seen, { words }: Asked): Run {
  if (words.length === 0) return failed('ID cannot be empty')
  const found: object[] = []
  for (const word of words) {
    const one = sandboxesOf(host, seen).find(({ id }) => id.startsWith(word))
    if (one === undefined)
      return failed(
        `getting the status of the pod sandbox "${word}": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`,
      )
    found.push(statusOf(seen, one))
  }
  return printed(
    found.map((one) => objectJson(one as never).replace(/^( +)/gm, (pad) => pad.slice(pad.length / 2))).join(''),
  )
}

function statusOf(seen: Seen, { id, pod, isReady }: Sandbox): object {
  const { name, uid, labels = {}, annotations = {}, creationTimestamp } = pod.metadata
  const endpoint = seen.workloadEndpoints.find(
    (one) => one.pod.metadata.name === name && namespaceOf(one.pod) === namespaceOf(pod),
  )
  const [ip = addressOf(seen, pod), ...more] = pod.spec.hostNetwork === true ? [] : (endpoint?.addresses ?? [])
  const options = { ipc: 'POD', network: pod.spec.hostNetwork === true ? 'NODE' : 'POD', pid: 'CONTAINER' }
  return {
    status: {
      annotations,
      ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
      id,
      labels,
      linux: { namespaces: { options } },
      metadata: { attempt: 0, name, namespace: namespaceOf(pod), ...(uid === undefined ? {} : { uid }) },
      network: { additionalIps: more.map((other) => ({ ip: other })), ip: pod.spec.hostNetwork === true ? '' : ip },
      runtimeHandler: '',
      state: isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    },
  }
}

/** Ids are cut to 13 characters. */
function short(id: string, flags: ReadonlyMap<string, unknown>): string {
  return flags.has('whole') ? id : id.slice(0, 13)
}

/** A table as crictl's writer sets it: columns of 20 at least, three blanks between them. */
function wide(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(20, ...rows.map((row) => (row[i] ?? '').length + 3)))
  return rows
    .map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('')}\n`)
    .join('')
}

/** How long ago, in words. @docker go-units HumanDuration */
function created({ metadata }: PodResource, time: WallTime): string {
  const at = momentOf(metadata.creationTimestamp, time) ?? time.began
  return `${agoWords((time.now - at) / 1000)} ago`
}

function agoWords(seconds: number): string {
  const [minutes, hours] = [Math.floor(seconds / 60), Math.round(seconds / 3600)]
  if (seconds < 1) return 'Less than a second'
  if (seconds < 2) return '1 second'
  if (seconds < 60) return `${Math.floor(seconds)} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  return hours < 336 ? `${Math.floor(hours / 24)} days` : `${Math.floor(hours / 168)} weeks`
}
