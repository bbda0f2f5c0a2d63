// The verb `felix-state`: what Felix of a node knows of ranges and tunnels.
import { describe, expect, it } from 'vitest'
import { answerCalico, type FelixStateResult } from '../../src/calico/index.ts'
import { blockOf, felixOf, nodeWith, poolOf, workloadOf } from '../support/felix-objects.ts'

const ME = 'alder'

function stateOf(objects: readonly object[], rest: object = {}): FelixStateResult {
  const answer = answerCalico({ verb: 'felix-state', node: ME, objects, ...rest })
  expect(answer).toHaveProperty('result')
  return (answer as { readonly result: FelixStateResult }).result
}

type Route = FelixStateResult['routes'][number]

/** A route in short: what lives there, its pool, where it leads, and what is true of it. */
function inShort({ dst, types, poolType, node, nodeIp, tunnelTypes, ...flags }: Route): string {
  const set = (['natOutgoing', 'sameSubnet', 'borrowed', 'localWorkload'] as const).filter((name) => flags[name])
  return [dst, types.join('+'), poolType, node, nodeIp, ...tunnelTypes, ...set]
    .filter((word) => word !== undefined)
    .join(' ')
}

const ALDER = nodeWith(ME, { IPv4Address: '192.0.2.10/28' })
const BIRCH = nodeWith('birch', { IPv4Address: '192.0.2.12/24' })
const CEDAR = nodeWith('cedar', { IPv4Address: '192.0.2.77/24' })
const VXLAN = poolOf('overlay', '10.92.0.0/16', { vxlanMode: 'Always' })

