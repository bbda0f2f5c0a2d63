import type { Condition, Taint } from '../../control/index.ts'
import { isOwnTaint, taintKey, taintsByState } from '../node-taints.ts'
import { conditionOf, isPodReady, NODE_NOT_READY, withConditions } from '../pod-state.ts'
import { restlessNodes } from '../restless-nodes.ts'
import { isHeardOf, type Work } from '../work.ts'

const FROM = 'node-controller'

/** Conditions that a kubelet reports, and what nobody knows of them once it is silent. */
const REPORTED = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

/**
 * Watches over nodes: one whose kubelet is silent too long is lost, pods of nodes that are not ready take no connections, and
 * taints follow from conditions.
 *
 * @kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go
 */
export function nodeLifecycle(work: Work): void {
  for (const { metadata } of restlessNodes(work)) {
    loseTrack(work, metadata.name)
    taint(work, metadata.name)
    markPods(work, metadata.name)
  }
}

/** A node of which nothing is heard for long enough: nobody knows how it is. */
function loseTrack(work: Work, name: string): void {
  const { objects, clock, context } = work
  const since = context.silent?.get(name)
  if (since === undefined || !clock.isPast(since + context.timing.silence)) return
  const node = objects.node(name)!
  if (conditionOf(node, 'Ready')?.status === 'Unknown') return
  const message = 'Kubelet stopped posting node status.'
  const known = (node.status?.conditions ?? []).map(({ type }) => type)
  const unknown = REPORTED.filter((type) => type === 'Ready' || known.includes(type)).map(
    (type): Condition => ({ type, status: 'Unknown', reason: 'NodeStatusUnknown', message }),
  )
  objects.put(withConditions(node, clock.stamp, unknown))
  work.tell(node, 'Normal', NODE_NOT_READY, `Node ${name} status is now: ${NODE_NOT_READY}`, FROM)
}

function taint(work: Work, name: string): void {
  const node = work.objects.node(name)!
  const before = node.spec?.taints ?? []
  const wanted = taintsByState(work, node)
  const isWanted = (one: Taint): boolean => wanted.some((other) => taintKey(other) === taintKey(one))
  const kept = before.filter((one) => !isOwnTaint(one) || isWanted(one))
  const added = wanted
    .filter((one) => !before.some((other) => taintKey(other) === taintKey(one)))
    .map((one) => ({ ...one, timeAdded: work.clock.stamp }))
  if (added.length === 0 && kept.length === before.length) return
  work.objects.put({ ...node, spec: { ...node.spec, taints: [...kept, ...added] } })
}

/** Pods of a node that is lost take no connections, as far as anybody knows. */
function markPods(work: Work, name: string): void {
  const { objects, clock } = work
  const ready = conditionOf(objects.node(name)!, 'Ready')?.status
  if (ready !== 'Unknown' || isHeardOf(work, name)) return
  for (const pod of objects.podsOn(name)) {
    if (!isPodReady(pod)) continue
    objects.put(withConditions(pod, clock.stamp, [{ type: 'Ready', status: 'False', reason: NODE_NOT_READY }]))
    work.tell(pod, 'Warning', NODE_NOT_READY, 'Node is not ready', FROM)
  }
}
