import { NO_TRACE } from '../trace/index.ts'
import type { Run } from './run.ts'

/** What a program printed, and how it ended. */
export type Printed = Pick<Run, 'stdout' | 'stderr' | 'exitCode' | 'outcome' | 'files'>

/** What is told of a run's packets; what the answer is worth and why it failed, the trace knows. */
export type Told = Pick<Run, 'ok' | 'trace'>

const TOLD = Symbol('told')

/** A run that still knows how it is told of, or what was told. */
interface ToldLater {
  [TOLD]: Told | (() => Told)
}

function told(run: ToldLater): Told {
  if (typeof run[TOLD] === 'function') run[TOLD] = run[TOLD]()
  return run[TOLD]
}

/**
 * Getters that all runs share: with closures of its own a run would be a shape of its own to V8, which lives, and what it tells
 * with it, until the old generation is collected.
 */
const GETTERS: PropertyDescriptorMap & ThisType<ToldLater> = {
  ok: getter((run) => told(run).ok),
  certainty: getter((run) => told(run).trace.certainty),
  notes: getter((run) => told(run).trace.notes),
  diagnosis: getter((run) => told(run).trace.findings),
  trace: getter((run) => told(run).trace),
}

function getter(of: (run: ToldLater) => unknown): PropertyDescriptor & ThisType<ToldLater> {
  return {
    enumerable: true,
    configurable: true,
    get() {
      return of(this)
    },
  }
}

/** A run whose packets are told of when somebody asks, once: of most pings in a shell nobody does. */
export function toldLater(printed: Printed, tell: () => Told): Run {
  const run = { ...printed }
  Object.defineProperty(run, TOLD, { value: tell, writable: true })
  return Object.defineProperties(run, GETTERS) as Run
}

/** Of runs that were printed anew, the run they were first, and whether all that printed them succeeded. */
const origins = new WeakMap<Run, { readonly first: Run; readonly succeeded: boolean }>()

/**
 * The same run with other output; what was not told of it yet is not told by that.
 * @param succeeded - whether what printed it anew did
 */
export function reprinted(run: Run, output: Partial<Printed>, succeeded = true): Run {
  const { stdout, stderr, exitCode, outcome, files } = run
  const before = origins.get(run) ?? { first: run, succeeded: true }
  const origin = { first: before.first, succeeded: before.succeeded && succeeded }
  // Asked of the first at once: a line may have a thousand filters.
  const anew = toldLater({ stdout, stderr, exitCode, outcome, files, ...output }, () => ({
    ok: origin.succeeded && origin.first.ok,
    trace: origin.first.trace,
  }))
  origins.set(anew, origin)
  return anew
}

/** What a command that sends no packet has to say besides its output. */
const QUIET = { certainty: 'certain', notes: [], diagnosis: [], trace: NO_TRACE, files: [] } as const

/** A command that worked. */
export function printed(stdout: string, stderr = ''): Run {
  return { ...QUIET, stdout, stderr, exitCode: 0, ok: true, outcome: firstLine(stderr === '' ? stdout : stderr) }
}

/** A command that failed. */
export function failed(words: string, exitCode = 1): Run {
  const stderr = words.endsWith('\n') ? words : `${words}\n`
  return { ...QUIET, stdout: '', stderr, exitCode, ok: false, outcome: firstLine(stderr) }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
