// One object at a time: left out, or a field of it otherwise.
import { besides, both, type Change, over, type Thing, without } from '../support/whole-cluster.ts'
import type { Variant } from './control-setting-variants.ts'

const shown = (value: unknown): string => JSON.stringify(value)

function calico(kind: string, name: string, spec: object, namespace?: string): Thing {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec }
}

/** Each object of a cluster left out. */
export function leftOut(objects: readonly Thing[]): readonly Variant[] {
  return objects.map((one, i) => [
    `without ${i} ${one.kind}/${one.metadata?.name ?? ''}`,
    (all) => all.filter((_, j) => j !== i),
  ])
}

function annotated(
  kind: string,
  name: string,
  prefix: string,
  values: Readonly<Record<string, readonly string[]>>,
): Variant[] {
  return Object.entries(values).flatMap(([annotation, list]) =>
    list.map(
      (value): Variant => [
        `${kind}/${name} ${prefix}${annotation}=${value}`,
        over(kind, name, { metadata: { annotations: { [`${prefix}${annotation}`]: value } } }),
      ],
    ),
  )
}

const KEY = 'MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY='
const NODE_ANNOTATIONS: Readonly<Record<string, readonly string[]>> = {
  IPv4Address: ['10.1.0.11/16', '10.1.0.11', '10.2.0.12/24', '10.9.0.1/24', 'x', ''],
  IPv6Address: ['fd0e:1::11/48', 'fd0e:1::11', 'x', ''],
  ASNumber: ['65001', '1.10', 'x'],
  RouteReflectorClusterID: ['244.0.0.1'],
  IPv4IPIPTunnelAddr: ['10.244.0.64', '10.244.128.9', '203.0.113.1', 'x'],
  IPv4VXLANTunnelAddr: ['10.244.128.64', '10.244.0.1', 'x'],
  IPv6VXLANTunnelAddr: ['fd00:10:244::80', 'x'],
  VXLANTunnelMACAddr: ['66:00:00:00:00:01', 'x'],
  VXLANTunnelMACAddrV6: ['66:00:00:00:00:06'],
  IPv4WireguardInterfaceAddr: ['10.244.0.65'],
  WireguardPublicKey: [KEY, 'short', ''],
  WireguardPublicKeyV6: [KEY],
}

const POD_ANNOTATIONS: Readonly<Record<string, readonly string[]>> = {
  'cni.projectcalico.org/podIP': ['10.244.0.70/32', '10.244.200.1', 'x'],
  'cni.projectcalico.org/podIPs': ['10.244.0.71/32,fd00:10:244::99/128', ''],
  'cni.projectcalico.org/ipAddrs': [
    '["10.244.0.72"]',
    '["10.244.0.72","fd00:10:244::72"]',
    '[]',
    '["203.0.113.1"]',
    '[1]',
    'x',
  ],
  'cni.projectcalico.org/ipv4pools': [
    '["vx"]',
    '["10.244.128.0/17"]',
    '["vx","four"]',
    '["none"]',
    '[]',
    'x',
    '["six"]',
  ],
  'cni.projectcalico.org/ipv6pools': ['["six"]', '["four"]'],
  'cni.projectcalico.org/ipFamilies': ['["IPv4"]', '["IPv6"]', '["IPv6","IPv4"]', '[]', 'x'],
  'cni.projectcalico.org/hwAddr': ['0a:00:00:00:00:01', 'x'],
  'cni.projectcalico.org/ipAddrsNoIpam': ['["10.0.0.1"]'],
  'cni.projectcalico.org/floatingIPs': ['["203.0.113.1"]', '["203.0.113.1","2001:db8::1"]', '[]', 'x'],
  'cni.projectcalico.org/allowedSourcePrefixes': [
    '["198.51.100.0/24","fd77::/64"]',
    '[]',
    '["198.51.100.1"]',
    '{}',
    'x',
    '',
  ],
  'kubernetes.io/ingress-bandwidth': ['1M'],
  'kubernetes.io/egress-bandwidth': ['1M'],
  'qos.projectcalico.org/ingressBandwidth': ['1M'],
  'qos.projectcalico.org/egressMaxConnections': ['10'],
  'qos.projectcalico.org/ingressPacketRate': ['100', '1.5k', '1Ki', '500m', '1G', '.5M', 'x', '0', '20000'],
  'qos.projectcalico.org/egressPacketRate': ['9', '2Mi'],
  'qos.projectcalico.org/egressPacketBurst': ['7', 'x'],
}

