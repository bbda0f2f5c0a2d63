// What comes of a manifest or an Installation: pools, settings, and the line each follows from.
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { describeIssue, describeNote } from '../../src/model/index.ts'

const NODE =
  'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.21}]}'

/** calico-node with these variables, a line each from line 10 on. */
function manifest(...env: string[]): string {
  const lines = [
    'apiVersion: apps/v1',
    'kind: DaemonSet',
    'metadata: {name: calico-node}',
    'spec:',
    '  template:',
    '    spec:',
  ]
  lines.push('      containers:', '      - name: calico-node', '        env:')
  return [...lines, ...env.map((pair) => `        - {name: ${pair.replace(/=(.*)/, ', value: "$1"')}}`)].join('\n')
}

const installation = (network: string, more = ''): string =>
  `apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec:\n  ${more}\n  calicoNetwork: ${network}`

function cluster(...texts: string[]) {
  return buildCluster(loadResources([{ name: 'c.yaml', text: [...texts, NODE].join('\n---\n') }]).resources)
}

const poolsOf = (...texts: string[]) =>
  cluster(...texts).resources.ippools.map(({ metadata, spec }) => ({ name: metadata.name, ...spec }))

describe('the pool that calico-node makes', () => {
  const pool = { name: 'default-ipv4-ippool', blockSize: 26, natOutgoing: true, disableBGPExport: false }
  const KUBEADM =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config}\ndata:\n  ClusterConfiguration: |\n    networking:\n      podSubnet: 10.30.0.0/16,fd00:30::/48\n'
  const OWN = 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: own}\nspec: {cidr: 10.9.0.0/16}'

  it.each<[string, string[], unknown[]]>([
    [
      'as calico.yaml has it',
      [manifest('CALICO_IPV4POOL_IPIP=Always', 'CALICO_IPV4POOL_VXLAN=Never')],
      [{ ...pool, cidr: '192.168.0.0/16', ipipMode: 'Always', vxlanMode: 'Never' }],
    ],
    [
      'with a range, in any case',
      [
        manifest(
          'CALICO_IPV4POOL_CIDR=10.42.0.7/16',
          'CALICO_IPV4POOL_VXLAN=cross-subnet',
          'CALICO_IPV4POOL_BLOCK_SIZE=24',
        ),
      ],
      [{ ...pool, cidr: '10.42.0.0/16', ipipMode: 'Never', vxlanMode: 'CrossSubnet', blockSize: 24 }],
    ],
    [
      'of the pod subnets of kubeadm',
      [KUBEADM, manifest('CALICO_IPV4POOL_IPIP=Off')],
      [
        { ...pool, cidr: '10.30.0.0/16', ipipMode: 'Never', vxlanMode: 'Never' },
        expect.objectContaining({
          name: 'default-ipv6-ippool',
          cidr: 'fd00:30::/48',
          natOutgoing: false,
          blockSize: 122,
        }),
      ],
    ],
    [
      'not when there is one of the family',
      [OWN, manifest('CALICO_IPV4POOL_CIDR=10.42.0.0/16')],
      [{ name: 'own', cidr: '10.9.0.0/16' }],
    ],
    ['not when told so', [manifest('NO_DEFAULT_POOLS=true')], []],
    ['not when its range is none', [manifest('CALICO_IPV4POOL_CIDR=none')], []],
    ['not without calico-node', [], []],
  ])('%s', (_what, texts, want) => {
    expect(poolsOf(...texts)).toEqual(want)
  })

  it('says the text of a block size that is no number', () => {
    const { faults } = cluster(manifest('CALICO_IPV4POOL_BLOCK_SIZE=many')).findings
    expect(faults.map(({ expected, received }) => [expected, received])).toEqual([
      ['a prefix length from 20 to 32, as CALICO_IPV4POOL_BLOCK_SIZE', '"many"'],
    ])
  })

  it('keeps out of the range of a node', () => {
    const node = NODE.replace('n1', 'n2').replace('10.7.0.21', '192.168.3.4')
    expect(poolsOf(manifest('IP=autodetect'), node)[0]?.cidr).toBe('172.16.0.0/16')
  })

  it('comes from the line of each variable', () => {
    const [pool] = cluster(
      manifest('IP=autodetect', 'CALICO_IPV4POOL_CIDR=10.42.0.0/16', 'CALICO_IPV4POOL_VXLAN=Always'),
    ).resources.ippools
    const lineOf = (field: string) => pool?.placeOf?.(['spec', field])?.line
    expect([lineOf('cidr'), lineOf('vxlanMode'), lineOf('blockSize')]).toEqual([11, 12, 1])
  })

  it('takes a value from a key of calico-config', () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: calico-config}\ndata: {calico_backend: vxlan}'
    const from =
      manifest('IP=autodetect') +
      '\n        - {name: CALICO_NETWORKING_BACKEND, valueFrom: {configMapKeyRef: {name: calico-config, key: calico_backend}}}'
    expect(cluster(config, from).settings.backend).toBe('vxlan')
  })
})

