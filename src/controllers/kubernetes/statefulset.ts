import type { PodResource, PodSetResource } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { keyOf } from '../object-keys.ts'
import { hasEnded, isPodReady, isTerminating } from '../pod-state.ts'
import { templateHash } from '../safe-names.ts'
import { asGiven, podOf, type Work } from '../work.ts'
import { keepRevisions, REVISION } from './revisions.ts'

const FROM = 'statefulset-controller'
const NAME = 'statefulset.kubernetes.io/pod-name'

/** Gives every StatefulSet its pods, one after the other. @kubernetes pkg/controller/statefulset/stateful_set_control.go */
export function statefulSets(work: Work): void {
  for (const set of work.objects.podSets('StatefulSet')) {
    if (set.metadata.deletionTimestamp === undefined) manage(work, set)
  }
}

function manage(work: Work, set: PodSetResource): void {
  const given = asGiven(work, set)
  if (given === undefined) keepRevisions(work, set, templateHash(set.spec.template))
  const { podManagementPolicy = 'OrderedReady', ordinals = {} } = set.spec
  const start = ordinals.start ?? 0
  const wanted = given?.pods ?? set.spec.replicas ?? 1
  const pods = new Map<number, PodResource>()
  for (const pod of work.objects.podsOf(keyOf(set))) pods.set(ordinalOf(set, pod), pod)
  // Which of them were given is not known by their number only.
  const places =
    given === undefined ? Array.from({ length: wanted }, (_, i) => start + i) : placesOf(pods, wanted, start)
  const ordered = podManagementPolicy !== 'Parallel'
  for (const ordinal of places) {
    const pod = pods.get(ordinal)
    if (pod === undefined) make(work, set, ordinal)
    else if (hasEnded(pod) && !isTerminating(pod)) work.objects.remove(pod)
    if (ordered && (pod === undefined || !isPodReady(pod) || isTerminating(pod))) return
  }
  const beyond = [...pods.keys()].filter((ordinal) => !places.includes(ordinal)).sort((a, b) => b - a)
  for (const ordinal of beyond) {
    end(work, set, pods.get(ordinal)!)
    if (ordered) return
  }
  if (given === undefined) renew(work, set, places, pods)
}

/** The numbers of pods that were given, however few of them. */
function placesOf(pods: ReadonlyMap<number, unknown>, wanted: number, start: number): readonly number[] {
  const places = [...pods.keys()].sort((a, b) => a - b)
  for (let next = start; places.length < wanted; next++) if (!places.includes(next)) places.push(next)
  return places.sort((a, b) => a - b).slice(0, wanted)
}

/** Pods of another template go from the last to the first, each when all behind it are ready. */
function renew(
  work: Work,
  set: PodSetResource,
  places: readonly number[],
  pods: ReadonlyMap<number, PodResource>,
): void {
  const { updateStrategy = {} } = set.spec
  if (updateStrategy.type === 'OnDelete') return
  const revision = revisionOf(set)
  const partition = updateStrategy.rollingUpdate?.partition ?? 0
  for (const ordinal of [...places].reverse()) {
    if (ordinal < partition) return
    const pod = pods.get(ordinal)
    if (pod === undefined) return
    const label = pod.metadata.labels?.[REVISION]
    if (label !== revision && label !== undefined) {
      end(work, set, pod)
      return
    }
    if (!isPodReady(pod) || isTerminating(pod)) return
  }
}

function end(work: Work, set: PodSetResource, pod: PodResource): void {
  if (isTerminating(pod)) return
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
  work.tell(set, 'Normal', 'SuccessfulDelete', message, FROM)
  endPod(work, pod)
}

function make(work: Work, set: PodSetResource, ordinal: number): void {
  const name = `${set.metadata.name}-${ordinal}`
  const labels = { [REVISION]: revisionOf(set), [NAME]: name, 'apps.kubernetes.io/pod-index': String(ordinal) }
  // Somebody else's pod of that name is in the way.
  if (work.objects.find('Pod', set.metadata.namespace, name) !== undefined) return
  work.objects.put(podOf(work, set, set.spec.template, name, { labels }))
  const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`
  work.tell(set, 'Normal', 'SuccessfulCreate', message, FROM)
}

function revisionOf({ metadata, spec }: PodSetResource): string {
  return `${metadata.name}-${templateHash(spec.template)}`
}

function ordinalOf(set: PodSetResource, { metadata }: PodResource): number {
  const number = metadata.name.slice(set.metadata.name.length + 1)
  return /^\d+$/.test(number) ? Number(number) : -1
}
