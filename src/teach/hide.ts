import { InputError } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import type { Trace } from '../trace/index.ts'
import { blanksIn } from './blanking.ts'
import { type Exercise, exerciseOf } from './exercise.ts'
import { shown } from './shown.ts'
import { type Stage, stageOf, stagesOf } from './stages.ts'
import { type Step, traceIn } from './step.ts'

/** A run with a stage blanked: the exercise, and the run as text, steps and picture with blanks in the place of what is asked. */
export interface BlankedRun extends Exercise {
  /** The run, a line a hop. */
  readonly text: string
  /** Its steps, without bytes: those would tell. */
  readonly steps: readonly Step[]
  /** Its picture, an SVG document. */
  readonly picture: string
}

/**
 * A run with one stage blanked, to be filled in. Wherever the values stand, there is a blank: in the steps, the text and the picture.
 * What is right is what the trace says.
 *
 * ```ts
 * const blank = hide(scene('ipip', variant('Ada')).run(), 'route')
 * writeFileSync('ipip-route.svg', blank.picture)
 * check(blank, { prefix: '10.65.72.0/26', device: 'tunl0', via: '172.20.3.12' })
 * ```
 *
 * @param stage - `route`, `conntrack`, `policy`, `nat`, `encap`, `neighbour` or `end`
 * @throws InputError for a stage that the run does not have, with those that it has
 */
export function hide(
  run: Run | Trace,
  stage: Stage,
  about: { readonly name?: string; readonly seed?: number } = {},
): BlankedRun {
  const trace = traceIn(run)
  const { title, hints, values } = stageOf(trace, stage)
  if (values.length === 0) throw noStage(trace, stage)
  const blanked = blanksIn(trace, values)
  const exercise = exerciseOf({
    name: about.name ?? `run/${stage}`,
    title: `fill in ${title}`,
    seed: about.seed ?? 0,
    question: `What stands in the place of the blanks?\n\n${blanked.steps().map(stepLine).join('\n')}`,
    blanks: values.map(({ name, asks, kind }) => ({ name, asks, kind })),
    hints,
    solve: () => Object.fromEntries(values.map(({ name, value }) => [name, value])),
    why: () => trace.summary,
  })
  return shown({
    ...exercise,
    get text() {
      return blanked.text()
    },
    get steps() {
      return blanked.steps()
    },
    get picture() {
      return blanked.picture()
    },
  })
}

function noStage(trace: Trace, stage: unknown): InputError {
  const has = stagesOf(trace)
  const expected = has.length === 0 ? 'a run that sends something' : `a stage of this run: ${has.join(', ')}`
  return new InputError([
    { kind: 'invalid', file: '', path: ['stage'], expected, received: JSON.stringify(stage) ?? 'nothing' },
  ])
}

function stepLine({ number, where, devices, said }: Step): string {
  return `${number}. ${where}: ${devices.join(' → ')}: ${said.join('; ')}`
}
