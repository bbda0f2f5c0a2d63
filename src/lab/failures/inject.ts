import {
  FAILURES,
  type FailureCode,
  type Injection,
  injectionOf,
  isFailureCode,
  type Situation,
} from '../../failures/index.ts'
import { didYouMean, InputError } from '../../model/index.ts'
import { invalid } from '../asked.ts'
import type { Lab } from '../lab.ts'

/** Where a failure is brought about. */
export interface InjectOptions {
  /** A node, or a pod; absent = the first that fits. */
  readonly at?: string
}

/** How a failure would be brought about in a lab as it is now. @throws InputError for what it lacks */
export function plannedInjection(lab: Lab, code: FailureCode | string, { at }: InjectOptions = {}): Injection {
  if (!isFailureCode(code)) throw unknown(code)
  const { cluster, delays, objects } = lab
  if (cluster === null || objects === null)
    throw invalid('a lab of objects alone: what dumps hold is as it is', 'another')
  const { network } = lab.simulation
  const situation: Situation = { code, cluster, network, delays, ...(at === undefined ? {} : { at }) }
  return injectionOf(situation)
}

/** Brings a failure about in a lab, step by step. @throws InputError for what it lacks; then nothing is changed */
export function inject(lab: Lab, code: FailureCode | string, options: InjectOptions = {}): Injection {
  const injection = plannedInjection(lab, code, options)
  for (const { event } of injection.steps) lab.occur(event)
  return injection
}

function unknown(code: string): InputError {
  const codes = FAILURES.map((failure) => failure.code)
  const expected = `a failure of the catalogue; ${didYouMean(String(code), codes)}`
  return new InputError([{ kind: 'missing_reference', file: '', path: ['failure'], expected, received: `"${code}"` }])
}