const ROWS: readonly (readonly [what: string, objects: readonly object[], routes: readonly string[]])[] = [
  ['another node', [CEDAR], ['192.0.2.77/32 remote-host NONE cedar 192.0.2.77']],
  ['itself', [ALDER], ['192.0.2.10/32 local-host NONE alder 192.0.2.10']],
  [
    'a node that calico-node has no address of, by what Kubernetes lists: internal before external ones',
    [
      nodeWith(
        'dogwood',
        {},
        {
          addresses: [
            { type: 'ExternalIP', address: '198.51.100.9' },
            { type: 'InternalIP', address: '192.0.2.9' },
          ],
        },
      ),
    ],
    ['192.0.2.9/32 remote-host NONE dogwood 192.0.2.9', '198.51.100.9/32 remote-host NONE dogwood 192.0.2.9'],
  ],
  [
    'every listed address of a node, names of hosts left out',
    [
      nodeWith(
        'birch',
        { IPv4Address: '192.0.2.12/24' },
        {
          addresses: [
            { type: 'InternalIP', address: '203.0.113.5' },
            { type: 'Hostname', address: 'birch' },
            { type: 'InternalIP', address: 'birch.lab' },
            { type: 'InternalIP', address: '2001:db8::5' },
          ],
        },
      ),
    ],
    [
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
      '203.0.113.5/32 remote-host NONE birch 192.0.2.12',
      '2001:db8::5/128 remote-host NONE birch',
    ],
  ],
  [
    'two nodes with one address: the first by name',
    [nodeWith('b2', { IPv4Address: '192.0.2.12' }), BIRCH],
    ['192.0.2.12/32 remote-host NONE b2 192.0.2.12'],
  ],
  [
    'a block by its pool and its node',
    [VXLAN, BIRCH, blockOf('10.92.4.0/28', 'host:birch')],
    [
      '10.92.0.0/16 cidr-info VXLAN',
      '10.92.4.0/28 remote-workload VXLAN birch 192.0.2.12',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
    ],
  ],
  [
    'a block of a node that is not there',
    [VXLAN, blockOf('10.92.4.0/28', 'host:elm')],
    ['10.92.0.0/16 cidr-info VXLAN', '10.92.4.0/28 remote-workload VXLAN elm'],
  ],
  [
    '[felix-routes.md §4] a block outside of every pool',
    [blockOf('10.92.4.0/28', 'host:elm')],
    ['10.92.4.0/28 remote-workload NONE elm'],
  ],
  [
    '[felix-routes.md §4] a borrowed address by itself',
    [blockOf('10.92.4.0/28', 'host:birch', ['birch', 'cedar']), BIRCH, CEDAR],
    [
      '10.92.4.0/28 remote-workload NONE birch 192.0.2.12',
      '10.92.4.1/32 remote-workload NONE cedar 192.0.2.77 borrowed',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
      '192.0.2.77/32 remote-host NONE cedar 192.0.2.77',
    ],
  ],
  [
    'an address that another node borrows of ours, and a workload of ours that has it all the same',
    [blockOf('10.92.4.0/28', 'host:alder', ['alder', 'cedar']), workloadOf(ME, 'w', ['10.92.4.1/32'])],
    [
      '10.92.4.0/28 local-workload NONE alder',
      '10.92.4.1/32 remote-workload+local-workload NONE alder borrowed localWorkload',
    ],
  ],
  [
    'a block that nobody owns any more: only who uses it',
    [blockOf('10.92.4.0/28', '', ['cedar'])],
    ['10.92.4.0/32 remote-workload NONE cedar'],
  ],
  [
    'a block of load balancers',
    [blockOf('10.92.4.0/28', 'virtual:load-balancer')],
    ['10.92.4.0/28 remote-workload NONE load-balancer'],
  ],
  [
    '[felix-routes.md §4] a pool of load balancers only counts as none, but for translation',
    [poolOf('services', '10.99.0.0/24', { allowedUses: ['LoadBalancer'], natOutgoing: true })],
    ['10.99.0.0/24 cidr-info NONE natOutgoing'],
  ],
  [
    '[felix-routes.md §4] a disabled pool counts, and nodes inside it are of it',
    [poolOf('hosts', '192.0.2.0/24', { disabled: true, natOutgoing: true }), CEDAR],
    ['192.0.2.0/24 cidr-info NO_ENCAP natOutgoing', '192.0.2.77/32 remote-host NO_ENCAP cedar 192.0.2.77 natOutgoing'],
  ],
  [
    'pools in pools: the inner one says how addresses travel, both say what is translated',
    [
      poolOf('outer', '10.92.0.0/16', { vxlanMode: 'Always', natOutgoing: true }),
      poolOf('inner', '10.92.8.0/24', { ipipMode: 'Always' }),
      blockOf('10.92.8.0/28', 'host:elm'),
    ],
    [
      '10.92.0.0/16 cidr-info VXLAN natOutgoing',
      '10.92.8.0/24 cidr-info IPIP natOutgoing',
      '10.92.8.0/28 remote-workload IPIP elm natOutgoing',
    ],
  ],
  [
    '[felix-routes.md §4] sameSubnet goes by the mask of this node, whatever that of the others is',
    [
      poolOf('mixed', '10.92.0.0/16', { ipipMode: 'CrossSubnet' }),
      ALDER,
      BIRCH,
      CEDAR,
      blockOf('10.92.4.0/28', 'host:birch'),
      blockOf('10.92.5.0/28', 'host:cedar'),
    ],
    [
      '10.92.0.0/16 cidr-info IPIP',
      '10.92.4.0/28 remote-workload IPIP birch 192.0.2.12 sameSubnet',
      '10.92.5.0/28 remote-workload IPIP cedar 192.0.2.77',
      '192.0.2.10/32 local-host NONE alder 192.0.2.10',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
      '192.0.2.77/32 remote-host NONE cedar 192.0.2.77',
    ],
  ],
  [
    '[felix-routes.md §4] a node whose address has no mask sees nobody in its subnet, but itself',
    [
      poolOf('mixed', '10.92.0.0/16', { vxlanMode: 'CrossSubnet' }),
      nodeWith(ME, { IPv4Address: '192.0.2.11' }),
      BIRCH,
      blockOf('10.92.4.0/28', 'host:birch'),
      blockOf('10.92.6.0/28', 'host:alder'),
    ],
    [
      '10.92.0.0/16 cidr-info VXLAN',
      '10.92.4.0/28 remote-workload VXLAN birch 192.0.2.12',
      '10.92.6.0/28 local-workload VXLAN alder 192.0.2.11 sameSubnet',
      '192.0.2.11/32 local-host NONE alder 192.0.2.11',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
    ],
  ],
  [
    '[felix-routes.md §4] sameSubnet of IPv6',
    [
      poolOf('six', 'fd92::/48', { vxlanMode: 'CrossSubnet' }),
      nodeWith(ME, { IPv6Address: '2001:db8:7::1/64' }),
      nodeWith('birch', { IPv6Address: '2001:db8:7::2/128' }),
      blockOf('fd92::40/122', 'host:birch'),
    ],
    [
      '2001:db8:7::1/128 local-host NONE alder 2001:db8:7::1',
      '2001:db8:7::2/128 remote-host NONE birch 2001:db8:7::2',
      'fd92::/48 cidr-info VXLAN',
      'fd92::40/122 remote-workload VXLAN birch 2001:db8:7::2 sameSubnet',
    ],
  ],
  [
    'an address of a tunnel inside the block of its node is no workload of it',
    [
      nodeWith('birch', { IPv4Address: '192.0.2.12/24', IPv4IPIPTunnelAddr: '10.92.4.0' }),
      blockOf('10.92.4.0/28', 'host:birch'),
    ],
    [
      '10.92.4.0/28 remote-workload NONE birch 192.0.2.12',
      '10.92.4.0/32 remote-tunnel NONE birch 192.0.2.12 ipip',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
    ],
  ],
  [
    'a block that is the address of a tunnel is one, too',
    [
      nodeWith('birch', { IPv4Address: '192.0.2.12/24', IPv4VXLANTunnelAddr: '10.92.4.0' }),
      blockOf('10.92.4.0/32', 'host:birch'),
    ],
    [
      '10.92.4.0/32 remote-workload+remote-tunnel NONE birch 192.0.2.12 vxlan',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
    ],
  ],
  [
    'an address of a tunnel inside the block of another node is borrowed',
    [
      nodeWith('birch', { IPv4Address: '192.0.2.12/24', IPv4VXLANTunnelAddr: '10.92.4.0' }),
      blockOf('10.92.4.0/28', 'host:elm'),
    ],
    [
      '10.92.4.0/28 remote-workload NONE elm',
      '10.92.4.0/32 remote-tunnel NONE birch 192.0.2.12 vxlan borrowed',
      '192.0.2.12/32 remote-host NONE birch 192.0.2.12',
    ],
  ],
  [
    'tunnels of one node that share an address, and its own address inside a block',
    [
      nodeWith(ME, {
        IPv4Address: '10.92.4.9/24',
        IPv4VXLANTunnelAddr: '10.92.4.0',
        IPv4WireguardInterfaceAddr: '10.92.4.0',
      }),
      blockOf('10.92.4.0/28', 'host:alder'),
    ],
    [
      '10.92.4.0/28 local-workload NONE alder 10.92.4.9',
      '10.92.4.0/32 local-tunnel NONE alder 10.92.4.9 vxlan wireguard',
      '10.92.4.9/32 local-host NONE alder 10.92.4.9',
    ],
  ],
  ['no tunnel of a node without an address', [nodeWith('birch', { IPv4VXLANTunnelAddr: '10.92.4.0' })], []],
  [
    '[felix-routes.md §4] workloads of all nodes where routes come from them, and no blocks',
    [
      felixOf({ routeSource: 'WorkloadIPs' }),
      blockOf('10.92.4.0/28', 'host:birch'),
      workloadOf('birch', 'w', ['10.92.4.3/32']),
      workloadOf(ME, 'v', ['fd92::3/128']),
    ],
    ['10.92.4.3/32 remote-workload NONE birch', 'fd92::3/128 local-workload NONE alder localWorkload'],
  ],
  [
    'else only those of this node',
    [workloadOf('birch', 'w', ['10.92.4.3/32']), workloadOf(ME, 'v', ['10.92.4.4'])],
    ['10.92.4.4/32 local-workload NONE alder localWorkload'],
  ],
  [
    'a workload with a range, and what lies inside it',
    [
      felixOf({ routeSource: 'WorkloadIPs' }),
      workloadOf('birch', 'w', ['fd92::7/122']),
      workloadOf('birch', 'v', ['fd92::9/128']),
    ],
    ['fd92::/122 remote-workload NONE birch', 'fd92::9/128 remote-workload NONE birch'],
  ],
  [
    'no workload that Felix does not take: without an interface or an address',
    [workloadOf(ME, 'w', ['10.92.4.3/32'], { interfaceName: '' }), workloadOf(ME, 'v', [])],
    [],
  ],
]

