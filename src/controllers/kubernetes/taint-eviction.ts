import type { PodResource } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { isActive } from '../pod-state.ts'
import { restlessNodes } from '../restless-nodes.ts'
import { patience, tolerationsOf } from '../taints.ts'
import type { Work } from '../work.ts'

const FROM = 'taint-eviction-controller'

/** Ends pods of nodes with taints that send them away, each when its patience is over. @kubernetes pkg/controller/tainteviction */
export function taintEviction(work: Work): void {
  const { objects, clock, context } = work
  for (const { metadata, spec } of restlessNodes(work)) {
    const taints = (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
    if (taints.length === 0) continue
    const { name } = metadata
    const since = clock.since(
      'taint-eviction',
      `${name} ${taints
        .map(({ key }) => key)
        .sort()
        .join(' ')}`,
    )
    for (const pod of objects.podsOn(name)) {
      if (!isActive(pod) || isBound(pod)) continue
      const waits = taints.map((taint) => patience(taint, tolerationsOf(pod.spec)))
      const seconds = waits.filter((wait) => wait !== undefined)
      if (seconds.length === 0) continue
      const wait = context.timing.isInstant === true ? 0 : Math.min(...seconds) * 1e9
      if (!clock.isPast(since + wait)) continue
      const { namespace = 'default', name: own } = pod.metadata
      work.tell(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${own}`, FROM)
      endPod(work, pod)
    }
  }
}

/** Whether a pod stays with its node whatever becomes of it: static pods, and those of DaemonSets that do not say what they tolerate. */
function isBound({ metadata, spec }: PodResource): boolean {
  const [owner] = metadata.ownerReferences ?? []
  if (owner?.kind === 'Node') return true
  if (owner?.kind === 'DaemonSet') return spec.tolerations === undefined
  return owner === undefined && spec.hostNetwork === true && metadata.name.endsWith(`-${spec.nodeName}`)
}
