import { beforeEach, describe, expect, it } from 'vitest'
import { SECOND, Simulation } from '../../../src/dataplane/index.ts'
import { type BridgePort, type DropCause, type Interface, Network } from '../../../src/model/index.ts'
import type { Mac } from '../../../src/wire/index.ts'
import { fake, inject, netns, veth, watch, wire } from './lan.ts'

const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const MAC = { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b', c: '02:00:00:00:00:0c' } as const
const BRIDGE = '02:00:00:00:00:ff'
const STRANGER = '02:00:00:00:00:77'

let sim: Simulation
let drops: DropCause[]

function build(ports: Partial<Record<'a' | 'b' | 'c', BridgePort>> = {}, mtu = 1500): void {
  const br0: Interface = {
    name: 'br0',
    ifindex: 90,
    kind: 'bridge',
    mac: BRIDGE as Mac,
    mtu: 1500,
    up: true,
    carrier: true,
    addresses: [],
  }
  const port = (name: 'a' | 'b' | 'c'): Interface =>
    veth(`p-${name}`, `0a:00:00:00:00:0${name}`, { master: 'br0', port: ports[name] ?? {}, mtu })
  const host = (name: 'a' | 'b' | 'c') => [name, netns(name, [veth('eth0', MAC[name])])] as const
  sim = new Simulation(
    new Network({
      namespaces: Object.fromEntries([
        ['sw', netns('sw', [br0, port('a'), port('b'), port('c')])],
        host('a'),
        host('b'),
        host('c'),
      ]),
      wires: (['a', 'b', 'c'] as const).map((name) => wire(`sw/p-${name}`, `${name}/eth0`)),
    }),
  )
  drops = []
  sim.onDrop = (cause) => drops.push(cause)
  fake(sim, { ipRcv: () => {}, ipv6Rcv: () => {} })
}

/** Hosts that receive the frame, `br0` for the bridge itself. */
function receivers(from: string, to: string, source: string, payload = '45'.repeat(30)): string[] {
  const seen = watch(sim)
  inject(sim, `${from}/eth0`, `${to}${source}0800${payload}`)
  sim.taps.pop()
  return seen
    .filter((line) => / in /.test(line) && !line.startsWith('sw/p-'))
    .map((line) => (line.startsWith('sw/') ? 'br0' : (line[0] as string)))
    .sort()
}

describe('a bridge', () => {
  beforeEach(() => build())

  it('floods broadcast to every other port and to itself', () => {
    expect(receivers('a', BROADCAST, MAC.a)).toEqual(['b', 'br0', 'c'])
  })

  it('floods what it has not learned, and sends what it has learned to one port', () => {
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b', 'c'])
    expect(receivers('b', MAC.a, MAC.b)).toEqual(['a'])
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b'])
  })

  it('forgets what it learned after 300 s without a frame', () => {
    receivers('b', BROADCAST, MAC.b)
    sim.run(299 * SECOND)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b'])
    sim.run(301 * SECOND)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b', 'c'])
  })

  it('moves an entry when its address shows up on another port', () => {
    receivers('b', BROADCAST, MAC.b)
    receivers('c', BROADCAST, MAC.b)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['c'])
  })

  it('delivers frames to its own address and to those of its ports, without flooding', () => {
    expect(receivers('a', BRIDGE, MAC.a)).toEqual(['br0'])
    expect(receivers('a', '0a:00:00:00:00:0b', MAC.a)).toEqual(['br0'])
  })

  it('does not learn its own address from the wire', () => {
    receivers('a', BROADCAST, BRIDGE)
    expect(receivers('b', BRIDGE, MAC.b)).toEqual(['br0'])
  })

  it('does not send a frame back out of its port', () => {
    receivers('a', BROADCAST, STRANGER)
    expect(receivers('a', STRANGER, MAC.a)).toEqual([])
    expect(drops).toEqual(['bridge_same_port'])
  })

  it('floods the group address of STP when it does not run STP, and loses pause frames', () => {
    expect(receivers('a', '01:80:c2:00:00:00', MAC.a)).toEqual(['b', 'br0', 'c'])
    expect(receivers('a', '01:80:c2:00:00:01', MAC.a)).toEqual([])
    expect(drops).toEqual(['bridge_link_local'])
  })

  it('loses frames from a group address', () => {
    expect(receivers('a', MAC.b, '01:00:5e:00:00:01')).toEqual([])
    expect(drops).toEqual(['bridge_bad_source'])
  })

  it('takes no frame without a source', () => {
    expect(receivers('a', MAC.b, '00:00:00:00:00:00')).toEqual([])
    expect(drops).toEqual(['bridge_bad_source'])
  })

  // @ieee 802.1D §7.12.6: of sixteen addresses none is forwarded; but STP's is flooded by who does not speak it.
  it.each([
    ['01:80:c2:00:00:02', []],
    ['01:80:c2:00:00:0e', []],
    ['01:80:c2:00:00:0f', []],
    ['01:80:c2:00:00:10', ['b', 'br0', 'c']],
    ['01:80:c1:ff:ff:ff', ['b', 'br0', 'c']],
  ])('forwards a frame to %s to %j', (to, want) => {
    expect([receivers('a', to, MAC.a), drops]).toEqual([want, []])
  })

  it.each<[string, string, string[], string[], Parameters<typeof build>[0]?]>([
    ['to all', BROADCAST, ['a', 'b', 'c'], []],
    ['to whom it knows', MAC.b, ['b'], []],
    ['to whom it does not know', MAC.c, ['a', 'b', 'c'], []],
    ['to itself', BRIDGE, [], ['bridge_no_port']],
    ['to all, whatever the ports want', BROADCAST, ['a', 'b', 'c'], [], { a: { bcastFlood: false } }],
    ['to a group, whatever the ports want', '01:00:5e:01:02:03', ['a', 'b', 'c'], [], { a: { mcastFlood: false } }],
    [
      'to whom it does not know, where no port wants that',
      MAC.c,
      [],
      ['bridge_no_port'],
      { a: { flood: false }, b: { flood: false }, c: { flood: false } },
    ],
    ['to isolated ports', BROADCAST, ['a', 'b', 'c'], [], { a: { isolated: true }, b: { isolated: true } }],
  ])('sends what the host sends %s', (_, to, want, lost, ports = {}) => {
    build(ports)
    if (ports.b?.flood !== false) receivers('b', BROADCAST, MAC.b)
    drops = []
    const seen = watch(sim)
    inject(sim, 'sw/br0', `${to}${BRIDGE}0800${'45'.repeat(30)}`)
    sim.taps.pop()
    const hosts = seen.filter((line) => /^[abc]\/eth0 in /.test(line)).map((line) => line[0])
    expect([hosts.sort(), drops]).toEqual([want, lost])
  })

  it('loses a frame too long for a port', () => {
    const shorter = sim.network.edit((draft) => {
      const dev = draft.namespaces['sw']?.interfaces['p-b']
      if (dev) dev.mtu = 100
    })
    sim.setNetwork(shorter)
    expect(receivers('a', BROADCAST, MAC.a, '00'.repeat(104))).toEqual(['b', 'br0', 'c'])
    expect(receivers('a', BROADCAST, MAC.a, '00'.repeat(105))).toEqual(['br0', 'c'])
    expect(drops).toEqual(['mtu_exceeded_on_bridge'])
  })

  it('that is down takes in nothing', () => {
    const down = sim.network.edit((draft) => {
      const dev = draft.namespaces['sw']?.interfaces['br0']
      if (dev) dev.up = false
    })
    sim.setNetwork(down)
    expect(receivers('a', BRIDGE, MAC.a)).toEqual([])
  })

  it('loses what was learned on a port whose other end goes down', () => {
    receivers('b', BROADCAST, MAC.b)
    const down = sim.network.edit((draft) => {
      const dev = draft.namespaces['b']?.interfaces['eth0']
      if (dev) dev.up = false
    })
    sim.setNetwork(down)
    expect(sim.netns('sw').byName.get('p-b')?.carrier).toBe(false)
    expect(sim.netns('sw').byName.get('br0')?.bridge?.fdb.learned()).toEqual([])
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['c'])
  })

  it('keeps its table over snapshot and restore', () => {
    const empty = sim.snapshot()
    receivers('b', BROADCAST, MAC.b)
    const learned = sim.snapshot()
    sim.restore(empty)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b', 'c'])
    sim.restore(learned)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b'])
  })
})

