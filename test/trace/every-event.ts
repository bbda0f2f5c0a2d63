// A hand-written event of every kind, with the hop it must become; null: it is no step of a packet's way.
import type { EventKind, Lookup, NeighbourPicture, PacketEvent, RecordLog, Stamped } from '../../src/model/index.ts'
import { type Hop, readHops } from '../../src/trace/index.ts'
import { echo, ethernet, frame, ipv4, parseIp, parseMac } from '../../src/wire/index.ts'
import { TWO_NODES } from './two-nodes.ts'

export const PING = frame(
  ethernet({ source: parseMac('02:00:00:00:0a:00')!, destination: parseMac('ee:ee:ee:ee:ee:ee')! }),
  ipv4({ source: parseIp('10.1.0.2') as never, destination: parseIp('10.1.0.66') as never }),
  echo({ identifier: 7, sequence: 1 }),
)

export interface Case {
  readonly event: PacketEvent
  readonly hop: Partial<Hop> | null
}

const NO_LOOKUP = { rulePriority: 32767, table: '', route: undefined, via: '', dev: '', candidates: [] } as const

const ROUTE: Lookup = {
  ...NO_LOOKUP,
  result: 'unicast',
  dst: '10.1.0.66',
  src: '10.1.0.2',
  via: '192.168.0.2',
  dev: 'tunl0',
}
const NEIGH: NeighbourPicture = { dst: '192.168.0.2', dev: 'eth0', lladdr: '02:00:00:00:02:00', state: 'REACHABLE' }
const TUNNEL = { tunnel: 'ipip', overhead: 20, source: '192.168.0.1', destination: '192.168.0.2' } as const
const RULE = {
  family: 'inet',
  table: 'filter',
  chain: 'FORWARD',
  rule: { matches: [], target: { kind: 'DROP' }, text: '-A FORWARD -p icmp -j DROP' },
} as const

