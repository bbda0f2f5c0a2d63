import { SECOND } from '../kernel/clock.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { NUD_VALID } from '../kernel/nud.ts'
import { hopKey6 } from './exceptions.ts'
import type { Fib6Nexthop } from './fib6-info.ts'
import { ipv6Of } from './slot.ts'
import type { Ipv6State } from './state.ts'

/** Time between two questions whether a router is there (`router_probe_interval`). */
const INTERVAL = 60 * SECOND

/**
 * A route by a router was looked at on a host: when the router is not known to be there and nobody asked lately, a
 * solicitation is due, whatever becomes of the packet. The state keeps it until the lookup has ended.
 *
 * @linux net/ipv6/route.c rt6_probe
 */
export function considerProbe(hop: Fib6Nexthop, dev: NetDevice): void {
  const ip6 = ipv6Of(dev.ns)
  if (ip6 === null) return
  const neighbour = dev.ns.neigh.lookup(dev, 'inet6', hop.gateway)
  const { now } = dev.ns.sim.clock
  if (neighbour !== undefined) {
    if ((neighbour.state & NUD_VALID) !== 0 || now <= neighbour.updated + INTERVAL) return
    neighbour.updated = now
  }
  const key = hopKey6(hop)
  const last = ip6.routerProbes.get(key) ?? now
  if (neighbour === undefined && now <= last + INTERVAL) return
  ip6.routerProbes.set(key, now)
  ip6.dueProbes.push({ dev, target: hop.gateway })
}

/** Sends the solicitations that a lookup has made due: to the group, from the link-local address (`rt6_probe_deferred`). */
export function sendDueProbes(ip6: Ipv6State): void {
  const due = ip6.dueProbes.splice(0)
  for (const { dev, target } of due) {
    dev.ns.sim.stack.ndiscSolicit(dev, target, dev.neigh6.ucastSolicit + dev.neigh6.appSolicit, 0, null)
  }
}
