import {
  CAUSE,
  COMPONENT_SHAPE,
  FINDING_CODES,
  type Fields,
  FLAG,
  HEX,
  INTEGER,
  kinds,
  list,
  NOTE_TOPICS,
  NOTES,
  NUMBER,
  ORIGIN_SHAPE,
  object,
  one,
  ROUTE_TYPES,
  type RouteResult,
  type Shape,
  TEXT,
  TRUE,
  word,
} from '../model/index.ts'
import { DIRECTION, MEANING, POLICY_REF } from './meaning-shape.ts'

/** A hop: what every one has, and its own. */
const hop = (fields: Fields): Shape =>
  object({ time: NUMBER, netns: TEXT, dev: TEXT, packet: INTEGER, reason: TEXT, facts: list(FACT), ...fields })

const FACT = object({
  kind: word(
    'address',
    'fdb',
    'interface',
    'neighbour',
    'netfilter-rule',
    'proxy-neighbour',
    'route',
    'rule',
    'sysctl',
    'wire',
    'wireguard-peer',
  ),
  netns: TEXT,
  text: TEXT,
  'origin?': ORIGIN_SHAPE,
})

const CHANGE = kinds({
  pushed: object({ kind: word('pushed', 'pulled'), layer: TEXT, text: TEXT }),
  pulled: object({ kind: word('pushed', 'pulled'), layer: TEXT, text: TEXT }),
  field: object({ kind: word('field'), layer: TEXT, field: TEXT, from: TEXT, to: TEXT, derived: FLAG }),
})

const CANDIDATE = object({
  text: TEXT,
  table: TEXT,
  'prefix?': TEXT,
  'rulePriority?': INTEGER,
  won: FLAG,
  'lost?': word(
    'shorter-prefix',
    'higher-metric',
    'listed-later',
    'device-down',
    'link-down',
    'no-device',
    'tos',
    'not-the-output-device',
    'unreachable-router',
    'lower-preference',
    'throw',
    'suppressed',
  ),
  why: TEXT,
})

const ROLE = word('request', 'reply', 'error', 'resolution', 'other')

const DISPOSITION = kinds({
  answered: object({ kind: word('answered'), by: TEXT, packet: INTEGER, rtt: NUMBER }),
  delivered: object({ kind: word('delivered'), to: TEXT, packet: INTEGER }),
  error: object({ kind: word('error'), message: TEXT, type: INTEGER, code: INTEGER, from: TEXT, packet: INTEGER }),
  dropped: object({ kind: word('dropped'), cause: CAUSE, netns: TEXT, dev: TEXT, role: ROLE, packet: INTEGER }),
  'no-answer': object({ kind: word('no-answer'), why: TEXT }),
  'not-sent': object({ kind: word('not-sent'), why: TEXT }),
})

const EXCHANGE = object({ request: INTEGER, netns: TEXT, line: TEXT, disposition: DISPOSITION })

const PLACE_ROLE = word('node', 'pod', 'router', 'external', 'container', 'switch', 'host', 'unknown')

const NODE = object({
  name: TEXT,
  role: PLACE_ROLE,
  'origin?': ORIGIN_SHAPE,
  interfaces: list(TEXT),
})

const PACKET = object({
  id: INTEGER,
  'parent?': INTEGER,
  'answers?': INTEGER,
  role: ROLE,
  line: TEXT,
  end: word('delivered', 'consumed', 'dropped', 'fragmented', 'reassembled', 'waiting', 'swallowed', 'in flight'),
  'cause?': CAUSE,
  path: list(TEXT),
})

const FAULT = object({ packet: INTEGER, text: TEXT })

/** Every word for what a lookup came to. */
export const ROUTE_RESULTS: readonly RouteResult[] = [...ROUTE_TYPES, 'none']

