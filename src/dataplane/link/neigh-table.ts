import { knownOf, type Neighbour } from '../../model/index.ts'
import { addressKey, macToKey } from '../../wire/index.ts'
import type { Neighbours, NeighFamily } from '../kernel/neighbour.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import {
  NEIGH_UPDATE_ADMIN,
  NEIGH_UPDATE_OVERRIDE,
  NUD_DELAY,
  NUD_FAILED,
  NUD_IN_TIMER,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
  nudOf,
} from '../kernel/nud.ts'
import { asModel, Neigh, type SavedNeigh, saveEntry } from './neigh.ts'
import { constructNeigh } from './neigh-construct.ts'
import { armTimer, neighEventSend, neighUpdate, rearmNeigh } from './neigh-machine.ts'
import { ProxyQueue, type SavedProxyQueue } from './proxy-queue.ts'
import { findSharedNeighbour, sharedNeighbours } from './shared-neigh.ts'

/** Entries of one table below which nothing is collected (`gc_thresh1`). */
const GC_THRESH1 = 128

/** Places for the IPv4 entries that were looked up last; a power of two. */
const RECENT = 16

/** What {@link NeighTable.save} gives and {@link NeighTable.load} takes. */
export interface SavedNeighTable {
  /** The model's entries had not been put in. */
  readonly unseeded: boolean
  /** Entries, in table order. */
  readonly entries: readonly SavedNeigh[]
  /** Requests that wait for a proxy's answer. */
  readonly proxyQueue: SavedProxyQueue
}

/** Neighbour table of a namespace, both families. */
export class NeighTable implements Neighbours {
  /** Namespace. */
  readonly ns: NetNs
  /** Requests that wait for our answer as a proxy. */
  readonly proxyQueue: ProxyQueue
  private readonly inet = new Map<number, Map<number | string, Neigh>>()
  private readonly inet6 = new Map<number, Map<number | string, Neigh>>()
  private readonly recent: (Neigh | null)[] = new Array(RECENT).fill(null)
  private readonly proxies = new Map<number | string, Set<string>>()
  private count = 0
  /** Entries of the model that are put in when the table is first looked at. */
  private unseeded = false

  constructor(ns: NetNs) {
    this.ns = ns
    this.proxyQueue = new ProxyQueue(ns.sim.clock)
  }

  /** The entry, or undefined (`neigh_lookup`). */
  lookup(dev: NetDevice, family: NeighFamily, key: number | string): Neigh | undefined {
    if (this.unseeded) this.seedNow()
    if (typeof key === 'number') return this.lookup4(dev, key)
    return this.inet6.get(dev.ifindex)?.get(key) ?? this.fromShared(dev, family, key)
  }

  /** An entry that is not dead is in the table, so one that was found lately need not be looked for. */
  private lookup4(dev: NetDevice, key: number): Neigh | undefined {
    const slot = (key ^ (key >>> 8) ^ dev.ifindex) & (RECENT - 1)
    const last = this.recent[slot]
    if (last != null && last.key === key && last.dev === dev && !last.dead) return last
    const found = this.inet.get(dev.ifindex)?.get(key) ?? this.fromShared(dev, 'inet', key)
    if (found !== undefined) this.recent[slot] = found
    return found
  }

  /** The entry, made when there is none (`neigh_create`). */
  lookupOrCreate(dev: NetDevice, family: NeighFamily, key: number | string): Neigh {
    const found = this.lookup(dev, family, key)
    if (found !== undefined) return found
    const made = new Neigh(dev, family, key)
    constructNeigh(made)
    this.add(made)
    return made
  }

  /** Somebody told us his address while asking for ours (`neigh_event_ns`): learns it as STALE. lladdr 0 = not told. */
  eventNs(dev: NetDevice, family: NeighFamily, key: number | string, lladdr: number): Neigh | undefined {
    const entry = lladdr === 0 ? this.lookup(dev, family, key) : this.lookupOrCreate(dev, family, key)
    if (entry !== undefined) neighUpdate(entry, lladdr === 0 ? null : lladdr, NUD_STALE, NEIGH_UPDATE_OVERRIDE)
    return entry
  }

  /** Changes state and address by the kernel's rules (`neigh_update`). `lladdr` null = not told. `flags`: NEIGH_UPDATE_. */
  update(entry: Neigh, lladdr: number | null, state: number, flags: number): void {
    neighUpdate(entry, lladdr, state, flags)
  }

