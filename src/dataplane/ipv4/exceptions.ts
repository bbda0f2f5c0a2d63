import type { RouteException } from '../../model/index.ts'
import { numberToIpv4 } from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import { type InetPeer, InetPeers } from '../kernel/inet-peer.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { FibNexthop } from './fib-info.ts'
import type { Rtable } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/** What was learned about one destination behind one next hop (`struct fib_nh_exception`). */
export interface RouteExceptionEntry {
  /** Destination, uint32. */
  readonly daddr: number
  /** Key of the route's attributes and number of the next hop: survives a recompilation. */
  readonly hop: string
  /** Gateway of a redirect, 0 = none. */
  gateway: number
  /** Learned path MTU, 0 = none. */
  mtu: number
  /** The path MTU is below `min_pmtu`: packets are fragmented instead. */
  mtuLocked: boolean
  /** When it ends, in nanoseconds; 0 = never. */
  expires: number
  /** Forwarding decision made of it. */
  rthInput: Rtable | null
  /** Output decision made of it. */
  rthOutput: Rtable | null
  /** A packet has gone by it since it was learned or flushed: only then it is listed. */
  used: boolean
  /** Flushed: what it says is forgotten when it is next looked at. */
  stale: boolean
  /** For the dump: gateway and device in use. */
  readonly via: number
  /** Name of the device in use. */
  readonly dev: string
}

/** What {@link RouteCache4.save} gives and {@link RouteCache4.load} takes. */
export interface SavedRouteCache4 {
  /** Exceptions. */
  readonly entries: readonly RouteExceptionEntry[]
  /** Peers and their limits. */
  readonly peers: ReadonlyMap<number | string, InetPeer>
  /** Last IP id given out. */
  readonly ident: number
}

/** Route exceptions (path MTU, redirects), per-peer limits and the id counter of a namespace. Volatile: kept over edits. */
export class RouteCache4 {
  /** Namespace. */
  readonly ns: NetNs
  /** Hosts that got ICMP errors and redirects. */
  readonly peers: InetPeers = new InetPeers()
  /** Last IP id given out; 0 = none yet. */
  ident = 0
  private readonly byHop = new Map<string, Map<number, RouteExceptionEntry>>()
  private count = 0
  private changes = 0

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Changes whenever a decision made before may be wrong now. */
  get generation(): number {
    return this.changes
  }

  /** The exception for a destination behind a next hop, for a packet that goes there now (`rt_bind_exception`). */
  bind(hop: FibNexthop, daddr: number): RouteExceptionEntry | null {
    if (this.count === 0) return null
    const entry = this.find(hop, daddr)
    if (entry === null) return null
    if (entry.stale) forget(entry)
    entry.used = true
    return entry
  }

  /** The entry for a destination behind a next hop; expired ones are removed (`find_exception`). */
  private find(hop: FibNexthop, daddr: number): RouteExceptionEntry | null {
    const entry = this.byHop.get(hopKey(hop))?.get(daddr)
    if (entry === undefined) return null
    if (entry.expires !== 0 && this.ns.sim.clock.now > entry.expires) {
      this.remove(entry)
      return null
    }
    return entry
  }

  /** Learns a gateway and/or an MTU (`update_or_create_fnhe`). Zero gateway or MTU leaves what is known. */
  learn(
    hop: FibNexthop,
    daddr: number,
    gateway: number,
    mtu: number,
    mtuLocked: boolean,
    expires: number,
  ): RouteExceptionEntry {
    const known = this.find(hop, daddr)
    if (known === null) return this.add(hop, daddr, gateway, mtu, mtuLocked, expires)
    if (known.stale) forget(known)
    if (gateway !== 0) known.gateway = gateway
    if (mtu !== 0) {
      known.mtu = mtu
      known.mtuLocked = mtuLocked
    }
    known.expires = expires
    return known
  }

