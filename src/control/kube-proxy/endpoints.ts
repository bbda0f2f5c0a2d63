import { keptIn } from '../../model/index.ts'
import { familyOf, type Ip, withPort } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { EndpointSlices, SliceEndpoint } from '../services/endpoint-slices.ts'
import type { ServicePort } from './service-ports.ts'

/** An endpoint of a port of a Service. @kubernetes pkg/proxy/endpoint.go */
export interface Endpoint extends Omit<SliceEndpoint, 'addresses' | 'ports'> {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
  /** As kube-proxy writes it. */
  readonly text: string
}

/** The endpoints of one Service: where it is the same object, they and the Service are the same. Each list is made when somebody asks for it. */
export class ServiceEndpoints {
  /** The Service. */
  readonly service: ServiceResource
  private readonly slices: EndpointSlices
  private readonly lists = new Map<ServicePort, readonly Endpoint[]>()

  constructor(service: ServiceResource, slices: EndpointSlices) {
    this.service = service
    this.slices = slices
  }

  /** The endpoints of a port, in the order in which kube-proxy has them: that of their texts. */
  of(port: ServicePort): readonly Endpoint[] {
    return keptIn(this.lists, port, () => inOrder(found(this.slices.of(this.service), port)))
  }

  /** Whether some endpoint of a port passes a test; no more of them are made than it takes to know. */
  some(port: ServicePort, test: (endpoint: Endpoint) => boolean): boolean {
    const known = this.lists.get(port)
    if (known !== undefined) return known.some(test)
    for (const raw of this.slices.of(this.service)) {
      if (!endpointsAt(raw, port).some(test)) continue
      return !this.slices.mayRepeat(this.service, raw) || this.of(port).some(test)
    }
    return false
  }

  /** Whether some endpoint is meant for zones or nodes. */
  haveHints(): boolean {
    return this.slices.haveHints(this.service)
  }
}

/** The endpoints of all Services' ports. */
export class Endpoints {
  private readonly slices: EndpointSlices
  private readonly first: Endpoints | undefined
  private readonly made = new WeakMap<ServiceResource, ServiceEndpoints>()
  /** What became of Services since the first; undefined = it is none of them any more. */
  private readonly others: ReadonlyMap<ServiceResource, ServiceEndpoints | undefined>

  constructor(slices: EndpointSlices, first?: Endpoints, others: Endpoints['others'] = new Map()) {
    this.slices = slices
    this.first = first
    this.others = others
  }

  /**
   * The same where some Services, or their endpoints, are others: all that is known of the rest is shared.
   * @param gone - Services that are none any more
   * @param fresh - those that are others
   */
  edited(slices: EndpointSlices, gone: readonly ServiceResource[], fresh: readonly ServiceResource[]): Endpoints {
    const others = new Map(this.others)
    for (const service of gone) others.set(service, undefined)
    for (const service of fresh) others.set(service, new ServiceEndpoints(service, slices))
    return new Endpoints(slices, this.first ?? this, others)
  }

  /** How many Services were edited, about. */
  get weight(): number {
    return this.others.size
  }

  /** The Service that is called so, `namespace/name`. */
  named(name: string): ServiceResource | undefined {
    return this.slices.service(name)
  }

  /** Those of a Service. */
  at(service: ServiceResource): ServiceEndpoints {
    if (this.others.has(service)) return this.others.get(service) ?? new ServiceEndpoints(service, this.slices)
    return this.first?.at(service) ?? keptIn(this.made, service, () => new ServiceEndpoints(service, this.slices))
  }

  /** The endpoints of a port, in the order in which kube-proxy has them: that of their texts. */
  of(port: ServicePort): readonly Endpoint[] {
    return this.at(port.resource).of(port)
  }
}

/** The endpoints of a port. */
function* found(endpoints: Iterable<SliceEndpoint>, port: ServicePort): Iterable<Endpoint> {
  for (const one of endpoints) yield* endpointsAt(one, port)
}

/** An endpoint at a port, or at several: its own are found by name and protocol. @kubernetes pkg/proxy/endpointslicecache.go */
function endpointsAt({ addresses, ports, ...rest }: SliceEndpoint, { family, ref, protocol }: ServicePort): Endpoint[] {
  const [address] = addresses
  if (address === undefined || familyOf(address) !== family) return []
  return ports.flatMap(({ name, protocol: own, port }) =>
    port === undefined || name !== ref.portName || own !== protocol
      ? []
      : [{ address, port, text: withPort(address, port), ...rest }],
  )
}

/** Each once, one that goes on living before one that ends. */
function inOrder(found: Iterable<Endpoint>): readonly Endpoint[] {
  const byText = new Map<string, Endpoint>()
  for (const one of found) if (!byText.has(one.text) || !one.terminating) byText.set(one.text, one)
  return [...byText.values()].sort((a, b) => (a.text < b.text ? -1 : 1))
}
