import { pushTo } from '../../model/index.ts'
import type { EndpointSliceResource, EndpointsResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'

/** What one object tells of endpoints of a Service that have the same ports. */
export interface GivenSlice extends Pick<EndpointSliceResource, 'addressType' | 'endpoints' | 'ports'> {
  /** The object. */
  readonly resource: EndpointSliceResource | EndpointsResource
  /** Where in it an endpoint stands. */
  readonly pathOf: (endpoint: number) => FieldPath
}

/** An endpoint of a slice. */
export type GivenEndpoint = NonNullable<GivenSlice['endpoints']>[number]

/** What the input tells of the endpoints of Services, by `namespace/name`; nothing of those it tells nothing of. */
export type GivenSlices = ReadonlyMap<string, readonly GivenSlice[]>

/** The Service a slice is of; undefined for one that is of none. */
function serviceOf({ metadata }: EndpointSliceResource): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name']
  return name === undefined ? undefined : namespacedName({ ...metadata, name })
}

/**
 * EndpointSlices by Service, and for a Service without any what its Endpoints would be mirrored to: of one with a selector these
 * are as the endpoints controller writes them beside its slices.
 */
export function givenSlices({
  endpointSlices,
  endpoints,
  services,
}: Pick<Resources, 'endpointSlices' | 'endpoints' | 'services'>): GivenSlices {
  const found = new Map<string, GivenSlice[]>()
  for (const slice of endpointSlices) {
    const service = serviceOf(slice)
    const { addressType = 'IPv4', endpoints: ends = [], ports = [] } = slice
    const pathOf = (index: number): FieldPath => ['endpoints', index]
    if (service !== undefined) pushTo(found, service, { addressType, endpoints: ends, ports, resource: slice, pathOf })
  }
  const told = endpoints.filter(isMirrored)
  if (told.length === 0) return found
  const names = new Set(services.map(({ metadata }) => namespacedName(metadata)))
  for (const one of told) {
    const service = namespacedName(one.metadata)
    if (names.has(service) && !found.has(service)) found.set(service, mirrored(one))
  }
  return found
}

/**
 * Whether Endpoints are all there are of a Service, and nobody else writes its slices.
 *
 * @kubernetes pkg/controller/endpointslicemirroring/utils.go, pkg/controller/endpoint/endpoints_controller.go
 */
function isMirrored({ metadata }: EndpointsResource): boolean {
  return (
    metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
    metadata.annotations?.['endpoints.kubernetes.io/over-capacity'] !== 'truncated'
  )
}

/** A slice for each subset: its addresses, ready or not, at its ports. */
function mirrored(resource: EndpointsResource): GivenSlice[] {
  return (resource.subsets ?? []).map(({ addresses = [], notReadyAddresses = [], ports = [] }, subset) => {
    const endpointOf = ({ ip, ...rest }: (typeof addresses)[number], ready: boolean): GivenEndpoint => ({
      ...rest,
      addresses: [ip],
      conditions: { ready, serving: ready, terminating: false },
    })
    const count = addresses.length
    return {
      endpoints: [
        ...addresses.map((one) => endpointOf(one, true)),
        ...notReadyAddresses.map((one) => endpointOf(one, false)),
      ],
      ports,
      resource,
      pathOf: (index) =>
        index < count
          ? ['subsets', subset, 'addresses', index]
          : ['subsets', subset, 'notReadyAddresses', index - count],
    }
  })
}
