import type { NodeResource } from '../control/index.ts'
import { isOwnTaint } from './node-taints.ts'
import { conditionOf } from './pod-state.ts'
import type { Work } from './work.ts'

/**
 * Whether nothing is to be done about a node whose kubelet is heard of and that has a CNI configuration: it is ready or says nothing,
 * and no taint comes or goes.
 */
export function isSettledNode(node: NodeResource): boolean {
  return (
    (conditionOf(node, 'Ready')?.status ?? 'True') === 'True' &&
    conditionOf(node, 'NetworkUnavailable')?.status !== 'True' &&
    node.spec?.unschedulable !== true &&
    !(node.spec?.taints ?? []).some((taint) => isOwnTaint(taint) || taint.effect === 'NoExecute')
  )
}

/**
 * Nodes about which something may be to do, in the order of all. In a cluster at rest these are few, and the others are not gone
 * through: it has thousands, and controllers look at every event.
 */
export function restlessNodes(work: Work): readonly NodeResource[] {
  const { objects } = work
  return isQuiet(work) ? objects.inOrderOfNodes(new Set(objects.unsettledNodes())) : objects.nodes()
}

/** Nodes whose kubelets may have something to do: those, and those with pods that are not yet, or no longer, what they should be. */
export function busyNodes(work: Work): readonly NodeResource[] {
  const { objects } = work
  if (!isQuiet(work)) return objects.nodes()
  const busy = new Set(objects.unsettledNodes())
  for (const name of objects.hostsOfRestlessPods()) {
    const node = objects.node(name)
    if (node !== undefined) busy.add(node)
  }
  return objects.inOrderOfNodes(busy)
}

/** Whether every node is heard of, has a CNI configuration, and has said how it is or was there when time began. */
function isQuiet({ objects, memory, context }: Work): boolean {
  const length = objects.nodeCount
  return (
    (context.silent?.size ?? 0) === 0 &&
    memory.lost.now.size === 0 &&
    memory.cni.now.size === length &&
    (memory.nodes.now.size === length || objects.unsaidNodes().every(({ metadata }) => memory.nodes.has(metadata.name)))
  )
}