const LABELS: readonly Variant[] = [
  ['Node/n1 without labels', over('Node', 'n1', { metadata: { labels: undefined } })],
  [
    'Node/n1 controlled from outside',
    over('Node', 'n1', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }),
  ],
  [
    'Node/n1 not for load balancers',
    over('Node', 'n1', { metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' } } }),
  ],
  [
    'Node/n1 another CNI',
    over('Node', 'n1', { metadata: { annotations: { 'flannel.alpha.coreos.com/backend-type': 'vxlan' } } }),
  ],
  [
    'Node/n1 without addresses',
    over('Node', 'n1', { metadata: { annotations: undefined }, status: { addresses: [] } }),
  ],
  ['Node/n1 without annotations', over('Node', 'n1', { metadata: { annotations: undefined } })],
  ['Node/n1 without podCIDR', over('Node', 'n1', { spec: { podCIDRs: undefined, podCIDR: '10.243.9.0/24' } })],
  [
    'Node/n1 external address first',
    over('Node', 'n1', {
      status: {
        addresses: [
          { type: 'ExternalIP', address: '203.0.113.11' },
          { type: 'InternalIP', address: '10.1.0.11' },
          { type: 'InternalIP', address: '10.1.0.99' },
        ],
      },
    }),
  ],
]

const PODS: readonly Variant[] = [
  ...['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'].map(
    (phase): Variant => [`Pod/a ${phase}`, over('Pod', 'a', { status: { phase } })],
  ),
  ...['10.244.0.5', '10.244.127.255', '10.1.0.11', '203.0.113.1', 'fd00:10:244::5', '10.244.128.1'].map(
    (ip): Variant => [`Pod/a ${ip}`, over('Pod', 'a', { status: { podIP: ip } })],
  ),
  [
    'Pod/a and Pod/b one address',
    both(over('Pod', 'a', { status: { podIP: '10.244.0.5' } }), over('Pod', 'b', { status: { podIP: '10.244.0.5' } })),
  ],
  [
    'Pod/a and Pod/b one block',
    both(over('Pod', 'a', { status: { podIP: '10.244.0.5' } }), over('Pod', 'b', { status: { podIP: '10.244.0.6' } })),
  ],
  ['Pod/a two addresses', over('Pod', 'a', { status: { podIPs: [{ ip: 'fd00:10:244::5' }, { ip: '10.244.0.9' }] } })],
  ['Pod/a in the network of its node', over('Pod', 'a', { spec: { hostNetwork: true } })],
  ['Pod/a on no node', over('Pod', 'a', { spec: { nodeName: undefined } })],
  ['Pod/a on a node that is not there', over('Pod', 'a', { spec: { nodeName: 'n9' } })],
  ['Pod/a leaving', over('Pod', 'a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
  ['Pod/a ready', over('Pod', 'b', { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })],
  [
    'Pod/b not ready',
    over('Pod', 'b', { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } }),
  ],
  ['Pod/a made first', over('Pod', 'v', { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } })],
  ['Pod/a of an account', over('Pod', 'a', { spec: { serviceAccountName: 'robot' } })],
  ...[
    [{ containerPort: 80, hostPort: 80, hostIP: '10.1.0.11' }],
    [{ containerPort: 80, hostPort: 80, hostIP: '0.0.0.0', protocol: 'UDP' }],
    [{ containerPort: 80, hostPort: 80, hostIP: 'fd0e:1::11', protocol: 'SCTP' }],
    [{ containerPort: 80, hostPort: 80, hostIP: '' }],
    Array.from({ length: 17 }, (_, i) => ({ containerPort: 1000 + i, hostPort: 2000 + i })),
  ].map(
    (ports, i): Variant => [`Pod/a ports ${i}`, over('Pod', 'a', { spec: { containers: [{ name: 'c', ports }] } })],
  ),
]

const SERVICE_FIELDS: readonly object[] = [
  ...['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'].map((type) => ({ type })),
  { clusterIP: 'None', clusterIPs: ['None'], type: 'ClusterIP', externalIPs: [] },
  { clusterIP: '', clusterIPs: [], type: 'ClusterIP' },
  { clusterIP: 'x', clusterIPs: ['x'] },
  { clusterIPs: undefined },
  { clusterIP: 'fd00:10:96::a', clusterIPs: ['fd00:10:96::a', '10.96.0.10'] },
  { selector: undefined },
  { selector: { app: 'nobody' } },
  { selector: {} },
  { ports: [] },
  { ports: [{ port: 80 }, { name: 'u', port: 80, protocol: 'UDP', targetPort: 'none' }] },
  { ports: [{ name: 's', port: 80, protocol: 'SCTP', targetPort: 'http', nodePort: 30080 }] },
  {
    ports: [
      { name: 'x', port: 80, targetPort: 9090 },
      { name: 'y', port: 81, targetPort: 'http', nodePort: 30081 },
    ],
  },
  { externalTrafficPolicy: 'Local' },
  { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000, selector: { app: 'nobody' } },
  { internalTrafficPolicy: 'Local' },
  { internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' },
  { externalIPs: [] },
  { externalIPs: ['10.1.0.11'] },
  { externalIPs: ['2001:db8::1', '192.0.2.77'] },
  { loadBalancerIP: '192.0.2.71' },
  { loadBalancerSourceRanges: ['203.0.113.0/24', 'fd99::/64'] },
  { loadBalancerSourceRanges: [' 10.1.0.0/24 ', 'x'] },
  { loadBalancerSourceRanges: ['0.0.0.0/0'] },
  { sessionAffinity: 'ClientIP' },
  { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } },
  { publishNotReadyAddresses: true, selector: { app: 'a' } },
  { trafficDistribution: 'PreferClose' },
  { trafficDistribution: 'PreferSameNode' },
]
const SERVICES: readonly Variant[] = [
  ...SERVICE_FIELDS.map((spec): Variant => [`Service/s ${shown(spec)}`, over('Service', 's', { spec })]),
  ...[
    [],
    [{ ip: '192.0.2.71', ipMode: 'Proxy' }],
    [{ ip: '2001:db8::9' }],
    [{ hostname: 'x' }],
    [{ ip: '10.1.0.11' }],
  ].map(
    (ingress): Variant => [
      `Service/s ingress ${shown(ingress)}`,
      over('Service', 's', { status: { loadBalancer: { ingress } } }),
    ],
  ),
  ...[
    ['service.kubernetes.io/topology-mode', 'Auto'],
    ['service.kubernetes.io/topology-aware-hints', 'auto'],
    ['service.beta.kubernetes.io/load-balancer-source-ranges', '203.0.113.0/24, 10.0.0.0/8'],
  ].map(
    ([name, value]): Variant => [
      `Service/s ${name}`,
      over('Service', 's', { metadata: { annotations: { [name!]: value } } }),
    ],
  ),
  ...[
    ['service.kubernetes.io/headless', ''],
    ['service.kubernetes.io/service-proxy-name', 'other'],
  ].map(
    ([name, value]): Variant => [
      `Service/s ${name}`,
      over('Service', 's', { metadata: { labels: { [name!]: value } } }),
    ],
  ),
]

const ENDPOINT = {
  addresses: ['10.244.0.1'],
  nodeName: 'n1',
  targetRef: { kind: 'Pod', name: 'b', namespace: 'default' },
}
function slice(name: string, fields: object): Thing {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 's' } } as Thing['metadata'],
    addressType: 'IPv4',
    endpoints: [ENDPOINT],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    ...fields,
  } as Thing
}
const SLICES: readonly Variant[] = (
  [
    {},
    { endpoints: [] },
    { endpoints: undefined },
    { ports: [] },
    { ports: [{ name: 'other', port: 1 }] },
    { ports: [{ name: 'http' }] },
    { ports: undefined },
    { addressType: 'IPv6', endpoints: [{ addresses: ['fd00:10:244::41'] }] },
    { addressType: 'FQDN', endpoints: [{ addresses: ['example.org'] }] },
    { endpoints: [{ addresses: ['10.244.0.1', '10.244.0.2'] }, { addresses: ['10.244.0.1'] }] },
    { endpoints: [{ ...ENDPOINT, conditions: { ready: false, serving: true, terminating: true } }] },
    {
      endpoints: [
        { ...ENDPOINT, conditions: { ready: false, serving: false } },
        { addresses: ['10.244.0.9'], conditions: { ready: true } },
      ],
    },
    {
      endpoints: [
        { ...ENDPOINT, hints: { forZones: [{ name: 'z1' }] } },
        { addresses: ['10.244.0.9'], hints: { forZones: [{ name: 'z2' }] } },
      ],
    },
    {
      endpoints: [
        { ...ENDPOINT, hints: { forNodes: [{ name: 'n1' }] } },
        { addresses: ['10.244.0.9'], hints: { forNodes: [{ name: 'n2' }] } },
      ],
    },
    { endpoints: [{ addresses: ['x'] }, { addresses: [] }, {}] },
    { endpoints: [{ addresses: ['10.1.0.11'], nodeName: 'n1' }, { addresses: ['203.0.113.9'] }] },
    { endpoints: [{ addresses: ['10.244.9.9'], nodeName: 'n2', targetRef: { name: 'b' } }] },
    { endpoints: [{ addresses: ['10.244.9.9'], nodeName: 'n1', targetRef: { name: 'b' } }] },
  ] as object[]
).map((fields): Variant => [`EndpointSlice ${shown(fields)}`, besides(slice('s-1', fields))])