describe('port settings', () => {
  it.each<[string, Partial<Record<'a' | 'b' | 'c', BridgePort>>, string, string[]]>([
    ['flood off: no unknown unicast', { b: { flood: false } }, MAC.b, ['c']],
    ['bcastFlood off: no broadcast', { b: { bcastFlood: false } }, BROADCAST, ['br0', 'c']],
    ['mcastFlood off: no multicast', { b: { mcastFlood: false } }, '01:00:5e:01:02:03', ['br0', 'c']],
    ['isolated ports do not talk', { a: { isolated: true }, b: { isolated: true } }, BROADCAST, ['br0', 'c']],
    ['one isolated port talks to others', { a: { isolated: true } }, BROADCAST, ['b', 'br0', 'c']],
    ['hairpin: back to the sender', { a: { hairpin: true } }, BROADCAST, ['a', 'b', 'br0', 'c']],
    ['blocking: nothing comes in', { a: { state: 'blocking' } }, BROADCAST, []],
    ['blocking: nothing goes out', { b: { state: 'blocking' } }, BROADCAST, ['br0', 'c']],
    ['learning: nothing comes in', { a: { state: 'learning' } }, BROADCAST, []],
  ])('%s', (_name, ports, to, expected) => {
    build(ports)
    expect(receivers('a', to, MAC.a)).toEqual(expected)
  })

  it('learning off: nothing is learned', () => {
    build({ b: { learning: false } })
    receivers('b', BROADCAST, MAC.b)
    expect(receivers('a', MAC.b, MAC.a)).toEqual(['b', 'c'])
  })
})

