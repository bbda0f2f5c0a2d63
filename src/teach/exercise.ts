import { checkArgument, didYouMean, InputError, isRecord } from '../model/index.ts'
import { type Answer, type AnswerKind, canonical, exampleOf } from './answers.ts'
import { type Shown, shown } from './shown.ts'

/** One thing to fill in. */
export interface Blank {
  /** Its name: the key of the answer. */
  readonly name: string
  /** What is asked for. */
  readonly asks: string
  /** What an answer looks like. */
  readonly kind: AnswerKind
  /** What there is to choose from; absent for values. */
  readonly choices?: readonly string[]
}

/** The answers to an exercise: a value for each blank by its name; the value alone where there is one blank. */
export type Answers = Readonly<Record<string, Answer>> | Answer

/** What came of an answer. */
export interface Verdict extends Shown {
  /** Every blank is right. */
  readonly passed: boolean
  /** How many are. */
  readonly right: number
  /** Of how many. */
  readonly of: number
  /** What is missing, or no answer of its kind, a sentence each. */
  readonly remarks: readonly string[]
  /** Why it is so; only when it is passed. */
  readonly why?: string
}

/** Something to find out about one variant. It does not show its answer, however it is printed. */
export interface Exercise extends Shown {
  /** Name, as `exercise()` takes it. */
  readonly name: string
  /** Title. */
  readonly title: string
  /** The seed of the variant. */
  readonly seed: number
  /** The task, as Markdown. */
  readonly question: string
  /** What to fill in. */
  readonly blanks: readonly Blank[]
  /** How many hints there are. */
  readonly hints: number
  /** The run with blanks, an SVG document; absent where nothing is to be filled into a run. */
  readonly picture?: string
  /** Judges an answer. @throws InputError for a blank that there is not */
  readonly check: (answers: Answers) => Verdict
  /** A hint, from 1: where to look, what to type, nearly the answer. @throws InputError beyond the last */
  readonly hint: (level: number) => string
  /** The right answers, computed from the simulation of the variant: for teachers. */
  readonly solve: () => Readonly<Record<string, string>>
}

/** An exercise before it is shown: answers are computed when they are first asked for. */
export interface ExercisePlan extends Pick<Exercise, 'name' | 'title' | 'seed' | 'question'> {
  /** What to fill in. */
  readonly blanks: readonly Blank[]
  /** The hints, the vaguest first. */
  readonly hints: readonly string[]
  /** The answers, by the names of blanks. */
  readonly solve: () => Readonly<Record<string, Answer>>
  /** Why it is so. */
  readonly why: () => string
}

/** An exercise that keeps its answers to itself. */
export function exerciseOf(plan: ExercisePlan): Exercise {
  const { name, title, seed, question, blanks, hints } = plan
  let solved: Readonly<Record<string, string>> | undefined
  const solve = (): Readonly<Record<string, string>> => {
    solved ??= Object.fromEntries(Object.entries(plan.solve()).map(([blank, answer]) => [blank, String(answer)]))
    return solved
  }
  const exercise: Exercise = {
    name,
    title,
    seed,
    question,
    blanks,
    hints: hints.length,
    check: (answers) => judged(plan, solve(), answers),
    hint: (level) => hintOf(name, hints, level),
    solve,
    toMarkdown: () => exerciseMarkdown(plan),
  }
  return shown(exercise)
}

function hintOf(name: string, hints: readonly string[], level: number): string {
  const isLevel = Number.isSafeInteger(level) && level >= 1 && level <= hints.length
  const levels = hints.length === 0 ? `no level: ${name} has no hints` : `a level from 1 to ${hints.length}`
  checkArgument(isLevel, 'level', levels, level)
  return hints[level - 1] as string
}

