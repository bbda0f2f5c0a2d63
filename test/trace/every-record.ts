// A hand-written record of every kind, with the hop it must become.
import { Recorder } from '../../src/dataplane/kernel/recorder.ts'
import { RECORD, type RecordKind } from '../../src/model/index.ts'
import { type Hop, readHops } from '../../src/trace/index.ts'
import { echo, ethernet, frame, ipv4, parseIp, parseMac } from '../../src/wire/index.ts'
import { TWO_NODES } from './two-nodes.ts'

const PING = frame(
  ethernet({ source: parseMac('02:00:00:00:0a:00')!, destination: parseMac('ee:ee:ee:ee:ee:ee')! }),
  ipv4({ source: parseIp('10.1.0.2') as never, destination: parseIp('10.1.0.66') as never }),
  echo({ identifier: 7, sequence: 1 }),
)

export interface Row {
  readonly kind: keyof typeof RECORD
  readonly a?: number
  readonly b?: number
  readonly c?: number
  readonly ref?: unknown
  readonly hop: Partial<Hop>
}

const ROUTE = { resultType: 'unicast', dst: '10.1.0.66', src: '10.1.0.2', via: '192.168.0.2', dev: 'tunl0' }
const NEIGH = { dst: '192.168.0.2', dev: 'eth0', lladdr: '02:00:00:00:02:00', state: 'REACHABLE' }
const TUNNEL = { kind: 'ipip', src: '192.168.0.1', dst: '192.168.0.2', why: 'gateway of the route' }
const RULE = { family: 'inet', table: 'filter', chain: 'FORWARD', text: '-A FORWARD -p icmp -j DROP' }

