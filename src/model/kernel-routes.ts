import {
  broadcastOf,
  DEFAULT_IPV4,
  hostPrefix,
  type Ip,
  isHostPrefix,
  parsePrefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../wire/index.ts'
import type { Address, Interface } from './interface.ts'
import type { Origin } from './origin.ts'
import type { Route, RouteType } from './route.ts'
import { inKernelOrder } from './route-order.ts'

/** What besides the interface decides which routes the kernel adds. */
export interface KernelRouteOptions {
  /** `net.ipv6.conf.<dev>.forwarding`: a router joins the subnet-router anycast address of each of its subnets. */
  readonly forwarding6?: boolean
}

/**
 * The routes the kernel adds by itself for the addresses of an interface, in the order `ip route` prints them: local,
 * broadcast and connected ones for IPv4, local, connected, anycast and multicast ones for IPv6. An interface that is down
 * has only local routes: of its IPv4 addresses, and of IPv6 ones without duplicate address detection.
 *
 * @linux net/ipv4/fib_frontend.c fib_add_ifaddr
 * @linux net/ipv6/addrconf.c addrconf_prefix_route
 */
export function kernelRoutes(iface: Interface, options: KernelRouteOptions = {}): Route[] {
  const routes: Route[] = []
  for (const address of iface.addresses) {
    const added =
      address.family === 'inet' ? routesOfIpv4Address(iface, address) : routesOfIpv6Address(iface, address, options)
    for (const route of added) if (!routes.some((other) => sameRoute(other, route))) routes.push(route)
  }
  if (hasIpv6(iface)) routes.push(multicast6(iface))
  return inKernelOrder(routes)
}

/** The routes the kernel adds by itself for one IPv4 address of an interface. */
export function routesOfIpv4Address(iface: Interface, address: Address): Route[] {
  const origin = originOf(iface, address)
  const subnet = prefixOf(address.peer ?? address.local, address.prefixlen)
  const src = primaryOf(iface, address).local
  const make = (type: RouteType, dst: Route['dst']): Route => ({
    family: 'inet',
    dst,
    type,
    dev: iface.name,
    table: type === 'unicast' ? 'main' : 'local',
    protocol: 'kernel',
    scope: type === 'local' ? 'host' : 'link',
    src,
    origin,
  })
  const routes = [make('local', hostPrefix(address.local))]
  if (!iface.up) return routes
  if (address.broadcast !== undefined && address.broadcast !== '255.255.255.255') {
    routes.push(make('broadcast', hostPrefix(address.broadcast)))
  }
  const zeronet = prefixAddress(subnet).startsWith('0.')
  const itself = isHostPrefix(subnet) && prefixAddress(subnet) === address.local
  if (zeronet || subnet === DEFAULT_IPV4 || address.secondary === true || itself) return routes
  if (address.noprefixroute !== true) routes.push(make(iface.kind === 'loopback' ? 'local' : 'unicast', subnet))
  if (prefixLength(subnet) < 31) {
    const broadcast = make('broadcast', hostPrefix(broadcastOf(subnet)))
    if (!routes.some((route) => sameRoute(route, broadcast))) routes.push(broadcast)
  }
  return routes
}

/** The routes the kernel adds by itself for one IPv6 address of an interface, without the interface's multicast route. */
export function routesOfIpv6Address(iface: Interface, address: Address, options: KernelRouteOptions = {}): Route[] {
  if (!iface.up && address.nodad !== true) return []
  const origin = originOf(iface, address)
  const make = (type: RouteType, dst: Route['dst'], metric: number): Route => ({
    family: 'inet6',
    dst,
    type,
    dev: iface.name,
    table: type === 'unicast' ? 'main' : 'local',
    protocol: 'kernel',
    scope: 'global',
    ...(metric === 0 ? {} : { metric }),
    pref: 'medium',
    origin,
  })
  const routes: Route[] = []
  if (address.tentative !== true && address.dadfailed !== true) {
    routes.push(make('local', hostPrefix(address.local), 0))
  }
  if (!iface.up || (iface.kind === 'loopback' && address.local === '::1')) return routes
  const subnet = prefixOf(address.peer ?? address.local, address.prefixlen)
  if (address.noprefixroute !== true) routes.push(make('unicast', subnet, 256))
  if (options.forwarding6 === true && address.prefixlen < 127 && address.tentative !== true) {
    routes.push(make('anycast', hostPrefix(prefixAddress(subnet) as Ip), 0))
  }
  return routes
}

/** The ff00::/8 route of an interface that speaks IPv6. */
function multicast6(iface: Interface): Route {
  return {
    family: 'inet6',
    dst: parsePrefix('ff00::/8')!,
    type: 'multicast',
    dev: iface.name,
    table: 'local',
    protocol: 'kernel',
    scope: 'global',
    metric: 256,
    pref: 'medium',
    origin: { component: 'kernel', object: iface.name, note: 'every interface that speaks IPv6 has a multicast route' },
  }
}

function hasIpv6(iface: Interface): boolean {
  return iface.up && iface.kind !== 'loopback' && iface.addresses.some((address) => address.family === 'inet6')
}

/** A secondary address uses the first one of its subnet as source. */
function primaryOf(iface: Interface, address: Address): Address {
  if (address.secondary !== true) return address
  const subnet = prefixOf(address.local, address.prefixlen)
  return (
    iface.addresses.find(
      (other) =>
        other.family === 'inet' && other.secondary !== true && prefixOf(other.local, other.prefixlen) === subnet,
    ) ?? address
  )
}

function sameRoute(a: Route, b: Route): boolean {
  return a.dst === b.dst && a.type === b.type && a.dev === b.dev && a.src === b.src && a.table === b.table
}

function originOf(iface: Interface, address: Address): Origin {
  return {
    component: 'kernel',
    object: `${iface.name} ${address.local}/${address.prefixlen}`,
    note: 'added by the kernel with the address',
  }
}
