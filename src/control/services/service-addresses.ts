import { type Ip, parseIps } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'

/** The virtual addresses of a Service, each once; a headless one has none. */
export function clusterIpsOf({ spec }: Pick<ServiceResource, 'spec'>): readonly Ip[] {
  return [...new Set(parseIps([spec.clusterIP, ...(spec.clusterIPs ?? [])]))]
}

/** Its addresses outside of the cluster: external ones, and those of load balancers, whether asked for or given. */
export function outsideIpsOf({ spec, status }: Pick<ServiceResource, 'spec' | 'status'>): readonly Ip[] {
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
  return parseIps([...(spec.externalIPs ?? []), spec.loadBalancerIP, ...balanced])
}
