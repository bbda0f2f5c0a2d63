import { type NodeResource, type PodResource, type PodTerm, selectsLabels } from '../../control/index.ts'
import { wantsNode } from '../node-fit.ts'
import { taintsOf } from '../node-taints.ts'
import { keyOf, madeBy } from '../object-keys.ts'
import { conditionOf, hasEnded, isTerminating, withConditions } from '../pod-state.ts'
import { tolerationsOf, untolerated } from '../taints.ts'
import type { Work } from '../work.ts'

const FROM = 'default-scheduler'
const CORDONED = 'node.kubernetes.io/unschedulable'

/**
 * Binds pods to nodes, the oldest first. Of the nodes that take a pod it gets the one with fewest pods of its owner, then the one
 * with fewest pods, then the first by name: requests, spreading and preferences are not weighed.
 *
 * @kubernetes pkg/scheduler
 */
export function schedule(work: Work): void {
  const { objects } = work
  const waiting = objects.unboundPods().filter((pod) => isWaiting(work, pod))
  if (waiting.length === 0) return
  const nodes = [...objects.nodes()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const desk = { work, nodes, avoiding: objects.pods().filter(isAvoiding) }
  for (const pod of waiting.sort(byAge)) bind(desk, pod)
}

/** What the scheduler has before it. */
interface Desk {
  readonly work: Work
  /** Nodes by name. */
  readonly nodes: readonly NodeResource[]
  /** Pods on nodes that want none of some kind near them. */
  readonly avoiding: PodResource[]
}

function isAvoiding(pod: PodResource): boolean {
  const { affinity, nodeName } = pod.spec
  return nodeName !== undefined && isThere(pod) && affinity?.podAntiAffinity !== undefined
}

function isWaiting({ memory }: Work, pod: PodResource): boolean {
  if (pod.spec.nodeName !== undefined || isTerminating(pod) || hasEnded(pod)) return false
  return !memory.pods.has(keyOf(pod))
}

function byAge(a: PodResource, b: PodResource): number {
  const [left, right] = [a, b].map(
    ({ metadata }) => `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? 'default'}/${metadata.name}`,
  )
  return left! < right! ? -1 : left! > right! ? 1 : 0
}

function bind(desk: Desk, pod: PodResource): void {
  const { work, nodes } = desk
  const reasons = new Map<string, number>()
  let best: NodeResource | undefined
  let bestScore: readonly [number, number] = [0, 0]
  for (const node of nodes) {
    const reason = refusal(desk, pod, node)
    if (reason !== undefined) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      continue
    }
    const score = scoreOf(work, pod, node)
    if (best === undefined || score[0] < bestScore[0] || (score[0] === bestScore[0] && score[1] < bestScore[1])) {
      best = node
      bestScore = score
    }
  }
  if (best === undefined) {
    leave(work, pod, nodes.length, reasons)
    return
  }
  const { name, namespace = 'default' } = pod.metadata
  const bound = { ...pod, spec: { ...pod.spec, nodeName: best.metadata.name } }
  work.objects.put(withConditions(bound, work.clock.stamp, [{ type: 'PodScheduled', status: 'True' }]))
  if (isAvoiding(bound)) desk.avoiding.push(bound)
  const message = `Successfully assigned ${namespace}/${name} to ${best.metadata.name}`
  work.tell(pod, 'Normal', 'Scheduled', message, FROM)
}

/** Why a node does not take a pod; undefined where it does. */
function refusal(desk: Desk, pod: PodResource, node: NodeResource): string | undefined {
  const { work } = desk
  const tolerations = tolerationsOf(pod.spec)
  const taints = taintsOf(work, node)
  const cordon = taints.filter(({ key }) => key === CORDONED)
  if (untolerated(cordon, tolerations) !== undefined) return 'node(s) were unschedulable'
  const taint = untolerated(taints, tolerations)
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  if (!wantsNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector"
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  if (!near.every((term) => isMet(work, pod, term, node) || isFirst(work, pod, term))) {
    return "node(s) didn't match pod affinity rules"
  }
  const away = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  if (away.some((term) => isMet(work, pod, term, node))) return "node(s) didn't match pod anti-affinity rules"
  return keptAway(desk, pod, node) ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined
}

/** Pods that a term names, of a pod. */
function named({ labelSelector, namespaces = [] }: PodTerm, of: PodResource, other: PodResource): boolean {
  const within = namespaces.length > 0 ? namespaces : [of.metadata.namespace ?? 'default']
  return (
    labelSelector !== undefined &&
    within.includes(other.metadata.namespace ?? 'default') &&
    selectsLabels(labelSelector, other.metadata.labels ?? {})
  )
}

/** Whether a pod that a term names runs in the same part of the cluster as a node. */
function isMet(work: Work, pod: PodResource, term: PodTerm, node: NodeResource): boolean {
  return partOf(work, term, node).some((name) =>
    work.objects.podsOn(name).some((other) => isThere(other) && named(term, pod, other)),
  )
}

/** The first of pods that want to be near each other goes anywhere. */
function isFirst(work: Work, pod: PodResource, term: PodTerm): boolean {
  return (
    named(term, pod, pod) &&
    !work.objects.pods().some((other) => other.spec.nodeName !== undefined && isThere(other) && named(term, pod, other))
  )
}

/** Whether a pod that runs wants none of this kind in its part of the cluster. */
function keptAway({ work, avoiding }: Desk, pod: PodResource, node: NodeResource): boolean {
  return avoiding.some((other) => {
    const terms = other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    return terms.some((term) => named(term, other, pod) && partOf(work, term, node).includes(other.spec.nodeName!))
  })
}

function isThere(pod: PodResource): boolean {
  return !hasEnded(pod)
}

/** Names of the nodes that are in the same part of the cluster. */
function partOf({ objects }: Work, { topologyKey }: PodTerm, node: NodeResource): readonly string[] {
  const value = node.metadata.labels?.[topologyKey]
  if (topologyKey === 'kubernetes.io/hostname' && value === undefined) return [node.metadata.name]
  if (value === undefined) return []
  return objects.nodes().flatMap(({ metadata }) => (metadata.labels?.[topologyKey] === value ? metadata.name : []))
}

function scoreOf({ objects }: Work, pod: PodResource, node: NodeResource): readonly [number, number] {
  const there = objects.podsOn(node.metadata.name)
  const owner = madeBy(pod)
  return [owner === undefined ? 0 : there.filter((other) => madeBy(other) === owner).length, there.length]
}

/** Says of a pod that no node takes why not. */
function leave(work: Work, pod: PodResource, count: number, reasons: ReadonlyMap<string, number>): void {
  const told = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).sort()
  const message =
    count === 0
      ? 'no nodes available to schedule pods'
      : `0/${count} nodes are available: ${told.join(', ')}. preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`
  if (conditionOf(pod, 'PodScheduled')?.message === message) return
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
  work.objects.put(withConditions(pod, work.clock.stamp, [condition]))
  work.tell(pod, 'Warning', 'FailedScheduling', message, FROM)
}
