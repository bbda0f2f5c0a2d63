// How prefixes get to nodes and routers in a built cluster, and the configuration that a node's BIRD would have.
import { describe, expect, it } from 'vitest'
import {
  bgpGraph,
  birdConfiguration,
  type Cluster,
  configurationText,
  explainBgp,
  type PrefixExplanation,
} from '../../src/control/index.ts'
import type { Prefix } from '../../src/wire/index.ts'
import { build as buildOf, node, object, pod, pool, routesMatching } from './cluster-objects.ts'

const [BLOCK1, BLOCK2] = ['192.168.1.0/26', '192.168.2.0/26'] as Prefix[]
const labelled = (name: string, address: string, cluster?: string) =>
  node(name, address, {
    labels: { role: cluster === undefined ? 'plain' : 'reflector' },
    ...(cluster === undefined ? {} : { annotations: { 'projectcalico.org/RouteReflectorClusterID': cluster } }),
  })
const NODES = [labelled('n1', '10.0.0.9/24'), labelled('n2', '10.0.0.10/24')]
const PODS = [pod('a', 'n1', { ip: '192.168.1.5' }), pod('b', 'n2', { ip: '192.168.2.5' })]
const POOL = pool('p', '192.168.0.0/16')
const MESH_OFF = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })

const build = (objects: Parameters<typeof buildOf>[0], options: Parameters<typeof buildOf>[2] = {}): Cluster =>
  buildOf(objects, 'v3.34.0', options)

function explained(cluster: Cluster, prefix: Prefix, at: string): PrefixExplanation {
  const told = explainBgp(cluster, prefix, at)
  if ('fault' in told) throw new Error(told.fault)
  return told
}

const why = (told: PrefixExplanation, peer: string): string | undefined => {
  const found = told.neighbours.find((one) => one.peer === peer)?.told
  return found === undefined ? undefined : 'why' in found ? found.why : 'told'
}

