import { describe, expect, it } from 'vitest'
import { type NetDevice, Recorder, Simulation } from '../../../src/dataplane/index.ts'
import type { NsLog } from '../../../src/dataplane/kernel/log.ts'
import type { PacketBuffer } from '../../../src/dataplane/kernel/skb.ts'
import type { EventKind, Lookup, NeighbourPicture, PacketEvent, RuleHit } from '../../../src/model/index.ts'
import { iface, namespace, networkOf } from '../../../src/model/index.ts'
import { type Ip6Key, ipv4ToNumber, ipv6ToKey, macToKey, parseIp, parseMac } from '../../../src/wire/index.ts'

const ip = (text: string): number => ipv4ToNumber(parseIp(text)!)
const ip6 = (text: string): Ip6Key => ipv6ToKey(parseIp(text)!)

const LOOKUP = { result: 'unicast', dst: '10.0.0.9', candidates: [] } as unknown as Lookup
const NEIGH: NeighbourPicture = { dst: '10.0.0.9', dev: 'eth0', lladdr: '', state: 'INCOMPLETE' }
const HIT: RuleHit = { family: 'inet', table: 'filter', chain: 'FORWARD', policy: 'DROP' }
const A = { address: '10.0.0.1', port: 1 }
const B = { address: '10.0.0.2', port: 2 }
const CONNECTION = { state: 'NEW', original: 'icmp a > b', reply: 'icmp b > a' }

interface Scene {
  readonly log: NsLog
  readonly skb: PacketBuffer
  readonly other: PacketBuffer
  readonly dev: NetDevice
  readonly port: NetDevice
}

type Row = readonly [write: (scene: Scene) => void, says: PacketEvent]

