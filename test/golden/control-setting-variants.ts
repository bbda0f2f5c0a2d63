// One setting at a time, with every value that its kind has: of Felix (objects and environment), BGP, pools, kube-proxy,
// calico.yaml, the operator.
import { BGP_CONFIGURATION_TABLE, BGP_PEER_TABLE } from '../../src/control/settings/bgp-fields.ts'
import { FELIX_TABLE } from '../../src/control/settings/felix-fields.ts'
import { FELIX_VALUES, type ValueKind } from '../../src/control/settings/felix-values.ts'
import type { FieldTable } from '../../src/control/settings/field-use.ts'
import { VARIABLES } from '../../src/control/settings/variables.ts'
import { besides, both, type Change, over, type Thing, without } from '../support/whole-cluster.ts'

/** What is changed, by its name. */
export type Variant = readonly [key: string, change: Change]

/** Values of a kind: its bounds, and each of its words. */
function valuesOf(kind: ValueKind): readonly unknown[] {
  switch (kind.kind) {
    case 'whole':
      return [...new Set([kind.low, Math.min(1400, kind.high), kind.high])]
    case 'flag':
      return [true, false]
    case 'ip':
      return ['10.1.0.99', 'fd0e:1::99']
    case 'ipv4':
      return ['10.1.0.99']
    case 'ipv6':
      return ['fd0e:1::99']
    case 'pattern':
      return ['^ens.*', 'nothing']
    case 'words':
      return kind.words
    case 'ports':
      return [1000, '1000:2000', '0:0']
    case 'host-ports':
      return [
        [],
        [
          { protocol: 'TCP', port: 22, net: '10.0.0.0/8' },
          { protocol: 'UDP', port: 53, net: 'fd00::/8' },
        ],
      ]
    case 'ranges':
      return [[], ['198.51.100.0/24', '203.0.113.7', 'fd99::/64']]
  }
}

/** Values of fields that are read and have no kind. */
const FURTHER: Readonly<Record<string, readonly unknown[]>> = {
  logPrefix: ['mine', 'a prefix that is much longer than the kernel takes', '%t %k %p %n'],
  logActionRateLimit: ['10/minute', '100/second', 'nonsense'],
  logActionRateLimitBurst: [1, 100],
  iptablesNATOutgoingInterfaceFilter: ['eth0'],
  flowLogsGoldmaneServer: ['goldmane:7443'],
  iptablesMarkMask: [0xff000000, 0x1f00, 0xf],
  mtuIfacePattern: ['('],
}

/** Names and values: those that are usual, and another. */
function notModelled(table: FieldTable): [string, unknown][] {
  return [...table].flatMap(([name, use]): [string, unknown][] =>
    use.use === 'not_modelled' ? [...use.usual, 'another'].map((value) => [name, value]) : [],
  )
}

const shown = (value: unknown): string => JSON.stringify(value)

const felixValues: readonly [string, unknown][] = [
  ...Object.entries(FELIX_VALUES).flatMap(([name, kind]) =>
    valuesOf(kind).map((value): [string, unknown] => [name, value]),
  ),
  ...Object.entries(FURTHER).flatMap(([name, values]) => values.map((value): [string, unknown] => [name, value])),
]

/** The environment of calico-node. */
function env(...pairs: readonly (readonly [name: string, value: string])[]): Change {
  const all = [['IP', 'autodetect'], ['IP6', 'autodetect'], ...pairs].map(([name, value]) => ({ name, value }))
  const containers = [{ name: 'calico-node', image: 'calico/node:v3.31.0', env: all }]
  return over('DaemonSet', 'calico-node', { spec: { template: { spec: { containers } } } })
}

const text = (value: unknown): string => {
  if (!Array.isArray(value)) return String(value)
  return value.length === 0
    ? 'none'
    : value
        .map((one) => (typeof one === 'string' ? one : `${one.protocol.toLowerCase()}:${one.net}:${one.port}`))
        .join(',')
}

/** WireGuard is asked for, so that its own fields reach something. */
const ENCRYPTED = over('FelixConfiguration', 'default', { spec: { wireguardEnabled: true, wireguardEnabledV6: true } })

const FELIX: readonly Variant[] = [
  ...felixValues.map(([name, value]): Variant => {
    const change = over('FelixConfiguration', 'default', { spec: { [name]: value } })
    return [`felix ${name}=${shown(value)}`, name.startsWith('wireguard') ? both(ENCRYPTED, change) : change]
  }),
  ...['ipipMtu', 'vxlanvni', 'somebodyElses'].map(
    (name): Variant => [`felix ${name} (unknown)`, over('FelixConfiguration', 'default', { spec: { [name]: 1 } })],
  ),
  ['felix of a node that is not there', besides(calico('FelixConfiguration', 'node.n9', { ipipMTU: 1300 }))],
  [
    'felix of a node over that of all',
    both(
      over('FelixConfiguration', 'default', { spec: { ipipMTU: 1300, vxlanPort: 4790, chainInsertMode: 'Append' } }),
      over('FelixConfiguration', 'node.n2', { spec: { ipipMTU: 1200, chainInsertMode: 'Insert' } }),
    ),
  ],
]

