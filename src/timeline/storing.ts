import {
  type Cluster,
  type Collected,
  listOfKind,
  type ObjectDeletion,
  type OtherResource,
  objectKey,
  objectName,
  type PodListEdit,
  type PodResource,
  type Resources,
} from '../control/index.ts'
import { cniRefusal, graceOf, holdsDatastore, terminating } from '../controllers/index.ts'
import { findInPieces, type InputError } from '../model/index.ts'
import { concernsControllers, controlled } from './controlling.ts'
import {
  areEndpointsKept,
  type KeptEndpoints,
  keptFrom,
  slicesOfNobody,
  toldAnew,
  withSlicesOf,
} from './endpoints-kept.ts'
import { type Moment, stored, storedAtOnce } from './following.ts'
import { isInstallation } from './installed.ts'
import { canTearDown, type Leak, leaksOf } from './leaks.ts'
import { sameList } from './places.ts'
import type { Revision } from './revision.ts'
import { type Outcome, type RunningState, stateOfAway } from './running-state.ts'
import { askingPods, podsToRefuse, refusalOf, refusalsAfter, withoutNetwork } from './sandboxes.ts'
import {
  type EditedObject,
  foundObject,
  joinedEdits,
  listsOf,
  NO_EDIT,
  type ObjectsEdit,
  withApplied,
  withDeleted,
  withoutObjects,
} from './stored-objects.ts'
import { withTold } from './told-events.ts'

/** What is edited of the objects a cluster is made of. */
export interface MadeEdit {
  readonly upserts: Partial<Resources>
  readonly removals: readonly OtherResource[]
  /** The list of pods before and after, where it is of these edits alone. */
  readonly pods?: PodListEdit
  /** Nobody gives back what IPAM had given nodes that go. */
  readonly keepsGarbage?: boolean
  /** Pods of these that go while nobody runs CNI DEL for them: `namespace/name`. */
  readonly leaks?: ReadonlySet<string>
  /** Nobody writes endpoints anew. */
  readonly keepsEndpoints?: boolean
  /** What kube-controllers gives back. */
  readonly garbage?: Collected
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
  /** Nobody gives back what nobody uses: kube-controllers does not run. */
  readonly keepsGarbage: boolean
  readonly moment: Moment
  /** Time of day at virtual time 0, in milliseconds since 1970. */
  readonly epoch: number
  /** Number of the event. */
  readonly event: number
}

/** What is stored, and what follows from it. */
export interface Stored extends Outcome {
  readonly edit: ObjectsEdit
  /** How many of the edited objects somebody edited; the others follow from them. */
  readonly asked: number
  /** When controllers want to look again, in nanoseconds; undefined = when something happens. */
  readonly next: number | undefined
}

/** Rounds in which controllers and IPAM wait for each other. */
const MOST_ROUNDS = 20

/** Objects are applied. @throws InputError for what is refused */
export function applied(before: RunningState, objects: Partial<Resources>, storing: Storing): Stored {
  return storedEdit(before, withApplied(before.newest.resources, objects), storing)
}

/**
 * Objects are deleted. A pod that runs is asked to end, and goes when its node has ended it.
 * @throws InputError for what is not there
 */
export function deleted(before: RunningState, deletions: readonly ObjectDeletion[], storing: Storing): Stored {
  const { resources } = before.newest
  const graces = new Map<OtherResource, number | undefined>()
  for (const one of deletions) {
    const object = foundObject(resources, one)
    graces.set(object, graceIn(one) ?? graces.get(object))
  }
  const objects = [...graces.keys()]
  const graceFor = (pod: PodResource): number => graces.get(pod) ?? graceOf(pod)
  const isUnwired = cniRefusal(before.memory, resources) !== undefined
  // Where nothing takes time its node ends it at once, if its kubelet runs and its network is taken down. Who gives it no time does not
  // wait for that.
  const isEnded = (pod: PodResource): boolean => {
    const { spec } = pod
    if (graceFor(pod) === 0) return true
    return storing.isInstant && kubeletRuns(before, spec.nodeName) && (spec.hostNetwork === true || !isUnwired)
  }
  const ending = objects.filter((object) => runs(before, object)).filter((pod) => !isEnded(pod))
  const context = { now: storing.moment.now, epoch: storing.epoch }
  const marked = withApplied(resources, { pods: ending.map((pod) => terminating(pod, context, graceFor(pod))) })
  const rest = objects.filter((object) => !ending.some((pod) => pod === object))
  return storedEdit(before, joinedEdits(marked, withoutObjects({ ...resources, ...marked.lists }, rest)), storing)
}

/** How long somebody gives a pod, in seconds; undefined = as it says. */
function graceIn({ gracePeriodSeconds, force }: ObjectDeletion): number | undefined {
  return force === true ? 0 : gracePeriodSeconds
}

function kubeletRuns(state: RunningState, node: string | undefined): boolean {
  return node === undefined || stateOfAway(state, 'kubelet', node) === 'running'
}

