import type {
  EndpointSliceResource,
  EndpointsResource,
  OtherResource,
  PodResource,
  ServicePort,
  ServiceResource,
} from '../../control/index.ts'
import { safeSuffix } from '../../controllers/index.ts'
import { addressOf, compare, isReady, namespaceOf, phaseOf, some } from './cells.ts'
import { listAt, textAt } from './object.ts'
import type { Seen } from './seen.ts'

// Endpoints are stored where the input has them; where it has none, what kube-controller-manager would have written is made of the
// pods that a Service selects.

/** A port of a Service as its pods have it. */
interface Port {
  readonly name?: string
  readonly port: number
  readonly protocol: string
}

/** A pod behind a Service. */
interface Backend {
  readonly ip: string
  readonly pod: PodResource
  readonly ready: boolean
  readonly ports: readonly Port[]
}

/** Endpoints: those that are stored, and of each Service without them what the controller would write. */
export function endpointsOf(seen: Seen): readonly EndpointsResource[] {
  const { endpoints } = seen.resources
  return [...endpoints, ...withoutStored(seen, endpoints.map(keyOf)).map((one) => endpointsFor(seen, one))]
}

/** EndpointSlices: those that are stored, and of each Service without one what the controller would write. */
export function slicesOf(seen: Seen): readonly EndpointSliceResource[] {
  const { endpointSlices } = seen.resources
  const services = endpointSlices.map(
    (one) => `${namespaceOf(one)}/${one.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  )
  return [...endpointSlices, ...withoutStored(seen, services).flatMap((one) => slicesFor(seen, one))]
}

const keyOf = (one: OtherResource): string => `${namespaceOf(one)}/${one.metadata.name}`

/** Services that select pods and of which no endpoints are stored. */
function withoutStored({ resources }: Seen, stored: readonly string[]): readonly ServiceResource[] {
  const has = new Set(stored)
  return resources.services.filter((one) => selects(one) && !has.has(keyOf(one)))
}

function selects({ spec }: ServiceResource): boolean {
  return Object.keys(spec.selector ?? {}).length > 0 && spec.type !== 'ExternalName'
}

function backendsOf(seen: Seen, service: ServiceResource): readonly Backend[] {
  const { selector = {}, ports = [], publishNotReadyAddresses = false } = service.spec
  const found = seen.resources.pods.filter((pod) => {
    if (namespaceOf(pod) !== namespaceOf(service) || phaseOf(pod) !== 'Running') return false
    return Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value)
  })
  return found
    .map((pod) => ({
      ip: addressOf(seen, pod),
      pod,
      ready: publishNotReadyAddresses || (isReady(pod) && pod.metadata.deletionTimestamp === undefined),
      ports: ports.flatMap((port) => portAt(pod, port)),
    }))
    .filter(({ ip }) => ip !== '<none>')
    .sort((a, b) => compare(a.ip, b.ip))
}

function portAt({ spec }: PodResource, { name, port, targetPort = port, protocol = 'TCP' }: ServicePort): Port[] {
  const of = (number: number): Port[] => [{ ...(name === undefined ? {} : { name }), port: number, protocol }]
  if (/^\d+$/.test(String(targetPort))) return of(Number(targetPort))
  const own = (spec.containers ?? []).flatMap((container) => container.ports ?? [])
  const found = own.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)
  return found === undefined ? [] : of(found.containerPort)
}

/** Backends with the same ports together. */
function grouped(backends: readonly Backend[]): readonly (readonly [ports: readonly Port[], of: readonly Backend[]])[] {
  const groups = new Map<string, [readonly Port[], Backend[]]>()
  for (const one of backends) {
    const key = JSON.stringify(one.ports)
    const group = groups.get(key) ?? [one.ports, []]
    group[1].push(one)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function targetOf({ pod }: Backend): { readonly kind: string; readonly namespace: string; readonly name: string } {
  return { kind: 'Pod', namespace: namespaceOf(pod), name: pod.metadata.name }
}

function endpointsFor(seen: Seen, service: ServiceResource): EndpointsResource {
  const { name, labels } = service.metadata
  const subsets = grouped(backendsOf(seen, service)).map(([ports, backends]) => {
    const addresses = (ready: boolean) =>
      backends
        .filter((one) => one.ready === ready)
        .map((one) => ({ ip: one.ip, nodeName: one.pod.spec.nodeName ?? '', targetRef: targetOf(one) }))
    const [ready, notReady] = [addresses(true), addresses(false)]
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ports,
    }
  })
  const metadata = { name, namespace: namespaceOf(service), ...(labels === undefined ? {} : { labels }) }
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }
}

function slicesFor(seen: Seen, service: ServiceResource): readonly EndpointSliceResource[] {
  const { name } = service.metadata
  const groups = grouped(backendsOf(seen, service))
  return (groups.length === 0 ? [[[], []] as const] : groups).map(([ports, backends], i) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${safeSuffix(`${keyOf(service)} ${i}`, 5)}`,
      namespace: namespaceOf(service),
      labels: { 'kubernetes.io/service-name': name },
      ownerReferences: [{ kind: 'Service', name }],
    },
    addressType: 'IPv4',
    endpoints: backends.map((one) => ({
      addresses: [one.ip],
      conditions: {
        ready: one.ready,
        serving: one.ready,
        terminating: one.pod.metadata.deletionTimestamp !== undefined,
      },
      nodeName: one.pod.spec.nodeName ?? '',
      targetRef: targetOf(one),
    })),
    ports,
  }))
}

/** What `kubectl get endpoints` shows: addresses that are ready, with their ports. @kubernetes pkg/printers formatEndpoints */
export function endpointCells(object: OtherResource): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((one) => textAt(one, 'ip') ?? '')
    const ports = listAt(subset, 'ports').map((one) => textAt(one, 'port') ?? '')
    if (ports.length === 0) return addresses
    return ports.flatMap((port) => addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  })
  return all.length === 0 ? '<none>' : some(all, ',')
}
