import { Recorder, type Simulation } from '../dataplane/index.ts'
import type { LoadedDump } from '../dumps/index.ts'
import { type Note, type NoteTopic, once } from '../model/index.ts'
import type { Process } from '../programs/index.ts'
import { type Run, type Told, toldLater } from '../shell/index.ts'
import type { Witness } from '../timeline/index.ts'
import { readTrace, type TraceEnds, toldTrace } from '../trace/index.ts'
import { courseOf, whenLost } from './course.ts'
import { drawnRun, drawnTrace } from './drawing.ts'
import { execute } from './execute.ts'
import { judgedIn } from './judging.ts'
import type { Standing } from './standing.ts'

const STORM = 'frames go round in a loop of bridges (a broadcast storm); they were stopped'

/** What a lab is, as far as programs run in it. */
export interface Scene {
  /** The running network. */
  readonly simulation: Simulation
  /** Records of everything since the last run began; null when the lab does not record. */
  readonly recorder: Recorder | null
  /** The dumps it was made from. */
  readonly dump: LoadedDump | null
  /** Topics of notes that do not count. */
  readonly ignore: ReadonlySet<NoteTopic>
  /** What its objects make of it, as they are now. */
  standing: Standing
  /** What has happened so far, where time passes. */
  course?: () => Witness
}

/**
 * Runs a program to its end. What it printed is known then; what became of its packets is told when somebody reads it.
 *
 * @param title - what it is, for the trace
 * @param assume - what was assumed for this run alone; asked when the program has ended
 */
export function conduct(
  scene: Scene,
  program: Process,
  title: string,
  ends: TraceEnds | undefined,
  assume: () => readonly Note[],
): Run {
  const { simulation, recorder, standing, dump, ignore } = scene
  recorder?.clear()
  const before = scene.course?.()
  const { exitCode, remarks } = execute(program, simulation, recorder)
  const { stdout, outcome } = program
  // No packet tells what a program says that could not even send.
  if (program.refused) program.ns.log?.program(program.refusal)
  if (recorder?.hasDropped('bridge_loop') === true) remarks.push(STORM)
  const stderr = program.stderr + remarks.map((remark) => `packetwalk: ${remark}\n`).join('')
  const { network } = simulation
  const after = scene.course?.()
  const log = recorder?.copy()
  const assumed = assume()
  const told = (): Told => {
    const options = { from: program.ns.name, title, ...(ends === undefined ? {} : { ends }) }
    const read = readTrace(log ?? new Recorder(), network, options)
    const judged = once(() => {
      const lostAt = whenLost(read)
      const asked = {
        network: (lostAt === undefined ? undefined : log?.networkAt(lostAt)) ?? network,
        standing,
        dump,
        ignore,
        course: before && after && courseOf(before, after, lostAt),
      }
      return judgedIn(asked, read, assumed, program)
    })
    const trace = drawnTrace(toldTrace(read, judged))
    return { ok: exitCode === 0 && (log === undefined || trace.ok), trace }
  }
  return drawnRun(toldLater({ stdout, stderr, exitCode, outcome, files: [] }, told))
}
