import type { BackendRef, ServiceRef } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { Readiness } from '../services/readiness.ts'
import type { Endpoints } from './endpoints.ts'
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

/** The endpoints of a Service, as kube-proxy knows them: by port and family. */
export function endpointsByPort(endpoints: Endpoints, service: ServiceResource): readonly PortEndpoints[] {
  return ([4, 6] as const).flatMap((family) =>
    portsOfService(service, family).map((port) => ({ service: port.ref, family, endpoints: endpoints.of(port) })),
  )
}
