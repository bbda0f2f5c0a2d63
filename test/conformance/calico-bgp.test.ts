// The verb `bgp`: what confd and BIRD have on one node, and what its filters do with routes.
import { describe, expect, it } from 'vitest'
import { answerCalico, type BgpFamily, type BgpRequest, type BgpResult } from '../../src/calico/index.ts'
import { affinity, bgpDefault, bgpPeer, calicoObject, kubeNode, service } from '../support/bgp-objects.ts'

const ALDER = kubeNode('alder', '192.0.2.10/24')
const BIRCH = kubeNode('birch', '192.0.2.9/24')
const CEDAR = kubeNode('cedar', '198.51.100.7/24', { as: '65010' })

type More = Omit<BgpRequest, 'verb' | 'node' | 'objects' | 'calicoVersion'>

function askOf(node: string, objects: readonly object[], more: More = {}, calicoVersion = 'v3.34.0'): BgpResult {
  const answer = answerCalico({ verb: 'bgp', node, objects, calicoVersion, ...more })
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return answer.result as BgpResult
}

const ask = (objects: readonly object[], more: More = {}, version?: string): BgpFamily =>
  askOf('alder', [ALDER, ...objects], more, version).ipv4

type Neighbour = BgpFamily['neighbours'][number]

describe('a node of its own says', () => {
  it.each<[what: string, config: object, expected: Partial<BgpFamily>]>([
    [
      'what nobody decides',
      {},
      { routerId: '192.0.2.10', enabled: true, localAs: 64512, listen: { address: null, port: 179 } },
    ],
    ['[bgp.md §2] AS number of the cluster', { asNumber: 65001 }, { localAs: 65001 }],
    ['an AS number in dotted notation', { asNumber: '1.10' }, { localAs: 65546 }],
    [
      '[bgp.md §8] port and address it listens on',
      { listenPort: 1790, bindMode: 'NodeIP' },
      { listen: { address: '192.0.2.10', port: 1790 } },
    ],
    ['[bgp.md §2] interfaces of direct routes', {}, { directInterfaces: ['-cali*', '-kube-ipvs*', '*'] }],
    [
      'interfaces that are ignored first',
      { ignoredInterfaces: ['docker0', 'br-*'] },
      { directInterfaces: ['-docker0', '-br-*', '-cali*', '-kube-ipvs*', '*'] },
    ],
    ['what is logged: states and routes by default', {}, { debug: '{ states, routes, filters, events }' }],
    ['everything for Debug', { logSeverityScreen: 'Debug' }, { debug: 'all' }],
    ['nothing for levels that BIRD does not know', { logSeverityScreen: 'Warning' }, { debug: null }],
    [
      '[bgp.md §2] graceful restart and ECMP towards the kernel',
      {},
      { kernel: { gracefulRestart: true, mergePaths: true } },
    ],
  ])('%s', (_, config, expected) => {
    expect(ask([bgpDefault(config)])).toMatchObject(expected)
  })

  it('what its own BGPConfiguration says, before that of the cluster; of AS numbers and the mesh it says nothing', () => {
    const own = calicoObject('BGPConfiguration', 'node.alder', {
      listenPort: 1791,
      logSeverityScreen: 'Debug',
      asNumber: 1,
    })
    expect(ask([bgpDefault({ listenPort: 1790 }), own])).toMatchObject({
      listen: { address: null, port: 1791 },
      debug: 'all',
      localAs: 64512,
    })
  })

  it.each<[what: string, env: Record<string, string>, node: string, expected: string | null]>([
    ['[bgp.md §2] its IPv4 address', {}, 'alder', '192.0.2.10'],
    ['the address of the environment', { CALICO_ROUTER_ID: '203.0.113.9' }, 'alder', '203.0.113.9'],
    ['the hash of its name', { CALICO_ROUTER_ID: 'hash' }, 'alder', '191.45.19.192'],
    ['a hash beyond 223 less 32: no multicast address', { CALICO_ROUTER_ID: 'hash' }, 'larch', '196.102.18.51'],
    ['nothing without an IPv4 address', {}, 'elm', null],
  ])('as router id %s', (_, env, node, expected) => {
    const objects = [ALDER, kubeNode('larch', '192.0.2.6/24'), kubeNode('elm', '', { v6: '2001:db8::5/64' })]
    const { ipv4, ipv6 } = askOf(node, objects, { env })
    expect([ipv4.routerId, ipv6.routerId]).toEqual([expected, expected])
  })

  it.each<[what: string, env: Record<string, string>, enabled: boolean]>([
    ['speaks BGP with the backend bird', { CALICO_NETWORKING_BACKEND: 'bird' }, true],
    ['[bgp.md §1] does not with the backend vxlan', { CALICO_NETWORKING_BACKEND: 'vxlan' }, false],
    ['[bgp.md §1] does not with no backend', { CALICO_NETWORKING_BACKEND: 'none' }, false],
  ])('that it %s', (_, env, enabled) => {
    expect(ask([BIRCH], { env })).toMatchObject({ enabled, neighbours: enabled ? [{}] : [] })
  })

  it('[bgp.md §1] that it speaks no BGP in a family in which it has no address', () => {
    const { ipv6 } = askOf('alder', [ALDER, kubeNode('fir', '192.0.2.12/24', { v6: '2001:db8::c/64' })])
    expect(ipv6).toMatchObject({ enabled: false, localAs: null, debug: null, neighbours: [], routerId: '192.0.2.10' })
  })
})

