// What reading makes of texts: of whole clusters with a line or an end missing, of what installers are given, of odd YAML and JSON;
// every value with its place.
import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import type { OtherResource } from '../../src/control/index.ts'
import { type InputText, loadResources } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'
import { BROKEN } from '../input/broken-inputs.ts'
import { textOf } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'

type Path = readonly (string | number)[]

/** The places of a value and of everything in it. */
function placesOf(resource: OtherResource, value: unknown, path: Path, found: unknown[]): void {
  const place = resource.placeOf?.(path)
  found.push([path.join('.'), place && `${place.file}:${place.line}:${place.column}`])
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    placesOf(resource, inner, [...path, Array.isArray(value) ? Number(key) : key], found)
}

/** What is read, with all places; or what is wrong. */
function read(...texts: readonly InputText[]): string {
  try {
    const { resources, warnings, unread } = loadResources(texts)
    const lists = Object.entries(resources).filter(([, list]) => list.length > 0)
    const placed = lists.map(([kind, list]) => [
      kind,
      (list as readonly OtherResource[]).map((one) => {
        const places: unknown[] = []
        const { placeOf: _, ...fields } = one
        placesOf(one, fields, [], places)
        places.push(one.placeOf?.(['nothing', 0]))
        return [fields, places]
      }),
    ])
    return textOf({ placed, warnings, unread })
  } catch (error) {
    if (error instanceof InputError) return textOf(error.issues)
    throw error
  }
}

const DEMO = readFileSync('examples/demo/ipip.yaml', 'utf8')
const SMALL = readFileSync('test/fixtures/whole/small.yaml', 'utf8')

describe('a broken input', () => {
  const table = new Map(BROKEN.map((one) => [one.name, one]))
  goldens('input-texts-broken', [...table.keys()], (name) => {
    const { replace, add, text } = table.get(name)!
    const changed = replace === undefined ? DEMO : DEMO.replace(...replace)
    return read({ name: 'c.yaml', text: text ?? (add === undefined ? changed : `${add}\n---\n${changed}`) })
  })
})

const LINES = DEMO.split('\n')
const CUT_EVERY = 97

