import type { Cluster, EndpointSliceResource, ServicePort, ServiceResource } from '../../control/index.ts'
import { familyOf, type Ip, parseIp } from '../../wire/index.ts'
import { isAlive, namespaceOf } from '../pods-of.ts'

/** An endpoint that a Service may choose. */
export interface Backend {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
}

const OF_SERVICE = 'kubernetes.io/service-name'

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
    const found = ports.find((one) => one.port === port && (one.protocol ?? 'TCP').toLowerCase() === protocol)
    if (found !== undefined) return { service, port: found }
  }
  return undefined
}

/** The endpoints of a port of a Service that take packets, in the family of an address: as slices say, else those its selector selects. */
export function backendsOf(cluster: Cluster, service: ServiceResource, port: ServicePort, address: Ip): Backend[] {
  const { resources } = cluster
  const slices = resources.endpointSlices.filter(
    ({ metadata }) =>
      metadata.labels?.[OF_SERVICE] === service.metadata.name && namespaceOf({ metadata }) === namespaceOf(service),
  )
  const all = slices.length > 0 ? slices.flatMap((slice) => ofSlice(slice, port)) : ofSelector(cluster, service, port)
  return all.filter((one) => familyOf(one.address) === familyOf(address))
}

function ofSlice({ endpoints = [], ports = [] }: EndpointSliceResource, port: ServicePort): Backend[] {
  const number = ports.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port
  if (number === undefined) return []
  return endpoints
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses = [] }) => addresses.flatMap((text) => parseIp(text) ?? []))
    .map((address) => ({ address, port: number }))
}

function ofSelector({ resources, workloadEndpoints }: Cluster, service: ServiceResource, port: ServicePort): Backend[] {
  const selector = Object.entries(service.spec.selector ?? {})
  if (selector.length === 0) return []
  const pods = resources.pods.filter(
    (pod) =>
      isAlive(pod) &&
      namespaceOf(pod) === namespaceOf(service) &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      (pod.status?.conditions?.every(({ type, status }) => type !== 'Ready' || status === 'True') ?? true),
  )
  return pods.flatMap((pod) => {
    const { targetPort = port.port } = port
    const declared = (pod.spec.containers ?? []).flatMap(({ ports = [] }) => ports)
    const number =
      typeof targetPort === 'number' ? targetPort : declared.find(({ name }) => name === targetPort)?.containerPort
    const addresses = workloadEndpoints.find((one) => one.pod === pod)?.addresses ?? []
    return number === undefined ? [] : addresses.map((address) => ({ address, port: number }))
  })
}
