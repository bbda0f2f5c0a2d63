// Settings of Felix that change its routes: protocol, preferred source, encryption between nodes.
import { describe, expect, test } from 'vitest'
import { build, node, object, pod, pool, routesMatching } from './cluster-objects.ts'

const NODES = [node('node1', '172.18.0.2/16'), node('node2', '172.18.0.3/16'), node('node3', '172.18.0.4/16')]
const PODS = [pod('a', 'node1'), pod('b', 'node2')]
const felix = (spec: object) => object('FelixConfiguration', 'default', spec)

describe('deviceRouteProtocol and deviceRouteSourceAddress (facts/felix-routes.md §2)', () => {
  const lines = (version: string, spec: object, mode: object): string[] =>
    routesMatching(
      build([...NODES, ...PODS, pool('p', '10.244.0.0/16', mode), felix(spec)], version),
      'node1',
      /10\.244\.(104|166)/,
    )

  test.each<[name: string, spec: object, mode: object, lines: readonly string[]]>([
    [
      'a protocol of its own is on all of them, by the name ip has for it',
      { deviceRouteProtocol: 12 },
      { vxlanMode: 'Always' },
      [
        '10.244.104.0/26 via 10.244.104.0 dev vxlan.calico proto bird onlink mtu 1450',
        'blackhole 10.244.166.128/26 proto bird',
        '10.244.166.129 dev calieb97322ec89 proto bird scope link metric 1024',
      ],
    ],
    [
      'so is a source',
      { deviceRouteSourceAddress: '172.18.0.2' },
      { vxlanMode: 'CrossSubnet' },
      [
        '10.244.104.0/26 via 172.18.0.3 dev eth0 proto 80 src 172.18.0.2 onlink',
        'blackhole 10.244.166.128/26 proto 80 src 172.18.0.2',
        '10.244.166.129 dev calieb97322ec89 scope link src 172.18.0.2 metric 1024',
      ],
    ],
    [
      'one of the other family is not',
      { deviceRouteSourceAddressIPv6: 'fd00::2' },
      { ipipMode: 'Always' },
      [
        '10.244.104.0/26 via 172.18.0.3 dev tunl0 proto 80 onlink mtu 1480',
        'blackhole 10.244.166.128/26 proto 80',
        '10.244.166.129 dev calieb97322ec89 scope link metric 1024',
      ],
    ],
  ])('%s', (_name, spec, mode, want) => {
    const dev = /cali[0-9a-f]{11}/
    expect(lines('v3.33.0', spec, mode).map((line) => line.replace(dev, 'cali'))).toEqual(
      want.map((line) => line.replace(dev, 'cali')),
    )
  })

  test('BIRD’s routes keep theirs', () => {
    const spec = { deviceRouteSourceAddress: '172.18.0.2', deviceRouteProtocol: 4 }
    expect(lines('v3.30.0', spec, {})).toEqual([
      '10.244.104.0/26 via 172.18.0.3 dev eth0 proto bird',
      expect.stringContaining('proto static scope link src 172.18.0.2'),
      'blackhole 10.244.166.128/26 proto bird',
    ])
  })
})

describe('wireguardHostEncryptionEnabled (facts/felix-routes.md §7)', () => {
  const keyed = (name: string, address: string) =>
    node(name, address, { annotations: { 'projectcalico.org/WireguardPublicKey': `${name}${'A'.repeat(38)}=` } })
  const items = [keyed('node1', '172.18.0.2/16'), keyed('node2', '172.18.0.3/16'), NODES[2]!, ...PODS]
  const cluster = (spec: object, pools = [pool('p', '10.244.0.0/16')]) =>
    build([...items, ...pools, felix({ wireguardEnabled: true, ...spec })], 'v3.30.0')
  const ON = { wireguardHostEncryptionEnabled: true }

  test('nodes with a key are reached by WireGuard, others say so', () => {
    expect(routesMatching(cluster(ON), 'node1', /172\.18/, '1')).toEqual([
      '172.18.0.3 dev wireguard.cali scope link',
      'throw 172.18.0.4',
    ])
    expect(routesMatching(cluster({}), 'node1', /172\.18/, '1')).toEqual([])
  })

  test('peers list the node’s own address', () => {
    const allowed = (spec: object): readonly string[] =>
      cluster(spec).network.namespaces['node1']!.interfaces['wireguard.cali']!.wireguard!.peers[0]!.allowedIps
    expect(allowed(ON)).toEqual(['172.18.0.3/32', '10.244.104.0/26'])
    expect(allowed({})).toEqual(['10.244.104.0/32', '10.244.104.0/26'])
  })

  test('the device has the address of the node where no pool gives it one', () => {
    const device = cluster(ON, []).network.namespaces['node1']!.interfaces['wireguard.cali']!
    expect(device.addresses.map(({ local }) => local)).toEqual(['172.18.0.2'])
  })
})

