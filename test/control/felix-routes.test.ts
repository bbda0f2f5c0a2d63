import { describe, expect, test } from 'vitest'
import type { KnownResource } from '../../src/control/index.ts'
import { fdbOf, neighboursOf } from '../../src/model/index.ts'
import { build, node, object, pod, pool, routesMatching } from './cluster-objects.ts'

/** The example of facts/felix-routes.md: A, B and C; one pod on A whose veth is cali0d7763386da. */
const NODES = [
  node('kind-control-plane', '172.18.0.2/16'),
  node('kind-worker', '172.18.0.3/16'),
  node('kind-worker2', '172.18.0.4/16'),
]
const POD = pod('web-0', 'kind-control-plane')
const OTHERS = [pod('b', 'kind-worker'), pod('c', 'kind-worker2')]
const A = 'kind-control-plane'

/** Section 3: pool mode, release, who owns, and the lines about the pool on node A. */
const TABLE: readonly [string, object, string, object | undefined, readonly string[]][] = [
  [
    'IPIP Always, v3.30: BIRD',
    { ipipMode: 'Always' },
    'v3.30.0',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto bird',
      '192.168.82.1 dev cali0d7763386da scope link',
      '192.168.110.128/26 via 172.18.0.4 dev tunl0 proto bird onlink',
      '192.168.162.128/26 via 172.18.0.3 dev tunl0 proto bird onlink',
    ],
  ],
  [
    'IPIP Always, v3.32: BIRD with metrics',
    { ipipMode: 'Always' },
    'v3.32.1',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto bird',
      '192.168.82.1 dev cali0d7763386da scope link metric 1024',
      '192.168.110.128/26 via 172.18.0.4 dev tunl0 proto bird metric 1024 onlink',
      '192.168.162.128/26 via 172.18.0.3 dev tunl0 proto bird metric 1024 onlink',
    ],
  ],
  [
    'IPIP Always, v3.33: Felix',
    { ipipMode: 'Always' },
    'v3.33.0',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto 80',
      '192.168.82.1 dev cali0d7763386da scope link metric 1024',
      '192.168.110.128/26 via 172.18.0.4 dev tunl0 proto 80 onlink mtu 1480',
      '192.168.162.128/26 via 172.18.0.3 dev tunl0 proto 80 onlink mtu 1480',
    ],
  ],
  [
    'VXLAN Always, v3.19: no blackhole',
    { vxlanMode: 'Always' },
    'v3.19.0',
    undefined,
    [
      '192.168.82.1 dev cali0d7763386da scope link',
      '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink',
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink',
    ],
  ],
  [
    'VXLAN Always, v3.30: no route MTU, no metric',
    { vxlanMode: 'Always' },
    'v3.30.0',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto 80',
      '192.168.82.1 dev cali0d7763386da scope link',
      '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink',
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink',
    ],
  ],
  [
    'VXLAN Always, v3.31: route MTU',
    { vxlanMode: 'Always' },
    'v3.31.0',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto 80',
      '192.168.82.1 dev cali0d7763386da scope link',
      '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink mtu 1450',
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink mtu 1450',
    ],
  ],
  [
    'VXLAN Always, v3.33',
    { vxlanMode: 'Always' },
    'v3.33.0',
    undefined,
    [
      'blackhole 192.168.82.0/26 proto 80',
      '192.168.82.1 dev cali0d7763386da scope link metric 1024',
      '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink mtu 1450',
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink mtu 1450',
    ],
  ],
  [
    'no encapsulation, v3.31: BIRD',
    {},
    'v3.31.0',
    undefined,
    [
      '192.168.82.0 dev cali0d7763386da scope link',
      'blackhole 192.168.82.0/26 proto bird',
      '192.168.110.128/26 via 172.18.0.4 dev eth0 proto bird',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto bird',
    ],
  ],
  [
    'no encapsulation, v3.33: still BIRD, with metrics',
    {},
    'v3.33.0',
    undefined,
    [
      '192.168.82.0 dev cali0d7763386da scope link metric 1024',
      'blackhole 192.168.82.0/26 proto bird',
      '192.168.110.128/26 via 172.18.0.4 dev eth0 proto bird metric 1024',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto bird metric 1024',
    ],
  ],
  [
    'no encapsulation by Felix',
    {},
    'v3.33.0',
    { programClusterRoutes: 'Enabled' },
    [
      '192.168.82.0 dev cali0d7763386da scope link metric 1024',
      'blackhole 192.168.82.0/26 proto 80',
      '192.168.110.128/26 via 172.18.0.4 dev eth0 proto 80 onlink',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto 80 onlink',
    ],
  ],
]

