import { describe, expect, it } from 'vitest'
import {
  address,
  cable,
  fdbOf,
  InputError,
  iface,
  inKernelOrder,
  kernelRoutes,
  namespace,
  neighboursOf,
  networkOf,
  route,
  routesOf,
  rulesOf,
  type SharedTable,
  type SharedView,
  segmentsOf,
  tableId,
  topology,
} from '../../src/model/index.ts'
import { parseIp, parseMac, parsePrefix } from '../../src/wire/index.ts'

const text = (list: readonly { type: string; dst: string; dev?: string }[]): string[] =>
  list.map((item) => `${item.type} ${item.dst} ${item.dev ?? '-'}`)

describe('kernel routes', () => {
  it.each<[string, Parameters<typeof iface>[0], string[]]>([
    [
      'of a subnet',
      { name: 'e', addresses: ['10.0.0.1/24'] },
      ['unicast 10.0.0.0/24 e', 'local 10.0.0.1/32 e', 'broadcast 10.0.0.255/32 e'],
    ],
    ['of a host address', { name: 'e', addresses: ['10.0.0.1/32'] }, ['local 10.0.0.1/32 e']],
    [
      'of a /31: no broadcast',
      { name: 'e', addresses: ['10.0.0.0/31'] },
      ['unicast 10.0.0.0/31 e', 'local 10.0.0.0/32 e'],
    ],
    ['of a device that is down', { name: 'e', up: false, addresses: ['10.0.0.1/24'] }, ['local 10.0.0.1/32 e']],
    [
      'of lo',
      { name: 'lo', addresses: ['127.0.0.1/8'] },
      ['local 127.0.0.0/8 lo', 'local 127.0.0.1/32 lo', 'broadcast 127.255.255.255/32 lo'],
    ],
    [
      'of IPv6',
      { name: 'e', addresses: ['fd00::1/64'] },
      ['unicast fd00::/64 e', 'local fd00::1/128 e', 'multicast ff00::/8 e'],
    ],
  ])('%s', (_, parts, expected) => expect(text(kernelRoutes(iface(parts)))).toEqual(expected))

  it('of a router with IPv6: anycast of each subnet', () => {
    const link = iface({ name: 'e', addresses: ['fd00::1/64'] })
    expect(text(kernelRoutes(link, { forwarding6: true }))).toContain('anycast fd00::/128 e')
  })

  it('of a secondary address prefer the primary one as source', () => {
    const link = iface({ name: 'e', addresses: ['10.0.0.1/24', { ...address('10.0.0.2/24'), secondary: true }] })
    const local = kernelRoutes(link).find((item) => item.dst === '10.0.0.2/32')
    expect(local?.src).toBe('10.0.0.1')
  })
})

describe('the kernel’s order', () => {
  it('is by address, the longer prefix first, then metric; tables by the low byte', () => {
    const routes = [
      route('10.0.0.0/8', { dev: 'e' }),
      route('10.0.0.0/24', { dev: 'e', metric: 5 }),
      route('10.0.0.0/24', { dev: 'e' }),
      route('default', { dev: 'e' }),
      route('9.0.0.0/8', { dev: 'e', table: 'local' }),
      route('200.0.0.0/8', { dev: 'e', table: '100' }),
    ]
    expect(inKernelOrder(routes).map((item) => `${item.dst} ${item.metric ?? 0} ${item.table}`)).toEqual([
      '200.0.0.0/8 0 100',
      '0.0.0.0/0 0 main',
      '10.0.0.0/24 0 main',
      '10.0.0.0/24 5 main',
      '10.0.0.0/8 0 main',
      '9.0.0.0/8 0 local',
    ])
  })

  it('of IPv6 has a prefix behind everything inside it', () => {
    const routes = ['::/0', 'fd00::/8', 'fd00:1::/32', 'fe80::/64'].map((dst) => route(dst, { dev: 'e' }))
    expect(inKernelOrder(routes).map((item) => item.dst)).toEqual(['fd00:1::/32', 'fd00::/8', 'fe80::/64', '::/0'])
  })

  it('knows tables by name and number', () => {
    expect(['main', 'local', 'default', '100', 'blue'].map(tableId)).toEqual([254, 255, 253, 100, undefined])
  })
})

