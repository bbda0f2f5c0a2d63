import {
  ANYTHING,
  CONFIDENCE_SHAPE,
  type Fields,
  INTEGER,
  list,
  ORIGIN_SHAPE,
  object,
  PLACE_SHAPE,
  type ReportForm,
  TEXT,
  TRUE,
  word,
} from '../model/index.ts'
import { REACH_VERDICTS } from '../reach/index.ts'

const OP = word('added', 'removed', 'changed')
const PLACES: Fields = { 'before?': PLACE_SHAPE, 'after?': PLACE_SHAPE }
const CAUSES = list(TEXT)

const MACHINE: Fields = {
  op: OP,
  thing: TEXT,
  'was?': TEXT,
  'now?': TEXT,
  'parts?': object({ added: list(TEXT), removed: list(TEXT) }),
  'follows?': TRUE,
  of: word('node', 'pod', 'machine'),
  on: list(TEXT),
  causes: CAUSES,
  'before?': ORIGIN_SHAPE,
  'after?': ORIGIN_SHAPE,
  confidence: CONFIDENCE_SHAPE,
}

const SIDE = object({
  verdict: word(...REACH_VERDICTS),
  why: TEXT,
  'by?': list(TEXT),
  confidence: CONFIDENCE_SHAPE,
})

const WAY: Fields = {
  field: word('path', 'snat', 'mtu'),
  was: TEXT,
  now: TEXT,
  pairs: list(TEXT),
  causes: CAUSES,
  confidence: CONFIDENCE_SHAPE,
}

/** How such a report is known. */
export const REVIEW_FORM: ReportForm = {
  what: 'a review, such as reviewOf() gives',
  schema: 'packetwalk.review/1',
  fields: {
    objects: list(
      object({
        op: OP,
        object: TEXT,
        ...PLACES,
        fields: list(object({ path: TEXT, 'was?': ANYTHING, 'now?': ANYTHING, ...PLACES })),
      }),
    ),
    state: list(object(MACHINE)),
    reach: list(
      object({
        from: list(TEXT),
        to: list(TEXT),
        flows: list(object({ headers: list(TEXT), was: SIDE, now: SIDE })),
        causes: CAUSES,
      }),
    ),
    ways: list(object(WAY)),
    nodes: object({ compared: INTEGER, all: INTEGER }),
    notes: list(TEXT),
  },
}
