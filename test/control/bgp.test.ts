import { describe, expect, test } from 'vitest'
import { type Cluster, forEachPeering, nodeStatus, type Peering, worldOfCluster } from '../../src/control/index.ts'
import { describeNote } from '../../src/model/index.ts'
import { build, node, object, pod, pool, routesMatching } from './cluster-objects.ts'

const NODES = [node('node1', '10.0.0.9/24'), node('node2', '10.0.0.10/24'), node('node3', '10.0.0.11/24')]
const PODS = [pod('a', 'node1'), pod('b', 'node2'), pod('c', 'node3')]
const POOL = pool('p', '192.168.0.0/16')

function peerings(cluster: Cluster): string[] {
  const list: string[] = []
  forEachPeering(cluster.bgp, (each: Peering) =>
    list.push(`${each.dialer} → ${each.listener}:${each.port} ${each.type}`),
  )
  return list.sort()
}

/** Blocks of other nodes a node has routes to, by owner. */
function learned(cluster: Cluster, name: string): string[] {
  const owners = new Map(cluster.ipam.blocks.map((block) => [block.cidr as string, block.affinity!]))
  return routesMatching(cluster, name, /via.*proto bird/)
    .map((line) => owners.get(line.split(' ')[0]!)!)
    .sort()
}

describe('routers of the Underlay', () => {
  const segment = { name: 'lan', cidr: '10.0.0.0/24', gateway: '10.0.0.1' }
  const machines = ['node1', 'node2', 'node3'].map((name, i) => ({
    name,
    interfaces: [{ name: 'eth0', segment: 'lan', address: `10.0.0.${i + 9}/24` }],
  }))
  const underlay = (router: object) =>
    object('Underlay', 'u', {
      segments: [segment],
      nodes: machines,
      routers: [{ name: 'tor', interfaces: [{ name: 'lan', segment: 'lan', address: '10.0.0.1/24' }], ...router }],
    })
  const peer = (spec: object) => object('BGPPeer', 'tor', { peerIP: '10.0.0.1', ...spec })
  const mesh = (on: boolean) => object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: on })
  const blocks = (cluster: Cluster): string[] => routesMatching(cluster, 'tor', /^192\.168\..*proto bgp/)
  const LEARNED = [
    expect.stringContaining('via 10.0.0.9 dev lan proto bgp'),
    expect.stringContaining('via 10.0.0.10 dev lan proto bgp'),
    expect.stringContaining('via 10.0.0.11 dev lan proto bgp'),
  ]

  test.each([
    ['eBGP, with the mesh', true, 65000, 65000, LEARNED, ['node2', 'node3']],
    ['eBGP without: one’s own AS in the path is a loop', false, 65000, 65000, LEARNED, []],
    ['iBGP without: a router is no reflector', false, 64512, 64512, LEARNED, []],
    ['another AS than the router’s: no session', true, 65000, 65001, [], ['node2', 'node3']],
    ['no AS at the router: no session', true, undefined, 65000, [], ['node2', 'node3']],
  ])('%s', (_, isMesh, asNumber, wanted, tor, node1) => {
    const router = asNumber === undefined ? {} : { asNumber }
    const cluster = build([...NODES, ...PODS, POOL, underlay(router), mesh(isMesh), peer({ asNumber: wanted })])
    expect(cluster.findings.faults).toEqual([])
    expect(blocks(cluster)).toEqual(expect.arrayContaining(tor))
    expect(blocks(cluster)).toHaveLength(tor.length)
    expect(learned(cluster, 'node1')).toEqual(node1)
  })

  test('what does not fit is said', () => {
    const odd = build([...NODES, POOL, underlay({ asNumber: 65000 }), peer({ asNumber: 65001 })])
    expect(odd.findings.warnings.map(({ expected }) => expected)).toEqual([
      '65000, the AS of router tor: BIRD says Bad peer AS',
    ])
    const silent = build([...NODES, POOL, underlay({}), peer({ asNumber: 65000 })])
    expect(silent.findings.notes.map(({ code }) => code)).toContain('bgp_speaker')
  })

  test('a session that is not up brings nothing', () => {
    const sessions = { bgpSessions: [{ a: 'node2', b: 'tor', info: 'Active Socket: Connection refused' }] }
    const cluster = build(
      [...NODES, ...PODS, POOL, underlay({ asNumber: 65000 }), mesh(false), peer({ asNumber: 65000 })],
      'v3.30.0',
      sessions,
    )
    expect(blocks(cluster)).toHaveLength(2)
  })
})