describe('routes of a node, by mode and release', () => {
  test.each(TABLE)('%s', (_, mode, version, felix, want) => {
    const config = felix ? [object('FelixConfiguration', 'default', felix)] : []
    const cluster = build([...NODES, pool('p', '192.168.0.0/16', mode), ...config, POD, ...OTHERS], version)
    expect(cluster.findings.faults).toEqual([])
    expect(routesMatching(cluster, A, /192\.168\./)).toEqual(want)
  })

  test('CrossSubnet VXLAN: the same subnet directly, the others through the tunnel', () => {
    const far = node('kind-worker2', '10.9.0.4/24')
    const items = [NODES[0]!, NODES[1]!, far, pool('p', '192.168.0.0/16', { vxlanMode: 'CrossSubnet' }), POD, ...OTHERS]
    expect(routesMatching(build(items, 'v3.33.0'), A, /^192.*via/)).toEqual([
      '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink mtu 1450',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto 80 onlink',
    ])
    expect(routesMatching(build(items, 'v3.33.0'), 'kind-worker2', /^192.*via/)).toEqual([
      '192.168.82.0/26 via 192.168.82.0 dev vxlan.calico onlink mtu 1450',
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink mtu 1450',
    ])
  })

  test('CrossSubnet IPIP by BIRD and by Felix', () => {
    const far = node('kind-worker2', '10.9.0.4/24')
    const items = [NODES[0]!, NODES[1]!, far, pool('p', '192.168.0.0/16', { ipipMode: 'CrossSubnet' }), POD, ...OTHERS]
    expect(routesMatching(build(items, 'v3.30.0'), A, /^192.*via/)).toEqual([
      '192.168.110.128/26 via 10.9.0.4 dev tunl0 proto bird onlink',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto bird',
    ])
    expect(routesMatching(build(items, 'v3.33.0'), A, /^192.*via/)).toEqual([
      '192.168.110.128/26 via 10.9.0.4 dev tunl0 proto 80 onlink mtu 1480',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto 80 onlink',
    ])
  })

  test('CrossSubnet looks at the local mask only: /32 sees nobody near', () => {
    const narrow = node('kind-control-plane', '172.18.0.2/32')
    const items = [narrow, NODES[1]!, pool('p', '192.168.0.0/16', { vxlanMode: 'CrossSubnet' }), POD, OTHERS[0]!]
    const underlay = object('Underlay', 'u', {
      segments: [{ name: 'lan', cidr: '172.18.0.0/16', gateway: '172.18.0.1' }],
      nodes: [
        { name: 'kind-control-plane', interfaces: [{ name: 'eth0', segment: 'lan', address: '172.18.0.2/16' }] },
        { name: 'kind-worker', interfaces: [{ name: 'eth0', segment: 'lan', address: '172.18.0.3/16' }] },
      ],
    })
    const cluster = build([...items, underlay], 'v3.30.0')
    expect(routesMatching(cluster, A, /^192.*via/)).toEqual([
      '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink',
    ])
    expect(routesMatching(cluster, 'kind-worker', /^192.*via/)).toEqual([
      '192.168.82.0/26 via 172.18.0.2 dev eth0 proto 80 onlink',
    ])
  })

  test('no encapsulation across a router: BIRD names the router; without a gateway the route is unreachable', () => {
    const far = node('kind-worker2', '10.9.0.4/24')
    const items = [NODES[0]!, NODES[1]!, far, pool('p', '192.168.0.0/16'), POD, ...OTHERS]
    expect(routesMatching(build(items), A, /^(unreachable )?192.168.110|^192.168.162/)).toEqual([
      '192.168.110.128/26 via 172.18.0.1 dev eth0 proto bird',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto bird',
    ])
    const underlay = object('Underlay', 'u', {
      segments: [
        { name: 'a', cidr: '172.18.0.0/16' },
        { name: 'b', cidr: '10.9.0.0/24' },
      ],
      nodes: [
        { name: 'kind-control-plane', interfaces: [{ name: 'eth0', segment: 'a', address: '172.18.0.2/16' }] },
        { name: 'kind-worker', interfaces: [{ name: 'eth0', segment: 'a', address: '172.18.0.3/16' }] },
        { name: 'kind-worker2', interfaces: [{ name: 'eth0', segment: 'b', address: '10.9.0.4/24' }] },
      ],
    })
    expect(routesMatching(build([...items, underlay]), A, /^(unreachable )?192.168.110|^192.168.162|default/)).toEqual([
      'unreachable 192.168.110.128/26 proto bird',
      '192.168.162.128/26 via 172.18.0.3 dev eth0 proto bird',
    ])
  })

  test('a borrowed address is a /32 towards its user, also on the owner of the block', () => {
    const items = [...NODES, pool('p', '192.168.0.0/16', { ipipMode: 'Always' }), POD, pod('c', 'kind-worker2')]
    const fixed = pod('b', 'kind-worker', { annotations: { 'cni.projectcalico.org/ipAddrs': '["192.168.110.140"]' } })
    const cluster = build([...items, fixed], 'v3.33.0')
    const want = '192.168.110.140 via 172.18.0.3 dev tunl0 proto 80 onlink mtu 1480'
    expect(routesMatching(cluster, A, /110\.140/)).toEqual([want])
    expect(routesMatching(cluster, 'kind-worker2', /110\.140/)).toEqual([want])
    expect(routesMatching(cluster, 'kind-worker', /110\.140/)[0]).toMatch(/^192.168.110.140 dev cali/)
  })

  // [felix-routes.md §2]: a remote tunnel address outside its own block is a route of the device.
  test.each([
    [
      'v3.30.0',
      'Always',
      {},
      ['192.168.0.0/26 via 192.168.0.0 dev vxlan.calico onlink', '192.168.0.2 dev vxlan.calico scope link'],
    ],
    [
      'v3.34.0',
      'Always',
      {},
      [
        '192.168.0.0/26 via 192.168.0.0 dev vxlan.calico onlink mtu 1450',
        '192.168.0.2 dev vxlan.calico scope link mtu 1450',
      ],
    ],
    [
      'v3.34.0',
      'Always',
      { blockSize: 32 },
      ['192.168.0.14 dev vxlan.calico scope link mtu 1450', '192.168.0.31 dev vxlan.calico scope link mtu 1450'],
    ],
    [
      'v3.34.0',
      'CrossSubnet',
      {},
      ['192.168.0.0/26 via 172.18.0.2 dev eth0 proto 80 onlink', '192.168.0.2 via 172.18.0.4 dev eth0 proto 80 onlink'],
    ],
  ])(
    '[felix-routes.md §2] tunnel addresses outside of a block of their node, in %s with vxlanMode %s',
    (version, vxlanMode, more, lines) => {
      const cluster = build([...NODES, pool('p', '192.168.0.0/26', { vxlanMode, blockSize: 26, ...more })], version)
      expect(routesMatching(cluster, 'kind-worker', /192\.168\./)).toEqual(lines)
    },
  )

  test('a VXLAN cluster has one neighbour and one FDB entry a peer, none for itself', () => {
    const cluster = build([...NODES, pool('p', '192.168.0.0/16', { vxlanMode: 'Always' })], 'v3.30.0')
    const namespace = cluster.network.namespaces[A]!
    expect(fdbOf(cluster.network, namespace).map(({ mac, dst, state }) => [mac, dst, state])).toEqual([
      ['66:46:b3:ce:05:5d', '172.18.0.3', 'permanent'],
      ['66:03:c5:fc:0f:e5', '172.18.0.4', 'permanent'],
    ])
    expect(neighboursOf(cluster.network, namespace).map(({ dst, lladdr }) => [dst, lladdr])).toEqual([
      ['192.168.162.128', '66:46:b3:ce:05:5d'],
      ['192.168.110.128', '66:03:c5:fc:0f:e5'],
    ])
  })

  test('nothing grows with nodes²: nodes that see the cluster alike share one list of uses', () => {
    const many = Array.from({ length: 50 }, (_, i) => node(`n${i}`, `172.18.1.${i + 1}/16`))
    const cluster = build([...many, pool('p', '10.0.0.0/8', { vxlanMode: 'Always' })], 'v3.30.0')
    const lists = new Set(many.map((each) => cluster.network.namespaces[each.metadata.name]!.shared))
    expect(lists.size).toBe(1)
    expect(Object.values(cluster.network.shared).reduce((sum, table) => sum + table.entries.length, 0)).toBe(100)
  })

  test('backend vxlan and none: without BIRD nobody programs IPIP and plain routes', () => {
    const backend = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'calico-config', namespace: 'kube-system' },
      data: { calico_backend: 'none' },
    } as const
    const cluster = build([...NODES, pool('p', '192.168.0.0/16', { ipipMode: 'Always' }), POD, backend], 'v3.30.0')
    expect(routesMatching(cluster, A, /192\.168\./)).toEqual(['192.168.82.1 dev cali0d7763386da scope link'])
  })
})

