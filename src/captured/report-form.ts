import {
  CONFIDENCE_SHAPE,
  type Fields,
  FLAG,
  INTEGER,
  list,
  NUMBER,
  object,
  type ReportForm,
  TEXT,
  word,
} from '../model/index.ts'
import { CAPTURE_SCHEMA } from './report.ts'

const END = object({
  name: TEXT,
  kind: word('pod', 'node', 'service', 'gateway', 'machine', 'group', 'outside'),
  address: TEXT,
})
const PLACE = object({ netns: TEXT, dev: TEXT })

const PACKET: Fields = {
  number: INTEGER,
  time: NUMBER,
  line: TEXT,
  what: TEXT,
  'from?': END,
  'to?': END,
  tunnels: list(object({ carrier: word('ipip', 'vxlan', 'wireguard'), from: END, to: END })),
  'nat?': TEXT,
  'flow?': INTEGER,
  explained: word('expected', 'elsewhere', 'known', 'unknown'),
  at: list(PLACE),
  'cutFrom?': NUMBER,
}

const FLOW: Fields = {
  protocol: TEXT,
  client: END,
  server: END,
  predicted: TEXT,
  ok: FLAG,
  confidence: CONFIDENCE_SHAPE,
}

const SOURCE: Fields = {
  file: TEXT,
  interface: TEXT,
  'place?': PLACE,
  alternatives: list(PLACE),
  placeBy: word('said', 'computed', 'unknown'),
  fits: list(INTEGER),
  packets: list(object(PACKET)),
  missing: list(
    object({ flow: INTEGER, what: TEXT, after: INTEGER, means: TEXT, basis: word('packets', 'prediction') }),
  ),
  remarks: list(object({ number: INTEGER, what: TEXT })),
  'fault?': TEXT,
}

/** How such a report is known. */
export const CAPTURE_FORM: ReportForm = {
  what: 'a report, such as explainCapture() gives',
  schema: CAPTURE_SCHEMA,
  fields: {
    flows: list(object(FLOW)),
    sources: list(object(SOURCE)),
    disappeared: list(
      object({
        flow: INTEGER,
        way: word('request', 'reply'),
        from: INTEGER,
        to: INTEGER,
        packets: list(INTEGER),
        between: list(PLACE),
      }),
    ),
    unsimulated: INTEGER,
  },
}
