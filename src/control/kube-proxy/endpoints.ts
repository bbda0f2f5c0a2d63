import { type Family, familyOf, type Ip, parseIp, withPort } from '../../wire/index.ts'
import type { EndpointSliceResource, PodResource, ServiceResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import type { Resources } from '../resources.ts'
import { podReadiness, type Readiness } from './readiness.ts'
import { SelectedPods } from './selected-pods.ts'
import type { ServicePort } from './service-ports.ts'
import { StandIns } from './stand-ins.ts'

/** An endpoint of a port of a Service. @kubernetes pkg/proxy/endpoint.go */
export interface Endpoint extends Readiness {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
  /** As kube-proxy writes it. */
  readonly text: string
  /** `namespace/name` of its pod. */
  readonly pod?: string
  /** Node it runs on. */
  readonly node?: string
  /** Zones it is meant for. */
  readonly zones: readonly string[]
  /** Nodes it is meant for. */
  readonly nodes: readonly string[]
  /** The object that tells of it. */
  readonly resource: EndpointSliceResource | PodResource
  /** Where in it. */
  readonly path: FieldPath
}

/** Addresses of a pod, IPv4 first. */
export type PodAddressesOf = (pod: PodResource) => readonly Ip[]

const NONE: readonly string[] = []
const OF_SERVICE = 'kubernetes.io/service-name'

/** A Service by namespace and name. */
function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? 'default'}/${name}`
}

/** The endpoints of all Services, each list made when somebody asks for it. */
export class Endpoints {
  private readonly slices = new Map<string, EndpointSliceResource[]>()
  private readonly selected: SelectedPods
  private readonly standIns: StandIns
  private readonly addressesOf: PodAddressesOf
  private readonly lists = new WeakMap<ServicePort, readonly Endpoint[]>()

  constructor({ endpointSlices, services, pods }: Resources, addressesOf: PodAddressesOf) {
    this.addressesOf = addressesOf
    for (const slice of endpointSlices) {
      const service = slice.metadata.labels?.[OF_SERVICE]
      if (service === undefined) continue
      const key = keyOf(slice.metadata.namespace, service)
      const list = this.slices.get(key)
      if (list) list.push(slice)
      else this.slices.set(key, [slice])
    }
    this.selected = new SelectedPods(
      services.filter((service) => !this.isGiven(service)),
      pods,
    )
    this.standIns = new StandIns(
      services.filter((service) => this.isGiven(service)),
      pods,
      addressesOf,
    )
  }

  /** Whether EndpointSlices of a Service are in the input. */
  isGiven({ metadata }: ServiceResource): boolean {
    return this.slices.has(keyOf(metadata.namespace, metadata.name))
  }

  /** The endpoints of a port, in the order in which kube-proxy has them: that of their texts. */
  of(port: ServicePort): readonly Endpoint[] {
    const known = this.lists.get(port)
    if (known) return known
    const { namespace, name } = port.resource.metadata
    const slices = this.slices.get(keyOf(namespace, name))
    const found = slices === undefined ? this.derived(port) : this.standIns.replaced(ofSlices(slices, port), port)
    const list = inOrder(found)
    this.lists.set(port, list)
    return list
  }

  /** Pods the Service selects, that have an address: what the EndpointSlice controller would write down. */
  private derived(port: ServicePort): Endpoint[] {
    const { spec } = port.resource
    const { targetPort = port.port } = spec.ports?.[port.index] ?? {}
    return this.selected.of(port.resource).flatMap((pod): Endpoint[] => {
      const address = this.addressesOf(pod).find((ip) => familyOf(ip) === port.family)
      const number = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, port.protocol)
      if (address === undefined || number === undefined) return []
      const { namespace = 'default', name } = pod.metadata
      const readiness = podReadiness(pod, spec.publishNotReadyAddresses === true)
      const place = { pod: `${namespace}/${name}`, resource: pod, path: [] }
      return [made(address, number, readiness, { ...place, ...nodeOf(pod.spec.nodeName) })]
    })
  }
}

function nodeOf(node: string | undefined): { readonly node?: string } {
  return node === undefined ? {} : { node }
}

function made(
  address: Ip,
  port: number,
  { ready, serving, terminating }: Readiness,
  rest: Pick<Endpoint, 'resource' | 'path'> & Partial<Endpoint>,
): Endpoint {
  return {
    address,
    port,
    text: withPort(address, port),
    ready,
    serving,
    terminating,
    zones: NONE,
    nodes: NONE,
    ...rest,
  }
}

/** The number of a named port of a pod; numbers may be written as text. */
function namedPort({ spec }: PodResource, name: string, protocol: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? [])
  return ports.find((one) => one.name === name && (one.protocol ?? 'TCP').toLowerCase() === protocol)?.containerPort
}

type SliceEndpoint = NonNullable<EndpointSliceResource['endpoints']>[number]

function familyOfSlice({ addressType }: EndpointSliceResource): Family | undefined {
  return addressType === 'IPv6' ? 6 : addressType === 'FQDN' ? undefined : 4
}

/** What slices say of a port: entries are found by the port's name and protocol. @kubernetes pkg/proxy/endpointslicecache.go */
function ofSlices(slices: readonly EndpointSliceResource[], port: ServicePort): Endpoint[] {
  return slices
    .filter((slice) => familyOfSlice(slice) === port.family)
    .flatMap((slice) => {
      const entries = (slice.ports ?? []).filter(
        (one) => (one.name ?? '') === port.ref.portName && (one.protocol ?? 'TCP').toLowerCase() === port.protocol,
      )
      return entries.flatMap(({ port: number }) =>
        number === undefined ? [] : (slice.endpoints ?? []).flatMap((one, i) => ofSlice(slice, one, i, number)),
      )
    })
}

function ofSlice(slice: EndpointSliceResource, endpoint: SliceEndpoint, index: number, port: number): Endpoint[] {
  const address = parseIp(endpoint.addresses?.[0] ?? '')
  if (address === undefined) return []
  const { conditions = {}, targetRef, nodeName, hints } = endpoint
  const { ready = true, serving = true, terminating = false } = conditions
  const namespace = targetRef?.namespace ?? slice.metadata.namespace ?? 'default'
  const isPod = targetRef?.name !== undefined && (targetRef.kind ?? 'Pod') === 'Pod'
  return [
    made(
      address,
      port,
      { ready, serving, terminating },
      {
        ...(isPod ? { pod: `${namespace}/${targetRef.name}` } : {}),
        ...nodeOf(nodeName),
        zones: (hints?.forZones ?? []).map(({ name }) => name),
        nodes: (hints?.forNodes ?? []).map(({ name }) => name),
        resource: slice,
        path: ['endpoints', index],
      },
    ),
  ]
}

/** Each once, one that goes on living before one that ends. */
function inOrder(found: readonly Endpoint[]): readonly Endpoint[] {
  const byText = new Map<string, Endpoint>()
  for (const one of found) if (!byText.has(one.text) || !one.terminating) byText.set(one.text, one)
  return [...byText.values()].sort((a, b) => (a.text < b.text ? -1 : 1))
}
