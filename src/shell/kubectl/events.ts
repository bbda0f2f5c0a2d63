import type { OtherResource, PodResource, Resources } from '../../control/index.ts'
import { namespaceOf } from './cells.ts'
import { textAt } from './object.ts'
import type { Seen } from './seen.ts'

/** What there is to tell of pods, by what their conditions say: why a pod has no node yet. What else controllers tell is not kept. */
export function eventsFrom({ pods }: Pick<Resources, 'pods'>): readonly OtherResource[] {
  return pods.flatMap((pod) => {
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (scheduled?.status !== 'False' || scheduled.message === undefined) return []
    return [eventAbout(pod, 'FailedScheduling', scheduled.message)]
  })
}

function eventAbout(pod: PodResource, reason: string, message: string): OtherResource {
  const { name } = pod.metadata
  const namespace = namespaceOf(pod)
  const fields = {
    involvedObject: { kind: 'Pod', name, namespace },
    type: 'Warning',
    reason,
    message,
    source: { component: 'default-scheduler' },
  }
  return { apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.scheduling`, namespace }, ...fields }
}

/** Events about an object. */
export function eventsAbout(seen: Seen, object: OtherResource): readonly OtherResource[] {
  return seen.events.filter(
    (one) =>
      textAt(one, 'involvedObject', 'kind') === object.kind &&
      textAt(one, 'involvedObject', 'name') === object.metadata.name &&
      namespaceOf(one) === namespaceOf(object),
  )
}