describe('what the operator makes of an Installation', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['nothing said', '{}', { cidr: '192.168.0.0/16', ipipMode: 'Always', natOutgoing: true }],
    ['BGP off', '{bgp: Disabled}', { vxlanMode: 'Always' }],
    [
      'VXLANCrossSubnet',
      '{ipPools: [{cidr: 10.1.0.0/16, encapsulation: VXLANCrossSubnet, natOutgoing: Disabled}]}',
      { cidr: '10.1.0.0/16', vxlanMode: 'CrossSubnet', natOutgoing: false },
    ],
    ['None', '{ipPools: [{cidr: 10.1.0.0/16, encapsulation: None, blockSize: 28}]}', { blockSize: 28 }],
  ])('%s', (_what, network, want) => {
    expect(poolsOf(installation(network))).toEqual([expect.objectContaining({ name: 'default-ipv4-ippool', ...want })])
  })

  it('settings follow as well', () => {
    const { settings, nodes } = cluster(
      installation('{bgp: Disabled, mtu: 1400, nodeAddressAutodetectionV4: {interface: eth1}}'),
    )
    expect([settings.backend, settings.vethMtu]).toEqual(['vxlan', 1400])
    expect(settings.env.get('IP_AUTODETECTION_METHOD')?.value).toBe('interface=eth1')
    expect(nodes).toHaveLength(1)
  })

  it.each<[string, string[], unknown[]]>([
    [
      'a pool of IPv6 is neither encapsulated nor translated, and named as the default beside one of IPv4',
      [installation('{ipPools: [{cidr: 10.1.0.0/16}, {cidr: "fd01::/64"}]}')],
      [
        { name: 'default-ipv4-ippool', cidr: '10.1.0.0/16', ipipMode: 'Always', natOutgoing: true },
        { name: 'default-ipv6-ippool', cidr: 'fd01::/64', natOutgoing: false },
      ],
    ],
    [
      'several of a family are named by their ranges, written out',
      [installation('{ipPools: [{cidr: 10.1.0.0/16}, {cidr: 10.2.0.0/16, name: own}, {cidr: "fd01::/64"}]}')],
      [{ name: '10.1.0.0-16' }, { name: 'own' }, { name: 'fd01.0000.0000.0000.0000.0000.0000.0000-64' }],
    ],
    [
      'kubeadm’s ranges are pools when none is listed',
      [
        installation('{}'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config}\ndata: {ClusterConfiguration: "podSubnet: 10.30.0.0/16,fd00:30::/48"}',
      ],
      [
        { name: 'default-ipv4-ippool', cidr: '10.30.0.0/16' },
        { name: 'default-ipv6-ippool', cidr: 'fd00:30::/48', natOutgoing: false },
      ],
    ],
    [
      'on Amazon’s nodes pods have another range and VXLAN',
      [installation('{}', 'kubernetesProvider: EKS\n  cni: {type: Calico}')],
      [{ name: 'default-ipv4-ippool', cidr: '172.16.0.0/16', vxlanMode: 'Always' }],
    ],
    [
      'pools that are there are enough when none is listed',
      [
        installation('{}'),
        'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: own}\nspec: {cidr: 10.9.0.0/16}',
      ],
      [{ name: 'own' }],
    ],
    [
      'a pool with no new allocations is disabled',
      [installation('{ipPools: [{cidr: 10.1.0.0/16, disableNewAllocations: true}]}')],
      [{ disabled: true }],
    ],
  ])('%s [resources.md §3]', (_what, texts, want) => {
    expect(poolsOf(...texts)).toMatchObject(want)
  })

  it.each<[string, string, string, string?]>([
    [
      'two ways to find an address',
      '{nodeAddressAutodetectionV4: {firstFound: true, canReach: 1.1.1.1}}',
      'no more than one autodetection method',
    ],
    [
      'IPIP without BGP',
      '{bgp: Disabled, ipPools: [{cidr: 10.1.0.0/16, encapsulation: IPIP}]}',
      'VXLAN: IPIP requires that BGP is enabled',
    ],
    [
      'no encapsulation without BGP',
      '{bgp: Disabled, ipPools: [{cidr: 10.1.0.0/16, encapsulation: None}]}',
      'VXLAN: pools without encapsulation require that BGP is enabled',
    ],
    ['IPIP for IPv6', '{ipPools: [{cidr: "fd01::/64", encapsulation: IPIP}]}', 'no IPIP: it does not carry IPv6'],
    ['a range twice', '{ipPools: [{cidr: 10.1.0.0/16, name: a}, {cidr: 10.1.0.0/16, name: b}]}', 'each pool once'],
    [
      'VXLAN with host-local',
      '{ipPools: [{cidr: 10.1.0.0/16, encapsulation: VXLAN}]}',
      'no VXLAN with addresses of host-local',
      'cni: {type: Calico, ipam: {type: HostLocal}}',
    ],
    [
      'a plugin of another cloud',
      '{}',
      'kubernetesProvider EKS with AmazonVPC',
      'kubernetesProvider: GKE\n  cni: {type: AmazonVPC}',
    ],
    [
      'an IPAM of another plugin',
      '{}',
      'Calico or HostLocal with Calico',
      'cni: {type: Calico, ipam: {type: AmazonVPC}}',
    ],
    [
      'a wait without a dataplane',
      '{linuxPolicySetupTimeoutSeconds: 5}',
      'linuxDataplane Iptables, Nftables or BPF with it',
    ],
    [
      'a setting of pods that is none of its own',
      '{sysctl: [{key: net.ipv4.ip_forward, value: "1"}]}',
      'one of net.ipv4.tcp_keepalive_intvl, net.ipv4.tcp_keepalive_probes, net.ipv4.tcp_keepalive_time',
    ],
  ])('refuses %s', (_what, network, expected, more = '') => {
    expect(cluster(installation(network, more)).findings.faults.map((fault) => fault.expected)).toContain(expected)
  })

  it('refuses a pool outside of what kubeadm says', () => {
    const kubeadm =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config}\ndata: {ClusterConfiguration: "podSubnet: 10.30.0.0/16"}'
    const { faults } = cluster(
      kubeadm,
      installation('{ipPools: [{cidr: 10.30.4.0/22}, {cidr: 10.31.0.0/16}]}'),
    ).findings
    expect(faults).toMatchObject([{ path: ['spec', 'calicoNetwork', 'ipPools', 1, 'cidr'], received: '10.31.0.0/16' }])
  })

  it.each([
    ['BIRD', [true, true]],
    ['Felix', [false, false]],
    ['FelixIPIPOnly', [false, true]],
  ])('clusterRoutingMode %s decides what BIRD programs', (mode, want) => {
    const { settings } = cluster(installation(`{clusterRoutingMode: ${mode}}`))
    expect([settings.birdProgramsIpip, settings.birdProgramsNoEncap]).toEqual(want)
  })

  it('an empty list is no pool', () => {
    expect(poolsOf(installation('{ipPools: []}'))).toEqual([])
  })
})

