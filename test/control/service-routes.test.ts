// What nodes announce of Services (facts/bgp.md §7), as the routes of a router that peers with all of them.
import { describe, expect, it, test } from 'vitest'
import type { Cluster, KnownResource } from '../../src/control/index.ts'
import { describeNote, routesOf } from '../../src/model/index.ts'
import { build, node, object, pool, routesMatching } from './cluster-objects.ts'

const POOL = pool('p', '192.168.0.0/16')
const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers'
const nodes = (labels: Record<string, string> = {}): KnownResource[] => [
  node('n1', '10.0.0.11/24'),
  node('n2', '10.0.0.12/24'),
  node('n3', '10.0.0.13/24', { labels }),
]
const LAN = {
  segments: [{ name: 'lan', cidrs: ['10.0.0.0/24'], gateways: ['10.0.0.1'] }],
  nodes: ['n1', 'n2', 'n3'].map((name, i) => ({
    name,
    interfaces: [{ name: 'eth0', segment: 'lan', address: `10.0.0.1${i + 1}/24` }],
  })),
  routers: [{ name: 'tor', asNumber: 65000, interfaces: [{ name: 'lan', segment: 'lan', address: '10.0.0.1/24' }] }],
}
const UNDERLAY = object('Underlay', 'u', LAN)
const PEER = object('BGPPeer', 'tor', { peerIP: '10.0.0.1', asNumber: 65000 })

/** Pods `a` on n1, `b` on n2 that is not ready, `c` on n2. */
const PODS = [
  ['a', 'n1', 'True'],
  ['b', 'n2', 'False'],
  ['c', 'n2', 'True'],
].map(
  ([name, nodeName, status]) =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: { nodeName },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status }] },
    }) as KnownResource,
)

function service(name: string, spec: object, ingress: readonly object[] = []): KnownResource {
  const ports = [{ port: 80 }]
  const status = { loadBalancer: { ingress } }
  const full = { clusterIP: '10.96.0.10', ports, selector: { app: name }, ...spec }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: full, status } as never
}

const cidrs = (...list: string[]) => list.map((cidr) => ({ cidr }))

function cluster(bgp: object, services: readonly KnownResource[], more: readonly KnownResource[] = nodes()): Cluster {
  const config = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false, ...bgp })
  const built = build([...more, ...PODS, POOL, UNDERLAY, PEER, config, ...services], 'v3.31.0')
  expect(built.findings.faults).toEqual([])
  return built
}

/** Routes of the router to addresses of Services: range, and the nodes that are next hops. */
function learned(of: Cluster, netns = 'tor'): string[] {
  const routes = routesOf(of.network, of.network.namespaces[netns]!).filter(({ protocol }) => protocol === 'bgp')
  return routes
    .filter(({ dst }) => !dst.startsWith('192.168.'))
    .map(({ dst, via, nexthops = [{ via }] }) => `${dst} ${nexthops.map((hop) => `n${hop.via!.slice(-1)}`).join(' ')}`)
    .sort()
}

const LOCAL = { type: 'NodePort', externalTrafficPolicy: 'Local' }
const balancer = (policy: string | undefined, ip = '198.18.0.5', app = 'a') =>
  service(app, { type: 'LoadBalancer', ...(policy === undefined ? {} : { externalTrafficPolicy: policy }) }, [{ ip }])
const external = (policy: string, ip = '198.19.0.5') =>
  service('a', { type: 'NodePort', externalTrafficPolicy: policy, externalIPs: [ip] })
const EVERY = 'n1 n2 n3'