describe('BGP sessions', () => {
  test('full mesh: the greater address as text dials', () => {
    expect(peerings(build([...NODES, POOL]))).toEqual([
      'node1 → node2:179 node-to-node mesh',
      'node1 → node3:179 node-to-node mesh',
      'node3 → node2:179 node-to-node mesh',
    ])
  })

  test('backend vxlan has none', () => {
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'calico-config', namespace: 'kube-system' },
      data: { calico_backend: 'vxlan' },
    } as const
    expect(peerings(build([...NODES, POOL, config]))).toEqual([])
  })

  test('node status: up, and what keeps a session from it', () => {
    const cluster = build([...NODES, POOL], 'v3.30.0', {
      bgpSessions: [{ a: 'node2', b: 'node1', info: 'Active Socket: Connection refused' }],
    })
    const [one, two] = cluster.nodes
    expect(nodeStatus(cluster.bgp, one!, cluster.bgpFaults)).toEqual([
      {
        family: 4,
        peerAddress: '10.0.0.10',
        peerType: 'node-to-node mesh',
        state: 'start',
        info: 'Active Socket: Connection refused',
      },
      { family: 4, peerAddress: '10.0.0.11', peerType: 'node-to-node mesh', state: 'up', info: 'Established' },
    ])
    expect(nodeStatus(cluster.bgp, two!, cluster.bgpFaults)[0]).toMatchObject({ state: 'start', info: 'Passive' })
  })

  test('a session that is down costs both ends each other’s routes and nobody else', () => {
    const faults = [{ a: 'node1', b: 'node2', info: 'Connect' }]
    const cluster = build([...NODES, POOL, ...PODS], 'v3.30.0', { bgpSessions: faults })
    expect(['node1', 'node2', 'node3'].map((name) => learned(cluster, name))).toEqual([
      ['node3'],
      ['node3'],
      ['node1', 'node2'],
    ])
  })

  test.each([
    ['nobody', [], ['node3'], ['node3']],
    ['one end', ['node1'], ['node2', 'node3'], ['node3']],
    ['both ends', ['node1', 'node2'], ['node2', 'node3'], ['node1', 'node3']],
  ])('a session that is down whose routes are kept by %s', (_, keeps, node1, node2) => {
    const bgpSessions = [{ a: 'node2', b: 'node1', info: 'Active Socket: Connection refused', keeps }]
    const cluster = build([...NODES, POOL, ...PODS], 'v3.30.0', { bgpSessions })
    expect([learned(cluster, 'node1'), learned(cluster, 'node2')]).toEqual([node1, node2])
    const [one] = cluster.nodes
    expect(nodeStatus(cluster.bgp, one!, cluster.bgpFaults)[0]).toMatchObject({ state: 'start' })
  })

  test('the same fact as a question answered session by session', () => {
    const asked: string[] = []
    const cluster = build([...NODES, POOL, ...PODS], 'v3.30.0', {
      bgpSessions: (peering) => {
        asked.push(peering.dialer)
        return peering.listener === 'node2' ? 'Connect Socket: Host is unreachable' : 'up'
      },
    })
    expect(asked).toHaveLength(3)
    expect(learned(cluster, 'node2')).toEqual([])
    expect(learned(cluster, 'node1')).toEqual(['node3'])
  })

  test('Felix’s routes do not ask BGP', () => {
    const faults = [{ a: 'node1', b: 'node2', info: 'Connect' }]
    const vxlan = pool('p', '192.168.0.0/16', { vxlanMode: 'Always' })
    const cluster = build([...NODES, vxlan, ...PODS], 'v3.30.0', { bgpSessions: faults })
    expect(routesMatching(cluster, 'node1', /vxlan.calico onlink/)).toHaveLength(2)
  })
})

describe('a mesh of two ASes', () => {
  const foreign = node('node2', '10.0.0.10/24', { annotations: { 'projectcalico.org/ASNumber': '65010' } })
  test.each([
    ['up to v3.31 is up', 'v3.31.0', 2, 0],
    ['from v3.32 on is not, where some say no AS number: that is named', 'v3.32.0', 0, 1],
  ])('%s', (_, version, peers, notes) => {
    const cluster = build([NODES[0]!, foreign, NODES[2]!, POOL, ...PODS], version)
    const world = worldOfCluster(cluster, 4)
    if ('fault' in world) return expect.unreachable(world.fault)
    expect(world.sessionsOf('node2')).toHaveLength(peers)
    const said = cluster.findings.notes.map(describeNote).filter((text) => text.includes('Bad peer AS'))
    expect(said).toHaveLength(notes)
  })
})

