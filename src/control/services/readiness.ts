import type { PodResource } from '../kubernetes-kinds.ts'

/** What an EndpointSlice says of the state of an endpoint. */
export interface Readiness {
  /** Takes new connections. */
  readonly ready: boolean
  /** Passes its own check. */
  readonly serving: boolean
  /** Is being deleted. */
  readonly terminating: boolean
}

/** Whether a pod runs on a node and has not ended. */
export function isAlive({ spec, status }: PodResource): boolean {
  return spec.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

/**
 * Whether the CNI plugin has not wired a pod yet: it says so, as pods do whose sandbox is not there. One that says nothing is wired.
 *
 * @kubernetes pkg/kubelet/types/pod_status.go
 */
export function awaitsNetwork({ status }: PodResource): boolean {
  const { conditions, podIP } = status ?? {}
  return podIP === undefined && conditions?.some(({ type, status: is }) => type === NETWORK && is === 'False') === true
}

const NETWORK = 'PodReadyToStartContainers'

/**
 * What the EndpointSlice controller would write of a pod. Where its status does not say, a pod that runs is ready.
 * @kubernetes staging/src/k8s.io/endpointslice/utils.go
 */
export function podReadiness({ metadata, status }: PodResource, publishNotReady: boolean): Readiness {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  const serving = condition === undefined ? (status?.phase ?? 'Running') === 'Running' : condition.status === 'True'
  const terminating = metadata.deletionTimestamp !== undefined
  return { ready: publishNotReady || (serving && !terminating), serving, terminating }
}
