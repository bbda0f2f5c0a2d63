import {
  CAUSE,
  CONFIDENCE_SHAPE,
  type Fields,
  FLAG,
  INTEGER,
  kinds,
  list,
  maybe,
  NUMBER,
  ORIGIN_SHAPE,
  object,
  one,
  type ReportForm,
  TEXT,
  word,
} from '../model/index.ts'
import { PAIR_KINDS, PAYLOAD_SCHEMA } from './report.ts'

const VERDICT = word('fits', 'told', 'black_hole', 'blocked', 'undecided')
const SIZE = maybe(NUMBER)

const SOURCE: Fields = {
  netns: TEXT,
  dev: TEXT,
  mtu: NUMBER,
  confidence: CONFIDENCE_SHAPE,
  why: TEXT,
  'origin?': ORIGIN_SHAPE,
}

const NEWS = kinds({
  ...one('own'),
  ...one('told', { after: INTEGER, mtu: NUMBER }),
  ...one('lost', { netns: TEXT, dev: TEXT, why: TEXT, 'cause?': CAUSE }),
  ...one('silent', { why: TEXT }),
})

const MEASURED = object({
  whole: SIZE,
  'fragmented?': SIZE,
  'fragments?': list(object({ netns: TEXT, dev: TEXT, mtu: NUMBER, fragments: INTEGER })),
  'blocked?': TEXT,
})

const TCP = object({
  announcedBySender: SIZE,
  announcedByReceiver: SIZE,
  largest: SIZE,
  completes: FLAG,
  'blocked?': TEXT,
})

const BECAUSE: Fields = { what: TEXT, at: list(TEXT) }

const WAY = object({
  from: TEXT,
  to: TEXT,
  packet: SIZE,
  'ping?': MEASURED,
  'udp?': MEASURED,
  'tcp?': TCP,
  'cut?': object({ netns: TEXT, dev: TEXT, mtu: NUMBER, source: object(SOURCE), 'cause?': CAUSE, news: NEWS }),
  tunnels: list(TEXT),
  verdict: VERDICT,
  confidence: CONFIDENCE_SHAPE,
  because: list(object(BECAUSE)),
})

const END = object({
  label: TEXT,
  kind: word('pod', 'node', 'service', 'outside'),
  'netns?': TEXT,
  'node?': TEXT,
  address: TEXT,
})

const CLASS: Fields = {
  kind: word(...PAIR_KINDS),
  family: INTEGER,
  from: END,
  to: END,
  what: TEXT,
  members: list(NUMBER),
  there: WAY,
  'back?': WAY,
  isAsymmetric: FLAG,
}

/** How such a report is known. */
export const PAYLOAD_FORM: ReportForm = {
  what: 'a report, such as payloadOf() gives',
  schema: PAYLOAD_SCHEMA,
  fields: {
    verdict: VERDICT,
    classes: list(object(CLASS)),
    untried: INTEGER,
    rests: list(object({ ...BECAUSE, ways: INTEGER })),
  },
}
