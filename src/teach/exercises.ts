import type { Answer } from './answers.ts'
import { type Exercise, exerciseOf } from './exercise.ts'
import { hide } from './hide.ts'
import { misconceptions, sceneOfRow, seenIn } from './misconception.ts'
import { MISCONCEPTIONS } from './misconceptions/table.ts'
import { named } from './named.ts'
import { type Scene, scene, scenes } from './scene.ts'
import type { Stage } from './stages.ts'
import { TASKS } from './tasks/table.ts'
import type { TaskRow } from './tasks/task.ts'
import { type Student, seedOf } from './variant.ts'

/** What an exercise is made of: the task, and the scene it is about, as often as it is needed. */
interface Task extends Omit<TaskRow, 'question'> {
  readonly question: string
  readonly why: string
  readonly open: () => Scene
}

/** Names of all exercises: those of scenes, then those of misconceptions. */
export const exercises: readonly string[] = [...scenes, ...misconceptions].map(({ name }) => name)

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
 * @param name - that of a scene, of a misconception, or of either and a stage to fill in: `ipip/route`
 * @param student - a name, or the seed of a variant
 * @throws InputError for a name that there is not, with the nearest that there is
 */
export function exercise(name: string, student: Student): Exercise {
  const seed = seedOf(student)
  const [first = '', stage] = String(name).split('/')
  const task = taskOf(named([...TASKS, ...MISCONCEPTIONS], first, 'an exercise').name, seed)
  if (stage !== undefined) return hide(task.open().run(), stage as Stage, { name, seed })
  return exerciseOfTask(task, seed)
}

/** The task of a name that there is. */
function taskOf(name: string, seed: number): Task {
  const row = TASKS.find((one) => one.name === name)
  if (row !== undefined) {
    const about = scene(name, seed)
    return { ...row, question: row.question(about), why: '', open: () => scene(name, seed) }
  }
  const wrong = named(MISCONCEPTIONS, name, 'an exercise')
  const { question } = sceneOfRow(wrong, seed)
  const said = `${question} Then find out:`
  return { ...wrong, title: wrong.claim, question: said, why: wrong.truth, open: () => sceneOfRow(wrong, seed) }
}

function exerciseOfTask({ name, title, question, why, blanks, hints, open }: Task, seed: number): Exercise {
  return exerciseOf({
    name,
    title,
    seed,
    question,
    blanks: blanks.map(({ of: _, ...shown }) => shown),
    hints,
    solve: () => {
      const seen = seenIn(open())
      const answers = blanks.map((one): [string, Answer | undefined] => [one.name, one.of(seen)])
      return Object.fromEntries(answers) as Readonly<Record<string, Answer>>
    },
    why: () => [why, open().truth].filter((one) => one !== '').join(' '),
  })
}
