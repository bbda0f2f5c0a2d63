import { listOfKind, type OtherResource, objectName, type Resources } from '../../control/index.ts'
import { MILLISECOND, SECOND } from '../../dataplane/index.ts'
import { FAILURES, type FailureCode, isFailureCode } from '../../failures/index.ts'
import { loadObjects, type PlannedAction, type PlannedEvent, type TimelinePlan } from '../../input/index.ts'
import { describeIssues, didYouMean, InputError, type Issue, mergePatch } from '../../model/index.ts'
import type { ReportedEvent, TimelineReport } from '../../render/index.ts'
import type { Agent, AgentAction, LogEntry, MachineAction } from '../../timeline/index.ts'
import { injectUntried } from '../failures/inject.ts'
import type { Lab } from '../lab.ts'
import { ProbeRound } from './probe-round.ts'
import { spansOf } from './spans.ts'

/** How a timeline is run. */
export interface TimelineOptions {
  /** Told of the virtual time reached, and the end as far as it is known, in nanoseconds: may be called often. */
  readonly progress?: (now: number, end: number) => void
}

/** How long it goes on after all is quiet, where the timeline does not say when it ends. */
const AFTERWARDS = 5 * SECOND
/** How long it goes on for programs that never come to rest. */
const LONGEST_REST = 900 * SECOND

/**
 * Runs a timeline in a lab: events happen, probes are asked meanwhile, and the answer says which were lost, from when to when, where,
 * and because of what. The lab is as it is at the end then.
 *
 * @param lab - a lab of objects
 * @throws InputError for an event about what is not there, or a probe whose ends nobody ever has
 */
export function runTimeline(lab: Lab, plan: TimelinePlan, options: TimelineOptions = {}): TimelineReport {
  checkInjections(plan)
  const { simulation } = lab
  const { recorder, clock } = simulation
  const started = clock.now
  // Nobody reads the life of each probe: those of gaps are walked again.
  simulation.recorder = null
  const round = new ProbeRound(lab, plan.probes, recorder)
  try {
    const table = new Timetable(lab, plan, round, options)
    table.run()
    const log = table.numbered(lab.log)
    return {
      name: plan.name,
      seed: simulation.seed,
      delays: lab.delays,
      end: simulation.clock.now,
      events: table.events(log),
      probes: round.report(log),
      spans: spansOf(plan.events, started),
      log,
      forgotten: lab.forgotten,
      notes: lab.notes,
    }
  } finally {
    round.close()
    simulation.recorder = recorder
  }
}

/** Refuses failures nobody knows before anything happens. @throws InputError with file and line */
function checkInjections({ events }: TimelinePlan): void {
  const codes = FAILURES.map(({ code }) => code)
  const issues = events.flatMap(({ action, place }): Issue[] => {
    if (action.kind !== 'inject' || isFailureCode(action.failure)) return []
    const expected = `a failure of the catalogue; ${didYouMean(action.failure, codes)}`
    return [
      { kind: 'missing_reference', file: '', ...place, path: ['inject'], expected, received: `"${action.failure}"` },
    ]
  })
  if (issues.length > 0) throw new InputError(issues)
}

/** What happened, and the number of the last event of the lab before it. */
interface Happened {
  readonly at: number
  readonly title: string
  readonly before: number
  readonly refused?: string
}

/** The agenda of a timeline: what comes next, events before probes. */
class Timetable {
  private readonly lab: Lab
  private readonly plan: TimelinePlan
  private readonly round: ProbeRound
  private readonly options: TimelineOptions
  private readonly started: number
  private readonly happened: Happened[] = []

  constructor(lab: Lab, plan: TimelinePlan, round: ProbeRound, options: TimelineOptions) {
    this.lab = lab
    this.plan = plan
    this.round = round
    this.options = options
    this.started = lab.simulation.clock.now
  }

  run(): void {
    const { simulation } = this.lab
    const { events } = this.plan
    for (;;) {
      const event = events[this.happened.length]
      const eventAt = event === undefined ? Number.POSITIVE_INFINITY : this.timeOf(event.at)
      const end = this.endsAt(event === undefined)
      const at = Math.min(eventAt, this.round.nextAt, end)
      this.options.progress?.(at, end)
      simulation.run(at)
      if (at >= end) return
      if (event !== undefined && eventAt <= at) this.happen(event)
      else this.round.turn()
    }
  }