describe('a text', () => {
  const json = JSON.stringify(
    { a: [1, { b: 'x\\"', c: [] }, [[]]], apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
    null,
    2,
  )
  const texts: Readonly<Record<string, () => string>> = {
    'without one line': () =>
      LINES.map((_, i) => read({ name: 'c.yaml', text: LINES.filter((_, j) => j !== i).join('\n') })).join(''),
    'cut off, YAML': () =>
      Array.from({ length: Math.ceil(DEMO.length / CUT_EVERY) }, (_, i) =>
        read({ name: 'c.yaml', text: DEMO.slice(0, i * CUT_EVERY) }),
      ).join(''),
    'cut off, JSON': () =>
      Array.from({ length: json.length + 1 }, (_, i) => read({ name: 'c.json', text: json.slice(0, i) })).join(''),
    'JSON with another character': () =>
      Array.from({ length: json.length }, (_, i) =>
        ['"', ',', '{', ']', ' ', '\\', ':', '\n']
          .map((c) => read({ name: 'c.json', text: json.slice(0, i) + c + json.slice(i + 1) }))
          .join(''),
      ).join(''),
    'a whole cluster': () => read({ name: 'small.yaml', text: SMALL }),
    'a whole cluster in two texts': () =>
      read(
        { name: 'a.yaml', text: SMALL.slice(0, SMALL.indexOf('apiVersion: packetwalk')) },
        { name: 'b.yaml', text: SMALL.slice(SMALL.indexOf('apiVersion: packetwalk')) },
      ),
  }
  goldens('input-texts', Object.keys(texts), (key) => texts[key]!())
})

const NS = '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}'
const ODD: readonly string[] = [
  '',
  '\n',
  '# nothing',
  '---\n---\n',
  'null',
  'true',
  '7',
  'text',
  '[]',
  '{}',
  '[1, a, null, [], {}]',
  '[[{}]]',
  'kind: Pod',
  'kind: 5\napiVersion: v1',
  'kind: ""\napiVersion: v1',
  'kind: Pod\napiVersion: 1',
  'kind: Pod\napiVersion: ""',
  'kind: List\napiVersion: v1',
  'kind: List\napiVersion: v1\nitems:',
  'kind: List\napiVersion: v1\nitems: 5',
  'kind: List\napiVersion: v1\nitems: [5, null]',
  'kind: NamespaceList\napiVersion: v1\nitems: [{metadata: {name: a}}, {kind: Pod, metadata: {name: b}, spec: {}}]',
  'kind: List\napiVersion: v1\nitems: [{kind: List, apiVersion: v1, items: [{kind: Namespace, apiVersion: v1, metadata: {name: a}}]}]',
  NS,
  `${NS}\n${NS.replace('"n"', '"m"')}`,
  `[${NS}, ${NS.replace('"n"', '"m"')}]`,
  `${NS} x`,
  `{"a": 1, "a": 2}`,
  `{"a": {"b": 1, "b": 2}, "c": [{"d": 1}, {"d": 1, "d": 2}], "\\u0061": 3}`,
  `${'['.repeat(250)}${']'.repeat(250)}`,
  `${'{"a":'.repeat(250)}1${'}'.repeat(250)}`,
  `${'- '.repeat(250)}1`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
  'a: 1\na: 2\nb: {c: 1, c: 2}',
  '? [a]\n: 1',
  'a: &x 1\nb: *x\nc: *y',
  `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
  'a: !!int x',
  'a: !mine x',
  'a: b: c',
  'a:\n\t- b',
  'a: "x',
  "a: 'x",
  'a: [x',
  'a: {x',
  'a: |\n x\n  y',
  'a: >-\n x\n y',
  'a: @x',
  'a: `x',
  '- a\nb: c',
  '%YAML 1.1\n---\na: yes',
  '﻿kind: Namespace\napiVersion: v1\nmetadata: {name: bom}',
  'kind: Namespace\r\napiVersion: v1\r\nmetadata:\r\n  name: lines\r\n',
  'base: &b {name: a}\nkind: Namespace\napiVersion: v1\nmetadata: *b',
  'kind: Namespace\napiVersion: v1\nmetadata: {<<: {name: a}}',
  'kind: Namespace\napiVersion: v2\nmetadata: {name: a}',
  'kind: Namespac\napiVersion: v1\nmetadata: {name: a}',
  'kind: Underlay\napiVersion: packetwalk/v2\nmetadata: {name: a}',
  'kind: Underlai\napiVersion: packetwalk/v1\nmetadata: {name: a}',
  'kind: Service\napiVersion: serving.knative.dev/v1\nmetadata: {name: a}',
  'kind: Secret\napiVersion: v1\nmetadata: {name: a}\ndata: {x: y}',
  'kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nmetadata: {name: a}',
  'kind: Widget\napiVersion: x/v1\nmetadata: {name: a, namespace: b}\n---\nkind: Widget\napiVersion: x/v1\nmetadata: {name: c}\n---\nkind: Widget\napiVersion: x/v1\nmetadata: {}',
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: mine}\ndata: {a: 1}',
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: canal-config}\ndata: {a: 1}',
  'kind: DaemonSet\napiVersion: apps/v1\nmetadata: {name: mine}\nspec: {template: 5}',
  'kind: DaemonSet\napiVersion: apps/v1\nmetadata: {name: mine}\nspec: {template: {spec: {containers: [{name: calico-node, env: [{name: X, value: y}, {name: IP, value: none}, {name: FELIX_IPIPMTU, value: "1"}, {name: FELIX_X, value: "1"}]}, {name: other, env: [{name: SECRET, value: z}]}]}}}',
  'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: calico-kube-controllers}\nspec: {template: {spec: {containers: [{name: calico-kube-controllers, env: [{name: X, value: y}, {name: AUTO_HOST_ENDPOINTS, value: enabled}]}]}}}',
  'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\nnetworking: {podSubnet: 10.0.0.0/16}',
  'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\nnetworking: {podSubnet: 5}',
  'kind: ClusterConfiguration\napiVersion: other/v1\nnetworking: {podSubnet: 10.0.0.0/16}',
  'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  podSubnet: 10.0.0.0/16,fd00::/48',
  'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4',
  'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: []',
  ...['kube-proxy', 'kube-proxy-config', 'other'].flatMap((name) =>
    ['config.conf', 'config', 'kube-proxy.conf', 'other'].flatMap((key) =>
      [
        'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\niptables:\n  masqueradeBit: 40',
        'a: [',
        'kind: Other',
        '5',
        'apiVersion: 5\nkind: KubeProxyConfiguration',
      ].map((text) =>
        JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { [key]: text } }, null, 1),
      ),
    ),
  ),
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: kube-proxy}\ndata: {config: 5}',
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: kube-proxy}\ndata: 5',
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: kube-proxy}\ndata:\n  config.conf: |-\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    kind: KubeProxyConfiguration\n    mode: 5\n    ---\n    a: 1',
  'kind: KubeProxyConfiguration\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nmode: ipvs',
  'kind: KubeProxyConfiguration\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nmetadata: {name: mine}\nmode: ipvs',
  'kind: KubeProxyConfiguration\napiVersion: other/v1\nmode: ipvs',
]

