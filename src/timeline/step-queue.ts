import type { Clock, Timer } from '../dataplane/index.ts'

/** Something that is still to happen. */
export interface Pending<Step> {
  readonly step: Step
  /** When, in nanoseconds. */
  readonly at: number
  /** Its place among what happens at the same time. */
  readonly seq: number
}

/** What is still to happen, as plain data on the clock that packets have, so that it falls between them. */
export class StepQueue<Step> {
  private readonly clock: Clock
  private readonly run: (step: Step) => void
  private readonly timers = new Map<Timer, Step>()

  constructor(clock: Clock, run: (step: Step) => void) {
    this.clock = clock
    this.run = run
  }

  /** How much is still to happen. */
  get size(): number {
    return this.timers.size
  }

  /** Puts a step so many nanoseconds from now. */
  after(delay: number, step: Step): void {
    const timer: Timer = this.clock.after(delay, () => this.fire(timer, step))
    this.timers.set(timer, step)
  }

  private fire(timer: Timer, step: Step): void {
    this.timers.delete(timer)
    this.run(step)
  }

  /** What is still to happen and fits, in order. */
  pending(fits: (step: Step) => boolean = () => true): Pending<Step>[] {
    const all = [...this.timers].flatMap(([{ at, seq }, step]) => (fits(step) ? [{ step, at, seq }] : []))
    return all.sort((a, b) => a.at - b.at || a.seq - b.seq)
  }

  /** When the next step comes, in nanoseconds; undefined when none does. */
  get nextAt(): number | undefined {
    let first: number | undefined
    for (const { at } of this.timers.keys()) if (first === undefined || at < first) first = at
    return first
  }

  /** Puts steps beside those that are still to happen. */
  add(pending: readonly Pending<Step>[]): void {
    for (const { step, at, seq } of pending) {
      const timer: Timer = this.clock.again({ at, seq, wheel: false }, () => this.fire(timer, step))
      this.timers.set(timer, step)
    }
  }

  /** Takes back what fits. */
  cancel(fits: (step: Step) => boolean): void {
    for (const [timer, step] of this.timers) {
      if (!fits(step)) continue
      this.clock.cancel(timer)
      this.timers.delete(timer)
    }
  }

  /** Puts saved steps in the place of what was to happen. */
  load(saved: readonly Pending<Step>[]): void {
    this.cancel(() => true)
    this.add(saved)
  }
}
