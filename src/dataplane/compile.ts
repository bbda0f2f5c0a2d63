import type { Interface, Namespace, Sysctls } from '../model/index.ts'
import { macToKey } from '../wire/index.ts'
import { SECOND } from './clock.ts'
import { Device } from './device-compile.ts'
import { DeviceConf, ipGlobals } from './device-conf.ts'
import { FragQueues } from './ipv4/defrag.ts'
import { RouteCache4 } from './ipv4/exceptions.ts'
import { compileFib4, type Fib4 } from './ipv4/fib.ts'
import { createIpv6State, type Ipv6State } from './ipv6/state.ts'
import { Bridge } from './link/bridge.ts'
import { NeighTable } from './link/neigh.ts'
import type { NetDevice } from './net-device.ts'
import { compileNetfilter, type Netfilter } from './netfilter/netfilter.ts'
import type { IpGlobals, NetNs } from './netns.ts'
import type { Simulation } from './simulation.ts'
import { SocketTable } from './sockets/socket-table.ts'
import { SysctlIndex } from './sysctl-index.ts'

const DEFAULT_AGEING = 300

const NO_LOOPBACK: Interface = {
  name: 'lo',
  ifindex: 1,
  kind: 'loopback',
  mtu: 65536,
  up: false,
  carrier: false,
  addresses: [],
}

/** A namespace; `update` brings its compiled tables up to date with the model and keeps what packets have changed. */
export class CompiledNetNs implements NetNs {
  readonly name: string
  readonly sim: Simulation
  model: Namespace
  recordId = 0
  devices: NetDevice[] = []
  byName: Map<string, NetDevice> = new Map()
  byIndex: Map<number, NetDevice> = new Map()
  lo!: NetDevice
  ip!: IpGlobals
  bridgeNfCallIptables = false
  bridgeNfCallIp6tables = false
  fib4!: Fib4
  cache4: RouteCache4
  neigh: NeighTable
  frags4: FragQueues
  ip6: Ipv6State | null = null
  nf: Netfilter | null = null
  sockets: SocketTable
  private conf!: DeviceConf
  /** Every device there ever was: one that comes back is the same object, so that what refers to it stays good. */
  private readonly everyDevice = new Map<string, Device>()

  constructor(sim: Simulation, model: Namespace) {
    this.sim = sim
    this.name = model.name
    this.model = model
    this.neigh = new NeighTable(this)
    this.cache4 = new RouteCache4(this)
    this.frags4 = new FragQueues(this)
    this.sockets = new SocketTable(this)
    this.readSysctls(model.sysctls)
    this.updateDevices()
    this.updateFdb()
    this.neigh.seed(model.neighbours)
    this.fib4 = compileFib4(this)
    this.ip6 = createIpv6State(this)
    this.nf = compileNetfilter(this, null)
    this.attachRecorder()
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
    if (confChanged) this.readSysctls(model.sysctls)
    if (devicesChanged) this.updateDevices()
    if (devicesChanged || model.fdb !== before.fdb) this.updateFdb()
    if (this.neighboursDiffer(before, model) || sharedChanged) this.neigh.seed(model.neighbours)
    const routesChanged = sharedChanged || model.routes !== before.routes || model.rules !== before.rules
    if (routesChanged || devicesChanged) {
      this.neigh.forgetDerived()
      this.fib4 = compileFib4(this)
      this.ip6 = createIpv6State(this)
    }
    if (rulesDiffer(before, model) || devicesChanged) this.nf = compileNetfilter(this, this.nf)
  }

  /** Learns the ids under which the simulation's recorder keeps the names here. */
  attachRecorder(): void {
    const { recorder } = this.sim
    this.recordId = recorder === null ? 0 : recorder.nsId(this.name)
    for (const dev of this.devices) dev.recordId = recorder === null ? 0 : recorder.devId(dev.name)
  }

  /** The other ends of wires may be other objects than before. */
  forgetPeers(): void {
    for (const dev of this.everyDevice.values()) dev.forgetPeer()
  }

  private neighboursDiffer(before: Namespace, after: Namespace): boolean {
    return after.neighbours !== before.neighbours || after.proxyNeighbours !== before.proxyNeighbours
  }

