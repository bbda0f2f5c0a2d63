import { compareIps, type Ip } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { EndpointSlices } from './endpoint-slices.ts'
import { clusterIpsOf } from './service-addresses.ts'

/**
 * The addresses that the cluster's DNS has for the name of a Service: its virtual ones, and those of the endpoints that are ready
 * where it is headless. DNS gives them in any order; here IPv4 comes first. None for an outside name.
 */
export function dnsAddresses(slices: EndpointSlices, service: ServiceResource): readonly Ip[] {
  const { spec } = service
  const { type, clusterIP, clusterIPs = [] } = spec
  if (type === 'ExternalName') return []
  if (clusterIP !== 'None' && !clusterIPs.includes('None')) return clusterIpsOf(service)
  const ready = [...slices.of(service)].filter((one) => one.ready)
  return [...new Set(ready.flatMap(({ addresses }) => addresses))].sort(compareIps)
}
