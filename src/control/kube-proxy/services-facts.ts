import type { Cluster } from '../cluster.ts'
import { dnsAddresses } from '../services/dns-addresses.ts'
import type { EndpointSlices } from '../services/endpoint-slices.ts'
import type { ProxyConfig } from './config.ts'
import type { Endpoints } from './endpoints.ts'
import { endpointsByPort } from './port-endpoints.ts'
import { serviceWay } from './service-way.ts'

/** What a cluster tells of Services. */
export function servicesFacts(
  slices: EndpointSlices,
  endpoints: Endpoints,
  proxy: ProxyConfig,
): Pick<Cluster, 'serviceEndpoints' | 'serviceWay' | 'dnsAddresses'> {
  return {
    serviceEndpoints: (service) => endpointsByPort(endpoints, service),
    serviceWay: (to, node, packet) => serviceWay(to, node, packet, proxy, endpoints),
    dnsAddresses: (service) => dnsAddresses(slices, service),
  }
}
