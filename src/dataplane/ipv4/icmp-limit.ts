import { ICMP_TYPE, ICMP_UNREACH, NR_ICMP_TYPES } from '../../wire/index.ts'
import { HZ, TICK, xrlimAllow } from '../kernel/inet-peer.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Rtable } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/** Whether a message is never limited: fragmentation needed, and types outside `icmp_ratemask`. */
function unlimited(ns: NetNs, type: number, code: number): boolean {
  if (type > NR_ICMP_TYPES || (type === ICMP_TYPE.DEST_UNREACH && code === ICMP_UNREACH.FRAG_NEEDED)) return true
  return ((1 << type) & ns.ip.icmpRatemask) === 0
}

/** The machine-wide limit. @linux net/ipv4/icmp.c icmpv4_global_allow */
export function icmpGlobalAllow(ns: NetNs, type: number, code: number): boolean {
  return unlimited(ns, type, code) || ns.sim.icmpGlobal.take(ns)
}

/** The limit per destination. @linux net/ipv4/icmp.c icmpv4_xrlim_allow */
export function icmpPeerAllow(ns: NetNs, rt: Rtable, daddr: number, type: number, code: number): boolean {
  if (unlimited(ns, type, code) || rt.dev.loopback) return true
  const now = Math.floor(ns.sim.clock.now / TICK)
  return xrlimAllow(ipv4Of(ns).cache.peers.get(daddr, now), Math.floor((ns.ip.icmpRatelimit * HZ) / 1000), now)
}
