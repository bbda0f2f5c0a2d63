import type { PodResource, PodSetResource } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { keyOf, madeBy } from '../object-keys.ts'
import { conditionOf, isActive, isPodReady } from '../pod-state.ts'
import { asGiven, freshName, podOf, type Work } from '../work.ts'

const FROM = 'replicaset-controller'

/** Gives every ReplicaSet as many pods as it wants. @kubernetes pkg/controller/replicaset */
export function replicaSets(work: Work): void {
  for (const set of work.objects.podSets('ReplicaSet')) {
    if (set.metadata.deletionTimestamp === undefined) manage(work, set)
  }
}

function manage(work: Work, set: PodSetResource): void {
  const pods = work.objects.podsOf(keyOf(set)).filter(isActive)
  const wanted = wantedOf(work, set)
  for (let i = pods.length; i < wanted; i++) {
    const pod = podOf(work, set, set.spec.template, freshName(work, set, 'Pod'))
    work.objects.put(pod)
    work.tell(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, FROM)
  }
  if (pods.length <= wanted) return
  const related = relatedOn(work, set)
  const ranked = [...pods].sort((a, b) => goesBefore(a, b, related, work.context))
  for (const pod of ranked.slice(0, pods.length - wanted)) {
    endPod(work, pod)
    work.tell(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, FROM)
  }
}

/** How many pods a ReplicaSet wants; one that nobody has changed since it was given has those it wants. */
function wantedOf(work: Work, set: PodSetResource): number {
  return asGiven(work, set)?.pods ?? set.spec.replicas ?? 1
}

/** How many pods of the same Deployment, or of this ReplicaSet, run on each node. */
function relatedOn({ objects }: Work, set: PodSetResource): ReadonlyMap<string, number> {
  const above = madeBy(set)
  const sets = above === undefined ? [set] : objects.setsOf(above)
  const count = new Map<string, number>()
  for (const pod of sets.flatMap((one) => objects.podsOf(keyOf(one)))) {
    const { nodeName } = pod.spec
    if (isActive(pod) && nodeName !== undefined) count.set(nodeName, (count.get(nodeName) ?? 0) + 1)
  }
  return count
}

const PHASES = ['Pending', 'Unknown', 'Running']
const COST = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * Which of two pods goes first when there are too many: the one that no node has; of an earlier phase; that is not ready; that is
 * cheaper by its annotation; whose node has more pods of the kind; that has been ready for a shorter time; that was restarted more
 * often; that is younger, by powers of two of the age; whose id comes first.
 *
 * @kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks
 */
export function goesBefore(
  a: PodResource,
  b: PodResource,
  related: ReadonlyMap<string, number>,
  clock: { readonly now: number; readonly epoch: number },
): number {
  const on = ({ spec }: PodResource): number => related.get(spec.nodeName ?? '') ?? 0
  const phase = (pod: PodResource): number => PHASES.indexOf(pod.status?.phase ?? 'Running')
  const cost = ({ metadata }: PodResource): number => Number(metadata.annotations?.[COST] ?? 0) || 0
  const restarts = ({ status }: PodResource): number =>
    Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount ?? 0))
  const age = (time: string | undefined): number => bucket(time, clock)
  const readySince = (pod: PodResource): number =>
    isPodReady(pod) ? age(conditionOf(pod, 'Ready')?.lastTransitionTime) : Number.POSITIVE_INFINITY
  const bothReady = isPodReady(a) && isPodReady(b)
  return (
    Number(a.spec.nodeName !== undefined) - Number(b.spec.nodeName !== undefined) ||
    phase(a) - phase(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    cost(a) - cost(b) ||
    on(b) - on(a) ||
    (bothReady ? readySince(a) - readySince(b) : 0) ||
    restarts(b) - restarts(a) ||
    age(a.metadata.creationTimestamp) - age(b.metadata.creationTimestamp) ||
    compare(a.metadata.uid ?? '', b.metadata.uid ?? '') ||
    compare(a.metadata.name, b.metadata.name)
  )
}

/** The power of two of an age in nanoseconds; what has no time is oldest. */
function bucket(time: string | undefined, { now, epoch }: { readonly now: number; readonly epoch: number }): number {
  if (time === undefined) return 64
  const age = (epoch - Date.parse(time)) * 1e6 + now
  return age <= 1 ? 0 : Math.floor(Math.log2(age))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