describe('shared tables', () => {
  const pods: SharedTable = {
    entries: [
      {
        owner: 'a',
        dst: parsePrefix('10.1.0.0/26')!,
        via: parseIp('172.17.0.1')!,
        lladdr: parseMac('66:00:00:00:00:01')!,
        remote: parseIp('172.17.0.1')!,
      },
      {
        owner: 'b',
        dst: parsePrefix('10.2.0.0/26')!,
        via: parseIp('172.17.0.2')!,
        lladdr: parseMac('66:00:00:00:00:02')!,
        remote: parseIp('172.17.0.2')!,
      },
      { owner: 'c', dst: parsePrefix('fd00:3::/122')!, via: parseIp('fd00::3')! },
    ],
  }
  const use = (as: SharedView['as'], more: Partial<SharedView> = {}): SharedView => ({
    table: 'pods',
    as,
    dev: 'tunl0',
    route: { protocol: 'bird', onlink: true },
    ...more,
  })
  const network = (uses: SharedView[]) =>
    networkOf([namespace('a', { routes: [route('10.9.0.0/16', { type: 'blackhole' })], shared: uses })], [], { pods })

  it('become routes of everybody else, among the own ones', () => {
    const net = network([use('route')])
    const routes = routesOf(net, net.namespaces['a']!).filter((item) => item.table === 'main')
    expect(text(routes)).toEqual(['unicast 10.2.0.0/26 tunl0', 'blackhole 10.9.0.0/16 -', 'unicast fd00:3::/122 tunl0'])
    expect(routes[0]).toMatchObject({ via: '172.17.0.2', onlink: true, protocol: 'bird', scope: 'global' })
    expect(routes[2]).toMatchObject({ metric: 1024, pref: 'medium' })
  })

  it('can leave owners out, and the gateway', () => {
    const net = network([use('route', { except: ['c'], route: { protocol: '80', noVia: true, scope: 'link' } })])
    const routes = routesOf(net, net.namespaces['a']!).filter((item) => item.protocol === '80')
    expect(routes).toHaveLength(1)
    expect(routes[0]).not.toHaveProperty('via')
  })

  it('become neighbours and forwarding entries', () => {
    const net = network([use('neighbour'), use('fdb')])
    const ns = net.namespaces['a']!
    expect(neighboursOf(net, ns)).toMatchObject([
      { dst: '172.17.0.2', lladdr: '66:00:00:00:00:02', state: 'PERMANENT' },
    ])
    expect(fdbOf(net, ns)).toMatchObject([
      { mac: '66:00:00:00:00:02', dst: '172.17.0.2', self: true, state: 'permanent' },
    ])
  })
})

describe('rules', () => {
  it('are the kernel’s own ones where none are named', () => {
    const ns = namespace('a')
    expect(rulesOf(ns, 'inet').map((rule) => [rule.priority, rule.table])).toEqual([
      [0, 'local'],
      [32766, 'main'],
      [32767, 'default'],
    ])
    expect(rulesOf(ns, 'inet6').map((rule) => rule.table)).toEqual(['local', 'main'])
  })
})

describe('builders', () => {
  it('number interfaces, add lo and the kernel’s routes', () => {
    const ns = namespace('a', {
      interfaces: [iface({ name: 'eth0', addresses: ['10.0.0.1/24'] }), iface({ name: 'eth1' })],
      forwarding: true,
    })
    expect(Object.values(ns.interfaces).map((link) => [link.name, link.ifindex])).toEqual([
      ['lo', 1],
      ['eth0', 2],
      ['eth1', 3],
    ])
    expect(ns.routes.some((item) => item.dst === '10.0.0.0/24')).toBe(true)
    expect(ns.sysctls['net.ipv4.conf.eth1.forwarding']).toBe('1')
  })

  it('give the same MAC for the same name', () => {
    expect(iface({ name: 'eth0' }).mac).toBe(iface({ name: 'eth0' }).mac)
    expect(iface({ name: 'eth0' }).mac).not.toBe(iface({ name: 'eth1' }).mac)
    expect(iface({ name: 'tunl0', kind: 'ipip' }).mac).toBeUndefined()
  })

  it.each([
    ['address', () => address('10.0.0.1')],
    ['route', () => route('10.0.0.1/24')],
    ['gateway', () => route('default', { via: 'x' })],
    ['MAC', () => iface({ name: 'e', mac: 'x' })],
  ])('refuse a wrong %s', (_, make) => expect(make).toThrow(InputError))
})

describe('segments and topology', () => {
  const port = (name: string) => iface({ name, master: 'br0' })
  const network = networkOf(
    [
      namespace('sw', { role: 'switch', interfaces: [iface({ name: 'br0', kind: 'bridge' }), port('p1'), port('p2')] }),
      namespace('a', {
        role: 'node',
        interfaces: [
          iface({ name: 'eth0', addresses: ['10.0.0.1/24'] }),
          iface({ name: 'tunl0', kind: 'ipip', ipip: { ttl: 0, tos: 0, pmtudisc: false } }),
        ],
        routes: [route('10.2.0.0/26', { via: '10.0.0.2', dev: 'tunl0', onlink: true })],
      }),
      namespace('b', {
        role: 'node',
        interfaces: [
          iface({ name: 'eth0', addresses: ['10.0.0.2/24'] }),
          iface({ name: 'tunl0', kind: 'ipip', ipip: { ttl: 0, tos: 0, pmtudisc: false } }),
        ],
      }),
    ],
    [cable(['sw', 'p1'], ['a', 'eth0']), cable(['sw', 'p2'], ['b', 'eth0'])],
  )

  it('joins wires and bridges', () => {
    expect(segmentsOf(network)).toEqual([
      {
        name: 'sw/br0',
        stations: expect.arrayContaining([
          { netns: 'a', dev: 'eth0' },
          { netns: 'b', dev: 'eth0' },
          { netns: 'sw', dev: 'br0' },
        ]) as unknown,
        ports: [
          { netns: 'sw', dev: 'p1' },
          { netns: 'sw', dev: 'p2' },
        ],
      },
    ])
  })

  it('is a graph of namespaces and segments with tunnels as edges', () => {
    const graph = topology(network)
    expect(graph.nodes().sort()).toEqual(['a', 'b', 'segment sw/br0'])
    const edges = graph
      .mapEdges((_, attributes, from, to) => `${from} ${to} ${attributes.type} ${attributes.dev}`)
      .sort()
    expect(edges).toEqual(['a b tunnel tunl0', 'a segment sw/br0 attachment eth0', 'b segment sw/br0 attachment eth0'])
    expect(graph.filterEdges((_, attributes) => attributes.type === 'tunnel' && attributes.mutual)).toEqual([])
  })
})
