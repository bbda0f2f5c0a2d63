// The verb `bgp`: what the filters of a node do with routes.
import { describe, expect, it } from 'vitest'
import { answerCalico, type BgpFamilyRoutes, type BgpResult, type BgpRoute } from '../../src/calico/index.ts'
import { affinity, bgpDefault, bgpPeer, calicoObject, kubeNode, pool } from '../support/bgp-objects.ts'

const ALDER = kubeNode('alder', '192.0.2.10/24')
const BIRCH = kubeNode('birch', '192.0.2.9/24')
const BASE = [ALDER, BIRCH, pool('east', '10.77.0.0/16'), affinity('alder', '10.77.9.0/26')]

function judged(objects: readonly object[], ipv4: BgpFamilyRoutes, calicoVersion = 'v3.34.0', node = 'alder') {
  const answer = answerCalico({ verb: 'bgp', node, objects: [...BASE, ...objects], routes: { ipv4 }, calicoVersion })
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return (answer.result as BgpResult).verdicts!.ipv4!
}

/** The verdict on a route to the other node, which is of the same AS, or to a router of another. */
function exported(objects: readonly object[], route: BgpRoute, peer = '192.0.2.9', version?: string) {
  return judged(objects, { export: [{ peer, port: 179, routes: [route] }] }, version).export[0]![0]!
}

function imported(objects: readonly object[], route: BgpRoute, peer = '192.0.2.1') {
  return judged(objects, { import: [{ peer, routes: [route] }] }).import[0]![0]!
}

function inKernel(objects: readonly object[], route: BgpRoute, version?: string, node?: string) {
  return judged(objects, { kernel: [route] }, version, node).kernel[0]!
}

const TOR = bgpPeer('tor', { peerIP: '192.0.2.1', asNumber: 65000, filters: ['f'] })
const NORMAL = 2147483647 - 1024
const accept = (localPref: number, more: object = {}): object => ({
  verdict: 'accept',
  localPref,
  addedCommunities: [],
  prepended: [],
  ...more,
})
const REJECT = { verdict: 'reject' }

