import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fibLookup, type RouteQuestion, Simulation } from '../../../src/dataplane/index.ts'
import { NO_PACKET } from '../../../src/dataplane/kernel/stack.ts'
import { Network, type Route, type Rule } from '../../../src/model/index.ts'
import { type Ip, type Prefix, prefixAddress, prefixLength, prefixOf } from '../../../src/wire/index.ts'
import { host, hostSim, ip, route, text } from './hosts.ts'

/** Answer in one line: type, via, device. */
function ask(routes: readonly string[], question: RouteQuestion, rules: readonly Rule[] = [], sysctls = {}): string {
  const devices = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'] }, eth2: { down: true } }
  const { ns } = hostSim(host('h', devices, routes, { rules, sysctls }))
  const { ref, error } = fibLookup(ns, question)
  return [error ?? ref.result, ref.via, ref.dev].filter((word) => word !== '').join(' ')
}

const dst = (address: string): RouteQuestion => ({ dst: address as Ip })

describe('lookup in tables', () => {
  const table: { name: string; routes: string[]; ask: RouteQuestion; want: string }[] = [
    { name: 'connected', routes: [], ask: dst('10.0.0.7'), want: 'unicast eth0' },
    { name: 'own address', routes: [], ask: dst('10.1.0.1'), want: 'local eth1' },
    { name: 'broadcast of the subnet', routes: [], ask: dst('10.0.0.255'), want: 'broadcast eth0' },
    { name: 'loopback net', routes: [], ask: dst('127.9.9.9'), want: 'local lo' },
    { name: 'nothing', routes: [], ask: dst('192.0.2.1'), want: 'ENETUNREACH' },
    {
      name: 'default',
      routes: ['default via 10.0.0.2 dev eth0'],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'longest prefix wins',
      routes: [
        '192.0.0.0/16 via 10.0.0.2 dev eth0',
        '192.0.2.0/24 via 10.0.0.3 dev eth0',
        '192.0.2.1 via 10.0.0.4 dev eth0',
      ],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.4 eth0',
    },
    {
      name: 'lower metric wins',
      routes: ['192.0.2.0/24 via 10.0.0.3 dev eth0 metric 20', '192.0.2.0/24 via 10.0.0.4 dev eth0 metric 10'],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.4 eth0',
    },
    {
      name: 'a route of the TOS before one of none',
      routes: ['192.0.2.0/24 via 10.0.0.3 dev eth0', '192.0.2.0/24 via 10.0.0.4 dev eth0 tos 16'],
      ask: { dst: '192.0.2.1' as Ip, tos: 0x10 },
      want: 'unicast 10.0.0.4 eth0',
    },
    {
      name: 'a route of another TOS is passed over',
      routes: ['192.0.2.0/24 via 10.0.0.3 dev eth0', '192.0.2.0/24 via 10.0.0.4 dev eth0 tos 16'],
      ask: { dst: '192.0.2.1' as Ip, tos: 8 },
      want: 'unicast 10.0.0.3 eth0',
    },
    { name: 'blackhole', routes: ['blackhole 192.0.2.0/24'], ask: dst('192.0.2.1'), want: 'EINVAL' },
    { name: 'unreachable', routes: ['unreachable 192.0.2.0/24'], ask: dst('192.0.2.1'), want: 'EHOSTUNREACH' },
    { name: 'prohibit', routes: ['prohibit 192.0.2.0/24'], ask: dst('192.0.2.1'), want: 'EACCES' },
    {
      name: 'throw leaves the table, whatever shorter prefix is there',
      routes: ['throw 192.0.2.0/24', 'default via 10.0.0.2 dev eth0'],
      ask: dst('192.0.2.1'),
      want: 'ENETUNREACH',
    },
    {
      name: 'next hop on a device that is down',
      routes: ['192.0.2.0/24 dev eth2', 'default via 10.0.0.2 dev eth0'],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'the device a sender insists on',
      routes: ['192.0.2.0/24 via 10.0.0.2 dev eth0', 'default via 10.1.0.2 dev eth1'],
      ask: { dst: '192.0.2.1' as Ip, oif: 'eth1' },
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'local and main are one table: a longer prefix of main wins',
      routes: ['127.0.0.8/32 via 10.0.0.2 dev eth0'],
      ask: dst('127.0.0.8'),
      want: 'unicast 10.0.0.2 eth0',
    },
  ]
  it.each(table)('$name', (row) => {
    expect(ask(row.routes, row.ask)).toBe(row.want)
  })
})

