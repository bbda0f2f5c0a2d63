import { MILLISECOND } from './clock.ts'

/** Ticks of the kernel's clock a second (CONFIG_HZ of Debian's kernels). */
export const HZ = 250

/** Nanoseconds of a tick. */
export const TICK: number = 4 * MILLISECOND

/** Burst of the per-peer ICMP limit, in messages (XRLIM_BURST_FACTOR). */
const XRLIM_BURST = 6

/** What is remembered of a host that gets ICMP errors or redirects (`struct inet_peer`). Times are ticks. */
export interface InetPeer {
  /** Tokens in its bucket. */
  tokens: number
  /** Tick of the last change. */
  last: number
  /** Redirects sent in a row. */
  redirects: number
}

/** The peers of a namespace. */
export class InetPeers {
  private peers = new Map<number | string, InetPeer>()

  /** The peer, made when new. Addresses in engine form of either family. */
  get(address: number | string, now: number): InetPeer {
    const known = this.peers.get(address)
    if (known !== undefined) return known
    const made = { tokens: 0, last: now - 60 * HZ, redirects: 0 }
    this.peers.set(address, made)
    return made
  }

  /** A copy of all peers. */
  save(): ReadonlyMap<number | string, InetPeer> {
    return copyPeers(this.peers)
  }

  /** Goes back to a copy. */
  load(saved: ReadonlyMap<number | string, InetPeer>): void {
    this.peers = copyPeers(saved)
  }
}

/** The token bucket of ICMP messages to one peer. @linux net/ipv4/icmp.c inet_peer_xrlim_allow */
export function xrlimAllow(peer: InetPeer, timeout: number, now: number): boolean {
  let tokens = Math.min(peer.tokens + now - peer.last, XRLIM_BURST * timeout)
  peer.last = now
  const allowed = tokens >= timeout
  if (allowed) tokens -= timeout
  peer.tokens = tokens
  return allowed
}

/** The token bucket of `ip_error`; cost and burst in ticks. */
export function errorAllowed(peer: InetPeer, cost: number, burst: number, now: number): boolean {
  peer.tokens = Math.min(peer.tokens + now - peer.last, burst)
  peer.last = now
  if (peer.tokens < cost) return false
  peer.tokens -= cost
  return true
}

function copyPeers(peers: ReadonlyMap<number | string, InetPeer>): Map<number | string, InetPeer> {
  const copy = new Map<number | string, InetPeer>()
  for (const [address, peer] of peers) copy.set(address, { ...peer })
  return copy
}
