import type { PodResource } from '../../control/index.ts'
import { isNamespaced } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { type AnyObject, nodeKey, ownerKey } from '../object-keys.ts'
import { hasEnded, isTerminating } from '../pod-state.ts'
import type { Work } from '../work.ts'

/** Ends what was made for somebody who is gone. @kubernetes pkg/controller/garbagecollector */
export function garbageCollector(work: Work): void {
  const { objects } = work
  for (const list of OWNED) {
    // By owner: there are fewer of them.
    for (const owner of [...objects.ownersIn(list)]) {
      if (isThere(work, owner)) continue
      for (const one of objects.madeBy(list, owner)) {
        if (!isOrphan(work, one)) continue
        if (one.kind === 'Pod') endPod(work, one as PodResource)
        else objects.remove(one)
      }
    }
  }
}

/** Lists of objects that are made for others, the makers before what they make. */
const OWNED = ['namespaces', 'deployments', 'daemonSets', 'podSets', 'controllerRevisions', 'pods'] as const

/** Whether all owners of an object are gone. */
function isOrphan(work: Work, { metadata }: AnyObject): boolean {
  return (metadata.ownerReferences ?? []).every(
    ({ kind, name }) => !isThere(work, ownerKey(kind, metadata.namespace, name)),
  )
}

/** Whether an owner is there, or was never: nobody who was not there is gone. */
function isThere({ objects, memory }: Work, owner: string): boolean {
  if (memory.absent.has(owner)) return true
  const [kind = '', place = ''] = owner.split(' ')
  const [namespace, name = ''] = place.split('/')
  return (
    objects.find(kind, isNamespaced(kind) ? namespace : undefined, name) !== undefined ||
    isElsewhere(kind, objects, name)
  )
}

/** Objects of other kinds are known by name only. */
function isElsewhere(kind: string, objects: Work['objects'], name: string): boolean {
  return objects.before.others.some((one) => one.kind === kind && one.metadata.name === name)
}

/** Removes pods that nobody will end: of nodes that are gone, and those that no node had. @kubernetes pkg/controller/podgc */
export function podGarbage(work: Work): void {
  const { objects, clock, context, memory } = work
  for (const pod of objects.unboundPods()) if (isTerminating(pod)) objects.remove(pod)
  for (const node of objects.goneHosts()) {
    if (memory.absent.has(nodeKey(node))) continue
    const running = objects.podsListedOn(node).filter((pod) => !hasEnded(pod))
    if (running.length === 0 || !clock.isOver('pod-garbage', `node ${node}`, context.timing.lostNode)) continue
    for (const pod of running) objects.remove(pod)
  }
}