describe('Felix knows of', () => {
  it.each(ROWS)('%s', (_what, objects, routes) => {
    expect(stateOf(objects).routes.map(inShort)).toEqual(routes)
    expect(stateOf([...objects].reverse()).routes.map(inShort), 'in another order').toEqual(routes)
  })

  it('a node of Calico as of one of Kubernetes', () => {
    const spec = {
      bgp: { ipv4Address: '192.0.2.12/24', ipv4IPIPTunnelAddr: '10.92.4.1' },
      ipv4VXLANTunnelAddr: '10.92.4.0',
    }
    const birch = { apiVersion: 'projectcalico.org/v3', kind: 'Node', metadata: { name: 'birch' }, spec }
    const annotations = {
      IPv4Address: '192.0.2.12/24',
      IPv4IPIPTunnelAddr: '10.92.4.1',
      IPv4VXLANTunnelAddr: '10.92.4.0',
    }
    expect(stateOf([birch])).toEqual(stateOf([nodeWith('birch', annotations)]))
  })
})

describe('ends of VXLAN tunnels', () => {
  // [felix-routes.md §5]: the [calc] values of its table.
  it.each([
    ['node1', '66:f9:37:c3:7e:94', '66:0f:35:f2:60:df'],
    ['node2', '66:2d:bf:44:a6:8b', '66:32:42:ed:de:d5'],
    ['node3', '66:a4:6f:e0:c4:da', '66:71:6e:25:e2:07'],
    ['kind-control-plane', '66:07:01:14:06:90', '66:82:04:36:3b:41'],
    ['kind-worker', '66:46:b3:ce:05:5d', '66:49:30:91:8e:81'],
    ['kind-worker2', '66:03:c5:fc:0f:e5', '66:da:37:f0:3a:28'],
  ])('[felix-routes.md §5] MACs of %s', (name, mac, mac6) => {
    const addresses = { IPv4Address: '192.0.2.1/24', IPv6Address: '2001:db8::1/64' }
    const tunnels = { IPv4VXLANTunnelAddr: '10.92.0.1', IPv6VXLANTunnelAddr: 'fd92:0::1' }
    const [v4, v6] = [
      { mac, ipv4: '10.92.0.1', parentIpv4: '192.0.2.1' },
      { mac6, ipv6: 'fd92::1', parentIpv6: '2001:db8::1' },
    ]
    expect(stateOf([nodeWith(name, { ...addresses, ...tunnels })]).vteps).toEqual([{ node: name, ...v4, ...v6 }])
  })

  it.each<[what: string, annotations: Readonly<Record<string, string>>, vtep: object | undefined]>([
    ['without the address of its device', { IPv4Address: '192.0.2.1/24' }, undefined],
    ['without an address of its own', { IPv4VXLANTunnelAddr: '10.92.0.1' }, undefined],
    ['with the addresses of two families', { IPv4Address: '192.0.2.1/24', IPv6VXLANTunnelAddr: 'fd92::1' }, undefined],
    [
      'with a MAC of its own',
      { IPv4Address: '192.0.2.1/24', IPv4VXLANTunnelAddr: '10.92.0.1', VXLANTunnelMACAddr: '02:AA:00:00:00:01' },
      { node: 'node1', mac: '02:aa:00:00:00:01', ipv4: '10.92.0.1', parentIpv4: '192.0.2.1' },
    ],
  ])('of a node %s', (_what, annotations, vtep) => {
    expect(stateOf([nodeWith('node1', annotations)]).vteps).toEqual(vtep === undefined ? [] : [vtep])
  })

  it('are no addresses that only Kubernetes knows', () => {
    const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] }
    expect(stateOf([nodeWith('node1', { IPv4VXLANTunnelAddr: '10.92.0.1' }, status)]).vteps).toEqual([])
  })
})