const ENVIRONMENT: readonly Variant[] = [
  ...felixValues.map(
    ([name, value]): Variant => [
      `FELIX_${name.toUpperCase()}=${text(value)}`,
      env([`FELIX_${name.toUpperCase()}`, text(value)]),
    ],
  ),
  ...Object.entries(FELIX_VALUES).flatMap(([name, kind]) =>
    (kind.kind === 'words' ? kind.words : []).map(
      (word): Variant => [`FELIX_${name}=${word.toLowerCase()}`, env([`FELIX_${name}`, word.toLowerCase()])],
    ),
  ),
  ...Object.keys(FELIX_VALUES).flatMap((name) =>
    ['', 'maybe', '-1', '70000000000', '1:2:3,4'].map(
      (value): Variant => [`FELIX_${name.toUpperCase()}="${value}" (odd)`, env([`FELIX_${name.toUpperCase()}`, value])],
    ),
  ),
  ...[...VARIABLES.keys()].map((name): Variant => [`${name}=x`, env([name, 'x'])]),
  ...notModelled(VARIABLES).map(([name, value]): Variant => [`${name}=${String(value)}`, env([name, String(value)])]),
  ...(
    [
      ['FELIX_IPINIPMTU', '1300'],
      ['FELIX_IpInIpEnabled', 'false'],
      ['FELIX_TYPHAADDR', 'x'],
      ['FELIX_IPIPMTUU', '1300'],
      ['FELIX_SOMETHING', 'x'],
      ['CALICO_IPV4POOL_CIRD', '10.0.0.0/8'],
      ['HTTP_PROXY', 'x'],
      ['BGP_SOMETHING', 'x'],
      ['NODENAM', 'x'],
      ['FELIX_INTERFACEPREFIX', 'tap,cali'],
      ['CALICO_NETWORKING_BACKEND', 'none'],
      ['CALICO_NETWORKING_BACKEND', 'vxlan'],
      ['CALICO_NETWORKING_BACKEND', 'nonsense'],
      ['AS', '64999'],
      ['AS', '1.10'],
      ['CALICO_ADVERTISE_CLUSTER_IPS', '10.96.0.0/16'],
      ['USE_POD_CIDR', 'true'],
      ['CALICO_MANAGE_CNI', 'false'],
      ['IP', 'none'],
      ['IP6', 'none'],
      ['IP', '10.1.0.200/24'],
      ...[
        ...[
          'first-found',
          'kubernetes-internal-ip',
          'interface=eth.*',
          'interface=(',
          'skip-interface=eth0',
          'nothing=x',
        ],
        ...[
          'can-reach=8.8.8.8',
          'can-reach=www.example.org',
          'cidr=10.2.0.0/16',
          'cidr=10.2.0.0/16, 10.1.0.0/24',
          'cidr=x',
        ],
      ].flatMap((way) => [
        ['IP_AUTODETECTION_METHOD', way],
        ['IP6_AUTODETECTION_METHOD', way],
      ]),
    ] as [string, string][]
  ).map(([name, value]): Variant => [`${name}=${value} (calico-node)`, env([name, value])]),
]

function calico(kind: string, name: string, spec: object): Thing {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec }
}

