import type { Run } from '../run.ts'
import { type Asked, ask, type DryRun, dryRunOf, isRun, type VerbOptions } from './options.ts'
import { outputFault } from './print-stored.ts'

/** What a verb that changes objects is asked. */
export interface AskedChange {
  /** Its words and options. */
  readonly asked: Asked
  /** Whether nothing is stored, and how that is said. */
  readonly dry: DryRun
}

/**
 * Reads the line of a verb that changes objects; what is wrong with it is told before anything is stored.
 * @param printsObjects - whether `-o` prints the objects afterwards
 */
export function askChange(line: readonly string[], options: VerbOptions, printsObjects = true): AskedChange | Run {
  const asked = ask(line, options)
  if (isRun(asked)) return asked
  const dry = (printsObjects ? outputFault(asked) : undefined) ?? dryRunOf(asked)
  return isRun(dry) ? dry : { asked, dry }
}
