import { type Interface, interfaceOf, type Namespace } from '../model/index.ts'
import { macToKey } from '../wire/index.ts'
import { Device } from './device.ts'
import type { DeviceConf } from './device-conf.ts'
import { SECOND } from './kernel/clock.ts'
import { Bridge } from './link/bridge.ts'
import type { SavedBridgeFdb } from './link/bridge-fdb.ts'
import type { NetNamespace } from './net-namespace.ts'

const DEFAULT_AGEING = 300

const NO_LOOPBACK: Readonly<Interface> = {
  name: 'lo',
  ifindex: 1,
  kind: 'loopback',
  mtu: 65536,
  up: false,
  carrier: false,
  addresses: [],
}

/** Every device of a namespace, in three orders. */
interface AllDevices {
  readonly list: Device[]
  readonly byName: Map<string, Device>
  readonly byIndex: Map<number, Device>
  readonly lo: Device
}

/** What {@link DeviceTable.save} gives and {@link DeviceTable.load} takes. */
export interface SavedDevices {
  /** All devices had been compiled. */
  readonly isWhole: boolean
  /** Bridges' forwarding databases, by the bridge's device. */
  readonly fdbs: readonly (readonly [Device, SavedBridgeFdb])[]
  /** Counters of the devices compiled. */
  readonly counters: readonly (readonly [Device, Counters])[]
}

type Counters = Pick<Device, 'rxPackets' | 'rxBytes' | 'txPackets' | 'txBytes' | 'rxDropped' | 'txDropped'>

const NOTHING_COUNTED: Readonly<Counters> = {
  rxPackets: 0,
  rxBytes: 0,
  txPackets: 0,
  txBytes: 0,
  rxDropped: 0,
  txDropped: 0,
}

function countsAs(dev: Device, was: Counters): boolean {
  return (
    dev.rxPackets === was.rxPackets &&
    dev.rxBytes === was.rxBytes &&
    dev.txPackets === was.txPackets &&
    dev.txBytes === was.txBytes &&
    dev.rxDropped === was.rxDropped &&
    dev.txDropped === was.txDropped
  )
}

/**
 * The devices of a namespace, compiled as they are needed: one for a frame that arrives, all for anything else. An interface
 * keeps its object over edits, so that what refers to it stays good. One that is gone is forgotten, as nodes see pods come and go
 * for ever; whoever goes back to a moment at which it was there brings it along.
 */
export class DeviceTable {
  private readonly ns: NetNamespace
  private readonly conf: () => DeviceConf
  private made: Device[] = []
  /** The same by what makes a device the one it is; filled when an interface could be one of them. */
  private readonly byKey = new Map<string, Device>()
  private whole: AllDevices | null = null
  /** Counters as they were saved last. */
  private counted: SavedDevices['counters'] = []

  constructor(ns: NetNamespace, conf: () => DeviceConf) {
    this.ns = ns
    this.conf = conf
  }

  /** All devices. */
  get all(): AllDevices {
    if (this.whole === null) this.compile()
    return this.whole as AllDevices
  }

  /** Devices compiled so far. */
  get known(): Iterable<Device> {
    return this.made
  }

  /** One device; the others are left alone unless a bridge is involved. */
  one(name: string): Device | undefined {
    if (this.whole !== null) return this.whole.byName.get(name)
    const model = interfaceOf(this.ns.model, name)
    if (model === undefined || model.kind === 'bridge' || model.master !== undefined) return this.all.byName.get(name)
    return this.device(model, this.made.length === 0)
  }

  /** Whether the devices compiled so far, one by one, are interfaces of another state of the model, too. */
  isAsIn(model: Namespace): boolean {
    if (this.whole !== null) return false
    return this.made.every((dev) => {
      const now = interfaceOf(model, dev.name)
      if (now !== undefined && now !== dev.model && JSON.stringify(now) === JSON.stringify(dev.model))
        dev.update(now, this.conf)
      return now === dev.model
    })
  }

  /** The model's interfaces, or what they depend on, have changed. Devices that stop working lose their learned neighbours. */
  update(): void {
    const neigh = this.ns.neigh
    const had = this.made.map((dev) => {
      const isKnown = neigh.has(dev)
      return { dev, mac: dev.mac, worked: dev.works && isKnown, spoke6: isKnown && !dev.conf6.disabled }
    })
    this.whole = null
    for (const { dev } of had) dev.forget()
    if (had.length === 0) return
    this.compile()
    for (const { dev, mac, worked, spoke6 } of had) {
      if (this.all.byIndex.get(dev.ifindex) !== dev) neigh.removeDev(dev)
      else if (mac !== dev.mac || (worked && !(dev.up && dev.carrier))) neigh.flushDev(dev)
      else if (spoke6 && dev.conf6.disabled) neigh.flushDev6(dev)
    }
    if (this.made.length > this.all.list.length) this.replace([...this.all.list])
  }

  private replace(made: Device[]): void {
    this.made = made
    this.byKey.clear()
  }

  /** What packets have changed about the devices; compiles none. */
  save(): SavedDevices {
    const known = this.made
    return {
      isWhole: this.whole !== null,
      fdbs: known.flatMap((dev) => (dev.bridge === null ? [] : [[dev, dev.bridge.fdb.save()] as const])),
      counters: this.saveCounters(),
    }
  }

  /** A switch has thousands of ports, and few have moved a frame since they were saved last: what was saved of the others is shared. */
  private saveCounters(): SavedDevices['counters'] {
    const before = this.counted
    this.counted = this.made.map((dev, i) => {
      const last = before[i]
      if (last !== undefined && last[0] === dev && countsAs(dev, last[1])) return last
      const { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped } = dev
      return [dev, { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped }]
    })
    return this.counted
  }