describe('a block', () => {
  it('comes over the mesh', () => {
    const told = explained(build([...NODES, ...PODS, POOL]), BLOCK1!, 'n2')
    expect(told).toMatchObject({
      origins: [{ at: 'n1', route: { source: 'static' } }],
      best: { origin: 'n1', route: { nextHop: '10.0.0.9', localPref: 2147482623, asPath: [] } },
      hops: [
        { from: 'n1', export: { verdict: 'accept', by: { functions: ['calico_export_to_bgp_peers', 'calico_aggr'] } } },
      ],
    })
  })

  it('does not come where the mesh is off and nobody has a session', () => {
    const told = explained(build([...NODES, ...PODS, POOL, MESH_OFF]), BLOCK1!, 'n2')
    expect([told.best, told.neighbours]).toEqual([undefined, []])
  })

  it('comes through a reflector, which writes itself into it and leaves the next hop', () => {
    const objects = [
      labelled('rr', '10.0.0.20/24', '244.0.0.1'),
      object('BGPPeer', 'rr', { nodeSelector: "role == 'plain'", peerSelector: "role == 'reflector'" }),
    ]
    const told = explained(build([...NODES, ...PODS, POOL, MESH_OFF, ...objects]), BLOCK1!, 'n2')
    expect(told.best).toMatchObject({
      clusterList: ['244.0.0.1'],
      originatorId: '10.0.0.9',
      route: { nextHop: '10.0.0.9' },
    })
    expect(told.hops.map(({ from, path }) => `${from} ${path.at}`)).toEqual(['n1 rr', 'rr n2'])
  })

  it.each([
    ['through a router that is a reflector', '9.9.9.9', ['n1 tor', 'tor n2']],
    ['not through one that is none', undefined, []],
  ])('comes %s', (_, clusterId, hops) => {
    const card = (address: string) => [{ name: 'eth0', segment: 'lan', address }]
    const underlay = object('Underlay', 'u', {
      segments: [{ name: 'lan', cidr: '10.0.0.0/24', gateway: '10.0.0.1' }],
      nodes: [
        { name: 'n1', interfaces: card('10.0.0.9/24') },
        { name: 'n2', interfaces: card('10.0.0.10/24') },
      ],
      routers: [{ name: 'tor', asNumber: 64512, interfaces: card('10.0.0.1/24'), ...(clusterId && { clusterId }) }],
    })
    const cluster = build([
      ...NODES,
      ...PODS,
      POOL,
      MESH_OFF,
      underlay,
      object('BGPPeer', 'x', { peerIP: '10.0.0.1', asNumber: 64512 }),
    ])
    expect(explained(cluster, BLOCK1!, 'n2').hops.map(({ from, path }) => `${from} ${path.at}`)).toEqual(hops)
    const routes = routesMatching(cluster, 'n2', /^192\.168\.1\.0\/26 via 10\.0\.0\.9/)
    expect(routes).toHaveLength(hops.length / 2)
  })

  it('stops at a node that is no reflector', () => {
    const via = (a: string, b: string) => object('BGPPeer', `${a}-${b}`, { node: a, peerIP: b, asNumber: 64512 })
    const middle = labelled('n3', '10.0.0.11/24')
    const cluster = build([...NODES, middle, ...PODS, POOL, MESH_OFF, via('n1', '10.0.0.11'), via('n2', '10.0.0.11')])
    const told = explained(cluster, BLOCK1!, 'n2')
    expect([told.best, why(told, 'n3')]).toEqual([undefined, 'ibgp'])
  })

  it('stops at a BGPFilter of the sender', () => {
    const filter = object('BGPFilter', 'none', {
      exportV4: [{ action: 'Reject', cidr: '192.168.1.0/24', matchOperator: 'In' }],
    })
    const peer = object('BGPPeer', 'x', { node: 'n1', peerIP: '10.0.0.10', asNumber: 64512, filters: ['none'] })
    const cluster = build([...NODES, ...PODS, POOL, MESH_OFF, filter, peer])
    expect(why(explained(cluster, BLOCK1!, 'n2'), 'n1')).toBe('export-filter')
    expect(explained(cluster, BLOCK2!, 'n1').best?.origin).toBe('n2')
  })

  it('stops where a session is not up', () => {
    const cluster = build([...NODES, ...PODS, POOL], {
      bgpSessions: [{ a: 'n1', b: 'n2', info: 'Active Socket: Connection refused' }],
    })
    expect(explained(cluster, BLOCK1!, 'n2').best).toBeUndefined()
  })

  it('stops where the AS numbers do not fit', () => {
    const peers = [
      object('BGPPeer', 'x', { node: 'n1', peerIP: '10.0.0.10', asNumber: 65001, reversePeering: 'Manual' }),
      object('BGPPeer', 'y', { node: 'n2', peerIP: '10.0.0.9', asNumber: 64512, reversePeering: 'Manual' }),
    ]
    expect(explained(build([...NODES, ...PODS, POOL, MESH_OFF, ...peers]), BLOCK1!, 'n2').best).toBeUndefined()
  })

  it('comes between ASes with a path, and with localASNumber as from another AS', () => {
    const peers = [
      object('BGPPeer', 'x', {
        node: 'n1',
        peerIP: '10.0.0.10',
        asNumber: 64512,
        localASNumber: 65005,
        reversePeering: 'Manual',
      }),
      object('BGPPeer', 'y', { node: 'n2', peerIP: '10.0.0.9', asNumber: 65005, reversePeering: 'Manual' }),
    ]
    const told = explained(build([...NODES, ...PODS, POOL, MESH_OFF, ...peers]), BLOCK1!, 'n2')
    expect(told.best?.route).toMatchObject({ asPath: [65005], localPref: 100 })
  })

  it('hides the addresses in it', () => {
    const told = explained(build([...NODES, ...PODS, POOL]), '192.168.1.5/32' as Prefix, 'n2')
    expect([told.best, why(told, 'n1')]).toEqual([undefined, 'export-filter'])
  })
})

it('the sessions are a graph', () => {
  const cluster = build([...NODES, labelled('rr', '10.0.0.20/24', '244.0.0.1'), ...PODS, POOL], {
    bgpSessions: [{ a: 'n1', b: 'n2', info: 'Active Socket: Connection refused' }],
  })
  const graph = bgpGraph(cluster)
  expect(graph.nodes()).toEqual(['n1', 'n2', 'rr'])
  expect(graph.getNodeAttributes('rr')).toEqual({ type: 'node', asNumber: 64512, clusterId: '244.0.0.1' })
  expect(graph.mapEdges((_, session, from, to) => ({ from, to, ...session }))).toEqual([
    {
      ...{ from: 'n1', to: 'n2', family: 4, type: 'node-to-node mesh', internal: true },
      ...{ address: '10.0.0.9', peerAddress: '10.0.0.10', up: false, info: 'Active Socket: Connection refused' },
    },
  ])
})

