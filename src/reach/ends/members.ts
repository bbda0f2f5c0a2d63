import {
  type Cluster,
  clusterIpsOf,
  endpointsIn,
  type ServiceResource,
  type WorkloadPolicies,
} from '../../control/index.ts'
import { type Family, familyOf, type Ip } from '../../wire/index.ts'

/** One end. */
export interface Member {
  /** As it is listed: `namespace/name`, `node/NAME`, `svc/NAMESPACE/NAME`, a range. */
  readonly name: string
  /** Its network namespace; absent: it has none. */
  readonly netns?: string
  /** Node it is on; absent: none. */
  readonly node?: string
  /** Its address of each family. */
  readonly addresses: Readonly<Partial<Record<Family, Ip>>>
  /** MTU of its interface, in bytes. */
  readonly mtu: number
}

/** MTU of machines of which nobody knows one. */
const USUAL_MTU = 1500

/** A pod, and what decides about it. */
export interface PodMember extends Member {
  /** Its policies. */
  readonly policies: WorkloadPolicies
}

/** The pods of a cluster that have a network of their own. */
export function podsOf({ nodes, policies, workloadEndpoints }: Cluster): PodMember[] {
  const finder = endpointsIn(workloadEndpoints)
  return nodes.flatMap(({ name }) =>
    policies.of(name).workloads.flatMap((own): PodMember[] => {
      const endpoint = finder.at(own.netns)
      if (endpoint === undefined) return []
      const { netns, mtu } = endpoint
      return [{ name: netns, netns, node: name, addresses: byFamily(endpoint.addresses), mtu, policies: own }]
    }),
  )
}

/** The nodes of a cluster. */
export function nodesOf({ nodes }: Cluster): Member[] {
  return nodes.map(({ name, ipv4, ipv6, machine }) => {
    const addresses = byFamily([ipv4, ipv6].flatMap((one) => (one === undefined ? [] : [one.address])))
    return { name: `node/${name}`, netns: name, node: name, addresses, mtu: machine?.interfaces[0]?.mtu ?? USUAL_MTU }
  })
}

/** The Services of a cluster that have an address. */
export function servicesOf({ resources }: Cluster): Member[] {
  return resources.services.flatMap((service): Member[] => {
    const addresses = byFamily(clusterIpsOf(service))
    if (Object.keys(addresses).length === 0) return []
    return [{ name: serviceTitle(service), addresses, mtu: USUAL_MTU }]
  })
}

/** A Service as it is listed: `svc/NAMESPACE/NAME`. */
export function serviceTitle({ metadata: { name, namespace = 'default' } }: ServiceResource): string {
  return `svc/${namespace}/${name}`
}

function byFamily(addresses: readonly Ip[]): Member['addresses'] {
  const found: { [family in Family]?: Ip } = {}
  for (const address of addresses) found[familyOf(address)] ??= address
  return found
}