/** What each method writes, and the event that is read back. */
const ROWS: Readonly<Record<Exclude<EventKind, 'network'>, readonly Row[]>> = {
  tx: [[({ log, skb, dev }) => log.tx(skb, dev, skb.data), { kind: 'tx', linkType: 1, bytes: Uint8Array.of(1, 2, 3) }]],
  rx: [[({ log, skb, dev }) => log.rx(skb, dev, skb.data), { kind: 'rx', linkType: 1, bytes: Uint8Array.of(1, 2, 3) }]],
  route: [
    [
      ({ log, skb, dev }) => log.routeInput(skb, dev, LOOKUP, null),
      { kind: 'route', direction: 'input', lookup: LOOKUP },
    ],
    [
      ({ log, skb, dev }) => log.routeInput(skb, dev, LOOKUP, 'rp_filter'),
      { kind: 'route', direction: 'input', lookup: LOOKUP, refused: 'rp_filter' },
    ],
    [
      ({ log, skb, dev }) => log.routeOutput(skb.id, dev, LOOKUP),
      { kind: 'route', direction: 'output', lookup: LOOKUP },
    ],
  ],
  'rp-filter': [
    [({ log, skb, dev }) => log.rpFilter(skb, dev, true, LOOKUP), { kind: 'rp-filter', passed: true, lookup: LOOKUP }],
  ],
  forward: [[({ log, skb, dev }) => log.forward(skb, dev, 64), { kind: 'forward', hopLimit: 64 }]],
  deliver: [
    [
      ({ log, skb }) => log.deliver(skb, 6, 80, 'tcp-listener'),
      { kind: 'deliver', protocol: 6, port: 80, by: 'tcp-listener' },
    ],
  ],
  held: [[({ log, skb, dev }) => log.held(skb, dev, 'handshake'), { kind: 'held', by: 'handshake' }]],
  end: [
    [({ log, skb, dev }) => log.end(skb, dev, 'merged'), { kind: 'end', how: 'merged' }],
    [({ log, skb, dev }) => log.dropped(skb, dev, 'no_route'), { kind: 'end', how: 'dropped', cause: 'no_route' }],
  ],
  rule: [
    [
      ({ log, skb, dev }) => log.rule(skb, dev, 2, 0, HIT),
      { kind: 'rule', hook: 'FORWARD', position: 0, mark: 7, hit: HIT },
    ],
  ],
  'hook-end': [
    [
      ({ log, skb, dev }) => log.hookEnd(skb, dev, 0, 1, 'nat', ''),
      { kind: 'hook-end', hook: 'PREROUTING', table: 'nat', verdict: 'accept' },
    ],
    [
      ({ log, skb, dev }) => log.hookEnd(skb, dev, 2, 0, 'filter', '-m quota'),
      { kind: 'hook-end', hook: 'FORWARD', table: 'filter', verdict: 'drop', unmodelled: '-m quota' },
    ],
  ],
  conntrack: [
    [
      ({ log, skb, dev }) => log.conntrack(skb, dev, true, CONNECTION),
      { kind: 'conntrack', isNew: true, connection: CONNECTION },
    ],
  ],
  nat: [
    [({ log, skb, dev }) => log.nat(skb, dev, 'src', A, B), { kind: 'nat', side: 'source', from: A, to: B }],
    [({ log, skb, dev }) => log.nat(skb, dev, 'dst', A, B), { kind: 'nat', side: 'destination', from: A, to: B }],
  ],
  neighbour: [
    [({ log, skb, dev }) => log.neighbour(skb, dev, NEIGH), { kind: 'neighbour', entry: NEIGH, queued: false }],
    [({ log, skb, dev }) => log.neighbourQueued(skb, dev, NEIGH), { kind: 'neighbour', entry: NEIGH, queued: true }],
  ],
  'neighbour-change': [
    [({ log, dev }) => log.neighbourChange(dev, 0, NEIGH), { kind: 'neighbour-change', from: 'NONE', entry: NEIGH }],
  ],
  arp: [
    [
      ({ log, skb, dev }) => log.arp(skb, dev, 'proxy-arp', ip('169.254.1.1'), ip('255.0.0.2')),
      { kind: 'arp', verdict: 'proxy-arp', target: '169.254.1.1', sender: '255.0.0.2' },
    ],
    [
      ({ log, skb, dev }) => log.nd(skb, dev, 'anycast', ip6('fd00::1'), ip6('fe80::2')),
      { kind: 'arp', verdict: 'anycast', target: 'fd00::1', sender: 'fe80::2' },
    ],
  ],
  encap: [
    [
      ({ log, skb, dev }) => log.encap(skb, dev, 'ipip', 20, ip('10.0.0.1'), ip('10.0.0.2'), 'gateway'),
      {
        kind: 'encap',
        tunnel: 'ipip',
        overhead: 20,
        source: '10.0.0.1',
        destination: '10.0.0.2',
        chosenBy: 'gateway',
      },
    ],
  ],
  decap: [
    [
      ({ log, skb, dev }) => log.decap(skb, dev, 'vxlan', 50, ip6('fd00::1'), ip6('fd00::2')),
      { kind: 'decap', tunnel: 'vxlan', overhead: 50, source: 'fd00::1', destination: 'fd00::2' },
    ],
  ],
  fragment: [[({ log, skb, dev }) => log.fragment(skb, dev, 1400, 3), { kind: 'fragment', mtu: 1400, fragments: 3 }]],
  reassemble: [
    [({ log, skb, dev }) => log.reassemble(skb, dev, 3, 3028), { kind: 'reassemble', fragments: 3, length: 3028 }],
  ],
  'icmp-error': [
    [
      ({ log, skb, dev }) => log.icmpError(skb, dev, 3, 4, 0xffff_0000),
      { kind: 'icmp-error', type: 3, code: 4, info: 0xffff_0000 },
    ],
    [
      ({ log, skb }) => log.icmpHeldBack(skb, 11, 0, 'later-fragment'),
      { kind: 'icmp-error', type: 11, code: 0, info: 0, heldBack: 'later-fragment' },
    ],
  ],
  'path-mtu': [
    [
      ({ log, dev }) => log.pathMtu(dev, ip('10.0.0.9'), 1400, true),
      { kind: 'path-mtu', destination: '10.0.0.9', mtu: 1400, locked: true },
    ],
  ],
  redirect: [
    [
      ({ log, dev }) => log.redirect(dev, ip6('fd00::9'), ''),
      { kind: 'redirect', destination: 'fd00::9', gateway: '' },
    ],
  ],
  bridge: [
    [
      ({ log, skb, dev, port }) => log.bridgeForward(skb, dev, port),
      { kind: 'bridge', decision: 'forward', port: 'eth1' },
    ],
    [({ log, skb, dev }) => log.bridgeFlood(skb, dev), { kind: 'bridge', decision: 'flood', port: '' }],
    [({ log, skb, dev }) => log.bridgeLocal(skb, dev), { kind: 'bridge', decision: 'local', port: '' }],
  ],
  learn: [
    [
      ({ log, dev, port }) => log.learn(dev, macToKey(parseMac('02:00:00:00:0a:00')!), port),
      { kind: 'learn', mac: '02:00:00:00:0a:00', port: 'eth1' },
    ],
  ],
  create: [[({ log, skb }) => log.create(skb, null, 17, 3), { kind: 'create', protocol: 17, answers: 3 }]],
  clone: [[({ log, skb, other, dev }) => log.clone(skb, dev, other), { kind: 'clone', original: 2 }]],
  program: [
    [
      ({ log }) => log.program('bind: Address already in use'),
      { kind: 'program', text: 'bind: Address already in use' },
    ],
  ],
}

