import type { PodResource } from '../../control/index.ts'
import { isNamespaced } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { type AnyObject, ownerKey } from '../objects.ts'
import { hasEnded, isTerminating } from '../pod-state.ts'
import type { Work } from '../work.ts'

/** Ends what was made for somebody who is gone. @kubernetes pkg/controller/garbagecollector */
export function garbageCollector(work: Work): void {
  const { objects } = work
  for (const set of objects.podSets('ReplicaSet')) if (isOrphan(work, set)) objects.remove(set)
  for (const pod of objects.pods()) if (!isTerminating(pod) && isOrphan(work, pod)) endPod(work, pod)
}

/** Whether all owners of an object are gone; one that was never there is nobody who has gone. */
function isOrphan({ objects, memory }: Work, { metadata }: AnyObject): boolean {
  const owners = metadata.ownerReferences ?? []
  return (
    owners.length > 0 &&
    owners.every(({ kind, name }) => {
      const isThere = objects.find(kind, isNamespaced(kind) ? metadata.namespace : undefined, name) !== undefined
      return (
        !isThere && !memory.absent.has(ownerKey(kind, metadata.namespace, name)) && !isElsewhere(kind, objects, name)
      )
    })
  )
}

/** Objects of other kinds are known by name only. */
function isElsewhere(kind: string, objects: Work['objects'], name: string): boolean {
  return objects.before.others.some((one) => one.kind === kind && one.metadata.name === name)
}

/** Removes pods that nobody will end: of nodes that are gone, and those that no node had. @kubernetes pkg/controller/podgc */
export function podGarbage(work: Work): void {
  const { objects, clock, context } = work
  for (const pod of objects.pods()) {
    const { nodeName } = pod.spec
    if (nodeName === undefined) {
      if (isTerminating(pod)) objects.remove(pod)
    } else if (
      isLost(work, pod, nodeName) &&
      clock.isOver('pod-garbage', `node ${nodeName}`, context.timing.lostNode)
    ) {
      objects.remove(pod)
    }
  }
}

/** Whether the node of a pod was there and is gone. */
function isLost({ objects, memory }: Work, pod: PodResource, node: string): boolean {
  return objects.node(node) === undefined && !hasEnded(pod) && !memory.absent.has(ownerKey('Node', undefined, node))
}
