import { keptIn, type Origin, once } from '../../model/index.ts'
import {
  contains,
  containsPrefix,
  hostPrefix,
  type Ip,
  isHostPrefix,
  type Prefix,
  parseIps,
  parsePrefix,
} from '../../wire/index.ts'
import type { BGPConfigurationResource } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Pool } from '../ipam/pool.ts'
import type { PortEndpoints } from '../kube-proxy/port-endpoints.ts'
import { portsOfService, type ServicePort } from '../kube-proxy/service-ports.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { type FieldPath, originOf } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Settings } from '../settings/settings.ts'
import type { BgpPlan } from './peerings.ts'

/** A range of addresses of Services, or one of them, that nodes tell their BGP peers. */
export interface ServiceAnnouncement {
  /** Range. */
  readonly dst: Prefix
  /** Nodes that announce it. */
  readonly from: readonly ClusterNode[]
  /** What made it. */
  readonly origin: Origin
}

/** What nodes announce of Services, and what becomes of it at others. */
export interface ServiceAnnouncements {
  /** Whether there is somebody to tell, and something is to be told of Services. */
  readonly isAsked: boolean
  /** Ranges, and addresses by themselves. */
  readonly list: readonly ServiceAnnouncement[]
  /** Nodes whose export filter keeps what they learned of a range from their own peers. */
  readonly silent: (dst: Prefix) => ReadonlySet<ClusterNode>
}

/** A configured range, and where it stands. */
interface Range {
  readonly cidr: Prefix
  readonly resource: OtherResource
  readonly path: FieldPath
}

/** Ranges by the kind of address. */
interface Ranges {
  readonly cluster: readonly Range[]
  readonly external: readonly Range[]
  readonly balancer: readonly Range[]
}

/** Label that keeps a node from announcing anything of Services; no other value than `true` does. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'
const CLUSTER_RANGE = 'CALICO_ADVERTISE_CLUSTER_IPS'

function rangesOf({ bgp, env }: Settings): Ranges {
  const of = (field: 'serviceClusterIPs' | 'serviceExternalIPs' | 'serviceLoadBalancerIPs'): Range[] =>
    (bgp?.spec[field] ?? []).flatMap(({ cidr }, i) => {
      const parsed = parsePrefix(cidr)
      return parsed === undefined ? [] : [{ cidr: parsed, resource: bgp!, path: ['spec', field, i, 'cidr'] }]
    })
  // The variable stands for the field, and takes its place.
  const variable = env.get(CLUSTER_RANGE)
  const given = variable === undefined || variable.value === '' ? undefined : variable
  const cidr = parsePrefix(given?.value ?? '')
  const fromEnv = given === undefined || cidr === undefined ? [] : [{ ...given, cidr }]
  return {
    cluster: given === undefined ? of('serviceClusterIPs') : fromEnv,
    external: of('serviceExternalIPs'),
    balancer: of('serviceLoadBalancerIPs'),
  }
}

function isAggregated(bgp: BGPConfigurationResource | undefined): boolean {
  return bgp?.spec.serviceLoadBalancerAggregation !== 'Disabled'
}

/**
 * Ranges that every node announces as they are. Single addresses of load balancers and external ones are announced by Service
 * instead: by all nodes they would undo externalTrafficPolicy Local.
 *
 * @calico confd/pkg/backends/calico/client.go
 */
function wholeRanges({ cluster, external, balancer }: Ranges, aggregated: boolean): readonly Range[] {
  const isWhole = ({ cidr }: Range): boolean => !isHostPrefix(cidr)
  return [...cluster, ...external.filter(isWhole), ...(aggregated ? balancer.filter(isWhole) : [])]
}

function isWithin(ip: Ip, ranges: readonly Range[]): boolean {
  return ranges.some(({ cidr }) => contains(cidr, ip))
}

/** Whether an address is in the list by itself. */
function isNamed(ip: Ip, ranges: readonly Range[]): boolean {
  return ranges.some(({ cidr }) => isHostPrefix(cidr) && contains(cidr, ip))
}