const CHART =
  'apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: rke2-calico, namespace: kube-system}\n'
const CHARTS: readonly string[] = [
  CHART,
  `${CHART}spec:`,
  `${CHART}spec: {valuesContent: 5}`,
  `${CHART}spec: {valuesContent: ""}`,
  `${CHART}spec: {valuesContent: "- 1"}`,
  `${CHART}spec: {valuesContent: "a: ["}`,
  `${CHART}spec: {valuesContent: "installation: []"}`,
  `${CHART}spec: {valuesContent: "installation: null"}`,
  `${CHART}spec: {valuesContent: "global: 5"}`,
  `${CHART.replace('HelmChartConfig', 'HelmChart')}spec: {valuesContent: "installation: {}"}`,
  `${CHART.replace('HelmChartConfig', 'Other')}spec: {}`,
  ...[
    ...[
      'global: {clusterCIDRv4: 10.60.0.0/16}',
      'global: {clusterCIDRv4: "", clusterCIDRv6: "fd00::/56"}',
      'global: {clusterCIDRv4: x}',
    ],
    ...[
      'imagePullSecrets: {}',
      'apiServer: {enabled: true}',
      'certs: 1',
      'tigeraOperator: 1',
      'resources: {}',
      'unknown: 1',
      'nodeSelector: {a: b}',
    ],
    ...[
      'felixConfiguration: {wireguardEnabled: true, ipipMTU: x}',
      'defaultFelixConfiguration: {enabled: true, vxlanPort: 9}',
    ],
    ...[
      'bgpConfiguration: {asNumber: 65000}',
      'ipamConfig: {strictAffinity: 5}',
      'installation: {calicoNetwork: {mtu: 1, bgp: x, ipPools: [{cidr: 10.9.0.0/16}]}}',
    ],
  ].map((values) => `${CHART}spec:\n  valuesContent: |-\n    # first\n    ${values}\n`),
]

const VARIABLES: readonly string[] = [
  'kube_network_plugin: calico',
  'kube_network_plugin: cilium',
  'kube_network_plugin: flannel',
  'kube_network_plugin: 5',
  'kube_pods_subnet: 10.1.0.0/16',
  'kind: x\nkube_network_plugin: calico',
  ...[
    ...[
      'calico_pool_name: mine',
      'calico_pool_cidr: 10.2.0.0/16',
      'calico_pool_cidr: x',
      'calico_pool_blocksize: 24',
      'calico_pool_blocksize: x',
    ],
    ...[
      'calico_ipip_mode: Always',
      'calico_vxlan_mode: Never',
      'calico_vxlan_mode: x',
      'calico_network_backend: bird',
      'nat_outgoing: false',
    ],
    ...[
      'calico_endpoint_to_host_action: ACCEPT',
      'calico_ip_auto_method: interface=eth1',
      'calico_ip6_auto_method: x',
      'calico_bpf_enabled: true',
    ],
    ...[
      'calico_wireguard_enabled: true',
      'calico_vxlan_vni: 5',
      'calico_vxlan_port: 5',
      'calico_mtu: 1400',
      'calico_mtu: ""',
      'calico_iptables_backend: NFT',
    ],
    ...[
      'calico_version: v3.27.0',
      'calico_unknown: x',
      'calico_cni_pool: true',
      'peer_with_router: true',
      'global_as_num: "65000"',
      'ipv6_stack: true',
    ],
    ...[
      'enable_dual_stack_networks: false',
      'enable_dual_stack_networks: true',
      'calico_felix_prometheusmetricsenabled: true',
      'other: [1]',
      'calico_datastore: etcd',
    ],
  ].map((line) => `kube_network_plugin: calico\n${line}`),
]

const proxy = (kind: string, container: object, name = 'kube-proxy'): string =>
  JSON.stringify({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name, namespace: 'kube-system' },
    spec:
      kind === 'Pod'
        ? { containers: [{ name: 'other' }, container] }
        : { template: { spec: { containers: [container] } } },
  })