it('nodes with keys of WireGuard, whether or not their device has an address yet', () => {
  const birch = nodeWith('birch', { WireguardPublicKey: 'a2V5LW9mLWJpcmNo', IPv4WireguardInterfaceAddr: '10.92.4.7' })
  const cedar = nodeWith('cedar', { WireguardPublicKeyV6: 'a2V5LW9mLWNlZGFy', IPv4WireguardInterfaceAddr: '10.92.5.7' })
  const { wireguard, wireguard6 } = stateOf([cedar, birch])
  expect(wireguard).toEqual([{ node: 'birch', publicKey: 'a2V5LW9mLWJpcmNo', address: '10.92.4.7' }])
  expect(wireguard6).toEqual([{ node: 'cedar', publicKey: 'a2V5LW9mLWNlZGFy' }])
})

const IPIP = poolOf('i', '10.93.0.0/24', { ipipMode: 'CrossSubnet' })
const PLAIN = poolOf('p', '10.94.0.0/24')

describe('encapsulations in use', () => {
  it.each<[what: string, objects: readonly object[], inUse: string]>([
    ['none without pools', [], ''],
    ['none with a plain one', [PLAIN], ''],
    ['those that pools ask for', [IPIP, VXLAN, PLAIN], 'ipip vxlan'],
    [
      'those that a disabled pool asks for',
      [poolOf('off', '10.92.0.0/16', { vxlanMode: 'Always', disabled: true })],
      'vxlan',
    ],
    ['both of one pool', [poolOf('both', '10.92.0.0/16', { vxlanMode: 'Always', ipipMode: 'Always' })], 'ipip vxlan'],
    ['VXLAN over IPv6', [poolOf('six', 'fd92::/48', { vxlanMode: 'CrossSubnet' })], 'vxlan6'],
    ['what the settings say', [felixOf({ ipipEnabled: true, vxlanEnabled: true })], 'ipip vxlan'],
    [
      'nothing where the settings say so, but over IPv6',
      [
        felixOf({ ipipEnabled: false, vxlanEnabled: false }),
        IPIP,
        VXLAN,
        poolOf('six', 'fd92::/48', { vxlanMode: 'Always' }),
      ],
      'vxlan6',
    ],
    [
      'what the settings of this node say',
      [felixOf({ ipipEnabled: false }), felixOf({ ipipEnabled: true }, `node.${ME}`)],
      'ipip',
    ],
  ])('%s', (_what, objects, inUse) => {
    const used = Object.entries(stateOf(objects).encapsulation).flatMap(([name, is]) => (is ? [name] : []))
    expect(used.join(' ')).toBe(inUse)
  })
})