/** calico-node makes pools where there are none. */
const DEFAULT_POOLS: readonly Variant[] = (
  [
    [],
    [['CALICO_IPV4POOL_CIDR', '10.50.0.0/16']],
    [['CALICO_IPV4POOL_CIDR', 'none']],
    [['CALICO_IPV4POOL_CIDR', '10.50.0.1/16']],
    [['CALICO_IPV4POOL_CIDR', 'fd00:50::/48']],
    [['CALICO_IPV4POOL_CIDR', 'x']],
    [['CALICO_IPV4POOL_IPIP', 'Always']],
    [['CALICO_IPV4POOL_IPIP', 'Cross-Subnet']],
    [['CALICO_IPV4POOL_IPIP', 'off']],
    [['CALICO_IPV4POOL_IPIP', 'x']],
    [['CALICO_IPV4POOL_VXLAN', 'CrossSubnet']],
    [['CALICO_IPV4POOL_BLOCK_SIZE', '24']],
    [['CALICO_IPV4POOL_BLOCK_SIZE', '']],
    [['CALICO_IPV4POOL_BLOCK_SIZE', 'x']],
    [['CALICO_IPV4POOL_BLOCK_SIZE', '33']],
    [['CALICO_IPV4POOL_NAT_OUTGOING', 'false']],
    [['CALICO_IPV4POOL_NODE_SELECTOR', "rack == 'a'"]],
    [['CALICO_IPV4POOL_NODE_SELECTOR', '(']],
    [['CALICO_IPV4POOL_DISABLE_BGP_EXPORT', 'true']],
    [['NO_DEFAULT_POOLS', 'true']],
    [['CALICO_NETWORKING_BACKEND', 'none']],
    [
      ['CALICO_NETWORKING_BACKEND', 'none'],
      ['CALICO_IPV4POOL_CIDR', '10.50.0.0/16'],
    ],
    [
      ['CALICO_IPV6POOL_CIDR', 'fd00:50::/48'],
      ['CALICO_IPV6POOL_VXLAN', 'Always'],
      ['CALICO_IPV6POOL_NAT_OUTGOING', 'true'],
      ['CALICO_IPV6POOL_BLOCK_SIZE', '120'],
      ['CALICO_IPV6POOL_NODE_SELECTOR', 'all()'],
      ['CALICO_IPV6POOL_DISABLE_BGP_EXPORT', 'true'],
    ],
    [['CALICO_IPV6POOL_CIDR', 'fd00:50::/48']],
  ] as [string, string][][]
).map(
  (pairs): Variant => [
    `no pools ${pairs.map((pair) => pair.join('=')).join(' ')}`,
    both(without('IPPool'), env(...pairs)),
  ],
)

const SUBNETS = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kubeadm-config', namespace: 'kube-system' } }
const KUBEADM: readonly Variant[] = [
  '10.60.0.0/16',
  '"10.60.0.0/16,fd00:60::/48"',
  'fd00:60::/48',
  '192.168.0.0/16',
].map(
  (subnet): Variant => [
    `no pools, podSubnet ${subnet}`,
    both(
      without('IPPool'),
      without('KubeProxyConfiguration'),
      besides({ ...SUBNETS, data: { ClusterConfiguration: `networking:\n  podSubnet: ${subnet}\n` } }),
    ),
  ],
)

const PRIORITIES = [1, 2000]
const RANGES = [
  [],
  [{ cidr: '10.96.0.10/32' }],
  [{ cidr: '10.96.0.0/16' }, { cidr: 'fd00:10:96::/112' }],
  [{ cidr: '192.0.2.0/24' }],
]
const BGP_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  asNumber: [64513, '1.10', 4294967295],
  nodeToNodeMeshEnabled: [true, false],
  listenPort: [178, 1790],
  programClusterRoutes: ['Disabled', 'EnabledIPIPOnly', 'EnabledNoEncapOnly', 'Enabled'],
  ipv4NormalRoutePriority: PRIORITIES,
  ipv6NormalRoutePriority: PRIORITIES,
  serviceClusterIPs: RANGES,
  serviceExternalIPs: RANGES,
  serviceLoadBalancerIPs: RANGES,
  serviceLoadBalancerAggregation: ['Enabled', 'Disabled'],
  prefixAdvertisements: [
    [],
    [{ cidr: '10.244.0.0/16', communities: ['65535:65281'] }],
    [{ cidr: '10.244.0.0/16', communities: ['kept', '65000:1'] }],
  ],
  communities: [[{ name: 'kept', value: '65535:65282' }]],
}
const PEER_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  node: ['n1', 'n9'],
  nodeSelector: ["rack == 'b'", 'all()', '(', "rack == 'none'"],
  peerIP: ['10.1.0.1', '10.2.0.1:1790', '[fd0e:2::1]:1790', 'fd0e:1::1', '203.0.113.1', 'x'],
  peerSelector: ['all()', "rack == 'b'", '('],
  asNumber: [64512, 65001, '1.1'],
  reversePeering: ['Auto', 'Manual'],
  nextHopMode: ['Auto', 'Self', 'Keep'],
  keepOriginalNextHop: [true, false],
  filters: [[], ['some'], ['some', 'other']],
}

function eachOf(kind: string, name: string, values: Readonly<Record<string, readonly unknown[]>>): Variant[] {
  return Object.entries(values).flatMap(([field, list]) =>
    list.map(
      (value): Variant => [`${kind}/${name} ${field}=${shown(value)}`, over(kind, name, { spec: { [field]: value } })],
    ),
  )
}

