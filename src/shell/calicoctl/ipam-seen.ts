import {
  type AddressOwner,
  addressOwners,
  type Cluster,
  type HeldAddress,
  heldAddresses,
  type IpamStore,
  type Resources,
  storeOfCluster,
  storeOfResources,
  traitsOf,
} from '../../control/index.ts'
import type { Ip } from '../../wire/index.ts'
import { allWorkloadEndpoints } from './made-objects.ts'
import type { Seen } from './seen.ts'

/** What IPAM holds: as stored blocks say, else as the cluster made it. */
export function ipamStoreOf({ objects, cluster }: Seen): IpamStore {
  const traits = traitsOf(cluster.settings.version)
  if (objects.ipamBlocks.length === 0) return storeOfCluster(cluster, traits)
  const { ipamBlocks, blockAffinities } = cluster.resources
  return storeOfResources({ ...objects, ipamBlocks, blockAffinities }, traits)
}

/** IPAM beside those who use addresses, as `calicoctl ipam check` looks at both. */
export interface IpamSeen {
  readonly store: IpamStore
  /** Objects, pods and nodes with the addresses they have. */
  readonly resources: Resources
  /** What IPAM has given out. */
  readonly held: readonly HeldAddress[]
  /** Who has which address, as calicoctl calls them: `Node(n1)`, `Workload(shop/n1-k8s-web--0-eth0)`. */
  readonly owners: ReadonlyMap<Ip, readonly string[]>
}

/** Everything `calicoctl ipam check` looks at. */
export function ipamSeen(seen: Seen): IpamSeen {
  const store = ipamStoreOf(seen)
  const resources = withAddresses(seen.objects, seen.cluster)
  const workloads = new Map(
    allWorkloadEndpoints(seen).map(({ metadata: { name, namespace }, spec }) => [
      `Pod/${namespace}/${spec?.['pod'] as string}`,
      `Workload(${namespace}/${name})`,
    ]),
  )
  const nameOf = ({ object, as }: AddressOwner): string => {
    if (as === 'pod') return workloads.get(object) ?? `Workload(${object.slice('Pod/'.length)})`
    return as === 'tunnel' ? `Node(${object.slice('Node/'.length)})` : object.slice(object.lastIndexOf('/') + 1)
  }
  const owners = new Map([...addressOwners(resources)].map(([ip, all]) => [ip, all.map(nameOf)]))
  return { store, resources, held: heldAddresses(store), owners }
}

/** Annotations in which calico-node keeps the addresses of tunnels. */
const TUNNELS = {
  ipip: 'projectcalico.org/IPv4IPIPTunnelAddr',
  vxlan: 'projectcalico.org/IPv4VXLANTunnelAddr',
  'vxlan-v6': 'projectcalico.org/IPv6VXLANTunnelAddr',
  wireguard: 'projectcalico.org/IPv4WireguardInterfaceAddr',
  'wireguard-v6': 'projectcalico.org/IPv6WireguardInterfaceAddr',
} as const

/** Pods and nodes have their addresses here before kubelet and calico-node could have written them into the objects. */
function withAddresses(objects: Resources, { workloadEndpoints, ipam }: Cluster): Resources {
  const known = new Map(workloadEndpoints.map((one) => [one.pod, one.addresses]))
  return {
    ...objects,
    nodes: objects.nodes.map((node) => {
      const tunnels = Object.entries(ipam.tunnels.get(node.metadata.name) ?? {})
      const made = Object.fromEntries(tunnels.map(([kind, ip]) => [TUNNELS[kind as keyof typeof TUNNELS], ip]))
      return { ...node, metadata: { ...node.metadata, annotations: { ...made, ...node.metadata.annotations } } }
    }),
    pods: objects.pods.map((pod) => {
      const addresses = known.get(pod)
      if (addresses === undefined || addresses[0] === undefined || pod.status?.podIP !== undefined) return pod
      return { ...pod, status: { ...pod.status, podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) } }
    }),
  }
}