describe('what a router learns', () => {
  test.each<[string, object, KnownResource[], string[]]>([
    ['nothing without ranges', {}, [service('a', LOCAL)], []],
    [
      'a range of ClusterIPs from every node',
      { serviceClusterIPs: cidrs('10.96.0.0/12') },
      [],
      [`10.96.0.0/12 ${EVERY}`],
    ],
    [
      'one ClusterIP as a range, from every node as well',
      { serviceClusterIPs: cidrs('10.96.0.10/32') },
      [service('a', {})],
      [`10.96.0.10/32 ${EVERY}`],
    ],
    [
      'a Local Service by itself from nodes with a ready endpoint',
      { serviceClusterIPs: cidrs('10.96.0.0/12') },
      [service('a', LOCAL)],
      [`10.96.0.0/12 ${EVERY}`, '10.96.0.10/32 n1'],
    ],
    [
      'one without a ready endpoint from nobody',
      { serviceClusterIPs: cidrs('10.96.0.0/12') },
      [service('b', LOCAL)],
      [`10.96.0.0/12 ${EVERY}`],
    ],
    [
      'a ClusterIP of a Local Service, in whatever range it lies',
      { serviceClusterIPs: cidrs('10.112.0.0/16') },
      [service('c', LOCAL)],
      ['10.112.0.0/16 n1 n2 n3', '10.96.0.10/32 n2'],
    ],
    [
      'none of a headless Service, nor of one whose policy cannot be Local',
      { serviceClusterIPs: cidrs('10.96.0.0/12') },
      [service('a', { clusterIP: 'None' }), service('c', { externalTrafficPolicy: 'Local' })],
      [`10.96.0.0/12 ${EVERY}`],
    ],
    [
      'a range of load balancers from every node, addresses in it of Local Services by themselves',
      { serviceLoadBalancerIPs: cidrs('198.18.0.0/24') },
      [balancer('Local'), balancer('Local', '198.51.100.9', 'c')],
      [`198.18.0.0/24 ${EVERY}`, '198.18.0.5/32 n1'],
    ],
    [
      'a single address of load balancers for a Service with policy Cluster from every node',
      { serviceLoadBalancerIPs: cidrs('198.18.0.5/32') },
      [balancer(undefined, '198.18.0.5', 'nobody')],
      [`198.18.0.5/32 ${EVERY}`],
    ],
    [
      'and with policy Local from nodes with an endpoint',
      { serviceLoadBalancerIPs: cidrs('198.18.0.5/32') },
      [balancer('Local')],
      ['198.18.0.5/32 n1'],
    ],
    [
      'a single address that nobody has from nobody',
      { serviceLoadBalancerIPs: cidrs('198.18.0.5/32'), serviceExternalIPs: cidrs('198.19.0.5/32') },
      [service('a', {})],
      [],
    ],
    [
      'a Service without selector and EndpointSlices is passed by',
      { serviceLoadBalancerIPs: cidrs('198.18.0.5/32') },
      [service('x', { type: 'LoadBalancer', selector: {} }, [{ ip: '198.18.0.5' }])],
      [],
    ],
    [
      'ranges of load balancers that are not announced whole: each address, of Services with a ready endpoint',
      { serviceLoadBalancerIPs: cidrs('198.18.0.0/24'), serviceLoadBalancerAggregation: 'Disabled' },
      [balancer('Cluster'), balancer('Cluster', '198.18.0.6', 'b'), balancer('Local', '198.18.0.7', 'c')],
      [`198.18.0.5/32 ${EVERY}`, '198.18.0.7/32 n2'],
    ],
    [
      'external addresses as those of load balancers: ranges',
      { serviceExternalIPs: cidrs('198.19.0.0/24') },
      [external('Local')],
      [`198.19.0.0/24 ${EVERY}`, '198.19.0.5/32 n1'],
    ],
    [
      'and single ones',
      { serviceExternalIPs: cidrs('198.19.0.5/32') },
      [external('Cluster')],
      [`198.19.0.5/32 ${EVERY}`],
    ],
    [
      'an external address out of all ranges from nobody',
      { serviceExternalIPs: cidrs('198.19.0.0/24') },
      [external('Local', '198.51.100.5')],
      [`198.19.0.0/24 ${EVERY}`],
    ],
    [
      'an address that two Services have from whoever has an endpoint of one',
      { serviceExternalIPs: cidrs('198.19.0.5/32') },
      [external('Local'), service('c', { ...LOCAL, clusterIP: '10.96.0.11', externalIPs: ['198.19.0.5'] })],
      ['198.19.0.5/32 n1 n2'],
    ],
  ])('%s', (_, bgp, services, routes) => {
    expect(learned(cluster(bgp, services))).toEqual(routes)
  })

  test.each([
    ['true', 'n1 n2'],
    ['', EVERY],
    ['yes', EVERY],
  ])('a node with the label exclude-from-external-load-balancers %j', (value, from) => {
    const bgp = { serviceClusterIPs: cidrs('10.96.0.0/12') }
    expect(learned(cluster(bgp, [], nodes({ [EXCLUDE]: value })))).toEqual([`10.96.0.0/12 ${from}`])
  })

  it('CALICO_ADVERTISE_CLUSTER_IPS stands for serviceClusterIPs', () => {
    const env = [{ name: 'CALICO_ADVERTISE_CLUSTER_IPS', value: '10.64.0.0/16' }]
    const daemonSet = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'calico-node', namespace: 'kube-system' },
      spec: { template: { spec: { containers: [{ name: 'calico-node', env }] } } },
    } as KnownResource
    const bgp = { serviceClusterIPs: cidrs('10.96.0.0/12') }
    expect(learned(cluster(bgp, [daemonSet]))).toEqual([`10.64.0.0/16 ${EVERY}`])
  })

  it('a pool that is not exported hides what lies in it', () => {
    const hidden = pool('lb', '198.18.0.0/24', { disableBGPExport: true, blockSize: 28 })
    expect(learned(cluster({ serviceLoadBalancerIPs: cidrs('198.18.0.0/24') }, [balancer('Local'), hidden]))).toEqual(
      [],
    )
  })

  it('the origin of a route is the field of the BGPConfiguration, or the Service', () => {
    const { network } = cluster({ serviceClusterIPs: cidrs('10.96.0.0/12') }, [service('a', LOCAL)])
    const origins = network.namespaces['tor']!.routes.filter(({ dst }) => dst.startsWith('10.96.')).map(
      ({ origin }) => origin,
    )
    expect(origins).toEqual([
      expect.objectContaining({ object: 'BGPConfiguration/default', field: 'spec.serviceClusterIPs.0.cidr' }),
      expect.objectContaining({ object: 'Service/default/a', field: 'spec.clusterIP', note: 'announced by n1' }),
    ])
  })
})

