import { contains, familyOf, type Ip, parseIp } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { FloatingAddress } from './felix/floating-address.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import type { Pool } from './ipam/pool.ts'
import { jsonTexts } from './json-texts.ts'
import type { PodResource } from './kubernetes-kinds.ts'
import { originOf } from './origin.ts'

/** Annotation with addresses that stand for a pod's own. */
export const FLOATING_IPS = 'cni.projectcalico.org/floatingIPs'

/** Addresses in a JSON list; undefined where Calico cannot read it. @calico libcalico-go/lib/backend/k8s/conversion */
export function floatingIps(text: string): readonly Ip[] | undefined {
  return jsonTexts(text, parseIp)
}

const NONE: readonly FloatingAddress[] = []

/** The addresses that stand for a pod's own, each for the one of its family: of several the last. */
export function floatingAddresses(pod: PodResource, own: readonly Ip[]): readonly FloatingAddress[] {
  const text = pod.metadata.annotations?.[FLOATING_IPS]
  if (text === undefined) return NONE
  return (floatingIps(text) ?? []).flatMap((external) => {
    const internal = own.filter((address) => familyOf(address) === familyOf(external)).at(-1)
    if (internal === undefined) return []
    return [{ external, internal, origin: originOf('felix', pod, ['metadata', 'annotations', FLOATING_IPS]) }]
  })
}

/** A floating address that a node's BIRD finds in the kernel and announces: one that a pool has. */
export interface AnnouncedAddress {
  /** Node of its pod. */
  readonly node: string
  /** The address. */
  readonly address: Ip
  /** The pool. */
  readonly pool: Pool
}

/** Floating addresses that nodes announce; those outside of all pools no node passes on. @calico confd/etc/calico/confd/templates */
export function announcedAddresses(
  { pods, pools }: Pick<Ipam, 'pods' | 'pools'>,
  nodes: readonly ClusterNode[],
): readonly AnnouncedAddress[] {
  const honouring = new Set(nodes.filter(({ felix }) => felix.floatingIps).map(({ name }) => name))
  if (honouring.size === 0) return []
  return [...pods].flatMap(({ pod, allocations }) => {
    const node = pod.spec.nodeName ?? ''
    if (!honouring.has(node)) return []
    const own = allocations.map(({ address }) => address)
    return floatingAddresses(pod, own).flatMap(({ external }) => {
      const pool = pools.find(({ cidr }) => contains(cidr, external))
      return pool === undefined ? [] : [{ node, address: external, pool }]
    })
  })
}
