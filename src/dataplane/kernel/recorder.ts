import {
  type Candidate,
  type DropCause,
  isLazy,
  type Lookup,
  type Network,
  type PacketEvent,
  type RecordLog,
  type Stamp,
  type Stamped,
} from '../../model/index.ts'
import { eventOfRow, ROW, type Row, type RowRef } from './log-row.ts'
import type { PacketBuffer } from './skb.ts'

/** Rows there is room for at first, and bytes of frames. */
const ROWS = 256
const BYTES = 16384

/** Cells of a row, one behind the other: a row is a cache line. */
const [TIME, KIND, WHERE, PACKET, A, B, C, FIRST, WIDTH] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const

/**
 * About how many bytes a network takes beside the one before it, which is kept for whoever asks how it was: one of a large cluster holds
 * lists of all its pods.
 */
const NETWORK = { small: 4096, large: 32_768 } as const

/** Namespace and device of a row are one number: the id of the namespace times this, plus the id of the device. */
const DEVICES = 2 ** 21

/**
 * Events in growing typed arrays: cheap to write (`NsLog` has a method a kind), made into values only when somebody reads.
 * Attach one to a simulation to record; with none attached nothing is written.
 */
export class Recorder implements RecordLog {
  /** Number of events: of most rows one, of a walk through netfilter one a rule. */
  length = 0
  private rows = 0
  /** The row whose event was read last: most are read one after another. */
  private reading = 0
  private cells: Float64Array
  private refs: (RowRef[keyof RowRef] | undefined)[] = []
  /**
   * Bytes of frames, from its end on: a place is told by how far it is from there. So a packet is copied with all its headroom, which is
   * quicker than a part of it, and the next one is written over that.
   */
  private pool: Uint8Array
  private used = 0
  /** Bytes of networks. */
  private networks = 0
  /** Another one whenever events are forgotten: a place in the pool is good while it is the same. */
  private era = {}
  private settled = 0
  private latest: Network | null = null
  private nsNames: string[] = ['']
  private devNames: string[] = ['']
  private readonly nsIds = new Map<string, number>()
  private readonly devIds = new Map<string, number>()
  private readonly seen = new SeenRow(
    (start, end) => this.pool.subarray(this.pool.length - start, this.pool.length - end),
    (id) => this.devNames[id] as string,
  )

  /**
   * @param rows - how many there is room for at first
   * @param bytes - of frames, likewise
   */
  constructor(rows: number = ROWS, bytes: number = BYTES) {
    this.cells = new Float64Array(rows * WIDTH)
    this.pool = new Uint8Array(bytes)
  }

  /** Bytes of frames it holds, and about what networks take that it holds. */
  get size(): number {
    return this.used + this.networks
  }

  /** Where events of a namespace happen; the id of a device is added to it. */
  whereOf(netns: string): number {
    return intern(this.nsNames, this.nsIds, netns) * DEVICES
  }

  /** Id under which an interface name is stored. */
  devId(name: string): number {
    return intern(this.devNames, this.devIds, name)
  }

  /**
   * Appends a row. Callers are the writers of `NsLog`, which know what the columns of a kind mean.
   *
   * @param events - how many events it stands for
   */
  add(
    kind: number,
    time: number,
    where: number,
    packet: number,
    a: number,
    b: number,
    c: number,
    ref: RowRef[keyof RowRef] | undefined,
    events = 1,
  ): void {
    const row = this.rows
    const at = row * WIDTH
    if (at === this.cells.length) this.grow()
    const { cells } = this
    cells[at + TIME] = time
    cells[at + KIND] = kind
    cells[at + WHERE] = where
    cells[at + PACKET] = packet
    cells[at + A] = a
    cells[at + B] = b
    cells[at + C] = c
    cells[at + FIRST] = this.length
    this.refs[row] = ref
    this.rows = row + 1
    this.length += events
  }

  /** Appends a frame `[from, tail)` that is sent. */
  sent(time: number, where: number, linkType: number, skb: PacketBuffer, from: number): void {
    const start = this.keep(skb, from)
    skb.recordedAt = start
    skb.recordedIn = this.era
    this.add(ROW.tx, time, where, skb.id, linkType, start, start - skb.tail + from, undefined)
  }

  /** Appends a frame that is received. One that comes from a wire is as it was sent: its bytes are here already. */
  received(time: number, where: number, linkType: number, skb: PacketBuffer, from: number): void {
    const isHere = skb.recordedAt >= 0 && skb.recordedIn === this.era
    const start = isHere ? skb.recordedAt : this.keep(skb, from)
    skb.recordedAt = -1
    this.add(ROW.rx, time, where, skb.id, linkType, start, start - skb.tail + from, undefined)
  }

  /** Copies the bytes of a frame. @returns where they begin */
  private keep(skb: PacketBuffer, from: number): number {
    const { bytes, tail } = skb
    if (this.used + tail > this.pool.length) this.growPool(this.used + tail)
    const end = this.pool.length - this.used
    if (bytes.length === tail) this.pool.set(bytes, end - tail)
    else this.pool.set(bytes.subarray(from, tail), end - tail + from)
    this.used += tail - from
    return this.used
  }

