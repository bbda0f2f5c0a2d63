import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { isMainThread, workerData } from 'node:worker_threads'
import type { Lab } from '../../lab/index.ts'
import { InputError } from '../../model/index.ts'
import {
  checkReach,
  drawnBy,
  mergedReach,
  narrowed,
  type Reach,
  type ReachOptions,
  type ReachOutcome,
  type ReachPictureOptions,
  reachCsvParts,
  reachDot,
  reachHtml,
  reachMarkdown,
  reachOf,
  reachSteps,
  reachSvg,
  reachText,
} from '../../reach/index.ts'
import type { REACH_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { Interrupt } from '../interrupt.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { checkForm, type PictureFlags, themeOf } from '../picture-flags.ts'
import { left, type ShardWork, shardsByWorkers, teller, tellFound } from '../reach-workers.ts'
import { standardError, standardOutput } from '../standard-stream.ts'
import { Progress } from '../terminal.ts'

/** How an answer is shown. */
export interface MergeOptions extends Pick<PictureFlags, 'theme'> {
  /** `--port`. */
  readonly port?: readonly string[]
  /** `--only`. */
  readonly only?: 'broken' | 'denied'
  /** `-o`. */
  readonly output: (typeof REACH_FORMATS)[number]
  /** `-w`. */
  readonly write?: string
}

/** Options of `packetwalk reach`. */
export interface ReachCommandOptions extends SourceOptions, MergeOptions {
  /** `--from`. */
  readonly from?: readonly string[]
  /** `--to`. */
  readonly to?: readonly string[]
  /** `--focus`. */
  readonly focus?: readonly string[]
  /** `--check`. */
  readonly check?: number
  /** `--shard`. */
  readonly shard?: string
  /** `--jobs`. */
  readonly jobs?: number
}

/** Forms that have colours. */
const PICTURES = ['svg', 'html']

/** So much work is shared among workers without being told to: some twenty seconds of one core. */
const LARGE = 1_000_000

/** Milliseconds after which somebody is let in who wants to stop the work. */
const PAUSE = 50

/** Prints who reaches whom; status 1 when something is broken. */
export async function reachCommand(options: ReachCommandOptions): Promise<number> {
  const shard = shardOf(options.shard)
  checkForm('theme', options, shard === undefined ? options.output : 'json', PICTURES)
  if (options.write !== undefined) checkOutput(options.write)
  if (!isMainThread) return inWorker(options, workerData as ShardWork)
  const jobs = jobsOf(options)
  const isAsked = options.jobs !== undefined && jobs > 1
  const interrupt = new Interrupt()
  try {
    const opened = isAsked ? undefined : openLab(options).lab
    const found = opened === undefined ? undefined : await inSteps(opened, options, jobs, interrupt)
    const reach = found ?? (await shared(options, jobs, isAsked, interrupt))
    // A worker that gave no answer has said why.
    if (typeof reach === 'number') return reach
    const lab = (): Lab => opened ?? openLab({ ...options, quiet: true }).lab
    const isChecked = options.check !== undefined && !interrupt.happened
    const failed = isChecked ? checked(lab(), reach, options.check ?? 0, options.seed) : EXIT.ok
    if (failed !== EXIT.ok) return failed
    const status = show(reach, shard === undefined ? options : { ...options, output: 'json' })
    return interrupt.happened ? EXIT.interrupted : status
  } finally {
    interrupt.end()
  }
}

/** How many threads may share the work: one for a part of it, and for what can be read only once. */
function jobsOf({ jobs = availableParallelism(), shard, file = [] }: ReachCommandOptions): number {
  return shard === undefined && !file.includes('-') ? Math.min(jobs, availableParallelism() * 4) : 1
}

/** The answer of workers; a status where one of them gave none. */
async function shared(
  { quiet }: ReachCommandOptions,
  jobs: number,
  isFirst: boolean,
  interrupt: Interrupt,
): Promise<Reach | number> {
  const isQuiet = quiet === true || !isFirst
  const shards = await shardsByWorkers({ jobs, args: process.argv.slice(2), isQuiet, interrupt })
  return typeof shards === 'number' ? shards : mergedReach(shards)
}

/** The answer of this thread; undefined where the work is large, and others can share it. */
async function inSteps(
  lab: Lab,
  options: ReachCommandOptions,
  jobs: number,
  interrupt: Interrupt,
): Promise<Reach | undefined> {
  const shard = shardOf(options.shard)
  const steps = reachSteps(lab, { ...asked(options), ...(shard === undefined ? {} : { shard }) })
  const progress = new Progress()
  const started = Date.now()
  let last = started
  let step = steps.next(true)
  if (step.done !== true && options.jobs === undefined && jobs > 1 && step.value.work > LARGE) {
    steps.return(undefined as never)
    return undefined
  }
  while (step.done !== true) {
    if (Date.now() - last >= PAUSE) {
      const { done, total } = step.value
      progress.step(`${done} of ${total} pairs of classes${left(started, done, total)}`)
      await setImmediate()
      last = Date.now()
    }
    step = steps.next(!interrupt.happened)
  }
  progress.done()
  return step.value
}

/** Asks flows by packets, and says in which the answer is another. */
function checked(lab: Lab, reach: Reach, count: number, seed = 1): number {
  const { asked: all, wrong } = checkReach(lab, reach, count, drawnBy(seed))
  const number = Object.values(all).reduce((sum, one) => sum + one, 0)
  standardError.write(`packetwalk: ${number} flows asked by packets, ${wrong.length} of them otherwise than told\n`)
  for (const { from, to, headers, port, outcome, arrived } of wrong) {
    const met = arrived ? 'arrived' : 'was lost'
    standardError.write(`packetwalk: ${from} to ${to}, ${headers.protocol} ${port}: told ${outcome.verdict}, ${met}\n`)
  }
  return wrong.length === 0 ? EXIT.ok : EXIT.failed
}

function asked({ from, to, focus }: ReachCommandOptions): ReachOptions {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(focus === undefined ? {} : { focus }),
  }
}

