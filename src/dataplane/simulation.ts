import { type xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { DropCause, Interface, Namespace, Network } from '../model/index.ts'
import {
  changesBetween,
  InputError,
  interfaceOf,
  isLazy,
  knownOf,
  type LinkSource,
  linkHasCarrier,
  seedWord,
} from '../model/index.ts'
import { PARTS, STACK } from './assemble.ts'
import { Clock } from './kernel/clock.ts'
import { IcmpGlobal } from './kernel/icmp-global.ts'
import type { NetDevice } from './kernel/net-device.ts'
import type { NetNs } from './kernel/netns.ts'
import type { Recorder } from './kernel/recorder.ts'
import { HEADROOM, PacketBuffer, type PacketOnDevice } from './kernel/skb.ts'
import { Slab } from './kernel/slab.ts'
import type { Stack } from './kernel/stack.ts'
import type { Chooser, Tap, Unclaimed, World } from './kernel/world.ts'
import { receiveQueued } from './link/receive.ts'
import { NetNamespace } from './net-namespace.ts'
import { loadNetNs, recallNetNs, type SimulationSnapshot } from './snapshot.ts'
import { WireIndex } from './wire-index.ts'

/** How to run a simulation. */
export interface SimulationOptions {
  /** Decides ids, ports and every other choice; same seed, same bytes. */
  readonly seed?: number
  /** Where to record; null or absent = nothing is recorded. */
  readonly recorder?: Recorder | null
  /** Decides rules of chance (`-m statistic --mode random`) itself; undefined for those that the seed shall decide. Absent = none. */
  readonly choose?: Chooser
  /**
   * Time of day: milliseconds since 1970 (UTC) at virtual time 0, as IP timestamp options and ICMP timestamps carry it. Without,
   * virtual time starts at midnight.
   */
  readonly epoch?: number
}

/** Queue length from which the served front of the backlog is cut off. */
const COMPACT = 4096

/** Virtual time it takes to hand a frame from one device to the next, in nanoseconds: so that stamps are in order. */
const HANDOVER = 1_000

/**
 * A running network: the model plus everything that changes while packets move. Synchronous and deterministic; time is
 * virtual. Namespaces are compiled when first needed.
 */
export class Simulation implements World {
  /** Virtual time. */
  readonly clock: Clock = new Clock()
  /** Entry points of the parts of the stack. */
  readonly stack: Stack = STACK
  /** Told of every drop; null = nobody. */
  onDrop: ((cause: DropCause, skb: PacketBuffer, ns: NetNs) => void) | null = null
  /** May open a socket for a request that finds none, as inetd does, and says whether it did; null = nobody does. */
  onUnclaimed: ((request: Unclaimed, ns: NetNs) => boolean) | null = null
  /** Sees frames; see {@link Tap}. */
  readonly taps: Tap[] = []
  /** Seed given; keyed hashes start from it. */
  readonly seed: number
  readonly epoch: number
  readonly icmpGlobal: IcmpGlobal = new IcmpGlobal()
  readonly slab: Slab = new Slab()
  readonly scratch: readonly unknown[] = PARTS.map((kind) => kind.scratch?.())
  /** Decides rules of chance; null = the seed does. */
  choose: Chooser | null
  /** How often a namespace was asked for what only a packet that it does something with asks for. */
  woken = 0
  private current: Network
  private attached: Recorder | null
  private readonly wires: WireIndex
  private readonly links: LinkSource = {
    namespace: (name) => this.current.namespaces[name],
    otherEnd: (netns, dev) => this.wires.otherEnd(netns, dev),
  }
  private readonly compiled = new Map<string, NetNamespace>()
  /** Frames received and not yet processed lie in `[served, waiting)`. */
  private readonly backlog: (PacketOnDevice | null)[] = []
  private served = 0
  private waiting = 0
  private rng: ReturnType<typeof xoroshiro128plus>
  private packetId = 0
  private wasSaved = false

  constructor(network: Network, options: SimulationOptions = {}) {
    this.current = network
    this.seed = options.seed ?? 1
    this.epoch = options.epoch ?? 0
    this.rng = xoroshiro128plusFromState([0, 1, 2, 3].map((i) => seedWord(this.seed, i)))
    this.choose = options.choose ?? null
    this.attached = options.recorder ?? null
    this.attached?.network(this.clock.now, network)
    this.wires = new WireIndex(network.wires)
  }

  /** The model it runs; change it by {@link Simulation.setNetwork}. */
  get network(): Network {
    return this.current
  }

  /** Where records go; null = nowhere. */
  get recorder(): Recorder | null {
    return this.attached
  }
  /** Changes where records go, for namespaces already compiled too. */
  set recorder(recorder: Recorder | null) {
    this.attached = recorder
    recorder?.network(this.clock.now, this.current)
    for (const ns of this.compiled.values()) ns.attachRecorder()
  }

  /**
   * The namespace, compiled on first use.
   * @throws InputError when the network has none of that name
   */
  netns(name: string): NetNamespace {
    const found = this.find(name)
    if (found !== undefined) return found
    const expected = `one of ${Object.keys(this.current.namespaces).slice(0, 20).join(', ')}`
    throw new InputError([{ kind: 'missing_reference', file: '', path: ['namespaces'], expected, received: name }])
  }

  private find(name: string): NetNamespace | undefined {
    const known = this.compiled.get(name)
    if (known !== undefined) return known
    const { namespaces } = this.current
    const model = isLazy(namespaces) || Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
    if (model === undefined) return undefined
    const made = new NetNamespace(this, model)
    this.compiled.set(name, made)
    if (this.wasSaved) made.noteFresh()
    return made
  }

  /** A namespace that packets have woken; undefined where none has come to it, or none that it cared about. */
  awake(name: string): NetNamespace | undefined {
    const known = this.compiled.get(name)
    return known?.dormant === false ? known : undefined
  }

  /** Namespaces compiled so far, in order of first use. */
  compiledNamespaces(): NetNamespace[] {
    return [...this.compiled.values()]
  }

  /** Runs another model from now on: only changed namespaces are compiled again, volatile state is kept, carriers follow. */
  setNetwork(network: Network): void {
    const before = this.current
    this.current = network
    if (network !== before) this.attached?.network(this.clock.now, network)
    const touched = new Set(this.wires.update(network.wires))
    const sharedChanged = network.shared !== before.shared
    const changes = changesBetween(before.namespaces, network.namespaces)
    if (changes === undefined || sharedChanged) this.updateAll(before, touched, sharedChanged)
    else {
      this.updateSome(before, changes.names, touched)
      this.outdate(changes.firewalls)
    }
  }

  /** The firewalls of some of these namespaces are others than before. */
  private outdate(names: ReadonlySet<string>): void {
    if (names.size === 0) return
    for (const ns of this.compiled.values()) if (!ns.isOutdated && names.has(ns.name)) ns.outdate()
  }

  /** Only these namespaces are others than before. */
  private updateSome(before: Network, names: readonly string[], rewired: ReadonlySet<string>): void {
    const { namespaces } = this.current
    const touched = new Set(rewired)
    for (const name of names) {
      if (namespaces[name] === undefined) this.forget(before, name)
      if (this.hasSameInterfaces(before.namespaces[name], namespaces[name])) continue
      for (const { netns, dev } of this.wires.endsBeside(name)) {
        if (this.compiled.has(netns) && this.isOtherEnd(before, netns, dev)) touched.add(netns)
      }
    }
    for (const name of new Set([...names, ...touched])) this.updateOne(before, name, touched.has(name), false)
  }

  /** Whether interfaces are the very same, as far as that is known without making them. */
  private hasSameInterfaces(was: Namespace | undefined, now: Namespace | undefined): boolean {
    return now !== undefined && knownOf(now) === undefined && was?.interfaces === now.interfaces
  }

  private updateAll(before: Network, touched: Set<string>, sharedChanged: boolean): void {
    const { namespaces } = this.current
    for (const [name, ns] of this.compiled) {
      if (namespaces[name] === undefined) this.forget(before, name)
      else if (ns.linkedDevices().some((dev) => this.isOtherEnd(before, name, dev))) touched.add(name)
    }
    for (const name of this.compiled.keys()) this.updateOne(before, name, touched.has(name), sharedChanged)
  }

  /** Whether the interface at the other end of a wire is another, or has come up or gone down: carrier depends on no more. */
  private isOtherEnd({ namespaces: old }: Network, netns: string, dev: string): boolean {
    const other = this.wires.otherEnd(netns, dev)
    if (other === undefined) return false
    const [was, now] = [old, this.current.namespaces].map((all) => {
      const far = all[other.netns]
      return far && interfaceOf(far, other.dev)
    })
    return was !== now && (was?.up !== now?.up || was?.ifindex !== now?.ifindex || was?.kind !== now?.kind)
  }

  private updateOne(before: Network, name: string, linksChanged: boolean, sharedChanged: boolean): void {
    const ns = this.compiled.get(name)
    const model = this.current.namespaces[name]
    if (ns === undefined || model === undefined) return
    // Of most nodes of a large network nobody knows more than that they heard a broadcast.
    if (ns.sleepsOn(model, linksChanged)) return
    const tablesChanged = sharedChanged && this.hasOtherTables(model, before)
    if (model !== ns.model || linksChanged || tablesChanged) ns.update(model, linksChanged, tablesChanged)
  }

  /** Whether a namespace uses a shared table that is another than before. */
  private hasOtherTables({ shared = [] }: Namespace, before: Network): boolean {
    return shared.some(({ table }) => this.current.shared[table] !== before.shared[table])
  }

  private forget({ namespaces }: Network, name: string): void {
    const ns = this.compiled.get(name)
    this.compiled.delete(name)
    ns?.end(namespaces[name] as Namespace)
  }

  /** The device at the other end of a wire, or null. Compiles its namespace. */
  peerOf(dev: NetDevice): NetDevice | null {
    const end = this.wires.otherEnd(dev.ns.name, dev.name)
    return (end && this.find(end.netns)?.device(end.dev)) ?? null
  }

  /** Whether an interface has carrier, by the model of both its ends. */
  carrierOf(netns: string, dev: Interface): boolean {
    return linkHasCarrier(this.links, netns, dev)
  }

  /** Queues a received frame for `skb.dev`. */
  enqueue(skb: PacketOnDevice): void {
    this.backlog[this.waiting++] = skb
  }

  /** Packets queued and not yet served. */
  get queued(): number {
    return this.waiting - this.served
  }

  /** Drains what is queued, fires timers in order up to `until` (absolute nanoseconds) and moves the clock there. */
  run(until: number): void {
    this.drain()
    while (this.clock.step(until)) this.drain()
    if (until > this.clock.now) this.clock.now = until
  }

  /** As {@link Simulation.run}, but the clock stays where the last timer fired. @returns the time then */
  runUntilIdle(limit: number): number {
    this.drain()
    while (this.clock.step(limit)) this.drain()
    return this.clock.now
  }

  /** Serves the backlog in order, until it is empty. */
  drain(): void {
    const { backlog, clock } = this
    while (this.served < this.waiting) {
      const skb = backlog[this.served] as PacketOnDevice
      backlog[this.served++] = null
      if (this.served >= COMPACT) {
        backlog.splice(0, this.served)
        this.waiting -= this.served
        this.served = 0
      }
      clock.now += HANDOVER
      receiveQueued(skb)
    }
    this.served = 0
    this.waiting = 0
  }

  /** Id for a new packet. */
  nextPacketId(): number {
    return ++this.packetId
  }

  /** A random uint32 from the seed. */
  random(): number {
    return this.rng.next() >>> 0
  }

  /** A new packet of `payloadLength` zero bytes with room in front. */
  newSkb(payloadLength: number, headroom: number = HEADROOM): PacketBuffer {
    const end = headroom + payloadLength
    return new PacketBuffer(this.slab.bytes(end), headroom, end, this.nextPacketId())
  }

  /**
   * A copy of everything that packets have changed. Only between runs: what is queued is served first.
   */
  snapshot(): SimulationSnapshot {
    this.drain()
    this.wasSaved = true
    return {
      network: this.current,
      now: this.clock.now,
      rng: this.rng.getState(),
      packetId: this.packetId,
      icmpGlobal: this.icmpGlobal.save(),
      namespaces: Array.from(this.compiled.values(), (ns) => ns.save()),
      carried: this.clock.saveCarried(),
    }
  }

  /** Goes back to a snapshot of this simulation. Timers are armed again from the deadlines of what waits for them. */
  restore(saved: SimulationSnapshot): void {
    this.backlog.length = 0
    this.served = 0
    this.waiting = 0
    this.clock.clear()
    for (const one of saved.namespaces) this.compiled.set(one.ns.name, recallNetNs(one))
    this.setNetwork(saved.network)
    this.clock.now = saved.now
    this.rng = xoroshiro128plusFromState(saved.rng)
    this.packetId = saved.packetId
    this.icmpGlobal.load(saved.icmpGlobal)
    for (const ns of this.compiled.values()) ns.forgetPeers()
    for (const one of saved.namespaces) loadNetNs(one)
    const known = new Set(saved.namespaces.map(({ ns }) => ns.name))
    for (const [name, ns] of this.compiled) if (!known.has(name)) ns.renew()
    for (const arm of saved.carried) arm()
  }
}
