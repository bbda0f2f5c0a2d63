import type { Condition, PodResource } from '../../control/index.ts'
import { keyOf } from '../object-keys.ts'
import { conditionOf, withConditions } from '../pod-state.ts'
import type { Work } from '../work.ts'

/**
 * What the API server says of pods that nobody has told anything of: one that is new is pending, and until its kubelet tells otherwise
 * it has no sandbox. Those that were given without a status when time began run.
 *
 * @kubernetes pkg/registry/core/pod/strategy.go
 */
export function podDefaults({ objects, memory, clock }: Work): void {
  for (const pod of objects.pendingPods()) {
    if (pod.status?.phase === undefined) {
      if (!memory.pods.has(keyOf(pod)))
        objects.put(bare({ ...pod, status: { ...pod.status, phase: 'Pending' } }, clock.stamp))
    } else {
      const fresh = bare(pod, clock.stamp)
      if (fresh !== pod) objects.put(fresh)
    }
  }
}

const WAITS: readonly Condition[] = [
  { type: 'PodReadyToStartContainers', status: 'False' },
  { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
]

/** A pod of a node without a sandbox. */
function bare(pod: PodResource, stamp: string): PodResource {
  const isTold = pod.spec.nodeName === undefined || conditionOf(pod, 'PodReadyToStartContainers') !== undefined
  return isTold ? pod : withConditions(pod, stamp, WAITS)
}
