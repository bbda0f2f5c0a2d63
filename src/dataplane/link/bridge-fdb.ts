import { SECOND } from '../kernel/clock.ts'
import type { NetDevice } from '../kernel/net-device.ts'

/** An entry of a bridge's forwarding database. */
export interface BridgeFdbEntry {
  readonly mac: number
  /** Port it points to; null = the bridge itself. */
  port: NetDevice | null
  /** Belongs to the bridge or one of its ports: frames to it are delivered here. */
  readonly local: boolean
  /** Does not age. */
  readonly isStatic: boolean
  /** Last time a frame came from it, in nanoseconds. */
  updated: number
  /** Since which save it is what it is: an older one belongs to a snapshot, too, and is replaced where it would change. */
  readonly edition: number
}

/** What a snapshot keeps of a forwarding database. */
export type SavedBridgeFdb = readonly Readonly<BridgeFdbEntry>[]

/** The forwarding database of a bridge, by hardware address. Learned entries age; they are removed when looked at. */
export class BridgeFdb {
  private readonly entries = new Map<number, BridgeFdbEntry>()
  private readonly bridge: NetDevice
  /** How often it was saved. */
  private edition = 0
  /** Lifetime of a learned entry, in nanoseconds; 0 = nothing is learned. */
  ageing: number

  constructor(bridge: NetDevice, ageing: number) {
    this.bridge = bridge
    this.ageing = ageing
  }

  /** The entry of an address, unless it has aged out (`br_fdb_find_rcu`). */
  find(mac: number): BridgeFdbEntry | undefined {
    const entry = this.entries.get(mac)
    if (entry === undefined || entry.isStatic || entry.local) return entry
    if (this.bridge.ns.sim.clock.now < entry.updated + this.ageing) return entry
    this.entries.delete(mac)
    return undefined
  }

  /** Learns where an address is, or that it moved (`br_fdb_update`). Our own addresses never move. */
  learn(mac: number, port: NetDevice): void {
    if (this.ageing === 0) return
    const { ns } = this.bridge
    const known = this.find(mac)
    if (known?.local) return
    const isNews = known?.port !== port
    if (known === undefined || known.edition !== this.edition) {
      this.put({ mac, port, local: false, isStatic: known?.isStatic ?? false, updated: ns.sim.clock.now })
    } else {
      known.updated = ns.sim.clock.now
      known.port = port
    }
    if (isNews) ns.log?.learn(this.bridge, mac, port)
  }

  /** Puts in an entry that does not age. */
  setFixed(mac: number, port: NetDevice | null, local: boolean): void {
    this.put({ mac, port, local, isStatic: true, updated: 0 })
  }

  /** Puts in an entry as if it had been learned now. */
  setLearned(mac: number, port: NetDevice): void {
    this.put({ mac, port, local: false, isStatic: false, updated: this.bridge.ns.sim.clock.now })
  }

  private put(entry: Omit<BridgeFdbEntry, 'edition'>): void {
    this.entries.set(entry.mac, { ...entry, edition: this.edition })
  }

  /** Forgets what was learned; with a port, only what points to it. */
  flush(port?: NetDevice): void {
    for (const [mac, entry] of this.entries) {
      if (!entry.isStatic && (port === undefined || entry.port === port)) this.entries.delete(mac)
    }
  }

  /** Forgets what does not age: the model's entries and the addresses of the ports. True when there was nothing yet at all. */
  flushFixed(): boolean {
    const isNew = this.entries.size === 0
    for (const [mac, entry] of this.entries) if (entry.isStatic) this.entries.delete(mac)
    return isNew
  }

  /** Learned entries, with the seconds since a frame came from each. */
  learned(): { readonly mac: number; readonly port: NetDevice; readonly age: number }[] {
    const out: { mac: number; port: NetDevice; age: number }[] = []
    for (const mac of [...this.entries.keys()]) {
      const entry = this.find(mac)
      if (entry === undefined || entry.isStatic || entry.port === null) continue
      out.push({ mac, port: entry.port, age: (this.bridge.ns.sim.clock.now - entry.updated) / SECOND })
    }
    return out
  }

  /** The volatile state: of thousands of entries few are others than when it was saved last, and the rest is shared. */
  save(): SavedBridgeFdb {
    this.edition++
    return Array.from(this.entries.values())
  }

  /** Goes back to a saved state. */
  load(saved: SavedBridgeFdb): void {
    this.entries.clear()
    // What was put in since the last save is of no snapshot; all that comes back is of one.
    this.edition++
    for (const entry of saved) this.entries.set(entry.mac, entry as BridgeFdbEntry)
  }
}