describe('routeSource WorkloadIPs (facts/felix-routes.md §4)', () => {
  const WORKLOADS = felix({ routeSource: 'WorkloadIPs' })

  test('Felix writes a route a pod, and knows no blocks', () => {
    const items = [...NODES, ...PODS, pool('p', '10.244.0.0/16', { vxlanMode: 'Always' }), WORKLOADS]
    expect(routesMatching(build(items, 'v3.33.0'), 'node1', /10\.244\.(104|166)/)).toEqual([
      '10.244.104.1 via 10.244.104.0 dev vxlan.calico onlink mtu 1450',
      expect.stringMatching(/^10\.244\.166\.129 dev cali/),
    ])
  })

  test('BIRD goes by blocks, whatever Felix does', () => {
    const items = [...NODES, ...PODS, pool('p', '10.244.0.0/16'), WORKLOADS]
    expect(routesMatching(build(items, 'v3.33.0'), 'node1', /10\.244\.104/)).toEqual([
      '10.244.104.0/26 via 172.18.0.3 dev eth0 proto bird metric 1024',
    ])
  })

  test('nodes that differ are named', () => {
    const items = [
      ...NODES,
      pool('p', '10.244.0.0/16'),
      object('FelixConfiguration', 'node.node2', { routeSource: 'WorkloadIPs' }),
    ]
    expect(build(items).findings.notes.filter(({ code }) => code === 'felix_field')).toMatchObject([
      { object: 'Node/node2', what: expect.stringContaining('taken to be CalicoIPAM') },
    ])
  })
})

describe('dataplanes that are not built are named', () => {
  test('nodes of Windows', () => {
    const windows = node('win', '172.18.0.9/16', { labels: { 'kubernetes.io/os': 'windows' } })
    const { notes } = build([...NODES, windows, pool('p', '10.244.0.0/16')]).findings
    expect(notes.filter(({ code }) => code === 'dataplane')).toMatchObject([
      { object: 'Node/win', scope: { kind: 'through', netns: ['win'] } },
    ])
  })

  test('pods with netkit devices', () => {
    const config = JSON.stringify({
      plugins: [{ type: 'calico', device_type: 'netkit', ipam: { type: 'calico-ipam' } }],
    })
    const configMap = {
      ...object('ConfigMap', 'calico-config', {}),
      apiVersion: 'v1',
      data: { cni_network_config: config },
    } as Parameters<typeof build>[0][number]
    const { notes } = build([...NODES, pool('p', '10.244.0.0/16'), configMap]).findings
    expect(notes.filter(({ what }) => what.includes('netkit'))).toMatchObject([{ effect: 'assumed' }])
  })
})

test.each<[version: string, line: string]>([
  ['v3.30.0', '10.65.0.33 dev vxlan.calico scope link'],
  ['v3.34.0', '10.65.0.33 dev vxlan.calico scope link mtu 1450'],
])(
  '[felix-routes.md §2] in %s the tunnel address of a node that no larger block has is on the device itself',
  (version, line) => {
    const one = pool('p', '10.65.0.0/26', { vxlanMode: 'Always', blockSize: 32 })
    const found = routesMatching(build([...NODES, one], version), 'node1', /^10.*vxlan\.calico/)
    expect(found.map((text) => text.replace(/^10\.65\.0\.\d+/, '10.65.0.33'))).toEqual([line, line])
  },
)