const ENDPOINTS: readonly Variant[] = [
  {
    subsets: [
      {
        addresses: [{ ip: '10.244.0.1', nodeName: 'n1', targetRef: { kind: 'Pod', name: 'b' } }],
        ports: [{ name: 'http', port: 8080 }],
      },
    ],
  },
  { subsets: [{ notReadyAddresses: [{ ip: '10.244.0.1' }], ports: [{ name: 'http', port: 8080 }] }] },
  {
    subsets: [
      { addresses: [{ ip: '10.244.0.1' }] },
      { addresses: [{ ip: 'fd00:10:244::1' }], ports: [{ name: 'http', port: 1, protocol: 'UDP' }] },
    ],
  },
  {
    metadata: { annotations: { 'endpoints.kubernetes.io/over-capacity': 'truncated' } },
    subsets: [{ addresses: [{ ip: '10.244.0.1' }], ports: [{ name: 'http', port: 80 }] }],
  },
  {},
].map(
  (fields, i): Variant => [
    `Endpoints ${i}`,
    besides({
      apiVersion: 'v1',
      kind: 'Endpoints',
      ...fields,
      metadata: { name: 's', namespace: 'default', ...(fields as { metadata?: object }).metadata },
    }),
  ],
)

const OTHER_CNIS: readonly Variant[] = [
  ...[
    ...[
      'kube-flannel',
      'kube-flannel-ds',
      'aws-node',
      'azure-cni',
      'azure-cns',
      'cilium',
      'kindnet',
      'weave-net',
      'kube-router',
    ],
    ...['antrea-agent', 'kube-ovn-cni', 'ovnkube-node', 'netd', 'something', 'kube-multus-ds'],
  ].map(
    (name): Variant => [
      `DaemonSet ${name}`,
      besides({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: 'kube-system' }, spec: {} }),
    ],
  ),
  ...['rke2-canal', 'rke2-flannel', 'rke2-cilium', 'canal', 'cilium', 'rke2-calico'].map(
    (name): Variant => [
      `HelmChartConfig ${name}`,
      besides({
        apiVersion: 'helm.cattle.io/v1',
        kind: 'HelmChartConfig',
        metadata: { name, namespace: 'kube-system' },
        spec: {},
      }),
    ],
  ),
  ...[
    'flannel',
    'aws-cni',
    'azure-vnet',
    'cilium-cni',
    'ptp',
    'bridge',
    'weave-net',
    'antrea',
    'bandwidth',
    'tuning',
  ].map(
    (type): Variant => [
      `plugin ${type}`,
      cni({ plugins: [{ type }, { type: 'portmap', capabilities: { portMappings: true } }] }),
    ],
  ),
]

