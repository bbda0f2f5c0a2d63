// What installers are told, besides the objects they make: charts of K3s and RKE2, Kubespray's inventory, kubeadm's and
// kind's own files, microk8s. Pools and settings follow, with the line each comes from.
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { describeIssue, describeNote, type InputError } from '../../src/model/index.ts'

const NODE =
  'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.21}]}\n'
const CALICO_NODE =
  'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\nspec: {template: {spec: {containers: [{name: calico-node, env: [{name: CALICO_IPV4POOL_VXLAN, value: Always}]}]}}}\n'

const chart = (name: string, values = ''): string =>
  `apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata:\n  name: ${name}\n  namespace: kube-system\nspec:\n  valuesContent: |-\n${values
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`

function cluster(...texts: string[]) {
  const loaded = loadResources([{ name: 'c.yaml', text: [...texts, NODE].join('---\n') }])
  const built = buildCluster(loaded.resources)
  return {
    loaded,
    built,
    pools: built.resources.ippools.map(({ metadata, spec }) => ({ name: metadata.name, ...spec })),
  }
}

const faultsOf = (text: string): string[] => {
  try {
    return cluster(text).built.findings.faults.map(describeIssue)
  } catch (error) {
    return (error as InputError).issues.map(describeIssue)
  }
}

describe('rke2-calico', () => {
  it('has VXLAN over RKE2’s pod range where nothing is said', () => {
    expect(cluster(chart('rke2-calico')).pools).toEqual([
      {
        name: 'default-ipv4-ippool',
        cidr: '10.42.0.0/16',
        vxlanMode: 'Always',
        natOutgoing: true,
        nodeSelector: 'all()',
      },
    ])
  })

  it.each<[string, string, string[]]>([
    ['one range', 'global: {clusterCIDRv4: 10.60.0.0/16}', ['10.60.0.0/16']],
    [
      'both families',
      'global: {clusterCIDRv4: 10.60.0.0/16, clusterCIDRv6: "fd00:60::/56"}',
      ['10.60.0.0/16', 'fd00:60::/56'],
    ],
    ['IPv6 alone', 'global: {clusterCIDRv4: "", clusterCIDRv6: "fd00:60::/56"}', ['fd00:60::/56']],
    ['none', 'global: {clusterCIDRv4: ""}', ['10.42.0.0/16']],
    [
      'pools of their own beat it',
      'global: {clusterCIDRv4: 10.60.0.0/16}\ninstallation: {calicoNetwork: {ipPools: [{cidr: 10.9.0.0/16}]}}',
      ['10.9.0.0/16'],
    ],
  ])('makes a pool for each range of the cluster: %s', (_name, values, ranges) => {
    expect(cluster(chart('rke2-calico', values)).pools.map(({ cidr }) => cidr)).toEqual(ranges)
  })

  it('joins maps and replaces lists, as Helm does', () => {
    const values = `installation:
  calicoNetwork:
    mtu: 8900
    ipPools:
    - cidr: 10.60.0.0/16
      encapsulation: IPIPCrossSubnet
      nodeSelector: rack == "a"
felixConfiguration:
  wireguardEnabled: true
ipamConfig:
  strictAffinity: true
  autoAllocateBlocks: true`
    const { built, pools } = cluster(chart('rke2-calico', values))
    expect(pools).toMatchObject([{ cidr: '10.60.0.0/16', ipipMode: 'CrossSubnet', nodeSelector: 'rack == "a"' }])
    expect(built.settings.backend).toBe('vxlan')
    expect(built.settings.felixOf('n1').wireguard).toBe(true)
    expect(built.resources.ipamConfigs[0]?.spec.strictAffinity).toBe(true)
  })

  it('says the line of a value that is wrong', () => {
    const values = 'installation:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.60.0.0/16\n      encapsulation: GRE'
    expect(faultsOf(chart('rke2-calico', values))).toEqual([
      'c.yaml:12:22: Installation/default spec.calicoNetwork.ipPools.0.encapsulation: expected one of IPIP, IPIPCrossSubnet, VXLAN, VXLANCrossSubnet, None, received "GRE"',
    ])
  })

  it.each([
    ['a value nobody knows', 'instalation: {}', 'one of the values installation'],
    ['a list for a map', 'installation: []', 'expected a map'],
    ['what is no map at all', '- 1', 'a map of values'],
    ['what is no YAML', 'a: [', 'c.yaml:8'],
  ])('%s is a fault', (_, values, want) => {
    expect(faultsOf(chart('rke2-calico', values)).join('\n')).toContain(want)
  })
})

