import { type Cluster, endpointsIn, HOST_LINK_LOCAL, type Pool } from '../control/index.ts'
import { cablePeer, type Namespace, type NetworkData, once, outlineOf, type Role } from '../model/index.ts'
import { contains, type Ip } from '../wire/index.ts'

/** Who has an address. */
export interface AddressOwner {
  /** Namespace. */
  readonly netns: string
  /** What it stands for. */
  readonly role: Role
  /** Machine it lives on: a pod's node, else itself. */
  readonly node: string
  /** Host end of a pod's cable; '' for what is no pod. */
  readonly hostDev: string
}

/** Beyond, namespaces are not looked through one by one: making them costs more than the answer is worth. */
const LOOKED_THROUGH = 4_096

/** Finds who has an address: in the cluster's own lists, or by looking through the network. */
export function ownersOf(network: NetworkData, cluster: Cluster | null): (address: string) => AddressOwner | undefined {
  const pods = endpointsIn(cluster?.workloadEndpoints ?? [])
  const others = once(() => otherOwners(network, cluster))
  return (address) => {
    const pod = pods.holding(address)
    if (pod === undefined) return others().get(address)
    return { netns: pod.netns, role: 'pod', node: pod.node, hostDev: pod.interfaceName }
  }
}

/** Who else has addresses. */
function otherOwners(network: NetworkData, cluster: Cluster | null): ReadonlyMap<string, AddressOwner> {
  const owners = new Map<string, AddressOwner>()
  const add = (address: string, owner: AddressOwner): void => {
    if (!owners.has(address)) owners.set(address, owner)
  }
  for (const { name, ipv4, ipv6 } of cluster?.nodes ?? []) {
    const owner: AddressOwner = { netns: name, role: 'node', node: name, hostDev: '' }
    for (const cidr of [ipv4, ipv6]) if (cidr !== undefined) add(cidr.address, owner)
    for (const tunnel of Object.values(cluster?.ipam.tunnels.get(name) ?? {})) add(tunnel, owner)
  }
  const names = Object.keys(network.namespaces)
  if (names.length > LOOKED_THROUGH) return owners
  for (const name of names) {
    // Host ends of pods all have one address: whose the first of them is, is all there is to know of them.
    const whole = !owners.has(HOST_LINK_LOCAL)
    const ns = network.namespaces[name]
    if (ns !== undefined) addNamespace(network, whole ? ns : outlineOf(ns), add)
  }
  return owners
}

function addNamespace(
  network: NetworkData,
  { name, role, interfaces }: Namespace,
  add: (address: string, owner: AddressOwner) => void,
): void {
  for (const dev of Object.values(interfaces)) {
    if (dev.name === 'lo') continue
    for (const { local } of dev.addresses) {
      const peer = role === 'pod' ? cablePeer(network, name, dev.name) : undefined
      add(local, { netns: name, role, node: peer?.netns ?? name, hostDev: peer?.dev ?? '' })
    }
  }
}

/** The pool that has an address; undefined where none has, and without a cluster. */
export function poolOf(cluster: Cluster | null, address: string): Pool | undefined {
  return cluster?.ipam.pools.find(({ cidr }) => contains(cidr, address as Ip))
}
