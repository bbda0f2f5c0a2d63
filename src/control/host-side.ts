import { type Address, type Interface, kernelRoutes, type Neighbour, type Origin, type Route } from '../model/index.ts'
import { familyOf, hostPrefix, IPV6_MIN_MTU, type Ip, isIpv4 } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import { HOST_MAC, type WorkloadEndpoint } from './cni.ts'
import { preferredSource, protocolWord } from './felix/route-protocol.ts'
import { floatingAddresses } from './floating-addresses.ts'
import { linkLocalEntry } from './machine-address.ts'
import { originOf } from './origin.ts'
import type { Settings } from './settings/settings.ts'

/** What a node has for its pods. */
export interface HostSide {
  /** Host ends. */
  readonly interfaces: Interface[]
  /** Routes to the pods, and the kernel's for the host ends. */
  readonly routes: Route[]
  /** Permanent neighbours. */
  readonly neighbours: Neighbour[]
  /** Sysctls of the host ends. */
  readonly sysctls: Record<string, string>
}

/** The address every host end has, shared by all of them. */
const HOST_END_ADDRESSES: readonly Address[] = [linkLocalEntry(HOST_MAC)]
/** A host end too small for IPv6 has none of it. @linux net/ipv6/addrconf.c ipv6_add_dev */
const NO_ADDRESSES: readonly Address[] = []

/** Route of a local pod: made by the CNI plugin, later taken over by Felix. */
function localRoute(address: Ip, dev: string, settings: Settings, node: ClusterNode, origin: Origin): Route {
  const protocol = protocolWord('device', node.felix)
  const source = preferredSource(familyOf(address), node.felix)
  const dst = hostPrefix(address)
  if (familyOf(address) === 6) {
    const shared = { table: 'main', protocol, scope: 'global', ...source } as const
    const attributes = { ...shared, metric: 1024, pref: 'medium', origin } as const
    return { family: 'inet6', dst, type: 'unicast', dev, ...attributes }
  }
  return {
    family: 'inet',
    dst,
    type: 'unicast',
    dev,
    table: 'main',
    protocol,
    scope: 'link',
    ...source,
    ...(settings.traits.routeMetric === undefined ? {} : { metric: settings.traits.routeMetric }),
    origin,
  }
}

/**
 * The route to a local pod as the CNI plugin writes it: without metric and source, whoever calls it.
 *
 * @calico cni-plugin/pkg/dataplane/linux/dataplane_linux.go SetupRoutes
 */
export function cniRoutes({ addresses, interfaceName: dev, pod }: WorkloadEndpoint): Route[] {
  const origin = originOf('cni', pod, [], 'the plugin’s own route to the pod, until Felix writes its own')
  return addresses.map((address): Route => {
    const common = { dst: hostPrefix(address), type: 'unicast', dev, table: 'main', protocol: 'boot' } as const
    return isIpv4(address)
      ? { family: 'inet', ...common, scope: 'link', origin }
      : { family: 'inet6', ...common, scope: 'global', metric: 1024, pref: 'medium', origin }
  })
}

/** The host end of a pod's veth, without an IPv4 address. @calico cni-plugin/pkg/dataplane/linux/dataplane_linux.go */
export function hostEnd({ interfaceName, mtu, pod }: WorkloadEndpoint, ifindex: number): Interface {
  return {
    name: interfaceName,
    ifindex,
    kind: 'veth',
    mac: HOST_MAC,
    mtu,
    up: true,
    carrier: true,
    txqlen: 0,
    addresses: mtu >= IPV6_MIN_MTU ? HOST_END_ADDRESSES : NO_ADDRESSES,
    origin: originOf('cni', pod),
  }
}

function byFelix({ pod }: WorkloadEndpoint): Origin {
  return originOf('felix', pod, [], 'local pods are reached through their host ends')
}

/** The routes to a local pod as Felix writes them: to its addresses, and to those that lead to it. @calico felix/dataplane/linux/endpoint_mgr.go */
export function felixRoutes(endpoint: WorkloadEndpoint, settings: Settings, node: ClusterNode): Route[] {
  const { addresses, interfaceName: dev, pod } = endpoint
  const felix = byFelix(endpoint)
  const routes = addresses.map((address) => localRoute(address, dev, settings, node, felix))
  if (!node.felix.floatingIps) return routes
  const floating = floatingAddresses(pod, addresses)
  return [
    ...routes,
    ...floating.map(({ external, origin = felix }) => localRoute(external, dev, settings, node, origin)),
  ]
}

/** The permanent neighbours of a pod, IPv4 only. @calico felix/dataplane/linux/endpoint_mgr.go */
export function felixNeighbours(endpoint: WorkloadEndpoint): Neighbour[] {
  const { addresses, interfaceName: dev, mac: lladdr } = endpoint
  const origin = byFelix(endpoint)
  return addresses.filter(isIpv4).map((dst) => ({ dst, dev, lladdr, state: 'PERMANENT', origin }))
}

/** Sets the sysctls of a host end. @calico cni-plugin/pkg/dataplane/linux/dataplane_linux.go */
export function setHostSysctls(
  sysctls: Record<string, string>,
  { interfaceName: dev, addresses }: WorkloadEndpoint,
): void {
  sysctls[`net.ipv4.conf.${dev}.proxy_arp`] = '1'
  sysctls[`net.ipv4.conf.${dev}.route_localnet`] = '1'
  sysctls[`net.ipv4.neigh.${dev}.proxy_delay`] = '0'
  sysctls[`net.ipv6.conf.${dev}.accept_ra`] = '0'
  if (addresses.every(isIpv4)) return
  sysctls[`net.ipv6.conf.${dev}.accept_dad`] = '0'
  sysctls[`net.ipv6.conf.${dev}.proxy_ndp`] = '1'
}

/** What a pod adds to its node when the plugin and Felix are done: the host end, routes, the permanent ARP entry, sysctls. */
export function attachPod(
  host: HostSide,
  endpoint: WorkloadEndpoint,
  ifindex: number,
  settings: Settings,
  node: ClusterNode,
): void {
  const end = hostEnd(endpoint, ifindex)
  host.interfaces.push(end)
  host.routes.push(...felixRoutes(endpoint, settings, node), ...kernelRoutes(end, { forwarding6: true }))
  host.neighbours.push(...felixNeighbours(endpoint))
  setHostSysctls(host.sysctls, endpoint)
}
