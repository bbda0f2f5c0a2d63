import { checkOptions, checkText } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import type { Trace } from '../trace/index.ts'
import { type Answers, check, type Exercise, hint, type Verdict } from './exercise.ts'
import { exercise } from './exercises.ts'
import { type BlankedRun, hide } from './hide.ts'
import { type Prediction, type PredictOptions, predict } from './predict.ts'
import { type Scene, scene } from './scene.ts'
import { type AnswerSheet, SHEET_SCHEMA } from './sheet.ts'
import { type Shown, shown } from './shown.ts'
import type { Stage } from './stages.ts'
import { type Student, seedOf } from './variant.ts'

/** What there is to say of a lesson besides its title. */
export interface LessonOptions {
  /** Whose variant it is: a name, or a seed; absent = 1. */
  readonly student?: Student
}

/** A lesson: what it is for, what was predicted, what was found out. It prints as a sheet. */
export interface Lesson extends Shown {
  /** Title. */
  readonly title: string
  /** Whose variant it is. */
  readonly student: Student
  /** The seed of the variant. */
  readonly seed: number
  /** Says what one will be able to do; more than once for more than one thing. */
  readonly objective: (...texts: readonly string[]) => Lesson
  /** A canonical scene in the variant of the student. The same one each time it is asked for. */
  readonly scene: (name: string) => Scene
  /** Asks for a prediction, see `predict`. */
  readonly predict: (question: string, options?: PredictOptions) => Prediction
  /** An exercise in the variant of the student. The same one each time it is asked for. */
  readonly exercise: (name: string) => Exercise
  /** A run with a stage blanked. */
  readonly hide: (run: Run | Trace, stage: Stage) => BlankedRun
  /** Judges an answer, and notes it. */
  readonly check: (exercise: Exercise, answers: Answers) => Verdict
  /** A hint, and notes that it was asked for. */
  readonly hint: (exercise: Exercise, level: number) => string
  /** What is handed in: the last answer to each exercise; a run with blanks is none, `exercise('ipip/route')` is. */
  readonly sheet: () => AnswerSheet
}

/** How the names of runs with blanks begin: they are nobody’s exercise but this lesson’s. */
const BLANKED = 'run/'

/** What was noted of an exercise. */
interface Noted {
  readonly exercise: Exercise
  readonly answers?: Answers
  readonly verdict?: Verdict
  readonly hints: number
}

/**
 * A lesson for a student: it collects objectives, predictions and exercises, and prints them.
 *
 * ```ts
 * const lesson_ = lesson('Through IPIP', { student: 'Ada' })
 * lesson_.objective('say which headers a packet has between two nodes')
 * const device = lesson_.predict('By which device does it leave?', { choices: ['eth0', 'tunl0'] })
 * device.answer('tunl0')
 * device.judge(lesson_.scene('ipip').run().trace.hops.find((hop) => hop.kind === 'encap').dev)
 * lesson_.check(lesson_.exercise('ipip'), { device: 'tunl0' }) // not yet: 1 of 4
 * ```
 */
export function lesson(title: string, options: LessonOptions = {}): Lesson {
  checkText('title', title, 'the title of a lesson')
  checkOptions(options)
  const { student = 1 } = options
  const seed = seedOf(student)
  const objectives: string[] = []
  const predictions: Prediction[] = []
  const scenes = new Map<string, Scene>()
  const noted = new Map<string, Noted>()
  const note = (about: Exercise, more: Partial<Noted>): void => {
    noted.set(about.name, { hints: 0, ...noted.get(about.name), ...more, exercise: about })
  }
  const made: Lesson = shown({
    title,
    student,
    seed,
    objective: (...texts: readonly string[]) => {
      objectives.push(...texts)
      return made
    },
    scene: (name) => kept(scenes, name, () => scene(name, seed)),
    predict: (question, asked) => {
      const prediction = predict(question, asked)
      predictions.push(prediction)
      return prediction
    },
    exercise: (name) => {
      const known = noted.get(name)?.exercise
      if (known === undefined) note(exercise(name, student), {})
      return (known ?? noted.get(name)?.exercise) as Exercise
    },
    hide: (run, stage) => {
      const count = [...noted.keys()].filter((name) => name.startsWith(BLANKED)).length
      const about = hide(run, stage, { seed, name: `${BLANKED}${count + 1}-${stage}` })
      note(about, {})
      return about
    },
    check: (about, answers) => {
      const verdict = check(about, answers)
      note(about, { answers, verdict })
      return verdict
    },
    hint: (about, level) => {
      const text = hint(about, level)
      note(about, { hints: Math.max(level, noted.get(about.name)?.hints ?? 0) })
      return text
    },
    sheet: () => sheetOf(student, [...noted.values()]),
    toMarkdown: () =>
      lessonMarkdown(title, student, objectives, [...scenes.values()], predictions, [...noted.values()]),
  })
  return made
}

/** What a map has under a key; made when it has nothing. */
function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function sheetOf(student: Student, noted: readonly Noted[]): AnswerSheet {
  const answers = noted.flatMap(({ exercise: { name }, answers: given, hints }) =>
    given === undefined || name.startsWith(BLANKED) ? [] : [{ exercise: name, answers: given, hints }],
  )
  return { schema: SHEET_SCHEMA, student, answers }
}

function lessonMarkdown(
  title: string,
  student: Student,
  objectives: readonly string[],
  scenes: readonly Scene[],
  predictions: readonly Prediction[],
  noted: readonly Noted[],
): string {
  const parts = [
    `# ${title}`,
    `Student: ${student}`,
    ...(objectives.length === 0 ? [] : [`You will be able to:\n\n${objectives.map((one) => `- ${one}`).join('\n')}`]),
    ...scenes.map((one) => one.toMarkdown()),
    ...predictions.map((one) => one.toMarkdown()),
    ...noted.map(({ exercise: about, verdict }) => `${about.toMarkdown()}\n${verdict?.toMarkdown() ?? ''}`),
  ]
  return `${parts.map((one) => one.trimEnd()).join('\n\n')}\n`
}