describe('charts and nodes of other plugins', () => {
  const note = (...texts: string[]): string[] =>
    cluster(...texts)
      .built.findings.notes.filter(({ code }) => code === 'other_cni')
      .map(describeNote)

  it.each([
    ['rke2-canal', 'flannel (canal)'],
    ['rke2-cilium', 'Cilium'],
    ['rke2-flannel', 'flannel'],
  ])('%s is %s', (name, plugin) => {
    expect(note(chart(name, 'flannel: {iface: eth1}'))).toEqual([
      expect.stringContaining(`${plugin}: pods are not wired`),
    ])
  })

  const k3s = `apiVersion: v1\nkind: Node\nmetadata: {name: k3s-1, annotations: {flannel.alpha.coreos.com/backend-type: vxlan}}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.5}]}\n`
  it('K3s says on its nodes that it is flannel', () => {
    expect(note(k3s)).toEqual([expect.stringContaining('flannel: pods are not wired')])
  })
  it('what flannel left behind on a node of Calico’s is nothing', () => {
    expect(note(k3s, CALICO_NODE)).toEqual([])
  })
  it('another chart is nobody’s business', () => {
    expect(note(chart('rke2-coredns', 'replicas: 2'))).toEqual([])
  })
})

describe('microk8s', () => {
  const manifest = (env: Readonly<Record<string, string>>, backend: string): string =>
    `kind: ConfigMap
apiVersion: v1
metadata: {name: calico-config, namespace: kube-system}
data: {calico_backend: ${backend}, veth_mtu: "0"}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: docker.io/calico/node:v3.29.3
        env:
        - {name: CALICO_NETWORKING_BACKEND, valueFrom: {configMapKeyRef: {name: calico-config, key: calico_backend}}}
        - {name: NODENAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
${Object.entries(env)
  .map(([name, value]) => `        - {name: ${name}, value: "${value}"}\n`)
  .join('')}---
apiVersion: apps/v1
kind: Deployment
metadata: {name: calico-kube-controllers, namespace: kube-system}
spec: {template: {spec: {containers: [{name: calico-kube-controllers, env: [{name: ENABLED_CONTROLLERS, value: node}]}]}}}
`
  const COMMON = {
    CLUSTER_TYPE: 'k8s,bgp',
    IP: 'autodetect',
    FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
    FELIX_IPV6SUPPORT: 'false',
  }

  it.each<[string, Readonly<Record<string, string>>, string, object]>([
    [
      'its pod range by VXLAN, on the first card found',
      {
        ...COMMON,
        IP_AUTODETECTION_METHOD: 'first-found',
        CALICO_IPV4POOL_VXLAN: 'Always',
        CALICO_IPV4POOL_CIDR: '10.1.0.0/16',
      },
      'vxlan',
      { cidr: '10.1.0.0/16', vxlanMode: 'Always', natOutgoing: true },
    ],
    [
      'Calico’s own manifest: its range by IPIP',
      { ...COMMON, CALICO_IPV4POOL_IPIP: 'Always', CALICO_IPV4POOL_VXLAN: 'Never' },
      'bird',
      { cidr: '192.168.0.0/16', ipipMode: 'Always', natOutgoing: true },
    ],
  ])('%s', (_name, env, backend, pool) => {
    const { built, pools, loaded } = cluster(manifest(env, backend))
    expect(pools).toMatchObject([{ name: 'default-ipv4-ippool', ...pool }])
    expect(built.settings.backend).toBe(backend)
    expect(built.nodes[0]?.ipv4?.address).toBe('10.7.0.21')
    expect(built.findings.notes.filter(({ effect }) => effect === 'undecided')).toEqual([])
    expect([built.findings.faults, loaded.warnings, loaded.unread]).toEqual([[], [], []])
  })
})

