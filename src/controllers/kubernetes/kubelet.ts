import type { Condition, PodResource } from '../../control/index.ts'
import { internalIps } from '../../control/index.ts'
import { cniRefusalOf, leaveNode } from '../calico/calico-node.ts'
import { isCalicoNode } from '../calico/calico-node-pods.ts'
import { graceOf } from '../deletion.ts'
import { keyOf } from '../object-keys.ts'
import {
  conditionOf,
  hasEnded,
  hasNetwork,
  isPodReady,
  isTerminating,
  NODE_NOT_READY,
  withConditions,
} from '../pod-state.ts'
import { busyNodes } from '../restless-nodes.ts'
import { sandboxId } from '../safe-names.ts'
import { isHeardOf, type Work } from '../work.ts'

const FROM = 'kubelet'
const NO_CNI =
  'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** Runs pods on every node whose kubelet is heard of, and tells how the node is. @kubernetes pkg/kubelet */
export function kubelets(work: Work): void {
  for (const { metadata } of busyNodes(work)) {
    const { name } = metadata
    if (!isHeardOf(work, name)) continue
    report(work, name)
    for (const pod of work.objects.restlessPodsOn(name)) run(work, pod)
  }
}

/** Tells whether a node is ready: without a CNI configuration it is not. */
function report(work: Work, name: string): void {
  const { objects, clock, memory } = work
  const node = objects.node(name)!
  const ready = conditionOf(node, 'Ready')
  const hasCni = memory.cni.has(name)
  if (ready === undefined ? hasCni : (ready.status === 'True') === hasCni && ready.status !== 'Unknown') return
  const fresh: Condition = hasCni
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : {
        type: 'Ready',
        status: 'False',
        reason: 'KubeletNotReady',
        message: `container runtime network not ready: ${NO_CNI}`,
      }
  const others = (node.status?.conditions ?? [])
    .filter(({ type, status }) => type !== 'Ready' && status === 'Unknown')
    .map(({ type }): Condition => ({ type, status: 'False', reason: `KubeletHasNo${type}` }))
  objects.put(withConditions(node, clock.stamp, [...others, fresh]))
  const reason = hasCni ? 'NodeReady' : NODE_NOT_READY
  work.tell(node, 'Normal', reason, `Node ${name} status is now: ${reason}`, FROM)
}

function run(work: Work, pod: PodResource): void {
  if (isTerminating(pod)) end(work, pod)
  else if (hasEnded(pod)) return
  else if (pod.status?.phase === 'Pending') begin(work, pod)
  else goOn(work, pod)
}

/** A sandbox and its network, then containers. */
function begin(work: Work, pod: PodResource): void {
  const { objects, clock, context } = work
  const key = keyOf(pod)
  if (conditionOf(pod, 'PodReadyToStartContainers')?.status !== 'True') {
    const refused = context.refusalOf?.(pod)
    if (refused !== undefined && (refused.retry === undefined || !clock.isPast(refused.retry))) return
    if (!isWired(work, pod) || !clock.isOver('kubelet', `sandbox ${key}`, context.timing.sandbox)) return
    objects.put(withConditions(pod, clock.stamp, [{ type: 'PodReadyToStartContainers', status: 'True' }]))
    return
  }
  const addressed = withAddresses(work, pod)
  if (addressed === undefined) {
    giveUp(work, pod)
    return
  }
  if (addressed !== pod) objects.put(addressed)
  if (!clock.isOver('kubelet', `start ${key}`, context.timing.start)) return
  clock.since('kubelet', `ready ${key}`)
  objects.put({ ...addressed, status: { ...addressed.status, phase: 'Running' } })
  for (const { name = 'app' } of pod.spec.containers ?? []) {
    work.tell(pod, 'Normal', 'Started', `Started container ${name}`, FROM)
  }
}

/** The CNI plugin refused a sandbox its network: it is taken down, and made anew after a while. @kubernetes pkg/kubelet/kuberuntime */
function giveUp(work: Work, pod: PodResource): void {
  const { objects, clock, context } = work
  const refused = context.refusalOf?.(pod)
  // An older answer, to which kubelet has asked again.
  if (refused === undefined || refused.retry !== undefined) return
  objects.put(withConditions(pod, clock.stamp, [{ type: 'PodReadyToStartContainers', status: 'False' }]))
  work.tell(pod, 'Warning', 'FailedCreatePodSandBox', sandboxRefusal(work, pod, refused.message), FROM)
}

