import { ICMPV6_TYPE } from '../../wire/index.ts'
import { HZ, TICK, xrlimAllow } from '../kernel/inet-peer.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Rt6 } from './rt6.ts'
import { ipv6Of } from './slot.ts'

/** Only errors are limited, and not all: path MTU discovery must work (`icmp.ratemask`). */
function unlimited(type: number): boolean {
  return type >= 128 || type === ICMPV6_TYPE.PACKET_TOO_BIG
}

/** The machine-wide limit, which both families share. @linux net/ipv6/icmp.c icmpv6_global_allow */
export function icmpv6GlobalAllow(ns: NetNs, type: number): boolean {
  return unlimited(type) || ns.sim.icmpGlobal.take(ns)
}

/** The limit per destination; wide prefixes get more. @linux net/ipv6/icmp.c icmpv6_xrlim_allow */
export function icmpv6PeerAllow(ns: NetNs, rt: Rt6, daddr: string, type: number): boolean {
  const ip6 = ipv6Of(ns)
  if (ip6 === null || unlimited(type) || rt.dev.loopback) return true
  const now = Math.floor(ns.sim.clock.now / TICK)
  const prefixLength = rt.exception !== null ? 128 : (rt.info?.prefixLength ?? 128)
  const timeout = Math.floor((ip6.globals.icmpRatelimit * HZ) / 1000) >> ((128 - prefixLength) >> 5)
  return xrlimAllow(ip6.peers.get(daddr, now), timeout, now)
}
