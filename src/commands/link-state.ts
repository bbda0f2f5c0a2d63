import {
  type Address,
  cablePeer,
  confKey,
  hasCarrier,
  type Interface,
  kernelRoutes,
  linkSource,
  type Namespace,
  type Network,
  type Route,
  sysctlOf,
} from '../model/index.ts'
import { eui64LinkLocal, IPV6_MIN_MTU, isIpv4 } from '../wire/index.ts'
import { withInterface, withNamespace, withRoutes } from './edit.ts'

/** Whether IPv6 runs on an interface. */
function speaksIpv6(ns: Namespace, dev: string): boolean {
  return sysctlOf(ns, confKey('ipv6', dev, 'disable_ipv6')) !== '1'
}

/** The routes the kernel adds for an interface with the sysctls of its namespace. */
export function kernelRoutesIn(ns: Namespace, link: Interface): Route[] {
  return kernelRoutes(link, { forwarding6: sysctlOf(ns, confKey('ipv6', link.name, 'forwarding')) === '1' })
}

/**
 * Sets an interface up: the routes of its addresses come back, IPv6 makes its link-local address. Duplicate address
 * detection is taken as passed.
 *
 * @linux net/ipv4/fib_frontend.c fib_netdev_event
 * @linux net/ipv6/addrconf.c addrconf_notify
 */
export function linkUp(network: Network, ns: Namespace, link: Interface): Network {
  if (link.up) return network
  const addresses = link.kind === 'loopback' ? withLoopbackAddress(link) : link.addresses
  return carriersChanged(
    withNamespace(
      network,
      withInterface(ns, { ...link, up: true, carrier: link.carrier || isVirtual(link), addresses }),
    ),
    ns.name,
    link.name,
  )
}

/** Whether a device has nothing that could take its carrier away: one with an end elsewhere or with ports has. */
function isVirtual({ kind }: Interface): boolean {
  return kind !== 'veth' && kind !== 'ethernet' && kind !== 'bridge'
}

/** `lo` without an IPv4 address gets 127.0.0.1/8. @linux net/ipv4/devinet.c inetdev_event */
function withLoopbackAddress(link: Interface): readonly Address[] {
  if (link.addresses.some((address) => address.family === 'inet')) return link.addresses
  const local = '127.0.0.1' as Address['local']
  return [{ family: 'inet', local, prefixlen: 8, scope: 'host', label: link.name }, ...link.addresses]
}

/**
 * Sets an interface down: its routes go (local ones of IPv4 stay), its neighbours and its IPv6 addresses go.
 *
 * @linux net/ipv4/fib_semantics.c fib_sync_down_dev
 * @linux net/core/neighbour.c neigh_ifdown
 */
export function linkDown(network: Network, ns: Namespace, link: Interface): Network {
  if (!link.up) return network
  const addresses = link.addresses.filter((address) => address.family === 'inet')
  const down: Interface = { ...link, up: false, carrier: false, addresses }
  const next: Namespace = {
    ...withInterface(ns, down),
    routes: ns.routes.flatMap((route) =>
      routeAfterDown({ ...ns, interfaces: { ...ns.interfaces, [link.name]: down } }, route, link.name),
    ),
    neighbours: ns.neighbours.filter((entry) => entry.dev !== link.name),
    proxyNeighbours: ns.proxyNeighbours.filter((entry) => entry.dev !== link.name),
    fdb: ns.fdb.filter((entry) => entry.dev !== link.name || entry.state !== '' || entry.self === true),
  }
  return carriersChanged(withNamespace(network, next), ns.name, link.name)
}

/** What is left of a route when a device goes down: nothing, all of it, or (IPv6) its other next hops. */
function routeAfterDown(ns: Namespace, route: Route, dev: string): Route[] {
  if (route.nexthops === undefined) {
    const stays = route.dev !== dev || (route.family === 'inet' && route.type === 'local')
    return stays ? [route] : []
  }
  if (!route.nexthops.some((hop) => hop.dev === dev)) return [route]
  const alive = route.nexthops.filter((hop) => hop.dev !== undefined && ns.interfaces[hop.dev]?.up === true)
  if (alive.length === 0) return []
  return route.family === 'inet' ? [route] : withHops(route, alive)
}

function withoutWeight(hop: NonNullable<Route['nexthops']>[number]): Partial<Route> {
  const { weight: _, ...rest } = hop
  return rest
}

/** Brings everything up to date that depends on the carrier of an interface, at both ends of its wire and in its bridge. */
export function carriersChanged(network: Network, netns: string, dev: string): Network {
  let next = refresh(network, netns, dev)
  const peer = cablePeer(network, netns, dev)
  if (peer !== undefined) next = refresh(next, peer.netns, peer.dev)
  return next
}

