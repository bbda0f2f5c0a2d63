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

/** Endpoints before pods were edited, and of which Services they are others since. */
interface LikeEndpoints {
  readonly endpoints: Endpoints
  readonly isOther: (service: ServiceResource) => boolean
}

/** The endpoints of all Services' ports, each list made when somebody asks for it. */
export class Endpoints {
  private readonly slices: EndpointSlices
  private readonly lists = new WeakMap<ServicePort, readonly Endpoint[]>()

  private readonly like: LikeEndpoints | undefined

  /** @param like - those before pods were edited: of all but these Services they are the same */
  constructor(slices: EndpointSlices, like?: LikeEndpoints) {
    this.slices = slices
    this.like = like
  }

  /** The endpoints of a port, in the order in which kube-proxy has them: that of their texts. */
  of(port: ServicePort): readonly Endpoint[] {
    if (this.like !== undefined && !this.like.isOther(port.resource)) return this.like.endpoints.of(port)
    return keptIn(this.lists, port, () => inOrder(found(this.slices.of(port.resource), port)))
  }

  /** Whether some endpoint of a port passes a test; no more of them are made than it takes to know. */
  some(port: ServicePort, test: (endpoint: Endpoint) => boolean): boolean {
    if (this.like !== undefined && !this.like.isOther(port.resource)) return this.like.endpoints.some(port, test)
    const known = this.lists.get(port)
    if (known !== undefined) return known.some(test)
    for (const raw of this.slices.of(port.resource)) {
      if (!endpointsAt(raw, port).some(test)) continue
      return !this.slices.mayRepeat(port.resource, raw) || this.of(port).some(test)
    }
    return false
  }

  /** Whether some endpoint of a port's Service is meant for zones or nodes. */
  haveHints({ resource }: ServicePort): boolean {
    return this.slices.haveHints(resource)
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
