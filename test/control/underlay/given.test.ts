// What an Underlay may say, and what the kernel of each machine then has.
import { describe, expect, test } from 'vitest'
import { routesOf, rulesOf, validate } from '../../../src/model/index.ts'
import { build, node, object, pool, routeWords } from '../cluster-objects.ts'

interface Spec {
  readonly segments: readonly object[]
  readonly nodes: readonly object[]
  readonly routers?: readonly object[]
}

const LAN = { name: 'lan', cidr: '10.0.1.0/24', gateway: '10.0.1.1' }
const EXTRA = { segments: [LAN], nodes: [] }

/** A cluster of one node, and whatever the Underlay has besides. */
function cluster(spec: Partial<Spec>, machine: object = {}) {
  const { segments, nodes, ...rest } = { ...EXTRA, ...spec }
  const a = { name: 'a', interfaces: [{ name: 'eth0', segment: 'lan', address: '10.0.1.10/24' }], ...machine }
  const underlay = object('Underlay', 'u', { segments, nodes: [a, ...nodes], ...rest })
  return build([node('a', '10.0.1.10/24'), pool('p', '10.244.0.0/16'), underlay])
}

function routes(built: ReturnType<typeof cluster>, netns: string, table = 'main'): string[] {
  return routesOf(built.network, built.network.namespaces[netns]!)
    .filter((route) => route.table === table && !route.dst.startsWith('fe80') && !route.dst.startsWith('ff00'))
    .map(routeWords)
}

/** Machines of node `a`, and the routes of its main table. */
const ROUTES: readonly (readonly [name: string, machine: object, routes: readonly string[]])[] = [
  ['nothing said: a default route by the gateway', {}, ['default via 10.0.1.1 dev eth0']],
  ['routes of its own: no other', { routes: [] }, []],
  [
    'a gateway without device: the one whose subnet has it',
    { routes: ['10.0.2.0/24 via 10.0.1.254'] },
    ['10.0.2.0/24 via 10.0.1.254 dev eth0'],
  ],
  ['without gateway: scope link', { routes: ['10.0.3.0/24 dev eth0'] }, ['10.0.3.0/24 dev eth0 scope link']],
  [
    'a gateway of another subnet, on-link',
    { routes: ['default via 10.9.9.9 dev eth0 onlink'] },
    ['default via 10.9.9.9 dev eth0 onlink'],
  ],
  [
    'all attributes',
    { routes: ['10.0.4.0/24 via 10.0.1.2 dev eth0 proto static src 10.0.1.10 metric 50 mtu 1400'] },
    ['10.0.4.0/24 via 10.0.1.2 dev eth0 proto static src 10.0.1.10 metric 50 mtu 1400'],
  ],
  [
    'a refusal',
    { routes: ['blackhole 10.0.0.0/8', 'unreachable 172.16.0.0/12'] },
    ['blackhole 10.0.0.0/8', 'unreachable 172.16.0.0/12'],
  ],
  [
    'IPv6 has a metric',
    { routes: ['fd00:9::/64 via fe80::1 dev eth0'] },
    ['fd00:9::/64 via fe80::1 dev eth0 metric 1024 pref medium'],
  ],
]

describe('routes of a machine', () => {
  test.each(ROUTES)('%s', (_, machine, want) => {
    const built = cluster({}, machine)
    expect(built.findings.faults).toEqual([])
    const connected = '10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.10'
    expect(new Set(routes(built, 'a'))).toEqual(new Set([connected, ...want]))
    expect(validate(built.network)).toEqual([])
  })

  test('several next hops', () => {
    const built = cluster(
      {},
      { routes: ['default nexthop via 10.0.1.2 dev eth0 weight 1 nexthop via 10.0.1.3 weight 2'] },
    )
    const route = built.network.namespaces['a']!.routes.find(
      ({ dst, table }) => dst === '0.0.0.0/0' && table === 'main',
    )
    expect(route?.nexthops).toEqual([
      { via: '10.0.1.2', dev: 'eth0', weight: 1 },
      { via: '10.0.1.3', dev: 'eth0', weight: 2 },
    ])
  })

  test('a table of its own, and the rule that leads to it', () => {
    const built = cluster(
      {},
      { routes: ['default via 10.0.1.9 table 100'], rules: ['1000: from 10.0.1.10 lookup 100'] },
    )
    expect(routes(built, 'a', '100')).toEqual(['default via 10.0.1.9 dev eth0'])
    expect(rulesOf(built.network.namespaces['a']!, 'inet').map(({ priority, table }) => [priority, table])).toEqual([
      [0, 'local'],
      [1000, '100'],
      [32766, 'main'],
      [32767, 'default'],
    ])
    expect(rulesOf(built.network.namespaces['a']!, 'inet6')).toHaveLength(2)
  })
})

