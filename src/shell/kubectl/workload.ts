import type { LabelSelector, OtherResource, PodResource } from '../../control/index.ts'
import { selectsLabels } from '../../control/index.ts'
import { isReady } from './cells.ts'
import { at, listAt, mapAt, namespaceOf, numberAt, textAt } from './object.ts'
import type { Seen } from './seen.ts'

/** How many pods a controller wants, and has. */
export interface PodCounts {
  readonly wanted: number
  readonly current: number
  readonly ready: number
  /** As its template is now. */
  readonly updated: number
}

/** The name of the object that controls another: the owner that says so, or the only one. */
export function ownerOf(object: OtherResource): { readonly kind: string; readonly name: string } | undefined {
  const owners = object.metadata.ownerReferences ?? []
  return owners.find((one) => at(one, 'controller') === true) ?? owners[0]
}

/** ReplicaSets of a Deployment. */
export function replicaSetsOf({ resources }: Seen, deployment: OtherResource): readonly OtherResource[] {
  return resources.podSets.filter((one) => one.kind === 'ReplicaSet' && isOwnedBy(one, deployment))
}

/** The revision of a ReplicaSet: which template of its Deployment it is of; 0 where nobody says. */
export function revisionOf({ metadata }: OtherResource): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0) || 0
}

/** Whether an object says that it is another's. */
function isOwnedBy(object: OtherResource, owner: OtherResource): boolean {
  const { kind, metadata } = owner
  if (namespaceOf(object) !== namespaceOf(owner)) return false
  return (object.metadata.ownerReferences ?? []).some((one) => one.kind === kind && one.name === metadata.name)
}

/** Pods of a controller: those that name it, or its ReplicaSets, as their owner; where they name none, those its selector selects. */
export function podsOfController(seen: Seen, controller: OtherResource): readonly PodResource[] {
  const owners = controller.kind === 'Deployment' ? [controller, ...replicaSetsOf(seen, controller)] : [controller]
  const selector = at(controller, 'spec', 'selector') as LabelSelector | undefined
  return seen.resources.pods.filter((pod) => {
    if (namespaceOf(pod) !== namespaceOf(controller) || pod.metadata.deletionTimestamp !== undefined) return false
    if (owners.some((owner) => isOwnedBy(pod, owner))) return true
    const own = pod.metadata.ownerReferences ?? []
    const isBetween = controller.kind === 'Deployment' && own.some(({ kind }) => kind === 'ReplicaSet')
    const isOpen = own.length === 0 || (isBetween && owners.length === 1)
    return isOpen && selector !== undefined && selectsLabels(selector, pod.metadata.labels ?? {})
  })
}

/** Counts of a controller: what its status says, else its pods. */
export function podCounts(seen: Seen, controller: OtherResource): PodCounts {
  const pods = podsOfController(seen, controller)
  const ready = pods.filter((pod) => isReady(pod)).length
  const isDaemon = controller.kind === 'DaemonSet'
  const desired = isDaemon ? pods.length : numberAt(controller, 'spec', 'replicas')
  return {
    wanted: desired ?? Math.max(pods.length, 1),
    current: pods.length,
    ready,
    updated: updatedOf(seen, controller, pods),
  }
}

/** Of a Deployment the pods of its newest ReplicaSet. */
function updatedOf(seen: Seen, controller: OtherResource, pods: readonly PodResource[]): number {
  if (controller.kind !== 'Deployment') return pods.length
  const sets = replicaSetsOf(seen, controller)
  const newest = [...sets].sort((a, b) => revisionOf(b) - revisionOf(a))[0]
  return newest === undefined || sets.length === 1 ? pods.length : pods.filter((pod) => isOwnedBy(pod, newest)).length
}

/** Containers of a template or of a pod. */
export function containersOf(object: OtherResource): readonly unknown[] {
  const own = listAt(object, 'spec', 'containers')
  return own.length > 0 ? own : listAt(object, 'spec', 'template', 'spec', 'containers')
}

/** Names and images of the containers of a template, as `-o wide` has them. */
export function containerCells(object: OtherResource): readonly [names: string, images: string] {
  const containers = containersOf(object)
  const of = (key: string): string => containers.map((one) => textAt(one, key) ?? '').join(',')
  return [of('name'), of('image')]
}

/** The selector of a controller. */
export function selectorOf(object: OtherResource): LabelSelector {
  return mapAt(object, 'spec', 'selector') as LabelSelector
}
