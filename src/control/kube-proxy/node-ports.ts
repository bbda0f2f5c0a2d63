import { contains, familyOf, type Ip, parsePrefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { ServicePort, ServiceResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'
import { isOfProtocol } from '../services/port-protocol.ts'

/** A port of all nodes. */
export interface NodePort {
  /** The Service that has it. */
  readonly service: ServiceResource
  /** Its own port behind it. */
  readonly port: ServicePort
}

/** The Service that has a port of all nodes, and its own port behind it. */
export function nodePortOf(
  services: readonly ServiceResource[],
  number: number,
  protocol: string,
): NodePort | undefined {
  for (const service of services) {
    const { type, ports = [] } = service.spec
    if (type !== 'NodePort' && type !== 'LoadBalancer') continue
    const port = ports.find((one) => one.nodePort === number && isOfProtocol(one, protocol))
    if (port !== undefined) return { service, port }
  }
  return undefined
}

/** The ranges or the word `primary` at which alone kube-proxy is told to take ports of nodes; empty = everywhere. */
export function nodePortAddresses({ kubeProxyConfigurations }: Resources): readonly string[] {
  return kubeProxyConfigurations.at(-1)?.nodePortAddresses ?? []
}

/** Whether kube-proxy takes ports of nodes at an address of a node. */
export function takesNodePorts(resources: Resources, nodes: readonly ClusterNode[], address: Ip): boolean {
  const given = nodePortAddresses(resources)
  if (given.length === 0) return true
  if (given.includes('primary'))
    return nodes.some(({ ipv4, ipv6 }) => ipv4?.address === address || ipv6?.address === address)
  const ranges = given.flatMap((text) => parsePrefix(text) ?? [])
  const ofFamily = ranges.filter((range) => familyOf(range) === familyOf(address))
  return ofFamily.length === 0 || ofFamily.some((range) => contains(range, address))
}