/** Whether an object is a pod that some node runs. */
function runs({ newest }: RunningState, object: OtherResource): object is PodResource {
  if (object.kind !== 'Pod') return false
  const { spec, status } = object as PodResource
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return !isOver && newest.cluster.nodes.some(({ name }) => name === spec.nodeName)
}

/** Controllers look at what is stored, because it is time to. */
export function controllersLooked(before: RunningState, storing: Storing): Stored {
  return storedEdit(before, NO_EDIT, storing)
}

/** The state with edited objects, and what controllers make of them; the very state where nothing is edited. */
function storedEdit(before: RunningState, first: ObjectsEdit, storing: Storing): Stored {
  const { isInstant, moment, event } = storing
  const { make } = storing
  const keepsEndpoints = areEndpointsKept(before)
  let { resources, cluster } = before.newest
  let { memory, told, endpoints } = before
  if (keepsEndpoints !== (endpoints !== null)) {
    ;({ cluster, endpoints } = withEndpoints(cluster, endpoints, make))
    resources = { ...resources, ...followed(before.newest.cluster, cluster) }
  }
  let edit = NO_EDIT
  let todo = first
  let next: number | undefined
  let { refusals, leaks } = before
  const isControlled =
    first.objects.length === 0 ||
    refusals.size > 0 ||
    concernsControllers(Object.keys(first.lists) as (keyof Resources)[], { ...resources, ...first.lists })
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const now = { ...resources, ...todo.lists }
    let isChange = false
    const knew = memory
    if (isControlled) {
      const done = controlled(before, now, cluster, memory, refusals, storing)
      const deletions = withDeleted(now, done.edit.delete)
      todo = joinedEdits(todo, joinedEdits(deletions, withApplied({ ...now, ...deletions.lists }, done.edit.apply)))
      ;({ memory, next, isChange } = done)
      told = withTold(told, done.events, moment.now)
    }
    const old = cluster
    const canEnd = (node: string): boolean =>
      [knew, memory].some((known) => canTearDown(before, node, known, resources))
    const isHeld = holdsDatastore(before.memory, before.newest.resources) && holdsDatastore(memory, now)
    const revision = before.newest.number + 1
    const fresh = leaksOf(todo.objects, old, { canEnd, isHeld }, { now: moment.now, event, revision })
    if (fresh.length > 0) leaks = [...leaks, ...fresh]
    const making = made(resources, cluster, todo, { keepsEndpoints, fresh }, storing)
    cluster = making.cluster
    if (endpoints !== null) endpoints = withSlicesOf(endpoints, todo.objects)
    const known = refusals
    refusals = refusalsAfter(refusals, todo.objects, making.refused, moment.now)
    resources = { ...resources, ...todo.lists, ...followed(old, cluster) }
    edit = joinedEdits(edit, todo)
    // Kubelet has an answer to hear.
    if (refusals === known && (!isChange || todo.objects.length === 0)) break
    todo = NO_EDIT
  }
  const isKnown = memory === before.memory && refusals === before.refusals
  const isSame = isKnown && told === before.told && leaks === before.leaks
  const state =
    isSame && endpoints === before.endpoints ? before : { ...before, memory, refusals, told, endpoints, leaks }
  const asked = first.objects.length
  if (edit.objects.length === 0 && cluster === before.newest.cluster) return { edit, asked, state, later: [], next }
  const revision: Revision = { number: before.newest.number + 1, at: moment.now, event, resources, cluster }
  if (isInstant) {
    const settled = { ...revision, resources: settledResources(resources, cluster) }
    return { edit, asked, state: storedAtOnce(state, settled), later: [], next }
  }
  const isOther = cluster.resources.endpointSlices !== before.newest.cluster.resources.endpointSlices
  const lists = [...(Object.keys(edit.lists) as (keyof Resources)[]), ...(isOther ? ENDPOINTS : [])]
  return { edit, asked, ...stored(state, revision, lists, moment), next }
}

/** What is stored once all is at rest: as the cluster has it, but for what only says how Calico was installed, and is gone. */
function settledResources(stored: Resources, { resources }: Cluster): Resources {
  const { daemonSets, configMaps, installations } = stored
  const pods = sameList(stored.pods, resources.pods)
  return { ...resources, pods, daemonSets, configMaps, installations }
}

const ENDPOINTS: readonly (keyof Resources)[] = ['endpointSlices', 'endpoints']

/** A cluster whose endpoints are objects from now on, which nobody writes anew; or follow from pods again. */
function withEndpoints(
  cluster: Cluster,
  before: KeptEndpoints | null,
  make: ClusterMaker,
): { readonly cluster: Cluster; readonly endpoints: KeptEndpoints | null } {
  if (before !== null) {
    const removals = toldAnew(before, cluster)
    return { cluster: removals.length === 0 ? cluster : make(cluster, { upserts: {}, removals }), endpoints: null }
  }
  const { kept, slices } = keptFrom(cluster)
  const edit = { upserts: { endpointSlices: slices }, removals: [], keepsEndpoints: true }
  return { cluster: slices.length === 0 ? cluster : make(cluster, edit), endpoints: kept }
}

