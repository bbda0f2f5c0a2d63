/**
 * What a course is made of: canonical scenes with a variant for each student, and what is asked of them. It needs no particular
 * kernel of a notebook: what it gives is text, Markdown, and values that draw themselves where somebody asks them to.
 *
 * ```ts
 * import { scene, variant } from 'packetwalk/teach'
 *
 * const ipip = scene('ipip', variant('Ada'))
 * console.log(ipip.question)
 * console.log(ipip.run().trace.summary)
 * ```
 *
 * May import: every room but cli.
 *
 * @packageDocumentation
 */

export type { Answer, AnswerKind } from './answers.ts'
export { type Answers, type Blank, check, type Exercise, hint, type Verdict } from './exercise.ts'
export { exercise, exercises } from './exercises.ts'
export { type BlankedRun, hide } from './hide.ts'
export { type Lesson, type LessonOptions, lesson } from './lesson.ts'
export {
  type Belief,
  type Misconception,
  type MisconceptionInfo,
  misconception,
  misconceptions,
} from './misconception.ts'
export type { SceneAsk } from './plan.ts'
export { type Judgement, type Prediction, type PredictOptions, predict } from './predict.ts'
export { type Scene, type SceneInfo, scene, scenes } from './scene.ts'
export { type AnswerSheet, checkSheet, type JudgedSheet, SHEET_SCHEMA, type SheetAnswer } from './sheet.ts'
export type { Shown } from './shown.ts'
export type { Stage } from './stages.ts'
export { type Step, step, stepsOf } from './step.ts'
export { type Student, variant } from './variant.ts'
