import { type Ip, parseIps } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { statedAddresses } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { isAlive } from './readiness.ts'

/** A pod that runs, and its addresses, IPv4 first. */
export interface AddressedPod {
  /** The pod. */
  readonly pod: PodResource
  /** What it was given. */
  readonly allocations: readonly { readonly address: Ip }[]
}

/**
 * Every pod that runs: those with a network of their own, and then those that share their node's.
 *
 * @param own - the former
 */
export function* addressedPods(
  own: Iterable<AddressedPod>,
  pods: readonly PodResource[],
  nodes: readonly ClusterNode[],
): Iterable<AddressedPod> {
  yield* own
  const sharing = pods.filter((pod) => pod.spec.hostNetwork === true && isAlive(pod))
  if (sharing.length === 0) return
  const byName = new Map(nodes.map((node) => [node.name, node]))
  for (const pod of sharing) {
    const addresses = sharedAddresses(pod, byName.get(pod.spec.nodeName ?? ''))
    yield { pod, allocations: addresses.map((address) => ({ address })) }
  }
}

/** What the pod says, else the addresses of its node. */
function sharedAddresses(pod: PodResource, node: ClusterNode | undefined): readonly Ip[] {
  const stated = parseIps(statedAddresses(pod)?.texts ?? [])
  if (stated.length > 0 || node === undefined) return stated
  return ([4, 6] as const).flatMap((family) => addressOfNode(node, family)?.address ?? [])
}
