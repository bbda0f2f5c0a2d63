import { describeFinding, describeNote, type Note, notePlace } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'

/** What a note does to the answer, in a word. */
function word(note: Note): string {
  if (note.ignored === true) return 'ignored'
  return note.effect === 'undecided' ? 'undecided' : 'assumed'
}

/** A note in one line: what it is, where it stands, what it decides. */
export function noteLine(note: Note): string {
  const place = notePlace(note)
  const by = note.ignored === true ? ` (--ignore ${note.topic})` : ''
  const decides = note.effect === 'undecided' ? `; it decides ${note.decides}` : ''
  return `${word(note)}: ${describeNote(note)}${place === '' ? '' : ` (${place})`}${decides}${by}`
}

/**
 * The block behind the verdict: what could turn the answer, where it is open also what was found as far as modelled, and the
 * commands that decide and confirm.
 */
export function noteLines(trace: Trace, shown: (note: Note) => boolean = () => true): string[] {
  const lines = trace.notes.filter(shown).map(noteLine)
  const found =
    trace.certainty === 'undecided' ? trace.findings.map((one) => `as far as modelled: ${describeFinding(one)}`) : []
  return [...lines, ...found, ...checksOf(trace).map((check) => `Check: ${check}`)]
}

/** Commands for the real machines: those that confirm what was found, then those that decide what is open. */
function checksOf(trace: Trace): readonly string[] {
  const confirming = trace.findings.flatMap((one) => one.checks)
  const deciding = trace.notes.flatMap(({ effect, check }) =>
    effect === 'undecided' && check !== undefined ? [check] : [],
  )
  return [...new Set([...confirming, ...deciding])]
}

/** What became of the question in a word or two: an answer that could be otherwise is none. */
export function dispositionWord(trace: Trace): string {
  return trace.certainty === 'undecided' ? 'undecided' : trace.disposition.kind
}

/** How the verdict looks. */
export function tone(trace: Trace): 'ok' | 'bad' | 'open' {
  if (trace.certainty === 'undecided') return 'open'
  return trace.ok ? 'ok' : 'bad'
}

/** Places that nobody described; pictures draw them dashed. */
export function assumedPlaces(trace: Trace): ReadonlySet<string> {
  return new Set(trace.nodes.filter((node) => node.origin?.assumed === true).map((node) => node.name))
}
