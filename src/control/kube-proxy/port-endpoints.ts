import type { BackendRef, ServiceRef } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'
import { Endpoints, type PodAddressesOf } from './endpoints.ts'
import type { Readiness } from './readiness.ts'
import { portsOfService } from './service-ports.ts'

/** The endpoints of a port of a Service in one family. */
export interface PortEndpoints {
  /** The port. */
  readonly service: ServiceRef
  /** Family. */
  readonly family: Family
  /** Endpoints in kube-proxy's order. */
  readonly endpoints: readonly (BackendRef & Readiness)[]
}

/** Gives the endpoints of Services: those of EndpointSlices in the input, else those that their selectors make. */
export function endpointsByPort(
  resources: Resources,
  addressesOf: PodAddressesOf,
): (service: ServiceResource) => readonly PortEndpoints[] {
  let made: Endpoints | undefined
  return (service) => {
    made ??= new Endpoints(resources, addressesOf)
    const all = made
    return ([4, 6] as const).flatMap((family) =>
      portsOfService(service, family).map((port) => ({ service: port.ref, family, endpoints: all.of(port) })),
    )
  }
}
