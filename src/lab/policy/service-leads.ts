import {
  type Cluster,
  type ClusterNode,
  type ServiceAddress,
  type ServicePacket,
  type ServiceWay,
  takingConnections,
} from '../../control/index.ts'
import type { Ip } from '../../wire/index.ts'

/** An endpoint that a Service may choose. */
export interface Backend {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
}

/** Where an address of a Service leads. */
export interface ServiceLeads {
  /** Endpoints one of which is chosen. */
  readonly backends: readonly Backend[]
  /** Whether the node sends packets on under its own address. */
  readonly masquerades: boolean
  /** Why there is none, where it is not that the Service has none at all. */
  readonly why?: string
}

/** Where it leads at a node that a packet meets first. */
export function leadsAt(cluster: Cluster, to: ServiceAddress, node: ClusterNode, packet: ServicePacket): ServiceLeads {
  const { endpoints: backends, masquerades, none } = cluster.serviceWay(to, node, packet)
  return { backends, masquerades, ...(none === undefined ? {} : { why: whyNone(none, to, node, packet) }) }
}

/** Where it leads for who asks from outside: to which node a packet comes first, nobody knows. */
export function leadsFromOutside(cluster: Cluster, to: ServiceAddress, source: Ip): ServiceLeads {
  const found = cluster.serviceEndpoints(to.port.resource).find(({ service }) => service === to.port.ref)
  const all = takingConnections(found?.endpoints ?? [])
  const [node] = cluster.nodes
  const packet = { source, input: '' }
  // Which endpoints get it depends on the node, who may ask does not.
  if (node === undefined || cluster.serviceWay(to, node, packet).none !== 'source-range') {
    return { backends: all, masquerades: false }
  }
  return { backends: [], masquerades: false, why: whyNone('source-range', to, node, packet) }
}

function whyNone(
  none: NonNullable<ServiceWay['none']>,
  { door }: ServiceAddress,
  { name }: ClusterNode,
  { source }: ServicePacket,
): string {
  switch (none) {
    case 'not-here': {
      const policy = door === 'ClusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy'
      return `none of its endpoints runs on ${name}, and its ${policy} is Local: dropped`
    }
    case 'source-range':
      return `its loadBalancerSourceRanges leave out ${source}: dropped`
  }
}
