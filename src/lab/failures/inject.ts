import {
  FAILURES,
  type FailureCode,
  type Injection,
  injectionOf,
  isFailureCode,
  type ShownFlow,
  type Situation,
} from '../../failures/index.ts'
import { didYouMean, InputError } from '../../model/index.ts'
import { invalid } from '../asked.ts'
import type { Lab } from '../lab.ts'
import { setScene } from './check.ts'
import { askFor, lookOf } from './look.ts'

/** Where a failure is brought about. */
export interface InjectOptions {
  /** A node, or a pod; absent = the first that fits and whose flows pass. */
  readonly at?: string
}

/**
 * How a failure would be brought about in a lab as it is now, at flows that pass before.
 * @throws InputError for what it lacks
 */
export function plannedInjection(lab: Lab, code: FailureCode | string, { at }: InjectOptions = {}): Injection {
  return thatShows(lab, situationOf(lab, code, at))
}

/** Where a failure would be brought about. @throws InputError for one that nobody knows, and for what is no lab of objects */
function situationOf(lab: Lab, code: string, at: string | undefined): Situation {
  if (!isFailureCode(code)) throw unknown(code)
  const { cluster, delays, objects } = lab
  if (cluster === null || objects === null)
    throw invalid('a lab of objects alone: what dumps hold is as it is', 'another')
  const { network } = lab.simulation
  return { code, cluster, network, delays, ...(at === undefined ? {} : { at }) }
}

/** Pods and pairs that are tried before it is said that none will do. */
const MOST_TRIED = 64

/** An injection whose flows pass before it: what policy, or something broken, stops already would show nothing. */
function thatShows(lab: Lab, situation: Situation): Injection {
  let first: ShownFlow | undefined
  for (let skip = 0; skip < MOST_TRIED; skip++) {
    const injection = triedPlan({ ...situation, skip }, first !== undefined)
    const failing = injection && (failingBefore(lab, injection) ?? passingAfter(lab, injection))
    if (injection !== undefined && failing === undefined) return injection
    // What does not depend on which pods it is about is the same again.
    const isSame = failing !== undefined && JSON.stringify(failing.ask) === JSON.stringify(first?.ask)
    first ??= failing
    if (injection === undefined || isSame) break
  }
  const received = first === undefined ? 'none' : `${askText(first)}: policies, or something broken, decide otherwise`
  const where = situation.at === undefined ? '' : ` from or to ${situation.at}`
  const expected = `${situation.code} needs a flow${where} that passes before it and not afterwards`
  throw new InputError([{ kind: 'unsupported', file: '', path: [], expected, received }])
}

/** A plan; undefined where those that fit are used up. */
function triedPlan(situation: Situation, isOneKnown: boolean): Injection | undefined {
  try {
    return injectionOf(situation)
  } catch (error) {
    if (isOneKnown && error instanceof InputError) return undefined
    throw error
  }
}

/** The flow that does not look before as it should. */
function failingBefore(lab: Lab, injection: Injection): ShownFlow | undefined {
  const moment = lab.snapshot()
  try {
    setScene(lab, injection)
    const well = lab.snapshot()
    return injection.shows.find(({ ask, before }) => {
      if (before === undefined) return false
      lab.restore(well)
      return lookOf(askFor(lab, ask)) !== before
    })
  } finally {
    lab.restore(moment)
  }
}

/** The flow that was to show the failure and does not: another policy allows what one denies. */
function passingAfter(lab: Lab, injection: Injection): ShownFlow | undefined {
  const moment = lab.snapshot()
  const [flow] = injection.shows
  // Where programs take their time, it shows later.
  if (flow?.before === undefined || lab.delays !== 'instant') return undefined
  try {
    for (const { event } of injection.steps) lab.occur(event)
    return lookOf(askFor(lab, flow.ask)) === flow.after ? undefined : flow
  } finally {
    lab.restore(moment)
  }
}

function askText({ ask: { kind, from, to, port } }: ShownFlow): string {
  return `${kind} from ${from} to ${to}${port === undefined ? '' : `:${port}`}`
}

/** Brings a failure about in a lab, step by step. @throws InputError for what it lacks; then nothing is changed */
export function inject(lab: Lab, code: FailureCode | string, options: InjectOptions = {}): Injection {
  const injection = plannedInjection(lab, code, options)
  for (const { event } of injection.steps) lab.occur(event)
  return injection
}

/**
 * The same in the middle of a timeline, at the first pods that fit: whatever is under way there, nothing may be asked beside it.
 * @throws InputError for what it lacks; then nothing is changed
 */
export function injectUntried(lab: Lab, code: FailureCode | string, { at }: InjectOptions = {}): Injection {
  const injection = injectionOf(situationOf(lab, code, at))
  for (const { event } of injection.steps) lab.occur(event)
  return injection
}

function unknown(code: string): InputError {
  const codes = FAILURES.map((failure) => failure.code)
  const expected = `a failure of the catalogue; ${didYouMean(String(code), codes)}`
  return new InputError([{ kind: 'missing_reference', file: '', path: ['failure'], expected, received: `"${code}"` }])
}