/** What controllers write of which nobody else tells: endpoints of Services. */
function followed(before: Cluster, { resources }: Cluster): Partial<Resources> {
  const { endpointSlices, endpoints } = resources
  const isSame = before.resources.endpointSlices === endpointSlices && before.resources.endpoints === endpoints
  return isSame ? {} : { endpointSlices, endpoints }
}

/** A cluster after an edit, and pods whose network the CNI plugin refused: what it said. */
interface Made {
  readonly cluster: Cluster
  readonly refused: ReadonlyMap<string, string>
}

const NOBODY: ReadonlyMap<string, string> = new Map()

/** The cluster after an edit. Pods whose node is gone are stored for a while, but they have no network any more. */
function made(
  was: Resources,
  cluster: Cluster,
  { objects: edited, lists }: ObjectsEdit,
  { keepsEndpoints, fresh }: { readonly keepsEndpoints: boolean; readonly fresh: readonly Leak[] },
  storing: Storing,
): Made {
  const { make, keepsGarbage } = storing
  if (edited.length === 0) return { cluster, refused: NOBODY }
  const nodes = (wanted: EditedObject['op']): ReadonlySet<string> =>
    new Set(edited.flatMap(({ op, object }) => (op === wanted && object.kind === 'Node' ? [object.metadata.name] : [])))
  const [goneNodes, newNodes] = [nodes('delete'), nodes('add')]
  const isOn = (names: ReadonlySet<string>, { spec }: PodResource): boolean => names.has(spec.nodeName ?? '')
  const isHomeless = (object: OtherResource): boolean =>
    object.kind === 'Pod' && (isOn(goneNodes, object as PodResource) || isLost(was, cluster, object as PodResource))
  const put = edited.flatMap(({ op, object }) => (op === 'delete' || isHomeless(object) ? [] : [object]))
  const homeless = goneNodes.size === 0 ? [] : was.pods.filter((pod) => isOn(goneNodes, pod))
  const back = newNodes.size === 0 ? [] : was.pods.filter((pod) => isOn(newNodes, pod))
  const deleted = edited.flatMap(({ op, object }) => (op === 'delete' && !isInstallation(object) ? [object] : []))
  const gone = [...deleted, ...homeless]
  const upserts = listsOf([...back, ...put, ...(keepsEndpoints ? slicesOfNobody(edited) : [])])
  const removals = thereIn(cluster, gone)
  const isNothing = removals.length === 0 && Object.values(upserts).every((list) => list.length === 0)
  const isAll = put.length + removals.length === edited.length && homeless.length + back.length === 0
  const pods = isAll && lists.pods !== undefined ? { from: was.pods, to: lists.pods } : undefined
  if (isNothing) return { cluster, refused: NOBODY }
  const held = fresh.flatMap(({ netns, addresses }) => (addresses.length === 0 ? [] : [netns]))
  const leaks = held.length === 0 ? undefined : new Set(held)
  const edit = { upserts, removals, keepsGarbage, keepsEndpoints }
  return wired(cluster, { ...edit, ...(pods && { pods }), ...(leaks && { leaks }) }, make)
}

/**
 * Makes a cluster with pods for which kubelet calls the CNI plugin; those it refuses are there without a network.
 * @throws InputError for whatever else is refused
 */
function wired(before: Cluster, edit: MadeEdit, make: ClusterMaker): Made {
  const errors = new Map<PodResource, InputError>()
  let { pods = [] } = edit.upserts
  for (;;) {
    const { pods: _, ...rest } = edit
    try {
      const cluster = make(before, errors.size === 0 ? edit : { ...rest, upserts: { ...edit.upserts, pods } })
      const words = [...errors].map(([pod, error]) => [objectName(pod), refusalOf(cluster, pod, error)] as const)
      return { cluster, refused: new Map(words) }
    } catch (error) {
      const refused = new Set(podsToRefuse(error, askingPods(pods)))
      if (refused.size === 0) throw error
      for (const pod of refused) errors.set(pod, error as InputError)
      pods = pods.map((pod) => (refused.has(pod) ? withoutNetwork(pod) : pod))
    }
  }
}

/** Whether a pod was on a node before that is gone. */
function isLost(was: Resources, { nodes }: Cluster, pod: PodResource): boolean {
  if (pod.spec.nodeName === undefined || nodes.some(({ name }) => name === pod.spec.nodeName)) return false
  return was.pods.some((one) => objectKey(one) === objectKey(pod) && one.spec.nodeName === pod.spec.nodeName)
}

/** Objects as a cluster has them, as far as it does. */
function thereIn({ resources }: Cluster, objects: readonly OtherResource[]): OtherResource[] {
  const found = new Set<OtherResource>()
  for (const object of objects) {
    const list: readonly OtherResource[] = resources[listOfKind(object.kind)]
    const { name } = object.metadata
    const one = findInPieces(list, (other) => other.metadata.name === name && objectKey(other) === objectKey(object))
    if (one !== undefined) found.add(one)
  }
  return [...found]
}
