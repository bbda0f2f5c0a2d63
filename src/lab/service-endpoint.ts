import { type Cluster, clusterIpsOf, type ServiceResource } from '../control/index.ts'
import { didYouMean, InputError, type Note, note } from '../model/index.ts'
import { type Ip, isIpv4 } from '../wire/index.ts'
import type { Endpoint } from './endpoint.ts'

/** A Service by name; without a namespace that of `default`, else the only one that is called so. */
export interface ServiceName {
  readonly namespace: string | undefined
  readonly name: string
}

/**
 * Where a Service is reached: its virtual addresses. One without any (headless, of an outside name, or not yet given an address)
 * is understood all the same: what is asked of it is open, by name.
 * @param text - as it was typed, for messages
 * @throws InputError when there is no such Service, or more than one
 */
export function serviceEndpoint(cluster: Cluster | null, wanted: ServiceName, text: string): Endpoint {
  const service = find(cluster?.resources.services ?? [], wanted, text)
  const found = clusterIpsOf(service)
  const addresses: Ip[] = [...found.filter((one) => isIpv4(one)), ...found.filter((one) => !isIpv4(one))]
  const label = `svc/${namespaceOf(service)}/${service.metadata.name}`
  const notes = addresses.length > 0 ? [] : [withoutAddress(service)]
  return { netns: undefined, address: addresses[0], addresses, label, notes }
}

/** The Service of that name, with its namespace; undefined when there is none or nobody knows which is meant. */
export function serviceOf(
  services: readonly ServiceResource[],
  { namespace, name }: ServiceName,
): { readonly namespace: string; readonly name: string } | undefined {
  const found = named(services, { namespace, name })
  return found.length === 1 ? { name, namespace: namespaceOf(found[0] as ServiceResource) } : undefined
}

function named(services: readonly ServiceResource[], { namespace, name }: ServiceName): readonly ServiceResource[] {
  const found = services.filter(
    (one) => one.metadata.name === name && (namespace === undefined || namespaceOf(one) === namespace),
  )
  const near = found.filter((one) => namespaceOf(one) === 'default')
  return namespace === undefined && near.length > 0 ? near : found
}

function find(services: readonly ServiceResource[], { namespace, name }: ServiceName, text: string): ServiceResource {
  const within = services.filter((one) => namespace === undefined || namespaceOf(one) === namespace)
  const found = named(services, { namespace, name })
  if (found.length === 1) return found[0] as ServiceResource
  const labels = found.map((one) => `svc/${namespaceOf(one)}/${name}`)
  const where = namespace === undefined ? '' : ` of namespace ${namespace}`
  const names = within.map(({ metadata }) => metadata.name)
  const expected =
    labels.length > 0 ? `one of ${labels.join(', ')}` : `the name of a Service${where}; ${didYouMean(name, names)}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${text}"` }])
}

function namespaceOf({ metadata }: ServiceResource): string {
  return metadata.namespace ?? 'default'
}

/** Why nobody knows where it leads, and who does. */
function withoutAddress(service: ServiceResource): Note {
  const { name } = service.metadata
  const namespace = namespaceOf(service)
  const place = service.placeOf?.(['spec']) ?? service.placeOf?.([])
  const parts = { object: `Service/${namespace}/${name}`, ...(place ?? {}) }
  const slices = `kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}`
  if (service.spec.type === 'ExternalName') {
    const check = `nslookup ${name}.${namespace}.svc.cluster.local   (in a pod)`
    return note('service', 'it is an ExternalName: DNS says where it leads', { ...parts, check })
  }
  if (service.spec.clusterIP === 'None') {
    const what = 'it is headless: DNS gives the addresses of its pods, in any order; ask for one of them by name'
    return note('service', what, { ...parts, check: slices })
  }
  const what = 'the input gives it no clusterIP'
  return note('service', what, { ...parts, check: `kubectl get service -n ${namespace} ${name} -o wide` })
}
