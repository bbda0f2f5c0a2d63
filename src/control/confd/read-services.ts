import type { ConfdService, ConfdSlice } from './datastore.ts'
import { fieldAt, listAt, textAt, textsAt } from './plain-fields.ts'

function keyOf(value: unknown, name: string | undefined): string {
  return `${textAt(value, 'metadata', 'namespace') ?? 'default'}/${name ?? ''}`
}

/** A Service; what the API server fills in is filled in where it is missing. */
export function readService(value: unknown): ConfdService {
  const clusterIp = textAt(value, 'spec', 'clusterIP')
  const given = textsAt(value, 'spec', 'clusterIPs')
  const clusterIps = given.length > 0 || clusterIp === undefined ? given : [clusterIp]
  const type = textAt(value, 'spec', 'type') ?? 'ClusterIP'
  const policy = textAt(value, 'spec', 'externalTrafficPolicy') ?? (type === 'ClusterIP' ? undefined : 'Cluster')
  const loadBalancerIp = textAt(value, 'spec', 'loadBalancerIP')
  const families = textsAt(value, 'spec', 'ipFamilies')
  return {
    key: keyOf(value, textAt(value, 'metadata', 'name')),
    type,
    ...(policy === undefined ? {} : { externalTrafficPolicy: policy }),
    ...(clusterIp === undefined ? {} : { clusterIp }),
    clusterIps,
    externalIps: textsAt(value, 'spec', 'externalIPs'),
    ...(loadBalancerIp === undefined ? {} : { loadBalancerIp }),
    ingressIps: listAt(value, 'status', 'loadBalancer', 'ingress').flatMap((one) => textAt(one, 'ip') ?? []),
    ipFamilies: families.length > 0 ? families : clusterIps.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4')),
  }
}

/** An EndpointSlice that belongs to a Service. An endpoint that does not say whether it is ready is. */
export function readSlice(value: unknown): ConfdSlice[] {
  const service = textAt(value, 'metadata', 'labels', 'kubernetes.io/service-name')
  if (service === undefined) return []
  const endpoints = listAt(value, 'endpoints').filter((one) => fieldAt(one, 'conditions', 'ready') !== false)
  const ready = endpoints.map((one) => textAt(one, 'nodeName'))
  return [{ service: keyOf(value, service), addressType: textAt(value, 'addressType') ?? '', ready }]
}