describe('to a peer goes', () => {
  it.each<[what: string, route: BgpRoute, expected: object]>([
    [
      '[bgp.md §2] an own block, with the normal priority',
      { prefix: '10.77.9.0/26', source: 'static' },
      accept(NORMAL),
    ],
    [
      '[bgp.md §4.5] nothing inside an own block',
      { prefix: '10.77.9.5/32', source: 'kernel', interface: 'cali12', metric: 1024 },
      REJECT,
    ],
    [
      '[bgp.md §4.5] what is better than normal inside an own block',
      { prefix: '10.77.9.5/32', source: 'kernel', interface: 'cali12', metric: 512 },
      accept(2147483135),
    ],
    [
      '[bgp.md §4] a borrowed address, which is in a pool',
      { prefix: '10.77.40.5/32', source: 'kernel', interface: 'cali12', metric: 1024 },
      accept(NORMAL),
    ],
    [
      '[bgp.md §4.9] no subnet of an interface',
      { prefix: '192.0.2.0/24', source: 'direct', interface: 'eth0' },
      REJECT,
    ],
    ['[bgp.md §4.9] no default route', { prefix: '0.0.0.0/0', source: 'kernel', interface: 'eth0' }, REJECT],
    [
      '[bgp.md §4.3] nothing that Felix routes by VXLAN',
      { prefix: '10.77.10.0/26', source: 'kernel', interface: 'vxlan.calico' },
      REJECT,
    ],
    [
      '[bgp.md §4.3] nothing that Felix routes by WireGuard',
      { prefix: '10.77.10.0/26', source: 'kernel', interface: 'wireguard.cali' },
      REJECT,
    ],
    [
      '[bgp.md §4.3] nothing that Felix routes by IPIP',
      { prefix: '10.77.10.0/26', source: 'kernel', interface: 'tunl0' },
      REJECT,
    ],
    [
      'what somebody routes into a pool by hand',
      { prefix: '10.77.10.0/26', source: 'kernel', interface: 'eth1' },
      accept(NORMAL),
    ],
    [
      'what another peer told, with its priority',
      { prefix: '10.77.10.0/26', source: 'bgp', localPref: 2147483000 },
      accept(2147483000),
    ],
    ['nothing of the eBPF dataplane', { prefix: '10.77.10.1/32', source: 'kernel', interface: 'bpfin.cali' }, REJECT],
  ])('%s', (_, route, expected) => {
    expect(exported([], route)).toEqual(expected)
  })

  it.each<[what: string, route: BgpRoute, expected: object]>([
    [
      '[bgp.md §9] what Felix routes by VXLAN',
      { prefix: '10.77.10.0/26', source: 'kernel', interface: 'vxlan.calico' },
      accept(NORMAL),
    ],
    [
      '[bgp.md §4.3] still nothing of the eBPF dataplane',
      { prefix: '10.77.10.1/32', source: 'kernel', interface: 'bpfin.cali' },
      REJECT,
    ],
  ])('of another AS %s', (_, route, expected) => {
    expect(exported([TOR], route, '192.0.2.1')).toEqual(expected)
  })

  it('[bgp.md §4.2] nothing of a pool that is kept out of BGP', () => {
    const hidden = pool('hidden', '10.78.0.0/16', { disableBGPExport: true })
    expect(exported([hidden, affinity('alder', '10.78.1.0/26')], { prefix: '10.78.1.0/26', source: 'static' })).toEqual(
      REJECT,
    )
  })

  it('what BIRD routes by IPIP, where it does', () => {
    const owner = bgpDefault({ programClusterRoutes: 'Enabled' })
    const route: BgpRoute = { prefix: '10.77.10.0/26', source: 'kernel', interface: 'tunl0' }
    expect([exported([owner], route), exported([], route, '192.0.2.9', 'v3.32.1')]).toEqual([
      accept(NORMAL),
      accept(NORMAL),
    ])
  })

  it('[bgp.md §4.4] communities of prefixes: by value, by name, once each', () => {
    const config = bgpDefault({
      communities: [{ name: 'site', value: '65000:7:9' }],
      prefixAdvertisements: [
        { cidr: '10.77.0.0/16', communities: ['site', '65000:20', 'nobody', '65000:20'] },
        { cidr: '10.99.0.0/16', communities: ['65000:1'] },
      ],
    })
    const route: BgpRoute = { prefix: '10.77.9.0/26', source: 'static' }
    expect(exported([config], route)).toEqual(accept(NORMAL, { addedCommunities: ['65000:20', '65000:7:9'] }))
    const own = calicoObject('BGPConfiguration', 'node.alder', {
      prefixAdvertisements: [{ cidr: '10.77.9.0/24', communities: ['65000:3'] }],
    })
    expect(exported([config, own], route)).toEqual(accept(NORMAL, { addedCommunities: ['65000:3'] }))
  })

  it.each([
    ['244.0.0.1', accept(NORMAL)],
    [undefined, REJECT],
  ])(
    '[bgp.md §4.7] what is in a range of external addresses, on a route reflector (cluster id %s)',
    (cluster, expected) => {
      const node = kubeNode('rowan', '192.0.2.30/24', cluster === undefined ? {} : { cluster })
      const config = bgpDefault({ serviceExternalIPs: [{ cidr: '203.0.113.7/32' }] })
      const routes = {
        export: [{ peer: '192.0.2.1', routes: [{ prefix: '203.0.113.7', source: 'bgp', localPref: NORMAL } as const] }],
      }
      expect(judged([node, config, TOR], routes, 'v3.34.0', 'rowan').export).toEqual([[expected]])
    },
  )

  it('[bgp.md §2] before v3.32: priorities are left alone', () => {
    const inside: BgpRoute = { prefix: '10.77.9.5/32', source: 'kernel', interface: 'cali12', metric: 512 }
    expect(exported([], inside, '192.0.2.9', 'v3.31.0')).toEqual(REJECT)
    expect(exported([], { prefix: '10.77.9.0/26', source: 'static' }, '192.0.2.9', 'v3.31.0')).toMatchObject({
      localPref: null,
    })
  })

  it('the priority that a BGPConfiguration calls normal', () => {
    const config = bgpDefault({ ipv4NormalRoutePriority: 2000 })
    expect(exported([config], { prefix: '10.77.9.0/26', source: 'static' })).toEqual(accept(2147481647))
    expect(exported([config], { prefix: '10.77.9.5/32', source: 'kernel', metric: 1024 })).toEqual(accept(NORMAL))
  })
})

