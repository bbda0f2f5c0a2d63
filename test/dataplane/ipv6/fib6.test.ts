import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fib6Lookup, type RouteQuestion, Simulation } from '../../../src/dataplane/index.ts'
import { commonBits } from '../../../src/dataplane/ipv6/addr.ts'
import { type Namespace, Network, type Rule, type SharedView } from '../../../src/model/index.ts'
import {
  bytesToIpv6,
  type Ip,
  type Ip6Key,
  ipv6ToKey,
  keyToIpv6,
  type Prefix,
  prefixAddress,
  prefixKey,
  prefixLength,
} from '../../../src/wire/index.ts'
import { alone, host6, route6, rule6 } from './hosts6.ts'

const DEVICES = {
  eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::1/64'] },
  eth1: { addresses: ['fd00:0:0:2::1/64', 'fe80::2/64'] },
  eth2: { down: true },
}

/** The answer in one line: type, via, device. */
function ask(routes: readonly string[], question: RouteQuestion, rules: readonly Rule[] = []): string {
  const { ns } = alone(host6('h', DEVICES, routes, { rules, router: true }))
  const { ref, error } = fib6Lookup(ns, question)
  return [error ?? ref.result, ref.via, ref.dev].filter((word) => word !== '').join(' ')
}

const dst = (address: string): RouteQuestion => ({ dst: address as Ip })
const VIA = 'via fd00:0:0:1::9 dev eth0'

describe('lookup in tables', () => {
  const table: { name: string; routes: string[]; ask: RouteQuestion; want: string }[] = [
    { name: 'connected', routes: [], ask: dst('fd00:0:0:1::7'), want: 'unicast eth0' },
    { name: 'own address', routes: [], ask: dst('fd00:0:0:2::1'), want: 'local eth1' },
    { name: 'loopback', routes: [], ask: dst('::1'), want: 'local lo' },
    { name: 'subnet-router anycast of a router', routes: [], ask: dst('fd00:0:0:1::'), want: 'anycast eth0' },
    { name: 'nothing', routes: [], ask: dst('2001:db8::1'), want: 'ENETUNREACH' },
    { name: 'default', routes: [`default ${VIA}`], ask: dst('2001:db8::1'), want: 'unicast fd00:0:0:1::9 eth0' },
    {
      name: 'longest prefix wins, on odd lengths too',
      routes: [`2001:db8::/32 ${VIA}`, '2001:db8:8000::/33 dev eth1'],
      ask: dst('2001:db8:8001::1'),
      want: 'unicast eth1',
    },
    {
      name: 'lower metric wins',
      routes: [`2001:db8::/32 ${VIA} metric 20`, '2001:db8::/32 dev eth1 metric 10'],
      ask: dst('2001:db8::1'),
      want: 'unicast eth1',
    },
    {
      name: 'of equal metrics the one by the device asked for',
      routes: [`2001:db8::/32 ${VIA}`, '2001:db8::/32 dev eth1'],
      ask: { dst: '2001:db8::1' as Ip, oif: 'eth1' },
      want: 'unicast eth1',
    },
    {
      name: 'of equal metrics the higher preference',
      routes: [`2001:db8::/32 ${VIA}`, '2001:db8::/32 dev eth1 pref high'],
      ask: dst('2001:db8::1'),
      want: 'unicast eth1',
    },
    {
      name: 'a device that is down does not count',
      routes: [`default ${VIA}`, '2001:db8::/32 dev eth2'],
      ask: dst('2001:db8::1'),
      want: 'unicast fd00:0:0:1::9 eth0',
    },
    {
      name: 'a received packet takes the best route, whatever its device',
      routes: ['2001:db8::/32 dev eth1'],
      ask: { dst: '2001:db8::1' as Ip, src: 'fd00:0:0:1::7' as Ip, iif: 'eth0' },
      want: 'unicast eth1',
    },
    { name: 'link-local by its device', routes: [], ask: { dst: 'fe80::9' as Ip, oif: 'eth1' }, want: 'unicast eth1' },
    { name: 'group by its device', routes: [], ask: { dst: 'ff02::1' as Ip, oif: 'eth1' }, want: 'multicast eth1' },
    {
      name: 'the device of a sender without source binds',
      routes: ['2001:db8::/32 dev eth1', `default ${VIA}`],
      ask: { dst: '2001:db8::1' as Ip, oif: 'eth0' },
      want: 'unicast fd00:0:0:1::9 eth0',
    },
    { name: 'blackhole', routes: ['blackhole 2001:db8::/32'], ask: dst('2001:db8::1'), want: 'EINVAL lo' },
    { name: 'unreachable', routes: ['unreachable 2001:db8::/32'], ask: dst('2001:db8::1'), want: 'EHOSTUNREACH lo' },
    { name: 'prohibit', routes: ['prohibit 2001:db8::/32'], ask: dst('2001:db8::1'), want: 'EACCES lo' },
    {
      name: 'throw leaves the table, whatever shorter prefix is there',
      routes: ['throw 2001:db8::/32', `default ${VIA}`],
      ask: dst('2001:db8::1'),
      want: 'ENETUNREACH',
    },
  ]
  it.each(table)('$name', ({ routes, ask: question, want }) => {
    expect(ask(routes, question)).toBe(want)
  })
})

