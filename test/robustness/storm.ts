// Throws mutated frames at a running simulation and accounts for every packet that comes of them.
import { type NetDevice, type NetNs, Recorder, SECOND, Simulation, sendFrame } from '../../src/dataplane/index.ts'
import type { Network } from '../../src/model/index.ts'
import { parseScenario } from '../../src/replay/index.ts'
import { type PacketEnd, traceOf } from '../../src/trace/index.ts'
import {
  checksum,
  foldChecksum,
  partialSum,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  readPcapng,
  readU16,
  readU32,
} from '../../src/wire/index.ts'
import { readScenario } from '../support/captures.ts'
import { mutate, Random } from './random.ts'

/** A network and the frames somebody sent in it. */
export interface Target {
  /** Name, for messages. */
  readonly name: string
  /** The network. */
  readonly network: Network
  /** Frames with the interface they went out of. */
  readonly frames: readonly { readonly netns: string; readonly dev: string; readonly bytes: Uint8Array }[]
}

/**
 * A capture as a target: its network before the first probe, and every frame a namespace sent. Neighbours keep the kernel's
 * own times: in the captures entries live and are probed an hour, so that two hosts may ask each other for ever.
 */
export function capturedTarget(name: string): Target {
  const files = readScenario(name)
  const network = parseScenario(files).network.edit((draft) => {
    for (const ns of Object.values(draft.namespaces)) {
      for (const key of Object.keys(ns.sysctls)) if (NEIGHBOUR_TIMES.test(key)) delete (ns.sysctls as Sysctls)[key]
    }
  })
  const frames: { netns: string; dev: string; bytes: Uint8Array }[] = []
  for (const [path, bytes] of files) {
    if (!path.endsWith('.pcapng')) continue
    const { interfaces, packets } = readPcapng(bytes)
    for (const packet of packets) {
      const [netns = '', dev = ''] = interfaces[packet.interface]!.name?.split('/') ?? []
      if (packet.direction === 'outbound' && network.namespaces[netns]?.interfaces[dev] !== undefined) {
        frames.push({ netns, dev, bytes: packet.bytes })
      }
    }
  }
  return { name, network, frames }
}

const NEIGHBOUR_TIMES = /\.neigh\..*\.(base_reachable_time(_ms)?|delay_first_probe_time)$/

type Sysctls = Record<string, string>

/** What a storm did. */
export interface StormReport {
  /** Frames injected. */
  readonly injected: number
  /** Packets that came of them. */
  readonly packets: number
  /** How many ended in each way. */
  readonly ends: Readonly<Partial<Record<PacketEnd, number>>>
  /** How many were dropped for each cause. */
  readonly causes: ReadonlyMap<string, number>
  /** Broken rules of traces, and packets that never ended. */
  readonly faults: readonly string[]
  /** What was left, as `NAMESPACE: WHAT`, after all timeouts. */
  readonly left: readonly string[]
  /** Timers armed at the end beyond those at the start. */
  readonly timers: number
}

/** Frames between two accounts. */
const BATCH = 100
/** Longer than fragments, neighbours and handshakes wait. */
const SETTLE = 400 * SECOND
/** Longer than any connection, exception or neighbour is kept (established TCP: five days). */
const FOREVER = 6 * 24 * 3600 * SECOND

/** Injects `count` mutated frames and waits until everything they left behind must be gone. */
export function storm(target: Target, count: number, seed: number): StormReport {
  const random = new Random(seed)
  const recorder = new Recorder()
  const sim = new Simulation(target.network, { seed, recorder })
  for (const name of Object.keys(target.network.namespaces)) sim.netns(name)
  sim.run(FOREVER)
  const timers = sim.clock.pending
  const before = leftIn(sim)
  const account = new Account()
  for (let done = 0; done < count; done += BATCH) {
    recorder.clear()
    for (let i = 0; i < Math.min(BATCH, count - done); i++) {
      inject(sim, target, random)
      if (random.oneIn(4)) sim.run(sim.clock.now + random.below(SECOND))
      else sim.drain()
    }
    sim.run(sim.clock.now + SETTLE)
    account.add(recorder, target.network)
  }
  sim.run(sim.clock.now + FOREVER)
  const left = [...leftIn(sim)].filter(([what, n]) => n > (before.get(what) ?? 0)).map(([what, n]) => `${what} ${n}`)
  return { injected: count, ...account, left, timers: sim.clock.pending - timers }
}

