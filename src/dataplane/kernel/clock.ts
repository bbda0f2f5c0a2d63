/** A pending timer. Cancel by `cancelTimer`; a fired or cancelled timer is inert. */
export interface Timer {
  /** When, in nanoseconds of virtual time. */
  at: number
  /** Counts armed timers: the tie-break. */
  seq: number
  /** What to do; null once fired or cancelled. */
  run: (() => void) | null
  /** Where it lies in the queue: its moment, or an earlier one when it was put off since. */
  queuedAt: number
  /** The same of its number. */
  queuedSeq: number
  /** Kept in the kernel's timer wheel: coarse, and the last one armed for a tick fires first. */
  wheel: boolean
  /** Makes what a snapshot needs to arm it again; absent where its owner does that. */
  keep?: () => () => void
}

/** What a snapshot keeps of a timer: when it fires, and its place among those of the same moment. */
export type Deadline = Readonly<Pick<Timer, 'at' | 'seq' | 'wheel'>>

/** The deadline of a pending timer; null for none and for inert ones. */
export function deadlineOf(timer: Timer | null): Deadline | null {
  return timer?.run ? { at: timer.at, seq: timer.seq, wheel: timer.wheel } : null
}

/** One second, in nanoseconds. */
export const SECOND = 1_000_000_000
/** One millisecond, in nanoseconds. */
export const MILLISECOND = 1_000_000

/** One tick of the kernel (HZ = 250). */
const JIFFY = 4 * MILLISECOND
/** Ticks from which the next level of the timer wheel is used; each level is eight times as coarse as the one before. */
const FIRST_LEVEL = 63

/**
 * The tick a timer of the kernel's wheel fires at: rounded up to the granularity of the level its delay falls in, so that it
 * is never early and, beyond a quarter of a second, up to an eighth of its delay late.
 *
 * @linux kernel/time/timer.c calc_wheel_index
 */
function wheelTime(now: number, delay: number): number {
  const ticks = Math.ceil(delay / JIFFY)
  const expires = Math.floor(now / JIFFY) + ticks
  let shift = 0
  for (let most = FIRST_LEVEL; ticks >= most && shift < 24; most *= 8) shift += 3
  const unit = 2 ** shift
  return (Math.floor(expires / unit) + 1) * unit * JIFFY
}

/** Virtual time: an ordered queue of (time, sequence number). A binary heap; cancelled entries are dropped lazily. */
export class Clock {
  /** Now, in nanoseconds from the start of the run. */
  now = 0
  private heap: Timer[] = []
  private seq = 0
  private cancelled = 0

  /** Arms a timer `delay` nanoseconds from now. */
  after(delay: number, run: () => void): Timer {
    return this.arm(this.now + delay, this.seq++, run, false)
  }

  /**
   * Arms a timer anew, as {@link Clock.cancel} and {@link Clock.after} would: one that is put off, as most are again and again, stays
   * where it is in the queue until its turn comes there.
   */
  rearm(t: Timer | null, delay: number, run: () => void): Timer {
    const at = this.now + delay
    if (!t?.run || t.wheel || at < t.at) {
      this.cancel(t)
      return this.after(delay, run)
    }
    t.at = at
    t.seq = this.seq++
    t.run = run
    return t
  }

  /**
   * Arms a timer as the kernel's `mod_timer` does, `delay` nanoseconds from now or, as the timer wheel is coarse, a little
   * later. Those that fall on the same tick fire together, before any packet is served; the last one armed is first.
   */
  afterOnWheel(delay: number, run: () => void): Timer {
    return this.arm(wheelTime(this.now, delay), this.seq++, run, true)
  }

  /** Arms a timer of the wheel for an absolute time, as one that has been running for a while. */
  onWheelAt(at: number, run: () => void): Timer {
    return this.arm(at, this.seq++, run, true)
  }

  /** Arms a timer as it was armed before: for snapshots. */
  again({ at, seq, wheel }: Deadline, run: () => void): Timer {
    return this.arm(at, seq, run, wheel)
  }

  /**
   * Arms a timer that carries something, a packet under way for example, and belongs to nobody else: a snapshot keeps a copy
   * of its load and of the deadline.
   */
  carry<T>(delay: number, load: T, copy: (load: T) => T, run: (load: T) => void): Timer {
    return this.carryAgain({ at: this.now + delay, seq: this.seq++, wheel: false }, load, copy, run)
  }

