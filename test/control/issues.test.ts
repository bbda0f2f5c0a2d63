import { describe, expect, test } from 'vitest'
import type { Cluster, KnownResource, OtherResource, PlaceOf } from '../../src/control/index.ts'
import { describeIssue, describeNote, InputError } from '../../src/model/index.ts'
import { build, node, object, pod, pool } from './cluster-objects.ts'

const NODE = node('node1', '172.18.0.2/16')
const POOL = pool('p', '10.0.0.0/16')

function underlay(spec: object): KnownResource {
  return object('Underlay', 'u', spec)
}

/** Broken input and the one issue it must give: object, path, and what is expected and received. */
const TABLE: readonly [string, KnownResource[], string][] = [
  [
    'pod on an unknown node',
    [NODE, POOL, pod('x', 'nowhere')],
    'Pod/default/x spec.nodeName: expected one of the nodes node1, received nowhere',
  ],
  [
    'overlapping pools',
    [NODE, POOL, pool('q', '10.0.128.0/17')],
    'IPPool/q spec.cidr: expected a range apart from IPPool/p (10.0.0.0/16), received 10.0.128.0/17',
  ],
  [
    'pool not strictly masked',
    [NODE, pool('p', '10.0.0.1/16')],
    'IPPool/p spec.cidr: expected a strictly masked network (host bits are set: the network is 10.0.0.0/16), received 10.0.0.1/16',
  ],
  [
    'block size out of range',
    [NODE, pool('p', '10.0.0.0/16', { blockSize: 33 })],
    'IPPool/p spec.blockSize: expected a prefix length from 20 to 32, received 33',
  ],
  [
    'pool smaller than its blocks',
    [NODE, pool('p', '10.0.0.0/28')],
    'IPPool/p spec.cidr: expected a pool at least as large as its blocks (/26), received 10.0.0.0/28',
  ],
  [
    'two encapsulations',
    [NODE, pool('p', '10.0.0.0/16', { ipipMode: 'Always', vxlanMode: 'CrossSubnet' })],
    'IPPool/p spec.vxlanMode: expected at most one of ipipMode and vxlanMode other than Never, received Always and CrossSubnet',
  ],
  [
    'IPIP for IPv6',
    [NODE, pool('p', 'fd00::/64', { ipipMode: 'Always' })],
    'IPPool/p spec.ipipMode: expected Never: IPIP does not carry IPv6, received Always',
  ],
  [
    'link-local pool',
    [NODE, pool('p', '169.254.0.0/17')],
    'IPPool/p spec.cidr: expected a range outside the link-local range, received 169.254.0.0/17',
  ],
  [
    'nodeSelector that is none',
    [NODE, pool('p', '10.0.0.0/16', { nodeSelector: 'a = b' })],
    'IPPool/p spec.nodeSelector: expected a selector (at 1: a comparison and a quoted value), received a = b',
  ],
  [
    'two nodes with one address',
    [NODE, node('node2', '172.18.0.2/16'), POOL],
    'Node/node2 status.addresses: expected an address no other node has, received 172.18.0.2, also of node1',
  ],
  [
    'a node without address',
    [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } }, POOL],
    'Node/bare status.addresses: expected an InternalIP, a projectcalico.org/IPv4Address annotation or an interface with an address, received none',
  ],
  [
    'no pool at all, however many pods',
    [NODE, pod('x', 'node1'), pod('y', 'node1')],
    'expected an IPPool, an Installation of the operator, or the DaemonSet of calico-node, received none of them: no pod gets an address',
  ],
  [
    'no pool for a pod',
    [NODE, pool('other', '10.9.0.0/16', { nodeSelector: "a == 'b'" }), pod('x', 'node1')],
    'Pod/default/x metadata.name: expected an enabled IPv4 pool for node node1, received none',
  ],
  [
    'a block larger than blocks are',
    [NODE, POOL, object('BlockAffinity', 'a', { cidr: '0.0.0.0/0', node: 'node1', state: 'confirmed' })],
    'BlockAffinity/a spec.cidr: expected a block of /20 to /32, received 0.0.0.0/0',
  ],
  [
    'a block with too few slots',
    [
      NODE,
      POOL,
      object('IPAMBlock', 'b', { cidr: '10.0.0.0/30', allocations: [null], unallocated: [0, 1, 2, 3], attributes: [] }),
    ],
    'IPAMBlock/b spec.allocations: expected 4 entries, one for each address of the block, received 1',
  ],
  [
    'a slot that is allocated and free',
    [
      NODE,
      POOL,
      object('IPAMBlock', 'b', { cidr: '10.0.0.0/31', allocations: [0, null], unallocated: [0, 1], attributes: [{}] }),
    ],
    'IPAMBlock/b spec.unallocated.0: expected a free slot from 0 to 1, once, received 0, which is allocated',
  ],
  [
    'an unknown pool in an annotation',
    [NODE, POOL, pod('x', 'node1', { annotations: { 'cni.projectcalico.org/ipv4pools': '["q"]' } })],
    'Pod/default/x metadata.annotations.cni.projectcalico.org/ipv4pools: expected an enabled IPv4 pool, received q',
  ],
  [
    'an annotation that is no list',
    [NODE, POOL, pod('x', 'node1', { annotations: { 'cni.projectcalico.org/ipAddrs': '10.0.0.5' } })],
    'Pod/default/x metadata.annotations.cni.projectcalico.org/ipAddrs: expected a JSON list of addresses, received 10.0.0.5',
  ],
  [
    'an address outside every pool',
    [NODE, POOL, pod('x', 'node1', { annotations: { 'cni.projectcalico.org/ipAddrs': '["10.1.0.5"]' } })],
    'Pod/default/x metadata.annotations.cni.projectcalico.org/ipAddrs: expected an address of an enabled pool for workloads, received 10.1.0.5',
  ],
  [
    'IPAM that may neither claim nor borrow',
    [NODE, POOL, object('IPAMConfig', 'default', { autoAllocateBlocks: false })],
    'IPAMConfig/default spec.autoAllocateBlocks: expected strictAffinity true when autoAllocateBlocks is false, received strictAffinity false',
  ],
  [
    'an unknown backend',
    [
      NODE,
      POOL,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'calico-config', namespace: 'kube-system' },
        data: { calico_backend: 'quagga' },
      },
    ],
    'ConfigMap/kube-system/calico-config data.calico_backend: expected bird, vxlan or none, received quagga',
  ],
  [
    'a segment that is no network',
    [
      NODE,
      POOL,
      underlay({ segments: [{ name: 'lan', cidr: '172.18.0.0' }], nodes: [{ name: 'node1', interfaces: [] }] }),
    ],
    'Underlay/u spec.segments.0.cidr: expected a network a.b.c.d/n (expected "/" and a prefix length), received 172.18.0.0',
  ],
  [
    'a gateway outside its segment',
    [
      NODE,
      POOL,
      underlay({
        segments: [{ name: 'lan', cidr: '172.18.0.0/16', gateway: '172.19.0.1' }],
        nodes: [{ name: 'node1', interfaces: [] }],
      }),
    ],
    'Underlay/u spec.segments.0.gateway: expected an address inside 172.18.0.0/16, received 172.19.0.1',
  ],
  [
    'an interface on no segment',
    [
      NODE,
      POOL,
      underlay({
        segments: [{ name: 'lan', cidr: '172.18.0.0/16' }],
        nodes: [{ name: 'node1', interfaces: [{ name: 'eth0', segment: 'wan', address: '172.18.0.2/16' }] }],
      }),
    ],
    'Underlay/u spec.nodes.0.interfaces.0.segment: expected one of the segments lan, received wan',
  ],
  [
    'a mask that is missing',
    [
      NODE,
      POOL,
      underlay({
        segments: [{ name: 'lan', cidr: '172.18.0.0/16' }],
        nodes: [{ name: 'node1', interfaces: [{ name: 'eth0', segment: 'lan', address: '172.18.0.2' }] }],
      }),
    ],
    'Underlay/u spec.nodes.0.interfaces.0.address: expected an address a.b.c.d/n (expected "/" and a prefix length), received 172.18.0.2',
  ],
  [
    'a node the underlay does not have',
    [NODE, POOL, underlay({ segments: [], nodes: [] })],
    'Node/node1 metadata.name: expected an entry of Underlay/u spec.nodes with this name, received node1',
  ],
  [
    'a peer with node and nodeSelector',
    [NODE, POOL, object('BGPPeer', 'b', { node: 'node1', nodeSelector: 'all()', peerIP: '172.18.0.2' })],
    'BGPPeer/b spec.nodeSelector: expected no nodeSelector beside node, received all()',
  ],
]

