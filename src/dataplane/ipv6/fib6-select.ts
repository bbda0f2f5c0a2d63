import type { LossReason } from '../../model/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { NUD_FAILED, NUD_VALID } from '../kernel/nud.ts'
import { type Fib6Info, type Fib6Nexthop, isForUs, isReject } from './fib6-info.ts'
import { considerProbe } from './router-probe.ts'
import { ipv6Of } from './slot.ts'

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
  if (hopObstacle6(hop, dev, strict) !== null) return null
  if (hop.gateway !== '' && isCareful(hop.info)) considerProbe(hop, hop.dev as NetDevice)
  return hop
}

/** What keeps a next hop from being taken, whatever the others are; null = nothing does. */
function hopObstacle6(hop: Fib6Nexthop, dev: NetDevice | null, strict: boolean): LossReason | null {
  if (hop.dev === null) return 'no-device'
  if (!isAlive(hop, hop.dev)) return 'device-down'
  return strict && dev !== null && hop.dev !== dev ? 'not-the-output-device' : null
}

/** What keeps a route from being taken: what keeps all of its next hops. */
export function obstacle6(info: Fib6Info, dev: NetDevice | null, strict: boolean): LossReason | null {
  let reason: LossReason = 'no-device'
  for (const hop of info.nexthops) {
    const problem = hopObstacle6(hop, dev, strict)
    if (problem === null) return null
    reason = problem
  }
  return reason
}

/** Why a usable route lost against the one that was taken. */
export function lossAgainst6(winner: Fib6Info, loser: Fib6Info): LossReason {
  if (loser.prefixLength < winner.prefixLength) return 'shorter-prefix'
  if (loser.metric > winner.metric) return 'higher-metric'
  if (isCareful(loser) && loser.nexthops.every((hop) => hop.dev !== null && !answers(hop, hop.dev)))
    return 'unreachable-router'
  return loser.pref < winner.pref ? 'lower-preference' : 'listed-later'
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
      if (hopObstacle6(hop, dev, strict) !== null) continue
      const out = hop.dev as NetDevice
      const score = scoreOf(hop, out, dev, careful)
      if (careful && hop.gateway !== '') considerProbe(hop, out)
      if (score > high) {
        high = score
        found = hop
      }
    }
  }
  return found
}

/** @linux net/ipv6/route.c rt6_score_route */
function scoreOf(hop: Fib6Nexthop, out: NetDevice, dev: NetDevice | null, careful: boolean): number {
  const score = (dev === null || out === dev ? 2 : 0) | (hop.info.pref << 2)
  return !careful || answers(hop, out) ? score : FAIL_PROBE
}

/** Whether a router may answer: it is not known that it does not. @linux net/ipv6/route.c rt6_check_neigh */
function answers(hop: Fib6Nexthop, out: NetDevice): boolean {
  if (hop.gateway === '' || isReject(hop.info)) return true
  const neighbour = out.ns.neigh.lookup(out, 'inet6', hop.gateway)
  return neighbour === undefined || (neighbour.state & NUD_VALID) !== 0 || (neighbour.state & NUD_FAILED) === 0
}
