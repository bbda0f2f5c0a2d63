import { MILLISECOND, type Simulation } from '../../dataplane/index.ts'
import type { PlannedProbe } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import { Ping, type Process, TcpConnect, TcpHold, UdpSend } from '../../programs/index.ts'
import type { ReportedEnd } from '../../render/index.ts'
import { addressKey, type Ip } from '../../wire/index.ts'
import { type AskedRun, addAsked, askedUntil } from './asked-runs.ts'
import { EXCHANGE, type ProbeServers } from './servers.ts'

/** One time a probe was asked. Times in nanoseconds of virtual time. */
export interface Asked {
  readonly at: number
  /** What tells its packets from those of others: the identifier of an echo, or a source port; -1 = nothing was sent. */
  readonly id: number
  /** When the answer came; null = it has not. */
  answered: number | null
  /** Whether an answer would come too late, or the program gave up. */
  isOver: boolean
  /** What the program said. */
  outcome: string
  /** Where its first packet that was lost ended. */
  end: ReportedEnd | null
}

/** From where to where a probe goes now. */
export interface Way {
  /** Namespace that asks. */
  readonly netns: string
  readonly destination: Ip
}

/** What a probe needs of the lab. */
export interface ProbeGround {
  readonly simulation: Simulation
  readonly servers: ProbeServers
  /** Both ends as they are now. @throws InputError for one that is not there */
  wayOf(from: string, to: string): Way
  /** The number of a port that may be named. @throws InputError */
  portOf(to: string, port: number | string, protocol: 'tcp' | 'udp'): number
  /** A source port, or an identifier, that nothing else has. */
  nextId(): number
}

const UDP_SIZE = 18

/** So many that were asked last are kept each for itself. */
const LATE = 2

function isDecided({ answered, isOver }: Asked): boolean {
  return answered !== null || isOver
}

/** A probe of a timeline while it runs: asked at each tick, in the background. */
export class TimelineProbe {
  readonly plan: PlannedProbe
  /** What it was asked of late, in order: what is not decided, and the last two. */
  readonly late: Asked[] = []
  /** What was asked before that: a probe may be asked for days, and who reads of it wants the gaps. */
  private early: AskedRun[] = []
  /** How often nobody was there to ask. */
  unasked = 0
  private readonly ground: ProbeGround
  private held: TcpHold | null = null
  /** Beats of the held connection that wait for their echo, in order. */
  private beats: Asked[] = []
  private beatsBack = 0
  private heldPort = -1
  private readonly programs = new Map<Asked, Process>()

  constructor(plan: PlannedProbe, ground: ProbeGround) {
    this.plan = plan
    this.ground = ground
  }

  /** What became of a connection that is held; undefined for other probes. */
  get connection(): string | undefined {
    const { ask } = this.plan
    if (ask.kind !== 'tcp' || ask.hold !== true) return undefined
    if (this.held === null) return 'not opened'
    return this.held.isOpen ? 'open' : this.held.outcome || 'being opened'
  }

  /** What became of all that was asked, in order. What was asked last may still be answered: it is no loss. */
  get runs(): readonly AskedRun[] {
    const runs = [...this.early]
    for (const asked of this.late) if (isDecided(asked)) addAsked(runs, asked)
    return runs
  }

  /** Asks once. */
  tick(): void {
    const { ask } = this.plan
    if (ask.kind === 'tcp' && ask.hold === true) this.beat(ask)
    else this.once()
  }

  /** Gives up what waits longer than a probe may. */
  expire(now: number): void {
    const timeout = this.plan.timeout * MILLISECOND
    for (const [asked, program] of this.programs) {
      if (now - asked.at < timeout) break
      program.interrupt()
    }
    for (const asked of this.beats) if (now - asked.at >= timeout) asked.isOver = true
  }

  /** Ends all that runs. */
  close(): void {
    for (const program of this.programs.values()) program.exit(0)
    this.held?.exit(0)
  }

  /** Forgets what was asked after a moment: the lab stepped back before it. */
  forgetAfter(now: number): void {
    this.early = askedUntil(this.early, now)
    const kept = this.late.findIndex(({ at }) => at > now)
    if (kept >= 0) this.late.splice(kept)
    for (const [asked, program] of this.programs) {
      if (asked.at <= now) continue
      this.programs.delete(asked)
      program.exit(0)
    }
    this.beats = this.beats.filter(({ at }) => at <= now)
  }