describe('a wire', () => {
  it('loses a frame longer than the MTU of the receiving end and a VLAN tag', () => {
    build({}, 100)
    expect(receivers('a', BROADCAST, MAC.a, '00'.repeat(104))).toEqual(['b', 'br0', 'c'])
    expect(receivers('a', BROADCAST, MAC.a, '00'.repeat(105))).toEqual([])
    expect(drops).toEqual(['veth_frame_too_long'])
  })
})

describe('a loop of bridges', () => {
  /** Two bridges and so many cables between them; `a` is a host at the first. */
  function looped(cables: number): void {
    const bridge = (name: string, mac: string): Interface => ({ ...veth(name, mac), kind: 'bridge' })
    const ports = (side: string) =>
      Array.from({ length: cables }, (_, i) => veth(`p${i}`, `0a:00:00:00:0${side}:0${i}`, { master: 'br0', port: {} }))
    const toHost = veth('p-a', '0a:00:00:00:00:0a', { master: 'br0', port: {} })
    const namespaces = {
      s1: netns('s1', [bridge('br0', '02:00:00:00:01:ff'), toHost, ...ports('1')]),
      s2: netns('s2', [bridge('br0', '02:00:00:00:02:ff'), ...ports('2')]),
      a: netns('a', [veth('eth0', MAC.a)]),
    }
    const wires = [wire('s1/p-a', 'a/eth0'), ...Array.from({ length: cables }, (_, i) => wire(`s1/p${i}`, `s2/p${i}`))]
    sim = new Simulation(new Network({ namespaces, wires }))
    drops = []
    sim.onDrop = (cause) => drops.push(cause)
    fake(sim, { ipRcv: () => {}, ipv6Rcv: () => {} })
  }

  it.each([
    [1, 0],
    [2, 1],
    [4, 1],
  ])('of %i cables: a broadcast is stopped, by name', (cables, stopped) => {
    looped(cables)
    inject(sim, 'a/eth0', `${BROADCAST}${MAC.a}0800${'45'.repeat(30)}`)
    expect(drops.filter((cause) => cause === 'bridge_loop').length > 0 ? 1 : 0).toBe(stopped)
  })
})