/** What kubelet says when the CNI plugin refuses a sandbox its network. @kubernetes pkg/kubelet/kuberuntime, containerd */
function sandboxRefusal({ clock, context }: Work, pod: PodResource, why: string): string {
  const sandbox = sandboxId(`${context.seed} ${keyOf(pod)} ${clock.now}`)
  const failed = `failed to setup network for sandbox "${sandbox}": plugin type="calico" failed (add): ${why}`
  return `Failed to create pod sandbox: rpc error: code = Unknown desc = ${failed}`
}

/** Whether the CNI plugin can give a pod its network; told where it cannot. */
function isWired(work: Work, pod: PodResource): boolean {
  if (pod.spec.hostNetwork === true) return true
  const node = pod.spec.nodeName!
  const refusal = work.memory.cni.has(node) ? cniRefusalOf(work) : NO_CNI
  if (refusal === undefined) return true
  const reason = refusal === NO_CNI ? 'NetworkNotReady' : 'FailedCreatePodSandBox'
  const { clock } = work
  const question = `${reason} ${keyOf(pod)}`
  if (!clock.isWaiting('kubelet', question)) {
    const message =
      reason === 'NetworkNotReady'
        ? `network is not ready: container runtime network not ready: ${NO_CNI}`
        : sandboxRefusal(work, pod, refusal)
    work.tell(pod, 'Warning', reason, message, FROM)
  }
  clock.since('kubelet', question)
  return false
}

/** A pod with its addresses written in it; undefined where IPAM has none for it yet. */
function withAddresses({ objects, context }: Work, pod: PodResource): PodResource | undefined {
  if (pod.status?.podIP !== undefined || (pod.status?.podIPs ?? []).length > 0) return pod
  const node = objects.node(pod.spec.nodeName!)
  const shares = pod.spec.hostNetwork === true
  const own = shares ? (node === undefined ? [] : internalIps(node)) : context.addressesOf?.(pod)
  if (own === undefined || own.length === 0) return shares || context.addressesOf === undefined ? pod : undefined
  return { ...pod, status: { ...pod.status, podIP: own[0]!, podIPs: own.map((ip) => ({ ip })) } }
}

/** A pod that runs becomes ready, and is again what it was when its node was lost. */
function goOn(work: Work, pod: PodResource): void {
  const { clock, objects, context } = work
  if (isPodReady(pod)) return
  const why = conditionOf(pod, 'Ready')?.reason
  const question = `ready ${keyOf(pod)}`
  const isStarting = clock.isWaiting('kubelet', question)
  if (why !== NODE_NOT_READY && !isStarting) return
  if (isStarting && !clock.isOver('kubelet', question, context.timing.ready)) return
  objects.put(withConditions(pod, clock.stamp, [{ type: 'Ready', status: 'True' }]))
}

/** Containers are asked to end and get the time they may take; then the network is taken down, and the pod is gone. */
function end(work: Work, pod: PodResource): void {
  const { clock, objects, context } = work
  const key = keyOf(pod)
  if (!clock.isWaiting('kubelet', `end ${key}`)) {
    for (const { name = 'app' } of pod.spec.containers ?? []) {
      work.tell(pod, 'Normal', 'Killing', `Stopping container ${name}`, FROM)
    }
  }
  const { end: time } = context.timing
  const allowed = hasEnded(pod) || !hasNetwork(pod) ? 0 : graceOf(pod) * 1e9
  if (!clock.isOver('kubelet', `end ${key}`, time === 'grace' ? allowed : Math.min(time, allowed))) return
  const hasConfig = work.memory.cni.has(pod.spec.nodeName!)
  const refusal = cniRefusalOf(work)
  const isRefused = !hasConfig || refusal !== undefined
  if (pod.spec.hostNetwork !== true && hasNetwork(pod) && !hasEnded(pod) && isRefused) {
    if (!clock.isWaiting('kubelet', `stuck ${key}`)) {
      const message = hasConfig
        ? `error killing pod: failed to "KillPodSandbox" for "${pod.metadata.uid ?? ''}" with KillPodSandboxError: "rpc error: code = Unknown desc = failed to destroy network for sandbox: plugin type=\\"calico\\" failed (delete): ${refusal}"`
        : 'failed to destroy network for sandbox: cni plugin not initialized'
      work.tell(pod, 'Warning', 'FailedKillPod', message, FROM)
    }
    clock.since('kubelet', `stuck ${key}`)
    return
  }
  if (isCalicoNode(pod)) leaveNode(work, pod)
  objects.remove(pod)
}