function balancerIps({ status }: ServiceResource): Ip[] {
  return parseIps((status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip))
}

function externalIps({ spec }: ServiceResource): Ip[] {
  return parseIps(spec.externalIPs ?? [])
}

/** Addresses of a Service that may be announced, each with the field that has it. */
function addressesOf(
  service: ServiceResource,
  ports: readonly ServicePort[],
  { cluster, external, balancer }: Ranges,
): Map<Prefix, FieldPath> {
  // With any range of ClusterIPs all of them are, in whatever range they lie.
  const own = cluster.length > 0 ? ports.map(({ clusterIp }) => clusterIp) : []
  const given = externalIps(service).filter((ip) => isWithin(ip, external))
  const balanced = balancerIps(service).filter((ip) => isWithin(ip, balancer))
  return new Map<Prefix, FieldPath>([
    ...balanced.map((ip) => [hostPrefix(ip), ['status', 'loadBalancer']] as const),
    ...given.map((ip) => [hostPrefix(ip), ['spec', 'externalIPs']] as const),
    ...own.map((ip) => [hostPrefix(ip), ['spec', 'clusterIP']] as const),
  ])
}

/** Everything the question who announces a Service is decided by. */
interface Facts {
  readonly ranges: Ranges
  readonly aggregated: boolean
  /** Nodes that take part. */
  readonly nodes: readonly ClusterNode[]
  /** Their places in the list, by name. */
  readonly placeOf: () => ReadonlyMap<string, number>
  readonly endpointsOf: (service: ServiceResource) => readonly PortEndpoints[]
  /** Whether EndpointSlices of a Service are in the input. */
  readonly isGiven: (service: ServiceResource) => boolean
}

/**
 * Nodes that announce a Service's addresses by themselves: those with a ready endpoint where its policy is Local; all, where
 * it has a single address that is configured as such, or ranges of load balancers are not announced whole.
 *
 * @calico confd/pkg/backends/calico/routes.go advertiseThisService
 */
function announcersOf(service: ServiceResource, isLocal: boolean, facts: Facts): readonly ClusterNode[] {
  const { ranges, aggregated, nodes, endpointsOf } = facts
  if (!isLocal) {
    const { type, loadBalancerIP = '' } = service.spec
    const balanced = type === 'LoadBalancer' ? [...balancerIps(service), ...parseIps([loadBalancerIP])] : []
    const isAlone =
      balanced.some((ip) => isNamed(ip, ranges.balancer)) ||
      externalIps(service).some((ip) => isNamed(ip, ranges.external))
    if (isAlone && hasSlices(service, facts)) return nodes
    if (aggregated) return []
  }
  const ready = endpointsOf(service).flatMap(({ endpoints }) => endpoints.filter((one) => one.ready))
  if (!isLocal) return ready.length > 0 ? nodes : []
  const places = new Set(ready.flatMap(({ node }) => facts.placeOf().get(node ?? '') ?? []))
  return [...places].sort((a, b) => a - b).map((place) => nodes[place]!)
}

function ofService(service: ServiceResource, facts: Facts): ServiceAnnouncement[] {
  const ports = ([4, 6] as const).flatMap((family) => portsOfService(service, family))
  const [first] = ports
  if (first === undefined) return []
  const addresses = addressesOf(service, ports, facts.ranges)
  const from = addresses.size === 0 ? [] : announcersOf(service, first.externalLocal, facts)
  if (from.length === 0) return []
  const note = `announced by ${from === facts.nodes ? 'every node' : wordsFor(from)}`
  return [...addresses].map(([dst, path]) => ({ dst, from, origin: originOf('bird', service, path, note) }))
}

/** Some nodes by name, many by number. */
function wordsFor(nodes: readonly ClusterNode[]): string {
  return nodes.length > 4 ? `${nodes.length} nodes` : nodes.map(({ name }) => name).join(' and ')
}

