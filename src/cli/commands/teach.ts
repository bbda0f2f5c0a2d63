import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { didYouMean, InputError } from '../../model/index.ts'
import { renderText } from '../../render/index.ts'
import {
  type AnswerSheet,
  checkSheet,
  type Exercise,
  exercise,
  exercises,
  hint,
  misconception,
  misconceptions,
  type Scene,
  SHEET_SCHEMA,
  type Student,
  scene,
  scenes,
  variant,
} from '../../teach/index.ts'
import { EXIT } from '../exit.ts'
import { refuse } from '../files.ts'
import { quoted } from '../next-line.ts'
import { writeOutput } from '../output-file.ts'

/** Options of `packetwalk teach show`. */
export interface TeachOptions {
  /** `--student`. */
  readonly student?: Student
}

/** Options of `packetwalk teach sheet`. */
export interface TeachSheetOptions extends TeachOptions {
  /** `--students`: a file with a name a line. */
  readonly students?: string
  /** `--out`: a folder, in it one for each student. */
  readonly out?: string
}

/** Options of `packetwalk teach answers`. */
export interface TeachAnswersOptions {
  /** `--student`, each time. */
  readonly student?: readonly string[]
  /** `--students`: a file with a name a line. */
  readonly students?: string
}

/** Options of `packetwalk teach files`. */
export interface TeachFilesOptions extends TeachOptions {
  /** `--out`: a folder. */
  readonly out: string
}

/** Options of `packetwalk teach hint`. */
export interface TeachHintOptions extends TeachOptions {
  /** `--level`; absent = 1. */
  readonly level?: number
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

/** A hint for an exercise: the vaguest first, and how to get the next. */
export function teachHintCommand(name: string, { student, level = 1 }: TeachHintOptions): number {
  const task = exercise(name, student ?? NOBODY)
  const whose = student === undefined ? '' : ` --student ${quoted(String(student))}`
  const more = level < task.hints ? `; the next: packetwalk teach hint ${name}${whose} --level ${level + 1}` : ''
  process.stdout.write(`${hint(task, level)}\n(hint ${level} of ${task.hints}${more})\n`)
  return EXIT.ok
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

/** Exercises as they are handed out: to the terminal, or a folder for each student. */
export function teachSheetCommand(names: readonly string[], options: TeachSheetOptions): number {
  const students = studentsOf(options)
  if (options.out === undefined) {
    if (students.length > 1) throw refuse('', '--out <dir>, where to write the sheets of several students', 'nothing')
    const [student = NOBODY] = students
    process.stdout.write(
      sheetText(
        chosen(names).map((name) => exercise(name, student)),
        student,
      ),
    )
    return EXIT.ok
  }
  const folders = students.map((student) => folderOf(String(student)))
  const twice = folders.find((folder, i) => folders.indexOf(folder) < i)
  if (twice !== undefined) throw refuse('', 'students whose names differ in a letter or digit', twice)
  for (const [i, student] of students.entries()) {
    const folder = join(options.out, folders[i] as string)
    mkdirSync(folder, { recursive: true })
    for (const { name, text } of handedOut(chosen(names), student)) writeOutput(join(folder, name), text)
    process.stdout.write(`wrote ${folder}\n`)
  }
  return EXIT.ok
}

/** A file of a student. */
interface HandedOut {
  readonly name: string
  readonly text: string
}

/** What a student gets: the sheet, the pictures in it, and the file to hand in. */
function handedOut(names: readonly string[], student: Student): readonly HandedOut[] {
  const all = names.map((name) => exercise(name, student))
  const pictures = all.flatMap(({ name, picture }) =>
    picture === undefined ? [] : [{ name: pictureOf(name), text: picture }],
  )
  const answers = all.map(({ name, blanks }) => {
    const empty = blanks.map((blank): [string, string] => [blank.name, ''])
    return { exercise: name, answers: Object.fromEntries(empty), hints: 0 }
  })
  const handIn: AnswerSheet = { schema: SHEET_SCHEMA, student, answers }
  return [
    { name: 'sheet.md', text: sheetText(all, student, true) },
    ...pictures,
    { name: 'answers.json', text: `${JSON.stringify(handIn, undefined, 2)}\n` },
  ]
}

const pictureOf = (name: string): string => `${name.replace('/', '-')}.svg`

/** Exercises as Markdown, each behind its cluster; with the pictures that lie beside it. */
function sheetText(all: readonly Exercise[], student: Student, hasPictures = false): string {
  const parts = all.flatMap((one) => {
    const [first = ''] = one.name.split('/')
    const isScene = scenes.some(({ name }) => name === first)
    const cluster = isScene ? scene(first, student) : misconceptionOf(first, student)
    const isDrawn = hasPictures && one.picture !== undefined
    return [
      ...(cluster === undefined ? [] : [cluster.toMarkdown()]),
      one.toMarkdown(),
      ...(isDrawn ? [`![${one.name}, with blanks](${pictureOf(one.name)})\n`] : []),
    ]
  })
  return `# ${student === NOBODY ? 'Exercises' : student}\n\n${parts.map((one) => `${one}\n`).join('')}`
}

function misconceptionOf(name: string, student: Student): { readonly toMarkdown: () => string } | undefined {
  return misconceptions.some((one) => one.name === name) ? misconception(name, student) : undefined
}

/** A name as that of a folder. */
function folderOf(student: string): string {
  return student
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** Those that were named, and those of the list. @throws InputError for a list of nobody, or of somebody twice */
function studentsOf({ student, students }: TeachSheetOptions): readonly Student[] {
  const named = student === undefined ? [] : [student]
  if (students === undefined) return named.length === 0 ? [NOBODY] : named
  const list = readFileSync(students, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const twice = list.find((one, i) => list.findIndex((other) => variant(other) === variant(one)) < i)
  const fault = list.length === 0 ? 'none' : twice === undefined ? undefined : `"${twice}" twice`
  if (fault === undefined) return [...named, ...list]
  throw refuse(students, 'a student a line, each once', fault)
}

/** The answers of students’ variants, and what whoever believes a misconception writes. */
export function teachAnswersCommand(names: readonly string[], options: TeachAnswersOptions): number {
  const { student = [], students } = options
  const listed = students === undefined ? [] : studentsOf({ students })
  const all: readonly Student[] = [...student, ...listed]
  if (all.length === 0) throw refuse('', '--student <name>, or --students <file>', 'neither')
  for (const one of all) {
    process.stdout.write(`# ${one}\n\n| exercise | answers | who believes it writes |\n| --- | --- | --- |\n`)
    for (const name of chosen(names)) {
      const answers = Object.entries(exercise(name, one).solve()).map(([blank, answer]) => `${blank}: ${answer}`)
      process.stdout.write(`| ${name} | ${answers.join('; ')} | ${believed(name, one)} |\n`)
    }
    process.stdout.write('\n')
  }
  return EXIT.ok
}

function believed(name: string, student: Student): string {
  if (misconceptions.every((one) => one.name !== name)) return ''
  const { belief } = misconception(name, student)
  return `${belief.blank}: ${belief.answer()}`
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