describe('what becomes of it between the nodes', () => {
  const MESH = { nodeToNodeMeshEnabled: true, serviceClusterIPs: cidrs('10.96.0.0/12') }
  const about = (of: Cluster): string[] => of.findings.notes.filter(({ topic }) => topic === 'bgp').map(describeNote)

  it('their kernels have no route to what they announce and hear', () => {
    const of = cluster(MESH, [service('a', LOCAL)])
    for (const name of ['n1', 'n2', 'n3']) expect(routesMatching(of, name, /^\S*10\.96\./)).toEqual([])
  })

  it('with a mesh those without an endpoint pass on what they heard: the router is taken to ask those with one', () => {
    const of = cluster(MESH, [service('a', LOCAL)])
    expect(learned(of)).toContain('10.96.0.10/32 n1')
    expect(about(of)).toEqual([
      'BGPConfiguration/default: router tor is taken to send packets for 10.96.0.10/32 to the nodes that announce it; n2, n3 heard of it in the mesh and passes it on by a path of the same length',
    ])
  })

  it.each<[string, object, KnownResource[]]>([
    [
      'a single address, which is in no range that others announce',
      { serviceLoadBalancerIPs: cidrs('198.18.0.5/32') },
      [balancer('Local')],
    ],
    ['a range of all nodes', { serviceClusterIPs: cidrs('10.96.0.0/12') }, []],
  ])('%s is passed on by nobody', (_, bgp, services) => {
    expect(about(cluster({ ...bgp, nodeToNodeMeshEnabled: true }, services))).toEqual([])
  })

  it('an excluded node passes on nothing', () => {
    const of = cluster(MESH, [service('a', LOCAL)], nodes({ [EXCLUDE]: 'true' }))
    expect(about(of).join()).toContain('; n2 heard of it in the mesh')
  })
})

