import type { ServiceDoor } from '../../model/index.ts'
import { contains, familyOf, type Ip } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { matchesDevice } from '../device-pattern.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { categorize, takingConnections } from './categorize.ts'
import type { ProxyConfig } from './config.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { localTestsOf } from './local-tests.ts'
import { portsOfService, type ServicePort } from './service-ports.ts'

/** A packet to a Service at a node, before anything is translated. */
export interface ServicePacket {
  /** Source. */
  readonly source: Ip
  /** Interface it comes in by; absent: a process of the node sends it. */
  readonly input?: string
}

/** What the rules of a node make of a packet to a Service. */
export interface ServiceWay {
  /** Endpoints one of which gets it. */
  readonly endpoints: readonly Endpoint[]
  /** Whether it goes on under the node's own address. */
  readonly masquerades: boolean
  /** Why none of the endpoints there are gets it: none is on the node, or the source may not ask. */
  readonly none?: 'not-here' | 'source-range'
}

/** An address of a port of a Service. */
export interface ServiceAddress {
  /** The port. */
  readonly port: ServicePort
  /** Which of its addresses. */
  readonly door: ServiceDoor
}

/** The Service that an address and a port belong to, as far as kube-proxy has rules for them. */
export function serviceAt(
  services: readonly ServiceResource[],
  address: Ip,
  number: number,
  protocol: string,
): ServiceAddress | undefined {
  for (const service of services) {
    for (const port of portsOfService(service, familyOf(address))) {
      const door = port.port === number && port.protocol === protocol ? doorAt(port, address) : undefined
      if (door !== undefined) return { port, door }
    }
  }
  return undefined
}

function doorAt({ clusterIp, externalIps, balancerIps }: ServicePort, address: Ip): ServiceDoor | undefined {
  if (clusterIp === address) return 'ClusterIP'
  if (externalIps.includes(address)) return 'ExternalIP'
  return balancerIps.includes(address) ? 'LoadBalancer' : undefined
}

/** What the chains of a port make of a packet, without them: the rules are in service-chains.ts and service-rules.ts. */
export function serviceWay(
  { port, door }: ServiceAddress,
  node: ClusterNode,
  packet: ServicePacket,
  config: ProxyConfig,
  endpoints: Pick<Endpoints, 'of'>,
): ServiceWay {
  const all = endpoints.of(port)
  const { cluster, local } = categorize(port, all, node)
  const onNode = (masquerades: boolean): ServiceWay => {
    const isNotHere = local.length === 0 && takingConnections(all).length > 0
    return { endpoints: local, masquerades, ...(isNotHere ? { none: 'not-here' } : {}) }
  }
  const tests = localTestsOf(config.detector, port.family, node)
  const range = tests?.local.source
  const dev = tests?.local.input?.name
  const isOfPod =
    range === undefined
      ? dev !== undefined && packet.input !== undefined && matchesDevice(dev, packet.input)
      : contains(range, packet.source)
  if (door === 'ClusterIP') {
    const masquerades = config.masqueradeAll || (tests !== undefined && !isOfPod)
    return port.internalLocal ? onNode(masquerades) : { endpoints: cluster, masquerades }
  }
  if (door === 'LoadBalancer' && !mayAsk(port, node, packet)) {
    return { endpoints: [], masquerades: false, none: 'source-range' }
  }
  if (!port.externalLocal) return { endpoints: cluster, masquerades: true }
  const isOfNode = packet.input === undefined
  return isOfPod || isOfNode ? { endpoints: cluster, masquerades: !isOfPod } : onNode(false)
}

/** Whether a source may ask a load balancer's address. A node that may has the balancer's address for one of its own. */
function mayAsk(
  { sourceRanges, balancerIps, family }: ServicePort,
  node: ClusterNode,
  { source }: ServicePacket,
): boolean {
  const isIn = (ip: Ip | undefined): boolean => ip !== undefined && sourceRanges.some((range) => contains(range, ip))
  return (
    sourceRanges.length === 0 ||
    isIn(source) ||
    (balancerIps.includes(source) && isIn(addressOfNode(node, family)?.address))
  )
}