describe('routes of nodes', () => {
  const FILTER = object('BGPFilter', 'own', { exportV4: [{ action: 'Reject', source: 'RemotePeers' }] })
  const to = (a: string, b: string, spec: object = {}) =>
    object('BGPPeer', `${a}-${b}`, { node: a, peerIP: b, asNumber: 64512, ...spec })
  const learned = (objects: Parameters<typeof buildOf>[0], name: string): string[] =>
    routesMatching(build(objects), name, /^192\.168\.\d+\.0\/26 via/).map((line) => line.split(' ')[0]!)

  it.each<[what: string, objects: Parameters<typeof buildOf>[0], expected: readonly string[]]>([
    ['as both ends are told', [to('n1', '10.0.0.10')], [BLOCK1!]],
    ['not where only one end is told', [to('n1', '10.0.0.10', { reversePeering: 'Manual' })], []],
    [
      'not what a filter of the other end rejects',
      [to('n1', '10.0.0.10', { filters: ['none'] }), object('BGPFilter', 'none', { exportV4: [{ action: 'Reject' }] })],
      [],
    ],
    [
      'not what a filter of this end rejects',
      [to('n2', '10.0.0.9', { filters: ['none'] }), object('BGPFilter', 'none', { importV4: [{ action: 'Reject' }] })],
      [],
    ],
    ['what a filter does not name', [to('n1', '10.0.0.10', { filters: ['own'] }), FILTER], [BLOCK1!]],
  ])('come %s', (_, objects, expected) => {
    expect(learned([...NODES, ...PODS, POOL, MESH_OFF, ...objects], 'n2')).toEqual(expected)
  })
})

describe('the file of BIRD', () => {
  const textOf = (objects: Parameters<typeof build>[0], name: string): string => {
    const datastore = build(objects).confd()
    const config = birdConfiguration(datastore, datastore.nodes.get(name)!, 4)
    if ('fault' in config) throw new Error(config.fault)
    return configurationText(config)
  }

  it('has what the mesh needs', () => {
    const text = textOf([...NODES, ...PODS, POOL], 'n1')
    for (const line of [
      'router id 10.0.0.9;',
      'route 192.168.1.0/26 blackhole;',
      'protocol bgp Mesh_10_0_0_10 from bgp_template {',
      'neighbor 10.0.0.10 as 64512;',
      '  local as 64512;',
    ])
      expect(text).toContain(line)
    expect(text).not.toContain('passive on')
    expect(textOf([...NODES, ...PODS, POOL], 'n2')).toContain('passive on;')
  })

  it('calls BGPFilters by their names, in quotes where BIRD needs them, and has no password in it', () => {
    const filter = object('BGPFilter', 'no-default', {
      importV4: [{ action: 'Reject', cidr: '0.0.0.0/0', matchOperator: 'Equal', prefixLength: { min: 0, max: 8 } }],
    })
    const peer = object('BGPPeer', 'x', {
      peerIP: '10.0.0.77:1790',
      asNumber: 65000,
      filters: ['no-default'],
      password: { secretKeyRef: { name: 'keys', key: 'tor' } },
      ttlSecurity: 2,
      reachableBy: '10.0.0.1',
    })
    const text = textOf([...NODES, ...PODS, POOL, filter, peer], 'n1')
    for (const line of [
      "function 'bgp_no-default_importFilterV4' () {",
      'if net = [ 0.0.0.0/0{0,8} ] then {',
      "'bgp_no-default_importFilterV4'();",
      'protocol bgp Global_10_0_0_77_port_1790 from bgp_template {',
      'multihop 2;',
      'route 10.0.0.77/32 via 10.0.0.1;',
      'password "…"; # key tor of Secret keys',
    ])
      expect(text).toContain(line)
  })
})
