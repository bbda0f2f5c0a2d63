import {
  type Cluster,
  endpointsIn,
  hostPortsIn,
  nodePortOf,
  type PodResource,
  portsOfService,
  type ServicePacket,
  type ServiceResource,
  takesNodePorts,
} from '../../control/index.ts'
import { familyOf, type Ip, parseIp } from '../../wire/index.ts'
import { leadsAt, type ServiceLeads } from './service-leads.ts'

/** A port of a node that leads to pods. */
export interface NodeDoor extends ServiceLeads {
  /** Whose it is, as people say it. */
  readonly title: string
  /** The Service; absent: a pod's hostPort. */
  readonly service?: ServiceResource
}

/** A port of a node. */
interface NodePort {
  readonly node: string
  readonly address: Ip
  readonly port: number
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string
}

/** What a port of a node leads to: kube-proxy looks first, then the portmap plugin. Undefined: to the node itself. */
export function nodeDoorAt(cluster: Cluster, at: NodePort, packet: ServicePacket): NodeDoor | undefined {
  const { resources, nodes } = cluster
  const found = nodePortOf(resources.services, at.port, at.protocol)
  return found !== undefined && takesNodePorts(resources, nodes, at.address)
    ? serviceDoor(cluster, at, found.service, packet)
    : hostPortAt(cluster, at)
}

function serviceDoor(
  cluster: Cluster,
  at: NodePort,
  service: ServiceResource,
  packet: ServicePacket,
): NodeDoor | undefined {
  const { name, namespace = 'default' } = service.metadata
  const ports = portsOfService(service, familyOf(at.address))
  const port = ports.find(({ nodePort, protocol }) => nodePort === at.port && protocol === at.protocol)
  const node = cluster.nodes.find((one) => one.name === at.node)
  if (port === undefined || node === undefined) return undefined
  const leads = leadsAt(cluster, { port, door: 'NodePort' }, node, packet)
  return { title: `the nodePort of svc/${namespace}/${name}`, service, ...leads }
}

function hostPortAt({ workloadEndpoints }: Cluster, at: NodePort): NodeDoor | undefined {
  const family = familyOf(at.address)
  for (const { netns, pod, addresses } of endpointsIn(workloadEndpoints).ofNode(at.node)) {
    const address = addresses.find((one) => familyOf(one) === family)
    if (address === undefined) continue
    const found = hostPortOf(pod, at)
    if (found === undefined) continue
    return { title: `a hostPort of ${netns}`, backends: [{ address, port: found.containerPort }], masquerades: false }
  }
  return undefined
}

const UNSPECIFIED: readonly (Ip | undefined)[] = [undefined, parseIp('0.0.0.0'), parseIp('::')]

function hostPortOf(pod: PodResource, { address, port, protocol }: NodePort) {
  return hostPortsIn(pod, familyOf(address)).find(
    (one) =>
      one.hostPort === port &&
      one.protocol === protocol &&
      (UNSPECIFIED.includes(one.hostIp) || one.hostIp === address),
  )
}