function refresh(network: Network, netns: string, dev: string): Network {
  const ns = network.namespaces[netns]
  const link = ns?.interfaces[dev]
  if (ns === undefined || link === undefined) return network
  const carrier = hasCarrier(linkSource(network), netns, dev)
  let next = ready({ ...ns, neighbours: keepNeighbours(ns, link, carrier) }, { ...portOf(link, carrier), carrier })
  if (link.master !== undefined) {
    const bridge = next.interfaces[link.master]
    if (bridge !== undefined) {
      const up = hasCarrier(linkSource(network, next), netns, bridge.name)
      next = ready(next, { ...bridge, carrier: up })
    }
  }
  return withNamespace(network, next)
}

/** A lost carrier costs the neighbours that were learned. @linux net/core/neighbour.c neigh_carrier_down */
function keepNeighbours(ns: Namespace, link: Interface, carrier: boolean): Namespace['neighbours'] {
  if (carrier || !link.carrier) return ns.neighbours
  return ns.neighbours.filter((entry) => entry.dev !== link.name || entry.state === 'PERMANENT')
}

/** A port without carrier is disabled; without spanning tree it forwards as soon as it has one. */
function portOf(link: Interface, carrier: boolean): Interface {
  if (link.master === undefined) return link
  return { ...link, port: { ...link.port, state: carrier ? 'forwarding' : 'disabled' } }
}

/** An interface that is up gets its kernel routes, and with carrier its link-local IPv6 address. */
function ready(ns: Namespace, link: Interface): Namespace {
  if (!link.up) return withInterface(ns, link)
  const addresses = [...link.addresses, ...linkLocal(ns, link)]
  const full = { ...link, addresses }
  return withRoutes(withInterface(ns, full), kernelRoutesIn(ns, full))
}

/**
 * Sets an MTU. Below the least of IPv6 an interface has none of it: addresses, routes and neighbours go, and do not come back with the
 * MTU, but for the link-local address.
 *
 * @linux net/ipv6/addrconf.c addrconf_notify
 */
export function mtuSet(network: Network, ns: Namespace, link: Interface, mtu: number): Network {
  const changed = { ...link, mtu }
  if (mtu < IPV6_MIN_MTU) return withNamespace(network, withoutIpv6(withInterface(ns, changed), link.name))
  return withNamespace(network, link.mtu < IPV6_MIN_MTU ? ready(ns, changed) : withInterface(ns, changed))
}

/** An interface without IPv6: no addresses, routes and neighbours of it. @linux net/ipv6/addrconf.c addrconf_ifdown */
export function withoutIpv6(ns: Namespace, dev: string): Namespace {
  const link = ns.interfaces[dev]
  if (link === undefined) return ns
  return {
    ...withInterface(ns, { ...link, addresses: link.addresses.filter((address) => address.family === 'inet') }),
    routes: ns.routes.flatMap((route) => (route.family === 'inet' ? [route] : withoutHops(route, dev))),
    neighbours: ns.neighbours.filter((entry) => entry.dev !== dev || isIpv4(entry.dst)),
    proxyNeighbours: ns.proxyNeighbours.filter((entry) => entry.dev !== dev || isIpv4(entry.dst)),
  }
}

/** What is left of a route of IPv6 without a device. */
function withoutHops(route: Route, dev: string): Route[] {
  if (route.nexthops === undefined) return route.dev === dev ? [] : [route]
  return withHops(
    route,
    route.nexthops.filter((hop) => hop.dev !== dev),
  )
}

/** A route of IPv6 with these of its next hops. */
function withHops(route: Route, hops: NonNullable<Route['nexthops']>): Route[] {
  const { nexthops: before = [], ...rest } = route
  if (hops.length === before.length) return [route]
  if (hops.length === 0) return []
  return [hops.length === 1 ? { ...rest, ...withoutWeight(hops[0]!) } : { ...rest, nexthops: hops }]
}

function linkLocal(ns: Namespace, link: Interface): Address[] {
  if (!speaksIpv6(ns, link.name) || link.mtu < IPV6_MIN_MTU) return []
  const has = (local: string): boolean => link.addresses.some((address) => address.local === local)
  if (link.kind === 'loopback') {
    return has('::1') ? [] : [{ family: 'inet6', local: '::1' as Address['local'], prefixlen: 128, scope: 'host' }]
  }
  const generated = link.addrGenMode === undefined || link.addrGenMode === 'eui64'
  const already = link.addresses.some((address) => address.family === 'inet6' && address.scope === 'link')
  if (!link.carrier || !generated || already || link.mac === undefined) return []
  return [{ family: 'inet6', local: eui64LinkLocal(link.mac), prefixlen: 64, scope: 'link' }]
}
