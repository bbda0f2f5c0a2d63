import type { OtherResource, PodResource, Resources } from '../../control/index.ts'
import type { ToldEvent } from '../../timeline/index.ts'
import { since, stampOf, UNKNOWN, type WallTime } from './age.ts'
import { compare, namespaceOf } from './cells.ts'
import { numberAt, textAt } from './object.ts'
import type { Seen } from './seen.ts'

/** Events as an API server lists them: those that were told, and of pods that wait since before time began why they do. */
export function eventsFrom(
  { pods }: Pick<Resources, 'pods'>,
  told: readonly ToldEvent[],
  began: number,
): readonly OtherResource[] {
  const names = new Set<string>()
  const made = told.map((one) => eventOf(one, began, names))
  const given = pods.flatMap((pod) => {
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (scheduled?.status !== 'False' || scheduled.message === undefined) return []
    const isTold = told.some(({ object, reason }) => reason === 'FailedScheduling' && isAbout(object, pod))
    return isTold ? [] : [waiting(pod, scheduled.message)]
  })
  const all = [...given, ...made]
  return all.sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
}

function isAbout({ kind, name, namespace = 'default' }: ToldEvent['object'], pod: PodResource): boolean {
  return kind === 'Pod' && name === pod.metadata.name && namespace === namespaceOf(pod)
}

/** The name of an event is that of its object, and when it was told first. @kubernetes client-go/tools/record/event.go makeEvent */
function eventOf(told: ToldEvent, began: number, names: Set<string>): OtherResource {
  const { object, type, reason, message, from, count, first, last } = told
  const namespace = object.namespace ?? 'default'
  let time = BigInt(began) * 1_000_000n + BigInt(Math.round(first))
  const nameAt = (): string => `${object.name}.${time.toString(16)}`
  while (names.has(`${namespace}/${nameAt()}`)) time += 1n
  const name = nameAt()
  names.add(`${namespace}/${name}`)
  const stamp = (ns: number): string => stampOf({ now: began + ns / 1e6 })
  const fields = {
    involvedObject: { kind: object.kind, name: object.name, ...(object.namespace === undefined ? {} : { namespace }) },
    type,
    reason,
    message,
    source: { component: from },
    count,
    firstTimestamp: stamp(first),
    lastTimestamp: stamp(last),
  }
  const metadata = { name, namespace, creationTimestamp: stamp(first) }
  return { apiVersion: 'v1', kind: 'Event', metadata, ...fields } as OtherResource
}

/** Why a pod has no node, as its condition says it. */
function waiting(pod: PodResource, message: string): OtherResource {
  const { name } = pod.metadata
  const namespace = namespaceOf(pod)
  const fields = {
    involvedObject: { kind: 'Pod', name, namespace },
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    source: { component: 'default-scheduler' },
  }
  return { apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.scheduling`, namespace }, ...fields }
}

/** When an event was told last, as `kubectl get` says it. */
export function lastSeen(event: OtherResource, time: WallTime): string {
  return since(textAt(event, 'lastTimestamp'), time)
}

/** When an event was told, as `kubectl describe` says it: `5s (x3 over 2m)`. */
export function toldWhen(event: OtherResource, time: WallTime): string {
  const first = since(textAt(event, 'firstTimestamp'), time)
  const count = numberAt(event, 'count') ?? 1
  return count > 1 ? `${lastSeen(event, time)} (x${count} over ${first})` : first
}

/** Events about an object since it was made, the last at the end. */
export function eventsAbout(seen: Seen, object: OtherResource): readonly OtherResource[] {
  const { creationTimestamp } = object.metadata
  const isOfThis = since(creationTimestamp, seen.time) !== UNKNOWN
  const last = (event: OtherResource): string => textAt(event, 'lastTimestamp') ?? ''
  return seen.events
    .filter(
      (one) =>
        textAt(one, 'involvedObject', 'kind') === object.kind &&
        textAt(one, 'involvedObject', 'name') === object.metadata.name &&
        namespaceOf(one) === namespaceOf(object) &&
        // One of the same name may have been there before.
        !(isOfThis && last(one) < (creationTimestamp ?? '')),
    )
    .sort((a, b) => compare(last(a), last(b)))
}
