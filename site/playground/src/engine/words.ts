import { describeNote, type Note } from 'packetwalk'
import { describeFinding, type Finding } from 'packetwalk/model'
import type { FoundCause } from './protocol.ts'

/** A cause in words. */
export function described(finding: Finding): FoundCause {
  return { text: describeFinding(finding), checks: finding.checks }
}

/** A note in a line. */
export function noted(note: Note): string {
  return `${note.effect}: ${describeNote(note)}`
}