describe('rules', () => {
  const ROUTES = ['default dev eth0', 'default dev eth1 table 7', `2001:db8:7::/48 ${VIA} table 7`]
  const KERNEL = [rule6(0, { table: 'local' }), rule6(32766, { table: 'main' })]
  const to = dst('2001:db8::1')
  const table: { name: string; rules: Rule[]; ask: RouteQuestion; want: string }[] = [
    { name: 'mark', rules: [rule6(9, { fwmark: 5, table: '7' })], ask: { ...to, mark: 5 }, want: 'unicast eth1' },
    {
      name: 'another mark',
      rules: [rule6(9, { fwmark: 5, table: '7' })],
      ask: { ...to, mark: 4 },
      want: 'unicast eth0',
    },
    {
      name: 'mark under a mask',
      rules: [rule6(9, { fwmark: 0x10, fwmask: 0xf0, table: '7' })],
      ask: { ...to, mark: 0x213 },
      want: 'unicast eth1',
    },
    {
      name: 'source',
      rules: [rule6(9, { from: 'fd00:0:0:1::/64' as never, table: '7' })],
      ask: { ...to, src: 'fd00:0:0:1::1' as Ip },
      want: 'unicast eth1',
    },
    {
      name: 'source that is not chosen yet',
      rules: [rule6(9, { from: 'fd00:0:0:1::/64' as never, table: '7' })],
      ask: to,
      want: 'unicast eth0',
    },
    {
      name: 'destination, negated',
      rules: [rule6(9, { not: true, to: '2001:db8:7::/48' as never, table: '7' })],
      ask: to,
      want: 'unicast eth1',
    },
    {
      name: 'input device',
      rules: [rule6(9, { iif: 'eth1', table: '7' })],
      ask: { ...to, iif: 'eth1' },
      want: 'unicast eth1',
    },
    {
      name: 'lo as input device means own packets',
      rules: [rule6(9, { iif: 'lo', table: '7' })],
      ask: to,
      want: 'unicast eth1',
    },
    {
      name: 'suppress_prefixlength passes over the default route',
      rules: [rule6(9, { table: '7', suppressPrefixlength: 0 })],
      ask: to,
      want: 'unicast eth0',
    },
    {
      name: 'suppress_prefixlength takes longer prefixes',
      rules: [rule6(9, { table: '7', suppressPrefixlength: 0 })],
      ask: dst('2001:db8:7::1'),
      want: 'unicast fd00:0:0:1::9 eth0',
    },
    { name: 'prohibit', rules: [rule6(9, { action: 'prohibit' })], ask: to, want: 'EACCES' },
    { name: 'blackhole', rules: [rule6(9, { action: 'blackhole' })], ask: to, want: 'EINVAL' },
    {
      name: 'goto',
      rules: [rule6(9, { action: 'goto', goto: 20 }), rule6(10, { action: 'prohibit' }), rule6(20, { table: '7' })],
      ask: to,
      want: 'unicast eth1',
    },
    {
      name: 'ports',
      rules: [rule6(9, { dport: { low: 80, high: 90 }, table: '7' })],
      ask: { ...to, dport: 85 },
      want: 'unicast eth1',
    },
  ]
  it.each(table)('$name', ({ rules, ask: question, want }) => {
    expect(ask(ROUTES, question, [...KERNEL, ...rules])).toBe(want)
  })
})

