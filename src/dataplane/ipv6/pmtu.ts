import { IPV6_MIN_MTU } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Stack } from '../kernel/stack.ts'
import { hopKey6 } from './exceptions.ts'
import { knowsHop6 } from './fib6.ts'
import { ip6RouteOutput } from './route-output.ts'
import type { Rt6 } from './rt6.ts'
import { ipv6Of } from './slot.ts'

/** What names the route whose MTU is learned. */
export type PmtuFlow6 = Parameters<Stack['ip6UpdatePmtu']>[1]

/**
 * Learns a path MTU for a destination of this host's packets: never above what is known, never below IPv6's least.
 *
 * @linux net/ipv6/route.c ip6_update_pmtu, __ip6_rt_update_pmtu
 */
export function ip6UpdatePmtu(ns: NetNs, flow: PmtuFlow6, mtu: number): void {
  const rt = ip6RouteOutput(ns, { ...flow, tclass: 0, proto: 0, sport: 0, dport: 0 })
  if (typeof rt === 'string') return
  const ip6 = ipv6Of(ns)
  const { nexthop } = rt
  if (ip6 === null || nexthop === null || rt.mtuLocked) return
  ns.sim.stack.neighConfirm(ns, rt.dev, 'inet6', rt.gateway ?? flow.daddr)
  if (mtu < IPV6_MIN_MTU || mtu >= rt.mtu) return
  ip6.cache.learnMtu(nexthop, flow.daddr, mtu, ip6.globals.mtuExpires)
  ns.log?.pathMtu(rt.dev, flow.daddr, mtu, false)
}

/**
 * Learns a redirect: the destination is reached by another router, or is a neighbour itself ('' as gateway). Only the router
 * in use may say so.
 *
 * @linux net/ipv6/route.c ip6_route_redirect, rt6_do_redirect
 * @param router - who sent the redirect
 * @returns false when it is not believed
 */
export function ip6LearnRedirect(
  ns: NetNs,
  dev: NetDevice,
  saddr: string,
  daddr: string,
  router: string,
  gateway: string,
): boolean {
  const flow = { daddr, saddr, tclass: 0, mark: 0, oif: dev, proto: 0, sport: 0, dport: 0 }
  const rt = ip6RouteOutput(ns, flow)
  const ip6 = ipv6Of(ns)
  if (typeof rt === 'string' || ip6 === null || rt.nexthop === null) return false
  if (rt.gateway !== router || rt.dev !== dev) return false
  if (!knowsHop6(ip6.fib, daddr, (hop) => hopKey6(hop) === hopKey6(rt.nexthop as NonNullable<Rt6['nexthop']>)))
    return false
  ns.sim.stack.neighConfirm(ns, dev, 'inet6', router)
  ip6.cache.learnGateway(rt.nexthop, daddr, gateway)
  ns.log?.redirect(rt.dev, daddr, gateway)
  return true
}
