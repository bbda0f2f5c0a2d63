import * as v from 'valibot'
import {
  type BirdConfiguration,
  type BirdNeighbour,
  type FilterRoute,
  type FilterStatement,
  runFilter,
} from '../../control/index.ts'
import { InputError } from '../../model/index.ts'
import { hostPrefix, type Ip, type Prefix, parseCidr, parseIp, prefixOf } from '../../wire/index.ts'

/** A route that a filter is to judge. */
export interface BgpRoute {
  /** Destination; a single address stands for its /32 or /128. */
  readonly prefix: string
  /** Where BIRD has it from. */
  readonly source: 'static' | 'kernel' | 'direct' | 'bgp'
  /** Device that it leaves by, where a filter looks at it. */
  readonly interface?: string
  /** `krt_metric`. */
  readonly metric?: number
  /** `bgp_local_pref`. */
  readonly localPref?: number
  /** Communities, `aa:nn` and `aa:nn:mm`. */
  readonly communities?: readonly string[]
  /** Nearest first. */
  readonly asPath?: readonly number[]
  /** `bgp_next_hop`; the kernel's filter looks at it, too. */
  readonly nextHop?: string
}

/** Routes to or from a neighbour. */
export interface BgpPeerRoutes {
  /** Address of the neighbour. */
  readonly peer: string
  /** Its port; absent: 179. */
  readonly port?: number
  /** Routes, each judged by that neighbour's filter alone. */
  readonly routes: readonly BgpRoute[]
}

/** Routes of a family by the filter they go through. */
export interface BgpFamilyRoutes {
  /** Routes on their way to neighbours. */
  readonly export?: readonly BgpPeerRoutes[]
  /** Routes that neighbours send. */
  readonly import?: readonly BgpPeerRoutes[]
  /** Routes on their way into the kernel's table. */
  readonly kernel?: readonly BgpRoute[]
}

/** Routes by family. */
export interface BgpRoutes {
  /** Those for BIRD's IPv4 configuration. */
  readonly ipv4?: BgpFamilyRoutes
  /** Those for BIRD's IPv6 configuration. */
  readonly ipv6?: BgpFamilyRoutes
}

/** What a filter between neighbours does with a route. */
export type BgpVerdict =
  | { readonly verdict: 'reject' }
  | {
      readonly verdict: 'accept'
      readonly localPref: number | null
      readonly addedCommunities: readonly string[]
      /** As it stands in the path, nearest first. */
      readonly prepended: readonly number[]
    }

/** What the kernel's filter does with a route. */
export type BgpKernelVerdict =
  | { readonly verdict: 'reject' }
  | {
      readonly verdict: 'accept'
      readonly metric: number | null
      readonly tunnel: 'tunl0' | null
      readonly preference: number | null
    }

/** Verdicts of a family, by position of what was asked. */
export interface BgpFamilyVerdicts {
  /** A list for each neighbour, with a verdict for each of its routes. */
  readonly export: readonly (readonly BgpVerdict[])[]
  /** The same for what neighbours send. */
  readonly import: readonly (readonly BgpVerdict[])[]
  /** A verdict for each route into the kernel's table. */
  readonly kernel: readonly BgpKernelVerdict[]
}

/** Verdicts by family, for families that were asked. */
export interface BgpVerdicts {
  /** Of IPv4; absent when it was not asked. */
  readonly ipv4?: BgpFamilyVerdicts
  /** Of IPv6; absent when it was not asked. */
  readonly ipv6?: BgpFamilyVerdicts
}

const route = v.strictObject({
  prefix: v.string('a prefix'),
  source: v.picklist(['static', 'kernel', 'direct', 'bgp'], 'static, kernel, direct or bgp'),
  interface: v.exactOptional(v.string('the name of an interface')),
  metric: v.exactOptional(v.number('a number')),
  localPref: v.exactOptional(v.number('a number')),
  communities: v.exactOptional(v.array(v.string('a community, e.g. 65000:100'))),
  asPath: v.exactOptional(v.array(v.number('an AS number'))),
  nextHop: v.exactOptional(v.string('an address')),
})
const peerRoutes = v.strictObject({
  peer: v.string('the address of a neighbour'),
  port: v.exactOptional(v.number('a port')),
  routes: v.array(route),
})
const familyRoutes = v.strictObject({
  export: v.exactOptional(v.array(peerRoutes)),
  import: v.exactOptional(v.array(peerRoutes)),
  kernel: v.exactOptional(v.array(route)),
})

