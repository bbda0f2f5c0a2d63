import {
  INADDR_BROADCAST,
  IPTOS_RT_MASK,
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  isIpv4Multicast,
  readU32,
} from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { NUD_VALID } from '../kernel/nud.ts'
import { FIB_OK, RTN } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { Flow4 } from '../kernel/stack.ts'
import type { FibResult } from './fib.ts'
import { inetAddrOnlink, inetAddrTypeNumber } from './inet-addr.ts'
import { fibMultipathHash, fibSelectMultipath, hopsOf, isMultipath } from './multipath.ts'
import { ipRouteOutput } from './route-output.ts'
import { type Rtable, rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/** How long a redirect is believed (`gc_timeout`). */
const REDIRECT_TIME = 300 * SECOND

/** Asks the tables about a flow; the answer, or null. */
function lookup(ns: NetNs, asked: Flow4): FibResult | null {
  const { fib, scratch } = ipv4Of(ns)
  const { flow, result } = scratch.path
  flow.daddr = asked.daddr
  flow.saddr = asked.saddr
  flow.tos = asked.tos & IPTOS_RT_MASK
  flow.mark = asked.mark
  flow.oif = asked.oif
  flow.proto = asked.proto
  flow.sport = asked.sport
  flow.dport = asked.dport
  return fib.lookup(flow, result) === FIB_OK ? result : null
}

/** Learns a path MTU for the destination of a flow. @linux net/ipv4/route.c ipv4_update_pmtu */
export function ipUpdatePmtu(ns: NetNs, asked: Flow4, mtu: number): void {
  const rt = ipRouteOutput(ns, asked)
  if (typeof rt !== 'string') ipRtUpdatePmtu(ns, rt, asked, mtu)
}

/**
 * Learns a path MTU for the route a packet goes by, its IPv4 header at `at`, leaving by `dev`.
 * @linux net/ipv4/route.c ip_rt_update_pmtu
 */
export function ipDstUpdatePmtu(skb: PacketBuffer, at: number, dev: NetDevice, mtu: number): void {
  const rt = rtOf(skb)
  if (rt.mtuLocked || rt.mtu < mtu || isFresh(rt, mtu)) return
  const { bytes } = skb
  const { learned: own } = ipv4Of(dev.ns).scratch
  own.daddr = readU32(bytes, at + IPV4_DESTINATION)
  own.saddr = readU32(bytes, at + IPV4_SOURCE)
  own.tos = bytes[at + IPV4_TOS]!
  own.mark = skb.mark
  own.oif = dev.master === null ? dev : null
  own.proto = bytes[at + IPV4_PROTOCOL]!
  ipRtUpdatePmtu(dev.ns, rt, own, mtu)
}

/** Whether a route knows this very MTU and will for a while. */
function isFresh(rt: Rtable, mtu: number): boolean {
  const { ns } = rt.dev
  if (rt.exception === null || rt.pathMtu !== mtu || mtu < ns.ip.minPmtu) return false
  return ns.sim.clock.now < rt.exception.expires - ns.ip.mtuExpires / 2
}

/** Learns a path MTU for the destination of a flow that goes by a known route. @linux net/ipv4/route.c __ip_rt_update_pmtu */
function ipRtUpdatePmtu(ns: NetNs, rt: Rtable, asked: Flow4, mtu: number): void {
  if (rt.mtuLocked) return
  const old = rt.mtu
  if (old < mtu) return
  const { minPmtu, mtuExpires } = ns.ip
  const { now } = ns.sim.clock
  const locked = mtu < minPmtu
  const value = locked ? Math.min(old, minPmtu) : mtu
  if (!locked && isFresh(rt, mtu)) return
  const result = lookup(ns, asked)
  if (result === null) return
  for (const hop of hopsOf(result)) ipv4Of(ns).cache.learn(hop, asked.daddr, 0, value, locked, now + mtuExpires)
  ns.log?.pathMtu(null, asked.daddr, value, locked)
}

/**
 * Learns a redirect, if it may be believed. The gateway's neighbour must be known; else it is resolved first and the
 * redirect is lost.
 *
 * @linux net/ipv4/route.c __ip_do_redirect
 */
export function ipRedirect(ns: NetNs, asked: Flow4, gateway: number, oldGateway: number, dev: NetDevice): void {
  const rt = ipRouteOutput(ns, asked)
  if (typeof rt === 'string' || rt.gateway !== oldGateway) return
  if (!believable(ns, gateway, oldGateway, dev)) return
  const neigh = ns.neigh.lookupOrCreate(rt.dev, 'inet', gateway)
  if ((neigh.state & NUD_VALID) === 0) {
    ns.neigh.eventSend(neigh)
    return
  }
  const result = lookup(ns, asked)
  if (result === null) return
  if (isMultipath(result)) fibSelectMultipath(ns, result, fibMultipathHash(ns, ipv4Of(ns).scratch.path.flow))
  if (result.nexthop === null) return
  ipv4Of(ns).cache.learn(result.nexthop, asked.daddr, gateway, 0, false, ns.sim.clock.now + REDIRECT_TIME)
  ns.log?.redirect(null, asked.daddr, gateway)
}

function believable(ns: NetNs, gateway: number, oldGateway: number, dev: NetDevice): boolean {
  const conf = dev.conf4
  if (gateway === oldGateway || !conf.acceptRedirects) return false
  if (isIpv4Multicast(gateway) || gateway === INADDR_BROADCAST || gateway === 0) return false
  if (conf.sharedMedia) return inetAddrTypeNumber(ns, gateway, null) === RTN.UNICAST
  if (!inetAddrOnlink(dev, gateway, oldGateway)) return false
  return !conf.secureRedirects || isDefaultGateway(ns, gateway, dev)
}

/** Whether an address is the gateway of one of our routes on a device (`ip_fib_check_default`). */
function isDefaultGateway(ns: NetNs, gateway: number, dev: NetDevice): boolean {
  for (const table of ipv4Of(ns).fib.tables.values()) {
    for (const alias of table.aliases()) {
      if (alias.info.nexthops.some((hop) => hop.dev === dev && hop.gateway === gateway)) return true
    }
  }
  return false
}
