import type { DaemonSetResource, LabelSelector, OtherResource, PodResource } from '../../control/index.ts'
import { selectsLabels } from '../../control/index.ts'
import { nodesFor } from '../../controllers/index.ts'
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

/** What a workload was, or is: a template of it, and its place in the row of them. */
export interface Revision {
  readonly number: number
  readonly template: unknown
  readonly annotations: Readonly<Record<string, string>> | undefined
  /** What tells the pods of it: the value of their label. */
  readonly hash: string | undefined
}

/**
 * What a workload was: ReplicaSets of a Deployment, ControllerRevisions of others. Of one that nobody has changed since the session
 * began and whose revisions the input does not have there is only what it is.
 */
export function revisionsOf(seen: Seen, workload: OtherResource): readonly Revision[] {
  const isDeployment = workload.kind === 'Deployment'
  const kept = isDeployment ? replicaSetsOf(seen, workload) : controllerRevisionsOf(seen, workload)
  if (kept.length === 0 && !isDeployment)
    return [
      {
        number: 1,
        template: at(workload, 'spec', 'template'),
        annotations: workload.metadata.annotations,
        hash: undefined,
      },
    ]
  return kept.map((one) => ({
    number: isDeployment ? revisionOf(one) : (numberAt(one, 'revision') ?? 0),
    template: isDeployment ? at(one, 'spec', 'template') : at(one, 'data', 'spec', 'template'),
    annotations: one.metadata.annotations,
    hash: one.metadata.labels?.[isDeployment ? 'pod-template-hash' : HASH],
  }))
}

/** What a workload is now, by its revisions; undefined where it has none. */
export function newestRevision(seen: Seen, workload: OtherResource): Revision | undefined {
  return [...revisionsOf(seen, workload)].sort((a, b) => b.number - a.number)[0]
}

const HASH = 'controller-revision-hash'

function controllerRevisionsOf({ resources }: Seen, workload: OtherResource): readonly OtherResource[] {
  return resources.controllerRevisions.filter((one) => isOwnedBy(one, workload))
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
  const desired = isDaemon ? daemonsWanted(seen, controller, pods.length) : numberAt(controller, 'spec', 'replicas')
  return {
    wanted: desired ?? Math.max(pods.length, 1),
    current: pods.length,
    ready,
    updated: updatedOf(seen, controller, pods),
  }
}

/** One that nobody has changed since the session began has the pods it wants: the input need not have all. */
function daemonsWanted(seen: Seen, set: OtherResource, pods: number): number {
  if (controllerRevisionsOf(seen, set).length === 0) return pods
  return nodesFor(set as DaemonSetResource, seen.resources.nodes)
}

/** Pods of the newest revision. */
function updatedOf(seen: Seen, controller: OtherResource, pods: readonly PodResource[]): number {
  if (controller.kind !== 'Deployment') {
    const hash = newestRevision(seen, controller)?.hash
    const { name } = controller.metadata
    const isNew = ({ metadata }: PodResource): boolean => [hash, `${name}-${hash}`].includes(metadata.labels?.[HASH])
    return hash === undefined ? pods.length : pods.filter(isNew).length
  }
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