/** What is wrong with a spec or a machine: the path, and a piece of what would be right. */
const FAULTS: readonly (readonly [
  name: string,
  spec: Partial<Spec>,
  machine: object,
  path: string,
  expected: string,
])[] = [
  ['a word nobody knows', {}, { routes: ['default vai 10.0.1.1'] }, 'nodes.0.routes.0', 'without the word vai'],
  [
    'a gateway nobody is near',
    {},
    { routes: ['default via 10.7.0.1 dev eth0'] },
    'nodes.0.routes.0',
    'or the word onlink',
  ],
  [
    'a device that is not there',
    {},
    { routes: ['10.2.0.0/16 dev eth7'] },
    'nodes.0.routes.0',
    'one of the interfaces eth0, lo',
  ],
  ['neither gateway nor device', {}, { routes: ['10.2.0.0/16'] }, 'nodes.0.routes.0', 'a gateway or a device'],
  ['a route that is none', {}, { routes: ['10.2.0.0/99 via 10.0.1.1'] }, 'nodes.0.routes.0', 'a destination prefix'],
  [
    'a rule without priority',
    {},
    { rules: ['from all lookup 100'] },
    'nodes.0.rules.0',
    'a priority and a colon first',
  ],
  [
    'a rule with a word nobody knows',
    {},
    { rules: ['5: form 10.0.0.1 lookup 100'] },
    'nodes.0.rules.0',
    'without the word form',
  ],
  [
    'a setting nobody knows',
    {},
    { sysctls: { 'net.ipv4.conf.all.rp_filer': '1' } },
    'nodes.0.sysctls',
    'a kernel setting packetwalk knows',
  ],
  [
    'a setting of a device that is not there',
    {},
    { sysctls: { 'net.ipv4.conf.eth9.rp_filter': '1' } },
    'nodes.0.sysctls',
    'as interface',
  ],
  [
    'a setting that is no number',
    {},
    { sysctls: { 'net.ipv4.conf.all.rp_filter': 'on' } },
    'nodes.0.sysctls',
    'a number',
  ],
  ['a setting that is Felix’s', {}, { sysctls: { 'net.ipv4.ip_forward': '0' } }, 'nodes.0.sysctls', 'ipForwarding'],
  [
    'an address twice on a card',
    {},
    { interfaces: [{ name: 'eth0', segment: 'lan', addresses: ['10.0.1.10/24', '10.0.1.10/24'] }] },
    'nodes.0.interfaces.0.addresses.1',
    'each address once',
  ],
  [
    'address and addresses',
    {},
    { interfaces: [{ name: 'eth0', segment: 'lan', address: '10.0.1.10/24', addresses: ['10.0.1.11/24'] }] },
    'nodes.0.interfaces.0.address',
    'addresses for several',
  ],
  [
    'a dummy on a segment',
    {},
    {
      interfaces: [
        { name: 'eth0', segment: 'lan', address: '10.0.1.10/24' },
        { name: 'd0', kind: 'dummy', segment: 'lan' },
      ],
    },
    'nodes.0.interfaces.1.segment',
    'a dummy leads nowhere',
  ],
  ['neither cidr nor cidrs', { segments: [LAN, { name: 'x' }] }, {}, 'segments.1.cidr', 'cidrs for several'],
  [
    'a gateway outside',
    { segments: [{ ...LAN, gateway: '10.0.2.1' }] },
    {},
    'segments.0.gateway',
    'an address inside 10.0.1.0/24',
  ],
  [
    'two gateways of one range',
    { segments: [{ ...LAN, gateways: ['10.0.1.2'] }] },
    {},
    'segments.0.gateways.0',
    'one address inside',
  ],
  [
    'a filter with a port of no protocol',
    { segments: [{ ...LAN, filters: [{ port: 179 }] }] },
    {},
    'segments.0.filters.0.port',
    'protocol tcp, udp or sctp',
  ],
  [
    'a filter with a protocol nobody knows',
    { segments: [{ ...LAN, filters: [{ protocol: 'vxlan' }] }] },
    {},
    'segments.0.filters.0.protocol',
    'an IP protocol',
  ],
  [
    'a filter with a VNI of TCP',
    { segments: [{ ...LAN, filters: [{ protocol: 'tcp', vni: 4096 }] }] },
    {},
    'segments.0.filters.0.vni',
    'protocol udp',
  ],
  [
    'a filter of two families',
    { segments: [{ ...LAN, filters: [{ source: '10.0.0.0/8', destination: 'fd00::/8' }] }] },
    {},
    'segments.0.filters.0.destination',
    'of the family of',
  ],
  [
    'masquerading without internet',
    { routers: [{ name: 'r', interfaces: [], masquerade: true }] },
    {},
    'routers.0.masquerade',
    'internet: true',
  ],
  [
    'a router with a node’s name',
    { routers: [{ name: 'a', interfaces: [] }] },
    {},
    'routers.0.name',
    'a name of its own',
  ],
  [
    'a router’s address that a node has',
    { routers: [{ name: 'r', interfaces: [{ name: 'e', segment: 'lan', address: '10.0.1.10/24' }] }] },
    {},
    'nodes',
    'an address nobody else has on lan',
  ],
]

