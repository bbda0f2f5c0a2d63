import type { ControllersContext } from './controller.ts'

/** A moment of virtual time as Kubernetes writes it: whole seconds. */
export function timestamp({ epoch }: Pick<ControllersContext, 'epoch'>, at: number): string {
  return new Date(Math.floor((epoch + at / 1e6) / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

/** Waiting: since when something is as it is, and when to look again. */
export class Clock {
  /** When to look again; undefined = never. */
  next: number | undefined
  private readonly context: ControllersContext
  private readonly before: ReadonlyMap<string, number>
  private last: ReadonlyMap<string, number>
  private kept = new Map<string, number>()
  private readonly acting: ReadonlySet<string>

  /** @param acting - who acts: of the others everything is kept */
  constructor(context: ControllersContext, acting: ReadonlySet<string>) {
    this.context = context
    this.before = this.last = context.memory.timers
    this.acting = acting
  }

  /** Virtual time, in nanoseconds. */
  get now(): number {
    return this.context.now
  }

  /** This moment as Kubernetes writes it. */
  get stamp(): string {
    return timestamp(this.context, this.context.now)
  }

  /**
   * Whether a time has passed since somebody first asked this question, and has asked it at every look since. If not, that is
   * when to look again.
   *
   * @param after - in nanoseconds
   */
  isOver(who: string, what: string, after: number): boolean {
    return this.isPast(this.since(who, what) + after)
  }

  /** Since when a question is asked. */
  since(who: string, what: string): number {
    const key = `${who} ${what}`
    const since = this.kept.get(key) ?? this.last.get(key) ?? this.context.now
    this.kept.set(key, since)
    return since
  }

  /** Whether somebody has asked a question before, and waits. */
  isWaiting(who: string, what: string): boolean {
    const key = `${who} ${what}`
    return this.kept.has(key) || this.last.has(key)
  }

  /** Whether a moment has come. If not, it is when to look again. */
  isPast(at: number): boolean {
    if (at <= this.context.now) return true
    this.next = Math.min(this.next ?? at, at)
    return false
  }

  /** Begins a round: what is not asked again in it is not waited for any longer. */
  restart(isFirst: boolean): void {
    this.next = undefined
    if (isFirst) return
    this.last = this.kept
    this.kept = new Map()
  }

  /** What is waited for. */
  timers(): ReadonlyMap<string, number> {
    for (const [key, since] of this.before) {
      if (!this.acting.has(key.slice(0, key.indexOf(' ')))) this.kept.set(key, since)
    }
    const isSame =
      this.kept.size === this.before.size && [...this.kept].every(([key, since]) => this.before.get(key) === since)
    return isSame ? this.before : new Map(this.kept)
  }
}
