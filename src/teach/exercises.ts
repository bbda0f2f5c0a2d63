import { checkArgument } from '../model/index.ts'
import type { Answer } from './answers.ts'
import { type Exercise, exerciseOf } from './exercise.ts'
import { hide, type Stage } from './hide.ts'
import { named } from './named.ts'
import { type Scene, scene } from './scene.ts'
import type { Seen } from './seen.ts'
import { TASKS } from './tasks/table.ts'
import type { TaskRow } from './tasks/task.ts'
import { variant } from './variant.ts'

/** A student by name, or the seed of a variant. */
export type Student = string | number

/** The seed of a student: of a name its hash, a number as it is. @throws InputError for neither */
export function seedOf(student: Student): number {
  const isStudent = typeof student === 'string' || Number.isSafeInteger(student)
  checkArgument(isStudent, 'student', 'the name of a student, or a whole number', student)
  return typeof student === 'number' ? student : variant(student)
}

/**
 * An exercise in the variant of a student. Answers are values that the simulation of the variant gives, so that those of another
 * student are wrong.
 *
 * ```ts
 * const ipip = exercise('ipip', 'Ada')
 * console.log(ipip.toMarkdown(), hint(ipip, 1))
 * check(ipip, { device: 'tunl0', source: '172.20.3.11', destination: '172.20.3.12', length: 104 }).passed
 * ```
 *
 * @param name - that of a scene, or of a scene and a stage to fill in: `ipip/route`
 * @param student - a name, or the seed of a variant
 * @throws InputError for a name that there is not, with the nearest that there is
 */
export function exercise(name: string, student: Student): Exercise {
  const seed = seedOf(student)
  const [first = '', stage] = String(name).split('/')
  const row = named(TASKS, first, 'an exercise')
  const about = scene(row.name, seed)
  if (stage !== undefined) return hide(about.run(), stage as Stage, { name, seed })
  return taskOf(row, about)
}

/** The exercise of a scene. */
function taskOf({ name, title, question, blanks, hints }: TaskRow, about: Scene): Exercise {
  const { seed, from, to } = about
  return exerciseOf({
    name,
    title,
    seed,
    question: question({ from, to }),
    blanks: blanks.map(({ of: _, ...shown }) => shown),
    hints,
    solve: () => {
      const { lab, run } = scene(name, seed)
      const done = run()
      const seen: Seen = { run: done, trace: done.trace, lab, from, to }
      const answers = blanks.map((one): [string, Answer | undefined] => [one.name, one.of(seen)])
      return Object.fromEntries(answers) as Readonly<Record<string, Answer>>
    },
    why: () => about.truth,
  })
}
