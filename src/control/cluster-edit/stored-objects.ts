import type { Cluster } from '../cluster.ts'
import type { IPAMHandleResource } from '../datastore-kinds.ts'
import { storedIpam } from '../ipam/carry-over.ts'
import { statedAddresses } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { makingOf } from '../policy-edit.ts'
import type { Resources } from '../resources.ts'

/**
 * The objects of a cluster as a datastore would hold them now: beside those it was made from, the blocks, affinities and handles of
 * IPAM, and the addresses in the status of pods. `buildCluster` makes the same cluster of them.
 */
export function storedObjects(cluster: Cluster): Resources {
  const ipam = makingOf(cluster).ipam()
  const { blocks, affinities } = storedIpam(ipam)
  return {
    ...cluster.resources,
    pods: podsWithAddresses(cluster),
    ipamBlocks: blocks,
    blockAffinities: affinities,
    ipamHandles: handlesOf(blocks),
  }
}

function podsWithAddresses(cluster: Cluster): readonly PodResource[] {
  const { pods } = makingOf(cluster).ipam()
  const addresses = new Map<PodResource, readonly string[]>()
  for (let i = 0; i < pods.length; i++) addresses.set(pods.pod(i), pods.addresses(i))
  return cluster.resources.pods.map((pod) => {
    const own = addresses.get(pod)
    return own === undefined || isStated(pod, own) ? pod : withAddresses(pod, own)
  })
}

function isStated(pod: PodResource, addresses: readonly string[]): boolean {
  const stated = statedAddresses(pod)?.texts
  return stated !== undefined && stated.length === addresses.length && stated.every((ip, i) => ip === addresses[i])
}

function withAddresses(pod: PodResource, addresses: readonly string[]): PodResource {
  const podIPs = addresses.map((ip) => ({ ip }))
  return { ...pod, status: { ...pod.status, podIP: addresses[0]!, podIPs } }
}

/** What every owner has, by the blocks that tell of it. */
function handlesOf(blocks: Resources['ipamBlocks']): IPAMHandleResource[] {
  const handles = new Map<string, Record<string, number>>()
  for (const { spec } of blocks) {
    for (const index of spec.allocations) {
      const id = index === null ? undefined : spec.attributes?.[index]?.handle_id
      if (id === undefined || id === null) continue
      const counts = handles.get(id) ?? {}
      counts[spec.cidr] = (counts[spec.cidr] ?? 0) + 1
      handles.set(id, counts)
    }
  }
  return [...handles].map(([handleID, block]) => ({
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPAMHandle',
    metadata: { name: handleID.toLowerCase() },
    spec: { handleID, block },
  }))
}