describe('rules', () => {
  const rule = (priority: number, more: Partial<Rule>): Rule => ({
    family: 'inet',
    priority,
    action: 'lookup',
    ...more,
  })
  const usual = [rule(0, { table: 'local' }), rule(32766, { table: 'main' }), rule(32767, { table: 'default' })]
  const routes = [
    'default via 10.0.0.2 dev eth0',
    '198.51.100.0/24 via 10.0.0.9 dev eth0',
    'default via 10.1.0.2 dev eth1 table 7',
  ]
  const seven = { table: '7' }
  const table: { name: string; rules: Rule[]; more?: string[]; ask: RouteQuestion; want: string }[] = [
    {
      name: 'from',
      rules: [rule(10, { ...seven, from: '10.9.0.0/16' as Prefix })],
      ask: { dst: '192.0.2.1' as Ip, src: '10.9.1.1' as Ip },
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'from another',
      rules: [rule(10, { ...seven, from: '10.9.0.0/16' as Prefix })],
      ask: { dst: '192.0.2.1' as Ip, src: '10.8.1.1' as Ip },
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'not from',
      rules: [rule(10, { ...seven, not: true, from: '10.9.0.0/16' as Prefix })],
      ask: { dst: '192.0.2.1' as Ip, src: '10.8.1.1' as Ip },
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'fwmark under a mask',
      rules: [rule(10, { ...seven, fwmark: 0x200, fwmask: 0xf00 })],
      ask: { dst: '192.0.2.1' as Ip, mark: 0x1234_52ff },
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'fwmark, other mark',
      rules: [rule(10, { ...seven, fwmark: 0x200 })],
      ask: { dst: '192.0.2.1' as Ip, mark: 0x201 },
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'iif lo is what this host makes',
      rules: [rule(10, { ...seven, iif: 'lo' })],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'iif of a received packet',
      rules: [rule(10, { ...seven, iif: 'eth1' })],
      ask: { dst: '192.0.2.1' as Ip, iif: 'eth0' },
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'protocol and port range',
      rules: [rule(10, { ...seven, ipproto: 6, dport: { low: 80, high: 90 } })],
      ask: { dst: '192.0.2.1' as Ip, ipproto: 6, dport: 85 },
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'port outside the range',
      rules: [rule(10, { ...seven, ipproto: 6, dport: { low: 80, high: 90 } })],
      ask: { dst: '192.0.2.1' as Ip, ipproto: 6, dport: 91 },
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'prohibit',
      rules: [rule(10, { action: 'prohibit', to: '192.0.2.0/24' as Prefix })],
      ask: dst('192.0.2.1'),
      want: 'EACCES',
    },
    { name: 'unreachable', rules: [rule(10, { action: 'unreachable' })], ask: dst('192.0.2.1'), want: 'ENETUNREACH' },
    { name: 'blackhole', rules: [rule(10, { action: 'blackhole' })], ask: dst('192.0.2.1'), want: 'EINVAL' },
    {
      name: 'goto skips what lies between',
      rules: [rule(10, { action: 'goto', goto: 30 }), rule(20, { action: 'prohibit' }), rule(30, { action: 'nop' })],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'suppressed default goes on to the next rule',
      rules: [rule(10, { table: 'main', suppressPrefixlength: 0 }), rule(20, seven)],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.1.0.2 eth1',
    },
    {
      name: 'what is longer is not suppressed',
      rules: [rule(10, { table: 'main', suppressPrefixlength: 0 }), rule(20, seven)],
      ask: dst('198.51.100.4'),
      want: 'unicast 10.0.0.9 eth0',
    },
    {
      name: 'a table that is not there',
      rules: [rule(10, { table: '99' })],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.2 eth0',
    },
    {
      name: 'throw goes on to the next rule',
      rules: [rule(10, seven)],
      more: ['throw 192.0.2.0/24 table 7'],
      ask: dst('192.0.2.1'),
      want: 'unicast 10.0.0.2 eth0',
    },
  ]
  it.each(table)('$name', (row) => {
    expect(ask([...routes, ...(row.more ?? [])], row.ask, [...usual, ...row.rules])).toBe(row.want)
  })

  it('with custom rules local is a table of its own and asked first', () => {
    const custom = [...usual, rule(10, { ...seven, from: '10.9.0.0/16' as Prefix })]
    expect(ask(['127.0.0.8/32 via 10.0.0.2 dev eth0'], dst('127.0.0.8'), custom)).toBe('local lo')
  })
})

