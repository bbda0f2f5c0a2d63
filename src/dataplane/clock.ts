/** A pending timer. Cancel by `cancelTimer`; a fired or cancelled timer is inert. */
export interface Timer {
  /** When, in nanoseconds of virtual time. */
  at: number
  /** Tie-break: earlier armed fires first. */
  seq: number
  /** What to do; null once fired or cancelled. */
  run: (() => void) | null
}

/** One second, in nanoseconds. */
export const SECOND = 1_000_000_000
/** One millisecond, in nanoseconds. */
export const MILLISECOND = 1_000_000

/** Virtual time: an ordered queue of (time, sequence number). A binary heap; cancelled entries are dropped lazily. */
export class Clock {
  /** Now, in nanoseconds from the start of the run. */
  now = 0
  private heap: Timer[] = []
  private seq = 0
  private cancelled = 0

  /** Arms a timer `delay` nanoseconds from now. */
  after(delay: number, run: () => void): Timer {
    const t: Timer = { at: this.now + delay, seq: this.seq++, run }
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

  /** Moves time to the next timer, fires it and returns true; false when there is none at or before `until`. */
  step(until: number): boolean {
    this.dropInert()
    const t = this.heap[0]
    if (!t || t.at > until) return false
    this.pop()
    if (t.at > this.now) this.now = t.at
    const run = t.run
    t.run = null
    run?.()
    return true
  }

  private dropInert(): void {
    while (this.heap.length > 0 && this.heap[0]?.run === null) {
      this.pop()
      this.cancelled--
    }
  }

  private sweep(): void {
    const live = this.heap.filter((t) => t.run !== null).sort((x, y) => x.at - y.at || x.seq - y.seq)
    this.heap = live
    this.cancelled = 0
  }

  private less(i: number, j: number): boolean {
    const a = this.heap[i] as Timer
    const b = this.heap[j] as Timer
    return a.at < b.at || (a.at === b.at && a.seq < b.seq)
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
