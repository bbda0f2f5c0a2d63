import type { Cluster, WorkloadEndpoint } from '../../control/index.ts'
import { type Route, routesOf } from '../../model/index.ts'
import { containsPrefix, type Ip, isHostPrefix, type Prefix, prefixAddress } from '../../wire/index.ts'
import type { Contrast } from '../objects/compared.ts'
import type { ComparedNode } from '../objects/differences.ts'

/** What can be asked about a machine while its differences are explained. */
export interface Scene extends ComparedNode {
  /** By the objects. */
  readonly cluster: Cluster
  /** All routes that follow from the objects. */
  readonly routes: readonly Route[]
  /** The node an address belongs to: its own, or that of a tunnel. */
  readonly nodeAt: (address: Ip | undefined) => string | undefined
  /** The node that answers for a prefix. */
  readonly ownerOf: (dst: Prefix) => string | undefined
  /** The pod that has an address. */
  readonly podAt: (dst: Prefix) => WorkloadEndpoint | undefined
  /** The pod of this node behind a host end. */
  readonly podBehind: (dev: string) => WorkloadEndpoint | undefined
  /** Whether a prefix lies in a pool. */
  readonly inPool: (dst: Prefix) => boolean
}

/** What cluster and dump know about a machine. */
export function sceneOf(cluster: Cluster, node: ComparedNode): Scene {
  const nodes = new Map<string, string>()
  for (const { name, ipv4, ipv6 } of cluster.nodes) {
    for (const own of [ipv4, ipv6]) if (own !== undefined) nodes.set(own.address, name)
    for (const address of Object.values(cluster.ipam.tunnels.get(name) ?? {})) nodes.set(address, name)
  }
  const owners = new Map(cluster.destinations.map(({ dst, owner }) => [dst, owner]))
  const ends = new Map<string, WorkloadEndpoint>()
  const pods = new Map<string, WorkloadEndpoint>()
  for (const endpoint of cluster.workloadEndpoints) {
    if (endpoint.node === node.netns) ends.set(endpoint.interfaceName, endpoint)
    for (const address of endpoint.addresses) pods.set(address, endpoint)
  }
  return {
    ...node,
    cluster,
    routes: routesOf(cluster.network, node.derived),
    nodeAt: (address) => (address === undefined ? undefined : nodes.get(address)),
    ownerOf: (dst) => owners.get(dst),
    podAt: (dst) => (isHostPrefix(dst) ? pods.get(prefixAddress(dst)) : undefined),
    podBehind: (dev) => ends.get(dev),
    inPool: (dst) => cluster.ipam.pools.some(({ cidr }) => containsPrefix(cidr, dst)),
  }
}

/** The routes of a difference: by the objects, and of the dump. */
export function routesIn({ expected, found }: Contrast): { readonly wanted?: Route; readonly there?: Route } {
  return {
    ...(expected?.entry.of === 'route' ? { wanted: expected.entry.route } : {}),
    ...(found?.entry.of === 'route' ? { there: found.entry.route } : {}),
  }
}

/** Devices of Calico's tunnels. */
export function isTunnelName(dev: string | undefined): boolean {
  return dev !== undefined && /^(tunl0|vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali)$/.test(dev)
}

/** A host end of a pod. */
export function isHostEnd(dev: string | undefined): boolean {
  return dev?.startsWith('cali') === true
}

/** Whether a component of Calico made what is expected. */
export function isBy({ expected }: Contrast, component: 'felix' | 'bird' | 'cni'): boolean {
  return expected?.origin?.component === component
}
