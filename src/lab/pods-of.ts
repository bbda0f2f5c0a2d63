import type { PodResource } from '../control/index.ts'
import type { Controller } from './endpoint-word.ts'

/** Names controllers give their pods, behind their own: what stands where a pod names no owner. */
const SHAPES: Readonly<Record<Controller, RegExp>> = {
  Deployment: /^-[a-z0-9]{5,10}-[a-z0-9]{5}$/,
  DaemonSet: /^-[a-z0-9]{5}$/,
  StatefulSet: /^-\d+$/,
  ReplicaSet: /^-[a-z0-9]{5}$/,
  Job: /^-[a-z0-9]{5}$/,
}

/**
 * Whether a pod belongs to a controller: by its owner, or, when it names none (objects written by hand), by the name the
 * controller would have given it. A Deployment owns its pods through a ReplicaSet named after it and the hash of the template.
 */
export function belongsTo({ metadata }: PodResource, controller: Controller, name: string): boolean {
  const owners = metadata.ownerReferences ?? []
  if (owners.length === 0) {
    return metadata.name.startsWith(name) && SHAPES[controller].test(metadata.name.slice(name.length))
  }
  return owners.some((owner) => {
    if (controller !== 'Deployment') return owner.kind === controller && owner.name === name
    const hash = metadata.labels?.['pod-template-hash'] ?? owner.name.slice(owner.name.lastIndexOf('-') + 1)
    return owner.kind === 'ReplicaSet' && owner.name === `${name}-${hash}`
  })
}

/** Whether a pod has a network: it runs on a node and has not ended. */
export function isAlive({ spec, status }: PodResource): boolean {
  return spec.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

/** Whether it is ready; where its status does not say, a pod that runs is. */
function isReady(pod: PodResource): boolean {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  if (condition !== undefined) return condition.status === 'True'
  return isAlive(pod) && (pod.status?.phase ?? 'Running') === 'Running'
}

/** The first pod in the order kubectl prefers: ready ones, then older ones, then by name. */
export function firstPod(pods: readonly PodResource[]): PodResource | undefined {
  const rank = (pod: PodResource): string =>
    `${isReady(pod) ? 0 : 1} ${pod.metadata.deletionTimestamp === undefined ? 0 : 1} ${pod.metadata.creationTimestamp ?? '~'} ${pod.metadata.name}`
  return pods.filter(isAlive).sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]
}
