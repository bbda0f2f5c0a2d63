import { type Family, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import type { EndpointSliceResource, PodResource, ServicePort, ServiceResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'
import type { Labels } from './labels.ts'

const SERVICE_NAME = 'kubernetes.io/service-name'

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? 'default'}/${name}`
}

/** One endpoint of a Service: an address, and a port of it where it has ports. */
interface ServiceEndpoint {
  readonly address: Ip
  readonly port?: number
  readonly protocol: string
}

/** Endpoints of Services: as EndpointSlices say, else the pods that the Service's selector takes. */
export class ServiceEndpoints {
  private readonly resources: Resources
  private readonly pods: readonly WorkloadEndpoint[]
  private slices: ReadonlyMap<string, readonly EndpointSliceResource[]> | undefined

  constructor(resources: Resources, pods: readonly WorkloadEndpoint[]) {
    this.resources = resources
    this.pods = pods
  }

  /** Members of the set of a Service. Whether an endpoint is ready does not matter. @calico felix/serviceindex/serviceindex.go */
  members(service: string, withPorts: boolean, family: Family): string[] {
    const all = this.endpointsOf(service).filter(({ address }) => familyOf(address) === family)
    if (!withPorts) return all.map(({ address }) => address)
    return all.flatMap(({ address, port, protocol }) => (port === undefined ? [] : `${address},${protocol}:${port}`))
  }

  private endpointsOf(service: string): readonly ServiceEndpoint[] {
    this.slices ??= slicesByService(this.resources.endpointSlices)
    const slices = this.slices.get(service)
    if (slices !== undefined) return slices.flatMap(ofSlice)
    const found = this.resources.services.find((one) => keyOf(one.metadata.namespace, one.metadata.name) === service)
    return found === undefined ? [] : this.selectedBy(found)
  }

  private selectedBy(service: ServiceResource): ServiceEndpoint[] {
    const { selector, ports = [] } = service.spec
    const namespace = service.metadata.namespace ?? 'default'
    const wanted = Object.entries(selector ?? {})
    if (wanted.length === 0) return []
    const has = (labels: Labels = {}): boolean => wanted.every(([key, value]) => labels[key] === value)
    const own = this.pods.filter((pod) => pod.namespace === namespace && has(pod.pod.metadata.labels))
    const found = own.flatMap(({ pod, addresses }) => ofPod(pod, addresses, ports))
    // Pods with the network of their node are endpoints of Services, too.
    for (const pod of this.resources.pods) {
      const isHost = pod.spec.hostNetwork === true && (pod.metadata.namespace ?? 'default') === namespace
      if (isHost && has(pod.metadata.labels)) found.push(...ofPod(pod, ipsOf(pod), ports))
    }
    return found
  }
}

function slicesByService(slices: readonly EndpointSliceResource[]): Map<string, EndpointSliceResource[]> {
  const found = new Map<string, EndpointSliceResource[]>()
  for (const slice of slices) {
    const name = slice.metadata.labels?.[SERVICE_NAME]
    if (name === undefined) continue
    const key = keyOf(slice.metadata.namespace, name)
    found.set(key, [...(found.get(key) ?? []), slice])
  }
  return found
}

function protocolOf(protocol: string | undefined): string {
  const name = (protocol ?? 'TCP').toLowerCase()
  return name === 'udp' || name === 'sctp' ? name : 'tcp'
}

function ofSlice({ endpoints = [], ports = [] }: EndpointSliceResource): ServiceEndpoint[] {
  const addresses = endpoints.flatMap(({ addresses: texts = [] }) => texts.flatMap((text) => parseIp(text) ?? []))
  const bare = addresses.map((address): ServiceEndpoint => ({ address, protocol: 'tcp' }))
  const withPorts = ports.flatMap(({ port, protocol }) =>
    port === undefined ? [] : addresses.map((address) => ({ address, port, protocol: protocolOf(protocol) })),
  )
  return withPorts.length === 0 ? bare : withPorts
}

function ipsOf({ status }: PodResource): Ip[] {
  const texts = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP === undefined ? [] : [status.podIP])
  return texts.flatMap((text) => parseIp(text) ?? [])
}

/** Number of a target port in a pod: as given, or as the pod calls it. */
function targetOf(pod: PodResource, { port, targetPort = port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const all = (pod.spec.containers ?? []).flatMap((one) => one.ports ?? [])
  return all.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort
}

function ofPod(pod: PodResource, addresses: readonly Ip[], ports: readonly ServicePort[]): ServiceEndpoint[] {
  return addresses.flatMap((address) =>
    ports.flatMap((one) => {
      const port = targetOf(pod, one)
      return port === undefined ? [] : [{ address, port, protocol: protocolOf(one.protocol) }]
    }),
  )
}
