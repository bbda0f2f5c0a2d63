import {
  FAILURES,
  type Failure,
  type FailureAsk,
  type FailureCode,
  type Injection,
  type Look,
  lineOf,
} from '../../failures/index.ts'
import type { Run } from '../../shell/index.ts'
import type { Lab } from '../lab.ts'
import { isShown, printedBy, setScene } from './check.ts'
import { type InjectOptions, inject } from './inject.ts'
import { askFor, lookOf } from './look.ts'

/** A flow that shows a failure, and how it looked. */
export interface AskedFlow {
  readonly ask: FailureAsk
  /** How it looked before. */
  readonly before?: Look
  /** How it looks now. */
  readonly after: Look
  /** Whether that is how it looks with this failure. */
  readonly fits: boolean
  /** What came of it, in a line. */
  readonly outcome: string
  /** What became of the packet, in a paragraph. */
  readonly summary: string
}

/** A command that confirms a failure, and what it printed. */
export interface TypedCheck {
  readonly host: string
  readonly line: string
  readonly output: string
  /** Why it tells the failure. */
  readonly because: string
  /** Whether its output says so. */
  readonly fits: boolean
}

/** What was done to bring a failure about, what shows it, and what confirms it. */
export interface InjectionReport {
  readonly failure: Failure
  readonly at: string
  readonly steps: readonly { readonly says: string; readonly line: string }[]
  readonly flows: readonly AskedFlow[]
  readonly checks: readonly TypedCheck[]
  /** What undoes it. */
  readonly mends: readonly { readonly says: string; readonly line: string }[]
}

/** A report, what it tells of, and the run of the flow that shows the failure most clearly; undefined where no packet does. */
export interface Injected {
  readonly report: InjectionReport
  readonly injection: Injection
  readonly run: Run | undefined
}

/** Brings a failure about and looks at it: asks what shows it before and afterwards, and types what confirms it. */
export function injected(lab: Lab, code: FailureCode, options: InjectOptions = {}): Injected {
  const start = lab.snapshot()
  const injection = inject(lab, code, options)
  const moment = lab.snapshot()
  lab.restore(start)
  setScene(lab, injection)
  const well = lab.snapshot()
  const before = injection.shows.map((flow) => {
    const look = flow.before === undefined ? undefined : lookOf(askFor(lab, flow.ask))
    lab.restore(well)
    return look
  })
  const runs = injection.shows.map(({ ask }) => {
    lab.restore(moment)
    return askFor(lab, ask)
  })
  const checks = injection.confirm.map((check): TypedCheck => {
    lab.restore(moment)
    const output = printedBy(lab, check, injection.shows[0])
    return { host: check.host, line: check.line, output, because: check.because, fits: isShown(check, output) }
  })
  lab.restore(moment)
  const flows = injection.shows.map((flow, i) => askedFlow(flow, before[i], runs[i] as Run))
  const { at, steps, mends } = injection
  const failure = FAILURES.find((one) => one.code === code) as Failure
  const report = { failure, at, steps: steps.map(told), flows, checks, mends: mends.map(told) }
  return { report, injection, run: runs[0] }
}

function told(step: Injection['steps'][number]): { readonly says: string; readonly line: string } {
  return { says: step.says, line: lineOf(step) }
}

function askedFlow({ ask, after }: Injection['shows'][number], before: Look | undefined, run: Run): AskedFlow {
  const look = lookOf(run)
  return {
    ask,
    ...(before === undefined ? {} : { before }),
    after: look,
    fits: look === after,
    outcome: run.outcome,
    summary: run.trace.summary,
  }
}