  /** Forgets what all exceptions say (`ip route flush cache`). Empty entries stay, and are listed once used again. */
  flush(): void {
    for (const entries of this.byHop.values()) for (const entry of entries.values()) entry.stale = true
  }

  private clear(): void {
    this.byHop.clear()
    this.count = 0
    this.changes++
  }

  /** What `ip route show cache` would print: an exception is listed for every route that shares its next hop. */
  dump(): RouteException[] {
    const now = this.ns.sim.clock.now
    const out: RouteException[] = []
    for (const entries of this.byHop.values()) {
      for (const entry of entries.values()) {
        if (!entry.used || entry.stale || (entry.expires !== 0 && entry.expires < now)) continue
        const routes = ipv4Of(this.ns).fib.routesOfHop(entry.hop)
        for (let i = 0; i < routes; i++) out.push(asModel(entry, now))
      }
    }
    return out
  }

  /** Removes exceptions whose route is gone; decisions made of old next hops are forgotten. */
  prune(isKnown: (hop: string, daddr: number) => boolean): void {
    for (const entries of [...this.byHop.values()]) {
      for (const entry of [...entries.values()]) {
        entry.rthInput = null
        entry.rthOutput = null
        if (!isKnown(entry.hop, entry.daddr)) this.remove(entry)
      }
    }
  }

  /** The volatile state. */
  save(): SavedRouteCache4 {
    const entries = [...this.byHop.values()].flatMap((of) => [...of.values()].map(bare))
    return { entries, peers: this.peers.save(), ident: this.ident }
  }

  /** Goes back to a saved state. */
  load(saved: SavedRouteCache4): void {
    this.clear()
    for (const entry of saved.entries) this.put(bare(entry))
    this.peers.load(saved.peers)
    this.ident = saved.ident
  }

  private add(
    hop: FibNexthop,
    daddr: number,
    gateway: number,
    mtu: number,
    mtuLocked: boolean,
    expires: number,
  ): RouteExceptionEntry {
    const entry: RouteExceptionEntry = {
      daddr,
      hop: hopKey(hop),
      gateway,
      mtu,
      mtuLocked,
      expires,
      rthInput: null,
      rthOutput: null,
      used: false,
      stale: false,
      via: hop.gateway,
      dev: hop.dev?.name ?? '',
    }
    this.put(entry)
    return entry
  }

  private put(entry: RouteExceptionEntry): void {
    let entries = this.byHop.get(entry.hop)
    if (entries === undefined) {
      entries = new Map()
      this.byHop.set(entry.hop, entries)
    }
    entries.set(entry.daddr, entry)
    this.count++
    this.changes++
  }

  private remove(entry: RouteExceptionEntry): void {
    if (this.byHop.get(entry.hop)?.delete(entry.daddr) === true) this.count--
  }
}

function forget(entry: RouteExceptionEntry): void {
  entry.stale = false
  entry.gateway = 0
  entry.mtu = 0
  entry.mtuLocked = false
  entry.expires = 0
}

/** Identity of a next hop over recompilation. */
export function hopKey(hop: FibNexthop): string {
  return hop.index === 0 ? hop.info.key : `${hop.info.key}#${hop.index}`
}

function bare(entry: RouteExceptionEntry): RouteExceptionEntry {
  return { ...entry, rthInput: null, rthOutput: null }
}

function asModel(entry: RouteExceptionEntry, now: number): RouteException {
  const via = entry.gateway !== 0 ? entry.gateway : entry.via
  return {
    family: 'inet',
    dst: numberToIpv4(entry.daddr),
    ...(via === 0 ? {} : { via: numberToIpv4(via) }),
    ...(entry.dev === '' ? {} : { dev: entry.dev }),
    ...(entry.mtu === 0 ? {} : { mtu: entry.mtu }),
    ...(entry.mtuLocked ? { mtuLock: true } : {}),
    ...(entry.expires === 0 ? {} : { expires: Math.floor((entry.expires - now) / SECOND) }),
    ...(entry.gateway === 0 ? {} : { redirected: true }),
  }
}
