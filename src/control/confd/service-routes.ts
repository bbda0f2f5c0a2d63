import { contains, hostPrefix, type Ip, isHostPrefix, type Prefix, parseIp } from '../../wire/index.ts'
import type { ConfdDatastore, ConfdNode, ConfdService, ConfdSlice } from './datastore.ts'
import { networkOf } from './read-objects.ts'

/** What a node announces of Services, and what its kernel never gets. */
export interface ServiceRoutes {
  /** Ranges and single addresses, both families. */
  readonly announced: readonly Prefix[]
  /** Ranges that are not for the kernel, also of nodes that announce nothing. */
  readonly rejected: readonly Prefix[]
}

/** Label that keeps a node from announcing anything of Services; no other value than `true` does. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** Ranges of a BGPConfiguration by the kind of address. */
interface Ranges {
  readonly cluster: readonly Prefix[]
  readonly external: readonly Prefix[]
  readonly balancer: readonly Prefix[]
}

/** A list with one that is no range counts as none. */
function rangesOf(texts: readonly string[]): readonly Prefix[] {
  const ranges = texts.map(networkOf)
  return ranges.includes(undefined) ? [] : (ranges as readonly Prefix[])
}

function configuredRanges({ settings, env }: ConfdDatastore): Ranges {
  // The variable stands for the field, and takes its place.
  const variable = env['CALICO_ADVERTISE_CLUSTER_IPS'] ?? ''
  return {
    cluster: rangesOf(variable === '' ? (settings?.serviceClusterIps ?? []) : [variable]),
    external: rangesOf(settings?.serviceExternalIps ?? []),
    balancer: rangesOf(settings?.serviceLoadBalancerIps ?? []),
  }
}

/** What a node announces of Services. @calico confd/pkg/backends/calico/client.go updateGlobalRoutes, routes.go */
export function serviceRoutes(datastore: ConfdDatastore, node: ConfdNode): ServiceRoutes {
  const ranges = configuredRanges(datastore)
  const aggregated = datastore.settings?.aggregation !== false
  const isWhole = (range: Prefix): boolean => !isHostPrefix(range)
  const rejected = [
    ...ranges.cluster,
    // Single addresses are announced by Service: by all nodes they would undo externalTrafficPolicy Local.
    ...ranges.external.filter(isWhole),
    ...(aggregated ? ranges.balancer.filter(isWhole) : []),
  ]
  if (node.labels[EXCLUDED] === 'true') return { announced: [], rejected: [...new Set(rejected)] }
  const name = datastore.env['CALICO_K8S_NODE_REF'] || node.name
  const single = datastore.services.flatMap((service) => {
    const slices = datastore.slices.get(service.key) ?? []
    return isAnnounced(service, slices, ranges, aggregated, name) ? addressesOf(service, ranges) : []
  })
  return { announced: [...new Set([...rejected, ...single])], rejected: [...new Set(rejected)] }
}

const TYPES: ReadonlySet<string> = new Set(['ClusterIP', 'NodePort', 'LoadBalancer'])

/** Whether a node announces the addresses of a Service by themselves. @calico routes.go advertiseThisService */
function isAnnounced(
  service: ConfdService,
  slices: readonly ConfdSlice[],
  ranges: Ranges,
  aggregated: boolean,
  node: string,
): boolean {
  const { type, clusterIp, externalTrafficPolicy: policy } = service
  if (slices.length === 0 || !TYPES.has(type) || clusterIp === undefined || clusterIp === 'None') return false
  if (policy === 'Cluster' && isNamedAlone(service, ranges)) return true
  const isLocal = policy === 'Local'
  if (!isLocal && aggregated) return false
  return slices
    .filter(({ addressType }) => service.ipFamilies.includes(addressType))
    .some(({ ready }) => ready.some((one) => !isLocal || one === node))
}

/** Whether one of its addresses is configured as a range of its own. */
function isNamedAlone({ type, loadBalancerIp, ingressIps, externalIps }: ConfdService, ranges: Ranges): boolean {
  const isAlone = (text: string, list: readonly Prefix[]): boolean => {
    const ip = parseIp(text)
    return ip !== undefined && list.some((range) => isHostPrefix(range) && contains(range, ip))
  }
  const balanced = type === 'LoadBalancer' ? [loadBalancerIp ?? '', ...ingressIps] : []
  return balanced.some((ip) => isAlone(ip, ranges.balancer)) || externalIps.some((ip) => isAlone(ip, ranges.external))
}

/** Addresses of a Service that may be announced: with any range of ClusterIPs all of them, in whatever range they lie. */
function addressesOf({ clusterIps, externalIps, ingressIps }: ConfdService, ranges: Ranges): Prefix[] {
  const within = (texts: readonly string[], list: readonly Prefix[]): Ip[] =>
    texts.flatMap((text) => {
      const ip = parseIp(text)
      return ip !== undefined && list.some((range) => contains(range, ip)) ? [ip] : []
    })
  const own = ranges.cluster.length > 0 ? clusterIps.flatMap((text) => parseIp(text) ?? []) : []
  return [...own, ...within(externalIps, ranges.external), ...within(ingressIps, ranges.balancer)].map(hostPrefix)
}