const FLAGS = [
  ...[
    '--proxy-mode=ipvs',
    '--cluster-cidr=10.0.0.0/8,fd00::/8',
    '--detect-local-mode=BridgeInterface',
    '--pod-bridge-interface=br0',
  ],
  ...[
    '--pod-interface-name-prefix=cali',
    '--nodeport-addresses=10.0.0.0/8, 11.0.0.0/8',
    '--masquerade-all',
    '--masquerade-all=false',
    '--masquerade-all=x',
  ],
  ...[
    '--iptables-masquerade-bit=5',
    '--iptables-masquerade-bit=x',
    '--iptables-masquerade-bit=40',
    '--iptables-localhost-nodeports=False',
    '--conntrack-tcp-be-liberal=true',
  ],
  ...['--unknown=1', 'proxy-mode=ipvs', '-proxy-mode=ipvs', '--proxy-mode', '--v=2'],
]
const PROXIES: readonly string[] = [
  ...FLAGS.map((flag) => proxy('DaemonSet', { name: 'kube-proxy', command: ['kube-proxy', flag] })),
  ...FLAGS.map((flag) => proxy('Pod', { name: 'kube-proxy', command: ['kube-proxy'], args: [flag, 'next'] })),
  proxy('DaemonSet', {
    name: 'kube-proxy',
    command: ['sh', '-c', 'kube-proxy --proxy-mode ipvs --masquerade-all --cluster-cidr 10.0.0.0/8'],
  }),
  proxy('DaemonSet', { name: 'kube-proxy', command: ['kube-proxy', '--config=/x', '--proxy-mode=ipvs'] }),
  proxy('DaemonSet', { name: 'kube-proxy', command: ['kube-proxy', '--config', '/x'] }),
  proxy('DaemonSet', { name: 'kube-proxy', command: 'kube-proxy' }),
  proxy('DaemonSet', { name: 'kube-proxy', args: [5, '--proxy-mode=ipvs'] }),
  proxy('DaemonSet', { name: 'kube-proxy' }),
  proxy('DaemonSet', { name: 'other', command: ['kube-proxy', '--proxy-mode=ipvs'] }),
  proxy('Deployment', { name: 'kube-proxy', command: ['kube-proxy', '--proxy-mode=ipvs'] }),
  [
    proxy('Pod', { name: 'kube-proxy', command: ['--proxy-mode=ipvs'] }, 'a'),
    proxy('Pod', { name: 'kube-proxy', command: ['--proxy-mode=iptables'] }, 'b'),
  ].join('\n'),
  [
    proxy('Pod', { name: 'kube-proxy', command: ['--proxy-mode=ipvs'] }, 'a'),
    proxy('DaemonSet', { name: 'kube-proxy', command: ['--proxy-mode=ipvs'] }, 'b'),
  ].join('\n'),
  [
    proxy('Pod', { name: 'kube-proxy', command: ['--proxy-mode=ipvs'] }, 'a'),
    proxy('DaemonSet', { name: 'kube-proxy', command: ['--proxy-mode=iptables'] }, 'b'),
  ].join('\n'),
]

const CALICO_NODE =
  'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: n, annotations: {projectcalico.org/ASNumber: "7"}}\n'
const CALICO_NODES: readonly string[] = [
  CALICO_NODE,
  `${CALICO_NODE}spec: {bgp: {ipv4Address: 10.0.0.1/24, ipv6Address: "fd00::1/64", asNumber: 65000, ipv4IPIPTunnelAddr: 10.1.0.1, routeReflectorClusterID: 1.0.0.1}, ipv4VXLANTunnelAddr: 10.1.0.2, ipv6VXLANTunnelAddr: "fd01::1", vxlanTunnelMACAddr: "66:00:00:00:00:01", vxlanTunnelMACAddrV6: "66:00:00:00:00:02", wireguard: {interfaceIPv4Address: 10.1.0.3, interfaceIPv6Address: "fd01::3"}, addresses: [{address: 10.0.0.1/24}]}\nstatus: {wireguardPublicKey: a, wireguardPublicKeyV6: b}`,
  `${CALICO_NODE}spec: {bgp: {asNumber: "1.10"}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: n, labels: {a: b}, annotations: {projectcalico.org/IPv4Address: 10.9.0.1/24}}, spec: {podCIDR: 10.1.0.0/24}, status: {addresses: [{type: InternalIP, address: 10.9.0.1}]}}`,
  `{apiVersion: v1, kind: Node, metadata: {name: m}}\n---\n${CALICO_NODE}`,
]

describe('an odd text', () => {
  const all = [...ODD, ...CHARTS, ...VARIABLES, ...PROXIES, ...CALICO_NODES]
  const keys = all.map((text, i) => `${i} ${text.replaceAll(/\s+/g, ' ').slice(0, 60)}`)
  goldens('input-texts-odd', keys, (key) => read({ name: 'odd.yaml', text: all[keys.indexOf(key)]! }))
})
