import { type Cable, kernelRoutes, type Namespace, type Origin, type Route } from '../../model/index.ts'
import { DEFAULT_IPV4, DEFAULT_IPV6, type Family, familyOf, type Ip, type Prefix, prefixOf } from '../../wire/index.ts'
import { hiddenMac } from './mac.ts'
import { machineInterface, plainNamespace } from './machine.ts'
import type { PlannedInterface, PlannedSegment } from './plan.ts'

/** One router's way to the internet. */
export interface Uplink {
  /** The router. */
  readonly router: string
  /** The router's end of it. */
  readonly inside: PlannedInterface
  /** The internet's end. */
  readonly outside: PlannedInterface
  /** The ranges behind the router that the internet knows of. */
  readonly back: readonly Prefix[]
}

/** The link between a router and the internet; ranges that no cluster uses. */
interface Link {
  readonly router: Ip
  readonly internet: Ip
  readonly length: number
}

/** The first link is in documentation ranges, further ones in the range of benchmarks (IPv6: further documentation ranges). */
function linkOf(family: Family, number: number): Link {
  if (family === 6) {
    const net = number === 0 ? '2001:db8::' : `2001:db8:0:${number.toString(16)}::`
    return { router: `${net}1` as Ip, internet: `${net}2` as Ip, length: 64 }
  }
  const net = number === 0 ? [203, 0, 113, 0] : [198, 18, number >> 6, (number & 63) * 4]
  const host = (last: number): Ip => [...net.slice(0, 3), net[3]! + last].join('.') as Ip
  return { router: host(1), internet: host(2), length: 30 }
}

/** What the uplink of a router rests on. */
const WAN: PlannedSegment = {
  name: 'wan',
  nets: [],
  mtu: 1500,
  origin: { component: 'underlay', note: 'the router’s way out' },
}

const INTERNET_ORIGIN: Origin = {
  component: 'underlay',
  note: 'an internet that answers for every public address',
  assumed: true,
}

/** The uplink of the router that is the `number`-th with one. */
export function uplinkOf(
  router: string,
  number: number,
  families: readonly Family[],
  seed: number,
  back: readonly Prefix[],
): Uplink {
  const end = (side: 'router' | 'internet', name: string, seedName: string): PlannedInterface => ({
    name,
    kind: 'ethernet',
    segment: WAN,
    addresses: families.map((family) => {
      const link = linkOf(family, number)
      return { address: link[side], length: link.length }
    }),
    mtu: 1500,
    mac: hiddenMac(seed, `${seedName}/${name}`),
    origin: WAN.origin,
  })
  const outside = end('internet', `eth${number}`, 'internet')
  return { router, inside: end('router', 'wan0', number === 0 ? 'router' : router), outside, back }
}

/** The default routes of a router by its uplink. */
export function uplinkRoutes({ outside }: Uplink): Route[] {
  return outside.addresses.map(({ address }): Route => {
    const common = { type: 'unicast', via: address, dev: 'wan0', table: 'main', protocol: 'static' } as const
    const rest = { scope: 'global', origin: WAN.origin } as const
    return familyOf(address) === 4
      ? { family: 'inet', dst: DEFAULT_IPV4, ...common, ...rest }
      : { family: 'inet6', dst: DEFAULT_IPV6, ...common, ...rest, metric: 1024, pref: 'medium' }
  })
}

/** The cable of an uplink. */
export function uplinkCable({ router, inside, outside }: Uplink, internet: string): Cable {
  return {
    ends: [
      { netns: router, dev: inside.name },
      { netns: internet, dev: outside.name },
    ],
    origin: WAN.origin,
  }
}

/** The internet behind routers: it answers for every address, and knows the way back to what is not hidden behind one. */
export function internetNamespace(name: string, uplinks: readonly Uplink[]): Namespace {
  const devices = uplinks.map(({ outside }, i) => machineInterface(outside, i + 2))
  return plainNamespace({
    name,
    role: 'external',
    devices,
    routes: [...devices.flatMap((dev) => kernelRoutes(dev)), ...internetRoutes(uplinks)],
    origin: INTERNET_ORIGIN,
  })
}

/**
 * The routes of the internet: every address is local, except the way back to the segments. IPv4: without policy rules the
 * kernel keeps `local` and `main` as one table, so the longer prefixes of the way back win. IPv6 asks `local` first, where
 * `throw` sends the lookup on to `main`.
 *
 * @linux include/net/ip_fib.h fib_lookup, net/ipv6/fib6_rules.c fib6_rule_lookup
 */
function internetRoutes(uplinks: readonly Uplink[]): Route[] {
  const origin = INTERNET_ORIGIN
  return ([4, 6] as const).flatMap((family): Route[] => {
    const used = uplinks.filter(({ inside }) => inside.addresses.some(({ address }) => familyOf(address) === family))
    if (used.length === 0) return []
    const v6 = family === 6 ? ({ metric: 1024, pref: 'medium' } as const) : {}
    const common = { family: family === 4 ? 'inet' : 'inet6', origin, protocol: 'static', ...v6 } as const
    const links = used.map(({ inside }) => inside.addresses.find(({ address }) => familyOf(address) === family)!)
    const back = used.flatMap((uplink, i) =>
      uplink.back
        .filter((net) => familyOf(net) === family)
        .map((dst) => ({ dst, via: links[i]!.address, dev: uplink.outside.name })),
    )
    const near = links.map(({ address, length }) => prefixOf(address, length))
    const elsewhere = family === 4 ? [] : [...back.map(({ dst }) => dst), ...near, 'fe80::/10' as Prefix]
    return [
      {
        ...common,
        dst: family === 4 ? DEFAULT_IPV4 : DEFAULT_IPV6,
        type: 'local',
        dev: 'lo',
        table: 'local',
        scope: family === 4 ? 'host' : 'global',
      },
      ...elsewhere.map((dst): Route => ({ ...common, dst, type: 'throw', table: 'local', scope: 'global' })),
      ...back.map((hop): Route => ({ ...common, ...hop, type: 'unicast', table: 'main', scope: 'global' })),
    ]
  })
}
