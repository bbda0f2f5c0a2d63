import {
  broadcastOf,
  explainCidr,
  type Ip,
  type Mac,
  parseCidr,
  parseIp,
  parseMac,
  parsePrefix,
  prefixOf,
} from '../wire/index.ts'
import type { Cable } from './cable.ts'
import type { Address, Interface, Scope } from './interface.ts'
import { InputError } from './issue.ts'
import { kernelRoutes } from './kernel-routes.ts'
import type { Namespace } from './namespace.ts'
import type { Neighbour, NeighState } from './neighbour.ts'
import { Network, type NetworkData } from './network.ts'
import type { Route, RouteType } from './route.ts'
import { inKernelOrder } from './route-order.ts'
import { textHash } from './seed.ts'
import { confKey } from './sysctl.ts'

const USER = { component: 'user' } as const

function refuse(path: readonly (string | number)[], expected: string, received: string): never {
  throw new InputError([{ kind: 'invalid', file: '', path, expected, received }])
}

/** What {@link address} may be told besides the address itself. */
export interface AddressOptions {
  /** Scope; absent = as the kernel chooses: host for loopback, link for fe80::/10, global for the rest. */
  readonly scope?: Scope
  /** Broadcast address: given, or `true` for the last one of the subnet; absent = none. */
  readonly broadcast?: string | true
  /** Label of an IPv4 address. */
  readonly label?: string
}

/**
 * An interface's address from `10.0.0.1/24` or `fd00::1/64`, as `ip address add` would make it.
 * @throws InputError when the text is no address with a prefix length
 */
export function address(text: string, options: AddressOptions = {}): Address {
  const cidr = parseCidr(text)
  if (cidr === undefined) return refuse(['address'], explainCidr(text)?.message ?? 'ADDRESS/LENGTH', text)
  const inet6 = cidr.address.includes(':')
  const broadcast =
    options.broadcast === true
      ? broadcastOf(prefixOf(cidr.address, cidr.length))
      : options.broadcast && ip(options.broadcast)
  return {
    family: inet6 ? 'inet6' : 'inet',
    local: cidr.address,
    prefixlen: cidr.length,
    ...(broadcast === undefined || broadcast === '' || inet6 ? {} : { broadcast }),
    scope: options.scope ?? implicitScope(cidr.address),
    ...(options.label === undefined ? {} : { label: options.label }),
  }
}

/** The scope `ip address add` gives when none is asked for. */
export function implicitScope(local: Ip): Scope {
  if (local.startsWith('127.') || local === '::1') return 'host'
  return /^fe[89ab]/.test(local) ? 'link' : 'global'
}

function ip(text: string): Ip {
  return parseIp(text) ?? refuse(['address'], 'an IP address', text)
}

/** What {@link iface} is told; everything but the name has a default. */
export interface InterfaceParts extends Partial<Omit<Interface, 'name' | 'mac' | 'addresses'>> {
  /** Name. */
  readonly name: string
  /** Link-layer address; absent = made from the name where the kind has one. */
  readonly mac?: string
  /** Addresses with prefix length, e.g. `10.0.0.1/24`. */
  readonly addresses?: readonly (string | Address)[]
}

const WITHOUT_MAC: ReadonlySet<string> = new Set(['ipip', 'wireguard'])

/**
 * An interface by hand: up, with carrier, a veth of MTU 1500 unless told otherwise. `ifindex` 0 (the default) means the
 * next free one when it gets into a {@link namespace}.
 * @throws InputError when an address or the MAC is none
 */
export function iface(parts: InterfaceParts): Interface {
  const { name, mac, addresses = [], kind = name === 'lo' ? 'loopback' : 'veth', ...rest } = parts
  return {
    ifindex: 0,
    mtu: kind === 'loopback' ? 65536 : 1500,
    up: true,
    carrier: true,
    txqlen: 1000,
    origin: USER,
    ...rest,
    name,
    kind,
    ...(WITHOUT_MAC.has(kind) ? {} : { mac: macOf(mac ?? defaultMac(kind, name)) }),
    addresses: addresses.map((item) => (typeof item === 'string' ? address(item) : item)),
  }
}

function macOf(text: string): Mac {
  return parseMac(text) ?? refuse(['mac'], 'a link-layer address', text)
}

/** A locally administered address made from a name, so that the same network always has the same bytes. */
function defaultMac(kind: string, name: string): string {
  if (kind === 'loopback') return '00:00:00:00:00:00'
  return `02:00:${textHash(name)
    .toString(16)
    .padStart(8, '0')
    .replace(/..(?!$)/g, '$&:')}`
}

/** What {@link route} is told besides the destination. */
export interface RouteParts extends Partial<Omit<Route, 'family' | 'dst' | 'via' | 'src'>> {
  /** Gateway. */
  readonly via?: string
  /** Preferred source. */
  readonly src?: string
}

