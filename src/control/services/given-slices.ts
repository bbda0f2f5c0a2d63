import { keptIn, pushTo } from '../../model/index.ts'
import { type Ip, parseIps } from '../../wire/index.ts'
import type { EndpointSliceResource, EndpointsResource, ServiceResource } from '../kubernetes-kinds.ts'
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

/** The Service a slice is of, `namespace/name`; undefined for one that is of none. */
export function serviceOfSlice({ metadata }: EndpointSliceResource): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name']
  return name === undefined ? undefined : namespacedName({ ...metadata, name })
}

type Telling = Pick<Resources, 'endpointSlices' | 'endpoints' | 'services'>

/**
 * EndpointSlices by Service, and for a Service without any what its Endpoints would be mirrored to: of one with a selector these
 * are as the endpoints controller writes them beside its slices.
 */
export function givenSlices({ endpointSlices, endpoints, services }: Telling): GivenSlices {
  const found = new Map<string, GivenSlice[]>()
  for (const slice of endpointSlices) {
    const service = serviceOfSlice(slice)
    if (service !== undefined) pushTo(found, service, givenBy(slice))
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

/** The same where objects of some Services alone were edited. @param edited - these, `namespace/name` */
export function givenAfter(before: GivenSlices, telling: Telling, edited: ReadonlySet<string>): GivenSlices {
  const isOf = ({ metadata }: ServiceResource | EndpointsResource): boolean => edited.has(namespacedName(metadata))
  const { endpointSlices, endpoints, services } = telling
  const fresh = givenSlices({
    endpointSlices: endpointSlices.filter((slice) => edited.has(serviceOfSlice(slice) ?? '')),
    endpoints: endpoints.filter(isOf),
    services: services.filter(isOf),
  })
  if (fresh.size === 0 && ![...edited].some((name) => before.has(name))) return before
  const after = new Map(before)
  for (const name of edited) after.delete(name)
  for (const [name, slices] of fresh) after.set(name, slices)
  return after
}

const known = new WeakMap<EndpointSliceResource, GivenSlice>()

function givenBy(slice: EndpointSliceResource): GivenSlice {
  return keptIn(known, slice, () => {
    const { addressType = 'IPv4', endpoints = [], ports = [] } = slice
    return { addressType, endpoints, ports, resource: slice, pathOf: (index) => ['endpoints', index] }
  })
}

const addresses = new WeakMap<GivenSlice['resource'], ReadonlySet<Ip>>()

/** Whether an object tells of an endpoint at one of these addresses. */
export function tellsOf({ resource, endpoints = [] }: GivenSlice, of: readonly Ip[]): boolean {
  const own = keptIn(addresses, resource, () => {
    const all = resource.kind === 'Endpoints' ? mirrored(resource).flatMap((one) => one.endpoints ?? []) : endpoints
    return new Set(all.flatMap((one) => parseIps(one.addresses ?? [])))
  })
  return of.some((address) => own.has(address))
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