  private carryAgain<T>(when: Deadline, load: T, copy: (load: T) => T, run: (load: T) => void): Timer {
    const timer = this.again(when, () => run(load))
    timer.keep = () => {
      const kept = copy(load)
      return () => this.carryAgain(when, copy(kept), copy, run)
    }
    return timer
  }

  /** What pending timers carry, each as a function that arms its timer again. */
  saveCarried(): (() => void)[] {
    return this.heap.flatMap((t) => (t.run !== null && t.keep !== undefined ? [t.keep()] : []))
  }

  private arm(at: number, seq: number, run: () => void, wheel: boolean): Timer {
    const t: Timer = { at, seq, run, queuedAt: at, queuedSeq: seq, wheel }
    this.heap.push(t)
    this.up(this.heap.length - 1)
    return t
  }

  /** Cancels a timer; null and inert timers are fine. */
  cancel(t: Timer | null): void {
    if (!t?.run) return
    t.run = null
    this.cancelled++
    if (this.cancelled > 64 && this.cancelled * 2 > this.heap.length) this.sweep()
  }

  /** Cancels every timer. */
  clear(): void {
    for (const t of this.heap) t.run = null
    this.heap = []
    this.cancelled = 0
  }

  /** Timers still to fire. */
  get pending(): number {
    return this.heap.length - this.cancelled
  }

  /** Time of the next timer, or undefined when there is none. */
  nextAt(): number | undefined {
    this.dropInert()
    return this.heap[0]?.at
  }

  /**
   * Moves time to the next timer, fires it and returns true; false when there is none at or before `until`. Timers of the
   * wheel fire with all others of their tick.
   */
  step(until: number): boolean {
    const first = this.fire(until)
    if (first === null) return false
    if (!first.wheel) return true
    for (;;) {
      this.dropInert()
      const next = this.heap[0]
      if (!next?.wheel || next.at !== first.at) return true
      this.fire(until)
    }
  }

  private fire(until: number): Timer | null {
    this.dropInert()
    const t = this.heap[0]
    if (!t || t.at > until) return null
    this.pop()
    if (t.at > this.now) this.now = t.at
    const run = t.run
    t.run = null
    run?.()
    return t
  }

  /** Brings the first timer of the queue to the front that will fire, and puts those that were put off where they belong. */
  private dropInert(): void {
    for (let t = this.heap[0]; t !== undefined; t = this.heap[0]) {
      if (t.run === null) {
        this.pop()
        this.cancelled--
      } else if (t.queuedSeq !== t.seq) {
        settle(t)
        this.down()
      } else return
    }
  }

  private sweep(): void {
    const live = this.heap.filter((t) => t.run !== null)
    for (const t of live) settle(t)
    live.sort((x, y) => (isBefore(x, y) ? -1 : 1))
    this.heap = live
    this.cancelled = 0
  }

  private less(i: number, j: number): boolean {
    const a = this.heap[i] as Timer
    const b = this.heap[j] as Timer
    return isBefore(a, b)
  }

  private swap(i: number, j: number): void {
    const a = this.heap[i] as Timer
    this.heap[i] = this.heap[j] as Timer
    this.heap[j] = a
  }

  private up(at: number): void {
    let i = at
    while (i > 0) {
      const p = (i - 1) >> 1
      if (!this.less(i, p)) return
      this.swap(i, p)
      i = p
    }
  }

  private pop(): void {
    const last = this.heap.pop()
    if (last === undefined || this.heap.length === 0) return
    this.heap[0] = last
    this.down()
  }

  /** Moves the first timer of the queue to its place. */
  private down(): void {
    let i = 0
    for (;;) {
      const l = 2 * i + 1
      const r = l + 1
      let m = i
      if (l < this.heap.length && this.less(l, m)) m = l
      if (r < this.heap.length && this.less(r, m)) m = r
      if (m === i) return
      this.swap(i, m)
      i = m
    }
  }
}

/** A timer lies in the queue where it fires. */
function settle(t: Timer): void {
  t.queuedAt = t.at
  t.queuedSeq = t.seq
}

/** Earlier time first; then the wheel, whose timers are taken last in first out; then in the order they were armed. */
function isBefore(a: Timer, b: Timer): boolean {
  if (a.queuedAt !== b.queuedAt) return a.queuedAt < b.queuedAt
  if (a.wheel !== b.wheel) return a.wheel
  return a.wheel ? a.queuedSeq > b.queuedSeq : a.queuedSeq < b.queuedSeq
}
