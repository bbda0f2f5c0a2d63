import {
  ANYTHING,
  CONFIDENCE_SHAPE,
  type Fields,
  INTEGER,
  list,
  object,
  PLACE_SHAPE,
  type ReportForm,
  TEXT,
  word,
} from '../model/index.ts'

const JUDGED: Fields = {
  name: TEXT,
  status: word('holds', 'fails', 'undecided'),
  'place?': PLACE_SHAPE,
  pairs: INTEGER,
  walked: INTEGER,
  misses: list(object({ field: TEXT, expected: TEXT, found: TEXT, why: TEXT, pairs: list(TEXT) })),
  confidence: CONFIDENCE_SHAPE,
  remarks: list(TEXT),
  updates: list(object({ index: INTEGER, field: TEXT, value: ANYTHING })),
}

/** How such a report is known. */
export const EXPECTATIONS_FORM: ReportForm = {
  what: 'a report, such as judgeExpectations() gives',
  schema: 'packetwalk.expectations/1',
  fields: {
    name: TEXT,
    file: TEXT,
    held: INTEGER,
    failed: INTEGER,
    undecided: INTEGER,
    expectations: list(object(JUDGED)),
  },
}
