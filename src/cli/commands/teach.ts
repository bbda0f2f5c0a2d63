import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { didYouMean, InputError } from '../../model/index.ts'
import { renderText } from '../../render/index.ts'
import {
  type AnswerSheet,
  checkSheet,
  exercise,
  exercises,
  misconception,
  misconceptions,
  type Scene,
  type Student,
  scene,
  scenes,
} from '../../teach/index.ts'
import { EXIT } from '../exit.ts'
import { writeOutput } from '../output-file.ts'

/** Options of `packetwalk teach show` and `sheet`. */
export interface TeachOptions {
  /** `--student`. */
  readonly student?: Student
}

/** Options of `packetwalk teach files`. */
export interface TeachFilesOptions extends TeachOptions {
  /** `--out`: a folder. */
  readonly out: string
}

/** The variant of nobody in particular. */
const NOBODY = 1

/** Lists what there is to teach. */
export function teachListCommand(): number {
  const line = (name: string, text: string): string => `  ${name.padEnd(21)} ${text}\n`
  process.stdout.write('Scenes\n')
  for (const { name, title } of scenes) process.stdout.write(line(name, title))
  process.stdout.write('\nMisconceptions\n')
  for (const { name, claim } of misconceptions) process.stdout.write(line(name, `“${claim}”`))
  return EXIT.ok
}

/** Shows a scene or a misconception: the cluster, the question, what happens, and the answer. */
export function teachShowCommand(name: string, { student = NOBODY }: TeachOptions): number {
  const wrong = misconceptions.find((one) => one.name === name)
  const about = wrong === undefined ? undefined : misconception(name, student)
  const shown = about?.scene ?? clusterOf(name, student)
  process.stdout.write(`${(about ?? shown).toMarkdown()}\n`)
  process.stdout.write(`${changesText(shown)}${firstPart(renderText(shown.run().trace))}\n\n`)
  if (wrong !== undefined) process.stdout.write(`What is so: ${wrong.truth}\n${wrong.why}\n`)
  process.stdout.write(`Seen: ${shown.truth}\n`)
  if (wrong !== undefined) process.stdout.write(`Source: ${wrong.source}.\n`)
  return EXIT.ok
}

/** The cluster of a scene or a misconception. @throws InputError for a name that neither has, with the nearest that one has */
function clusterOf(name: string, student: Student): Scene {
  if (misconceptions.some((one) => one.name === name)) return misconception(name, student).scene
  if (scenes.some((one) => one.name === name)) return scene(name, student)
  const expected = `a scene or a misconception; ${didYouMean(name, exercises)}`
  throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: JSON.stringify(name) }])
}

/** A line a hop, and what follows; the frames behind it are for `packetwalk trace`. */
function firstPart(text: string): string {
  const end = text.indexOf('\n\nRequest')
  return (end < 0 ? text : text.slice(0, end)).trimEnd()
}

/** What somebody did to machines, where the files do not show it. */
function changesText({ changes }: Scene): string {
  const lines = changes.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return lines.length === 0 ? '' : `Then:\n${lines.map((one) => `  ${one}\n`).join('')}\n`
}

/** Writes the YAML of a scene, and its timeline, to a folder. */
export function teachFilesCommand(name: string, { student = NOBODY, out }: TeachFilesOptions): number {
  const about = clusterOf(name, student)
  const { files, timeline, from, to } = about
  mkdirSync(out, { recursive: true })
  const all = timeline === undefined ? files : [...files, { name: 'timeline.yaml', text: timeline }]
  for (const file of all) {
    writeOutput(join(out, file.name), file.text)
    process.stdout.write(`wrote ${join(out, file.name)}\n`)
  }
  const given = files.map((file) => `-f ${join(out, file.name)}`).join(' ')
  process.stdout.write(`${changesText(about)}try: packetwalk trace ${given} --from ${from} --to ${to}\n`)
  return EXIT.ok
}

/** Exercises as they are handed out. */
export function teachSheetCommand(names: readonly string[], { student = NOBODY }: TeachOptions): number {
  process.stdout.write(`# ${student === NOBODY ? 'Exercises' : student}\n\n`)
  for (const name of chosen(names)) {
    const [first = ''] = name.split('/')
    const isScene = scenes.some((one) => one.name === first)
    if (isScene) process.stdout.write(`${scene(first, student).toMarkdown()}\n`)
    else if (misconceptions.some((one) => one.name === first))
      process.stdout.write(`${misconception(first, student).toMarkdown()}\n`)
    process.stdout.write(`${exercise(name, student).toMarkdown()}\n`)
  }
  return EXIT.ok
}

/** The answers of students' variants. */
export function teachAnswersCommand(names: readonly string[], students: readonly string[]): number {
  for (const student of students) {
    process.stdout.write(`# ${student}\n\n| exercise | answers |\n| --- | --- |\n`)
    for (const name of chosen(names)) {
      const answers = Object.entries(exercise(name, student).solve()).map(([blank, answer]) => `${blank}: ${answer}`)
      process.stdout.write(`| ${name} | ${answers.join('; ')} |\n`)
    }
    process.stdout.write('\n')
  }
  return EXIT.ok
}

function chosen(names: readonly string[]): readonly string[] {
  return names.length === 0 ? exercises : names
}

/** Judges answer sheets. */
export function teachCheckCommand(files: readonly string[]): number {
  const sheets = files.map((file) => checkSheet(sheetOf(file)))
  process.stdout.write('| student | right | of | exercises that are not |\n| --- | --- | --- | --- |\n')
  for (const { student, passed, verdicts } of sheets) {
    const wrong = verdicts.filter(({ verdict }) => !verdict.passed).map((one) => one.exercise)
    process.stdout.write(`| ${student} | ${passed} | ${verdicts.length} | ${wrong.join(', ')} |\n`)
  }
  return sheets.every(({ passed, verdicts }) => passed === verdicts.length) ? EXIT.ok : EXIT.failed
}

/** A sheet from a file. @throws InputError for what is no JSON */
function sheetOf(file: string): AnswerSheet {
  const text = readFileSync(file, 'utf8')
  try {
    return JSON.parse(text) as AnswerSheet
  } catch {
    throw new InputError([
      { kind: 'invalid', file, path: [], expected: 'JSON, as lesson.sheet() gives it', received: 'something else' },
    ])
  }
}