/** Every kind of event, and the hop it becomes. */
const CASES: Readonly<Record<EventKind, readonly Case[]>> = {
  tx: [{ event: { kind: 'tx', linkType: 1, bytes: PING }, hop: { kind: 'tx', linkType: 1 } }],
  rx: [{ event: { kind: 'rx', linkType: 1, bytes: PING }, hop: { kind: 'rx', linkType: 1 } }],
  route: [
    {
      event: { kind: 'route', direction: 'input', lookup: ROUTE },
      hop: { kind: 'route', direction: 'input', via: '192.168.0.2', out: 'tunl0' },
    },
    { event: { kind: 'route', direction: 'output', lookup: ROUTE }, hop: { kind: 'route', direction: 'output' } },
    {
      event: {
        kind: 'route',
        direction: 'input',
        lookup: { ...ROUTE, result: 'local', table: 'local', rulePriority: 0, via: '', dev: 'eth0' },
        refused: 'rp_filter',
      },
      hop: {
        kind: 'route',
        result: 'local',
        refused: 'rp_filter',
        reason:
          '10.1.0.66 is an address of this host (table local, rule 0); but refused: reverse path filter: a reply would leave by another interface',
      },
    },
    {
      event: {
        kind: 'route',
        direction: 'input',
        lookup: { ...NO_LOOKUP, result: 'none', dst: '0.0.0.0', src: '10.1.0.2' },
        refused: 'martian_destination',
      },
      hop: {
        kind: 'route',
        result: 'none',
        refused: 'martian_destination',
        reason: '0.0.0.0 is refused: this destination can never be routed (martian destination)',
      },
    },
  ],
  'rp-filter': [
    {
      event: { kind: 'rp-filter', passed: false, lookup: { ...ROUTE, dev: 'eth0' } },
      hop: {
        kind: 'rp-filter',
        passed: false,
        out: 'eth0',
        reason: 'reverse path check failed: came in by cali1, but a reply would leave by eth0',
      },
    },
  ],
  forward: [{ event: { kind: 'forward', hopLimit: 64 }, hop: { kind: 'forward', ttlBefore: 64, ttlAfter: 63 } }],
  deliver: [
    {
      event: { kind: 'deliver', protocol: 17, port: 53, by: 'udp-socket' },
      hop: { kind: 'deliver', reason: 'delivered: UDP port 53, taken by UDP socket', taken: true },
    },
    {
      event: { kind: 'deliver', protocol: 6, port: 179, by: 'tcp-listener' },
      hop: { kind: 'deliver', reason: 'delivered: TCP port 179, taken by listening TCP socket', taken: true },
    },
    {
      event: { kind: 'deliver', protocol: 6, port: 80, by: 'tcp-connection' },
      hop: { kind: 'deliver', reason: 'delivered: TCP port 80, taken by TCP connection', taken: true },
    },
    {
      event: { kind: 'deliver', protocol: 1, port: 8, by: 'icmp' },
      hop: { kind: 'deliver', reason: 'delivered: ICMP type 8, taken by icmp', taken: true },
    },
    {
      event: { kind: 'deliver', protocol: 58, port: 128, by: 'icmpv6' },
      hop: { kind: 'deliver', reason: 'delivered: ICMPv6 type 128, taken by icmpv6', taken: true },
    },
    {
      event: { kind: 'deliver', protocol: 50, port: 0, by: 'stack' },
      hop: { kind: 'deliver', reason: 'reached ESP', taken: false },
    },
  ],
  end: [
    {
      event: { kind: 'end', how: 'dropped', cause: 'no_route' },
      hop: {
        kind: 'drop',
        cause: 'no_route',
        kernelReason: 'IP_INNOROUTES',
        kernelFunction: 'ip_error',
        harmless: false,
      },
    },
    { event: { kind: 'end', how: 'consumed' }, hop: null },
  ],
  held: [{ event: { kind: 'held', by: 'fragments' }, hop: null }],
  rule: [
    {
      event: { kind: 'rule', hook: 'FORWARD', position: 4, mark: 0x10, hit: RULE },
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
      event: {
        kind: 'rule',
        hook: 'FORWARD',
        position: 0,
        mark: 0,
        hit: { family: 'inet', table: 'filter', chain: 'FORWARD', policy: 'DROP' },
      },
      hop: { kind: 'rule', position: 0, target: 'DROP', text: 'policy DROP' },
    },
    {
      event: {
        kind: 'rule',
        hook: 'INPUT',
        position: 1,
        mark: 0,
        hit: {
          ...RULE,
          chain: 'INPUT',
          rule: {
            matches: [{ kind: 'comment', comment: 'a trap: -j ACCEPT' }],
            target: { kind: 'goto', chain: 'cali-INPUT' },
            text: '-A INPUT -m comment --comment "a trap: -j ACCEPT" -g cali-INPUT',
          },
        },
      },
      hop: { kind: 'rule', target: 'cali-INPUT' },
    },
    ...(
      [
        ['inet', 'TTL'],
        ['inet6', 'HL'],
      ] as const
    ).map(
      ([family, target]): Case => ({
        event: {
          kind: 'rule',
          hook: 'POSTROUTING',
          position: 1,
          mark: 0,
          hit: {
            family,
            table: 'mangle',
            chain: 'POSTROUTING',
            rule: {
              matches: [],
              target: { kind: 'TTL', op: 'set', value: 1 },
              text: `-A POSTROUTING -j ${target} --${target.toLowerCase()}-set 1`,
            },
          },
        },
        hop: {
          kind: 'rule',
          target,
          reason: `mangle POSTROUTING rule 1 matches: -j ${target} --${target.toLowerCase()}-set 1`,
        },
      }),
    ),
  ],
  'hook-end': [
    {
      event: { kind: 'hook-end', hook: 'PREROUTING', table: 'nat', verdict: 'accept' },
      hop: { kind: 'hook', hook: 'PREROUTING', table: 'nat', verdict: 'accept', reason: 'nat PREROUTING: accept' },
    },
    {
      event: { kind: 'hook-end', hook: 'FORWARD', table: 'filter', verdict: 'drop', unmodelled: '-m quota' },
      hop: {
        kind: 'hook',
        table: 'filter',
        unmodelled: '-m quota',
        reason: 'filter FORWARD: drop, because -m quota is not modelled',
      },
    },
  ],
  conntrack: [
    {
      event: {
        kind: 'conntrack',
        isNew: true,
        connection: { state: 'NEW', original: 'icmp a > b', reply: 'icmp b > a' },
      },
      hop: { kind: 'conntrack', isNew: true, reason: 'new connection: icmp a > b' },
    },
  ],
  nat: [
    {
      event: {
        kind: 'nat',
        side: 'destination',
        from: { address: '10.96.0.1', port: 80 },
        to: { address: '10.1.0.66', port: 8080 },
      },
      hop: {
        kind: 'nat',
        side: 'destination',
        from: '10.96.0.1:80',
        to: '10.1.0.66:8080',
        after: { address: '10.1.0.66', port: 8080 },
        reason: 'NAT: destination 10.96.0.1:80 becomes 10.1.0.66:8080',
      },
    },
    {
      event: {
        kind: 'nat',
        side: 'source',
        from: { address: 'fd00::2', port: 4000 },
        to: { address: 'fd00::1', port: 0 },
      },
      hop: { kind: 'nat', side: 'source', from: '[fd00::2]:4000', to: 'fd00::1' },
    },
  ],
  neighbour: [
    {
      event: { kind: 'neighbour', entry: NEIGH, queued: false },
      hop: {
        kind: 'neighbour',
        state: 'REACHABLE',
        queued: false,
        reason: 'next hop 192.168.0.2 is at 02:00:00:00:02:00 (REACHABLE)',
      },
    },
    {
      event: { kind: 'neighbour', entry: { ...NEIGH, lladdr: '', state: 'INCOMPLETE' }, queued: true },
      hop: { kind: 'neighbour', state: 'INCOMPLETE', queued: true },
    },
  ],
  'neighbour-change': [
    {
      event: { kind: 'neighbour-change', from: 'INCOMPLETE', entry: NEIGH },
      hop: { kind: 'neighbour-change', from: 'INCOMPLETE', to: 'REACHABLE' },
    },
  ],
  arp: [
    {
      event: { kind: 'arp', verdict: 'local', target: '169.254.1.1', sender: '10.1.0.2' },
      hop: {
        kind: 'arp',
        answered: true,
        verdict: 'local',
        reason: 'answers 10.1.0.2, who asks for 169.254.1.1: its own address',
      },
    },
    {
      event: { kind: 'arp', verdict: 'not-ours', target: '169.254.1.1', sender: '10.1.0.2' },
      hop: { kind: 'arp', answered: false, verdict: 'not-ours' },
    },
  ],
  encap: [
    {
      event: { kind: 'encap', ...TUNNEL, chosenBy: 'gateway' },
      hop: { kind: 'encap', tunnel: 'ipip', overhead: 20 },
    },
  ],
  decap: [{ event: { kind: 'decap', ...TUNNEL }, hop: { kind: 'decap', tunnel: 'ipip', overhead: 20 } }],
  fragment: [
    { event: { kind: 'fragment', mtu: 1480, fragments: 3 }, hop: { kind: 'fragment', mtu: 1480, fragments: 3 } },
  ],
  reassemble: [
    {
      event: { kind: 'reassemble', fragments: 3, length: 3028 },
      hop: { kind: 'reassemble', fragments: 3, length: 3028 },
    },
  ],
  'icmp-error': [
    {
      event: { kind: 'icmp-error', type: 3, code: 4, info: 1480 },
      hop: {
        kind: 'icmp-error',
        sent: true,
        info: 1480,
        reason: 'tells the sender: fragmentation needed and DF set (MTU 1480)',
      },
    },
    {
      event: { kind: 'icmp-error', type: 11, code: 0, info: 0, heldBack: 'sender-limit' },
      hop: {
        kind: 'icmp-error',
        sent: false,
        reason: 'does not tell the sender time to live exceeded in transit: limit for this sender',
      },
    },
  ],
  'path-mtu': [
    {
      event: { kind: 'path-mtu', destination: '10.1.0.66', mtu: 1400, locked: false },
      hop: { kind: 'route-exception', mtu: 1400, destination: '10.1.0.66', reason: 'learned: mtu 1400 to 10.1.0.66' },
    },
  ],
  redirect: [
    {
      event: { kind: 'redirect', destination: '10.1.0.66', gateway: '10.1.0.1' },
      hop: { kind: 'route-exception', mtu: 0, gateway: '10.1.0.1' },
    },
  ],
  bridge: [
    {
      event: { kind: 'bridge', decision: 'forward', port: 'port1' },
      hop: { kind: 'bridge', decision: 'forward', port: 'port1' },
    },
    { event: { kind: 'bridge', decision: 'flood', port: '' }, hop: { kind: 'bridge', decision: 'flood' } },
  ],
  learn: [
    {
      event: { kind: 'learn', mac: '02:00:00:00:0a:00', port: 'port1' },
      hop: { kind: 'learn', mac: '02:00:00:00:0a:00', port: 'port1', reason: 'learned: 02:00:00:00:0a:00 port1' },
    },
  ],
  create: [
    { event: { kind: 'create', protocol: 1, answers: 3 }, hop: { kind: 'create', protocol: 1, answers: 3 } },
    {
      event: { kind: 'create', protocol: 0x0806, answers: 0 },
      hop: { kind: 'create', reason: 'ARP packet made here' },
    },
  ],
  clone: [{ event: { kind: 'clone', original: 3 }, hop: { kind: 'clone', original: 3 } }],
  program: [
    {
      event: { kind: 'program', text: 'bind: Address already in use' },
      hop: { kind: 'program', text: 'bind: Address already in use' },
    },
  ],
  network: [{ event: { kind: 'network', network: TWO_NODES }, hop: null }],
}

/** All cases in one list, as a table of tests. */
export const EVERY_CASE: readonly Case[] = Object.values(CASES).flat()

/** Events at one moment and of one packet, as a log. */
export function logOf(events: readonly PacketEvent[], netns = 'n1', dev = 'cali1'): RecordLog {
  return stampedLog(events.map((event) => ({ ...event, time: 5, netns, dev, packet: 9 })))
}

/** A log of these events. */
export function stampedLog(events: readonly Stamped<PacketEvent>[]): RecordLog {
  return {
    length: events.length,
    eventAt: (i) => events[i]!,
  }
}

export function hopsOfEvents(log: RecordLog): readonly Hop[] {
  return readHops(log, TWO_NODES)
}
