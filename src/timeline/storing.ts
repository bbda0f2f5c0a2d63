import {
  type Cluster,
  listOfKind,
  type ObjectReference,
  type OtherResource,
  objectName,
  type PodResource,
  type Resources,
} from '../control/index.ts'
import { type Moment, stored, storedAtOnce } from './following.ts'
import { goneLater, networkLater, podsEdited } from './pod-networks.ts'
import type { Revision } from './revision.ts'
import type { Outcome, RunningState } from './running-state.ts'
import type { Later } from './step.ts'
import { listsOf, type ObjectsEdit, withApplied, withDeleted } from './stored-objects.ts'

/** What is edited of the objects a cluster is made of. */
export interface MadeEdit {
  readonly upserts: Partial<Resources>
  readonly removals: readonly OtherResource[]
}

/**
 * Makes the cluster of edited objects. @throws InputError for objects it does not take
 *
 * @param before - the cluster before the edit
 */
export type ClusterMaker = (before: Cluster, edit: MadeEdit) => Cluster

/** How something is stored. */
export interface Storing {
  readonly make: ClusterMaker
  /** Nothing takes any time. */
  readonly isInstant: boolean
  readonly moment: Moment
  /** Number of the event. */
  readonly event: number
}

/** What is stored, and what follows from it. */
export interface Stored extends Outcome {
  readonly edit: ObjectsEdit
}

/** Objects are applied. @throws InputError for what is refused */
export function applied(before: RunningState, objects: Partial<Resources>, storing: Storing): Stored {
  return storedEdit(before, withApplied(before.newest.resources, objects), storing)
}

/**
 * Objects are deleted. A pod that has a network ends first: it is marked, and goes when CNI has taken its network away.
 * @throws InputError for what is not there
 */
export function deleted(before: RunningState, references: readonly ObjectReference[], storing: Storing): Stored {
  const { resources } = before.newest
  const edit = withDeleted(resources, references)
  const ending = storing.isInstant ? [] : endingPods(before, edit)
  if (ending.length === 0) return storedEdit(before, edit, storing)
  const rest = references.filter((one) => !ending.some((pod) => isMeant(one, pod)))
  const marked = ending.map((pod) => terminating(pod, storing.moment))
  const mark = withApplied(resources, { pods: marked })
  const both = rest.length === 0 ? mark : joined(mark, withDeleted({ ...resources, ...mark.lists }, rest))
  const { edit: done, state, later } = storedEdit(before, both, storing)
  const { event, moment } = storing
  const gone = ending.map((pod): Later => goneLater(objectName(pod), pod.spec.nodeName ?? '', event, moment))
  return { edit: done, state, later: [...later, ...gone] }
}

function joined(a: ObjectsEdit, b: ObjectsEdit): ObjectsEdit {
  return { lists: { ...a.lists, ...b.lists }, objects: [...a.objects, ...b.objects] }
}

function isMeant({ kind, name, namespace }: ObjectReference, { metadata }: PodResource): boolean {
  return kind === 'Pod' && name === metadata.name && (namespace ?? 'default') === (metadata.namespace ?? 'default')
}

function endingPods({ unnetworked, newest }: RunningState, { objects }: ObjectsEdit): PodResource[] {
  const { pods } = newest.cluster.resources
  const known = new Set(pods.map(objectName))
  return objects.flatMap(({ object }) => {
    const name = object.kind === 'Pod' ? objectName(object) : ''
    return known.has(name) && !unnetworked.has(name) ? [object as PodResource] : []
  })
}

/** Marked as the API server does. Virtual time starts in 1970. */
function terminating(pod: PodResource, { now }: Moment): PodResource {
  const deletionTimestamp = `${new Date(Math.floor(now / 1_000_000)).toISOString().slice(0, 19)}Z`
  return {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.deletionTimestamp ?? deletionTimestamp },
  }
}

/** The state with edited objects; the very state where nothing was edited. */
export function storedEdit(before: RunningState, edit: ObjectsEdit, storing: Storing): Stored {
  const { objects } = edit
  if (objects.length === 0) return { edit, state: before, later: [] }
  const { newest } = before
  const { make, isInstant, event, moment } = storing
  const pods = isInstant
    ? { unnetworked: before.unnetworked, detached: [] }
    : podsEdited(before.unnetworked, objects, newest.resources, newest.cluster)
  const upserts = listsOf(
    objects.flatMap(({ op, object }) => (op === 'delete' || pods.unnetworked.has(objectName(object)) ? [] : [object])),
  )
  const removals = [...removedOf(newest.cluster, objects, before.unnetworked), ...pods.detached]
  const cluster =
    isEmpty(upserts) && removals.length === 0 ? newest.cluster : make(newest.cluster, { upserts, removals })
  const resources = { ...newest.resources, ...edit.lists }
  const revision: Revision = { number: newest.number + 1, at: moment.now, event, resources, cluster }
  const state = { ...before, unnetworked: pods.unnetworked }
  const lists = Object.keys(edit.lists) as (keyof Resources)[]
  if (isInstant) return { edit, state: storedAtOnce(state, revision), later: [] }
  const outcome = stored(state, revision, lists, moment)
  const networks = [...pods.unnetworked].flatMap(([name, node]) =>
    before.unnetworked.has(name) ? [] : [networkLater(name, node, event, moment)],
  )
  return { edit, state: outcome.state, later: [...outcome.later, ...networks] }
}

function isEmpty(lists: Partial<Resources>): boolean {
  return Object.values(lists).every((list) => list.length === 0)
}

/** What is taken from the cluster: what is deleted, as far as the cluster has it. */
function removedOf(
  { resources }: Cluster,
  objects: ObjectsEdit['objects'],
  unnetworked: ReadonlyMap<string, string>,
): OtherResource[] {
  return objects.flatMap(({ op, object }) => {
    if (op !== 'delete' || unnetworked.has(objectName(object))) return []
    const list: readonly OtherResource[] = resources[listOfKind(object.kind)]
    return list.filter((one) => one === object || (objectName(one) === objectName(object) && one.kind === object.kind))
  })
}

/** CNI has made the network of a pod, or taken it away: the endpoint is stored, or the pod goes. */
export function networkMade(before: RunningState, op: 'add' | 'del', name: string, storing: Storing): Stored {
  const { newest } = before
  const pod = newest.resources.pods.find((one) => objectName(one) === name)
  const nothing: Stored = { edit: { lists: {}, objects: [] }, state: before, later: [] }
  if (pod === undefined) return nothing
  if (op === 'del') {
    if (pod.metadata.deletionTimestamp === undefined) return nothing
    const { namespace } = pod.metadata
    const reference = { kind: 'Pod', name: pod.metadata.name, ...(namespace === undefined ? {} : { namespace }) }
    return storedEdit(before, withDeleted(newest.resources, [reference]), storing)
  }
  if (!before.unnetworked.has(name)) return nothing
  const unnetworked = new Map(before.unnetworked)
  unnetworked.delete(name)
  const { event, make, moment } = storing
  const cluster = make(newest.cluster, { upserts: { pods: [pod] }, removals: [] })
  const revision: Revision = { ...newest, number: newest.number + 1, at: moment.now, event, cluster }
  const edit = { lists: { pods: newest.resources.pods }, objects: [{ op: 'replace' as const, object: pod }] }
  return { edit, ...stored({ ...before, unnetworked }, revision, ['pods', 'ipamBlocks'], moment) }
}
