import { createInterface } from 'node:readline'
import { answerCalico, answerLine, type CalicoLine, idOfLine, type VerbName } from '../../calico/index.ts'
import { readObjects } from '../../input/index.ts'
import { invalid } from '../../lab/index.ts'
import { printable } from '../../model/index.ts'
import { EXIT } from '../exit.ts'
import { InputFiles } from '../input-files.ts'
import { internalFault } from '../internal-fault.ts'

/** Options of `packetwalk calico`. */
export interface CalicoOptions {
  /** `-f`: files with objects; with them one request is asked. */
  readonly file?: readonly string[]
  /** `--node`. */
  readonly node?: string
  /** `--set key=JSON`. */
  readonly set?: readonly string[]
}

/**
 * Answers questions to Calico: with files one question about their objects, else those of standard input, one a line. A line
 * that is no question has its error, and the others go on.
 */
export async function calicoCommand(verb: VerbName | undefined, options: CalicoOptions): Promise<number> {
  const isOne = [options.file, options.node, options.set].some((option) => option !== undefined)
  if (isOne) return one(verb, options)
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answered(line, verb))}\n`)
  }
  return EXIT.ok
}

/** Nothing that goes wrong with a line ends the stream. */
function answered(line: string, verb: VerbName | undefined): CalicoLine {
  try {
    return answerLine(line, verb)
  } catch (error) {
    const fault = internalFault(error)
    process.stderr.write(`${fault}\n`)
    return { id: idOfLine(line), error: fault.split('\n')[0] ?? '' }
  }
}

/** Verbs that are asked about a single object: of files about the first. */
const OF_ONE_OBJECT: readonly VerbName[] = ['validate', 'convert']

/** One question, its answer for people to read. */
function one(verb: VerbName | undefined, { file = [], node, set = [] }: CalicoOptions): number {
  if (verb === undefined) throw invalid('a verb before -f, --node and --set', 'none')
  const inputs = new InputFiles()
  const say = (line: string): void => {
    process.stderr.write(`packetwalk: ${printable(line)}\n`)
  }
  const objects = inputs.read(() => readObjects(inputs.open(file, say))).map(({ value }) => value)
  const answer = answerCalico({
    verb,
    ...(file.length === 0 ? {} : OF_ONE_OBJECT.includes(verb) ? { object: objects[0] } : { objects }),
    ...(node === undefined ? {} : { node }),
    ...Object.fromEntries(set.map(field)),
  })
  if ('error' in answer) throw invalid(`a request that ${verb} takes`, answer.error)
  if ('unsupported' in answer) {
    say(`not modelled: ${answer.unsupported}`)
    return EXIT.unknown
  }
  process.stdout.write(`${JSON.stringify(answer.result, null, 2)}\n`)
  return EXIT.ok
}

/** `key=JSON`; what is no JSON is a text. */
function field(text: string): [name: string, value: unknown] {
  const equals = text.indexOf('=')
  if (equals <= 0) throw invalid('--set key=JSON', `--set ${text}`)
  const value = text.slice(equals + 1)
  try {
    return [text.slice(0, equals), JSON.parse(value)]
  } catch {
    return [text.slice(0, equals), value]
  }
}
