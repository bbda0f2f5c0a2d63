import type { DropCause } from '../../model/index.ts'
import { ICMP_TYPE, IPV4_SOURCE, readU32 } from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { RouteError } from '../kernel/dst.ts'
import { errorAllowed, TICK } from '../kernel/inet-peer.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import { rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/** Codes of the errors a route lookup can give. */
const CODES: Readonly<Partial<Record<RouteError, number>>> = { ENETUNREACH: 0, EHOSTUNREACH: 1, EACCES: 13 }

/** What the kernel calls the drop; blackhole, unreachable and prohibit routes have no reason of their own. */
const CAUSES: Readonly<Partial<Record<RouteError, DropCause>>> = {
  ENETUNREACH: 'no_route',
  EHOSTUNREACH: 'route_unreachable',
  EACCES: 'route_prohibit',
}

/**
 * The lookup for a received packet ended in an error: tell the sender, unless this host is no router for it.
 *
 * @linux net/ipv4/route.c ip_error
 */
export function ipError(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  const { sim } = ns
  const error = rtOf(skb).error
  if (!dev.conf4.forwarding) {
    dropPacket(skb, error === 'EHOSTUNREACH' ? 'not_forwarding' : 'no_route', dev)
    return
  }
  const code = error === null ? undefined : CODES[error]
  if (code !== undefined) {
    const now = Math.floor(sim.clock.now / TICK)
    const peer = ipv4Of(ns).cache.peers.get(readU32(skb.bytes, skb.network + IPV4_SOURCE), now)
    if (errorAllowed(peer, ns.ip.errorCost, ns.ip.errorBurst, now))
      sim.stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, code, 0)
  }
  dropPacket(skb, (error === null ? undefined : CAUSES[error]) ?? 'route_blackhole', dev)
}