describe('a router behind one that peers with a single node', () => {
  const one = object('BGPPeer', 'tor', { node: 'n1', peerIP: '10.0.0.1', asNumber: 64512 })
  const reflector = node('n1', '10.0.0.11/24', {
    annotations: { 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' },
    labels: { rr: 'yes', [EXCLUDE]: 'true' },
  })
  const clients = object('BGPPeer', 'rr', { nodeSelector: 'all()', peerSelector: "rr == 'yes'" })
  const tor = object('Underlay', 'u', {
    ...LAN,
    routers: [{ name: 'tor', asNumber: 64512, interfaces: [{ name: 'lan', segment: 'lan', address: '10.0.0.1/24' }] }],
  })
  const built = (bgp: object, services: readonly KnownResource[]): string[] => {
    const config = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false, ...bgp })
    return learned(
      build([reflector, ...nodes().slice(1), ...PODS, POOL, tor, one, clients, config, ...services], 'v3.31.0'),
    )
  }

  it.each<[string, object, KnownResource[], string[]]>([
    ['addresses of load balancers', { serviceLoadBalancerIPs: cidrs('198.18.0.0/24') }, [], ['198.18.0.0/24 n1']],
    ['external ones', { serviceExternalIPs: cidrs('198.19.0.0/24') }, [], ['198.19.0.0/24 n1']],
    ['but not ClusterIPs', { serviceClusterIPs: cidrs('10.96.0.0/12') }, [], []],
    ['unless they lie in a pool', { serviceClusterIPs: cidrs('192.169.0.0/16') }, [pool('q', '192.168.0.0/15')], []],
  ])('a reflector that announces nothing itself passes on %s', (_, bgp, services, routes) => {
    expect(built(bgp, services)).toEqual(routes)
  })
})

it('a peer nobody describes may be any router: what it would learn is open', () => {
  const config = object('BGPConfiguration', 'default', { serviceClusterIPs: cidrs('10.96.0.0/12') })
  const { notes } = build([...nodes(), POOL, PEER, config], 'v3.31.0').findings
  expect(notes).toContainEqual(
    expect.objectContaining({
      code: 'bgp_speaker',
      object: 'BGPPeer/tor',
      scope: { kind: 'routed', netns: 'router', family: 'inet', to: ['10.96.0.0/12'] },
    }),
  )
})

it('filters of a peering with a router decide what it learns', () => {
  const filtered = object('BGPPeer', 'tor', { peerIP: '10.0.0.1', asNumber: 65000, filters: ['f'] })
  const filter = object('BGPFilter', 'f', {
    exportV4: [{ action: 'Reject', matchOperator: 'In', cidr: '10.96.0.0/12' }],
  })
  const config = object('BGPConfiguration', 'default', { serviceClusterIPs: cidrs('10.96.0.0/12') })
  const learned = (...more: readonly object[]): string[] => {
    const { network, findings } = build([...nodes(), POOL, UNDERLAY, config, ...(more as (typeof POOL)[])], 'v3.31.0')
    expect(findings.notes.filter(({ code }) => code === 'bgp_filter')).toEqual([])
    return routesOf(network, network.namespaces['tor']!).flatMap(({ dst, protocol }) => (protocol === 'bgp' ? dst : []))
  }
  const all = learned(PEER)
  expect(all).toContain('10.96.0.0/12')
  expect(learned(filtered, filter)).toEqual(all.filter((dst) => dst !== '10.96.0.0/12'))
})

it('what a router is given by hand goes before what it learns', () => {
  const routes = ['10.96.0.0/12 via 10.0.0.12 dev lan']
  const given = object('Underlay', 'u', { ...LAN, routers: [{ ...LAN.routers[0], routes }] })
  const config = object('BGPConfiguration', 'default', { serviceClusterIPs: cidrs('10.96.0.0/12') })
  const of = build([...nodes(), POOL, given, PEER, config], 'v3.31.0')
  const found = routesOf(of.network, of.network.namespaces['tor']!).filter(({ dst }) => dst === '10.96.0.0/12')
  expect(found.map(({ via }) => via)).toEqual(['10.0.0.12'])
})