// RFC 4191 §3.2: a router that is known not to answer comes after one that may; hosts ask, routers do not.
describe('of two routers', () => {
  const STATES = {
    unknown: null,
    INCOMPLETE: 1,
    REACHABLE: 2,
    STALE: 4,
    DELAY: 8,
    PROBE: 16,
    FAILED: 32,
    PERMANENT: 128,
  } as const
  function chosen(first: keyof typeof STATES, second: keyof typeof STATES, router = false, pref = 'medium'): string {
    const routes = [`2001:db8::/32 via fd00:0:0:1::9 dev eth0 pref ${pref}`, '2001:db8::/32 via fd00:0:0:2::9 dev eth1']
    const { ns } = alone(host6('h', DEVICES, routes, { router }))
    for (const [dev, gateway, state] of [
      ['eth0', 'fd00:0:0:1::9', first],
      ['eth1', 'fd00:0:0:2::9', second],
    ] as const) {
      const value = STATES[state]
      if (value !== null) ns.neigh.lookupOrCreate(ns.byName.get(dev)!, 'inet6', ipv6ToKey(gateway)).state = value
    }
    return fib6Lookup(ns, dst('2001:db8::1')).ref.dev ?? ''
  }
  it.each(['unknown', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT'] as const)(
    'the first, when it is %s',
    (state) => expect([chosen(state, 'REACHABLE'), chosen('FAILED', state)]).toEqual(['eth0', 'eth1']),
  )
  it('the first when both failed', () => expect(chosen('FAILED', 'FAILED')).toBe('eth0'))
  it('the first, for who forwards', () => expect(chosen('FAILED', 'REACHABLE', true)).toBe('eth0'))
  it('the one that answers before the preferred', () => {
    expect([chosen('FAILED', 'REACHABLE', false, 'high'), chosen('STALE', 'REACHABLE', false, 'low')]).toEqual([
      'eth1',
      'eth1',
    ])
  })
})

describe('shared tables', () => {
  const entries = ['n1', 'n2', 'n3'].map((owner, i) => ({
    owner,
    dst: `fd10:0:0:${i}::/64` as Prefix,
    via: `fd00::${i + 1}` as Ip,
  }))
  const node = (routes: string[], except: string[] = [], as: SharedView['as'] = 'route') => ({
    ...host6('n1', { eth0: { addresses: ['fd00::9/64'] } }, routes),
    shared: [{ table: 'blocks', as, dev: 'eth0', except, route: { protocol: 'bird', metric: 1024 } }],
  })
  const lookup = (model: Namespace, address: string): string => {
    const sim = new Simulation(new Network({ namespaces: { n1: model }, shared: { blocks: { entries } } }))
    const { ref, error } = fib6Lookup(sim.netns('n1'), dst(address))
    return `${error ?? ref.result} ${ref.via}`.trim()
  }
  const LONGER = 'fd10:0:0:1::/72 via fd00::77 dev eth0'
  it.each([
    { name: 'give the routes of the others', model: node([]), to: 'fd10:0:0:1::7', want: 'unicast fd00::2' },
    { name: 'all of them', model: node([]), to: 'fd10:0:0:2::7', want: 'unicast fd00::3' },
    { name: 'not its own', model: node([]), to: 'fd10::7', want: 'ENETUNREACH' },
    { name: 'nor the excepted', model: node([], ['n3']), to: 'fd10:0:0:2::7', want: 'ENETUNREACH' },
    { name: 'a longer prefix of its own wins', model: node([LONGER]), to: 'fd10:0:0:1::7', want: 'unicast fd00::77' },
    { name: 'neighbours are no routes', model: node([], [], 'neighbour'), to: 'fd10:0:0:1::7', want: 'ENETUNREACH' },
  ])('$name', ({ model, to, want }) => expect(lookup(model, to)).toBe(want))
})

describe('longest prefix', () => {
  // Few bits in few places, so that prefixes nest and collide.
  const address = fc
    .array(fc.constantFrom(0, 0x80, 0xc0, 0xff), { minLength: 4, maxLength: 4 })
    .map(([a = 0, b = 0, c = 0, d = 0]) =>
      keyToIpv6(ipv6ToKey(bytesToIpv6(new Uint8Array([0x20, a, b, 0, 0, 0, 0, 0, c, 0, 0, 0, 0, 0, 0, d])))),
    )
  const network = fc.tuple(address, fc.integer({ min: 3, max: 128 })).map(([a, length]) => {
    const short = prefixKey(ipv6ToKey(a), length)
    return `${keyToIpv6(short.padEnd(16, '\0') as Ip6Key)}/${length}`
  })
  it('equals a scan of all routes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(network, { maxLength: 12 }), address, (networks, target) => {
        const { ns } = alone(
          host6(
            'h',
            { eth0: {} },
            networks.map((net) => `${net} dev eth0`),
          ),
        )
        const { ref } = fib6Lookup(ns, { dst: target })
        const wanted = networks
          .filter(
            (net) =>
              commonBits(ipv6ToKey(prefixAddress(net as never)), ipv6ToKey(target)) >= prefixLength(net as never),
          )
          .sort((a, b) => prefixLength(b as never) - prefixLength(a as never))[0]
        expect((ref.route as { dst: string } | undefined)?.dst).toBe(wanted)
      }),
      { numRuns: 200 },
    )
  })
  it('reads what routes say', () => {
    expect(route6('blackhole fd00:9::/64')).toMatchObject({ type: 'blackhole', metric: 1024 })
  })
})