describe('neighbours', () => {
  const brief = ({ kind, address, port, as, passive, internal }: Neighbour): string =>
    `${kind} ${address}:${port} as ${as}${passive ? ' passive' : ''}${internal ? '' : ' external'}`
  const RACK = kubeNode('dogwood', '192.0.2.20/24', { labels: { rack: 'a' } })
  const REFLECTOR = kubeNode('rowan', '192.0.2.30/24', { cluster: '244.0.0.1', labels: { role: 'reflector' } })

  it.each<[what: string, objects: readonly object[], expected: readonly string[]]>([
    ['[bgp.md §3] in the mesh: addresses are compared as text', [BIRCH], ['mesh 192.0.2.9:179 as 64512 passive']],
    [
      '[bgp.md §3] in the mesh: the smaller one waits',
      [kubeNode('b', '192.0.2.1/24')],
      ['mesh 192.0.2.1:179 as 64512'],
    ],
    ['[bgp.md §3] in the mesh: of another AS, too', [CEDAR], ['mesh 198.51.100.7:179 as 65010 passive external']],
    ['[bgp.md §3] in the mesh: no route reflectors', [REFLECTOR, BIRCH], ['mesh 192.0.2.9:179 as 64512 passive']],
    ['none in the mesh where it is off', [BIRCH, bgpDefault({ nodeToNodeMeshEnabled: false })], []],
    [
      'in the mesh on the port that the other one listens on',
      [BIRCH, bgpDefault({ listenPort: 1790 }), calicoObject('BGPConfiguration', 'node.birch', { listenPort: 1795 })],
      ['mesh 192.0.2.9:1795 as 64512 passive'],
    ],
    [
      'of a BGPPeer for all nodes',
      [bgpPeer('tor', { peerIP: '192.0.2.1', asNumber: 65000 })],
      ['global 192.0.2.1:179 as 65000 external'],
    ],
    [
      'of a BGPPeer for this node, with a port',
      [bgpPeer('tor', { node: 'alder', peerIP: '192.0.2.1:1790', asNumber: 65000 })],
      ['node 192.0.2.1:1790 as 65000 external'],
    ],
    [
      'of a BGPPeer for nodes with a label: not this one',
      [bgpPeer('tor', { nodeSelector: 'has(rack)', peerIP: '192.0.2.1', asNumber: 65000 })],
      [],
    ],
    [
      'not of a BGPPeer for another node',
      [bgpPeer('tor', { node: 'birch', peerIP: '192.0.2.1', asNumber: 65000 })],
      [],
    ],
    ['never itself', [bgpPeer('self', { peerIP: '192.0.2.10', asNumber: 64512 })], []],
    [
      'nodes that a peerSelector selects',
      [
        RACK,
        bgpPeer('rack', { node: 'alder', peerSelector: "rack == 'a'" }),
        bgpDefault({ nodeToNodeMeshEnabled: false }),
      ],
      ['node 192.0.2.20:179 as 64512'],
    ],
    [
      'once for all nodes and for one: that of all counts',
      [
        bgpPeer('a', { node: 'alder', peerIP: '192.0.2.1', asNumber: 65001 }),
        bgpPeer('b', { peerIP: '192.0.2.1', asNumber: 65000 }),
      ],
      ['global 192.0.2.1:179 as 65000 external'],
    ],
    [
      'beside the mesh, which nothing takes away',
      [RACK, bgpPeer('rack', { node: 'alder', peerIP: '192.0.2.20', asNumber: 64512 })],
      ['mesh 192.0.2.20:179 as 64512 passive', 'node 192.0.2.20:179 as 64512'],
    ],
    [
      'for all nodes: one that is a node waits by the same rule',
      [BIRCH, bgpDefault({ nodeToNodeMeshEnabled: false }), bgpPeer('b', { peerIP: '192.0.2.9', asNumber: 64512 })],
      ['global 192.0.2.9:179 as 64512 passive'],
    ],
  ])('%s', (_, objects, expected) => {
    expect(ask(objects).neighbours.map(brief)).toEqual(expected)
  })

  describe('[bgp.md §3] on the other side of a BGPPeer', () => {
    const OFF = bgpDefault({ nodeToNodeMeshEnabled: false })
    const peer = (spec: object): object =>
      bgpPeer('to-reflectors', { nodeSelector: 'all()', peerSelector: "role == 'reflector'", ...spec })

    it('a reflector has the nodes as its clients', () => {
      const { ipv4 } = askOf('rowan', [ALDER, BIRCH, REFLECTOR, OFF, peer({})])
      expect(ipv4.neighbours).toMatchObject([
        { address: '192.0.2.10', kind: 'node', routeReflectorClient: true, clusterId: '244.0.0.1', internal: true },
        { address: '192.0.2.9', kind: 'node', routeReflectorClient: true, clusterId: '244.0.0.1', internal: true },
      ])
    })

    it('a reflector of the same cluster is no client', () => {
      const twin = kubeNode('sorbus', '192.0.2.31/24', { cluster: '244.0.0.1', labels: { role: 'reflector' } })
      const { ipv4 } = askOf('rowan', [REFLECTOR, twin, OFF, peer({})])
      expect(ipv4.neighbours).toMatchObject([{ address: '192.0.2.31', routeReflectorClient: false, clusterId: null }])
    })

    it('there is nothing where reversePeering is Manual', () => {
      const { ipv4 } = askOf('rowan', [
        ALDER,
        REFLECTOR,
        OFF,
        peer({ nodeSelector: '!has(role)', reversePeering: 'Manual' }),
      ])
      expect(ipv4.neighbours).toEqual([])
    })

    it('a node that is named by its address has the session, too, if the AS number is its own', () => {
      const named = (asNumber: number): number =>
        askOf('birch', [ALDER, BIRCH, OFF, bgpPeer('b', { node: 'alder', peerIP: '192.0.2.9', asNumber })]).ipv4
          .neighbours.length
      expect([named(64512), named(65000)]).toEqual([1, 0])
    })
  })

  it.each<[what: string, spec: object, expected: Partial<Neighbour>]>([
    ['the node as source', {}, { sourceAddress: '192.0.2.10', multihop: true, ttlSecurity: false }],
    ['no source address', { sourceAddress: 'None' }, { sourceAddress: null }],
    ['TTL security', { ttlSecurity: 3 }, { ttlSecurity: true, multihop: 3 }],
    ['the AS number of this side', { localASNumber: 65123 }, { localAs: 65123, internal: false }],
    ['that the AS numbers agree then', { localASNumber: 65000 }, { localAs: 65000, internal: true }],
    ['its next hop', { nextHopMode: 'Self' }, { nextHop: 'self' }],
    ['their next hop', { nextHopMode: 'Keep' }, { nextHop: 'keep' }],
    ['their next hop by the older field', { keepOriginalNextHop: true }, { nextHop: 'keep' }],
    ['the newer field before the older one', { keepOriginalNextHop: true, nextHopMode: 'Auto' }, { nextHop: null }],
    ['the older field in the same AS: nothing', { keepOriginalNextHop: true, asNumber: 64512 }, { nextHop: null }],
    ['a restart time', { maxRestartTime: '1m30s' }, { gracefulRestartTime: 90 }],
    ['the own AS in paths', { numAllowedLocalASNumbers: 2 }, { allowLocalAs: 2 }],
    [
      'no password where its Secret is not there',
      { password: { secretKeyRef: { name: 'keys', key: 'other' } } },
      { password: null },
    ],
    [
      'a password by its Secret',
      { password: { secretKeyRef: { name: 'keys', key: 'tor' } } },
      { password: { secret: 'keys', key: 'tor' } },
    ],
  ])('with %s', (_, spec, expected) => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'kube-system' },
      data: { tor: 'eA==' },
    }
    const { neighbours } = ask([secret, bgpPeer('tor', { peerIP: '192.0.2.1', asNumber: 65000, ...spec })])
    expect(neighbours).toMatchObject([expected])
    expect(JSON.stringify(neighbours)).not.toContain('eA==')
  })

  it('local workloads: they call, by their first address of each family', () => {
    const peer = bgpPeer('vrouter', { localWorkloadSelector: 'has(router)', asNumber: 64700, localASNumber: 64701 })
    const workloadPeers = [
      { interface: 'cali12', ipv4Nets: ['10.77.0.5/32', '10.77.0.6/32'], peer: 'vrouter' },
      { interface: 'cali13', ipv4Nets: ['10.77.0.7/32'], peer: 'another' },
    ]
    expect(ask([peer], { workloadPeers }).neighbours).toMatchObject([
      { kind: 'local-workload', address: '10.77.0.5', as: 64700, localAs: 64701, passive: true, sourceAddress: null },
    ])
  })

  it('name the functions of BGPFilters with rules for their direction and family, long ones cut', () => {
    const long = 'a-filter-with-a-name-that-is-by-far-too-long-for-a-symbol-of-bird'
    const rule = [{ action: 'Reject' }]
    const objects = [
      calicoObject('BGPFilter', 'short', { importV4: rule, exportV6: rule }),
      calicoObject('BGPFilter', long, { exportV4: rule, importV4: rule }),
      bgpPeer('tor', { peerIP: '192.0.2.1', asNumber: 65000, filters: [long, 'short', 'missing'] }),
    ]
    const [neighbour] = ask(objects).neighbours
    expect(neighbour!.importFilters).toEqual([
      'bgp_a-filter-with-a-name-that-is_17CDF319D6D317C8_importFilterV4',
      'bgp_short_importFilterV4',
    ])
    expect(neighbour!.exportFilters).toEqual(['bgp_a-filter-with-a-name-that-is_17CDF319D6D317C8_exportFilterV4'])
  })

  it('a filter that confd cannot write leaves nothing to say', () => {
    const filter = calicoObject('BGPFilter', 'odd', { importV4: [{ action: 'Accept', cidr: '10.0.0.0/8' }] })
    const answer = answerCalico({ verb: 'bgp', node: 'alder', objects: [ALDER, filter] })
    expect(answer).toEqual({
      unsupported:
        'a configuration that confd cannot write: BGPFilter odd: spec.importV4[0]: cidr without matchOperator',
    })
  })
})