/** One shard, for the command that started this worker. */
function inWorker(options: ReachCommandOptions, work: ShardWork): number {
  const { index, of, isQuiet } = work
  const { lab } = openLab({ ...options, quiet: isQuiet })
  tellFound(reachOf(lab, { ...asked(options), shard: { index, of }, progress: teller(work) }))
  return EXIT.ok
}

function shardOf(text: string | undefined): ReachOptions['shard'] {
  if (text === undefined) return undefined
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (index !== undefined && shard.index >= 1 && shard.index <= shard.of) return shard
  const expected = 'the number of a part and how many there are, e.g. 1/4'
  throw new InputError([{ kind: 'invalid', file: '', path: ['--shard'], expected, received: `"${text}"` }])
}

/** Puts shards together; status as of `reach`. */
export function mergeCommand(files: readonly string[], options: MergeOptions): number {
  checkForm('theme', options, options.output, PICTURES)
  if (options.write !== undefined) checkOutput(options.write)
  return show(mergedReach(files.map(shardIn)), options)
}

function shardIn(file: string): Reach {
  const text = new TextDecoder().decode(readBytes(file))
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'schema' in value) return value as Reach
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const expected = 'an answer that packetwalk reach --shard wrote'
  throw new InputError([{ kind: 'invalid', file, path: [], expected, received: 'something else' }])
}

/** Prints an answer, or writes it; the status that it means. */
function show(reach: Reach, { port, only, output, write, theme }: MergeOptions): number {
  const part = narrowed(reach, {
    ...(port === undefined ? {} : { ports: port }),
    ...(only === undefined ? {} : { only }),
  })
  const texts = output === 'csv' ? reachCsvParts(part) : [whole(part, output, themeOf({ theme }))]
  if (write === undefined) for (const text of texts) standardOutput.write(text)
  else writeOutput(write, Buffer.concat(Array.from(texts, (text) => Buffer.from(text))))
  return statusOf(part)
}

/** An answer as one text. @throws InputError where it is longer than a text may be */
function whole(reach: Reach, form: Exclude<MergeOptions['output'], 'csv'>, picture: ReachPictureOptions): string {
  try {
    return rendered(reach, form, picture)
  } catch (error) {
    if (!(error instanceof RangeError && /string length/.test(error.message))) throw error
    const expected = 'an answer short enough for this form: --from, --to, --focus or --only, or -o csv'
    const received = `${reach.cells.length} pairs of classes`
    throw new InputError([{ kind: 'invalid', file: '', path: ['--output'], expected, received }])
  }
}

function rendered(reach: Reach, form: Exclude<MergeOptions['output'], 'csv'>, picture: ReachPictureOptions): string {
  switch (form) {
    case 'text':
      return reachText(reach)
    case 'json':
      return `${JSON.stringify(reach)}\n`
    case 'md':
      return reachMarkdown(reach)
    case 'html':
      return reachHtml(reach, picture)
    case 'svg':
      return reachSvg(reach, picture)
    case 'dot':
      return reachDot(reach)
  }
}

function statusOf(reach: Reach): number {
  const used = new Set(
    reach.cells.flatMap(({ pattern }) => reach.patterns[pattern]?.map(({ outcome }) => outcome) ?? []),
  )
  const outcomes = [...used].map((one) => reach.outcomes[one] as ReachOutcome)
  if (outcomes.some(({ verdict }) => verdict === 'broken' || verdict === 'partly')) return EXIT.failed
  const isOpen = outcomes.some(({ certainty }) => certainty === 'undecided') || reach.partial !== undefined
  return isOpen ? EXIT.unknown : EXIT.ok
}