  /** The log with events by their place in the timeline, from 1; 0 = before the first. */
  numbered(log: readonly LogEntry[]): readonly LogEntry[] {
    return log.map((entry) => ({ ...entry, event: this.happened.filter(({ before }) => before < entry.event).length }))
  }

  /** What came of the events. @param log - as {@link numbered} gives it */
  events(log: readonly LogEntry[]): readonly ReportedEvent[] {
    return this.happened.map(({ at, title, refused }, i) => {
      const entries = log.filter(({ event }) => event === i + 1)
      const settled = entries.at(-1)?.at
      return {
        number: i + 1,
        at,
        title,
        changes: entries.length,
        ...(settled === undefined ? {} : { settled }),
        ...(refused === undefined ? {} : { refused }),
      }
    })
  }

  private timeOf(ms: number): number {
    return this.started + Math.round(ms * MILLISECOND)
  }

  /** When it ends: as the timeline says, else when all events have happened and programs are at rest for a while. */
  private endsAt(isLast: boolean): number {
    const { until, events } = this.plan
    if (until !== undefined) return this.timeOf(until)
    if (!isLast) return Number.POSITIVE_INFINITY
    const last = this.timeOf(events.at(-1)?.at ?? 0)
    const latest = last + LONGEST_REST
    if (!this.lab.isQuiet) return latest
    return Math.min(Math.max(last, this.lab.log.at(-1)?.at ?? 0, this.round.lastStart) + AFTERWARDS, latest)
  }

  private happen({ title, action, place }: PlannedEvent): void {
    const at = this.lab.simulation.clock.now
    const before = this.lab.lastEvent
    const refusal = refusalOf(() => happen(this.lab, action))
    const where = action.kind === 'inject' && place?.line !== undefined ? `${place.file}:${place.line}: ` : ''
    const refused = refusal === undefined ? undefined : `${where}${refusal}`
    this.happened.push({ at, title, before, ...(refused === undefined ? {} : { refused }) })
  }
}

/** Why something is refused; undefined when it is done. */
function refusalOf(act: () => string | undefined): string | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof InputError) return describeIssues(error.issues).join('; ')
    throw error
  }
}

/** Lets an action of a timeline happen. @returns what a command said that failed */
function happen(lab: Lab, action: PlannedAction): string | undefined {
  switch (action.kind) {
    case 'apply':
      lab.apply(action.objects)
      return undefined
    case 'delete':
      lab.delete(...action.objects)
      return undefined
    case 'patch':
      lab.apply(patched(lab, action))
      return undefined
    case 'agent': {
      const { kind, name, node, action: what } = action
      lab.occur({ kind, agent: name as Agent, action: what as AgentAction, ...(node === undefined ? {} : { node }) })
      return undefined
    }
    case 'machine':
      lab.occur({ ...action, action: action.action as MachineAction })
      return undefined
    case 'run': {
      const run = lab.sh(action.host, action.line)
      return run.ok ? undefined : (run.stderr || run.stdout).trim() || `status ${run.exitCode}`
    }
    case 'inject':
      injectUntried(lab, action.failure as FailureCode, action.at === undefined ? {} : { at: action.at })
      return undefined
  }
}

/** The object of a patch after it. @throws InputError for one that is not there, or is no longer right */
function patched(lab: Lab, { object, with: fresh }: Extract<PlannedAction, { kind: 'patch' }>): Partial<Resources> {
  const { kind, name, namespace } = object
  const lists = lab.objects ?? {}
  const list = (lists as Readonly<Record<string, readonly OtherResource[]>>)[listOfKind(kind)] ?? []
  const wanted = objectName({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })
  const found = list.find((one) => one.kind === kind && objectName(one) === wanted)
  if (found === undefined) {
    const expected = `an object that is there; ${didYouMean(wanted, list.map(objectName))}`
    throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: wanted }])
  }
  const { placeOf: _, ...plain } = found
  return loadObjects([mergePatch(plain, fresh)]).resources
}
