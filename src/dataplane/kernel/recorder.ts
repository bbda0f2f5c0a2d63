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
import { putBytes } from './slab.ts'

const NO_BYTES = new Uint8Array(0)
/** Rows there is room for at first, and bytes of frames. */
const ROWS = 256
const BYTES = 16384

/** Cells of a row, one behind the other: what a row says lies in two cache lines. */
const [TIME, KIND, NS, DEV, PACKET, A, B, C, START, END, WIDTH] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const

/**
 * Events in growing typed arrays: cheap to write (`NsLog` has a method a kind), made into values only when somebody reads.
 * Attach one to a simulation to record; with none attached nothing is written.
 */
export class Recorder implements RecordLog {
  /** Number of events. */
  length = 0
  private cells: Float64Array
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
    this.cells = new Float64Array(rows * WIDTH)
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
    const { cells } = this.withRoom(1)
    const at = this.length * WIDTH
    cells[at + TIME] = time
    cells[at + KIND] = kind
    cells[at + NS] = ns
    cells[at + DEV] = dev
    cells[at + PACKET] = packet
    cells[at + A] = a
    cells[at + B] = b
    cells[at + C] = c
    cells[at + START] = 0
    cells[at + END] = 0
    this.refs[this.length++] = ref
  }

  /** Appends a row for each of `refs`, which differ in `bs` and `cs` and in what they refer to. */
  addAll(
    kind: number,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    a: number,
    bs: readonly number[],
    cs: readonly number[],
    refs: readonly RowRef[keyof RowRef][],
  ): void {
    const many = refs.length
    const { cells } = this.withRoom(many)
    let at = this.length * WIDTH
    for (let i = 0; i < many; i++) {
      cells[at + TIME] = time
      cells[at + KIND] = kind
      cells[at + NS] = ns
      cells[at + DEV] = dev
      cells[at + PACKET] = packet
      cells[at + A] = a
      cells[at + B] = bs[i] as number
      cells[at + C] = cs[i] as number
      cells[at + START] = 0
      cells[at + END] = 0
      this.refs[this.length++] = refs[i]
      at += WIDTH
    }
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
    const { pool, used, cells } = this
    const at = (this.length - 1) * WIDTH
    putBytes(pool, used, bytes, from, to)
    cells[at + START] = used
    cells[at + END] = used + n
    this.used = used + n
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
      const kind = this.cell(i, KIND)
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
    const time = this.length === 0 ? 0 : this.cell(this.length - 1, TIME)
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
    copy.cells = this.cells.slice(0, length * WIDTH)
    copy.refs = this.refs.slice(0, length)
    copy.pool = this.pool.slice(0, used)
    copy.used = used
    copy.nsNames = this.nsNames
    copy.devNames = this.devNames
    return copy
  }

  /** Whether a packet was dropped for that cause. */
  hasDropped(cause: DropCause): boolean {
    for (let i = 0; i < this.length; i++) if (this.refs[i] === cause && this.cell(i, KIND) === ROW.end) return true
    return false
  }

  /** @inheritDoc */
  eventAt(i: number): Stamped<PacketEvent> {
    // Stamped in place: a copy of so many shapes is slow.
    const event = this.event(i) as PacketEvent & { -readonly [K in keyof Stamp]: Stamp[K] }
    event.time = this.cell(i, TIME)
    event.netns = this.nsNames[this.cell(i, NS)] as string
    event.dev = this.devNames[this.cell(i, DEV)] as string
    event.packet = this.cell(i, PACKET)
    return event
  }

  /** Row i as an event. */
  private event(i: number): PacketEvent {
    return eventOfRow(this.cell(i, KIND), {
      a: this.cell(i, A),
      b: this.cell(i, B),
      c: this.cell(i, C),
      ref: this.refs[i],
      bytes: this.bytes(i),
      device: (id) => this.devNames[id] as string,
    })
  }

  private ref<K extends keyof RowRef>(i: number, _kind: K): RowRef[K] {
    return this.refs[i] as RowRef[K]
  }

  private bytes(i: number): Uint8Array {
    const to = this.cell(i, END)
    return to === 0 ? NO_BYTES : this.pool.subarray(this.cell(i, START), to)
  }

  /** One cell of row i. */
  private cell(i: number, column: number): number {
    return this.cells[i * WIDTH + column] as number
  }

  /** Itself, with room for so many rows more. */
  private withRoom(rows: number): this {
    const need = (this.length + rows) * WIDTH
    if (need > this.cells.length) {
      this.cells = copyInto(new Float64Array(Math.max(need, this.cells.length * 2)), this.cells)
    }
    return this
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