describe('static routes', () => {
  const LOCAL = { clusterIP: '10.96.0.9', type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
  const RANGES = bgpDefault({
    serviceClusterIPs: [{ cidr: '10.96.0.0/16' }, {}],
    serviceExternalIPs: [{ cidr: '203.0.113.0/28' }, { cidr: '203.0.113.77/32' }],
    serviceLoadBalancerIPs: [{ cidr: '198.18.0.0/24' }, { cidr: '198.18.9.9/32' }],
  })
  const WHOLE = ['10.96.0.0/16', '198.18.0.0/24', '203.0.113.0/28']
  const of = (objects: readonly object[], env: Record<string, string> = {}): string[] =>
    ask(objects, { env }).staticRoutes.map(({ prefix, action }) =>
      action === 'blackhole' ? prefix : `${prefix} ${action}`,
    )

  it.each<[what: string, objects: readonly object[], expected: readonly string[]]>([
    [
      '[bgp.md §4] the own blocks, in order of their text',
      [affinity('alder', '10.77.9.0/26'), affinity('alder', '10.77.10.0/26'), affinity('birch', '10.77.11.0/26')],
      ['10.77.10.0/26', '10.77.9.0/26'],
    ],
    ['[bgp.md §4] no pending block', [affinity('alder', '10.77.9.0/26', 'pending')], []],
    ['a block that is on its way out', [affinity('alder', '10.77.9.0/26', 'pendingDeletion')], ['10.77.9.0/26']],
    ['no block of one address', [affinity('alder', '10.77.9.1/32')], []],
    [
      '[bgp.md §3] the way to a peer behind a gateway',
      [bgpPeer('far', { peerIP: '203.0.113.1', asNumber: 65000, reachableBy: '192.0.2.1' })],
      ['203.0.113.1/32 via 192.0.2.1'],
    ],
    [
      'nothing for a gateway of the other family: the whole peer is gone',
      [bgpPeer('far', { peerIP: '203.0.113.1', asNumber: 65000, reachableBy: 'fd00::1' })],
      [],
    ],
    ['[bgp.md §7] ranges of Services, single addresses left out', [RANGES], WHOLE],
    [
      '[bgp.md §7] the address of a Local Service with an endpoint here',
      [RANGES, ...service('web', LOCAL, ['alder'])],
      ['10.96.0.0/16', '10.96.0.9/32', ...WHOLE.slice(1)],
    ],
    ['[bgp.md §7] not of one with endpoints elsewhere', [RANGES, ...service('web', LOCAL, ['birch'])], WHOLE],
    [
      'not of one whose endpoint here is not ready',
      [RANGES, ...service('web', LOCAL, [], { unready: ['alder'] })],
      WHOLE,
    ],
    [
      'not of one whose endpoints are of a family that it has not',
      [RANGES, ...service('web', LOCAL, ['alder'], { family: 'IPv6' })],
      WHOLE,
    ],
    [
      '[bgp.md §7] not of a headless Service',
      [RANGES, ...service('web', { ...LOCAL, clusterIP: 'None' }, ['alder'])],
      WHOLE,
    ],
    [
      '[bgp.md §7] of a load balancer only what lies in a range',
      [RANGES, ...service('web', LOCAL, ['alder'], { ingress: ['198.18.0.5', '198.19.0.5'] })],
      ['10.96.0.0/16', '10.96.0.9/32', '198.18.0.0/24', '198.18.0.5/32', '203.0.113.0/28'],
    ],
    [
      '[bgp.md §7] a single address of a Cluster Service, without ready endpoints, too',
      [
        RANGES,
        ...service(
          'web',
          { clusterIP: '10.96.0.8', externalIPs: ['203.0.113.77'], externalTrafficPolicy: 'Cluster' },
          [],
        ),
      ],
      ['10.96.0.0/16', '10.96.0.8/32', '198.18.0.0/24', '203.0.113.0/28', '203.0.113.77/32'],
    ],
    [
      'a single address that a load balancer has by its status',
      [RANGES, ...service('web', { type: 'LoadBalancer', clusterIP: '10.96.0.8' }, [], { ingress: ['198.18.9.9'] })],
      ['10.96.0.0/16', '10.96.0.8/32', '198.18.0.0/24', '198.18.9.9/32', '203.0.113.0/28'],
    ],
    [
      'of a Cluster Service nothing of its own, otherwise',
      [RANGES, ...service('web', { clusterIP: '10.96.0.8' }, ['alder'])],
      WHOLE,
    ],
  ])('%s', (_, objects, expected) => {
    expect(of(objects)).toEqual(expected)
  })

  it('[bgp.md §7] without aggregation: no ranges of load balancers, but their addresses with a ready endpoint anywhere', () => {
    const config = bgpDefault({
      serviceLoadBalancerIPs: [{ cidr: '198.18.0.0/24' }],
      serviceLoadBalancerAggregation: 'Disabled',
    })
    const web = service('web', { type: 'LoadBalancer', clusterIP: '10.96.0.8' }, ['birch'], { ingress: ['198.18.0.5'] })
    const idle = service('idle', { type: 'LoadBalancer', clusterIP: '10.96.0.7' }, [], { ingress: ['198.18.0.6'] })
    expect(of([config, ...web, ...idle])).toEqual(['198.18.0.5/32'])
  })

  it.each([
    ['true', []],
    ['false', ['10.96.0.0/16', '198.18.0.0/24', '203.0.113.0/28']],
  ])('[bgp.md §7] a node that is excluded from load balancers by %s', (value, expected) => {
    const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': value }
    const { ipv4 } = askOf('yew', [kubeNode('yew', '192.0.2.4/24', { labels }), RANGES], {
      routes: { ipv4: { kernel: [{ prefix: '10.96.1.0/24', source: 'bgp' }] } },
    })
    expect(ipv4.staticRoutes.map(({ prefix }) => prefix)).toEqual(expected)
  })

  it('the range of the environment takes the place of the field', () => {
    expect(of([RANGES], { CALICO_ADVERTISE_CLUSTER_IPS: '10.98.0.0/16' })).toEqual([
      '10.98.0.0/16',
      '198.18.0.0/24',
      '203.0.113.0/28',
    ])
  })

  it('ranges of pods that Kubernetes gave, where IPAM is host-local', () => {
    const node = { ...kubeNode('oak', '192.0.2.5/24'), spec: { podCIDRs: ['10.80.4.0/24', 'fd80:4::/64'] } }
    const { ipv4, ipv6 } = askOf('oak', [node, affinity('oak', '10.77.9.0/26')], { env: { USE_POD_CIDR: 'true' } })
    expect([ipv4, ipv6].map((one) => one.staticRoutes[0]?.prefix)).toEqual(['10.80.4.0/24', 'fd80:4::/64'])
  })
})
