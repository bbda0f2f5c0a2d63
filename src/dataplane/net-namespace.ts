import { knownOf, type Namespace } from '../model/index.ts'
import { PARTS } from './assemble.ts'
import type { Device } from './device.ts'
import { DeviceConf, ipGlobals } from './device-conf.ts'
import { DeviceTable, type SavedDevices } from './device-table.ts'
import type { FragQueues } from './ipv4/defrag.ts'
import type { RouteCache4 } from './ipv4/exceptions.ts'
import type { Fib4 } from './ipv4/fib.ts'
import { ipv4Of } from './ipv4/slot.ts'
import { ipv6Of } from './ipv6/slot.ts'
import type { Ipv6State } from './ipv6/state.ts'
import { NsLog } from './kernel/log.ts'
import type { IpGlobals, NetNs } from './kernel/netns.ts'
import type { Part } from './kernel/part.ts'
import { SysctlIndex } from './kernel/sysctl.ts'
import type { NeighTable } from './link/neigh-table.ts'
import { neighOf } from './link/slot.ts'
import type { Netfilter } from './netfilter/netfilter.ts'
import { netfilterMayDiffer, netfilterOf } from './netfilter/slot.ts'
import type { Simulation } from './simulation.ts'
import type { NetNsSnapshot } from './snapshot.ts'
import { socketsOf } from './sockets/slot.ts'
import type { SocketTable } from './sockets/socket-table.ts'

/** Sysctls in the forms the engine reads. */
interface Settings {
  readonly conf: DeviceConf
  readonly ip: IpGlobals
  readonly bridgeNfCallIptables: boolean
  readonly bridgeNfCallIp6tables: boolean
}

/** What packets have changed in a namespace; see {@link NetNamespace.save}. */
export interface SavedNetNs {
  /** Sysctls, null when nobody had asked for one. */
  readonly settings: Settings | null
  /** Devices. */
  readonly devices: SavedDevices
  /** What each part keeps, in their order; null when nobody had asked for one. */
  readonly parts: readonly unknown[] | null
}

/** A namespace, and what was saved of it. */
interface Saved extends NetNsSnapshot {
  readonly state: SavedNetNs
}

/**
 * A namespace: the model, its devices and settings, and the parts. Everything is compiled from the model when first asked for,
 * so that a frame nobody here cares about costs next to nothing; {@link NetNamespace.update} throws away what the model has
 * changed and keeps what packets have.
 */
export class NetNamespace implements NetNs {
  readonly name: string
  readonly sim: Simulation
  log: NsLog | null = null
  revision = 0
  private made: readonly Part[] | null = null
  private readonly table: DeviceTable
  /** What was saved of it when it was compiled, where there was a moment before to go back to: then it is as new. */
  private fresh: SavedNetNs | null = null
  /** What was saved of it last while it was asleep. */
  private asleep: Saved | null = null
  private settings: Settings | null = null
  private hooks: boolean | null = null
  /**
   * The model, once something was made of it. Null while nothing was but devices, one by one: that of the network is meant then, so that
   * thousands who heard a broadcast once hold no network of an earlier time.
   */
  private known: Namespace | null = null
  /** Whether the network has another namespace in its place that nobody has looked at yet. */
  isOutdated = false

  constructor(sim: Simulation, model: Namespace) {
    this.sim = sim
    this.name = model.name
    this.table = new DeviceTable(this, () => (this.settings ?? this.readSettings()).conf)
    this.attachRecorder()
    // Neighbours of the model that age do so from now on.
    if (knownOf(model) !== undefined) return
    this.known = model
    this.makeParts()
  }

  get parts(): readonly Part[] {
    return this.made ?? this.makeParts()
  }

  private makeParts(): readonly Part[] {
    this.wake()
    this.made = PARTS.map((kind) => kind.make(this))
    return this.made
  }

  get neigh(): NeighTable {
    return neighOf(this)
  }

  get model(): Namespace {
    if (this.isOutdated) this.catchUp()
    return this.known ?? this.current()
  }

  private current(): Namespace {
    return this.sim.network.namespaces[this.name] as Namespace
  }

  /** Something is made of the model: from now on it is told of another. */
  wake(): Namespace {
    this.known ??= this.current()
    return this.model
  }

  /** The network has another namespace in its place, which differs in nothing but its firewall: it is read when somebody asks. */
  outdate(): void {
    if (this.known === null) return
    this.revision++
    this.isOutdated = true
    this.hooks = null
    if (this.made !== null) netfilterMayDiffer(this)
  }

  private catchUp(): void {
    this.isOutdated = false
    const model = this.sim.network.namespaces[this.name]
    if (model !== undefined && model !== this.known) this.update(model, false, false)
  }

  get dormant(): boolean {
    return this.settings === null
  }

  get devices(): Device[] {
    return this.table.all.list
  }

  get byName(): Map<string, Device> {
    return this.table.all.byName
  }

  get byIndex(): Map<number, Device> {
    return this.table.all.byIndex
  }

  get lo(): Device {
    return this.table.all.lo
  }

  device(name: string): Device | undefined {
    return this.table.one(name)
  }

  get ip(): IpGlobals {
    return (this.settings ?? this.readSettings()).ip
  }

  get bridgeNfCallIptables(): boolean {
    return (this.settings ?? this.readSettings()).bridgeNfCallIptables
  }