/**
 * A route by hand, with the defaults of `ip route add`: table main, protocol boot, scope link without a gateway.
 * @param dst - a prefix, an address, or `default` (then the family follows from the gateway)
 * @throws InputError when an address or prefix is none
 */
export function route(dst: string, parts: RouteParts = {}): Route {
  const { via: viaText, src: srcText, ...rest } = parts
  const via = viaText === undefined ? undefined : ip(viaText)
  const inet6 = dst.includes(':') || (dst === 'default' && via?.includes(':') === true)
  const text =
    dst === 'default' ? (inet6 ? '::/0' : '0.0.0.0/0') : dst.includes('/') ? dst : `${dst}/${inet6 ? 128 : 32}`
  const prefix = parsePrefix(text) ?? refuse(['dst'], 'a prefix', dst)
  const type: RouteType = rest.type ?? 'unicast'
  const linked = type === 'unicast' && via === undefined && rest.nexthops === undefined
  return {
    family: inet6 ? 'inet6' : 'inet',
    type,
    table: 'main',
    protocol: 'boot',
    scope: linked && !inet6 ? 'link' : 'global',
    ...(inet6 ? { metric: 1024, pref: 'medium' as const } : {}),
    origin: USER,
    ...rest,
    dst: prefix,
    ...(via === undefined ? {} : { via }),
    ...(srcText === undefined ? {} : { src: ip(srcText) }),
  }
}

/** A neighbour by hand; permanent unless told otherwise. @throws InputError when an address is none */
export function neighbour(dst: string, dev: string, lladdr: string, state: NeighState = 'PERMANENT'): Neighbour {
  return { dst: ip(dst), dev, lladdr: macOf(lladdr), state, origin: USER }
}

/** What {@link namespace} is told. */
export interface NamespaceParts extends Partial<Omit<Namespace, 'name' | 'interfaces' | 'routes'>> {
  /** Interfaces, in index order; `lo` is added when absent. */
  readonly interfaces?: readonly (Interface | InterfaceParts)[]
  /** Routes besides those the kernel adds for the addresses. */
  readonly routes?: readonly Route[]
  /** `net.ipv4.ip_forward` and `net.ipv6.conf.all.forwarding`. */
  readonly forwarding?: boolean
}

/**
 * A namespace by hand: `lo`, the interfaces, the kernel's routes for their addresses and the routes given.
 * @throws InputError when an address is none
 */
export function namespace(name: string, parts: NamespaceParts = {}): Namespace {
  const { interfaces: given = [], routes = [], forwarding, sysctls, ...rest } = parts
  const links = numbered(
    given.map((item) => ('ifindex' in item && 'carrier' in item ? (item as Interface) : iface(item))),
  )
  const forward = forwarding === undefined ? {} : forwardingSysctls(forwarding, links)
  return {
    role: 'host',
    rules: [],
    neighbours: [],
    proxyNeighbours: [],
    fdb: [],
    origin: USER,
    ...rest,
    name,
    interfaces: Object.fromEntries(links.map((link): [string, Interface] => [link.name, link])),
    routes: inKernelOrder([
      ...links.flatMap((link) => kernelRoutes(link, { forwarding6: forwarding === true })),
      ...routes,
    ]),
    sysctls: { ...forward, ...sysctls },
  }
}

function numbered(links: readonly Interface[]): Interface[] {
  const all = links.some((link) => link.name === 'lo')
    ? links
    : [iface({ name: 'lo', addresses: ['127.0.0.1/8'] }), ...links]
  const used = new Set(all.map((link) => link.ifindex))
  let next = 1
  return all.map((link) => {
    if (link.ifindex !== 0) return link
    while (used.has(next)) next += 1
    used.add(next)
    return { ...link, ifindex: next }
  })
}

function forwardingSysctls(on: boolean, links: readonly Interface[]): Record<string, string> {
  const value = on ? '1' : '0'
  const sysctls: Record<string, string> = { 'net.ipv4.ip_forward': value }
  for (const dev of ['all', 'default', ...links.map((link) => link.name)]) {
    sysctls[confKey('ipv4', dev, 'forwarding')] = value
    sysctls[confKey('ipv6', dev, 'forwarding')] = value
  }
  return sysctls
}

/** A cable between two interfaces, each `[namespace, interface]`. */
export function cable(a: readonly [string, string], b: readonly [string, string]): Cable {
  return {
    ends: [
      { netns: a[0], dev: a[1] },
      { netns: b[0], dev: b[1] },
    ],
    origin: USER,
  }
}

/** A network from namespaces and wires. */
export function networkOf(
  namespaces: readonly Namespace[],
  wires: readonly Cable[] = [],
  shared: NetworkData['shared'] = {},
): Network {
  return new Network({
    namespaces: Object.fromEntries(namespaces.map((ns): [string, Namespace] => [ns.name, ns])),
    wires,
    shared,
  })
}
