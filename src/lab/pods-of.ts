import {
  type Cluster,
  endpointsIn,
  isAlive,
  type PodResource,
  type Resources,
  selectsLabels,
} from '../control/index.ts'
import { changesBetween, type Network, namesIn } from '../model/index.ts'
import type { Controller } from './endpoint-word.ts'

/** Names controllers give their pods, behind their own: what stands where a pod names no owner. */
const SHAPES: Readonly<Record<Controller, RegExp>> = {
  Deployment: /^-[a-z0-9]{5,10}-[a-z0-9]{5}$/,
  DaemonSet: /^-[a-z0-9]{5}$/,
  StatefulSet: /^-\d+$/,
  ReplicaSet: /^-[a-z0-9]{5}$/,
  Job: /^-[a-z0-9]{5}$/,
}

/** What is asked for: a controller, in one namespace or in any. */
interface Asked {
  readonly controller: Controller
  readonly name: string
  readonly namespace: string | undefined
}

/**
 * The pods of a controller: those its selector selects, as kubectl finds them. Where the objects do not hold it, its pods name
 * their owner, or have the name it would have given them.
 */
export function podsOf(resources: Resources, asked: Asked): readonly PodResource[] {
  const { controller, name, namespace } = asked
  const isIn = (one: { readonly metadata: PodResource['metadata'] }): boolean =>
    namespace === undefined || namespaceOf(one) === namespace
  const { daemonSets, deployments, podSets, pods } = resources
  const objects = [...deployments, ...daemonSets, ...podSets].filter(
    (one) => one.kind === controller && one.metadata.name === name && isIn(one) && one.spec.selector !== undefined,
  )
  if (objects.length === 0) return pods.filter((pod) => isIn(pod) && belongsTo(pod, asked, podSets))
  return pods.filter((pod) =>
    objects.some(
      (one) =>
        namespaceOf(one) === namespaceOf(pod) && selectsLabels(one.spec.selector ?? {}, pod.metadata.labels ?? {}),
    ),
  )
}

/** The namespace of an object. */
export function namespaceOf({ metadata }: { readonly metadata: PodResource['metadata'] }): string {
  return metadata.namespace ?? 'default'
}

/**
 * Whether a pod belongs to a controller: by its owner, or, when it names none (objects written by hand), by the name the
 * controller would have given it. A Deployment owns its pods through a ReplicaSet, which names it, or is named after it and the hash
 * of the template.
 */
function belongsTo(pod: PodResource, { controller, name }: Asked, podSets: Resources['podSets']): boolean {
  const { metadata } = pod
  const owners = metadata.ownerReferences ?? []
  if (owners.length === 0) {
    return metadata.name.startsWith(name) && SHAPES[controller].test(metadata.name.slice(name.length))
  }
  return owners.some((owner) => {
    if (controller !== 'Deployment') return owner.kind === controller && owner.name === name
    if (owner.kind !== 'ReplicaSet') return false
    const between = podSets.find(
      (one) => one.kind === 'ReplicaSet' && one.metadata.name === owner.name && namespaceOf(one) === namespaceOf(pod),
    )
    const above = between?.metadata.ownerReferences
    if (above !== undefined) return above.some((one) => one.kind === 'Deployment' && one.name === name)
    const hash = metadata.labels?.['pod-template-hash'] ?? owner.name.slice(owner.name.lastIndexOf('-') + 1)
    return owner.name === `${name}-${hash}`
  })
}

/** The network namespaces of pods. Those of a cluster that nobody changed are not looked at: that would make them. */
export function podNames({ namespaces }: Network, cluster: Cluster | null): string[] {
  const changes = cluster === null ? undefined : changesBetween(cluster.network.namespaces, namespaces)
  const built = new Set(changes === undefined ? [] : endpointsIn(cluster?.workloadEndpoints ?? []).names())
  const nodes = new Set(changes === undefined ? [] : cluster?.nodes.map(({ name }) => name))
  for (const name of changes?.names ?? []) {
    built.delete(name)
    nodes.delete(name)
  }
  const isPod = (name: string): boolean => built.has(name) || (!nodes.has(name) && namespaces[name]?.role === 'pod')
  return namesIn(namespaces).filter(isPod)
}

function conditionOf(pod: PodResource) {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')
}

/** Whether it is ready; where its status does not say, a pod that runs is. */
function isReady(pod: PodResource): boolean {
  const condition = conditionOf(pod)
  return condition === undefined ? isRunning(pod) : condition.status === 'True'
}

function isRunning(pod: PodResource): boolean {
  return isAlive(pod) && (pod.status?.phase ?? 'Running') === 'Running'
}

/** What is compared first comes first; the smaller one is preferred. Times that are not known come last. */
const PREFERENCES: readonly ((pod: PodResource) => number | string)[] = [
  (pod) => (isRunning(pod) ? 0 : pod.status?.phase === 'Unknown' ? 1 : 2),
  (pod) => (isReady(pod) ? 0 : 1),
  (pod) => (pod.metadata.deletionTimestamp === undefined ? 0 : 1),
  (pod) => (isReady(pod) ? (conditionOf(pod)?.lastTransitionTime ?? '~') : ''),
  (pod) => Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount)),
  (pod) => pod.metadata.creationTimestamp ?? '~',
  (pod) => pod.metadata.name,
]

function comesBefore(a: PodResource, b: PodResource): number {
  for (const preference of PREFERENCES) {
    const [one, other] = [preference(a), preference(b)]
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

/**
 * The first pod in the order kubectl prefers: ready ones, then those that are not being deleted, those ready for longer, with fewer
 * restarts, older ones, then by name.
 */
export function firstPod(pods: readonly PodResource[]): PodResource | undefined {
  return pods.filter(isAlive).sort(comesBefore)[0]
}
