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

// Endpoints and EndpointSlices are stored where the input has them. Where it has none, what kube-controller-manager would have written is
// made of the pods that a Service selects; Endpoints of a Service of which slices are stored tell what these do, as both are of the same
// pods: also where nobody writes them anew.

/** A port of a Service as its pods have it. */
interface Port {
  readonly name?: string
  readonly port: number
  readonly protocol: string
}

/** A pod behind a Service. */
interface Backend {
  readonly ip: string
  readonly node: string
  readonly target: { readonly kind: string; readonly namespace: string; readonly name: string } | undefined
  readonly ready: boolean
  readonly terminating: boolean
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

/** What stored slices of a Service tell, in the family of the Service: Endpoints are of one. */
function backendsOfSlices(slices: readonly EndpointSliceResource[], service: ServiceResource): readonly Backend[] {
  const family = service.spec.clusterIP?.includes(':') === true ? 'IPv6' : 'IPv4'
  const told = slices.filter(({ addressType = 'IPv4' }) => addressType === family)
  const backends = told.flatMap(({ endpoints = [], ports = [] }) => {
    const own = ports.flatMap(({ name = '', port, protocol = 'TCP' }) =>
      port === undefined ? [] : [{ ...(name === '' ? {} : { name }), port, protocol }],
    )
    return endpoints.flatMap(({ addresses = [], conditions = {}, nodeName = '', targetRef }) => {
      const { ready = true, terminating = false } = conditions
      const { kind = 'Pod', namespace = namespaceOf(service), name } = targetRef ?? {}
      const target = name === undefined ? undefined : { kind, namespace, name }
      return addresses.map((ip): Backend => ({ ip, node: nodeName, target, ready, terminating, ports: own }))
    })
  })
  // One that ends is none of Endpoints any more. @kubernetes pkg/controller/endpoint/endpoints_controller.go
  return backends.filter(({ ready, terminating }) => ready || !terminating).sort((a, b) => compare(a.ip, b.ip))
}

function slicesOfService(seen: Seen, service: ServiceResource): readonly EndpointSliceResource[] {
  const { name } = service.metadata
  const isOf = (one: EndpointSliceResource): boolean =>
    one.metadata.labels?.['kubernetes.io/service-name'] === name && namespaceOf(one) === namespaceOf(service)
  return seen.resources.endpointSlices.filter(isOf)
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
      node: pod.spec.nodeName ?? '',
      target: { kind: 'Pod', namespace: namespaceOf(pod), name: pod.metadata.name },
      terminating: pod.metadata.deletionTimestamp !== undefined,
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

/** Where it runs, and what it is. */
function placeOf({ node, target }: Backend) {
  return { ...(node === '' ? {} : { nodeName: node }), ...(target === undefined ? {} : { targetRef: target }) }
}

function endpointsFor(seen: Seen, service: ServiceResource): EndpointsResource {
  const { name, labels, creationTimestamp } = service.metadata
  const stored = slicesOfService(seen, service)
  const all = stored.length > 0 ? backendsOfSlices(stored, service) : backendsOf(seen, service)
  const subsets = grouped(all).map(([ports, backends]) => {
    const addresses = (ready: boolean) =>
      backends.filter((one) => one.ready === ready).map((one) => ({ ip: one.ip, ...placeOf(one) }))
    const [ready, notReady] = [addresses(true), addresses(false)]
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ports,
    }
  })
  const metadata = {
    name,
    namespace: namespaceOf(service),
    ...(labels === undefined ? {} : { labels }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
  }
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }
}

function slicesFor(seen: Seen, service: ServiceResource): readonly EndpointSliceResource[] {
  const { name, creationTimestamp } = service.metadata
  const groups = grouped(backendsOf(seen, service))
  return (groups.length === 0 ? [[[], []] as const] : groups).map(([ports, backends], i) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${safeSuffix(`${keyOf(service)} ${i}`, 5)}`,
      namespace: namespaceOf(service),
      labels: { 'kubernetes.io/service-name': name },
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ownerReferences: [{ kind: 'Service', name }],
    },
    addressType: 'IPv4',
    endpoints: backends.map((one) => ({
      addresses: [one.ip],
      conditions: {
        ready: one.ready,
        serving: one.ready,
        terminating: one.terminating,
      },
      ...placeOf(one),
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
