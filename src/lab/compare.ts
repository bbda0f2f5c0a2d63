import type { NetworkRecipe } from '../model/index.ts'
import { checkArgument, checkFunction } from '../model/index.ts'
import { type Run, transcriptCommands } from '../shell/index.ts'
import { diffTraces, type TraceDiff } from '../trace/index.ts'
import { invalid } from './asked.ts'
import type { Lab } from './lab.ts'

/** What a change made of an answer: `lab.compare` gives it. */
export interface Comparison {
  /** The answer before the change. */
  readonly before: Run
  /** The answer after it, from the same moment. */
  readonly after: Run
  /** Where the packets part, and why. */
  readonly diff: TraceDiff
}

/** Asks before and after a change, from one moment, and leaves the lab as it was. @throws InputError */
export function compared<L extends Lab>(lab: L, change: NetworkRecipe | string, ask: (lab: L) => Run): Comparison {
  const isChange = typeof change === 'function' || typeof change === 'string'
  checkArgument(isChange, 'change', 'a recipe as for edit(), or a command behind a prompt', change)
  checkFunction('ask', ask, 'a function that asks a lab: (lab) => lab.ping(…)')
  if (lab.recorder === null) throw invalid('a lab that records', 'record: false')
  const moment = lab.snapshot()
  try {
    const before = ask(lab)
    lab.restore(moment)
    apply(lab, change)
    const after = ask(lab)
    return { before, after, diff: diffTraces(before.trace, after.trace) }
  } finally {
    lab.restore(moment)
  }
}

function apply(lab: Lab, change: NetworkRecipe | string): void {
  if (typeof change !== 'string') {
    lab.edit(change)
    return
  }
  const [typed, ...more] = transcriptCommands(change)
  if (typed === undefined || more.length > 0) throw invalid('one command behind a prompt: NODE$ COMMAND', change)
  const done = lab.sh(typed.host, typed.command)
  if (!done.ok) throw invalid('a command that works', `${change}: ${done.outcome}`)
}