describe('[felix-routes.md §1] routes between nodes that Felix writes itself', () => {
  it.each<[calicoVersion: string, value: string | undefined, programs: string]>([
    ['v3.34.0', undefined, 'ipip'],
    ['v3.34.0', 'Disabled', ''],
    ['v3.34.0', 'EnabledIPIPOnly', 'ipip'],
    ['v3.34.0', 'EnabledNoEncapOnly', 'noEncap'],
    ['v3.34.0', 'Enabled', 'ipip noEncap'],
    ['v3.32.1', undefined, ''],
    ['v3.31.0', 'Enabled', 'ipip noEncap'],
    ['v3.30.0', 'Enabled', ''],
  ])('in %s with programClusterRoutes %s', (calicoVersion, programClusterRoutes, programs) => {
    const settings = programClusterRoutes === undefined ? [] : [felixOf({ programClusterRoutes })]
    const state = stateOf([IPIP, PLAIN, ...settings], { calicoVersion })
    const owned = Object.entries(state.programs).flatMap(([name, is]) => (is ? [name] : []))
    expect(owned.join(' ')).toBe(programs)
    expect(stateOf([VXLAN, ...settings], { calicoVersion }).programs, 'without such pools').toEqual({
      ipip: false,
      noEncap: false,
    })
  })
})