function cni(config: unknown): Change {
  return over('ConfigMap', 'calico-config', {
    data: { cni_network_config: typeof config === 'string' ? config : JSON.stringify(config) },
  })
}
const PORTMAP = { type: 'portmap', capabilities: { portMappings: true } }
const CNI: readonly Variant[] = [
  ['cni no JSON', cni('{')],
  ['cni no map', cni('[]')],
  ['cni no plugins', cni({ name: 'x' })],
  ['cni one plugin', cni({ type: 'calico', ipam: { type: 'calico-ipam' } })],
  ...[
    { type: 'host-local' },
    { type: 'calico-ipam', assign_ipv4: 'false', assign_ipv6: 'true' },
    { type: 'calico-ipam', assign_ipv4: false },
    { type: 'calico-ipam', assign_ipv6: true },
    { type: 'calico-ipam' },
  ].map((ipam): Variant => [`cni ipam ${shown(ipam)}`, cni({ plugins: [{ type: 'calico', ipam }] })]),
  ...[
    {},
    { capabilities: { portMappings: false } },
    { capabilities: undefined },
    { snat: false },
    { masqAll: true },
    { markMasqBit: 5 },
    { markMasqBit: 31 },
    { externalSetMarkChain: 'KUBE-MARK-MASQ' },
    { backend: 'nftables' },
    { backend: 'iptables' },
    { conditionsV4: ['-s', '10.0.0.0/8'] },
    { conditionsV6: [] },
  ].map(
    (fields): Variant => [
      `cni portmap ${shown(fields)}`,
      cni({ name: 'net', plugins: [{ type: 'calico' }, { ...PORTMAP, ...fields }] }),
    ],
  ),
  ...['bird', 'vxlan', 'none', 'nothing'].map(
    (calico_backend): Variant => [
      `calico_backend ${calico_backend}`,
      over('ConfigMap', 'calico-config', { data: { calico_backend } }),
    ],
  ),
  ...['0', '1440', '1300', '65535', '-1', 'x', '65536'].map(
    (veth_mtu): Variant => [`veth_mtu ${veth_mtu}`, over('ConfigMap', 'calico-config', { data: { veth_mtu } })],
  ),
]