describe('faults in objects', () => {
  test.each(TABLE)('%s', (_, items, want) => {
    expect(build(items).findings.faults.map(describeIssue)).toContain(want)
  })

  test('an issue has the place of its field', () => {
    const placeOf: PlaceOf = (path) => ({ file: 'c.yaml', line: path.join('.') === 'spec.cidr' ? 7 : 1, column: 9 })
    const broken = { ...pool('p', '10.0.0.1/16'), placeOf }
    const [issue] = build([NODE, broken]).findings.faults
    expect(issue).toMatchObject({ file: 'c.yaml', line: 7, column: 9, object: 'IPPool/p', path: ['spec', 'cidr'] })
  })

  test('all faults are thrown at once', () => {
    const cluster = build([NODE, POOL, pod('x', 'a'), pod('y', 'b')])
    expect(() => cluster.findings.assertNoFaults()).toThrow(InputError)
    expect(cluster.findings.faults).toHaveLength(2)
    build([NODE, POOL]).findings.assertNoFaults()
  })

  test.each([
    ['the only pool', []],
    ['a pool that an annotation asks for', [POOL]],
  ])('a refused pool is one issue, pods without it are none: %s', (_, others) => {
    const annotations = { 'cni.projectcalico.org/ipv4pools': '["broken"]' }
    const items = [
      NODE,
      pool('broken', '10.9.0.1/16'),
      ...others,
      pod('x', 'node1', { annotations }),
      pod('y', 'node1'),
    ]
    expect(build(items).findings.faults.map(({ object }) => object)).toEqual(['IPPool/broken'])
  })

  test.each([
    [
      object('FelixConfiguration', 'default', { mtuIfacePattern: '^(eth' }),
      'FelixConfiguration/default spec.mtuIfacePattern: expected a regular expression, received ^(eth',
    ],
    [
      object('DaemonSet', 'calico-node', {
        template: {
          spec: { containers: [{ name: 'calico-node', env: [{ name: 'FELIX_MTUIFACEPATTERN', value: '[' }] }] },
        },
      }),
      'DaemonSet/default/calico-node spec.template.spec.containers.0.env.0.value: expected a regular expression, as FELIX_MTUIFACEPATTERN, received "["',
    ],
  ])('a pattern for uplinks that is none', (item, want) => {
    expect(build([NODE, POOL, item]).findings.faults.map(describeIssue)).toEqual([want])
  })

  test('what is about a broken object is left out, the rest is built', () => {
    const cluster = build([NODE, POOL, pod('x', 'nowhere'), pod('y', 'node1')])
    expect(cluster.workloadEndpoints.map((endpoint) => endpoint.netns)).toEqual(['default/y'])
  })
})

