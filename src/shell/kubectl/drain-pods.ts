import type { PodResource } from '../../control/index.ts'
import { labelTest } from '../label-selector.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { compare, namespaceOf, phaseOf } from './cells.ts'
import type { OpenKube } from './kube.ts'
import type { Asked, DryRun } from './options.ts'
import { secondsOf } from './options.ts'
import { remove } from './store.ts'
import { stepUntil } from './until.ts'
import { ownerOf } from './workload.ts'

/** What became of the pods of a node. */
export interface Drained {
  readonly out: readonly string[]
  readonly warnings: readonly string[]
  /** Why nothing was evicted. */
  readonly faults: readonly string[]
}

/** What a drain makes of a pod. */
type Fate = 'evicted' | 'daemon' | 'bare' | 'mirror'

/** Kinds that make their pods anew. */
const CONTROLLERS: ReadonlySet<string> = new Set([
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'Job',
  'DaemonSet',
])

const nameOf = (pod: PodResource): string => `${namespaceOf(pod)}/${pod.metadata.name}`

function fateOf(pod: PodResource): Fate {
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'mirror'
  const owner = ownerOf(pod)
  if (owner?.kind === 'Node') return 'mirror'
  const hasEnded = ['Succeeded', 'Failed'].includes(phaseOf(pod))
  if (hasEnded) return 'evicted'
  if (owner?.kind === 'DaemonSet') return 'daemon'
  return owner !== undefined && CONTROLLERS.has(owner.kind) ? 'evicted' : 'bare'
}

/** Evicts the pods of a node. What a drain asks of a real API server is checked before the first pod goes. @kubernetes kubectl/pkg/drain */
export function drainPods(kube: OpenKube, asked: Asked, node: string, dry: DryRun): Drained | Run {
  const selects = labelTest(asked.text('pod-selector') ?? '')
  if (typeof selects === 'string') return failed(selects)
  const timeout = secondsOf(asked.text('timeout') ?? '0')
  if (timeout === undefined)
    return failed(`error: invalid argument "${asked.text('timeout')}" for "--timeout" flag: it is no duration`)
  const pods = kube
    .seen()
    .resources.pods.filter((pod) => pod.spec.nodeName === node && selects(pod.metadata.labels ?? {}))
    .sort((a, b) => compare(nameOf(a), nameOf(b)))
  const of = (fate: Fate): readonly PodResource[] => pods.filter((pod) => fateOf(pod) === fate)
  const [daemons, bare] = [of('daemon'), of('bare')]
  const [ignores, forces] = [asked.has('ignore-daemonsets'), asked.has('force')]
  const names = (list: readonly PodResource[]): string => list.map(nameOf).join(', ')
  const faults = [
    ...(daemons.length === 0 || ignores
      ? []
      : [`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${names(daemons)}`]),
    ...(bare.length === 0 || forces
      ? []
      : [`cannot delete Pods that declare no controller (use --force to override): ${names(bare)}`]),
  ]
  const said = [
    ...(bare.length === 0 || !forces ? [] : [`deleting Pods that declare no controller: ${names(bare)}`]),
    ...(daemons.length === 0 || !ignores ? [] : [`ignoring DaemonSet-managed Pods: ${names(daemons)}`]),
  ]
  if (faults.length > 0) return { out: [], warnings: [], faults }
  const warnings = said.length === 0 ? [] : [`Warning: ${said.join('; ')}`]
  const going = [...of('evicted'), ...bare].sort((a, b) => compare(nameOf(a), nameOf(b)))
  if (dry.isDry) return { out: going.map((pod) => `evicting pod ${nameOf(pod)}${dry.remark}`), warnings, faults: [] }
  remove(kube, going)
  const isGone = (): boolean => going.every((pod) => !kube.seen().resources.pods.some((one) => isSamePod(one, pod)))
  stepUntil(kube, timeout, isGone)
  return {
    out: [
      ...going.map((pod) => `evicting pod ${nameOf(pod)}`),
      ...going.map(({ metadata }) => `pod/${metadata.name} evicted`),
    ],
    warnings,
    faults: [],
  }
}

function isSamePod(a: PodResource, b: PodResource): boolean {
  return nameOf(a) === nameOf(b) && a.metadata.uid === b.metadata.uid
}
