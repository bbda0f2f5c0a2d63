import {
  type Cluster,
  isOfProtocol,
  protocolOf,
  type ServicePort,
  type ServiceResource,
  takingConnections,
} from '../../control/index.ts'
import { familyOf, type Ip, parseIp } from '../../wire/index.ts'

/** An endpoint that a Service may choose. */
export interface Backend {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
}

/** The Service an address belongs to, and its port of that number. */
export function serviceAt(
  { resources }: Cluster,
  address: Ip,
  port: number,
  protocol: string,
): { readonly service: ServiceResource; readonly port: ServicePort } | undefined {
  for (const service of resources.services) {
    const { clusterIP, clusterIPs = [], externalIPs = [], ports = [] } = service.spec
    const balanced = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
    const own = [clusterIP, ...clusterIPs, ...externalIPs, ...balanced]
    if (!own.some((text) => parseIp(text ?? '') === address)) continue
    const found = ports.find((one) => one.port === port && isOfProtocol(one, protocol))
    if (found !== undefined) return { service, port: found }
  }
  return undefined
}

/** The endpoints of a port of a Service in the family of an address, as kube-proxy knows them: ready ones, else those that still serve. */
export function backendsOf(
  cluster: Cluster,
  service: ServiceResource,
  port: ServicePort,
  address: Ip,
): readonly Backend[] {
  const protocol = protocolOf(port)
  const found = cluster
    .serviceEndpoints(service)
    .filter((one) => one.family === familyOf(address))
    .find((one) => one.service.port === port.port && one.service.protocol === protocol)
  return takingConnections(found?.endpoints ?? [])
}
