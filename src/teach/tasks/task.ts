import type { Answer, AnswerKind } from '../answers.ts'
import type { Blank } from '../exercise.ts'
import type { Scene } from '../scene.ts'
import type { Seen } from '../seen.ts'

/** Something to fill in, and how a run answers it. */
export interface TaskBlank extends Blank {
  /** The answer; undefined is a bug of the table. */
  readonly of: (seen: Seen) => Answer | undefined
}

/** What is to be found out about a scene, without its numbers. */
export interface TaskRow {
  /** The scene. */
  readonly name: string
  /** Title. */
  readonly title: string
  /** The task, in the names of the variant. */
  readonly question: (scene: Pick<Scene, 'from' | 'to'>) => string
  /** What to fill in. */
  readonly blanks: readonly TaskBlank[]
  /** The hints, the vaguest first. */
  readonly hints: readonly [string, string, string]
}

/** A value to fill in. */
export function blank(
  name: string,
  kind: Exclude<AnswerKind, 'choice'>,
  asks: string,
  of: (seen: Seen) => Answer | undefined,
): TaskBlank {
  return { name, kind, asks, of }
}

/** One of a few words to fill in. */
export function choice(
  name: string,
  choices: readonly string[],
  asks: string,
  of: (seen: Seen) => Answer | undefined,
): TaskBlank {
  return { name, kind: 'choice', choices, asks, of }
}