describe('route reflectors', () => {
  const meshOff = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })
  const reflector = node('node2', '10.0.0.10/24', {
    labels: { rr: 'yes' },
    annotations: { 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' },
  })
  const toReflectors = { nodeSelector: 'all()', peerSelector: "rr == 'yes'" }
  const peer = object('BGPPeer', 'rr', toReflectors)

  test('clients hear each other through the reflector', () => {
    const cluster = build([NODES[0]!, reflector, NODES[2]!, POOL, ...PODS, meshOff, peer])
    expect(peerings(cluster)).toEqual(['node1 → node2:179 node specific', 'node3 → node2:179 node specific'])
    expect(learned(cluster, 'node1')).toEqual(['node2', 'node3'])
  })

  test.each([
    ['the reflector keeps a client’s routes: others have them', ['node2'], [], ['node1', 'node2']],
    ['a client keeps what the reflector told', ['node1'], ['node2', 'node3'], ['node2']],
    ['nobody keeps anything', [], [], ['node2']],
  ])('a session of a reflector is down: %s', (_, keeps, node1, node3) => {
    const filtered = object('BGPPeer', 'rr', { ...toReflectors, filters: ['all'] })
    const all = object('BGPFilter', 'all', { importV4: [], exportV4: [] })
    const bgpSessions = [{ a: 'node1', b: 'node2', info: 'Connect', keeps }]
    const objects = [NODES[0]!, reflector, NODES[2]!, POOL, ...PODS, meshOff]
    for (const peers of [[peer], [filtered, all]]) {
      const cluster = build([...objects, ...peers], 'v3.30.0', { bgpSessions })
      expect(learned(cluster, 'node1')).toEqual(node1)
      expect(learned(cluster, 'node3')).toEqual(node3)
    }
  })

  test('without a reflector iBGP does not pass routes on', () => {
    const plain = node('node2', '10.0.0.10/24', { labels: { rr: 'yes' } })
    const cluster = build([NODES[0]!, plain, NODES[2]!, POOL, ...PODS, meshOff, peer])
    expect(learned(cluster, 'node1')).toEqual(['node2'])
    expect(learned(cluster, 'node2')).toEqual(['node1', 'node3'])
  })

  test('mesh off and no peers: no routes', () => {
    expect(learned(build([...NODES, POOL, ...PODS, meshOff]), 'node1')).toEqual([])
  })

  test('a reflector is not in the mesh', () => {
    const cluster = build([NODES[0]!, reflector, NODES[2]!, POOL, ...PODS])
    expect(peerings(cluster)).toEqual(['node1 → node3:179 node-to-node mesh'])
    expect(learned(cluster, 'node2')).toEqual([])
  })

  test('a reflector that has a block keeps single addresses of others in it to itself: that is named', () => {
    const asking = pod('x', 'node3', { annotations: { 'cni.projectcalico.org/ipAddrs': '["192.168.104.9"]' } })
    const noted = (reflectorOrNot: (typeof NODES)[0]): string[] =>
      build([NODES[0]!, reflectorOrNot, NODES[2]!, POOL, ...PODS, asking])
        .findings.notes.map(describeNote)
        .filter((text) => text.includes('192.168.104.9/32'))
    expect(noted(NODES[1]!)).toEqual([])
    expect(noted(reflector)).toEqual([
      expect.stringContaining('it does not pass on 192.168.104.9/32 of node3, which lies in its own block'),
    ])
  })

  test('a speaker outside the cluster is named as not modelled', () => {
    const tor = object('BGPPeer', 'tor', { peerIP: '10.0.0.1', asNumber: 65000 })
    expect(
      build([...NODES, POOL, tor])
        .findings.notes.filter(({ topic }) => topic === 'bgp')
        .map(describeNote),
    ).toEqual([
      'BGPPeer/tor: 10.0.0.1 is not a node; BGP speakers outside the cluster are not modelled, but for routers of an Underlay with an asNumber',
    ])
  })

  test('disableBGPExport keeps a pool at home', () => {
    const hidden = pool('p', '192.168.0.0/16', { disableBGPExport: true })
    expect(learned(build([...NODES, hidden, ...PODS]), 'node1')).toEqual([])
  })
})
