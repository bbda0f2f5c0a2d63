import {
  awaitsNetwork,
  type Condition,
  type NodeResource,
  type PodResource,
  type Toleration,
} from '../control/index.ts'

/** Why a pod of a node that is not heard of counts as not ready. */
export const NODE_NOT_READY = 'NodeNotReady'

/** A condition of a pod or a node. */
export function conditionOf(
  { status }: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return status?.conditions?.find((one) => one.type === type)
}

/** Whether a node takes pods and runs them; one that says nothing does. */
export function isNodeReady(node: NodeResource): boolean {
  return (conditionOf(node, 'Ready')?.status ?? 'True') === 'True'
}

/** Whether a pod has ended by itself. */
export function hasEnded({ status }: PodResource): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Whether a pod is being deleted. */
export function isTerminating({ metadata }: PodResource): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** Whether a pod counts among those its owner wants: it has not ended, and nobody deletes it. */
export function isActive(pod: PodResource): boolean {
  return !hasEnded(pod) && !isTerminating(pod)
}

/** Whether a kubelet may have something to do with a pod: one that runs and is ready goes on by itself. */
export function isRestless(pod: PodResource): boolean {
  if (isTerminating(pod)) return true
  const phase = pod.status?.phase
  return !hasEnded(pod) && (phase === undefined || phase === 'Pending' || !isPodReady(pod))
}

/** Whether a pod takes connections. */
export function isPodReady(pod: PodResource): boolean {
  const condition = conditionOf(pod, 'Ready')
  const phase = pod.status?.phase ?? 'Running'
  return condition === undefined ? phase === 'Running' && pod.spec.nodeName !== undefined : condition.status === 'True'
}

/** Whether a pod has a network: CNI has run, or it shares that of its node. A pod that says nothing has one. */
export function hasNetwork(pod: PodResource): boolean {
  return pod.spec.nodeName !== undefined && !awaitsNetwork(pod)
}

/**
 * The word of `kubectl get pods` below STATUS.
 *
 * @kubernetes pkg/printers/internalversion/printers.go
 */
export function podWord(pod: PodResource): string {
  const { status, spec } = pod
  const phase = status?.phase ?? (spec.nodeName === undefined ? 'Pending' : 'Running')
  if (isTerminating(pod)) return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  if (status?.reason !== undefined) return status.reason
  if (phase === 'Pending' && spec.nodeName !== undefined) return 'ContainerCreating'
  return phase === 'Succeeded' ? 'Completed' : phase === 'Failed' ? 'Error' : phase
}

/** The words of `kubectl get nodes` below STATUS. */
export function nodeWord(node: NodeResource): string {
  const ready = conditionOf(node, 'Ready')
  const word = ready === undefined || ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec?.unschedulable === true ? `${word},SchedulingDisabled` : word
}

/** A pod whose conditions of these types are as they are given, since a moment. */
export function withConditions<R extends PodResource | NodeResource>(
  one: R,
  stamp: string,
  conditions: readonly Condition[],
): R {
  const before = one.status?.conditions ?? []
  const kept = before.filter(({ type }) => !conditions.some((other) => other.type === type))
  const fresh = conditions.map((condition): Condition => {
    const was = before.find(({ type }) => type === condition.type)
    const isSame = was?.status === condition.status && was.lastTransitionTime !== undefined
    return { ...condition, lastTransitionTime: isSame ? was.lastTransitionTime! : stamp }
  })
  return { ...one, status: { ...one.status, conditions: [...kept, ...fresh] } }
}

/** How long every pod bears with a node that is lost, unless it says otherwise. @kubernetes plugin/pkg/admission/defaulttolerationseconds */
const DEFAULT_SECONDS = 300

/** What every pod tolerates that does not say otherwise: a node that is not ready, or not heard of, for five minutes. */
export const USUAL_TOLERATIONS: readonly Toleration[] = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: DEFAULT_SECONDS,
}))