describe('Kubespray’s inventory', () => {
  const usual = {
    name: 'default-pool',
    cidr: '10.233.64.0/18',
    blockSize: 26,
    ipipMode: 'Never',
    vxlanMode: 'Always',
    natOutgoing: true,
  }

  it.each<[string, string[], unknown[], string]>([
    ['nothing but the plugin', ['kube_network_plugin: calico\n'], [usual], 'vxlan'],
    [
      'in two files',
      [
        'kube_pods_subnet: 10.60.0.0/16\nkube_network_plugin: calico\n',
        'calico_ipip_mode: CrossSubnet\ncalico_vxlan_mode: Never\ncalico_network_backend: bird\n',
      ],
      [{ ...usual, cidr: '10.60.0.0/16', ipipMode: 'CrossSubnet', vxlanMode: 'Never' }],
      'bird',
    ],
    [
      'a range of its own',
      ['calico_pool_cidr: 10.9.0.0/20\ncalico_pool_blocksize: 24\nnat_outgoing: false\n'],
      [{ ...usual, cidr: '10.9.0.0/20', blockSize: 24, natOutgoing: false }],
      'vxlan',
    ],
  ])('%s', (_, texts, want, backend) => {
    const { built, pools } = cluster(...texts)
    expect(built.findings.faults).toEqual([])
    expect(pools).toEqual(want)
    expect(built.settings.backend).toBe(backend)
  })

  it('says file and line of what is wrong, and names what is not read', () => {
    expect(faultsOf('calico_vxlan_mode: Sometimes\n')).toEqual([
      expect.stringContaining('c.yaml:1:20: IPPool/default-pool spec.vxlanMode'),
    ])
    const { loaded } = cluster('calico_version: v3.27.0\npeer_with_router: true\ncalico_vxlan_vnni: 7\n')
    expect(loaded.warnings.map(({ path, line }) => [path.join('.'), line])).toEqual([
      ['peer_with_router', 2],
      ['calico_vxlan_vnni', 3],
    ])
  })

  it('another plugin is another plugin', () => {
    const { built } = cluster('kube_network_plugin: cilium\ncalico_ipip_mode: Never\n')
    expect(built.findings.notes.map(({ code }) => code)).toContain('other_cni')
  })
})

describe('Kubespray’s second family', () => {
  it.each([
    ['ipv6_stack: true', 1],
    ['enable_dual_stack_networks: true', 1],
    ['ipv6_stack: false', 0],
    ['ipv4_stack: true', 0],
  ])('%s is named where it asks for a pool that is not made', (line, count) => {
    const { loaded } = cluster(`kube_network_plugin: calico\n${line}\n`)
    expect(
      loaded.warnings.map(describeIssue).filter((one) => one.includes('a variable packetwalk reads')),
    ).toHaveLength(count)
  })
})

describe('files of kubeadm and kind', () => {
  it.each([
    [
      'kubeadm',
      'apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.30.0.0/16\n',
    ],
    [
      'kind',
      'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnetworking:\n  disableDefaultCNI: true\n  podSubnet: 10.30.0.0/16\n',
    ],
  ])('%s gives the pod subnet', (_, text) => {
    expect(cluster(text, CALICO_NODE).pools).toMatchObject([{ cidr: '10.30.0.0/16', vxlanMode: 'Always' }])
  })
})

describe('the operator’s ways to find an address', () => {
  const way = (text: string): unknown => {
    const installation = `apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec:\n  calicoNetwork: {nodeAddressAutodetectionV4: ${text}}\n`
    const { env } = cluster(installation).built.settings
    return [env.get('IP')?.value, env.get('IP_AUTODETECTION_METHOD')?.value]
  }

  it.each([
    ['{firstFound: true}', ['autodetect', 'first-found']],
    ['{firstFound: false}', ['none', undefined]],
    ['{}', ['none', undefined]],
    ['{kubernetes: NodeInternalIP}', ['autodetect', 'kubernetes-internal-ip']],
    ['{interface: "eth.*"}', ['autodetect', 'interface=eth.*']],
    ['{skipInterface: "docker.*"}', ['autodetect', 'skip-interface=docker.*']],
    ['{canReach: 8.8.8.8}', ['autodetect', 'can-reach=8.8.8.8']],
    ['{cidrs: [10.0.0.0/8, 192.168.0.0/16]}', ['autodetect', 'cidr=10.0.0.0/8,192.168.0.0/16']],
  ])('%s', (text, want) => {
    expect(way(text)).toEqual(want)
  })
})