  /** Starts or continues resolution (`neigh_event_send` without a packet). True: not resolved yet. */
  eventSend(entry: Neigh): boolean {
    return neighEventSend(entry, null)
  }

  /** Is there a proxy entry for the address on this device or on any (`pneigh_lookup`)? */
  isProxied(dev: NetDevice, _family: NeighFamily, key: number | string): boolean {
    if (this.unseeded) this.seedNow()
    const devs = this.proxies.get(key)
    return devs !== undefined && (devs.has(dev.name) || devs.has(''))
  }

  /** Entries in table order, those of shared tables only once something needed them. */
  entries(): Neigh[] {
    if (this.unseeded) this.seedNow()
    return this.present()
  }

  private present(): Neigh[] {
    const all: Neigh[] = []
    for (const family of [this.inet, this.inet6])
      for (const ofDev of family.values()) for (const entry of ofDev.values()) all.push(entry)
    return all
  }

  /** Whether there are entries on the device. */
  has(dev: NetDevice): boolean {
    return (this.inet.get(dev.ifindex)?.size ?? 0) > 0 || (this.inet6.get(dev.ifindex)?.size ?? 0) > 0
  }

  /** What `ip neigh` would print: everything but NOARP and NONE, entries of shared tables included. */
  dump(): Neighbour[] {
    const out: Neighbour[] = []
    const seen = new Set<string>()
    for (const entry of this.entries()) {
      seen.add(`${entry.dev.name} ${entry.dst}`)
      if (entry.state !== 0 && entry.state !== NUD_NOARP) out.push(asModel(entry))
    }
    for (const shared of sharedNeighbours(this.ns)) if (!seen.has(`${shared.dev} ${shared.dst}`)) out.push(shared)
    return out
  }

  /**
   * Takes over the model's entries: replaces those seeded before, keeps what was learned. Permanent ones, which no timer
   * moves, are put in when the table is next used.
   */
  seed(): void {
    this.unseeded = true
    const { model } = this.ns
    if (knownOf(model) === undefined && model.neighbours.some(({ state }) => state !== 'PERMANENT')) this.seedNow()
  }

  private seedNow(): void {
    this.unseeded = false
    const { neighbours } = this.ns.model
    for (const entry of this.entries()) if (entry.seeded) this.remove(entry)
    for (const neighbour of neighbours) this.seedOne(neighbour)
    this.seedProxies()
  }

  private seedProxies(): void {
    this.proxies.clear()
    for (const proxy of this.ns.model.proxyNeighbours) {
      const key = addressKey(proxy.dst)
      const devs = this.proxies.get(key) ?? new Set()
      this.proxies.set(key, devs.add(proxy.dev ?? ''))
    }
  }

  /** Removes entries that are not permanent (`ip neigh flush`), all or those chosen; true when there were any. Waiting packets are dropped. */
  flush(chosen?: (entry: Neigh) => boolean): boolean {
    let found = false
    for (const entry of this.entries()) {
      if ((entry.state & (NUD_PERMANENT | NUD_NOARP)) !== 0 || chosen?.(entry) === false) continue
      this.kill(entry)
      found = true
    }
    return found
  }

  /** The device lost carrier or went down (`neigh_carrier_down`, `neigh_ifdown`): learned entries go. */
  flushDev(dev: NetDevice): void {
    this.flushFamily(this.inet, dev)
    this.flushDev6(dev)
  }

  /** The device has lost IPv6 (`addrconf_ifdown`). */
  flushDev6(dev: NetDevice): void {
    this.flushFamily(this.inet6, dev)
  }

  private flushFamily(family: NeighTable['inet'], dev: NetDevice): void {
    if (this.unseeded) this.seedNow()
    for (const entry of [...(family.get(dev.ifindex)?.values() ?? [])])
      if ((entry.state & NUD_PERMANENT) === 0) this.kill(entry)
  }

  /** Forgets entries whose address needs no resolution: they are made again from the addresses of the moment. */
  forgetDerived(): void {
    for (const entry of this.entries()) if (entry.state === NUD_NOARP && !entry.seeded) this.remove(entry)
  }

  /** The device is gone: all its entries go. Another that has its index now keeps those of its own. */
  removeDev(dev: NetDevice): void {
    for (const family of [this.inet, this.inet6]) {
      const ofIndex = family.get(dev.ifindex)
      for (const entry of [...(ofIndex?.values() ?? [])]) if (entry.dev === dev) this.kill(entry)
      if (ofIndex?.size === 0) family.delete(dev.ifindex)
    }
  }