describe('settings that are not built are named, with their line', () => {
  const notesOf = (...texts: string[]) =>
    cluster(...texts)
      .findings.notes.filter(({ topic }) => topic !== 'policy')
      .map((note) => `${note.line}: ${describeNote(note)}`)
  const felix = (spec: string) =>
    `apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {${spec}}`
  const bgp = (spec: string) =>
    `apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {${spec}}`

  it.each<[string, string, string[]]>([
    [
      'eBPF by environment',
      manifest('FELIX_BPFENABLED=true'),
      ['10: DaemonSet/default/calico-node: FELIX_BPFENABLED true is not modelled'],
    ],
    [
      'eBPF by the operator',
      installation('{linuxDataplane: BPF}'),
      ['6: Installation/default: linuxDataplane "BPF" is not modelled'],
    ],
    ['off is off, in any spelling', manifest('FELIX_BPFENABLED=False', 'FELIX_NFTABLESMODE=disabled'), []],
    [
      'harmless ones',
      manifest('FELIX_LOGSEVERITYSCREEN=Debug', 'FELIX_TYPHAK8SSERVICENAME=calico-typha', 'HTTP_PROXY=x'),
      [],
    ],
    [
      'what BGP announces',
      bgp('communities: [{name: a}]'),
      ['4: BGPConfiguration/default: communities [{"name":"a"}] is not modelled'],
    ],
    ['empty lists are nothing', bgp('communities: []'), []],
    [
      'a Felix field',
      felix('routeSyncDisabled: true'),
      ['4: FelixConfiguration/default: routeSyncDisabled true is not modelled'],
    ],
  ])('%s', (_what, text, want) => {
    expect(notesOf(text)).toEqual(want)
  })

  it.each<[string, string, string]>([
    [
      'a Felix field',
      felix('vxlanMtu: 1400'),
      'c.yaml:4:8: FelixConfiguration/default spec.vxlanMtu: expected a name that Calico knows (did you mean "vxlanMTU"?), received "vxlanMtu"',
    ],
    [
      'a variable of Felix',
      manifest('FELIX_VXLANMTUU=1400'),
      'c.yaml:10:11: DaemonSet/default/calico-node spec.template.spec.containers.0.env.0.value: expected a name that Calico knows (did you mean "FELIX_VXLANMTU"?), received "FELIX_VXLANMTUU"',
    ],
    [
      'a variable of calico-node',
      manifest('CALICO_IPV4POOL_IPP=Always'),
      'c.yaml:10:11: DaemonSet/default/calico-node spec.template.spec.containers.0.env.0.value: expected a name that Calico knows (did you mean "CALICO_IPV4POOL_IPIP"?), received "CALICO_IPV4POOL_IPP"',
    ],
  ])('a name that nobody knows: %s', (_what, text, want) => {
    expect(cluster(text).findings.warnings.map(describeIssue).map(withoutColumn)).toContain(withoutColumn(want))
  })

  it.each<[string, string, string]>([
    [
      'a word for an MTU',
      'FELIX_IPINIPMTU=many',
      'an MTU, 0 for automatic: a whole number from 0 to 65535, as FELIX_IPINIPMTU',
    ],
    ['a name for an address', 'FELIX_NATOUTGOINGADDRESS=host', 'an IP address, as FELIX_NATOUTGOINGADDRESS'],
    [
      'a method of autodetection',
      'IP_AUTODETECTION_METHOD=eth1',
      'first-found, interface=, skip-interface=, can-reach=, cidr= or kubernetes-internal-ip, as IP_AUTODETECTION_METHOD',
    ],
    ['a pattern', 'IP_AUTODETECTION_METHOD=interface=eth[', 'a regular expression of Go, as IP_AUTODETECTION_METHOD'],
    ['a mode', 'CALICO_IPV4POOL_IPIP=Sometimes', 'Always, CrossSubnet or Never, as CALICO_IPV4POOL_IPIP'],
  ])('a value that Calico does not take is a fault: %s', (_what, pair, expected) => {
    expect(cluster(manifest(pair)).findings.faults).toEqual([
      expect.objectContaining({ file: 'c.yaml', line: 10, expected }),
    ])
  })
})

