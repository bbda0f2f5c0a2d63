import { type ValidatedObject, validateObjects } from '../../calico/index.ts'
import { type Contradiction, contradictions } from '../../control/index.ts'
import { readObjects } from '../../input/index.ts'
import { invalid } from '../../lab/index.ts'
import { printable } from '../../model/index.ts'
import type { VALIDATE_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { InputFiles } from '../input-files.ts'

/** Options of `packetwalk validate`. */
export interface ValidateOptions {
  /** `-f`. */
  readonly file?: readonly string[]
  /** Form. */
  readonly output: (typeof VALIDATE_FORMATS)[number]
  /** `--defaults`: objects as the API stores them. */
  readonly defaults?: boolean
  /** `-q`: nothing about accepted objects. */
  readonly quiet?: boolean
}

/** Says which objects Calico would take and which not, field by field. */
export function validateCommand({ file = [], output, defaults, quiet }: ValidateOptions): number {
  if (file.length === 0) throw invalid('-f FILE', 'none')
  const inputs = new InputFiles()
  const say = (line: string): void => {
    process.stderr.write(`packetwalk: ${printable(line)}\n`)
  }
  const raw = inputs.read(() => readObjects(inputs.open(file, say)))
  const objects = validateObjects(raw)
  const found = contradictions(raw.map(({ value }) => value))
  const refused = objects.filter(({ accepted }) => accepted === false).length
  if (output === 'json') {
    const told = defaults === true ? objects : objects.map(({ defaulted: _, ...object }) => object)
    process.stdout.write(`${JSON.stringify({ refused, objects: told, contradictions: found }, null, 2)}\n`)
  } else process.stdout.write(text(objects, found, refused, quiet === true))
  return refused === 0 ? EXIT.ok : EXIT.usage
}

function text(
  objects: readonly ValidatedObject[],
  found: readonly Contradiction[],
  refused: number,
  quiet: boolean,
): string {
  const between = found.filter(({ severity }) => !quiet || severity !== 'info').map(contradictionText)
  const lines = objects.flatMap((object) => [
    ...object.reasons.map((reason) => remarkText(object, reason)),
    ...(quiet ? [] : object.notHonoured.map((remark) => remarkText(object, remark))),
  ])
  const taken = objects.filter(({ accepted }) => accepted === true).length
  const others = objects.length - taken - refused
  const sum = `${taken} accepted, ${refused} refused${others === 0 ? '' : `, ${others} not of Calico`}`
  return `${[...lines, ...between].map(printable).concat(sum).join('\n')}\n`
}

function remarkText(
  { file, kind, name, namespace }: ValidatedObject,
  { path, line, message }: ValidatedObject['reasons'][number],
): string {
  const object = [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/')
  return `${file}${line === undefined ? '' : `:${line}`}: ${object} ${path}: ${message}`
}

function contradictionText({ name, severity, objects, message, remedy }: Contradiction): string {
  const shown = objects.length > MOST_SHOWN ? [...objects.slice(0, MOST_SHOWN), '…'] : objects
  return `${severity} ${name}: ${shown.join(', ')}: ${message}; ${remedy}`
}

/** Objects of a contradiction that are named. */
const MOST_SHOWN = 4
