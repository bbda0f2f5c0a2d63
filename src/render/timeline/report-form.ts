import {
  ANYTHING,
  CAUSE,
  checkArgument,
  type Fields,
  INTEGER,
  list,
  NUMBER,
  ORIGIN_SHAPE,
  object,
  shapeFaults,
  TEXT,
  TRUE,
  word,
} from '../../model/index.ts'
import type { TimelineReport } from './report.ts'

const LOG_ENTRY: Fields = {
  at: NUMBER,
  event: INTEGER,
  actor: TEXT,
  'netns?': TEXT,
  op: word('add', 'delete', 'replace'),
  thing: TEXT,
  what: TEXT,
  'resync?': TRUE,
  'origin?': ORIGIN_SHAPE,
}

const GAP: Fields = {
  from: NUMBER,
  'to?': NUMBER,
  lost: INTEGER,
  outcome: TEXT,
  'end?': object({ netns: TEXT, dev: TEXT, cause: CAUSE }),
  story: TEXT,
  findings: list(ANYTHING),
  'begun?': object(LOG_ENTRY),
  'ended?': object(LOG_ENTRY),
}

const PROBE: Fields = {
  name: TEXT,
  asks: TEXT,
  start: NUMBER,
  end: NUMBER,
  every: NUMBER,
  asked: INTEGER,
  lost: INTEGER,
  unasked: INTEGER,
  gaps: list(object(GAP)),
  'connection?': TEXT,
}

const REPORT: Fields = {
  name: TEXT,
  seed: NUMBER,
  delays: word('calico', 'instant'),
  end: NUMBER,
  events: list(
    object({ number: INTEGER, at: NUMBER, title: TEXT, changes: INTEGER, 'settled?': NUMBER, 'refused?': TEXT }),
  ),
  probes: list(object(PROBE)),
  spans: list(object({ what: TEXT, 'node?': TEXT, state: TEXT, from: NUMBER, 'to?': NUMBER })),
  log: list(object(LOG_ENTRY)),
  forgotten: INTEGER,
  notes: list(TEXT),
}

/** Refuses what is no report of a timeline; the trace of a gap is looked at where it is drawn. @throws InputError */
export function checkTimelineReport(name: string, value: unknown): asserts value is TimelineReport {
  const [fault] = shapeFaults(object(REPORT), value)
  if (fault === undefined) return
  const path = [name, ...fault.path].join('.')
  checkArgument(
    false,
    path,
    fault.path.length === 0 ? 'a report, such as lab.timeline() gives' : fault.expected,
    fault.value,
  )
}
