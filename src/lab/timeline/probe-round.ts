import { MILLISECOND, type Recorder } from '../../dataplane/index.ts'
import type { PlannedProbe } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import type { ReportedProbe } from '../../render/index.ts'
import type { Run } from '../../shell/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import type { Lab } from '../lab.ts'
import { type Asked, TimelineProbe } from './probe.ts'
import { dropsToldTo, groundOf } from './probe-ground.ts'
import { reportOf } from './probe-report.ts'
import { ProbeServers } from './servers.ts'

/** A probe and when it is asked next. */
interface Due {
  readonly probe: TimelineProbe
  at: number
  readonly until: number
}

/** All probes of a timeline: asked in turn, their packets watched, the first of each gap walked again while it lasts. */
export class ProbeRound {
  private readonly lab: Lab
  private readonly recorder: Recorder | null
  private readonly servers: ProbeServers
  private readonly started: number
  /** Who was told of drops before. */
  private readonly dropsTold: Lab['simulation']['onDrop']
  private readonly due: readonly Due[]
  /** What was told of a gap, by the first that was lost. */
  private readonly stories = new Map<Asked, Run>()

  constructor(lab: Lab, plans: readonly PlannedProbe[], recorder: Recorder | null) {
    this.lab = lab
    this.recorder = recorder
    this.started = lab.simulation.clock.now
    this.servers = new ProbeServers(lab.simulation, () => lab.cluster)
    const ground = groundOf(lab, this.servers)
    this.due = plans.map((plan) => ({
      probe: new TimelineProbe(plan, ground),
      at: this.timeOf(plan.start),
      until: plan.end === undefined ? Number.POSITIVE_INFINITY : this.timeOf(plan.end),
    }))
    this.dropsTold = lab.simulation.onDrop
    lab.simulation.onDrop = dropsToldTo(() => this.due.map(({ probe }) => probe))
  }

  /** When a probe is asked next; infinite when none is. */
  get nextAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.due.map(({ at }) => at))
  }

  /** The first time the last of the probes is asked. */
  get lastStart(): number {
    return Math.max(this.started, ...this.due.map(({ probe }) => this.timeOf(probe.plan.start)))
  }

  /** Asks what is due now; what has had no answer since the last time is walked again, in a moment that is taken back. */
  turn(): void {
    const { now } = this.lab.simulation.clock
    const due = this.due.filter(({ at }) => at <= now)
    // Before any is asked: nothing but the packet of the gap is under way then.
    for (const { probe } of due) {
      probe.expire(now)
      this.tellGap(probe)
    }
    for (const one of due) {
      one.probe.tick()
      one.at += Math.max(1, Math.round(one.probe.plan.every * MILLISECOND))
      if (one.at >= one.until) one.at = Number.POSITIVE_INFINITY
    }
  }

  /** Ends all that runs. */
  close(): void {
    this.lab.simulation.onDrop = this.dropsTold
    for (const { probe } of this.due) probe.close()
    this.servers.close()
  }

  /** What came of the probes. */
  report(log: readonly LogEntry[]): readonly ReportedProbe[] {
    const { now } = this.lab.simulation.clock
    return this.due.map(({ probe }) => {
      probe.expire(now)
      const { plan } = probe
      const end = plan.end === undefined ? now : Math.min(now, this.timeOf(plan.end))
      return reportOf(this.lab, probe, { start: this.timeOf(plan.start), end }, log, (first) => this.stories.get(first))
    })
  }

  private timeOf(ms: number): number {
    return this.started + Math.round(ms * MILLISECOND)
  }

  /** Walks a probe again whose last had no answer so far, once a gap. */
  private tellGap({ plan, late }: TimelineProbe): void {
    const last = late.at(-1)
    if (last === undefined || last.answered !== null || last.id < 0) return
    const before = late.at(-2)
    const isFirst = before === undefined || before.answered !== null
    if (!isFirst || this.stories.has(last)) return
    const run = this.walkedAgain(plan)
    if (run !== undefined && !run.ok) this.stories.set(last, run)
  }

  private walkedAgain({ ask }: PlannedProbe): Run | undefined {
    const { lab, recorder } = this
    const { simulation } = lab
    const { onDrop, onUnclaimed } = simulation
    const moment = lab.snapshot()
    lab.standStill()
    simulation.onDrop = null
    simulation.onUnclaimed = null
    simulation.recorder = recorder
    try {
      switch (ask.kind) {
        case 'ping':
          return lab.ping(ask.from, ask.to, { count: 1, ...(ask.size === undefined ? {} : { size: ask.size }) })
        case 'tcp':
          // A connection that is held says nothing of one that is opened anew.
          return ask.hold === true ? undefined : lab.tcp(ask.from, ask.to, ask.port)
        case 'udp':
          return lab.udp(ask.from, ask.to, ask.port)
      }
    } catch (error) {
      if (error instanceof InputError) return undefined
      throw error
    } finally {
      simulation.recorder = null
      lab.restore(moment)
      simulation.onDrop = onDrop
      simulation.onUnclaimed = onUnclaimed
    }
  }
}
