import { describe, expect, it } from 'vitest'
import { RawSock, SECOND, type Simulation } from '../../../src/dataplane/index.ts'
import { PACKET_MULTICAST } from '../../../src/dataplane/kernel/skb.ts'
import { alone, drops6, host6, icmp6, key, lan6, type Packet6, packet6, sent6 } from './hosts6.ts'
import { FAR, NEAR, PING, receive, router } from './router.ts'

describe('what a router does with a packet', () => {
  const table: { name: string; packet: Packet6; size?: number; routes?: string[]; want: string[]; lost: string[] }[] = [
    {
      name: 'passes it on',
      packet: { from: NEAR, to: FAR },
      want: [`eth1 ${FAR}: ${NEAR} > ${FAR} icmp 128.0 7 hop 63 len 104`],
      lost: [],
    },
    {
      name: 'hop limit',
      packet: { from: NEAR, to: FAR, hopLimit: 1 },
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 3.0 0 hop 64 len 152`],
      lost: ['ip6_hop_limit'],
    },
    {
      name: 'too big: tells the MTU, quotes up to 1280 bytes, from the address of the way out',
      packet: { from: NEAR, to: FAR },
      size: 1300,
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 2.0 514 hop 64 len 1280`],
      lost: ['ip6_too_big'],
    },
    {
      name: 'no route',
      packet: { from: NEAR, to: '2001:db8::1' },
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 1.0 0 hop 64 len 152`],
      lost: ['ip6_no_route'],
    },
    {
      name: 'unreachable route',
      packet: { from: NEAR, to: '2001:db8::1' },
      routes: ['unreachable 2001:db8::/32'],
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 1.0 0 hop 64 len 152`],
      lost: ['ip6_no_route'],
    },
    {
      name: 'prohibit route',
      packet: { from: NEAR, to: '2001:db8::1' },
      routes: ['prohibit 2001:db8::/32'],
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 1.1 0 hop 64 len 152`],
      lost: ['ip6_no_route'],
    },
    {
      name: 'blackhole route: not a word',
      packet: { from: NEAR, to: '2001:db8::1' },
      routes: ['blackhole 2001:db8::/32'],
      want: [],
      lost: ['dst_discard_out'],
    },
    {
      name: 'a link-local sender stays on his link',
      packet: { from: 'fe80::9', to: FAR },
      want: ['eth0 fe80::9: fe80::1 > fe80::9 icmp 1.2 0 hop 64 len 152'],
      lost: ['ip6_forward_refused'],
    },
    { name: 'the unspecified sender', packet: { from: '::', to: FAR }, want: [], lost: ['ip6_forward_refused'] },
    { name: 'a sender that is a group', packet: { from: 'ff02::1', to: FAR }, want: [], lost: ['ip6_header_bad'] },
    { name: 'loopback does not come by a wire', packet: { from: NEAR, to: '::1' }, want: [], lost: ['ip6_header_bad'] },
    {
      name: 'answers a ping',
      packet: { from: NEAR, to: 'fd00:0:0:2::1' },
      want: [`eth0 ${NEAR}: fd00:0:0:2::1 > ${NEAR} icmp 129.0 7 hop 64 len 104`],
      lost: [],
    },
    {
      name: 'a ping to an anycast address is answered by an address of its own',
      packet: { from: NEAR, to: 'fd00:0:0:1::' },
      want: [`eth0 ${NEAR}: fd00:0:0:1::1 > ${NEAR} icmp 129.0 7 hop 64 len 104`],
      lost: [],
    },
    {
      name: 'a group nobody joined',
      packet: { from: NEAR, to: 'ff02::77' },
      want: [],
      lost: ['ip6_multicast_unwanted'],
    },
  ]
  it.each(table)('$name', ({ packet, size, routes, want, lost }) => {
    const r = router(routes)
    const body = size === undefined ? PING : new Uint8Array(size)
    receive(r, packet, icmp6(packet.from, packet.to, 128, 7, body))
    expect(r.out).toEqual(want)
    expect(r.lost).toEqual(lost)
  })
  // Documentation/networking/ip-sysctl.rst
  it.each<[string, Record<string, string>, string, number]>([
    ['echo_ignore_all', { echo_ignore_all: '1' }, 'fd00:0:0:1::1', 0],
    ['echo_ignore_multicast: groups', { echo_ignore_multicast: '1' }, 'ff02::1', 0],
    ['echo_ignore_multicast: not others', { echo_ignore_multicast: '1' }, 'fd00:0:0:1::1', 1],
    ['echo_ignore_anycast: anycast', { echo_ignore_anycast: '1' }, 'fd00:0:0:1::', 0],
    ['echo_ignore_anycast: not others', { echo_ignore_anycast: '1' }, 'ff02::1', 1],
    ['nothing ignored', {}, 'ff02::1', 1],
  ])('%s', (_, settings, to, answers) => {
    const sysctls = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`net.ipv6.icmp.${name}`, value]),
    )
    const r = router([], { sysctls })
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to }, icmp6(NEAR, to, 128, 7, PING))
    if (to.startsWith('ff')) skb.pktType = PACKET_MULTICAST
    r.sim.stack.ipv6Rcv(skb)
    expect(r.out).toHaveLength(answers)
  })
  it.each([
    ['all nodes', 'ff02::1', true],
    ['all nodes of the interface', 'ff01::1', true],
    ['all routers', 'ff02::2', true],
    ['all routers of the site', 'ff05::2', true],
    ['the group of an address', 'ff02::1:ff00:1', true],
    ['the group of an anycast address', 'ff02::1:ff00:0', true],
    ['the group of somebody else', 'ff02::1:ff00:77', false],
  ])('hears %s, %s: %s', (_, to, hears) => {
    const r = router()
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to }, icmp6(NEAR, to, 128, 7, PING))
    skb.pktType = PACKET_MULTICAST
    r.sim.stack.ipv6Rcv(skb)
    expect(r.lost.includes('ip6_multicast_unwanted')).toBe(!hears)
  })
  it('a host passes nothing on', () => {
    const r = router([], { router: false })
    receive(r, { from: NEAR, to: FAR })
    expect([r.out, r.lost]).toEqual([[], ['ip6_not_forwarding']])
  })
  it('errors answer no errors', () => {
    const r = router()
    receive(r, { from: NEAR, to: FAR, hopLimit: 1 }, icmp6(NEAR, FAR, 1, 0, new Uint8Array(48)))
    expect([r.out, r.lost]).toEqual([[], ['ip6_hop_limit']])
  })
  it('a group of all routers is heard by routers only', () => {
    for (const [isRouter, count] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const r = router([], { router: isRouter })
      const skb = packet6(r.ns, 'eth0', { from: 'fe80::9', to: 'ff02::2' }, icmp6('fe80::9', 'ff02::2', 128, 7, PING))
      skb.pktType = PACKET_MULTICAST
      r.sim.stack.ipv6Rcv(skb)
      expect(r.out).toHaveLength(count)
    }
  })
  it('the source of an error is the route’s, where it prefers one', () => {
    const r = router(['2001:db8::/32 dev eth0 src fd00:0:0:2::1'])
    receive(r, { from: '2001:db8::5', to: FAR, hopLimit: 1 })
    expect(r.out).toEqual(['eth0 2001:db8::5: fd00:0:0:2::1 > 2001:db8::5 icmp 3.0 0 hop 64 len 152'])
  })
  it('errors are limited per destination, path MTU is not', () => {
    const sysctls = { 'net.ipv6.icmp.ratelimit': '1000', 'net.ipv4.icmp_msgs_per_sec': '0' }
    const r = router(['default via fe80::77 dev eth0'], { sysctls })
    const from = '2001:db8::5'
    for (let i = 0; i < 80; i++) receive(r, { from, to: FAR, hopLimit: 1 })
    // The default route's prefix is so wide that a message costs a sixteenth of the time.
    expect(r.out).toHaveLength(6)
    for (let i = 0; i < 20; i++) receive(r, { from, to: FAR }, icmp6(from, FAR, 128, 7, new Uint8Array(1300)))
    expect(r.out).toHaveLength(26)
  })
})

describe('path MTU', () => {
  const HOST = { eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] } }
  const FLOW = { daddr: key('2001:db8::9'), saddr: '', tclass: 0, mark: 0, oif: null, proto: 17, sport: 0, dport: 0 }
  function host() {
    const { sim, ns } = alone(host6('h', HOST, ['default via fe80::99 dev eth0 mtu 1450']))
    return { sim, ns, out: sent6(sim), lost: drops6(sim) }
  }
  const mtu = ({ sim, ns }: ReturnType<typeof host>): number | string => {
    const rt = sim.stack.ip6RouteOutput(ns, FLOW)
    return typeof rt === 'string' ? rt : rt.mtu
  }
  function tooBig(h: ReturnType<typeof host>, value: number, to = '2001:db8::9'): void {
    const quoted = packet6(h.ns, 'eth0', { from: 'fd00:0:0:1::1', to }, icmp6('fd00:0:0:1::1', to, 128, 7, PING))
    const body = quoted.bytes.slice(quoted.data, quoted.tail)
    receive(h, { from: '2001:db8::1', to: 'fd00:0:0:1::1' }, icmp6('2001:db8::1', 'fd00:0:0:1::1', 2, value, body))
  }
  it('is learned for one destination, and forgotten', () => {
    const h = host()
    expect(mtu(h)).toBe(1450)
    tooBig(h, 1400)
    expect(mtu(h)).toBe(1400)
    expect(h.ns.ip6?.cache.dump()).toMatchObject([{ dst: '2001:db8::9', via: 'fe80::99', mtu: 1400, expires: 600 }])
    h.sim.run(601 * SECOND)
    expect(mtu(h)).toBe(1450)
  })
  it.each([
    { name: 'never larger', value: 1460, want: 1450 },
    { name: 'never below the least of IPv6', value: 1200, want: 1450 },
    { name: 'the least of IPv6', value: 1280, want: 1280 },
  ])('$name', ({ value, want }) => {
    const h = host()
    tooBig(h, value)
    expect(mtu(h)).toBe(want)
  })
  it('does not count for others, is kept over an edit of other things, and goes with its route', () => {
    const h = host()
    tooBig(h, 1400, '2001:db8::8')
    expect(mtu(h)).toBe(1450)
    tooBig(h, 1400)
    const { network } = h.sim
    const model = network.namespaces['h'] as NonNullable<(typeof network.namespaces)['h']>
    const routes = [...model.routes]
    edit(h.sim, { ...model, routes })
    expect(mtu(h)).toBe(1400)
    edit(h.sim, { ...model, routes: routes.filter((r) => r.via === undefined) })
    expect(mtu(h)).toBe('ENETUNREACH')
    edit(h.sim, { ...model, routes: [...routes] })
    expect(mtu(h)).toBe(1450)
  })
  it('comes back with a snapshot', () => {
    const h = host()
    tooBig(h, 1400)
    const saved = h.sim.snapshot()
    h.ns.ip6?.cache.flush()
    expect(mtu(h)).toBe(1450)
    h.sim.restore(saved)
    expect(mtu(h)).toBe(1400)
  })
})

function edit(sim: Simulation, model: Parameters<typeof lan6>[0][number]): void {
  const { namespaces, wires, shared } = sim.network
  const Net = sim.network.constructor as new (parts: object) => typeof sim.network
  sim.setNetwork(new Net({ namespaces: { ...namespaces, [model.name]: model }, wires, shared }))
}

describe('redirects', () => {
  /** A host, its router, and a better one on the same link. */
  function link() {
    const sim = lan6(
      [
        host6('h', { eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] } }, ['default via fe80::a dev eth0']),
        host6(
          'r',
          { eth0: { addresses: ['fd00:0:0:1::a/64', 'fe80::a/64'] } },
          ['2001:db8::/32 via fe80::b dev eth0'],
          { router: true },
        ),
      ],
      ['h/eth0 r/eth0'],
    )
    return sim
  }
  function ping(sim: Simulation, to: string): void {
    new RawSock(sim.netns('h'), 'inet6', 58).sendTo(icmp6('::', to, 128, 0x0001_0001), key(to))
    sim.drain()
  }
  it('name the better router, are believed, and are limited', () => {
    const sim = link()
    ping(sim, '2001:db8::9')
    const flow = { daddr: key('2001:db8::9'), saddr: '', tclass: 0, mark: 0, oif: null, proto: 58, sport: 0, dport: 0 }
    const rt = sim.stack.ip6RouteOutput(sim.netns('h'), flow)
    expect(typeof rt === 'string' ? rt : rt.gateway).toBe(key('fe80::b'))
    expect(sim.netns('h').ip6?.cache.dump()).toMatchObject([{ dst: '2001:db8::9', via: 'fe80::b', redirected: true }])
    expect(
      sim
        .netns('h')
        .neigh.dump()
        .find((n) => n.dst === 'fe80::b'),
    ).toBe(undefined)
  })
  it('to a neighbour make it on-link', () => {
    const sim = link()
    ping(sim, 'fd00:0:0:1::a')
    const h = sim.netns('h')
    sim.stack.ip6RouteOutput(h, {
      daddr: key('fd00:0:0:1::5'),
      saddr: '',
      tclass: 0,
      mark: 0,
      oif: null,
      proto: 58,
      sport: 0,
      dport: 0,
    })
    expect(h.ip6?.cache.dump()).toEqual([])
  })
})