const HOP = kinds({
  arp: hop({
    kind: word('arp'),
    answered: FLAG,
    'verdict?': word(
      'local',
      'probe',
      'proxy-arp',
      'proxy-arp-pvlan',
      'proxy-entry',
      'anycast',
      'arp-ignore',
      'arp-filter',
      'asker-unknown',
      'not-ours',
    ),
    target: TEXT,
    sender: TEXT,
  }),
  bridge: hop({ kind: word('bridge'), decision: word('forward', 'flood', 'local'), 'port?': TEXT }),
  clone: hop({ kind: word('clone'), original: INTEGER }),
  conntrack: hop({ kind: word('conntrack'), state: TEXT, isNew: FLAG, original: TEXT, reply: TEXT }),
  create: hop({ kind: word('create'), protocol: INTEGER, 'answers?': INTEGER }),
  deliver: hop({ kind: word('deliver'), protocol: INTEGER, port: INTEGER, taken: FLAG, by: TEXT }),
  drop: hop({ kind: word('drop'), cause: CAUSE, kernelReason: TEXT, kernelFunction: TEXT, harmless: FLAG }),
  'route-exception': hop({ kind: word('route-exception'), mtu: INTEGER, 'destination?': TEXT, 'gateway?': TEXT }),
  forward: hop({ kind: word('forward'), ttlBefore: INTEGER, ttlAfter: INTEGER }),
  fragment: hop({ kind: word('fragment'), mtu: INTEGER, fragments: INTEGER }),
  tx: hop({ kind: word('tx', 'rx'), linkType: INTEGER, bytes: HEX, line: TEXT, changes: list(CHANGE) }),
  rx: hop({ kind: word('tx', 'rx'), linkType: INTEGER, bytes: HEX, line: TEXT, changes: list(CHANGE) }),
  hook: hop({
    kind: word('hook'),
    hook: word('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'),
    table: word('raw', 'mangle', 'nat', 'filter', 'security'),
    verdict: word('accept', 'drop', 'stolen'),
    'unmodelled?': TEXT,
  }),
  'icmp-error': hop({
    kind: word('icmp-error'),
    sent: FLAG,
    type: INTEGER,
    code: INTEGER,
    info: INTEGER,
    message: TEXT,
  }),
  learn: hop({ kind: word('learn'), 'mac?': TEXT, 'port?': TEXT }),
  nat: hop({
    kind: word('nat'),
    side: word('source', 'destination'),
    from: TEXT,
    to: TEXT,
    'after?': object({ address: TEXT, port: INTEGER }),
  }),
  'neighbour-change': hop({
    kind: word('neighbour-change'),
    address: TEXT,
    lladdr: TEXT,
    from: word('NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'),
    to: word('NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'),
  }),
  neighbour: hop({
    kind: word('neighbour'),
    address: TEXT,
    lladdr: TEXT,
    state: word('NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'),
    queued: FLAG,
  }),
  program: hop({ kind: word('program'), text: TEXT }),
  reassemble: hop({ kind: word('reassemble'), fragments: INTEGER, length: INTEGER }),
  route: hop({
    kind: word('route'),
    direction: word('input', 'output'),
    result: word(...ROUTE_RESULTS),
    'refused?': TEXT,
    destination: TEXT,
    source: TEXT,
    'table?': TEXT,
    'rulePriority?': INTEGER,
    'route?': TEXT,
    'via?': TEXT,
    'out?': TEXT,
    candidates: list(CANDIDATE),
  }),
  'rp-filter': hop({ kind: word('rp-filter'), passed: FLAG, 'route?': TEXT, 'out?': TEXT }),
  rule: hop({
    kind: word('rule'),
    hook: word('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'),
    family: word('inet', 'inet6'),
    table: TEXT,
    chain: TEXT,
    position: INTEGER,
    text: TEXT,
    target: TEXT,
    mark: INTEGER,
    'meaning?': MEANING,
  }),
  encap: hop({
    kind: word('encap', 'decap'),
    tunnel: word('ipip', 'vxlan', 'wireguard'),
    overhead: INTEGER,
    source: TEXT,
    destination: TEXT,
  }),
  decap: hop({
    kind: word('encap', 'decap'),
    tunnel: word('ipip', 'vxlan', 'wireguard'),
    overhead: INTEGER,
    source: TEXT,
    destination: TEXT,
  }),
})

/** Which flows a note concerns. */
const SCOPE = kinds({
  ...one('everything'),
  ...one('endpoints', {
    selector: TEXT,
    directions: list(word('ingress', 'egress')),
    forwarded: FLAG,
    'selected?': TRUE,
  }),
  ...one('routed', {
    netns: TEXT,
    family: word('inet', 'inet6'),
    'to?': list(TEXT),
    'from?': TEXT,
    'table?': TEXT,
  }),
  ...one('ends', { netns: list(TEXT) }),
  ...one('host_endpoint', { node: TEXT, 'devs?': list(TEXT) }),
  ...one('through', { netns: list(TEXT) }),
  ...one('destination', { addresses: list(TEXT), 'protocol?': TEXT, 'port?': INTEGER }),
  ...one('multipath', { to: list(TEXT) }),
  ...one('found', { to: list(TEXT) }),
  ...one('own_node', { nodes: list(TEXT) }),
  ...one('hooked', { netns: TEXT, family: TEXT, hook: TEXT, 'dev?': TEXT }),
  ...one('device', { netns: TEXT, dev: TEXT }),
  ...one('dropped', { netns: TEXT, 'dev?': TEXT, 'layer?': word('link', 'translation') }),
  ...one('ended', { netns: TEXT }),
  ...one('service', { 'services?': list(TEXT) }),
  ...one('between_nodes'),
  ...one('translated'),
})

const NOTE = object({
  code: word(...Object.keys(NOTES)),
  topic: word(...NOTE_TOPICS),
  effect: word('undecided', 'assumed', 'harmless'),
  turns: word('any', 'success', 'failure'),
  object: TEXT,
  what: TEXT,
  decides: TEXT,
  'check?': TEXT,
  'file?': TEXT,
  'line?': INTEGER,
  'column?': INTEGER,
  scope: SCOPE,
  'ignored?': TRUE,
})

const FINDING = object({
  code: word(...FINDING_CODES),
  netns: TEXT,
  role: PLACE_ROLE,
  dev: TEXT,
  what: TEXT,
  'expected?': TEXT,
  'by?': COMPONENT_SHAPE,
  'seen?': TEXT,
  'because?': TEXT,
  right: TEXT,
  'origin?': ORIGIN_SHAPE,
  'change?': object({ policy: POLICY_REF, direction: DIRECTION, before: INTEGER, yaml: TEXT }),
  checks: list(TEXT),
})

/** The form of a trace, field by field: what docs/trace-schema.json says, held together by a test. */
export const TRACE_SHAPE: Shape = object({
  schema: word('packetwalk.trace/2'),
  title: TEXT,
  'ends?': object({ from: TEXT, to: TEXT }),
  disposition: DISPOSITION,
  ok: FLAG,
  certainty: word('certain', 'assumed', 'undecided'),
  notes: list(NOTE),
  findings: list(FINDING),
  summary: TEXT,
  exchanges: list(EXCHANGE),
  nodes: list(NODE),
  packets: list(PACKET),
  hops: list(HOP),
  faults: list(FAULT),
})
