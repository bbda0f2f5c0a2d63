import {
  type BuildOptions,
  buildCluster,
  type Cluster,
  collectResources,
  type KnownResource,
  type OtherResource,
  parseCalicoVersion,
} from '../../src/control/index.ts'
import { type Route, routesOf } from '../../src/model/index.ts'

/** A node with an address (and its mask as Calico knows it). */
export function node(name: string, address: string, extra: Partial<KnownResource['metadata']> = {}): KnownResource {
  const annotations = { 'projectcalico.org/IPv4Address': address, ...extra.annotations }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...extra, annotations },
    status: { addresses: [{ type: 'InternalIP', address: address.split('/')[0]! }] },
  }
}

/** A pool. */
export function pool(name: string, cidr: string, spec: object = {}): KnownResource {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name },
    spec: { cidr, ...spec },
  } as KnownResource
}

/** A pod; with `ip` it has its address already. */
export function pod(
  name: string,
  nodeName: string,
  extra: { ip?: string; annotations?: Record<string, string> } = {},
): KnownResource {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...(extra.annotations ? { annotations: extra.annotations } : {}) },
    spec: { nodeName },
    ...(extra.ip === undefined ? {} : { status: { podIPs: [{ ip: extra.ip }] } }),
  }
}

/** Any other object. */
export function object(kind: string, name: string, spec: object): KnownResource {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec } as KnownResource
}

/** Builds a cluster; `version` such as `v3.30`. */
export function build(
  items: readonly (KnownResource | OtherResource)[],
  version = 'v3.30.0',
  options: BuildOptions = {},
): Cluster {
  return buildCluster(collectResources(items), { calicoVersion: parseCalicoVersion(version)!, ...options })
}

/** A pod's first address. */
export function addressOf(cluster: Cluster, name: string): string | undefined {
  return cluster.workloadEndpoints.find((endpoint) => endpoint.pod.metadata.name === name)?.addresses[0]
}

/** A route in `ip route` words, without the order of a real printer being judged here. */
export function routeWords(route: Route): string {
  const dst = route.dst === '0.0.0.0/0' ? 'default' : route.dst.replace(/\/32$|\/128$/, '')
  return [
    route.type === 'unicast' ? dst : `${route.type} ${dst}`,
    route.via && `via ${route.via}`,
    route.dev && `dev ${route.dev}`,
    route.protocol !== 'boot' && `proto ${route.protocol}`,
    route.family === 'inet' && route.scope !== 'global' && `scope ${route.scope}`,
    route.src && `src ${route.src}`,
    route.metric !== undefined && `metric ${route.metric}`,
    route.onlink && 'onlink',
    route.mtu !== undefined && `mtu ${route.mtu}`,
    route.pref && `pref ${route.pref}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** Routes of a namespace inside one of the pools' ranges (or given by a test of the line). */
export function routesMatching(cluster: Cluster, netns: string, wanted: RegExp, table = 'main'): string[] {
  return routesOf(cluster.network, cluster.network.namespaces[netns]!)
    .filter((route) => route.table === table)
    .map(routeWords)
    .filter((text) => wanted.test(text))
}
