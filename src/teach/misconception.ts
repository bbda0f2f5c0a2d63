import type { Answer } from './answers.ts'
import { drawOf } from './draw.ts'
import { groundOf } from './ground.ts'
import { ANSWERED, type MisconceptionRow } from './misconceptions/row.ts'
import { MISCONCEPTIONS } from './misconceptions/table.ts'
import { named } from './named.ts'
import { type Prediction, predict } from './predict.ts'
import { opened, type Scene } from './scene.ts'
import type { Seen } from './seen.ts'
import { shown } from './shown.ts'
import { type Student, seedOf } from './variant.ts'

/** Something widespread that is not so. */
export interface MisconceptionInfo {
  /** Name, as `misconception()` takes it. */
  readonly name: string
  /** As people say it. */
  readonly claim: string
  /** What is so, in two sentences. */
  readonly truth: string
  /** Why, and what to do with it. */
  readonly why: string
  /** Where that is known from. */
  readonly source: string
}

/** The answers of a belief. */
export interface Belief {
  /** What it predicts: one of the choices of `predict()`. */
  readonly predicts: string
  /** The blank of the exercise that tells it from the truth. */
  readonly blank: string
  /** What it fills in there, in this variant; computed when it is asked for. */
  readonly answer: () => Answer
}

/** A misconception with a cluster that shows it: `scene.run()` does, and `scene.truth` says what came of it. */
export interface Misconception extends MisconceptionInfo {
  /** The cluster, who asks whom, and what. */
  readonly scene: Scene
  /** What whoever believes the claim says, which is wrong: for teachers who look for the belief behind an answer. */
  readonly belief: Belief
  /** What to predict before `scene.run()`; `judge()` computes what happened. A new one for each call. */
  readonly predict: () => Prediction
  /** As a sheet shows it: the claim, the cluster, the question; not the truth. */
  readonly toMarkdown: () => string
}

/** The misconceptions, in the order a course takes them. */
export const misconceptions: readonly MisconceptionInfo[] = MISCONCEPTIONS.map(infoOf)

function infoOf({ name, claim, truth, why, source }: MisconceptionRow): MisconceptionInfo {
  return { name, claim, truth, why, source }
}

/**
 * A misconception with a cluster that shows it, in the variant of a student.
 *
 * ```ts
 * const { claim, scene, predict } = misconception('clusterip-ping', 'Ada')
 * const answered = predict().answer('it is answered')
 * console.log(claim, scene.run().trace.summary, answered.judge().right, scene.truth)
 * ```
 *
 * @param name - as `misconceptions` lists it
 * @param student - a name, or the seed of a variant; absent = 1
 * @throws InputError for a name that there is not, with the nearest that there is
 */
export function misconception(name: string, student: Student = 1): Misconception {
  const row = named(MISCONCEPTIONS, name, 'a misconception')
  const scene = sceneOfRow(row, seedOf(student))
  return shown({
    ...infoOf(row),
    scene,
    belief: {
      predicts: row.belief.predicts,
      blank: row.belief.blank,
      answer: () => row.belief.answer(seenIn(sceneOfRow(row, scene.seed))) ?? '',
    },
    predict: () => {
      const { choices = ANSWERED, chosen = answered, why } = row
      const truth = (): string => chosen(seenIn(sceneOfRow(row, scene.seed)))
      return predict(scene.question, { choices, truth, why: () => `${row.truth} ${why}` })
    },
    toMarkdown: () => `> ${row.claim}\n\n${scene.toMarkdown()}`,
  })
}

/** The cluster of a misconception. */
export function sceneOfRow(row: MisconceptionRow, seed: number): Scene {
  const draw = drawOf(seed)
  const info = { name: row.name, title: row.claim, summary: 'Is it so?', shows: [] }
  return opened(info, seed, row.plan(groundOf(draw), draw))
}

/** A scene that was asked once. */
export function seenIn({ lab, run, from, to }: Scene): Seen {
  const done = run()
  return { run: done, trace: done.trace, lab, from, to }
}

function answered({ run }: Seen): string {
  return run.ok ? ANSWERED[0] : ANSWERED[1]
}