  /** Notes where a packet ended, if it is one of this probe that is waited for. */
  dropped(ids: readonly number[], end: ReportedEnd): void {
    for (const asked of [...this.programs.keys(), ...this.beats]) {
      if (asked.end === null && ids.includes(asked.id)) asked.end = end
    }
  }

  private once(): void {
    const way = this.way()
    if (way === undefined) return
    const asked = this.noted(this.ground.nextId())
    const program = this.programOf(way, asked.id)
    this.programs.set(asked, program)
    program.onExit = (code) =>
      this.settle(asked, code === 0 ? this.ground.simulation.clock.now : null, program.outcome || 'timeout')
    program.start()
  }

  private noted(id: number): Asked {
    const { now } = this.ground.simulation.clock
    const asked: Asked = { at: now, id, answered: null, isOver: false, outcome: '', end: null }
    while (this.late.length >= LATE && isDecided(this.late[0]!)) addAsked(this.early, this.late.shift()!)
    this.late.push(asked)
    return asked
  }

  private settle(asked: Asked, answered: number | null, outcome: string): void {
    if (!this.programs.delete(asked)) return
    asked.isOver = true
    asked.answered = answered
    asked.outcome = outcome
  }

  /** Where it goes now; undefined where nobody is to ask, or nobody is asked. */
  private way(): Way | undefined {
    const { from, to } = this.plan.ask
    try {
      return this.ground.wayOf(from, to)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const [issue] = error.issues
      if (issue?.path[0] === 'from') this.unasked++
      else Object.assign(this.noted(-1), { isOver: true, outcome: `${to} is not there` })
      return undefined
    }
  }

  private programOf({ netns, destination }: Way, id: number): Process {
    const { ask, timeout } = this.plan
    const ns = this.ground.simulation.netns(netns)
    const seconds = timeout / 1_000
    const daddr = addressKey(destination)
    switch (ask.kind) {
      case 'ping': {
        const size = ask.size === undefined ? {} : { size: ask.size }
        return new Ping(ns, { destination, count: 1, dialect: 'iputils', quiet: true, ident: id, ...size })
      }
      case 'tcp': {
        this.ground.servers.expect(id, 'once')
        const dport = this.ground.portOf(ask.to, ask.port, 'tcp')
        return new TcpConnect(ns, { daddr, dport, sport: id, timeout: seconds, ...EXCHANGE })
      }
      case 'udp': {
        this.ground.servers.expect(id, 'once')
        const dport = this.ground.portOf(ask.to, ask.port, 'udp')
        return new UdpSend(ns, { daddr, dport, sport: id, size: UDP_SIZE, count: 1, timeout: seconds })
      }
    }
  }

  /** A byte on the connection that is held; the first time it is opened. */
  private beat(ask: Extract<PlannedProbe['ask'], { kind: 'tcp' }>): void {
    if (this.held === null) {
      const way = this.way()
      if (way === undefined) return
      const sport = this.ground.nextId()
      this.ground.servers.expect(sport, 'echo')
      const dport = this.ground.portOf(ask.to, ask.port, 'tcp')
      const ns = this.ground.simulation.netns(way.netns)
      this.held = new TcpHold(ns, { daddr: addressKey(way.destination), dport, sport })
      this.heldPort = sport
      this.held.onBeat = (back) => this.echoed(back)
      this.held.start()
    }
    const asked = this.noted(this.heldPort)
    this.held.beat()
    if (this.held.exitCode === null) this.beats.push(asked)
    else Object.assign(asked, { isOver: true, outcome: this.held.outcome })
  }

  private echoed(back: number): void {
    const { now } = this.ground.simulation.clock
    const timeout = this.plan.timeout * MILLISECOND
    for (; this.beatsBack < back; this.beatsBack++) {
      const asked = this.beats.shift()
      if (asked === undefined) return
      if (now - asked.at < timeout) asked.answered = now
      else asked.outcome = `answered after ${((now - asked.at) / 1e9).toFixed(1)} s`
      asked.isOver = true
    }
  }
}
