import type { BgpPath, BirdConfiguration, LearnedPaths } from '../../control/index.ts'
import { type Namespace, type Nexthop, type Route, routesOf, tableId } from '../../model/index.ts'
import { compareIps, contains, type Ip, type Prefix, prefixAddress, prefixLength, prefixOf } from '../../wire/index.ts'
import type { Host } from '../host.ts'

/** Where a route of BIRD's leads. */
export type BirdDestination =
  | { readonly kind: 'blackhole' | 'unreachable' | 'prohibit' }
  | { readonly kind: 'device'; readonly dev: string }
  | { readonly kind: 'router'; readonly via: Ip; readonly dev: string }
  | { readonly kind: 'multipath'; readonly hops: readonly Nexthop[] }

/** A route in BIRD's table. */
export interface BirdRoute {
  readonly prefix: Prefix
  /** The protocol that has it. */
  readonly protocol: string
  readonly source: 'static' | 'kernel' | 'direct' | 'bgp'
  readonly preference: number
  readonly to: BirdDestination
  /** The path, of what a peer told. */
  readonly path?: BgpPath
  /** How far the next hop is: 0 on a subnet of the node, `?` behind a route without a distance, `-` nowhere. */
  readonly distance?: '0' | '?' | '-'
  /** The kernel's route, of what is learned from it. */
  readonly route?: Route
}

/** Whether an interface is one of a list of patterns, of which the first that fits decides. */
function fitsPatterns(name: string, patterns: readonly string[]): boolean {
  for (const pattern of patterns) {
    const isNegative = pattern.startsWith('-')
    const text = isNegative ? pattern.slice(1) : pattern
    const expression = new RegExp(
      `^${text
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    )
    if (expression.test(name)) return !isNegative
  }
  return false
}

function staticRoutes({ staticRoutes: given }: BirdConfiguration): BirdRoute[] {
  return given.flatMap(({ prefix, via }): BirdRoute[] => {
    const base = { prefix, protocol: 'static1', source: 'static', preference: 200 } as const
    // One with a gateway is there while an interface has the gateway's subnet: which, the caller says.
    return [{ ...base, to: via === undefined ? { kind: 'blackhole' } : { kind: 'router', via, dev: '' } }]
  })
}

/** Subnets of interfaces that are up. @rfc none BIRD leaves out what is not routed: link-local and the loopback's. */
function directRoutes(ns: Namespace, { directInterfaces, family }: BirdConfiguration): BirdRoute[] {
  const found = new Map<Prefix, BirdRoute>()
  for (const { name, up, addresses } of Object.values(ns.interfaces)) {
    if (!up || !fitsPatterns(name, directInterfaces)) continue
    for (const { family: of, local, peer, prefixlen, scope } of addresses) {
      if (of !== (family === 4 ? 'inet' : 'inet6') || scope === 'link' || scope === 'host') continue
      const prefix = prefixOf(peer ?? local, prefixlen)
      if (!found.has(prefix))
        found.set(prefix, {
          prefix,
          protocol: 'direct1',
          source: 'direct',
          preference: 240,
          to: { kind: 'device', dev: name },
        })
    }
  }
  return [...found.values()]
}

/** What others wrote into the main table: all but the kernel's own routes and BIRD's. */
function kernelRoutes(host: Host, { family }: BirdConfiguration): BirdRoute[] {
  return routesOf(host.lab.network, host.model).flatMap((route): BirdRoute[] => {
    const { protocol, dst: prefix } = route
    if (route.family !== (family === 4 ? 'inet' : 'inet6') || tableId(route.table) !== 254) return []
    if (protocol === 'kernel' || protocol === 'redirect' || protocol === 'bird') return []
    const to = destinationOf(route, host.model)
    return to === undefined ? [] : [{ prefix, protocol: 'kernel1', source: 'kernel', preference: 10, to, route }]
  })
}

function destinationOf({ type, dev, via, nexthops }: Route, ns: Namespace): BirdDestination | undefined {
  switch (type) {
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: type }
    case 'unicast':
      if (nexthops !== undefined) return { kind: 'multipath', hops: nexthops }
      if (dev === undefined || ns.interfaces[dev] === undefined) return undefined
      return via === undefined ? { kind: 'device', dev } : { kind: 'router', via, dev }
    default:
      return undefined
  }
}

/** The best route of those to hand that covers an address. */
function covering(routes: readonly BirdRoute[], address: Ip): BirdRoute | undefined {
  let best: BirdRoute | undefined
  for (const one of routes) {
    if (!contains(one.prefix, address)) continue
    const isLonger = best === undefined || prefixLength(one.prefix) > prefixLength(best.prefix)
    const isEqual = best !== undefined && prefixLength(one.prefix) === prefixLength(best.prefix)
    if (isLonger || (isEqual && one.preference > (best?.preference ?? 0))) best = one
  }
  return best
}

/** Where a route to a next hop leads, by the routes that need no other. */
function resolved(routes: readonly BirdRoute[], nextHop: Ip): Pick<BirdRoute, 'to' | 'distance'> {
  const by = covering(routes, nextHop)
  switch (by?.to.kind) {
    case 'device':
      return { to: { kind: 'router', via: nextHop, dev: by.to.dev }, distance: by.source === 'direct' ? '0' : '?' }
    case 'router':
      return { to: by.to, distance: '?' }
    case 'multipath':
      return { to: by.to, distance: '?' }
    default:
      return { to: { kind: 'unreachable' }, distance: '-' }
  }
}

/**
 * BIRD's table: statics, subnets, what stands in the kernel's table, and what peers told; of a prefix the best comes first. BIRD
 * prints prefixes as its hash has them, here they are in order.
 */
export function birdTable(host: Host, config: BirdConfiguration, learned: LearnedPaths): BirdRoute[] {
  const direct = directRoutes(host.model, config)
  const statics = staticRoutes(config).flatMap((one): BirdRoute[] => {
    if (one.to.kind !== 'router') return [one]
    const { via } = one.to
    const on = direct.find(({ prefix }) => contains(prefix, via))
    return on?.to.kind === 'device' ? [{ ...one, to: { kind: 'router', via, dev: on.to.dev } }] : []
  })
  const own = [...statics, ...direct, ...kernelRoutes(host, config)]
  const names = new Map(config.neighbours.map(({ address, name }) => [address, name]))
  const told = [...learned].flatMap(([prefix, paths]) =>
    paths.flatMap((path): BirdRoute[] => {
      const protocol = names.get(path.told?.by.address as Ip)
      const { nextHop } = path.route
      if (protocol === undefined || nextHop === undefined) return []
      const base = { prefix, protocol, source: 'bgp', preference: path.preference, path } as const
      return [{ ...base, ...resolved(own, nextHop) }]
    }),
  )
  return [...own, ...told].sort((a, b) => comparePrefixes(a.prefix, b.prefix) || b.preference - a.preference)
}

function comparePrefixes(a: Prefix, b: Prefix): number {
  return compareIps(prefixAddress(a), prefixAddress(b)) || prefixLength(a) - prefixLength(b)
}
