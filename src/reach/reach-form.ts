import {
  checkArgument,
  checkReport,
  FINDING_CODES,
  type Fields,
  INTEGER,
  list,
  NUMBER,
  object,
  type ReportForm,
  TEXT,
  word,
} from '../model/index.ts'
import { REACH_SCHEMA, REACH_VERDICTS, type Reach } from './reach.ts'

const PLACE = NUMBER

const END: Fields = {
  kind: word('pods', 'nodes', 'service', 'machine', 'outside'),
  label: TEXT,
  members: list(TEXT),
  'except?': list(TEXT),
}

const OUTCOME: Fields = {
  verdict: word(...REACH_VERDICTS),
  why: TEXT,
  'by?': list(TEXT),
  'code?': word(...FINDING_CODES),
  'where?': TEXT,
  'partly?': word('size', 'endpoint', 'node pair', 'source port', 'direction'),
  'parts?': list(object({ when: TEXT, outcome: PLACE })),
  how: word('computed', 'walked'),
  certainty: word('certain', 'assumed', 'undecided'),
  from: word('objects', 'dump'),
  'notes?': list(TEXT),
}

const FLOW: Fields = {
  headers: object({ protocol: TEXT, low: INTEGER, high: INTEGER, 'family?': INTEGER }),
  outcome: PLACE,
}

/** How an answer is known; its cells are many, and looked at by `checkAnswer`. */
const REACH_FORM: ReportForm = {
  what: 'an answer, such as reachOf() gives',
  schema: REACH_SCHEMA,
  fields: {
    ends: list(object(END)),
    outcomes: list(object(OUTCOME)),
    patterns: list(list(object(FLOW))),
    notes: list(TEXT),
    counts: object({
      ends: NUMBER,
      classes: NUMBER,
      pairs: NUMBER,
      verdicts: NUMBER,
      ways: NUMBER,
      packets: NUMBER,
    }),
    'shard?': object({ index: INTEGER, of: INTEGER }),
    'partial?': TEXT,
  },
}

/** Refuses what is no answer, or one whose parts refer to what it has not. @throws InputError */
export function checkAnswer(name: string, value: unknown): asserts value is Reach {
  checkReport(name, value, REACH_FORM)
  const { ends, outcomes, patterns, cells } = value as Reach
  checkArgument(Array.isArray(cells), `${name}.cells`, 'a list', cells)
  for (const [i, { parts = [] }] of outcomes.entries()) {
    for (const { outcome } of parts) checkPlace(`${name}.outcomes.${i}`, 'parts made before it', outcome, i)
  }
  for (const [i, pattern] of patterns.entries()) {
    for (const { outcome } of pattern) checkPlace(`${name}.patterns.${i}`, 'outcomes', outcome, outcomes.length)
  }
  for (const [i, cell] of (cells as readonly unknown[]).entries()) {
    const { from, to, pattern } = (cell ?? {}) as Readonly<Record<string, unknown>>
    if (isPlace(from, ends.length) && isPlace(to, ends.length) && isPlace(pattern, patterns.length)) continue
    const expected = `{ from, to, pattern }: places of ${ends.length} ends and of ${patterns.length} patterns`
    checkArgument(false, `${name}.cells.${i}`, expected, cell)
  }
}

function checkPlace(name: string, of: string, at: unknown, below: number): void {
  checkArgument(isPlace(at, below), name, `places of ${of}, below ${below}`, at)
}

function isPlace(at: unknown, below: number): boolean {
  return typeof at === 'number' && at >= 0 && at < below && Number.isInteger(at)
}