describe('what is hardly meant is a warning, no fault', () => {
  test.each<[string, KnownResource, string]>([
    [
      'a peer of an unknown node',
      object('BGPPeer', 'b', { node: 'nowhere', peerSelector: 'all()' }),
      'BGPPeer/b spec.node: expected one of the nodes node1, received nowhere',
    ],
    [
      'an affinity of an unknown node',
      object('BlockAffinity', 'n-10-0-0-0-26', { cidr: '10.0.0.0/26', node: 'nowhere', state: 'confirmed' }),
      'BlockAffinity/n-10-0-0-0-26 spec.node: expected one of the nodes node1, received nowhere',
    ],
    [
      'settings of an unknown node',
      object('FelixConfiguration', 'node.nowhere', { ipipMTU: 1400 }),
      'FelixConfiguration/node.nowhere metadata.name: expected one of the nodes node1, received node.nowhere',
    ],
    [
      "a pod with a node's address",
      pod('x', 'node1', { ip: '172.18.0.2' }),
      'Pod/default/x status.podIPs: expected an address no node has, received 172.18.0.2, also of node node1',
    ],
    [
      'a pod address outside every pool',
      pod('x', 'node1', { ip: '10.77.0.2' }),
      'Pod/default/x status.podIPs: expected an address of an IP pool, received 10.77.0.2',
    ],
  ])('%s', (_, item, want) => {
    const cluster = build([NODE, POOL, item])
    expect(cluster.findings.warnings.map(describeIssue)).toEqual([want])
    expect(cluster.findings.faults).toEqual([])
  })

  test('nothing odd, no warning', () => {
    expect(build([NODE, POOL, pod('x', 'node1'), pod('y', 'node1', { ip: '10.0.0.9' })]).findings.warnings).toEqual([])
  })
})

describe('what is not modelled is named', () => {
  const undecided = (cluster: Cluster) => cluster.findings.notes.filter(({ effect }) => effect === 'undecided')

  test.each<[OtherResource, string]>([
    [
      object('FelixConfiguration', 'default', { bpfEnabled: true }),
      'FelixConfiguration/default: bpfEnabled true is not modelled',
    ],
    [
      pod('x', 'node1', { annotations: { 'cni.projectcalico.org/ipAddrsNoIpam': '["1.2.3.4"]' } }),
      'Pod/default/x: cni.projectcalico.org/ipAddrsNoIpam is not modelled',
    ],
  ])('%o', (item, want) => expect(undecided(build([NODE, POOL, item])).map(describeNote)).toEqual([want]))

  test('with its place and code', () => {
    const placeOf: PlaceOf = (path) => ({ file: 'felix.yaml', line: 7 + path.length, column: 3 })
    const felix = { ...object('FelixConfiguration', 'default', { bpfEnabled: true }), placeOf }
    expect(undecided(build([NODE, POOL, felix]))).toMatchObject([
      { code: 'dataplane', object: 'FelixConfiguration/default', file: 'felix.yaml', line: 9, column: 3 },
    ])
  })
})