function ofRange({ cidr, resource, path }: Range, nodes: readonly ClusterNode[]): ServiceAnnouncement {
  return { dst: cidr, from: nodes, origin: originOf('bird', resource, path, 'announced by every node') }
}

/** An address that several Services have is announced by whoever announces it for one of them. */
function joined(list: readonly ServiceAnnouncement[]): ServiceAnnouncement[] {
  const byRange = new Map<Prefix, ServiceAnnouncement>()
  for (const one of list) {
    const known = byRange.get(one.dst)
    const more = known === undefined ? [] : one.from.filter((node) => !known.from.includes(node))
    if (known === undefined) byRange.set(one.dst, one)
    else if (more.length > 0) byRange.set(one.dst, { ...known, from: [...known.from, ...more] })
  }
  return [...byRange.values()]
}

/**
 * Nodes that do not pass on what they learned of a range. A node passes on what lies in a range it announces itself or in a pool,
 * a route reflector also what lies in any configured range but those of ClusterIPs.
 *
 * @calico node/filesystem/etc/calico/confd/templates/bird_ipam.cfg.template
 */
function silentNodes(
  all: readonly ClusterNode[],
  taking: ReadonlySet<ClusterNode>,
  pools: readonly Pool[],
  whole: readonly Range[],
  { external, balancer }: Ranges,
): ServiceAnnouncements['silent'] {
  const lists = [whole, [...external, ...balancer], pools.filter(({ disabled }) => !disabled)]
  const known = new Map<string, ReadonlySet<ClusterNode>>()
  return (dst) => {
    const [isWhole, isReflected, isPool] = lists.map((list) => list.some(({ cidr }) => containsPrefix(cidr, dst)))
    return keptIn(known, `${isWhole} ${isReflected} ${isPool}`, () => {
      const passes = (node: ClusterNode): boolean =>
        isPool === true ||
        (isWhole === true && taking.has(node)) ||
        (isReflected === true && node.routeReflector !== undefined)
      return new Set(all.filter((node) => !passes(node)))
    })
  }
}

/**
 * What nodes announce of Services to somebody: the ranges of a BGPConfiguration, and single addresses that lead to some only.
 * The kernel of a node has no route to any of it. @calico confd/pkg/backends/calico/routes.go
 */
export function serviceAnnouncements(
  services: readonly ServiceResource[],
  settings: Settings,
  { routers, strangers }: BgpPlan,
  all: readonly ClusterNode[],
  pools: readonly Pool[],
  { endpointsOf, isGiven }: Pick<Facts, 'endpointsOf' | 'isGiven'>,
): ServiceAnnouncements {
  const ranges = rangesOf(settings)
  const aggregated = isAggregated(settings.bgp)
  const nodes = all.filter(({ labels }) => labels[EXCLUDED] !== 'true')
  const whole = wholeRanges(ranges, aggregated)
  const placeOf = once(() => new Map(nodes.map(({ name }, i) => [name, i])))
  const facts: Facts = { ranges, aggregated, nodes, placeOf, endpointsOf, isGiven }
  const isAsked = Object.values(ranges).some((list) => list.length > 0) && routers.length + strangers.length > 0
  const silent = silentNodes(all, new Set(nodes), pools, whole, ranges)
  if (!isAsked) return { isAsked, list: [], silent }
  // Whoever is not described learns nothing here: that it would learn of these ranges is all that is asked.
  const list =
    routers.length === 0
      ? Object.values(ranges)
          .flat()
          .map((range) => ofRange(range, nodes))
      : [...whole.map((range) => ofRange(range, nodes)), ...services.flatMap((service) => ofService(service, facts))]
  const hidden = pools.filter(({ disableBgpExport }) => disableBgpExport)
  const isShown = ({ dst }: ServiceAnnouncement): boolean => !hidden.some(({ cidr }) => containsPrefix(cidr, dst))
  return { isAsked, list: joined(list).filter(isShown), silent }
}

/** Whether a Service has EndpointSlices, be they empty: one that selects pods always has. */
function hasSlices(service: ServiceResource, { isGiven }: Facts): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0 || isGiven(service)
}
