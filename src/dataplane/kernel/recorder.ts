import type {
  Candidate,
  DropCause,
  Lookup,
  Network,
  PacketEvent,
  RecordLog,
  Stamp,
  Stamped,
} from '../../model/index.ts'
import { eventOfRow, ROW, type RowRef } from './log-row.ts'

const NO_BYTES = new Uint8Array(0)
/** Rows there is room for at first, and bytes of frames. */
const ROWS = 256
const BYTES = 16384

/**
 * Events in growing typed arrays: cheap to write (`NsLog` has a method a kind), made into values only when somebody reads.
 * Attach one to a simulation to record; with none attached nothing is written.
 */
export class Recorder implements RecordLog {
  /** Number of events. */
  length = 0
  private kinds: Uint8Array
  private times: Float64Array
  private nss: Int32Array
  private devs: Int32Array
  private packets: Int32Array
  private as: Float64Array
  private bs: Float64Array
  private cs: Float64Array
  private starts: Int32Array
  private ends: Int32Array
  private refs: (RowRef[keyof RowRef] | undefined)[] = []
  private pool: Uint8Array
  private used = 0
  private settled = 0
  private latest: Network | null = null
  private nsNames: string[] = ['']
  private devNames: string[] = ['']
  private readonly nsIds = new Map<string, number>()
  private readonly devIds = new Map<string, number>()

  /**
   * @param rows - how many there is room for at first
   * @param bytes - of frames, likewise
   */
  constructor(rows: number = ROWS, bytes: number = BYTES) {
    this.kinds = new Uint8Array(rows)
    this.times = new Float64Array(rows)
    this.nss = new Int32Array(rows)
    this.devs = new Int32Array(rows)
    this.packets = new Int32Array(rows)
    this.as = new Float64Array(rows)
    this.bs = new Float64Array(rows)
    this.cs = new Float64Array(rows)
    this.starts = new Int32Array(rows)
    this.ends = new Int32Array(rows)
    this.pool = new Uint8Array(bytes)
  }

  /** Bytes of frames it holds. */
  get size(): number {
    return this.used
  }

  /** Id under which a namespace name is stored. */
  nsId(name: string): number {
    return intern(this.nsNames, this.nsIds, name)
  }

  /** Id under which an interface name is stored. */
  devId(name: string): number {
    return intern(this.devNames, this.devIds, name)
  }

  /** Appends a row without bytes. Callers are the writers of `NsLog`, which know what the columns of a kind mean. */
  add(
    kind: number,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    a: number,
    b: number,
    c: number,
    ref: RowRef[keyof RowRef] | undefined,
  ): void {
    const i = this.length
    if (i === this.kinds.length) this.grow()
    this.length = i + 1
    this.kinds[i] = kind
    this.times[i] = time
    this.nss[i] = ns
    this.devs[i] = dev
    this.packets[i] = packet
    this.as[i] = a
    this.bs[i] = b
    this.cs[i] = c
    this.starts[i] = 0
    this.ends[i] = 0
    this.refs[i] = ref
  }

  /** Appends a frame and copies `bytes[from, to)`. */
  frame(
    kind: number,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    linkType: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    this.add(kind, time, ns, dev, packet, linkType, 0, 0, undefined)
    const n = to - from
    if (this.used + n > this.pool.length) this.growPool(n)
    const i = this.length - 1
    const pool = this.pool
    let at = this.used
    this.starts[i] = at
    if (n > 64) {
      pool.set(bytes.subarray(from, to), at)
      at += n
    } else {
      for (let j = from; j < to; j++) pool[at++] = bytes[j] as number
    }
    this.ends[i] = at
    this.used = at
  }

  /** The network is this one from now on: an edit, or the start of a recording. */
  network(time: number, network: Network): void {
    this.settle()
    this.latest = network
    this.add(ROW.network, time, 0, 0, 0, 0, 0, 0, network)
  }

  /** Lookups say why routes lost while the devices they looked at are as they were. */
  private settle(): void {
    for (let i = this.settled; i < this.length; i++) {
      const kind = this.kinds[i]
      if (kind === ROW.routeOutput) settleLookup(this.ref(i, 'routeOutput'))
      else if (kind === ROW.routeInput) {
        const ref = this.ref(i, 'routeInput')
        settleLookup('lookup' in ref ? ref.lookup : ref)
      }
    }
    this.settled = this.length
  }