const BGP: readonly Variant[] = [
  ...eachOf('BGPConfiguration', 'default', BGP_VALUES),
  ...eachOf('BGPPeer', 'r', PEER_VALUES),
  [
    'BGPPeer of the mesh by selector',
    over('BGPPeer', 'r', {
      spec: { peerIP: undefined, asNumber: undefined, nodeSelector: "rack == 'a'", peerSelector: "rack == 'b'" },
    }),
  ],
  [
    'BGPPeer with both ends twice',
    over('BGPPeer', 'r', { spec: { node: 'n1', nodeSelector: 'all()', peerSelector: 'all()' } }),
  ],
  [
    'a BGPFilter that is used',
    both(over('BGPPeer', 'r', { spec: { filters: ['some'] } }), besides(calico('BGPFilter', 'some', {}))),
  ],
  ['a BGPFilter that is not used', besides(calico('BGPFilter', 'some', {}))],
  ['a peer without the mesh', over('BGPConfiguration', 'default', { spec: { nodeToNodeMeshEnabled: false } })],
]

const POOL_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  cidr: [
    '10.244.0.0/24',
    '10.244.0.0/26',
    '10.244.0.0/27',
    '10.244.0.0/16',
    '10.244.0.0/17',
    '169.254.0.0/16',
    'fd00:77::/64',
    'fd00:10:244::/120',
  ],
  blockSize: [20, 26, 29, 32, 19, 33, 116, 122, 128],
  ipipMode: ['Never', 'Always', 'CrossSubnet'],
  vxlanMode: ['Never', 'Always', 'CrossSubnet'],
  natOutgoing: [true, false],
  disabled: [true, false],
  nodeSelector: ["rack == 'a'", 'all()', '!all()', '(', ''],
  namespaceSelector: ["team == 'blue'", "team == 'red'", '('],
  allowedUses: [[], ['Workload'], ['Tunnel'], ['LoadBalancer'], ['Workload', 'LoadBalancer']],
  assignmentMode: ['Automatic', 'Manual'],
  disableBGPExport: [true, false],
}

const PROXY_VALUES: readonly object[] = [
  ...['iptables', 'ipvs', 'nftables', 'userspace', 'IPTables', ''].map((mode) => ({ mode })),
  ...['', '10.244.0.0/16', 'fd00::/8', '10.244.0.0/16,fd00::/8', 'x'].map((clusterCIDR) => ({ clusterCIDR })),
  ...['NodeCIDR', 'ClusterCIDR', 'BridgeInterface', 'InterfaceNamePrefix'].flatMap((detectLocalMode) => [
    { detectLocalMode },
    { detectLocalMode, detectLocal: { bridgeInterface: 'cni0', interfaceNamePrefix: 'cali' } },
  ]),
  ...[[], ['primary'], ['10.1.0.0/24'], ['10.2.0.0/24', 'fd0e:1::/64'], ['127.0.0.0/8'], ['x']].map(
    (nodePortAddresses) => ({
      nodePortAddresses,
    }),
  ),
  ...[true, false].flatMap((flag) => [
    { iptables: { masqueradeAll: flag } },
    { iptables: { localhostNodePorts: flag } },
    { linux: { masqueradeAll: flag, conntrack: { tcpBeLiberal: flag } } },
    { conntrack: { tcpBeLiberal: flag } },
  ]),
  ...[0, 15, 31].map((masqueradeBit) => ({ iptables: { masqueradeBit } })),
]

const PROXY: readonly Variant[] = [
  ...PROXY_VALUES.map(
    (fields): Variant => [`kube-proxy ${shown(fields)}`, over('KubeProxyConfiguration', 'kube-proxy', fields)],
  ),
  ['kube-proxy not given', without('KubeProxyConfiguration')],
]

const NOT_MODELLED: readonly Variant[] = [
  ...notModelled(FELIX_TABLE).map(
    ([name, value]): Variant => [
      `felix ${name}=${shown(value)} (not modelled)`,
      over('FelixConfiguration', 'node.n2', { spec: { [name]: value } }),
    ],
  ),
  ...notModelled(BGP_CONFIGURATION_TABLE).map(
    ([name, value]): Variant => [
      `BGPConfiguration ${name}=${shown(value)} (not modelled)`,
      over('BGPConfiguration', 'default', {
        spec: { [name]: name === 'communities' || name === 'prefixAdvertisements' ? [{}] : value },
      }),
    ],
  ),
  ...notModelled(BGP_PEER_TABLE).map(
    ([name, value]): Variant => [
      `BGPPeer ${name}=${shown(value)} (not modelled)`,
      over('BGPPeer', 'r', { spec: { [name]: value } }),
    ],
  ),
]

/** Those that are about reading alone. */
export const READ_VARIANTS: readonly Variant[] = [...ENVIRONMENT, ...DEFAULT_POOLS, ...NOT_MODELLED]

/** Those that reach the network. */
export const SETTING_VARIANTS: readonly Variant[] = [
  ...FELIX,
  ...KUBEADM,
  ...BGP,
  ...eachOf('IPPool', 'four', POOL_VALUES),
  ...eachOf('IPPool', 'six', { ...POOL_VALUES, cidr: [], nodeSelector: [], namespaceSelector: [] }),
  ...PROXY,
]