describe('a BGPFilter', () => {
  const filter = (exportV4: readonly object[], importV4: readonly object[] = []): object =>
    calicoObject('BGPFilter', 'f', { exportV4, importV4 })
  const through = (rules: readonly object[], route: Partial<BgpRoute> = {}) =>
    exported([TOR, filter(rules)], { prefix: '10.77.9.0/26', source: 'static', ...route }, '192.0.2.1')
  const reject = (match: object): readonly object[] => [{ action: 'Reject', ...match }]

  it.each<[what: string, match: object, route: Partial<BgpRoute>, isMatch: boolean]>([
    ['[bgp.md §8] In: the range itself', { cidr: '10.77.9.0/26', matchOperator: 'In' }, {}, true],
    ['[bgp.md §8] In: inside of it', { cidr: '10.77.0.0/16', matchOperator: 'In' }, {}, true],
    ['[bgp.md §8] In: not what holds it', { cidr: '10.77.9.0/27', matchOperator: 'In' }, {}, false],
    ['[bgp.md §8] Equal: the range itself', { cidr: '10.77.9.0/26', matchOperator: 'Equal' }, {}, true],
    ['[bgp.md §8] Equal: not inside of it', { cidr: '10.77.0.0/16', matchOperator: 'Equal' }, {}, false],
    ['[bgp.md §8] NotEqual: inside of it', { cidr: '10.77.0.0/16', matchOperator: 'NotEqual' }, {}, true],
    ['[bgp.md §8] NotIn: outside of it', { cidr: '10.78.0.0/16', matchOperator: 'NotIn' }, {}, true],
    ['[bgp.md §8] NotIn: not inside of it', { cidr: '10.77.0.0/16', matchOperator: 'NotIn' }, {}, false],
    [
      '[bgp.md §8] a length in bounds',
      { cidr: '10.77.0.0/16', matchOperator: 'In', prefixLength: { min: 24, max: 26 } },
      {},
      true,
    ],
    [
      '[bgp.md §8] not a length beyond them',
      { cidr: '10.77.0.0/16', matchOperator: 'In', prefixLength: { max: 25 } },
      {},
      false,
    ],
    [
      'NotIn with a length beyond the bounds',
      { cidr: '10.77.0.0/16', matchOperator: 'NotIn', prefixLength: { min: 27 } },
      {},
      true,
    ],
    ['[bgp.md §8] RemotePeers: learnt by BGP', { source: 'RemotePeers' }, { source: 'bgp', localPref: NORMAL }, true],
    ['[bgp.md §8] RemotePeers: not an own route', { source: 'RemotePeers' }, {}, false],
    [
      '[bgp.md §8] an interface by its pattern',
      { interface: 'vx*.cal?co' },
      { interface: 'vxlan.calico', source: 'kernel' },
      true,
    ],
    ['[bgp.md §8] no interface at all', { interface: '*' }, {}, false],
    ['[bgp.md §8] a peer of another AS', { peerType: 'eBGP' }, {}, true],
    ['[bgp.md §8] not a peer of the same AS', { peerType: 'iBGP' }, {}, false],
    [
      '[bgp.md §8] a community',
      { communities: { values: ['65000:5'] } },
      { communities: ['65000:4', '65000:5'] },
      true,
    ],
    [
      '[bgp.md §8] not a large community that is another',
      { communities: { values: ['65000:5:1'] } },
      { communities: ['65000:5'] },
      false,
    ],
    [
      '[bgp.md §8] how a path begins',
      { asPathPrefix: [65001, 65002] },
      { source: 'bgp', asPath: [65001, 65002, 65003] },
      true,
    ],
    ['[bgp.md §8] not how it ends', { asPathPrefix: [65002] }, { source: 'bgp', asPath: [65001, 65002] }, false],
    ['[bgp.md §8] a priority, of the metric', { priority: 512 }, { source: 'kernel', metric: 512 }, true],
    ['[bgp.md §8] a priority, of a learnt route', { priority: 1000 }, { source: 'bgp', localPref: 2147482647 }, true],
    ['[bgp.md §8] everything without a criterion', {}, {}, true],
    [
      '[bgp.md §8] all criteria, not one of two',
      { cidr: '10.77.0.0/16', matchOperator: 'In', source: 'RemotePeers' },
      {},
      false,
    ],
  ])('matches %s', (_, match, route, isMatch) => {
    expect(through(reject(match), route).verdict).toBe(isMatch ? 'reject' : 'accept')
  })

  it('[bgp.md §8] first rule first', () => {
    expect(through([{ action: 'Accept', cidr: '10.77.9.0/26', matchOperator: 'Equal' }, ...reject({})]).verdict).toBe(
      'accept',
    )
  })

  it('[bgp.md §8] can announce what Calico would not', () => {
    const route: BgpRoute = { prefix: '192.0.2.0/24', source: 'direct', interface: 'eth0' }
    expect(exported([TOR, filter([{ action: 'Accept' }])], route, '192.0.2.1')).toEqual(accept(NORMAL))
  })

  it('[bgp.md §8] is not for the mesh', () => {
    expect(exported([TOR, filter(reject({}))], { prefix: '10.77.9.0/26', source: 'static' }).verdict).toBe('accept')
  })

  it('[bgp.md §8] changes what it accepts: communities, path, priority', () => {
    const operations = [
      { addCommunity: { value: '65000:100' } },
      { addCommunity: { value: '65000:1:2' } },
      { prependASPath: { prefix: [65001, 65002] } },
      { setPriority: { value: 300 } },
    ]
    expect(through([{ action: 'Accept', operations }])).toEqual(
      accept(2147483347, { addedCommunities: ['65000:100', '65000:1:2'], prepended: [65001, 65002] }),
    )
  })

  it('runs those of a peer in order, the one that decides last', () => {
    const first = calicoObject('BGPFilter', 'a', {
      exportV4: [{ action: 'Accept', cidr: '10.77.9.0/26', matchOperator: 'Equal' }],
    })
    const last = calicoObject('BGPFilter', 'b', { exportV4: [{ action: 'Reject' }] })
    const route: BgpRoute = { prefix: '10.77.9.0/26', source: 'static' }
    const by = (filters: readonly string[]) =>
      exported([first, last, bgpPeer('tor', { peerIP: '192.0.2.1', asNumber: 65000, filters })], route, '192.0.2.1')
        .verdict
    expect([by(['a', 'b']), by(['b', 'a'])]).toEqual(['accept', 'reject'])
  })

  it.each<[what: string, rules: readonly object[], route: Partial<BgpRoute>, expected: object]>([
    ['[bgp.md §4] takes everything that no rule rejects', [], { localPref: 100 }, accept(100)],
    ['rejects what a rule rejects', reject({ cidr: '0.0.0.0/0', matchOperator: 'Equal' }), {}, REJECT],
    [
      'makes a priority of a community',
      [{ action: 'Accept', communities: { values: ['65000:9'] }, operations: [{ setPriority: { value: 100 } }] }],
      { communities: ['65000:9'] },
      accept(2147483547),
    ],
  ])('of routes that come in %s', (_, rules, route, expected) => {
    expect(imported([TOR, filter([], rules)], { prefix: '0.0.0.0/0', source: 'bgp', ...route })).toEqual(expected)
  })
})

