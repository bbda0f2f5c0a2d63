import { compareIps, type Ip, parseIps } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { namespacedName } from '../resource.ts'
import type { EndpointSlices } from './endpoint-slices.ts'

/**
 * The addresses that the cluster's DNS has for the name of a Service: its virtual ones, and those of the endpoints that are ready
 * where it is headless. DNS gives them in any order; here IPv4 comes first. None for an outside name.
 */
export function dnsAddresses(slices: EndpointSlices, { metadata, spec }: ServiceResource): readonly Ip[] {
  const { type, clusterIP, clusterIPs = [] } = spec
  if (type === 'ExternalName') return []
  if (clusterIP !== 'None' && !clusterIPs.includes('None')) return [...new Set(parseIps([clusterIP, ...clusterIPs]))]
  const ready = [...slices.of(namespacedName(metadata))].filter((one) => one.ready)
  return [...new Set(ready.flatMap(({ addresses }) => addresses))].sort(compareIps)
}