const NETWORKS: readonly object[] = [
  {},
  { calicoNetwork: {} },
  { calicoNetwork: { bgp: 'Disabled' } },
  { calicoNetwork: { bgp: 'Enabled', hostPorts: 'Disabled' } },
  { calicoNetwork: { mtu: 1300 } },
  { calicoNetwork: { ipPools: [] } },
  ...['IPIP', 'IPIPCrossSubnet', 'VXLAN', 'VXLANCrossSubnet', 'None'].map((encapsulation) => ({
    calicoNetwork: { ipPools: [{ cidr: '10.70.0.0/16', encapsulation }] },
  })),
  {
    calicoNetwork: {
      ipPools: [
        {
          name: 'mine',
          cidr: '10.70.0.0/16',
          natOutgoing: 'Disabled',
          blockSize: 24,
          nodeSelector: "rack == 'a'",
          disableBGPExport: true,
          allowedUses: ['Workload'],
          assignmentMode: 'Manual',
        },
        { cidr: '10.71.0.0/16' },
        { cidr: '10.72.0.0/16' },
      ],
    },
  },
  {
    calicoNetwork: {
      ipPools: [{ cidr: 'fd00:70::/48' }, { cidr: 'fd00:71::/48', encapsulation: 'VXLAN' }, { cidr: '10.70.0.0/16' }],
    },
  },
  { calicoNetwork: { ipPools: [{ cidr: '10.70.0.0/16', blockSize: 20 }] } },
  // Places of what is wrong in a pool.
  ...[{ blockSize: 64 }, { nodeSelector: '(' }, { encapsulation: 'IPIP', cidr: 'fd00:70::/48' }].map((fields) => ({
    calicoNetwork: { mtu: 1400, ipPools: [{ cidr: '10.71.0.0/16' }, { cidr: '10.70.0.0/16', ...fields }] },
  })),
  ...[
    { firstFound: true },
    { kubernetes: 'NodeInternalIP' },
    { interface: 'ens.*' },
    { skipInterface: 'eth0' },
    { canReach: '8.8.8.8' },
    { cidrs: ['10.2.0.0/16'] },
    { firstFound: false },
    {},
  ].flatMap((way) => [
    {
      calicoNetwork: { nodeAddressAutodetectionV4: way, ipPools: [{ cidr: 'fd00:70::/48' }, { cidr: '10.70.0.0/16' }] },
    },
    {
      calicoNetwork: { nodeAddressAutodetectionV6: way, ipPools: [{ cidr: 'fd00:70::/48' }, { cidr: '10.70.0.0/16' }] },
    },
  ]),
  ...['Calico', 'AmazonVPC', 'GKE', 'AzureVNET', 'PluginOfMine'].map((type) => ({ cni: { type } })),
  ...['EKS', 'GKE', 'AKS', 'OpenShift', ''].map((kubernetesProvider) => ({ kubernetesProvider })),
  { cni: { type: 'Calico', ipam: { type: 'HostLocal' } } },
  ...[
    { linuxDataplane: 'BPF' },
    { linuxDataplane: 'Iptables' },
    { linuxDataplane: 'Nftables' },
    { containerIPForwarding: 'Enabled' },
    { multiInterfaceMode: 'Multus' },
    { sysctl: [] },
    { linuxPolicySetupTimeoutSeconds: 1 },
    { windowsDataplane: 'HNS' },
    { nothing: 1 },
  ].map((calicoNetwork) => ({ calicoNetwork })),
]
const OPERATOR: readonly Variant[] = NETWORKS.map(
  (spec): Variant => [
    `Installation ${shown(spec)}`,
    both(
      without('IPPool'),
      without('DaemonSet'),
      without('ConfigMap'),
      over('Node', 'n1', { metadata: { annotations: undefined } }),
      besides({ apiVersion: 'operator.tigera.io/v1', kind: 'Installation', metadata: { name: 'default' }, spec }),
    ),
  ],
)

