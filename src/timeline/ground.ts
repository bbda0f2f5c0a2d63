import type { Moment } from './following.ts'
import type { LogEntry } from './log-entry.ts'
import type { RunningState } from './running-state.ts'
import type { Step } from './step.ts'
import type { StepQueue } from './step-queue.ts'

/** The running cluster, as whoever acts on it in time sees it. */
export interface Ground {
  readonly queue: StepQueue<Step>
  /** Nothing takes any time. */
  readonly isInstant: boolean
  readonly state: () => RunningState
  readonly moment: () => Moment
  readonly log: (entries: readonly LogEntry[]) => void
}