function exerciseMarkdown({ title, question, blanks }: ExercisePlan): string {
  const rows = blanks.map(({ name, asks, kind, choices }) => {
    const form = choices === undefined ? exampleOf(kind) : choices.map((one) => `\`${one}\``).join(', ')
    return `| \`${name}\` | ${asks} | ${form} |`
  })
  return `### Exercise: ${title}\n\n${question}\n\n| fill in | what | looks like |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

/** The answers by the names of blanks, however they were given. @throws InputError for what has no place */
function namedAnswers({ name, blanks }: ExercisePlan, answers: Answers): Readonly<Record<string, unknown>> {
  const names = blanks.map((blank) => blank.name)
  const isValue = typeof answers === 'string' || typeof answers === 'number'
  if (isValue && names.length === 1) return { [names[0] as string]: answers }
  const example = `an object with an answer for each of ${names.join(', ')}`
  checkArgument(isRecord(answers), 'answers', example, answers)
  const given = answers as Readonly<Record<string, unknown>>
  const unknown = Object.keys(given).find((key) => !names.includes(key))
  if (unknown === undefined) return given
  const expected = `a blank of ${name}; ${didYouMean(unknown, names)}`
  throw new InputError([{ kind: 'invalid', file: '', path: ['answers'], expected, received: JSON.stringify(unknown) }])
}

function judged(plan: ExercisePlan, right: Readonly<Record<string, string>>, answers: Answers): Verdict {
  const given = namedAnswers(plan, answers)
  const judgements = plan.blanks.map((blank) => judgedBlank(blank, right[blank.name] ?? '', given[blank.name]))
  const count = judgements.filter((one) => one === true).length
  const passed = count === plan.blanks.length
  const remarks = judgements.filter((one) => typeof one === 'string')
  const counts = { passed, right: count, of: plan.blanks.length, remarks }
  if (!passed) return shown({ ...counts, toMarkdown: () => verdictMarkdown(counts) })
  // Told when it is read: it takes a run of its own, and who judges thirty sheets reads none.
  let told: string | undefined
  const verdict: Verdict = shown({
    ...counts,
    get why() {
      told ??= plan.why()
      return told
    },
    toMarkdown: () => verdictMarkdown(verdict),
  })
  return verdict
}

/** Whether an answer is right; a sentence when it is none at all. */
function judgedBlank({ name, kind, choices }: Blank, right: string, given: unknown): boolean | string {
  if (given === undefined || given === '') return `\`${name}\` is not filled in.`
  const isValue = typeof given === 'string' || typeof given === 'number'
  const answer = isValue ? canonical(kind, given) : undefined
  const expected = choices === undefined ? exampleOf(kind) : `one of ${choices.join(', ')}`
  const isChoice = choices === undefined || choices.some((one) => canonical('choice', one) === answer)
  if (answer === undefined || !isChoice) return `\`${name}\`: expected ${expected}, received ${JSON.stringify(given)}.`
  return answer === canonical(kind, right)
}

function verdictMarkdown({ passed, right, of, remarks, why }: Omit<Verdict, 'toMarkdown'>): string {
  if (passed) return `**Right.** ${why}\n`
  const counted = of === 1 ? '' : ` ${right} of ${of} are right.`
  return [`**Not yet.**${counted}`, ...remarks.map((one) => `- ${one}`)].join('\n').concat('\n')
}

/**
 * Judges an answer to an exercise.
 *
 * ```ts
 * check(exercise('ipip', 'Ada'), { device: 'tunl0', source: '172.20.3.11', destination: '172.20.3.12' })
 * ```
 *
 * @throws InputError for a blank that there is not, with the nearest that there is
 */
export function check(exercise: Exercise, answers: Answers): Verdict {
  checkExercise(exercise)
  return exercise.check(answers)
}

/**
 * A hint, as Markdown: 1 says where to look, 2 what to type, 3 is nearly the answer.
 *
 * ```ts
 * hint(exercise('ipip', 'Ada'), 1)
 * ```
 *
 * @throws InputError beyond the last level
 */
export function hint(exercise: Exercise, level: number): string {
  checkExercise(exercise)
  return exercise.hint(level)
}

function checkExercise(value: unknown): void {
  const isExercise = isRecord(value) && typeof value['check'] === 'function' && typeof value['hint'] === 'function'
  checkArgument(isExercise, 'exercise', "an exercise, such as exercise('ipip', 'Ada')", value)
}