const IPAM: readonly Variant[] = [
  ...[
    { strictAffinity: true },
    { strictAffinity: true, maxBlocksPerHost: 1 },
    { autoAllocateBlocks: false },
    { maxBlocksPerHost: 2 },
  ].map((spec): Variant => [`IPAMConfig ${shown(spec)}`, besides(calico('IPAMConfig', 'default', spec))]),
  ...[[], ['10.244.0.0/26'], ['10.244.0.0/17'], ['10.244.0.0', '10.244.0.1', 'fd00:10:244::/122']].map(
    (reservedCIDRs): Variant => [
      `IPReservation ${shown(reservedCIDRs)}`,
      besides(calico('IPReservation', 'r', { reservedCIDRs })),
    ],
  ),
]

const HOSTS: readonly Variant[] = [
  ...[
    { interfaceName: '*' },
    { interfaceName: 'eth9' },
    { interfaceName: undefined, expectedIPs: ['10.2.0.12'] },
    { node: 'n9' },
    { node: undefined },
    { profiles: ['projectcalico-default-allow', 'none'] },
    { ports: [{ name: 'http', protocol: 'TCP', port: 80 }] },
  ].map((spec): Variant => [`HostEndpoint ${shown(spec)}`, over('HostEndpoint', 'h', { spec })]),
  ...[
    { autoCreate: 'Enabled' },
    { autoCreate: 'Enabled', createDefaultHostEndpoint: 'Disabled' },
    {
      autoCreate: 'Enabled',
      templates: [
        { generateName: 't', interfaceCIDRs: ['10.2.0.0/24'], labels: { host: 'yes' } },
        { generateName: 'u', nodeSelector: "rack == 'a'", interfacePattern: 'eth.*' },
      ],
    },
    { autoCreate: 'x' },
  ].map(
    (hostEndpoint): Variant => [
      `KubeControllersConfiguration ${shown(hostEndpoint)}`,
      besides(calico('KubeControllersConfiguration', 'default', { controllers: { node: { hostEndpoint } } })),
    ],
  ),
  ...[
    ['AUTO_HOST_ENDPOINTS', 'enabled'],
    ['ENABLED_CONTROLLERS', 'policy'],
    ['ENABLED_CONTROLLERS', 'node'],
  ].map(
    ([name, value]): Variant => [
      `kube-controllers ${name}=${value}`,
      both(
        besides(
          calico('KubeControllersConfiguration', 'default', {
            controllers: { node: { hostEndpoint: { autoCreate: 'Enabled' } } },
          }),
        ),
        besides({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'calico-kube-controllers', namespace: 'kube-system' },
          spec: { template: { spec: { containers: [{ name: 'calico-kube-controllers', env: [{ name, value }] }] } } },
        }),
      ),
    ],
  ),
]

/** Those that are about reading alone. */
export const READ_OBJECT_VARIANTS: readonly Variant[] = OTHER_CNIS

/** Those that reach the network. */
export const OBJECT_VARIANTS: readonly Variant[] = [
  ...annotated('Node', 'n1', 'projectcalico.org/', NODE_ANNOTATIONS),
  ...annotated('Pod', 'a', '', POD_ANNOTATIONS),
  ...annotated('Namespace', 'default', '', {
    'cni.projectcalico.org/ipv4pools': ['["vx"]', '["none"]', 'x'],
    'cni.projectcalico.org/ipv6pools': ['["six"]'],
  }),
  ...LABELS,
  ...PODS,
  ...SERVICES,
  ...SLICES,
  ...ENDPOINTS,
  ...CNI,
  ...OPERATOR,
  ...IPAM,
  ...HOSTS,
]