  /** Forgets all events but which network there is now; keeps the memory. */
  clear(): void {
    const time = this.length === 0 ? 0 : (this.times[this.length - 1] as number)
    this.refs.fill(undefined, 0, this.length)
    this.length = 0
    this.settled = 0
    this.used = 0
    if (this.latest !== null) this.network(time, this.latest)
  }

  /**
   * The events so far as a log of their own, to be read later: it stays when these are forgotten and when the network changes. It
   * costs far less than to read them.
   */
  copy(): RecordLog {
    this.settle()
    const { length, used } = this
    const copy = new Recorder(0, 0)
    copy.length = length
    copy.kinds = this.kinds.slice(0, length)
    copy.times = this.times.slice(0, length)
    copy.nss = this.nss.slice(0, length)
    copy.devs = this.devs.slice(0, length)
    copy.packets = this.packets.slice(0, length)
    copy.as = this.as.slice(0, length)
    copy.bs = this.bs.slice(0, length)
    copy.cs = this.cs.slice(0, length)
    copy.starts = this.starts.slice(0, length)
    copy.ends = this.ends.slice(0, length)
    copy.refs = this.refs.slice(0, length)
    copy.pool = this.pool.slice(0, used)
    copy.used = used
    copy.nsNames = this.nsNames
    copy.devNames = this.devNames
    return copy
  }

  /** Whether a packet was dropped for that cause. */
  hasDropped(cause: DropCause): boolean {
    for (let i = 0; i < this.length; i++) if (this.kinds[i] === ROW.end && this.refs[i] === cause) return true
    return false
  }

  /** @inheritDoc */
  eventAt(i: number): Stamped<PacketEvent> {
    // Stamped in place: a copy of so many shapes is slow.
    const event = this.event(i) as PacketEvent & { -readonly [K in keyof Stamp]: Stamp[K] }
    event.time = this.times[i] as number
    event.netns = this.nsNames[this.nss[i] as number] as string
    event.dev = this.devNames[this.devs[i] as number] as string
    event.packet = this.packets[i] as number
    return event
  }

  /** Row i as an event. */
  private event(i: number): PacketEvent {
    return eventOfRow(this.kinds[i] as number, {
      a: this.as[i] as number,
      b: this.bs[i] as number,
      c: this.cs[i] as number,
      ref: this.refs[i],
      bytes: this.bytes(i),
      device: (id) => this.devNames[id] as string,
    })
  }

  private ref<K extends keyof RowRef>(i: number, _kind: K): RowRef[K] {
    return this.refs[i] as RowRef[K]
  }

  private bytes(i: number): Uint8Array {
    const to = this.ends[i] as number
    return to === 0 ? NO_BYTES : this.pool.subarray(this.starts[i], to)
  }

  private grow(): void {
    const n = this.kinds.length * 2
    this.kinds = copyInto(new Uint8Array(n), this.kinds)
    this.times = copyInto(new Float64Array(n), this.times)
    this.nss = copyInto(new Int32Array(n), this.nss)
    this.devs = copyInto(new Int32Array(n), this.devs)
    this.packets = copyInto(new Int32Array(n), this.packets)
    this.as = copyInto(new Float64Array(n), this.as)
    this.bs = copyInto(new Float64Array(n), this.bs)
    this.cs = copyInto(new Float64Array(n), this.cs)
    this.starts = copyInto(new Int32Array(n), this.starts)
    this.ends = copyInto(new Int32Array(n), this.ends)
  }

  private growPool(need: number): void {
    let n = this.pool.length * 2
    while (n < this.used + need) n *= 2
    this.pool = copyInto(new Uint8Array(n), this.pool)
  }
}

/** Candidates are made when first read, and kept. */
function settleLookup(lookup: Lookup): readonly Candidate[] {
  return lookup.candidates
}

function copyInto<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from)
  return to
}

function intern(names: string[], ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  names.push(name)
  ids.set(name, names.length - 1)
  return names.length - 1
}
