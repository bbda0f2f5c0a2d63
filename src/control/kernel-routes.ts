import type { Address, Interface, Origin, Route } from '../model/index.ts'
import {
  broadcastOf,
  type Cidr,
  eui64LinkLocal,
  familyOf,
  hostPrefix,
  type Ip,
  type Mac,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../wire/index.ts'
import { numberOf } from './address-number.ts'

const KERNEL: Origin = { component: 'kernel', note: 'the kernel adds it with the address' }
const LINK_LOCAL: Prefix = 'fe80::/64' as Prefix
const MULTICAST: Prefix = 'ff00::/8' as Prefix

/** An interface address as the kernel keeps it after `ip address add`. */
export function addressEntry(cidr: Cidr, label: string, origin: Origin): Address {
  const { address, length } = cidr
  if (familyOf(address) === 6) {
    return { family: 'inet6', local: address, prefixlen: length, scope: 'global', nodad: true, origin }
  }
  const broadcast = length < 31 ? { broadcast: broadcastOf(prefixOf(address, length)) } : {}
  return { family: 'inet', local: address, prefixlen: length, ...broadcast, scope: 'global', label, origin }
}

/** The link-local address an interface gets by itself when it comes up with IPv6 on. @rfc 4291 App. A */
export function linkLocalEntry(mac: Mac): Address {
  return { family: 'inet6', local: eui64LinkLocal(mac), prefixlen: 64, scope: 'link', origin: KERNEL }
}

function local(family: 'inet' | 'inet6', dst: Prefix, dev: string, src?: Ip): Route {
  if (family === 'inet6') {
    return {
      family,
      dst,
      type: 'local',
      dev,
      table: 'local',
      protocol: 'kernel',
      scope: 'global',
      metric: 0,
      pref: 'medium',
      origin: KERNEL,
    }
  }
  const source = src === undefined ? {} : { src }
  return {
    family,
    dst,
    type: 'local',
    dev,
    table: 'local',
    protocol: 'kernel',
    scope: 'host',
    ...source,
    origin: KERNEL,
  }
}

/** Routes of one IPv4 address. @linux net/ipv4/fib_frontend.c fib_add_ifaddr */
function routesOfIpv4(dev: Interface, address: Address): Route[] {
  const src = address.local
  const routes = [local('inet', hostPrefix(src), dev.name, src)]
  if (!dev.up) return routes
  const net = prefixOf(src, address.prefixlen)
  const broadcast = address.prefixlen < 31 ? broadcastOf(net) : undefined
  const attributes = { dev: dev.name, protocol: 'kernel', scope: 'link', src, origin: KERNEL } as const
  if (address.prefixlen < 32) {
    if (dev.kind === 'loopback') routes.push(local('inet', net, dev.name, src))
    else routes.push({ family: 'inet', dst: net, type: 'unicast', table: 'main', ...attributes })
  }
  for (const dst of new Set([address.broadcast, broadcast])) {
    if (dst === undefined) continue
    routes.push({ family: 'inet', dst: hostPrefix(dst), type: 'broadcast', table: 'local', ...attributes })
  }
  return routes
}

function inet6(type: Route['type'], dst: Prefix, dev: string, table: string, metric: number): Route {
  return {
    family: 'inet6',
    dst,
    type,
    dev,
    table,
    protocol: 'kernel',
    scope: 'global',
    metric,
    pref: 'medium',
    origin: KERNEL,
  }
}

/** Routes of one IPv6 address; a forwarding interface also answers the subnet's router anycast address. @rfc 4291 §2.6.1 */
function routesOfIpv6(dev: Interface, address: Address, forwarding: boolean): Route[] {
  const routes = [local('inet6', hostPrefix(address.local), dev.name)]
  if (dev.kind === 'loopback') return routes
  const net = prefixOf(address.local, address.prefixlen)
  routes.push(inet6('unicast', net, dev.name, 'main', 256))
  if (forwarding && address.prefixlen < 127) {
    routes.push(inet6('anycast', hostPrefix(prefixAddress(net)), dev.name, 'local', 0))
  }
  return routes
}

/** The four routes an interface with only its link-local address has; the address may be shared by many interfaces. */
export function linkLocalRoutes(dev: string, address: Ip, forwarding: boolean): Route[] {
  const routes = [
    inet6('unicast', LINK_LOCAL, dev, 'main', 256),
    local('inet6', hostPrefix(address), dev),
    inet6('multicast', MULTICAST, dev, 'local', 256),
  ]
  if (forwarding) routes.push(inet6('anycast', 'fe80::/128' as Prefix, dev, 'local', 0))
  return routes
}

/**
 * The routes the kernel makes by itself for the addresses of an interface: local, broadcast, connected, and for IPv6
 * multicast and router anycast.
 *
 * @param forwarding - whether IPv6 forwarding is on
 * @linux net/ipv4/fib_frontend.c, net/ipv6/addrconf.c
 */
export function kernelRoutes(dev: Interface, forwarding: boolean): Route[] {
  const routes: Route[] = []
  let ipv6 = false
  for (const address of dev.addresses) {
    if (address.family === 'inet') routes.push(...routesOfIpv4(dev, address))
    else if (dev.up) {
      routes.push(...routesOfIpv6(dev, address, forwarding))
      ipv6 = true
    }
  }
  if (ipv6 && dev.kind !== 'loopback' && !dev.noarp) routes.push(inet6('multicast', MULTICAST, dev.name, 'local', 256))
  return routes
}

const TABLE_ORDER: Readonly<Record<string, number>> = { default: 253, main: 254, local: 255 }

/** Where a prefix stands in a dump. */
interface Place {
  readonly last: number | bigint
  readonly length: number
}

function placeOf(dst: Prefix): Place {
  const length = prefixLength(dst)
  const first = numberOf(prefixAddress(dst))
  if (typeof first === 'number') return { last: first, length }
  return { last: first | ((1n << BigInt(128 - length)) - 1n), length }
}

/**
 * Sorts routes as the kernel dumps them. IPv4: by table, then the order of the trie: by address, of equal ones the longer
 * prefix first. IPv6: a prefix comes after everything inside it.
 *
 * @linux net/ipv4/fib_trie.c fn_trie_dump_leaf, net/ipv6/ip6_fib.c fib6_walk
 */
export function dumpOrder(routes: readonly Route[]): Route[] {
  const places = new Map<Prefix, Place>()
  for (const { dst } of routes) if (!places.has(dst)) places.set(dst, placeOf(dst))
  const tableOf = (route: Route): number => TABLE_ORDER[route.table] ?? Number(route.table)
  return [...routes].sort((a, b) => {
    if (a.family !== b.family) return a.family === 'inet' ? -1 : 1
    if (a.table !== b.table) return tableOf(a) - tableOf(b)
    const [left, right] = [places.get(a.dst)!, places.get(b.dst)!]
    if (left.last !== right.last) return left.last < right.last ? -1 : 1
    if (left.length !== right.length) return right.length - left.length
    return (a.metric ?? 0) - (b.metric ?? 0)
  })
}
