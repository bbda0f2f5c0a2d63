import type { NetDevice } from '../kernel/net-device.ts'
import { NUD_FAILED, NUD_VALID } from '../kernel/nud.ts'
import { type Fib6Info, type Fib6Nexthop, isForUs, isReject } from './fib6-info.ts'
import { considerProbe } from './router-probe.ts'
import { ipv6Of } from './slot.ts'

/** Score of a next hop that cannot be used at all. */
const FAIL_HARD = -3
/** Score of a router that is known not to answer. */
const FAIL_PROBE = -2

/**
 * The best next hop among the routes of one prefix, or null. Routes of the smallest metric count; only if none of them is
 * usable do the others. A host that does not forward avoids routers that do not answer, as long as there is another.
 *
 * @linux net/ipv6/route.c rt6_select, find_rr_leaf, fib6_table_lookup
 */
export function selectRoute(routes: readonly Fib6Info[], dev: NetDevice | null, strict: boolean): Fib6Nexthop | null {
  const first = routes[0] as Fib6Info
  const hop = first.nexthops[0]
  if (routes.length === 1 && first.nexthops.length === 1 && hop !== undefined) return onlyHop(hop, dev, strict)
  const careful = isCareful(first)
  return select(routes, dev, strict, careful) ?? (careful ? select(routes, dev, strict, false) : null)
}

function onlyHop(hop: Fib6Nexthop, dev: NetDevice | null, strict: boolean): Fib6Nexthop | null {
  if (hop.dev === null || !isAlive(hop, hop.dev) || (strict && dev !== null && hop.dev !== dev)) return null
  if (hop.gateway !== '' && isCareful(hop.info)) considerProbe(hop, hop.dev)
  return hop
}

/** Addresses of this host stay reachable while their device is down. */
function isAlive(hop: Fib6Nexthop, dev: NetDevice): boolean {
  return dev.up || isForUs(hop.info)
}

/** Hosts ask after their routers (RT6_LOOKUP_F_REACHABLE); routers do not. */
function isCareful(info: Fib6Info): boolean {
  const ns = info.nexthops[0]?.dev?.ns
  const ip6 = ns === undefined ? null : ipv6Of(ns)
  return ip6 !== null && !ip6.forwarding
}

function select(
  routes: readonly Fib6Info[],
  dev: NetDevice | null,
  strict: boolean,
  careful: boolean,
): Fib6Nexthop | null {
  const metric = (routes[0] as Fib6Info).metric
  let at = 0
  while (at < routes.length && (routes[at] as Fib6Info).metric === metric) at++
  return best(routes, 0, at, dev, strict, careful) ?? best(routes, at, routes.length, dev, strict, careful)
}

function best(
  routes: readonly Fib6Info[],
  from: number,
  to: number,
  dev: NetDevice | null,
  strict: boolean,
  careful: boolean,
): Fib6Nexthop | null {
  let found: Fib6Nexthop | null = null
  let high = -1
  for (let i = from; i < to; i++) {
    for (const hop of (routes[i] as Fib6Info).nexthops) {
      if (hop.dev === null || !isAlive(hop, hop.dev)) continue
      const score = scoreOf(hop, hop.dev, dev, strict, careful)
      if (score === FAIL_HARD) continue
      if (careful && hop.gateway !== '') considerProbe(hop, hop.dev)
      if (score > high) {
        high = score
        found = hop
      }
    }
  }
  return found
}

/** @linux net/ipv6/route.c rt6_score_route, rt6_check_neigh */
function scoreOf(hop: Fib6Nexthop, out: NetDevice, dev: NetDevice | null, strict: boolean, careful: boolean): number {
  const matches = dev === null || out === dev
  if (!matches && strict) return FAIL_HARD
  const score = (matches ? 2 : 0) | (hop.info.pref << 2)
  if (!careful || hop.gateway === '' || isReject(hop.info)) return score
  const neighbour = out.ns.neigh.lookup(out, 'inet6', hop.gateway)
  if (neighbour === undefined || (neighbour.state & NUD_VALID) !== 0) return score
  return (neighbour.state & NUD_FAILED) === 0 ? score : FAIL_PROBE
}