  /** Takes an entry out and stops its timer; does not report queued packets. */
  remove(entry: Neigh): void {
    this.ns.sim.clock.cancel(entry.timer)
    entry.timer = null
    entry.dead = true
    const ofDev = (entry.family === 'inet' ? this.inet : this.inet6).get(entry.dev.ifindex)
    if (ofDev?.get(entry.key) === entry && ofDev.delete(entry.key)) this.count--
  }

  /** The volatile state. */
  save(): SavedNeighTable {
    const { unseeded } = this
    return { unseeded, entries: this.present().map(saveEntry), proxyQueue: this.proxyQueue.save() }
  }

  /** Goes back to a saved state; timers are armed again from their deadlines. */
  load(saved: SavedNeighTable): void {
    this.proxyQueue.load(saved.proxyQueue)
    for (const entry of this.present()) this.remove(entry)
    this.unseeded = saved.unseeded
    if (!saved.unseeded) this.seedProxies()
    for (const one of saved.entries) {
      const entry = one.entry
      Object.assign(entry, one.fields)
      entry.queue = one.queue.map((skb) => skb.again())
      entry.timer = null
      this.put(entry)
      if (one.deadline !== null) rearmNeigh(entry, one.deadline)
    }
  }

  private kill(entry: Neigh): void {
    neighUpdate(entry, null, NUD_FAILED, NEIGH_UPDATE_OVERRIDE | NEIGH_UPDATE_ADMIN)
    this.remove(entry)
  }

  private add(entry: Neigh): void {
    this.put(entry)
    if (!entry.seeded && this.count > GC_THRESH1) this.collect(entry)
  }

  private put(entry: Neigh): void {
    const family = entry.family === 'inet' ? this.inet : this.inet6
    let ofDev = family.get(entry.dev.ifindex)
    if (ofDev === undefined) {
      ofDev = new Map()
      family.set(entry.dev.ifindex, ofDev)
    }
    ofDev.set(entry.key, entry)
    this.count++
  }

  /** Removes what has not been used for gc_stale_time (`neigh_periodic_work`); done when an entry is added. */
  private collect(spare: Neigh): void {
    const now = this.ns.sim.clock.now
    for (const entry of this.entries()) {
      if (entry === spare || entry.seeded || (entry.state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0) continue
      const last = Math.max(entry.used, entry.confirmed)
      if (entry.state === NUD_FAILED || now > last + entry.parms.gcStaleTime) this.remove(entry)
    }
  }

  private seedOne(neighbour: Neighbour): void {
    const dev = this.ns.byName.get(neighbour.dev)
    if (dev === undefined) return
    const family = typeof addressKey(neighbour.dst) === 'number' ? 'inet' : 'inet6'
    const entry = new Neigh(dev, family, addressKey(neighbour.dst))
    const known = (family === 'inet' ? this.inet : this.inet6).get(dev.ifindex)?.get(entry.key)
    if (known !== undefined) this.remove(known)
    entry.lladdr = neighbour.lladdr === undefined ? 0 : macToKey(neighbour.lladdr)
    entry.state = nudOf(neighbour.state)
    entry.isRouter = neighbour.router === true
    entry.seeded = true
    this.add(entry)
    if (entry.state === NUD_REACHABLE) entry.confirmed = entry.updated
    if ((entry.state & NUD_IN_TIMER) !== 0) armTimer(entry, entry.updated + firstTimeout(entry))
  }

  private fromShared(dev: NetDevice, family: NeighFamily, key: number | string): Neigh | undefined {
    if (this.ns.model.shared === undefined) return undefined
    const lladdr = findSharedNeighbour(this.ns, dev.name, key)
    if (lladdr === undefined) return undefined
    const entry = new Neigh(dev, family, key)
    entry.lladdr = lladdr
    entry.state = NUD_PERMANENT
    entry.seeded = true
    this.add(entry)
    return entry
  }
}

/** How long an entry that comes from a dump stays in its state: as if it had just entered it. */
function firstTimeout({ state, parms }: Neigh): number {
  if (state === NUD_REACHABLE) return parms.baseReachableTime
  return state === NUD_DELAY ? parms.delayProbeTime : parms.retransTime
}
