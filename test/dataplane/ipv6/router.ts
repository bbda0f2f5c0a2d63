// A router of IPv6 between two links, and packets that come to it.
import { alone, drops6, host6, icmp6, type Packet6, packet6, sent6 } from './hosts6.ts'

const DEVICES = {
  eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] },
  eth1: { addresses: ['fd00:0:0:2::1/64', 'fe80::2/64'], mtu: 1300 },
}
/** A host on the side of eth0. */
export const NEAR = 'fd00:0:0:1::9'
/** A host on the side of eth1. */
export const FAR = 'fd00:0:0:2::9'

/** The router, what it sends and what it drops. */
export function router(routes: readonly string[] = [], more: Parameters<typeof host6>[3] = {}) {
  const { sim, ns } = alone(host6('r', DEVICES, routes, { router: true, ...more }))
  return { sim, ns, out: sent6(sim), lost: drops6(sim) }
}

/** Data of a ping. */
export const PING = new Uint8Array(56)

/** Gives a packet with a ping in it to the router. */
export function receive(
  r: ReturnType<typeof router>,
  fields: Packet6,
  payload = icmp6(fields.from, fields.to, 128, 7, PING),
): void {
  r.sim.stack.ipv6Rcv(packet6(r.ns, 'eth0', fields, payload))
}