describe('several next hops', () => {
  it('share flows by weight, and one flow always goes one way', () => {
    const hops = ['192.0.2.0/24 nexthop via 10.0.0.2 dev eth0 weight 1 nexthop via 10.1.0.2 dev eth1 weight 3']
    const { ns } = hostSim(
      host('h', { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'] } }, hops),
    )
    const count = new Map<string, number>()
    const choose = (saddr: number): string => {
      const flow = {
        daddr: ip('192.0.2.1'),
        saddr,
        tos: 0,
        mark: 0,
        oif: null,
        iif: null,
        proto: 17,
        sport: 0,
        dport: 0,
        anySource: false,
        packet: NO_PACKET,
      }
      const rt = ns.sim.stack.ipRouteOutput(ns, { ...flow, anySource: true })
      return typeof rt === 'string' ? rt : rt.dev.name
    }
    for (let i = 0; i < 2000; i++) {
      const saddr = ip('10.0.0.1') + i * 7919
      const dev = choose(saddr)
      expect(choose(saddr)).toBe(dev)
      count.set(dev, (count.get(dev) ?? 0) + 1)
    }
    expect(count.get('eth1')! / 2000).toBeGreaterThan(0.7)
    expect(count.get('eth1')! / 2000).toBeLessThan(0.8)
  })

  it('one on a device that is down carries nothing', () => {
    const hops = ['192.0.2.0/24 nexthop via 10.0.0.2 dev eth0 weight 1 nexthop via 10.1.0.2 dev eth1 weight 9']
    const devices = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'], down: true } }
    const { ns } = hostSim(host('h', devices, hops))
    for (let i = 0; i < 50; i++) {
      const flow = {
        daddr: ip('192.0.2.1') + i,
        saddr: 0,
        tos: 0,
        mark: 0,
        oif: null,
        iif: null,
        proto: 17,
        sport: 0,
        dport: 0,
        anySource: false,
        packet: NO_PACKET,
      }
      const rt = ns.sim.stack.ipRouteOutput(ns, flow)
      expect(typeof rt === 'string' ? rt : rt.dev.name).toBe('eth0')
    }
  })
})

describe('shared tables', () => {
  const owners = ['n1', 'n2', 'n3']
  const entries = owners.map((owner, i) => ({
    owner,
    dst: `10.244.${i}.0/24` as Prefix,
    via: `10.0.0.${i + 1}` as Ip,
  }))
  const node = (name: string, more: string[], except: string[] = []) => ({
    ...host(name, { eth0: { addresses: ['10.0.0.9/24'] } }, more),
    shared: [{ table: 'blocks', as: 'route' as const, dev: 'eth0', except, route: { protocol: 'bird', metric: 5 } }],
  })
  const lookup = (model: ReturnType<typeof node>, address: string): string => {
    const sim = new Simulation(new Network({ namespaces: { [model.name]: model }, shared: { blocks: { entries } } }))
    const { ref, error } = fibLookup(sim.netns(model.name), { dst: address as Ip })
    return `${error ?? ref.result} ${ref.via}`.trim()
  }
  it('gives the routes of the others', () => {
    expect(lookup(node('n1', []), '10.244.1.7')).toBe('unicast 10.0.0.2')
    expect(lookup(node('n1', []), '10.244.2.7')).toBe('unicast 10.0.0.3')
  })
  it('leaves out its own and the excepted', () => {
    expect(lookup(node('n1', []), '10.244.0.7')).toBe('ENETUNREACH')
    expect(lookup(node('n1', [], ['n3']), '10.244.2.7')).toBe('ENETUNREACH')
  })
  it('goes by prefix length and metric with the routes of the node', () => {
    expect(lookup(node('n1', ['10.244.1.0/28 via 10.0.0.77 dev eth0']), '10.244.1.7')).toBe('unicast 10.0.0.77')
    expect(lookup(node('n1', ['10.244.1.0/24 via 10.0.0.77 dev eth0 metric 9']), '10.244.1.7')).toBe('unicast 10.0.0.2')
    expect(lookup(node('n1', ['10.244.1.0/24 via 10.0.0.77 dev eth0 metric 1']), '10.244.1.7')).toBe(
      'unicast 10.0.0.77',
    )
    expect(lookup(node('n1', ['default via 10.0.0.77 dev eth0']), '10.244.1.7')).toBe('unicast 10.0.0.2')
  })
})

describe('longest prefix', () => {
  /** The obviously right lookup: scan all, keep the longest, then the lowest metric, then the first. */
  function naive(routes: readonly Route[], address: number): Route | undefined {
    let best: Route | undefined
    for (const one of routes) {
      const length = prefixLength(one.dst)
      const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0
      if (((ip(prefixAddress(one.dst)) ^ address) & mask) >>> 0 !== 0) continue
      const longer = best === undefined ? 1 : length - prefixLength(best.dst)
      if (longer > 0 || (longer === 0 && (one.metric ?? 0) < (best?.metric ?? 0))) best = one
    }
    return best
  }

  it('equals a naive scan', () => {
    const address = fc.oneof(
      fc.nat(0xffff).map((low) => 0xc0a80000 + low),
      fc.nat(0xdfffffff).map((a) => Math.max(a, 0x80000000)),
    )
    const entry = fc.record({ address, length: fc.nat(32), via: fc.integer({ min: 2, max: 200 }), metric: fc.nat(3) })
    void fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 60 }),
        fc.array(address, { minLength: 1, maxLength: 20 }),
        (list, asked) => {
          const routes = list.map(({ address: a, length, via, metric }) =>
            route(`${prefixOf(text(a), length)} via 10.0.0.${via} dev eth0 metric ${metric}`),
          )
          const model = host('h', { eth0: { addresses: ['10.0.0.1/24'] } })
          const { ns } = hostSim({ ...model, routes: [...model.routes, ...routes] })
          for (const one of [...asked, ...list.map((e) => e.address)]) {
            const want = naive(routes, one)
            const got = fibLookup(ns, { dst: text(one) })
            expect(got.ref.via ?? '').toBe(want?.via ?? '')
            expect(got.error).toBe(want === undefined ? 'ENETUNREACH' : null)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
