import { MILLISECOND, type Recorder } from '../../dataplane/index.ts'
import type { PlannedProbe } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import type { ReportedGap, ReportedProbe } from '../../render/index.ts'
import type { Run } from '../../shell/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import { target } from '../asked.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Lab } from '../lab.ts'
import { SourcePorts } from '../source-ports.ts'
import { flowIds } from './flow-ids.ts'
import { entryBetween, type Gap, gapsOf } from './gaps.ts'
import { type Asked, type ProbeGround, TimelineProbe, type Way } from './probe.ts'
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
  private readonly due: readonly Due[]
  /** What was told of a gap, by the first that was lost. */
  private readonly stories = new Map<Asked, Run>()

  constructor(lab: Lab, plans: readonly PlannedProbe[], recorder: Recorder | null) {
    this.lab = lab
    this.recorder = recorder
    this.started = lab.simulation.clock.now
    this.servers = new ProbeServers(lab.simulation, () => lab.cluster)
    const ground = this.ground()
    this.due = plans.map((plan) => ({
      probe: new TimelineProbe(plan, ground),
      at: this.timeOf(plan.start),
      until: plan.end === undefined ? Number.POSITIVE_INFINITY : this.timeOf(plan.end),
    }))
    lab.simulation.onDrop = (cause, skb, ns) => {
      const ids = flowIds(skb.bytes, skb.network, skb.tail)
      if (ids.length === 0) return
      for (const { probe } of this.due) probe.dropped(ids, { netns: ns.name, dev: skb.dev?.name ?? '', cause })
    }
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
    this.lab.simulation.onDrop = null
    for (const { probe } of this.due) probe.close()
    this.servers.close()
  }

  /** What came of the probes. */
  report(log: readonly LogEntry[]): readonly ReportedProbe[] {
    const { now } = this.lab.simulation.clock
    return this.due.map(({ probe }) => {
      probe.expire(now)
      const { plan, unasked, connection } = probe
      // What was asked last may still be answered: it is no loss.
      const all = probe.all.filter((asked) => asked.answered !== null || asked.isOver)
      const gaps = gapsOf(all)
      return {
        name: plan.name,
        asks: asksText(plan),
        start: this.timeOf(plan.start),
        end: Math.min(now, plan.end === undefined ? now : this.timeOf(plan.end)),
        every: plan.every * MILLISECOND,
        asked: all.length,
        lost: gaps.reduce((sum, { lost }) => sum + lost, 0),
        unasked,
        gaps: gaps.map((gap) => this.gapOf(probe, gap, log)),
        ...(connection === undefined ? {} : { connection }),
      }
    })
  }

  private timeOf(ms: number): number {
    return this.started + Math.round(ms * MILLISECOND)
  }

  private ground(): ProbeGround {
    const { lab } = this
    const ports = new SourcePorts()
    const ends = new Map<string, Endpoint>()
    let known: unknown
    const endpoint = (name: string, path: string): Endpoint => {
      const { network } = lab.simulation
      if (known !== network) ends.clear()
      known = network
      try {
        const end = ends.get(name) ?? lab.endpoint(name)
        ends.set(name, end)
        return end
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        throw new InputError(error.issues.map((issue) => ({ ...issue, path: [path] })))
      }
    }
    return {
      simulation: lab.simulation,
      servers: this.servers,
      wayOf: (from, to): Way => {
        const [start, end] = [endpoint(from, 'from'), endpoint(to, 'to')]
        if (start.netns === undefined || !(start.netns in lab.simulation.network.namespaces))
          throw new InputError([
            { kind: 'missing_reference', file: '', path: ['from'], expected: 'a pod or node', received: from },
          ])
        return { netns: start.netns, destination: target(start, end) }
      },
      portOf: (to, port, protocol) => lab.port(to, port, protocol).number,
      nextId: () => ports.take(),
    }
  }

  /** Walks a probe again whose last had no answer so far, once a gap. */
  private tellGap({ plan, all }: TimelineProbe): void {
    const last = all.at(-1)
    if (last === undefined || last.answered !== null || last.id < 0) return
    const before = all.at(-2)
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

  private gapOf({ plan }: TimelineProbe, { first, before, after, lost }: Gap, log: readonly LogEntry[]): ReportedGap {
    const run = this.stories.get(first)
    const places = this.placesOf(plan, first, run)
    const begun = entryBetween(log, before?.at ?? 0, first.at, places)
    const ended = after === undefined ? undefined : entryBetween(log, first.at, after.at, places)
    const trace = run?.trace
    return {
      from: first.at,
      ...(after === undefined ? {} : { to: after.at }),
      lost,
      outcome: first.outcome || 'timeout',
      ...(first.end === null ? {} : { end: first.end }),
      story: trace?.summary ?? '',
      findings: run?.diagnosis ?? [],
      ...(trace === undefined ? {} : { trace }),
      ...(begun === undefined ? {} : { begun }),
      ...(ended === undefined ? {} : { ended }),
    }
  }

  /** Where a gap may come from, the likeliest first: where the packet ended, what the story names, the machines of both ends. */
  private placesOf({ ask }: PlannedProbe, { end }: Asked, run: Run | undefined): readonly string[] {
    const hosts = [ask.to, ask.from].flatMap((name) => {
      try {
        const { netns } = this.lab.endpoint(name)
        const at = this.lab.cluster?.workloadEndpoints.find((one) => one.netns === netns)?.node
        return [at, netns]
      } catch (error) {
        if (error instanceof InputError) return []
        throw error
      }
    })
    const told = (run?.diagnosis ?? []).map(({ netns }) => netns)
    return [...told, end?.netns, ...hosts].filter((one) => one !== undefined)
  }
}

function asksText({ ask }: PlannedProbe): string {
  const port = ask.kind === 'ping' ? '' : `:${ask.port}`
  const what = ask.kind === 'tcp' && ask.hold === true ? 'a connection held' : ask.kind
  return `${what} from ${ask.from} to ${ask.to}${port}`
}