describe('what an Underlay may not say', () => {
  test.each(FAULTS)('%s', (_, spec, machine, path, expected) => {
    const { faults } = cluster(spec, machine).findings
    expect(faults.map((fault) => fault.path.join('.'))).toContainEqual(expect.stringContaining(path))
    expect(faults.map((fault) => fault.expected).join('\n')).toContain(expected)
  })
})

describe('interfaces', () => {
  test('IPv4 and IPv6 on one card, several of each', () => {
    const segments = [
      { name: 'lan', cidrs: ['10.0.1.0/24', '10.0.9.0/24', 'fd00:1::/64'], gateways: ['10.0.1.1', 'fd00:1::1'] },
    ]
    const addresses = ['10.0.1.10/24', '10.0.1.11/24', '10.0.9.10/24', 'fd00:1::10/64']
    const built = cluster({ segments }, { interfaces: [{ name: 'eth0', segment: 'lan', addresses }] })
    expect(built.findings.faults).toEqual([])
    const eth0 = built.network.namespaces['a']!.interfaces['eth0']!
    expect(eth0.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local)).toEqual([
      '10.0.1.10',
      '10.0.1.11',
      '10.0.9.10',
      'fd00:1::10',
    ])
    expect(eth0.addresses.find(({ local }) => local === '10.0.1.11')?.secondary).toBe(true)
    expect(routes(built, 'a')).toEqual([
      'default via 10.0.1.1 dev eth0',
      '10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.10',
      '10.0.9.0/24 dev eth0 proto kernel scope link src 10.0.9.10',
      'fd00:1::/64 dev eth0 proto kernel metric 256 pref medium',
      '::/0 via fd00:1::1 dev eth0 metric 1024 pref medium',
    ])
    expect(built.network.namespaces['router']!.interfaces['eth0']!.addresses.map(({ local }) => local)).toEqual(
      expect.arrayContaining(['10.0.1.1', 'fd00:1::1']),
    )
    expect(validate(built.network)).toEqual([])
  })

  test('lo and dummies have addresses and lead nowhere; lo keeps its place and number', () => {
    const interfaces = [
      { name: 'eth0', segment: 'lan', address: '10.0.1.10/24' },
      { name: 'lo', address: '10.255.0.1/32' },
      { name: 'nodelocaldns', kind: 'dummy', address: '169.254.20.10/32' },
    ]
    const { network, findings } = cluster({}, { interfaces })
    expect(findings.faults).toEqual([])
    const { lo, eth0, nodelocaldns } = network.namespaces['a']!.interfaces
    expect(lo).toMatchObject({ ifindex: 1, kind: 'loopback', mtu: 65536 })
    expect(lo!.addresses.map(({ local, scope }) => `${local} ${scope}`)).toEqual([
      '127.0.0.1 host',
      '::1 host',
      '10.255.0.1 global',
    ])
    expect([eth0!.ifindex, nodelocaldns!.ifindex, nodelocaldns!.kind, nodelocaldns!.noarp]).toEqual([
      2,
      3,
      'dummy',
      true,
    ])
    expect(network.namespaces['a']!.routes.filter(({ dst }) => dst === '10.255.0.1/32').map(routeWords)).toEqual([
      'local 10.255.0.1 dev lo proto kernel scope host src 10.255.0.1',
    ])
    expect(validate(network)).toEqual([])
  })

  test('kernel settings', () => {
    const built = cluster({}, { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } })
    expect(built.findings.faults).toEqual([])
    expect(built.network.namespaces['a']!.sysctls['net.ipv4.conf.all.rp_filter']).toBe('1')
  })
})

