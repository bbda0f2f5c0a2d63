import { pushTo } from '../../model/index.ts'
import { familyOf } from '../../wire/index.ts'
import type { Cluster } from '../cluster.ts'
import type { EndpointSliceResource, ServiceResource } from '../kubernetes-kinds.ts'
import { namespacedName } from '../resource.ts'
import { sha1 } from '../sha1.ts'
import { EndpointSlices, type SliceEndpoint } from './endpoint-slices.ts'

const LABELS = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }

/**
 * The EndpointSlices that their controller has written by now, of Services whose endpoints no object tells: they stay as they are while
 * it does not run.
 *
 * @kubernetes pkg/controller/endpointslice
 */
export function writtenSlices({ resources, ipam, nodes }: Cluster): readonly EndpointSliceResource[] {
  const slices = EndpointSlices.of(resources, ipam.pods, nodes)
  return resources.services.flatMap((service) =>
    hasSelector(service) && !slices.isGiven(service) ? slicesOf(service, [...slices.of(service)]) : [],
  )
}

/** The slice of a Service for which nobody has written any endpoint. */
export function emptySlice(service: ServiceResource): EndpointSliceResource {
  return sliceOf(service, [], 0)
}

/** Whether somebody else writes the endpoints of a Service. */
export function hasSelector({ spec }: ServiceResource): boolean {
  return Object.keys(spec.selector ?? {}).length > 0
}

/** One for each family and each set of ports; one that tells of nobody where there is none. */
function slicesOf(service: ServiceResource, endpoints: readonly SliceEndpoint[]): EndpointSliceResource[] {
  const alike = new Map<string, SliceEndpoint[]>()
  for (const one of endpoints) pushTo(alike, `${familyOf(one.addresses[0]!)} ${JSON.stringify(one.ports)}`, one)
  return alike.size === 0 ? [emptySlice(service)] : [...alike.values()].map((those, i) => sliceOf(service, those, i))
}

function sliceOf(
  { metadata, placeOf }: ServiceResource,
  endpoints: readonly SliceEndpoint[],
  number: number,
): EndpointSliceResource {
  const { name, namespace } = metadata
  const [first] = endpoints
  const id = [...sha1(`${namespacedName(metadata)} ${number}`).subarray(0, 3)]
  const suffix = id.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${suffix.slice(0, 5)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...LABELS, 'kubernetes.io/service-name': name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, controller: true }],
    },
    addressType: first === undefined || familyOf(first.addresses[0]!) === 4 ? 'IPv4' : 'IPv6',
    endpoints: endpoints.map(({ addresses, ready, serving, terminating, pod, node }) => ({
      addresses,
      conditions: { ready, serving, terminating },
      ...(node === undefined ? {} : { nodeName: node }),
      ...(pod === undefined ? {} : { targetRef: targetOf(pod) }),
    })),
    ports: (first?.ports ?? []).map(({ name: port, protocol, port: number }) => ({
      name: port,
      protocol: protocol.toUpperCase(),
      ...(number === undefined ? {} : { port: number }),
    })),
    // What it tells follows from the Service.
    ...(placeOf === undefined ? {} : { placeOf: () => placeOf([]) }),
  }
}

function targetOf(pod: string): { readonly kind: string; readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = pod.split('/')
  return { kind: 'Pod', namespace, name }
}