/** The shape of routes in a request. */
export const bgpRoutesShape: v.GenericSchema<unknown, BgpRoutes> = v.strictObject({
  ipv4: v.exactOptional(familyRoutes),
  ipv6: v.exactOptional(familyRoutes),
})

type FamilyName = 'ipv4' | 'ipv6'

/** What the filters of a node make of routes. */
export function verdictsOn(routes: BgpRoutes, configs: Readonly<Record<FamilyName, BirdConfiguration>>): BgpVerdicts {
  const of = (family: FamilyName): BgpVerdicts => {
    const asked = routes[family]
    return asked === undefined ? {} : { [family]: familyVerdicts(asked, configs[family], ['routes', family]) }
  }
  return { ...of('ipv4'), ...of('ipv6') }
}

type Path = readonly (string | number)[]

function familyVerdicts(asked: BgpFamilyRoutes, config: BirdConfiguration, path: Path): BgpFamilyVerdicts {
  const between = (way: 'import' | 'export'): BgpVerdict[][] =>
    (asked[way] ?? []).map((one, i) => {
      const neighbour = neighbourAt(config, one, [...path, way, i])
      return one.routes.map((given, n) => peerVerdict(neighbour[way], routeOf(given, [...path, way, i, 'routes', n])))
    })
  const kernel = (asked.kernel ?? []).map((given, i) =>
    kernelVerdict(config.kernel, routeOf(given, [...path, 'kernel', i])),
  )
  return { export: between('export'), import: between('import'), kernel }
}

function peerVerdict(filter: readonly FilterStatement[], given: FilterRoute): BgpVerdict {
  const { verdict, route: left } = runFilter(filter, given)
  if (verdict === 'reject') return { verdict }
  const [before, after] = [given.asPath ?? [], left.asPath ?? []]
  return {
    verdict,
    localPref: left.localPref ?? null,
    addedCommunities: (left.communities ?? []).filter((one) => given.communities?.includes(one) !== true),
    prepended: after.slice(0, after.length - before.length),
  }
}

function kernelVerdict(filter: readonly FilterStatement[], given: FilterRoute): BgpKernelVerdict {
  const { verdict, route: left } = runFilter(filter, given)
  if (verdict === 'reject') return { verdict }
  return { verdict, metric: left.metric ?? null, tunnel: left.tunnel ?? null, preference: left.preference ?? null }
}

/** The neighbour with an address and port; without one on that port, the first with the address. */
function neighbourAt(
  { neighbours }: BirdConfiguration,
  { peer, port = 179 }: BgpPeerRoutes,
  path: Path,
): BirdNeighbour {
  const address = parseIp(peer)
  const there = neighbours.filter((one) => one.address === address)
  const found = there.find((one) => (one.port ?? 179) === port) ?? there[0]
  if (found !== undefined) return found
  const known = neighbours.map((one) => one.address).join(', ')
  throw wrong([...path, 'peer'], known === '' ? 'a neighbour, and there is none' : `one of ${known}`, peer)
}

function routeOf(given: BgpRoute, path: Path): FilterRoute {
  const { prefix, nextHop, communities, ...rest } = given
  const hop = nextHop === undefined ? undefined : parseIp(nextHop)
  if (nextHop !== undefined && hop === undefined) throw wrong([...path, 'nextHop'], 'an address', nextHop)
  return {
    ...rest,
    prefix: prefixIn(prefix, [...path, 'prefix']),
    ...(communities === undefined
      ? {}
      : { communities: communities.map((one) => one.split(':').map(Number).join(':')) }),
    ...(hop === undefined ? {} : { nextHop: hop as Ip }),
  }
}

function prefixIn(text: string, path: Path): Prefix {
  const ip = parseIp(text)
  const cidr = ip === undefined ? parseCidr(text) : undefined
  if (ip !== undefined) return hostPrefix(ip)
  if (cidr === undefined) throw wrong(path, 'a prefix', text)
  return prefixOf(cidr.address, cidr.length)
}

function wrong(path: Path, expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path, expected, received: `"${received}"` }])
}