  private readSysctls(values: Sysctls): void {
    const sysctls = new SysctlIndex(values)
    this.conf = new DeviceConf(sysctls)
    this.ip = ipGlobals(sysctls)
    this.bridgeNfCallIptables = sysctls.global('net.bridge.bridge-nf-call-iptables') !== 0
    this.bridgeNfCallIp6tables = sysctls.global('net.bridge.bridge-nf-call-ip6tables') !== 0
  }

  private updateDevices(): void {
    const before = this.byName
    const models = Object.values(this.model.interfaces)
    const sorted = (models.some(({ kind }) => kind === 'loopback') ? models : [NO_LOOPBACK, ...models]).sort(
      (a, b) => a.ifindex - b.ifindex,
    )
    this.devices = sorted.map((model) => this.deviceFor(model))
    this.byName = new Map(this.devices.map((dev) => [dev.name, dev]))
    this.byIndex = new Map(this.devices.map((dev) => [dev.ifindex, dev]))
    this.lo = this.devices.find(({ loopback }) => loopback) as NetDevice
    for (const old of before.values()) if (this.byIndex.get(old.ifindex) !== old) this.neigh.removeDev(old.ifindex)
    this.updateBridges()
    this.attachRecorder()
  }

  private deviceFor(model: Interface): NetDevice {
    const key = `${model.ifindex} ${model.kind} ${model.name}`
    const known = this.everyDevice.get(key)
    const dev = known ?? new Device(this, model)
    if (known === undefined) this.everyDevice.set(key, dev)
    const had = { up: dev.up && dev.carrier, mac: dev.mac }
    dev.forgetPeer()
    dev.update(model, this.conf, this.sim.carrierOf(this.name, model))
    if (known !== undefined && ((had.up && !(dev.up && dev.carrier)) || had.mac !== dev.mac)) this.neigh.flushDev(dev)
    return dev
  }

  private updateBridges(): void {
    for (const dev of this.devices) {
      dev.master = null
      if (dev.kind !== 'bridge') continue
      const ageing = (dev.model.bridge?.ageingTime ?? DEFAULT_AGEING) * SECOND
      if (dev.bridge === null) dev.bridge = new Bridge(dev, ageing)
      dev.bridge.fdb.ageing = ageing
      const ports = this.devices.filter((port) => port.model.master === dev.name)
      for (const port of ports) port.master = dev.bridge
      dev.bridge.setPorts(ports)
    }
    for (const dev of this.devices) {
      const name = dev.model.master
      if (name !== undefined) dev.master = this.byName.get(name)?.bridge ?? null
    }
  }

  /** Own addresses and the model's entries; what was learned stays. Learned entries of the model are taken over once. */
  private updateFdb(): void {
    for (const { bridge } of this.devices) {
      if (bridge === null) continue
      const isNew = bridge.fdb.flushFixed()
      bridge.fdb.setFixed(bridge.dev.mac, null, true)
      for (const port of this.devices) if (port.master === bridge) bridge.fdb.setFixed(port.mac, port, true)
      this.seedFdb(bridge, isNew)
    }
  }

  private seedFdb(bridge: Bridge, isNew: boolean): void {
    for (const { mac, dev, master, state } of this.model.fdb) {
      const port = this.byName.get(dev)
      if (port === undefined || (port.master !== bridge && port.bridge !== bridge)) continue
      if (master !== bridge.dev.name && port.bridge !== bridge) continue
      const key = macToKey(mac)
      if (state === 'permanent') bridge.fdb.setFixed(key, port.bridge === bridge ? null : port, true)
      else if (state === 'static') bridge.fdb.setFixed(key, port, false)
      else if (isNew && port.bridge !== bridge) bridge.fdb.setLearned(key, port)
    }
  }
}

function rulesDiffer(before: Namespace, after: Namespace): boolean {
  return (
    before.iptables !== after.iptables ||
    before.ip6tables !== after.ip6tables ||
    before.ipsets !== after.ipsets ||
    before.conntrack !== after.conntrack
  )
}