/** Sends one of the frames, damaged, out of the interface it was sent by. */
export function inject(sim: Simulation, target: Target, random: Random): void {
  const { netns, dev, bytes } = random.pick(target.frames)
  const device = sim.netns(netns).byName.get(dev) as NetDevice
  const frame = mutate(random, bytes, random.pick(target.frames).bytes)
  if (!random.oneIn(4)) repair(frame, device.hardHeaderLen, random)
  sendFrame(device, frame)
}

/** Puts right the checksums of an IPv4 header and what follows, so that most mutations get past them. */
function repair(frame: Uint8Array, at: number, random: Random): void {
  if (frame.length >= at + 44 && frame[at]! >> 4 === 6) repair6(frame, at)
  if (frame.length < at + 20 || frame[at]! >> 4 !== 4) return
  const header = (frame[at]! & 15) * 4
  if (header < 20 || at + header > frame.length) return
  const put = (where: number, value: number): void => {
    if (where + 1 < frame.length) frame.set([value >> 8, value & 255], where)
  }
  put(at + 10, 0)
  put(at + 10, checksum(frame, at, at + header))
  const total = frame[at + 2]! * 256 + frame[at + 3]!
  const end = Math.min(frame.length, at + total)
  const start = at + header
  const protocol = frame[at + 9]!
  const field = { 1: 2, 6: 16, 17: 6 }[protocol]
  if (field === undefined || start + field + 2 > end || random.oneIn(3)) return
  put(start + field, 0)
  if (protocol === 1) put(start + field, checksum(frame, start, end))
  else {
    const pseudo = pseudoHeaderSum(readU32(frame, at + 12), readU32(frame, at + 16), protocol, end - start)
    put(start + field, foldChecksum(partialSum(frame, start, end, pseudo)) || 0xffff)
  }
}

/** The same for ICMPv6 right behind an IPv6 header. */
function repair6(frame: Uint8Array, at: number): void {
  const end = at + 40 + readU16(frame, at + 4)
  if (frame[at + 6] !== 58 || end > frame.length || end < at + 44) return
  frame.fill(0, at + 42, at + 44)
  const sum = checksum(frame, at + 40, end, pseudoHeaderSum6(frame, at, 58, end - at - 40))
  frame.set([sum >> 8, sum & 255], at + 42)
}

const FINAL: ReadonlySet<PacketEnd> = new Set([
  'delivered',
  'consumed',
  'dropped',
  'fragmented',
  'reassembled',
  'swallowed',
])

class Account {
  packets = 0
  readonly ends: Partial<Record<PacketEnd, number>> = {}
  readonly causes = new Map<string, number>()
  readonly faults: string[] = []

  add(recorder: Recorder, network: Network): void {
    const trace = traceOf(recorder, network)
    for (const fault of trace.faults) this.faults.push(`packet ${fault.packet}: ${fault.text}`)
    for (const packet of trace.packets) {
      this.packets++
      this.ends[packet.end] = (this.ends[packet.end] ?? 0) + 1
      if (packet.cause !== undefined) this.causes.set(packet.cause, (this.causes.get(packet.cause) ?? 0) + 1)
      if (!FINAL.has(packet.end))
        this.faults.push(`packet ${packet.id} (${packet.line}) is ${packet.end}: ${packet.path.join(' ')}`)
    }
  }
}

/** Sizes of everything packets can leave in a namespace. */
function leftIn(sim: Simulation): Map<string, number> {
  const sizes = new Map<string, number>([['queued packets', sim.queued]])
  for (const ns of sim.compiledNamespaces())
    for (const [what, size] of tablesOf(ns)) sizes.set(`${ns.name}: ${what}`, size)
  return sizes
}

function tablesOf(ns: NetNs): [string, number][] {
  return [
    ['fragments', ns.frags4.size],
    ['IPv6 fragments', ns.ip6?.frags.size ?? 0],
    ['connections', ns.nf?.conntrack().length ?? 0],
    ['route exceptions', ns.cache4.dump().length],
    ['IPv6 route exceptions', ns.ip6?.cache.dump().length ?? 0],
    ['unresolved neighbours', ns.neigh.entries().filter((entry) => entry.timer?.run != null).length],
    ['learned addresses', ns.devices.reduce((n, dev) => n + (dev.bridge?.fdb.learned().length ?? 0), 0)],
  ]
}
