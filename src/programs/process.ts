import type { NetNs, Simulation, Timer } from '../dataplane/index.ts'
import type { TooLong } from '../model/index.ts'

/** How long a woken program takes to run: later than what the kernel does in the same interrupt, e.g. sending an ACK. */
export const WAKEUP = 500_000

/** A program running in a network namespace: a state machine on sockets and timers, with text output. */
export abstract class Process {
  /** Where it runs. */
  readonly ns: NetNs
  /** The simulation. */
  readonly sim: Simulation
  /** What it printed. */
  stdout = ''
  /** What it printed as errors. */
  stderr = ''
  /** Exit status; null while it runs. */
  exitCode: number | null = null
  /** One line that says what came of it, in the words of the captures. */
  outcome = ''
  /** Whether the outcome is that a system call failed: no packet tells of it. */
  refused = false
  /** What it could not send, as it is longer than the MTU of its way: bytes of the IP packet, of headers in it, and the MTU. */
  tooLong: TooLong | null = null
  /** Called with every piece of output. */
  onOutput: ((text: string, stream: 'stdout' | 'stderr') => void) | null = null
  /** Called once when it ends. */
  onExit: ((code: number) => void) | null = null
  private readonly timers = new Set<Timer>()

  constructor(ns: NetNs) {
    this.ns = ns
    this.sim = ns.sim
  }

  /** Why nothing was sent, for those who see no packet; the outcome, unless that is not meant for people. */
  get refusal(): string {
    return this.outcome
  }

  /** Starts it; it runs on when the simulation runs. */
  abstract start(): void

  /** Closes sockets; called once at the end. */
  protected abstract cleanup(): void

  /** Ctrl-C. Programs with a summary print it. */
  interrupt(): void {
    this.exit(130)
  }

  /** Ends it now. */
  exit(code: number): void {
    if (this.exitCode !== null) return
    this.exitCode = code
    for (const t of this.timers) this.sim.clock.cancel(t)
    this.timers.clear()
    this.cleanup()
    this.onExit?.(code)
  }

  /** Prints. */
  protected out(text: string): void {
    this.stdout += text
    this.onOutput?.(text, 'stdout')
  }

  /** Prints an error. */
  protected fail(text: string): void {
    this.stderr += text
    this.onOutput?.(text, 'stderr')
  }

  /** Runs something `delay` nanoseconds from now, unless the program has ended. */
  protected after(delay: number, run: () => void): Timer {
    const t = this.sim.clock.after(delay, () => {
      this.timers.delete(t)
      if (this.exitCode === null) run()
    })
    this.timers.add(t)
    return t
  }

  /** Takes a timer back. */
  protected cancel(t: Timer | null): void {
    if (t === null) return
    this.timers.delete(t)
    this.sim.clock.cancel(t)
  }
}