describe('another CNI plugin is named once, and Calico is not blamed for it', () => {
  const DAEMON = (name: string) =>
    `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ${name}}\nspec: {template: {spec: {containers: [{name: c}]}}}`
  const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: default}\nspec: {nodeName: n1}'
  const CNI = (plugin: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: calico-config}\ndata: {cni_network_config: '{"plugins": [${plugin}]}'}`

  it.each<[string, string[], string]>([
    ['flannel', [DAEMON('kube-flannel-ds-amd64')], 'flannel'],
    ['the AWS VPC CNI', [DAEMON('aws-node'), manifest('CALICO_NETWORKING_BACKEND=none')], 'the AWS VPC CNI'],
    ['the operator on AKS', [installation('{}', 'kubernetesProvider: AKS')], 'Azure CNI (AzureVNET)'],
    ['host-local', [CNI('{"type": "calico", "ipam": {"type": "host-local"}}')], 'addresses by host-local'],
    ['USE_POD_CIDR', [manifest('USE_POD_CIDR=true', 'NO_DEFAULT_POOLS=true')], 'host-local addresses of podCIDR'],
  ])('%s', (_what, texts, name) => {
    const { findings } = cluster(...texts, POD)
    expect(findings.faults).toEqual([])
    expect(findings.notes.filter(({ code }) => code === 'other_cni').map(({ what }) => what)).toEqual([
      `${name}: pods are not wired or addressed by Calico, and what does it is not modelled`,
    ])
  })

  it('Calico itself is nobody else', () => {
    const config = CNI('{"type": "calico", "ipam": {"type": "calico-ipam"}}')
    const { notes } = cluster(manifest('IP=autodetect'), config, POD).findings
    expect(notes.filter(({ code }) => code === 'other_cni')).toEqual([])
  })
})

describe('the kernel and iptables have the last word', () => {
  const FELIX = (spec: string) =>
    `apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {${spec}}`
  const POOL = (name: string, spec: string) =>
    `apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: ${name}}\nspec: {${spec}}`
  const V6 =
    'apiVersion: v1\nkind: Node\nmetadata: {name: n2}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.22}, {type: InternalIP, address: "fd00::2"}]}'

  it('a VXLAN device has no more than its card carries', () => {
    const { network } = cluster(FELIX('vxlanMTU: 1500'), POOL('p', 'cidr: 10.1.0.0/16, vxlanMode: Always'))
    expect(network.namespaces['n1']?.interfaces['vxlan.calico']?.mtu).toBe(1450)
  })

  it('an IPv4 address for translation leaves IPv6 without translation, and is named', () => {
    const { network, findings } = cluster(
      FELIX('natOutgoingAddress: 192.0.2.1'),
      POOL('four', 'cidr: 10.1.0.0/16, natOutgoing: true'),
      POOL('six', 'cidr: "fd01::/64", natOutgoing: true'),
      V6,
    )
    expect(Object.keys(network.namespaces['n2']?.ip6tables?.tables ?? {})).toEqual(['raw', 'mangle', 'filter'])
    expect(JSON.stringify(network.namespaces['n2']?.iptables)).toContain('192.0.2.1')
    expect(findings.warnings).toEqual([
      expect.objectContaining({ object: 'FelixConfiguration/default', received: 'natOutgoingAddress 192.0.2.1' }),
    ])
  })

  it('ipipEnabled and vxlanEnabled beat the pools', () => {
    const devices = (spec: string) =>
      Object.keys(
        cluster(FELIX(spec), POOL('p', 'cidr: 10.1.0.0/16, ipipMode: Always')).network.namespaces['n1']!.interfaces,
      )
    expect(devices('logPrefix: x')).toContain('tunl0')
    expect(devices('ipipEnabled: false')).not.toContain('tunl0')
  })
})

const withoutColumn = (text: string): string => text.replace(/^(c\.yaml:\d+):\d+/, '$1')
