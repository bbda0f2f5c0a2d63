import type { Namespace } from '../model/index.ts'
import { DeviceConf, ipGlobals } from './device-conf.ts'
import { DeviceTable, type SavedDevices } from './device-table.ts'
import { FragQueues } from './ipv4/defrag.ts'
import { RouteCache4 } from './ipv4/exceptions.ts'
import { compileFib4, type Fib4 } from './ipv4/fib.ts'
import { createIpv6State, type Ipv6State } from './ipv6/state.ts'
import type { NetDevice } from './kernel/net-device.ts'
import type { IpGlobals, NetNs } from './kernel/netns.ts'
import { SysctlIndex } from './kernel/sysctl.ts'
import { NeighTable } from './link/neigh.ts'
import { compileNetfilter, type Netfilter } from './netfilter/netfilter.ts'
import type { Simulation } from './simulation.ts'
import { SocketTable } from './sockets/socket-table.ts'

/** Sysctls in the forms the engine reads. */
interface Settings {
  readonly conf: DeviceConf
  readonly ip: IpGlobals
  readonly bridgeNfCallIptables: boolean
  readonly bridgeNfCallIp6tables: boolean
}

/** Which parts of a namespace were compiled at a moment, and its devices: for snapshots. */
export interface SavedParts {
  /** Sysctls. */
  readonly settings: Settings | null
  /** IPv4 routing. */
  readonly routes4: Fib4 | null
  /** IPv6, and whether it is that of the model. */
  readonly state6: Ipv6State | null
  /** See `state6`. */
  readonly is6Fresh: boolean
  /** Netfilter, and whether it is that of the model. */
  readonly filter: Netfilter | null
  /** See `filter`. */
  readonly isFilterFresh: boolean
  /** Devices. */
  readonly devices: SavedDevices
}

/**
 * A namespace. Each part is compiled from the model when first asked for, so that a frame nobody here cares about costs
 * next to nothing; `update` throws away what the model has changed and keeps what packets have.
 */
export class CompiledNetNs implements NetNs {
  readonly name: string
  readonly sim: Simulation
  model: Namespace
  recordId = 0
  readonly cache4: RouteCache4
  readonly neigh: NeighTable
  readonly frags4: FragQueues
  readonly sockets: SocketTable
  private readonly table: DeviceTable
  private settings: Settings | null = null
  private routes4: Fib4 | null = null
  private state6: Ipv6State | null = null
  private is6Fresh = false
  private filter: Netfilter | null = null
  private isFilterFresh = false

  constructor(sim: Simulation, model: Namespace) {
    this.sim = sim
    this.name = model.name
    this.model = model
    this.table = new DeviceTable(this, () => this.tuned.conf)
    this.neigh = new NeighTable(this)
    this.cache4 = new RouteCache4(this)
    this.frags4 = new FragQueues(this)
    this.sockets = new SocketTable(this)
    this.attachRecorder()
    this.neigh.seed()
  }

  get dormant(): boolean {
    return this.settings === null
  }

  get devices(): NetDevice[] {
    return this.table.all.list
  }

  get byName(): Map<string, NetDevice> {
    return this.table.all.byName
  }

  get byIndex(): Map<number, NetDevice> {
    return this.table.all.byIndex
  }

  get lo(): NetDevice {
    return this.table.all.lo
  }

  device(name: string): NetDevice | undefined {
    return this.table.one(name)
  }

  private get tuned(): Settings {
    if (this.settings !== null) return this.settings
    const sysctls = new SysctlIndex(this.model.sysctls)
    this.settings = {
      conf: new DeviceConf(sysctls),
      ip: ipGlobals(sysctls),
      bridgeNfCallIptables: sysctls.global('net.bridge.bridge-nf-call-iptables') !== 0,
      bridgeNfCallIp6tables: sysctls.global('net.bridge.bridge-nf-call-ip6tables') !== 0,
    }
    return this.settings
  }

  get ip(): IpGlobals {
    return this.tuned.ip
  }

  get bridgeNfCallIptables(): boolean {
    return this.tuned.bridgeNfCallIptables
  }

  get bridgeNfCallIp6tables(): boolean {
    return this.tuned.bridgeNfCallIp6tables
  }

  get fib4(): Fib4 {
    this.routes4 ??= compileFib4(this)
    return this.routes4
  }

  get ip6(): Ipv6State | null {
    if (!this.is6Fresh) {
      this.is6Fresh = true
      this.state6 = createIpv6State(this)
    }
    return this.state6
  }

  get nf(): Netfilter | null {
    if (!this.isFilterFresh) {
      this.isFilterFresh = true
      this.filter = compileNetfilter(this, this.filter)
    }
    return this.filter
  }

  /**
   * Takes over another state of the model: only what is another object than before is compiled again.
   * @param linksChanged - a wire or the other end of one changed, so carriers may have
   * @param fabricsChanged - a fabric of the network changed
   */
  update(model: Namespace, linksChanged: boolean, fabricsChanged: boolean): void {
    const before = this.model
    this.model = model
    const confChanged = model.sysctls !== before.sysctls
    const sharedChanged = model.fabrics !== before.fabrics || (fabricsChanged && model.fabrics !== undefined)
    const devicesChanged = confChanged || linksChanged || model.interfaces !== before.interfaces
    if (confChanged) this.settings = null
    if (devicesChanged || model.fdb !== before.fdb) this.table.update()
    if (neighboursDiffer(before, model) || sharedChanged) this.neigh.seed()
    const routesChanged = sharedChanged || model.routes !== before.routes || model.rules !== before.rules
    if (routesChanged || devicesChanged) {
      this.neigh.forgetDerived()
      this.routes4 = null
      this.is6Fresh = false
    }
    if (rulesDiffer(before, model) || devicesChanged) this.isFilterFresh = false
  }

  /** The parts that are there; none is compiled for it. */
  saveParts(): SavedParts {
    const { settings, routes4, state6, is6Fresh, filter, isFilterFresh } = this
    return { settings, routes4, state6, is6Fresh, filter, isFilterFresh, devices: this.table.save() }
  }

  /** Goes back to saved parts, the model being that of then: who slept sleeps again. */
  loadParts(saved: SavedParts): void {
    this.settings = saved.settings
    this.routes4 = saved.routes4
    this.state6 = saved.state6
    this.is6Fresh = saved.is6Fresh
    this.filter = saved.filter
    this.isFilterFresh = saved.isFilterFresh
    this.table.load(saved.devices)
  }

  /** Learns the ids under which the simulation's recorder keeps the names here. */
  attachRecorder(): void {
    const { recorder } = this.sim
    this.recordId = recorder === null ? 0 : recorder.nsId(this.name)
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
    for (const dev of this.table.known) dev.forget()
  }
}

function neighboursDiffer(before: Namespace, after: Namespace): boolean {
  return after.neighbours !== before.neighbours || after.proxyNeighbours !== before.proxyNeighbours
}

function rulesDiffer(before: Namespace, after: Namespace): boolean {
  return (
    before.iptables !== after.iptables ||
    before.ip6tables !== after.ip6tables ||
    before.ipsets !== after.ipsets ||
    before.conntrack !== after.conntrack
  )
}
