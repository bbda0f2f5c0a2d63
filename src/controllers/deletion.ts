import type { PodResource } from '../control/index.ts'
import { timestamp } from './clock.ts'
import { isTerminating } from './pod-state.ts'
import type { Work } from './work.ts'

/** How long a pod may take to end that does not say it, in seconds. */
const USUAL_GRACE = 30

/**
 * Asks a pod to end: its node ends it. One that no node has is gone at once.
 *
 * @param grace - how many seconds it may take; absent = as it says
 */
export function endPod(work: Work, pod: PodResource, grace: number = graceOf(pod)): void {
  if (isTerminating(pod)) return
  if (pod.spec.nodeName === undefined || grace === 0) work.objects.remove(pod)
  else work.objects.put(terminating(pod, work.context, grace))
}

/** How many seconds a pod may take to end. */
export function graceOf({ metadata, spec }: PodResource): number {
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? USUAL_GRACE
}

/** A pod that is asked to end: by when it must have is written in it. */
export function terminating(
  pod: PodResource,
  { now, epoch }: { readonly now: number; readonly epoch: number },
  grace: number = graceOf(pod),
): PodResource {
  const deletionTimestamp = timestamp({ epoch }, now + grace * 1e9)
  return {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: grace },
  }
}