  get bridgeNfCallIp6tables(): boolean {
    return (this.settings ?? this.readSettings()).bridgeNfCallIp6tables
  }

  private readSettings(): Settings {
    this.sim.woken++
    const sysctls = new SysctlIndex(this.wake().sysctls)
    this.settings = {
      conf: new DeviceConf(sysctls),
      ip: ipGlobals(sysctls),
      bridgeNfCallIptables: sysctls.global('net.bridge.bridge-nf-call-iptables') !== 0,
      bridgeNfCallIp6tables: sysctls.global('net.bridge.bridge-nf-call-ip6tables') !== 0,
    }
    return this.settings
  }

  get hasHooks(): boolean {
    return this.hooks ?? this.findHooks()
  }

  private findHooks(): boolean {
    this.hooks = netfilterOf(this) !== null
    return this.hooks
  }

  /** IPv4 routing tables and rules. */
  get fib4(): Fib4 {
    return ipv4Of(this).fib
  }

  /** IPv4 route exceptions (PMTU, redirects). */
  get cache4(): RouteCache4 {
    return ipv4Of(this).cache
  }

  /** Incomplete IPv4 datagrams. */
  get frags4(): FragQueues {
    return ipv4Of(this).frags
  }

  /** Everything IPv6; null when IPv6 is off in this namespace. */
  get ip6(): Ipv6State | null {
    return ipv6Of(this)
  }

  /** Netfilter; null when no table is loaded. */
  get nf(): Netfilter | null {
    return netfilterOf(this)
  }

  /** Sockets. */
  get sockets(): SocketTable {
    return socketsOf(this)
  }

  /**
   * Takes over another state of the model: only what is another object than before is compiled again.
   * @param linksChanged - a wire or the other end of one changed, so carriers may have
   * @param tablesChanged - a shared table of the network changed
   */
  update(model: Namespace, linksChanged: boolean, tablesChanged: boolean): void {
    const before = this.known
    this.revision++
    this.known = model
    this.isOutdated = false
    this.hooks = null
    if (before === null) {
      this.table.update()
      return
    }
    const confChanged = model.sysctls !== before.sysctls
    const shared = model.shared !== before.shared || (tablesChanged && model.shared !== undefined)
    const devices = confChanged || linksChanged || model.interfaces !== before.interfaces
    if (confChanged) this.settings = null
    if (devices || model.fdb !== before.fdb) this.table.update()
    for (const part of this.made ?? []) part.update({ before, devices, shared })
  }

  /**
   * Takes over another state of the model where no packet was more than looked at here, and the devices that looked at it are the
   * same in both. @returns whether that was all there is to do
   */
  sleepsOn(model: Namespace, linksChanged: boolean): boolean {
    if (this.known !== null || !this.table.isAsIn(model)) return false
    this.hooks = null
    if (linksChanged) this.forgetPeers()
    return true
  }

  /** A copy of what packets have changed. Compiles nothing: who is asleep is asleep in the copy. */
  save(): NetNsSnapshot {
    if (this.known !== null) return { ns: this, state: this.saved() }
    // Of thousands that are asleep a packet has touched few since.
    if (this.asleep === null || !this.table.isAs(this.asleep.state.devices)) {
      this.asleep = { ns: this, state: this.saved() }
    }
    return this.asleep
  }

  private saved(): SavedNetNs {
    const parts = this.made?.map((part) => part.save()) ?? null
    return { settings: this.settings, devices: this.table.save(), parts }
  }

  /** It is gone from the network. @param model - as it was there last */
  end(model: Namespace): void {
    this.known ??= model
    if (this.made === null) return
    for (const dev of this.devices) this.neigh.removeDev(dev)
    for (const part of this.made ?? []) part.end?.()
  }

  /** Notes how it is now, having just been compiled: that is what {@link NetNamespace.renew} goes back to. */
  noteFresh(): void {
    this.fresh = this.saved()
  }

  /** Goes back to how it was when it was compiled, if that was noted. */
  renew(): void {
    if (this.fresh !== null) this.load(this.fresh)
  }

  /** A copy is about to be put back: the model will be that of then. */
  recall({ devices }: SavedNetNs): void {
    this.table.recall(devices)
  }

  /** Goes back to a copy, the model being that of then: who was asleep is asleep again. */
  load(saved: SavedNetNs): void {
    this.revision++
    const isAsleep = saved.settings === null && saved.parts === null && !saved.devices.isWhole
    this.known = isAsleep ? null : this.wake()
    this.settings = saved.settings
    this.hooks = null
    this.table.load(saved.devices)
    if (saved.parts === null) this.made = null
    else for (const [slot, part] of this.parts.entries()) part.load(saved.parts[slot])
  }

  /** Learns the ids under which the simulation's recorder keeps the names here. */
  attachRecorder(): void {
    const { recorder } = this.sim
    this.log = recorder === null ? null : new NsLog(recorder, this.sim.clock, this.name)
    for (const dev of this.table.known) dev.recordId = recorder === null ? 0 : recorder.devId(dev.name)
  }

  /** Names of devices whose carrier or other end has been looked at. */
  linkedDevices(): string[] {
    const names: string[] = []
    for (const dev of this.table.known) if (dev.isLinked) names.push(dev.name)
    return names
  }

  /** The other ends of wires may be other objects than before. */
  forgetPeers(): void {
    this.revision++
    for (const dev of this.table.known) dev.forget()
  }
}