  /** The network is this one from now on: an edit, or the start of a recording. */
  network(time: number, network: Network): void {
    this.settle()
    this.latest = network
    const last = this.rows - 1
    // Nothing happened in the one before: nobody will ask how it was.
    if (last >= 0 && this.cell(last, KIND) === ROW.network) {
      this.cells[last * WIDTH + TIME] = time
      this.refs[last] = network
      return
    }
    this.networks += isLazy(network.namespaces) ? NETWORK.large : NETWORK.small
    this.add(ROW.network, time, 0, 0, 0, 0, 0, network)
  }

  /** Lookups say why routes lost while the devices they looked at are as they were. */
  private settle(): void {
    for (let row = this.settled; row < this.rows; row++) {
      const kind = this.cell(row, KIND)
      if (kind === ROW.routeOutput) settleLookup(this.ref(row, 'routeOutput'))
      else if (kind === ROW.routeInput) {
        const ref = this.ref(row, 'routeInput')
        settleLookup('lookup' in ref ? ref.lookup : ref)
      }
    }
    this.settled = this.rows
  }

  /** Forgets all events but which network there is now; keeps the memory. */
  clear(): void {
    const time = this.rows === 0 ? 0 : this.cell(this.rows - 1, TIME)
    this.refs.fill(undefined, 0, this.rows)
    this.length = 0
    this.era = {}
    this.rows = 0
    this.reading = 0
    this.settled = 0
    this.used = 0
    this.networks = 0
    if (this.latest !== null) this.network(time, this.latest)
  }

  /**
   * The events so far as a log of their own, to be read later: it stays when these are forgotten and when the network changes. It
   * costs far less than to read them.
   */
  copy(): Recorder {
    this.settle()
    const { length, rows, used } = this
    const copy = new Recorder(0, 0)
    copy.length = length
    copy.rows = rows
    copy.cells = this.cells.slice(0, rows * WIDTH)
    copy.refs = this.refs.slice(0, rows)
    copy.pool = this.pool.slice(this.pool.length - used)
    copy.used = used
    copy.networks = this.networks
    copy.nsNames = this.nsNames
    copy.devNames = this.devNames
    return copy
  }

  /** Whether a packet was dropped for that cause. */
  hasDropped(cause: DropCause): boolean {
    for (let row = 0; row < this.rows; row++) {
      if (this.refs[row] === cause && this.cell(row, KIND) === ROW.end) return true
    }
    return false
  }

  /** The network as it was at a time, in nanoseconds; undefined where no record tells. */
  networkAt(time: number): Network | undefined {
    let found: Network | undefined
    for (let row = 0; row < this.rows && (found === undefined || this.cell(row, TIME) <= time); row++) {
      if (this.cell(row, KIND) === ROW.network) found = this.ref(row, 'network')
    }
    return found
  }

  /** @inheritDoc */
  eventAt(i: number): Stamped<PacketEvent> {
    const row = this.rowOf(i)
    const where = this.cell(row, WHERE)
    // Stamped in place: a copy of so many shapes is slow.
    const event = this.event(row, i) as PacketEvent & { -readonly [K in keyof Stamp]: Stamp[K] }
    event.time = this.cell(row, TIME)
    event.netns = this.nsNames[Math.floor(where / DEVICES)] as string
    event.dev = this.devNames[where % DEVICES] as string
    event.packet = this.cell(row, PACKET)
    return event
  }

  /** The row of an event. */
  private rowOf(i: number): number {
    let row = this.reading
    while (row > 0 && this.cell(row, FIRST) > i) row--
    while (row + 1 < this.rows && this.cell(row + 1, FIRST) <= i) row++
    this.reading = row
    return row
  }

  /** An event of a row. */
  private event(row: number, i: number): PacketEvent {
    const { seen } = this
    seen.a = this.cell(row, A)
    seen.b = this.cell(row, B)
    seen.c = this.cell(row, C)
    seen.ref = this.refs[row]
    seen.index = i - this.cell(row, FIRST)
    return eventOfRow(this.cell(row, KIND), seen)
  }

  private ref<K extends keyof RowRef>(row: number, _kind: K): RowRef[K] {
    return this.refs[row] as RowRef[K]
  }

  /** One cell of a row. */
  private cell(row: number, column: number): number {
    return this.cells[row * WIDTH + column] as number
  }

  private grow(): void {
    const grown = new Float64Array(Math.max(WIDTH, this.cells.length * 2))
    grown.set(this.cells)
    this.cells = grown
  }

  private growPool(need: number): void {
    let n = this.pool.length * 2
    while (n < need) n *= 2
    const grown = new Uint8Array(n)
    grown.set(this.pool, n - this.pool.length)
    this.pool = grown
  }
}

/** The row that is read: one object for all rows, as nobody keeps it. */
class SeenRow implements Row<RowRef[keyof RowRef] | undefined> {
  a = 0
  b = 0
  c = 0
  ref: RowRef[keyof RowRef] | undefined = undefined
  index = 0
  private readonly bytesOf: (start: number, end: number) => Uint8Array
  private readonly nameOf: (id: number) => string

  constructor(bytesOf: (start: number, end: number) => Uint8Array, nameOf: (id: number) => string) {
    this.bytesOf = bytesOf
    this.nameOf = nameOf
  }

  bytes(start: number, end: number): Uint8Array {
    return this.bytesOf(start, end)
  }

  device(id: number): string {
    return this.nameOf(id)
  }
}

/** Candidates are made when first read, and kept. */
function settleLookup(lookup: Lookup): readonly Candidate[] {
  return lookup.candidates
}

function intern(names: string[], ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  names.push(name)
  ids.set(name, names.length - 1)
  return names.length - 1
}
