import type { RouteException } from '../../model/index.ts'
import { type Ip6Key, keyToIpv6 } from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Fib6Nexthop } from './fib6-info.ts'

/** What was learned about one destination behind one route (`struct rt6_exception`). */
export interface RouteException6 {
  /** Destination key. */
  readonly daddr: string
  /** Identity of the next hop over recompilation. */
  readonly hop: string
  /** Gateway in use, '' = the destination is on the link. */
  readonly gateway: string
  /** Made by a redirect. */
  readonly redirected: boolean
  /** Learned path MTU, 0 = none. */
  mtu: number
  /** When it ends, in nanoseconds; 0 = never. */
  expires: number
  /** Name of the device. */
  readonly dev: string
}

/** What {@link RouteCache6.save} gives and {@link RouteCache6.load} takes. */
export type SavedRouteCache6 = readonly RouteException6[]

/** IPv6 route exceptions (path MTU, redirects) of a namespace. Volatile: kept over edits. */
export class RouteCache6 {
  private readonly ns: NetNs
  private readonly byDaddr = new Map<string, Map<string, RouteException6>>()

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** The exception for a destination behind a next hop; expired ones are removed (`rt6_find_cached_rt`). */
  find(hop: Fib6Nexthop, daddr: string): RouteException6 | null {
    if (this.byDaddr.size === 0) return null
    const entries = this.byDaddr.get(daddr)
    if (entries === undefined) return null
    const key = hopKey6(hop)
    const entry = entries.get(key)
    if (entry === undefined) return null
    if (entry.expires === 0 || this.ns.sim.clock.now <= entry.expires) return entry
    this.remove(entry)
    return null
  }

  /**
   * Learns a path MTU (`__ip6_rt_update_pmtu`). The time to live of one that is known is not extended.
   * @param lifetime - in nanoseconds
   */
  learnMtu(hop: Fib6Nexthop, daddr: string, mtu: number, lifetime: number): RouteException6 {
    const expires = this.ns.sim.clock.now + lifetime
    const known = this.find(hop, daddr)
    if (known !== null) {
      known.mtu = mtu
      if (known.expires === 0 || expires < known.expires) known.expires = expires
      return known
    }
    return this.put({ ...blank(hop, daddr), gateway: hop.gateway, redirected: false, mtu, expires })
  }

  /** Learns a redirect (`rt6_do_redirect`); gateway '' = the destination is a neighbour. */
  learnGateway(hop: Fib6Nexthop, daddr: string, gateway: string): RouteException6 {
    return this.put({ ...blank(hop, daddr), gateway, redirected: true, mtu: 0, expires: 0 })
  }

  /** Forgets one (`rt6_remove_exception`). */
  remove(entry: RouteException6): void {
    const entries = this.byDaddr.get(entry.daddr)
    if (entries?.get(entry.hop) === entry) entries.delete(entry.hop)
    if (entries?.size === 0) this.byDaddr.delete(entry.daddr)
  }

  /** Forgets all exceptions (`ip -6 route flush cache`). */
  flush(): void {
    this.byDaddr.clear()
  }

  /** Removes exceptions whose route is gone. */
  prune(isKnown: (hop: string, daddr: string) => boolean): void {
    for (const entry of this.entries()) if (!isKnown(entry.hop, entry.daddr)) this.remove(entry)
  }

  /** What `ip -6 route show cache` would print. */
  dump(): RouteException[] {
    const { now } = this.ns.sim.clock
    return this.entries()
      .filter((e) => e.expires === 0 || e.expires > now)
      .map((e) => ({
        family: 'inet6',
        dst: keyToIpv6(e.daddr as Ip6Key),
        ...(e.gateway === '' ? {} : { via: keyToIpv6(e.gateway as Ip6Key) }),
        ...(e.dev === '' ? {} : { dev: e.dev }),
        ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
        ...(e.expires === 0 ? {} : { expires: Math.floor((e.expires - now) / SECOND) }),
        ...(e.redirected ? { redirected: true } : {}),
      }))
  }

  /** The volatile state. */
  save(): SavedRouteCache6 {
    return this.entries().map((e) => ({ ...e }))
  }

  /** Goes back to a saved state. */
  load(saved: SavedRouteCache6): void {
    this.flush()
    for (const e of saved) this.put({ ...e })
  }

  private entries(): RouteException6[] {
    return [...this.byDaddr.values()].flatMap((of) => [...of.values()])
  }

  private put(entry: RouteException6): RouteException6 {
    const entries = this.byDaddr.get(entry.daddr) ?? new Map<string, RouteException6>()
    this.byDaddr.set(entry.daddr, entries.set(entry.hop, entry))
    return entry
  }
}

/** Identity of a next hop over recompilation. */
export function hopKey6(hop: Fib6Nexthop): string {
  return `${hop.info.key}#${hop.index}`
}

function blank(hop: Fib6Nexthop, daddr: string): Pick<RouteException6, 'daddr' | 'hop' | 'dev'> {
  return { daddr, hop: hopKey6(hop), dev: hop.dev?.name ?? '' }
}