/** Every kind of record, and the hop it becomes. */
export const ROWS: readonly Row[] = [
  { kind: 'frameTx', a: 1, hop: { kind: 'tx', linkType: 1 } },
  { kind: 'frameRx', a: 1, hop: { kind: 'rx', linkType: 1 } },
  { kind: 'routeInput', ref: ROUTE, hop: { kind: 'route', direction: 'input', via: '192.168.0.2', out: 'tunl0' } },
  { kind: 'routeOutput', ref: ROUTE, hop: { kind: 'route', direction: 'output' } },
  { kind: 'forward', a: 64, b: 63, hop: { kind: 'forward', ttlBefore: 64, ttlAfter: 63 } },
  {
    kind: 'deliver',
    a: 17,
    b: 53,
    c: 1,
    ref: 'udp',
    hop: { kind: 'deliver', reason: 'delivered: UDP port 53, taken by udp' },
  },
  {
    kind: 'drop',
    ref: 'no_route',
    hop: {
      kind: 'drop',
      cause: 'no_route',
      kernelReason: 'IP_INNOROUTES',
      kernelFunction: 'ip_error',
      harmless: false,
    },
  },
  {
    kind: 'ruleHit',
    a: 2,
    b: 4,
    c: 0x10,
    ref: RULE,
    hop: {
      kind: 'rule',
      hook: 'FORWARD',
      position: 4,
      target: 'DROP',
      mark: 0x10,
      reason: 'filter FORWARD rule 4 matches: -p icmp -j DROP',
    },
  },
  {
    kind: 'hookEnd',
    a: 0,
    b: 1,
    ref: 'nat',
    hop: { kind: 'hook', hook: 'PREROUTING', table: 'nat', verdict: 'accept' },
  },
  {
    kind: 'conntrack',
    b: 1,
    ref: { state: 'NEW', original: 'icmp a > b', reply: 'icmp b > a' },
    hop: { kind: 'conntrack', isNew: true, reason: 'new connection: icmp a > b' },
  },
  {
    kind: 'nat',
    a: 1,
    ref: { from: '10.96.0.1:80', to: '10.1.0.66:8080' },
    hop: { kind: 'nat', side: 'destination', reason: 'NAT: destination 10.96.0.1:80 becomes 10.1.0.66:8080' },
  },
  {
    kind: 'neigh',
    a: 2,
    ref: NEIGH,
    hop: {
      kind: 'neighbour',
      state: 'REACHABLE',
      queued: false,
      reason: 'next hop 192.168.0.2 is at 02:00:00:00:02:00 (REACHABLE)',
    },
  },
  {
    kind: 'neighQueued',
    ref: { ...NEIGH, lladdr: '', state: 'INCOMPLETE' },
    hop: { kind: 'neighbour', state: 'INCOMPLETE', queued: true },
  },
  {
    kind: 'arpReply',
    a: 1,
    ref: { target: '169.254.1.1', sender: '10.1.0.2', why: 'local address' },
    hop: { kind: 'arp', answered: true, reason: 'answers 10.1.0.2, who asks for 169.254.1.1: its own address' },
  },
  {
    kind: 'neighUpdate',
    a: 1,
    b: 2,
    ref: NEIGH,
    hop: { kind: 'neighbour-change', from: 'INCOMPLETE', to: 'REACHABLE' },
  },
  { kind: 'encap', a: 20, ref: TUNNEL, hop: { kind: 'encap', tunnel: 'ipip', overhead: 20 } },
  { kind: 'decap', a: 20, ref: TUNNEL, hop: { kind: 'decap', tunnel: 'ipip', overhead: 20 } },
  { kind: 'fragment', a: 1480, b: 3, hop: { kind: 'fragment', mtu: 1480, fragments: 3 } },
  { kind: 'reassemble', a: 3, b: 3028, hop: { kind: 'reassemble', fragments: 3, length: 3028 } },
  {
    kind: 'icmpSend',
    a: 3,
    b: 4,
    c: 1480,
    hop: {
      kind: 'icmp-error',
      sent: true,
      info: 1480,
      reason: 'tells the sender: fragmentation needed and DF set (MTU 1480)',
    },
  },
  {
    kind: 'icmpSuppressed',
    a: 11,
    b: 0,
    ref: 'rate limit',
    hop: {
      kind: 'icmp-error',
      sent: false,
      reason: 'does not tell the sender time to live exceeded in transit: rate limit',
    },
  },
  { kind: 'routeException', a: 1400, ref: 'mtu 1400 to 10.1.0.66', hop: { kind: 'route-exception', mtu: 1400 } },
  { kind: 'bridge', a: 0, ref: 'port1', hop: { kind: 'bridge', decision: 'forward', port: 'port1' } },
  {
    kind: 'fdbLearn',
    ref: '02:00:00:00:0a:00 port1',
    hop: { kind: 'learn', reason: 'learned: 02:00:00:00:0a:00 port1' },
  },
  { kind: 'create', a: 1, b: 3, hop: { kind: 'create', protocol: 1, answers: 3 } },
  { kind: 'clone', b: 3, hop: { kind: 'clone', original: 3 } },
  {
    kind: 'rpFilter',
    a: 0,
    ref: { ...ROUTE, dev: 'eth0' },
    hop: {
      kind: 'rp-filter',
      passed: false,
      out: 'eth0',
      reason: 'reverse path check failed: came in by cali1, but a reply would leave by eth0',
    },
  },
  {
    kind: 'program',
    ref: 'bind: Address already in use',
    hop: { kind: 'program', text: 'bind: Address already in use' },
  },
]

export function hopsOfRecords(
  rows: readonly { readonly kind: RecordKind; readonly netns: string; readonly dev: string; readonly row: Row }[],
): readonly Hop[] {
  const log = new Recorder()
  for (const { kind, netns, dev, row } of rows) {
    const [ns, device] = [log.nsId(netns), log.devId(dev)]
    if (kind === RECORD.frameTx || kind === RECORD.frameRx)
      log.frame(kind, 5, ns, device, 9, row.a ?? 1, PING, 0, PING.length)
    else log.add(kind, 5, ns, device, 9, row.a ?? 0, row.b ?? 0, row.c ?? 0, row.ref)
  }
  return readHops(log, TWO_NODES)
}