describe('to the kernel goes', () => {
  const kernel = (metric: number | null, more: object = {}): object => ({
    verdict: 'accept',
    metric,
    tunnel: null,
    preference: null,
    ...more,
  })
  const learnt = (prefix: string, more: Partial<BgpRoute> = {}): BgpRoute => ({
    prefix,
    source: 'bgp',
    localPref: NORMAL,
    nextHop: '192.0.2.9',
    ...more,
  })
  const POOLS = [
    pool('ipip', '10.80.0.0/16', { ipipMode: 'Always' }),
    pool('cross', '10.81.0.0/16', { ipipMode: 'CrossSubnet' }),
    pool('vxlan', '10.82.0.0/16', { vxlanMode: 'CrossSubnet' }),
  ]
  const programming = (value: string): object => bgpDefault({ programClusterRoutes: value })

  it.each<[what: string, config: readonly object[], route: BgpRoute, expected: object]>([
    ['[bgp.md §5] a block without encapsulation, with a metric', [], learnt('10.77.10.0/26'), kernel(1024)],
    [
      '[bgp.md §5] a learnt route without local preference',
      [],
      learnt('10.77.10.0/26', { localPref: undefined as never }),
      kernel(1024),
    ],
    [
      '[bgp.md §5] a better one, before what is local',
      [],
      learnt('10.77.10.0/26', { localPref: 2147483135 }),
      kernel(512, { preference: 200 }),
    ],
    [
      '[bgp.md §9] a default route of a router, with a poor metric',
      [],
      learnt('0.0.0.0/0', { localPref: 100 }),
      kernel(2147483547),
    ],
    ['[bgp.md §5] an own block', [], { prefix: '10.77.9.0/26', source: 'static' }, kernel(null)],
    ['[bgp.md §5] nothing of VXLAN', [programming('Enabled')], learnt('10.82.1.0/26'), REJECT],
    ['[bgp.md §5] nothing of IPIP where Felix has it', [], learnt('10.80.1.0/26'), REJECT],
    [
      '[bgp.md §5] IPIP by tunl0 where BIRD has it',
      [programming('EnabledIPIPOnly')],
      learnt('10.80.1.0/26'),
      kernel(1024, { tunnel: 'tunl0' }),
    ],
    [
      '[bgp.md §5] CrossSubnet in the own subnet: plain',
      [programming('Enabled')],
      learnt('10.81.1.0/26'),
      kernel(1024),
    ],
    [
      '[bgp.md §5] CrossSubnet from elsewhere: by tunl0',
      [programming('Enabled')],
      learnt('10.81.1.0/26', { nextHop: '198.51.100.7' }),
      kernel(1024, { tunnel: 'tunl0' }),
    ],
    ['nothing without encapsulation where Felix has it', [programming('Disabled')], learnt('10.77.10.0/26'), REJECT],
    ['what is in no pool, whoever has the others', [programming('Disabled')], learnt('172.16.0.0/12'), kernel(1024)],
    [
      '[bgp.md §5] no range of Services',
      [bgpDefault({ serviceClusterIPs: [{ cidr: '10.96.0.0/16' }] })],
      learnt('10.96.7.0/24'),
      REJECT,
    ],
  ])('%s', (_, config, route, expected) => {
    expect(inKernel([...POOLS, ...config], route)).toEqual(expected)
  })

  it.each([
    ['v3.32.1', kernel(1024, { tunnel: 'tunl0' })],
    ['v3.31.0', kernel(null, { tunnel: 'tunl0' })],
    ['v3.33.0', REJECT],
  ])('[bgp.md §6] a block of IPIP, by %s', (version, expected) => {
    expect(inKernel(POOLS, learnt('10.80.1.0/26'), version)).toEqual(expected)
  })

  it.each([
    ['v3.33.0', 'reject'],
    ['v3.32.0', 'accept'],
  ])('[bgp.md §5] between nodes with WireGuard by %s: %s', (version, verdict) => {
    const wireguard = (name: string, address: string): object => ({
      ...kubeNode(name, address),
      metadata: {
        name,
        annotations: {
          'projectcalico.org/IPv4Address': address,
          'projectcalico.org/IPv4WireguardInterfaceAddr': '10.77.200.1',
        },
      },
    })
    const objects = [wireguard('oak', '192.0.2.40/24'), wireguard('pine', '192.0.2.41/24')]
    const from = (nextHop: string) => inKernel(objects, learnt('10.77.10.0/26', { nextHop }), version, 'oak').verdict
    expect([from('192.0.2.41'), from('192.0.2.9')]).toEqual([verdict, 'accept'])
  })
})

it('a neighbour that is none is a fault of the request', () => {
  const routes = { ipv4: { import: [{ peer: '192.0.2.77', routes: [] }] } }
  expect(answerCalico({ verb: 'bgp', node: 'alder', objects: BASE, routes })).toEqual({
    error: 'routes.ipv4.import.0.peer: expected one of 192.0.2.9, received "192.0.2.77"',
  })
})
