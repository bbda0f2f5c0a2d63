import { availableParallelism } from 'node:os'
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
  reachCsv,
  reachDot,
  reachHtml,
  reachMarkdown,
  reachOf,
  reachSvg,
  reachText,
} from '../../reach/index.ts'
import type { REACH_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { type ShardWork, shardsByWorkers, tellWork } from '../reach-workers.ts'
import { standardError, standardOutput } from '../standard-stream.ts'
import { Progress } from '../terminal.ts'

/** How an answer is shown. */
export interface MergeOptions {
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

/** Prints who reaches whom; status 1 when something is broken. */
export async function reachCommand(options: ReachCommandOptions): Promise<number> {
  const { write, jobs } = options
  const shard = shardOf(options.shard)
  if (write !== undefined) checkOutput(write)
  if (!isMainThread) return inWorker(options, workerData as ShardWork)
  if (jobs !== undefined && shard === undefined && !(options.file ?? []).includes('-')) {
    const shards = await shardsByWorkers(Math.min(jobs, availableParallelism() * 4), process.argv.slice(2))
    // A worker that gave no answer has said why.
    return typeof shards === 'number' ? shards : show(mergedReach(shards), options)
  }
  const progress = new Progress()
  const started = Date.now()
  const { lab } = openLab(options)
  const reach = reachOf(lab, {
    ...asked(options),
    ...(shard === undefined ? {} : { shard }),
    progress: (done, total) => {
      progress.step(`${done} of ${total} pairs of classes${left(started, done, total)}`)
      return true
    },
  })
  progress.done()
  const failed = options.check === undefined ? EXIT.ok : checked(lab, reach, options.check, options.seed)
  if (failed !== EXIT.ok) return failed
  return show(reach, shard === undefined ? options : { ...options, output: 'json' })
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
  const { index, of } = work
  const { lab } = openLab({ ...options, quiet: options.quiet === true || index > 1 })
  const reach = reachOf(lab, {
    ...asked(options),
    shard: { index, of },
    progress: (done, total) => tellWork(work, { done, total }),
  })
  tellWork(work, { reach })
  return EXIT.ok
}

/** How long it will take, by how long it took so far. */
function left(started: number, done: number, total: number): string {
  const seconds = (((Date.now() - started) / Math.max(done, 1)) * (total - done)) / 1000
  return done === 0 ? '' : `, ${Math.ceil(seconds)} s left`
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
function show(reach: Reach, { port, only, output, write }: MergeOptions): number {
  const part = narrowed(reach, {
    ...(port === undefined ? {} : { ports: port }),
    ...(only === undefined ? {} : { only }),
  })
  const text = rendered(part, output)
  if (write === undefined) standardOutput.write(text)
  else writeOutput(write, text)
  return statusOf(part)
}

function rendered(reach: Reach, form: MergeOptions['output']): string {
  switch (form) {
    case 'text':
      return reachText(reach)
    case 'json':
      return `${JSON.stringify(reach)}\n`
    case 'md':
      return reachMarkdown(reach)
    case 'csv':
      return reachCsv(reach)
    case 'html':
      return reachHtml(reach)
    case 'svg':
      return reachSvg(reach)
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
