import { HZ, TICK, xrlimAllow } from '../kernel/inet-peer.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Simulation } from '../simulation.ts'
import type { Rtable } from './rtable.ts'

const ICMP_DEST_UNREACH = 3
const ICMP_FRAG_NEEDED = 4
const NR_ICMP_TYPES = 18

/** The machine-wide bucket of ICMP messages (`icmp_global`). Times are ticks. */
export interface IcmpGlobal {
  /** Messages that may still go. */
  credit: number
  /** Tick of the last refill. */
  stamp: number
}

const buckets = new WeakMap<Simulation, IcmpGlobal>()

/** The bucket of a simulation; a snapshot copies its two numbers. */
export function icmpGlobalOf(sim: Simulation): IcmpGlobal {
  const known = buckets.get(sim)
  if (known !== undefined) return known
  const made = { credit: 0, stamp: -HZ }
  buckets.set(sim, made)
  return made
}

/** Whether a message is never limited: fragmentation needed, and types outside `icmp_ratemask`. */
function unlimited(ns: NetNs, type: number, code: number): boolean {
  if (type > NR_ICMP_TYPES || (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)) return true
  return ((1 << type) & ns.ip.icmpRatemask) === 0
}

/** The machine-wide limit. A message costs 0 to 2 credits, one on average. @linux net/ipv4/icmp.c icmp_global_allow */
export function icmpGlobalAllow(ns: NetNs, type: number, code: number): boolean {
  return unlimited(ns, type, code) || icmpGlobalTake(ns)
}

/** Takes a message's worth from the machine-wide bucket, which both families share. False: nothing is left. */
export function icmpGlobalTake(ns: NetNs): boolean {
  const { icmpMsgsPerSec, icmpMsgsBurst } = ns.ip
  if (icmpMsgsPerSec === 0) return true
  const bucket = icmpGlobalOf(ns.sim)
  const now = Math.floor(ns.sim.clock.now / TICK)
  const delta = Math.min(now - bucket.stamp, HZ)
  let refill = 0
  if (delta >= HZ / 50) {
    refill = Math.floor((icmpMsgsPerSec * delta) / HZ)
    if (refill > 0) bucket.stamp = now
  }
  bucket.credit = Math.min(bucket.credit + refill, icmpMsgsBurst)
  if (bucket.credit === 0) return false
  bucket.credit = Math.max(bucket.credit - (ns.sim.random() % 3), 0)
  return true
}

/** The limit per destination. @linux net/ipv4/icmp.c icmpv4_xrlim_allow */
export function icmpPeerAllow(ns: NetNs, rt: Rtable, daddr: number, type: number, code: number): boolean {
  if (unlimited(ns, type, code) || rt.dev.loopback) return true
  const now = Math.floor(ns.sim.clock.now / TICK)
  return xrlimAllow(ns.cache4.peers.get(daddr, now), Math.floor((ns.ip.icmpRatelimit * HZ) / 1000), now)
}
