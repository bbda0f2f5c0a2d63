import type { RecordKind, RecordLog } from '../../model/index.ts'

const NO_BYTES = new Uint8Array(0)

/**
 * Records in growing typed arrays: cheap to write, given a meaning only when somebody reads (`trace`). Attach one to a simulation
 * to record; with none attached nothing is written.
 */
export class Recorder implements RecordLog {
  /** Number of records. */
  length = 0
  private kinds = new Uint8Array(256)
  private times = new Float64Array(256)
  private nss = new Int32Array(256)
  private devs = new Int32Array(256)
  private packets = new Int32Array(256)
  private as = new Float64Array(256)
  private bs = new Float64Array(256)
  private cs = new Float64Array(256)
  private starts = new Int32Array(256)
  private ends = new Int32Array(256)
  private refs: unknown[] = []
  private pool = new Uint8Array(16384)
  private used = 0
  private readonly nsNames: string[] = ['']
  private readonly devNames: string[] = ['']
  private readonly nsIds = new Map<string, number>()
  private readonly devIds = new Map<string, number>()

  /** Id under which a namespace name is stored. */
  nsId(name: string): number {
    return intern(this.nsNames, this.nsIds, name)
  }

  /** Id under which an interface name is stored. */
  devId(name: string): number {
    return intern(this.devNames, this.devIds, name)
  }

  /** Appends a record without bytes. */
  add(
    kind: RecordKind,
    time: number,
    ns: number,
    dev: number,
    packet: number,
    a: number,
    b: number,
    c: number,
    ref: unknown,
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

  /** Appends a frame record and copies `bytes[from, to)`. */
  frame(
    kind: RecordKind,
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

  /** Forgets all records; keeps the memory. */
  clear(): void {
    this.refs.fill(undefined, 0, this.length)
    this.length = 0
    this.used = 0
  }

  /** @inheritDoc */
  kind(i: number): RecordKind {
    return this.kinds[i] as RecordKind
  }
  /** @inheritDoc */
  time(i: number): number {
    return this.times[i] as number
  }
  /** @inheritDoc */
  netns(i: number): string {
    return this.nsNames[this.nss[i] as number] as string
  }
  /** @inheritDoc */
  dev(i: number): string {
    return this.devNames[this.devs[i] as number] as string
  }
  /** @inheritDoc */
  packet(i: number): number {
    return this.packets[i] as number
  }
  /** @inheritDoc */
  a(i: number): number {
    return this.as[i] as number
  }
  /** @inheritDoc */
  b(i: number): number {
    return this.bs[i] as number
  }
  /** @inheritDoc */
  c(i: number): number {
    return this.cs[i] as number
  }
  /** @inheritDoc */
  bytes(i: number): Uint8Array {
    const to = this.ends[i] as number
    return to === 0 ? NO_BYTES : this.pool.subarray(this.starts[i], to)
  }
  /** @inheritDoc */
  ref(i: number): unknown {
    return this.refs[i]
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
