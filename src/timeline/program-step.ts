import { began, done, heard, type Moment, started, wrote } from './following.ts'
import { eventHeard, type Outcome, type RunningState } from './running-state.ts'
import type { Step } from './step.ts'

/** A step of a program that follows what is stored. */
export type ProgramStep = Step & { readonly kind: 'hear' | 'begin' | 'write' | 'done' | 'started' }

/** What becomes of a step of a program whose time has come, and the event that it is because of. */
export function programStepped(
  state: RunningState,
  step: ProgramStep,
  moment: Moment,
): { readonly outcome: Outcome; readonly event: number } {
  switch (step.kind) {
    case 'hear':
      return { outcome: heard(state, step, moment), event: step.revision.event }
    case 'begin':
      return { outcome: began(state, step, moment), event: eventHeard(state, step) }
    case 'write':
      return { outcome: wrote(state, step), event: step.revision.event }
    case 'done':
      return { outcome: done(state, step, moment), event: eventHeard(state, step) }
    case 'started':
      return { outcome: started(state, step, moment), event: step.event }
  }
}
