import { sysctlOf } from '../../model/index.ts'
import { ipv6ToKey, prefixAddress } from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import { type InetPeer, InetPeers } from '../kernel/inet-peer.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FragQueues6, type SavedFragQueues6 } from './defrag.ts'
import { hopKey6, RouteCache6, type SavedRouteCache6 } from './exceptions.ts'
import { compileFib6, type Fib6, knowsHop6 } from './fib6.ts'

/** IPv6 settings of a namespace that are not per device. */
export interface Ip6Globals {
  /** conf.all.proxy_ndp. */
  readonly proxyNdp: boolean
  /** icmp.ratelimit in milliseconds, 0 = off. */
  readonly icmpRatelimit: number
  /** icmp.echo_ignore_all. */
  readonly echoIgnoreAll: boolean
  /** icmp.echo_ignore_multicast. */
  readonly echoIgnoreMulticast: boolean
  /** icmp.echo_ignore_anycast. */
  readonly echoIgnoreAnycast: boolean
  /** fwmark_reflect. */
  readonly fwmarkReflect: boolean
  /** route.mtu_expires, in nanoseconds. */
  readonly mtuExpires: number
  /** ip6frag_time, in nanoseconds. */
  readonly fragTime: number
  /** nf_conntrack_frag6_timeout, in nanoseconds. */
  readonly conntrackFragTime: number
  /** fib_multipath_hash_policy. */
  readonly multipathHashPolicy: number
}

/** What {@link Ipv6State.save} gives and {@link Ipv6State.load} takes. */
export interface SavedIpv6State {
  /** Exceptions. */
  readonly cache: SavedRouteCache6
  /** Incomplete packets. */
  readonly frags: SavedFragQueues6
  /** Peers and their limits. */
  readonly peers: ReadonlyMap<number | string, InetPeer>
  /** When routers were last asked after. */
  readonly routerProbes: ReadonlyMap<string, number>
}

/** Everything IPv6 of a namespace: compiled tables, and volatile state that is handed on when they are compiled again. */
export class Ipv6State {
  /** Namespace. */
  readonly ns: NetNs
  /** Routing tables and rules. */
  readonly fib: Fib6
  /** conf.all.forwarding: this host is a router. */
  readonly forwarding: boolean
  /** Settings. */
  readonly globals: Ip6Globals
  /** Devices by the addresses they have, in the order they registered. */
  readonly addresses: ReadonlyMap<string, readonly NetDevice[]>
  /** Anycast addresses of devices: the subnet-router addresses of a router. */
  readonly anycast: ReadonlyMap<NetDevice, ReadonlySet<string>>
  /** Route exceptions. */
  readonly cache: RouteCache6
  /** Incomplete packets. */
  readonly frags: FragQueues6
  /** Hosts that got ICMP errors and redirects. */
  readonly peers: InetPeers
  /** When routers were last asked after, by next hop. */
  readonly routerProbes: Map<string, number>
  /** Solicitations that the lookup under way has made due. */
  readonly dueProbes: { readonly dev: NetDevice; readonly target: string }[] = []

  constructor(ns: NetNs, before: Ipv6State | null) {
    this.ns = ns
    this.globals = readGlobals(ns)
    this.forwarding = Number(sysctlOf(ns.model, 'net.ipv6.conf.all.forwarding') ?? '0') !== 0
    this.cache = before?.cache ?? new RouteCache6(ns)
    this.frags = before?.frags ?? new FragQueues6(ns)
    this.peers = before?.peers ?? new InetPeers()
    this.routerProbes = before?.routerProbes ?? new Map()
    this.fib = compileFib6(ns)
    this.addresses = addressesOf(ns)
    this.anycast = anycastOf(ns)
    this.startRouterProbes()
    this.cache.prune((hop, daddr) => knowsHop6(this.fib, daddr, (one) => hopKey6(one) === hop))
  }

  /** Says that the routes are older than the simulation, in nanoseconds: a router is asked after a minute after its route was made. */
  assumeAge(age: number): void {
    for (const [hop, at] of this.routerProbes) this.routerProbes.set(hop, at - age)
  }

  /** New next hops of a host count as asked after just now; those that are gone are forgotten (`fib6_nh_init`). */
  private startRouterProbes(): void {
    const { now } = this.ns.sim.clock
    const before = new Map(this.routerProbes)
    this.routerProbes.clear()
    if (this.forwarding) return
    for (const { nexthops } of this.fib.infos()) {
      for (const hop of nexthops) {
        if (hop.gateway !== '') this.routerProbes.set(hopKey6(hop), before.get(hopKey6(hop)) ?? now)
      }
    }
  }

  /** The volatile state. */
  save(): SavedIpv6State {
    return {
      cache: this.cache.save(),
      frags: this.frags.save(),
      peers: this.peers.save(),
      routerProbes: new Map(this.routerProbes),
    }
  }

  /** Goes back to a saved state. */
  load(saved: SavedIpv6State): void {
    this.cache.load(saved.cache)
    this.frags.load(saved.frags)
    this.peers.load(saved.peers)
    this.routerProbes.clear()
    for (const [hop, at] of saved.routerProbes) this.routerProbes.set(hop, at)
  }
}

/** The IPv6 state of a namespace; null while IPv6 is off on all its devices. What packets changed is taken over from `before`. */
export function createIpv6State(ns: NetNs, before: Ipv6State | null): Ipv6State | null {
  return ns.devices.every((dev) => dev.conf6.disabled) ? null : new Ipv6State(ns, before)
}

function readGlobals(ns: NetNs): Ip6Globals {
  const n = (name: string, otherwise: number): number => Number(sysctlOf(ns.model, `net.${name}`) ?? String(otherwise))
  return {
    proxyNdp: n('ipv6.conf.all.proxy_ndp', 0) !== 0,
    icmpRatelimit: n('ipv6.icmp.ratelimit', 1000),
    echoIgnoreAll: n('ipv6.icmp.echo_ignore_all', 0) !== 0,
    echoIgnoreMulticast: n('ipv6.icmp.echo_ignore_multicast', 0) !== 0,
    echoIgnoreAnycast: n('ipv6.icmp.echo_ignore_anycast', 0) !== 0,
    fwmarkReflect: n('ipv6.fwmark_reflect', 0) !== 0,
    mtuExpires: n('ipv6.route.mtu_expires', 600) * SECOND,
    fragTime: n('ipv6.ip6frag_time', 60) * SECOND,
    conntrackFragTime: n('netfilter.nf_conntrack_frag6_timeout', 60) * SECOND,
    multipathHashPolicy: n('ipv6.fib_multipath_hash_policy', 0),
  }
}

function addressesOf(ns: NetNs): Map<string, NetDevice[]> {
  const addresses = new Map<string, NetDevice[]>()
  for (const dev of ns.devices) {
    if (dev.conf6.disabled) continue
    for (const { key } of dev.addrs6) {
      const devs = addresses.get(key)
      if (devs === undefined) addresses.set(key, [dev])
      else devs.push(dev)
    }
  }
  return addresses
}

function anycastOf(ns: NetNs): Map<NetDevice, Set<string>> {
  const anycast = new Map<NetDevice, Set<string>>()
  for (const route of ns.model.routes) {
    if (route.family !== 'inet6' || route.type !== 'anycast' || route.dev === undefined) continue
    const dev = ns.byName.get(route.dev)
    if (dev === undefined) continue
    anycast.set(dev, (anycast.get(dev) ?? new Set()).add(ipv6ToKey(prefixAddress(route.dst))))
  }
  return anycast
}
