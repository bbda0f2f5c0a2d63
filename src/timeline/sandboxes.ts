import { awaitsNetwork, type Cluster, objectName, type PodResource, podRefusal } from '../control/index.ts'
import { InputError } from '../model/index.ts'
import type { EditedObject } from './stored-objects.ts'

/** A sandbox whose network the CNI plugin refused. */
export interface SandboxRefusal {
  /** What the plugin said. */
  readonly message: string
  /** When, in nanoseconds. */
  readonly at: number
  /** Since when something is otherwise that may turn the answer; absent = nothing is, and kubelet gets the same one. */
  readonly changed?: number
}

/** Sandboxes that were refused, by the name of the pod. */
export type SandboxRefusals = ReadonlyMap<string, SandboxRefusal>

/** Pods that are put in and for which kubelet has just called the plugin. */
export function askingPods(pods: readonly PodResource[]): readonly PodResource[] {
  return pods.filter((pod) => pod.status?.phase === 'Pending' && !awaitsNetwork(pod) && pod.spec.hostNetwork !== true)
}

/** Those of the asking pods that an error is about: it names them, or is about none in particular. */
export function podsToRefuse(error: unknown, asking: readonly PodResource[]): readonly PodResource[] {
  if (!(error instanceof InputError)) return []
  const named = asking.filter((pod) => error.issues.some(({ object }) => object === objectName(pod)))
  return named.length > 0 ? named : asking
}

/** A pod whose sandbox has no network. */
export function withoutNetwork(pod: PodResource): PodResource {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodReadyToStartContainers')
  const waits = { type: 'PodReadyToStartContainers', status: 'False' }
  return { ...pod, status: { ...pod.status, conditions: [...others, waits] } }
}

/** What the plugin says to a pod in a cluster, else what an error says. */
export function refusalOf(cluster: Cluster, pod: PodResource, error: InputError): string {
  const own = error.issues.find(({ object }) => object === objectName(pod)) ?? error.issues[0]
  return podRefusal(cluster, pod) ?? `${own?.expected} is needed: ${own?.received}`
}

/**
 * Refusals after an edit: pods that are gone ask no more, and what is otherwise but pods that are under way may turn the answer to the
 * others.
 */
export function refusalsAfter(
  before: SandboxRefusals,
  edited: readonly EditedObject[],
  fresh: ReadonlyMap<string, string>,
  now: number,
): SandboxRefusals {
  if (before.size === 0 && fresh.size === 0) return before
  const after = new Map(before)
  const isTurning = edited.some(({ op, object }) => object.kind !== 'Pod' || op === 'delete' || isOver(object))
  if (isTurning)
    for (const [key, one] of before) if (one.changed === undefined) after.set(key, { ...one, changed: now })
  for (const { op, object } of edited) {
    if (object.kind !== 'Pod') continue
    const key = objectName(object)
    const isAnswered = op !== 'replace' || isAsking(object as PodResource)
    if (isAnswered) after.delete(key)
  }
  for (const [key, message] of fresh) after.set(key, { message, at: now })
  return after
}

function isOver(object: EditedObject['object']): boolean {
  const phase = (object as PodResource).status?.phase
  return phase === 'Succeeded' || phase === 'Failed'
}

function isAsking(pod: PodResource): boolean {
  return askingPods([pod]).length > 0
}

/** When kubelet asks again, in nanoseconds; undefined = it would get the same answer, which nobody looks at. */
export function retryOf({ at, changed }: SandboxRefusal, every: number): number | undefined {
  if (changed === undefined) return undefined
  return every === 0 ? changed : at + Math.max(1, Math.ceil((changed - at) / every)) * every
}