test.each([
  ['BIRD', 'v3.30.0', { component: 'bird', field: 'spec.ipipMode', note: expect.stringContaining('BIRD') }],
  ['Felix', 'v3.33.0', { component: 'felix', field: 'spec.ipipMode', note: expect.not.stringContaining('BIRD') }],
])('the blackhole of %s says who made it, and for what', (_, version, origin) => {
  const cluster = build([...NODES, pool('p', '192.168.0.0/16', { ipipMode: 'Always' }), POD], version)
  const blackhole = cluster.network.namespaces[A]!.routes.find(({ type }) => type === 'blackhole')
  expect(blackhole?.origin).toMatchObject({ ...origin, object: 'IPPool/p' })
})

describe('what one node is told, only that node does', () => {
  const items = [...NODES, pool('p', '192.168.0.0/16', { vxlanMode: 'Always' }), POD, ...OTHERS]
  const vxlanRoutes = (version: string, spec: object) => {
    const cluster = build([...items, object('FelixConfiguration', 'node.kind-worker', spec)], version)
    return NODES.map(({ metadata: { name } }) => [name, ...routesMatching(cluster, name, /dev vxlan\.calico.*onlink/)])
  }

  test('deviceRouteProtocol of one FelixConfiguration', () => {
    expect(vxlanRoutes('v3.30.0', { deviceRouteProtocol: 99 })).toEqual([
      [
        'kind-control-plane',
        '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico onlink',
        '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink',
      ],
      [
        'kind-worker',
        '192.168.82.0/26 via 192.168.82.0 dev vxlan.calico proto 99 onlink',
        '192.168.110.128/26 via 192.168.110.128 dev vxlan.calico proto 99 onlink',
      ],
      [
        'kind-worker2',
        '192.168.82.0/26 via 192.168.82.0 dev vxlan.calico onlink',
        '192.168.162.128/26 via 192.168.162.128 dev vxlan.calico onlink',
      ],
    ])
  })

  test('vxlanMTU of one FelixConfiguration, as route MTU', () => {
    const mtus = vxlanRoutes('v3.31.0', { vxlanMTU: 1400 }).map(([name, ...routes]) => [
      name,
      routes.map((text) => text!.split(' mtu ')[1]),
    ])
    expect(mtus).toEqual([
      ['kind-control-plane', ['1450', '1450']],
      ['kind-worker', ['1400', '1400']],
      ['kind-worker2', ['1450', '1450']],
    ])
  })

  test('nodes in one situation: each has no way to the other, and none of them one to itself', () => {
    // Addresses that no interface carries, and no gateway: BIRD resolves no next hop, on both nodes alike.
    const underlay = {
      apiVersion: 'packetwalk/v1',
      kind: 'Underlay',
      metadata: { name: 'u' },
      spec: {
        segments: [{ name: 's', cidr: '10.9.0.0/24' }],
        nodes: [
          { name: 'n1', interfaces: [{ name: 'eth0', address: '10.9.0.11/24', segment: 's' }] },
          { name: 'n2', interfaces: [{ name: 'eth0', address: '10.9.0.12/24', segment: 's' }] },
        ],
      },
    } as unknown as KnownResource
    const cluster = build([
      underlay,
      node('n1', '172.20.0.1/16'),
      node('n2', '172.20.1.1/16'),
      pool('p', '192.168.0.0/16'),
      pod('a', 'n1', { ip: '192.168.1.1' }),
      pod('b', 'n2', { ip: '192.168.2.1' }),
    ])
    const ways = (name: string) => routesMatching(cluster, name, /unreachable/)
    expect([ways('n1'), ways('n2')]).toEqual([
      ['unreachable 192.168.2.0/26 proto bird'],
      ['unreachable 192.168.1.0/26 proto bird'],
    ])
  })
})
