import {
  type Certainty,
  describeFinding,
  describeNote,
  type Finding,
  type Note,
  type NoteTopic,
} from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { askedIn } from './asked.ts'
import { reasonOfDrop } from './causes.ts'
import { checkOf } from './check.ts'
import { concerns } from './concerns.ts'
import { diagnose } from './diagnose.ts'
import type { Facts } from './facts.ts'
import { notesOnTheWay } from './on-the-way.ts'

/** What an answer is worth. */
export interface Judgement {
  /** Whether it follows from the input, rests on assumptions, or could be otherwise. */
  readonly certainty: Certainty
  /** What could turn it, or what it rests on; nothing that does not concern it. */
  readonly notes: readonly Note[]
}

const NOTHING: ReadonlySet<NoteTopic> = new Set()

/**
 * What an answer is worth: undecided when something that is not modelled or missing could turn it, assumed when it rests on
 * what nobody said.
 * @param ignore - topics that make no answer undecided, because somebody asked for it without them
 */
function certaintyOf(trace: Trace, facts: Facts, ignore: ReadonlySet<NoteTopic> = NOTHING): Judgement {
  const asked = askedIn(trace)
  const all = [...facts.notes, ...notesOnTheWay(trace, asked, facts)]
  const found = all.filter((note) => concerns(note, trace, asked, facts))
  const notes = found.map((note): Note => {
    const check = checkOf(note, asked, facts)
    const ignored = note.effect === 'undecided' && ignore.has(note.topic)
    return { ...note, ...(check === undefined ? {} : { check }), ...(ignored ? { ignored } : {}) }
  })
  return { certainty: worth(notes), notes: [...notes].sort((a, b) => rank(a) - rank(b)) }
}

function worth(notes: readonly Note[]): Certainty {
  if (notes.some((note) => note.effect === 'undecided' && note.ignored !== true)) return 'undecided'
  return notes.length > 0 ? 'assumed' : 'certain'
}

function rank(note: Note): number {
  if (note.effect === 'assumed') return 2
  return note.ignored === true ? 1 : 0
}

/** A trace with what its answer is worth, and why it failed; an undecided one says so before what was found. */
export function judged(trace: Trace, facts: Facts, ignore?: ReadonlySet<NoteTopic>): Trace {
  const { certainty, notes } = certaintyOf(trace, facts, ignore)
  const findings = diagnose(trace, facts)
  const summary = [
    trace.summary,
    ...findings.map((one) => describeFinding(isTold(one, trace) ? { ...one, what: '' } : one)),
  ].join(' ')
  if (certainty !== 'undecided') return { ...trace, certainty, notes, findings, summary }
  const open = notes.filter((note) => note.effect === 'undecided' && note.ignored !== true).map(describeNote)
  return {
    ...trace,
    certainty,
    notes,
    findings,
    summary: `Undecided: ${open.join('; ')}. As far as modelled: ${summary}`,
  }
}

/** Whether the trace says by itself what is wrong: then only why, and what would be right, is added. */
function isTold(finding: Finding, trace: Trace): boolean {
  return trace.hops.some((hop) => hop.kind === 'drop' && reasonOfDrop(hop) === finding.what)
}
