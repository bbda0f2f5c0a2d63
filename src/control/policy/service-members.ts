import { type Family, familyOf } from '../../wire/index.ts'
import type { SliceEndpoint, SlicePort } from '../services/endpoint-slices.ts'

/** Endpoints of Services by `namespace/name`, as far as sets look at them. */
export interface ServiceEndpoints {
  /** Those of a Service. */
  named(
    service: string,
  ): Iterable<Pick<SliceEndpoint, 'addresses'> & { readonly ports: readonly Pick<SlicePort, 'protocol' | 'port'>[] }>
}

/** Members of the set of a Service. Whether an endpoint is ready does not matter. @calico felix/serviceindex/serviceindex.go */
export function serviceMembers(
  slices: ServiceEndpoints,
  service: string,
  withPorts: boolean,
  family: Family,
): string[] {
  const members: string[] = []
  for (const { addresses, ports } of slices.named(service)) {
    for (const address of addresses.filter((ip) => familyOf(ip) === family)) {
      if (!withPorts) members.push(address)
      else
        for (const { protocol, port } of ports)
          if (port !== undefined) members.push(`${address},${nameOf(protocol)}:${port}`)
    }
  }
  return members
}

/** What is neither UDP nor SCTP is TCP. */
function nameOf(protocol: string): string {
  return protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp'
}