  /** Whether packets have changed nothing since that was saved, devices having been compiled one by one. */
  isAs({ isWhole, fdbs, counters }: SavedDevices): boolean {
    if (isWhole || this.whole !== null || fdbs.length > 0 || counters.length !== this.made.length) return false
    // Asked of thousands of namespaces at every snapshot: without a closure for each.
    for (let i = 0; i < counters.length; i++) {
      const [dev, was] = counters[i]!
      if (dev !== this.made[i] || dev.bridge !== null || !countsAs(dev, was)) return false
    }
    return true
  }

  /** Knows the devices of a moment again, so that its interfaces get their objects back when the model is that of then. */
  recall({ counters }: SavedDevices): void {
    const known = new Set(this.made)
    const gone = counters.map(([dev]) => dev).filter((dev) => !known.has(dev))
    if (gone.length > 0) this.replace([...this.made, ...gone])
  }

  /** Puts back what {@link DeviceTable.save} copied; the model is that of then. Bridges nobody had used then are gone. */
  load(saved: SavedDevices): void {
    const fdbs = new Map(saved.fdbs)
    const counters = new Map(saved.counters)
    for (const dev of this.made) {
      Object.assign(dev, counters.get(dev) ?? NOTHING_COUNTED)
      dev.forgetSettings()
      const fdb = fdbs.get(dev)
      if (fdb === undefined) dev.bridge = null
      else dev.bridge?.fdb.load(fdb)
    }
    this.whole = null
    if (!saved.isWhole) return
    this.compile()
    for (const [dev, fdb] of saved.fdbs) dev.bridge?.fdb.load(fdb)
  }

  /** @param isNew - there has been no such device */
  private device(model: Interface, isNew: boolean): Device {
    const known = isNew ? undefined : this.earlier(model)
    const dev = known ?? new Device(this.ns, model)
    if (known === undefined) this.made.push(dev)
    dev.update(model, this.conf)
    const { recorder } = this.ns.sim
    dev.recordId = recorder === null ? 0 : recorder.devId(dev.name)
    return dev
  }

  /** The device that an interface has been before. */
  private earlier(model: Interface): Device | undefined {
    for (let i = this.byKey.size; i < this.made.length; i++) {
      const dev = this.made[i] as Device
      this.byKey.set(keyOf(dev), dev)
    }
    return this.byKey.get(keyOf(model))
  }

  private compile(): void {
    const models = Object.values(this.ns.wake().interfaces)
    const sorted = (models.some(({ kind }) => kind === 'loopback') ? models : [NO_LOOPBACK, ...models]).sort(
      (a, b) => a.ifindex - b.ifindex,
    )
    const isFirst = this.made.length === 0
    const list = sorted.map((model) => this.device(model, isFirst))
    const byName = new Map<string, Device>()
    const byIndex = new Map<number, Device>()
    for (const dev of list) {
      byName.set(dev.name, dev)
      byIndex.set(dev.ifindex, dev)
    }
    this.whole = { list, byName, byIndex, lo: list.find(({ loopback }) => loopback) as Device }
    this.joinBridges(this.whole)
    this.updateFdb()
  }

  private joinBridges({ list, byName }: AllDevices): void {
    for (const dev of list) {
      dev.master = null
      if (dev.kind !== 'bridge') continue
      const ageing = (dev.model.bridge?.ageingTime ?? DEFAULT_AGEING) * SECOND
      dev.bridge ??= new Bridge(dev, ageing)
      dev.bridge.fdb.ageing = ageing
    }
    const ports = new Map<Bridge, Device[]>()
    for (const dev of list) {
      const bridge = dev.model.master === undefined ? undefined : byName.get(dev.model.master)?.bridge
      if (!bridge) continue
      dev.master = bridge
      const known = ports.get(bridge)
      if (known === undefined) ports.set(bridge, [dev])
      else known.push(dev)
    }
    for (const { bridge } of list) bridge?.setPorts(ports.get(bridge) ?? [])
  }

  /** Own addresses and the model's entries; what was learned stays. Learned entries of the model are taken over once. */
  private updateFdb(): void {
    const { list } = this.all
    for (const { bridge } of list) {
      if (bridge === null) continue
      const isNew = bridge.fdb.flushFixed()
      bridge.fdb.setFixed(bridge.dev.mac, null, true)
      for (const port of list) if (port.master === bridge) bridge.fdb.setFixed(port.mac, port, true)
      this.seedFdb(bridge, isNew)
    }
  }

  private seedFdb(bridge: Bridge, isNew: boolean): void {
    for (const { mac, dev, master, state, vlan } of this.ns.model.fdb) {
      // Without VLAN filtering, which is refused, frames belong to no VLAN: such entries match none (`br_fdb_find`).
      if (vlan !== undefined) continue
      const port = this.all.byName.get(dev)
      if (port === undefined || (port.master !== bridge && port.bridge !== bridge)) continue
      if (master !== bridge.dev.name && port.bridge !== bridge) continue
      const key = macToKey(mac)
      if (state === 'permanent') bridge.fdb.setFixed(key, port.bridge === bridge ? null : port, true)
      else if (state === 'static') bridge.fdb.setFixed(key, port, false)
      else if (isNew && port.bridge !== bridge) bridge.fdb.setLearned(key, port)
    }
  }
}

/** An interface with another index, kind or name is another device. */
function keyOf({ ifindex, kind, name }: Pick<Interface, 'ifindex' | 'kind' | 'name'>): string {
  return `${ifindex} ${kind} ${name}`
}