describe('segments of one range', () => {
  const nat = (name: string) => ({ name, cidr: '10.0.2.0/24', gateway: '10.0.2.2' })
  const host = (name: string, segment: string) => ({
    name,
    interfaces: [{ name: 'eth0', segment, address: '10.0.2.15/24' }],
  })
  const built = cluster({ segments: [LAN, nat('nat1'), nat('nat2')], nodes: [host('x', 'nat1'), host('y', 'nat2')] })

  test('each has a router of its own that hides it; the others share one', () => {
    expect(built.findings.faults).toEqual([])
    const roles = Object.values(built.network.namespaces).map((ns) => `${ns.role} ${ns.name}`)
    expect(roles.filter((role) => /^(router|external)/.test(role))).toEqual([
      'router router',
      'router router-nat1',
      'router router-nat2',
      'external internet',
    ])
    const masquerades = (name: string): unknown =>
      built.network.namespaces[name]!.iptables?.tables.nat?.chains['POSTROUTING']?.rules.map(
        ({ target }) => target?.kind,
      )
    expect(['router', 'router-nat1', 'router-nat2'].map(masquerades)).toEqual([
      undefined,
      ['MASQUERADE'],
      ['MASQUERADE'],
    ])
    expect(validate(built.network)).toEqual([])
  })

  test('the internet knows a way back to none of them', () => {
    expect(routes(built, 'internet')).toEqual([
      '10.0.1.0/24 via 203.0.113.1 dev eth0 proto static',
      '198.18.0.4/30 dev eth1 proto kernel scope link src 198.18.0.6',
      '198.18.0.8/30 dev eth2 proto kernel scope link src 198.18.0.10',
      '203.0.113.0/30 dev eth0 proto kernel scope link src 203.0.113.2',
    ])
  })
})

describe('routers', () => {
  const r = { name: 'r', interfaces: [{ name: 'lan0', segment: 'lan', address: '10.0.1.1/24' }] }
  const roles = (spec: Partial<Spec>): string[] =>
    Object.values(cluster(spec).network.namespaces).map((ns) => `${ns.role} ${ns.name}`)

  test('one that is the gateway takes the place of the assumed one, and leads to the internet where it says so', () => {
    expect(roles({ routers: [r] })).toEqual(['node a', 'switch switch-lan', 'router r'])
    expect(roles({ routers: [{ ...r, internet: true }] })).toEqual([
      'node a',
      'switch switch-lan',
      'router r',
      'external internet',
    ])
  })

  test('one that is not leaves the gateway to the assumed one', () => {
    const beside = { name: 'r', interfaces: [{ name: 'lan0', segment: 'lan', address: '10.0.1.254/24' }] }
    expect(roles({ routers: [beside] })).toEqual([
      'node a',
      'switch switch-lan',
      'router router',
      'router r',
      'external internet',
    ])
  })

  test('its own default route beats the way out', () => {
    const built = cluster({ routers: [{ ...r, internet: true, routes: ['default via 10.0.1.10'] }] })
    expect(routes(built, 'r').filter((line) => line.startsWith('default'))).toEqual(['default via 10.0.1.10 dev lan0'])
  })
})
