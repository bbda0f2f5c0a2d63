import type { PodResource } from '../../control/index.ts'
import type { ControllersMemory } from '../controller.ts'
import { keyOf } from '../object-keys.ts'
import { isCalicoNode } from './calico-node-pods.ts'

/**
 * What controllers know when somebody takes the CNI configuration of a node away, or puts one there. The pod of calico-node that runs
 * then does not put it there again: that was its init container.
 *
 * @calico cni-plugin/pkg/install
 */
export function withCniConfig(
  memory: ControllersMemory,
  pods: readonly PodResource[],
  node: string,
  isThere: boolean,
): ControllersMemory {
  if (memory.cni.has(node) === isThere) return memory
  const cni = new Set(memory.cni)
  const taken = new Map(memory.cniTaken)
  if (isThere) {
    cni.add(node)
    taken.delete(node)
    return { ...memory, cni, cniTaken: taken }
  }
  cni.delete(node)
  const running = pods.find((pod) => pod.spec.nodeName === node && isCalicoNode(pod))
  return { ...memory, cni, cniTaken: taken.set(node, running === undefined ? '' : keyOf(running)) }
}