function scene(): Scene & { readonly recorder: Recorder } {
  const recorder = new Recorder()
  const network = networkOf([namespace('n', { interfaces: [iface({ name: 'eth0' }), iface({ name: 'eth1' })] })])
  const sim = new Simulation(network, { recorder })
  const ns = sim.netns('n')
  const [dev, port] = [ns.byName.get('eth0') as NetDevice, ns.byName.get('eth1') as NetDevice]
  const [skb, other] = [sim.newSkb(3), sim.newSkb(0)]
  skb.bytes.set([1, 2, 3], skb.data)
  skb.mark = 7
  skb.dev = dev
  return { log: ns.log as NsLog, skb, other, dev, port, recorder }
}

describe('what is written is read back', () => {
  it.each(
    Object.values(ROWS)
      .flat()
      .map((row) => ({ row, says: row[1] })),
  )('$says', ({ row: [write, says] }) => {
    const it = scene()
    write(it)
    const { time, netns, dev, packet, ...event } = it.recorder.eventAt(it.recorder.length - 1)
    expect(event).toEqual(says)
    expect([time, netns]).toEqual([0, 'n'])
    expect(['', 'eth0']).toContain(dev)
    expect([0, 1]).toContain(packet)
  })
})

describe('a recorder', () => {
  it('knows from its first event on which network there is, also when it was cleared', () => {
    const { recorder, log } = scene()
    log.program('x')
    recorder.clear()
    expect(recorder.length).toBe(1)
    expect(recorder.eventAt(0)).toMatchObject({ kind: 'network', packet: 0 })
  })

  it('writes down every network in which something happened, and the one that there is', () => {
    const recorder = new Recorder()
    const network = networkOf([namespace('n', {})])
    const sim = new Simulation(network, { recorder })
    const [first, second, third] = ['1', '2', '3'].map((value) =>
      network.edit((draft) => {
        draft.namespaces['n']!.sysctls = { 'net.ipv4.ip_default_ttl': value }
      }),
    )
    const { log } = sim.netns('n')
    log!.program('x')
    for (const edited of [first!, second!, second!]) sim.setNetwork(edited)
    log!.program('y')
    sim.setNetwork(third!)
    const events = Array.from({ length: recorder.length }, (_, i) => recorder.eventAt(i))
    expect(events.map((e) => (e.kind === 'network' ? e.network : e.kind))).toEqual([
      network,
      'program',
      second,
      'program',
      third,
    ])
  })
})
