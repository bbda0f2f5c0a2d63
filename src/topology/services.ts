import { type Cluster, clusterIpsOf, outsideIpsOf, type ServiceResource } from '../control/index.ts'
import type { TopologyEndpoint, TopologyService } from './topology-view.ts'

/** Services with what stands behind them; endpoints only where they are asked for. */
export function servicesOf(cluster: Cluster, isListed: boolean): TopologyService[] {
  return cluster.resources.services.map((service) => {
    const { metadata, spec } = service
    return {
      name: `${metadata.namespace ?? 'default'}/${metadata.name}`,
      type: spec.type ?? 'ClusterIP',
      addresses: clusterIpsOf(service),
      outside: [...new Set(outsideIpsOf(service))],
      ports: (spec.ports ?? []).map(({ protocol = 'TCP', port, nodePort }) => ({
        protocol: protocol.toLowerCase(),
        port,
        ...(nodePort === undefined ? {} : { nodePort }),
      })),
      endpoints: isListed ? endpointsOf(cluster, service) : [],
    }
  })
}

/** Every address once: ports of a Service mostly have the same. */
function endpointsOf(cluster: Cluster, service: ServiceResource): TopologyEndpoint[] {
  const found = new Map<string, TopologyEndpoint>()
  for (const { endpoints } of cluster.serviceEndpoints(service)) {
    for (const { address, pod, node, ready } of endpoints) {
      const known = found.get(address)
      found.set(address, {
        address,
        ...(pod === undefined ? {} : { pod }),
        ...(node === undefined ? {} : { node }),
        ready: ready && known?.ready !== false,
      })
    }
  }
  return [...found.values()]
}
