// Policies and host endpoints.
import {
  A,
  B,
  type Case,
  calico,
  global,
  namespace,
  ours,
  POOL,
  pod,
  policy,
  ports,
  SHOP,
  service,
  thing,
} from './objects.ts'

const X = pod('x', {}, { labels: { app: 'x' } })
const BASE = [A, POOL, SHOP, X]
const hostPod = pod('h', { hostNetwork: true }, { labels: { app: 'h' } })
const DNS_PORTS = [{ name: 'dns', protocol: 'UDP', port: 53 }]
const DNS = [
  namespace('kube-system'),
  pod('dns', ports({ name: 'dns', containerPort: 53, protocol: 'UDP' }), {
    labels: { 'k8s-app': 'kube-dns' },
    namespace: 'kube-system',
  }),
  service(
    'kube-dns',
    { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' }, ports: DNS_PORTS },
    'kube-system',
  ),
]
const allowDns = {
  to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [{ protocol: 'UDP', port: 53 }],
}
const cache = thing(
  'apps/v1',
  'DaemonSet',
  'node-local-dns',
  {
    spec: {
      selector: { matchLabels: { k: 'v' } },
      template: { metadata: { labels: { k: 'v' } }, spec: { containers: [] } },
    },
  },
  { namespace: 'kube-system' },
)
const egress = (...rules: readonly object[]) => policy('e', { policyTypes: ['Egress'], egress: rules })
const ingress = (...rules: readonly object[]) => policy('i', { policyTypes: ['Ingress'], ingress: rules })
const from = (...peers: readonly object[]) => ingress({ from: peers })
const allow = { action: 'Allow' }
const deny = { action: 'Deny' }
const hep = (spec: object = {}) =>
  calico('HostEndpoint', 'h', { node: 'a', interfaceName: 'eth0', ...spec }, { labels: { host: 'yes' } })
const onHosts = (spec: object) => global('hosts', { selector: 'has(host)', ...spec })
const felix = (spec: object) => calico('FelixConfiguration', 'default', spec)
const tcp = (port: number) => ({ protocol: 'TCP', destination: { ports: [port] } })
const nodePort = (spec: object = {}) =>
  service('web', { type: 'NodePort', clusterIP: '10.96.0.9', selector: { app: 'x' }, ports: [{ port: 80 }], ...spec })
const client = from({ ipBlock: { cidr: '203.0.113.0/24' } })

export const POLICY_CASES: readonly Case[] = [
  {
    name: 'dns-not-allowed',
    wrong: [...BASE, ...DNS, egress({ ports: [{ protocol: 'TCP', port: 443 }] })],
    right: [...BASE, ...DNS, egress({ ports: [{ protocol: 'TCP', port: 443 }] }, allowDns)],
  },
  {
    name: 'dns-not-allowed',
    wrong: [...BASE, egress({ ports: [{ protocol: 'TCP', port: 53 }] })],
    right: [...BASE, egress({ ports: [{ protocol: 'UDP', port: 53 }] })],
  },
  {
    name: 'node-local-dns-not-allowed',
    wrong: [...BASE, ...DNS, cache, egress(allowDns)],
    right: [...BASE, ...DNS, cache, egress(allowDns, { to: [{ ipBlock: { cidr: '169.254.20.10/32' } }] })],
  },
  {
    name: 'policy-selects-nothing',
    wrong: [...BASE, policy('i', { podSelector: { matchLabels: { app: 'y' } }, ingress: [{}] })],
    right: [...BASE, policy('i', { podSelector: { matchLabels: { app: 'x' } }, ingress: [{}] })],
  },
  {
    name: 'policy-selects-host-network',
    wrong: [...BASE, hostPod, policy('i', { podSelector: { matchLabels: { app: 'h' } }, ingress: [{}] })],
    right: [...BASE, hostPod, policy('i', { podSelector: { matchLabels: { app: 'x' } }, ingress: [{}] })],
  },
  {
    name: 'policy-only-logs',
    wrong: [...BASE, ours('l', { types: ['Ingress'], ingress: [{ action: 'Log' }] })],
    right: [...BASE, ours('l', { types: ['Ingress'], ingress: [{ action: 'Log' }, allow] })],
  },
  {
    name: 'rules-without-type',
    wrong: [...BASE, ours('r', { types: ['Ingress'], ingress: [allow], egress: [deny] })],
    right: [...BASE, ours('r', { types: ['Ingress', 'Egress'], ingress: [allow], egress: [allow] })],
  },
  {
    name: 'ingress-isolated-by-default',
    wrong: [...BASE, policy('e', { egress: [{}] })],
    right: [...BASE, policy('e', { policyTypes: ['Egress'], egress: [{}] })],
  },
  {
    name: 'rule-never-reached',
    wrong: [...BASE, ours('r', { types: ['Ingress'], ingress: [allow, { action: 'Deny', protocol: 'TCP' }] })],
    right: [...BASE, ours('r', { types: ['Ingress'], ingress: [{ action: 'Deny', protocol: 'TCP' }, allow] })],
  },
  {
    name: 'tier-denies-rest',
    wrong: [
      ...BASE,
      calico('Tier', 't', { order: 1 }),
      ours('t.d', { tier: 't', types: ['Ingress'], ingress: [{ action: 'Deny', ...tcp(22) }] }),
      ingress({}),
    ],
    right: [
      ...BASE,
      calico('Tier', 't', { order: 1 }),
      ours('t.d', { tier: 't', types: ['Ingress'], ingress: [{ action: 'Deny', ...tcp(22) }, { action: 'Pass' }] }),
      ingress({}),
    ],
  },
  {
    name: 'peer-namespace-missing',
    wrong: [...BASE, from({ namespaceSelector: { matchLabels: { team: 'y' } } })],
    right: [...BASE, from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } })],
  },
  {
    name: 'peer-selects-nothing',
    wrong: [...BASE, from({ podSelector: { matchLabels: { app: 'y' } } })],
    right: [...BASE, from({ podSelector: { matchLabels: { app: 'x' } } })],
  },
  {
    name: 'peer-selects-nothing',
    wrong: [
      ...BASE,
      ours('s', { types: ['Egress'], egress: [{ action: 'Allow', destination: { selector: "set == 'y'" } }, allow] }),
    ],
    right: [
      ...BASE,
      ours('s', { types: ['Egress'], egress: [{ action: 'Allow', destination: { selector: "set == 'y'" } }, allow] }),
      calico('NetworkSet', 'y', { nets: ['203.0.113.0/24'] }, { namespace: 'shop', labels: { set: 'y' } }),
    ],
  },
  {
    name: 'peer-is-host-network',
    wrong: [...BASE, hostPod, from({ podSelector: { matchLabels: { app: 'h' } } })],
    right: [...BASE, pod('h', {}, { labels: { app: 'h' } }), from({ podSelector: { matchLabels: { app: 'h' } } })],
  },
  {
    name: 'and-or-confusion',
    wrong: [...BASE, from({ namespaceSelector: {} }, { podSelector: {} })],
    right: [...BASE, from({ namespaceSelector: {}, podSelector: {} })],
  },
  {
    name: 'named-port-missing',
    wrong: [A, POOL, SHOP, pod('x', ports({ name: 'http', containerPort: 80 })), ingress({ ports: [{ port: 'web' }] })],
    right: [
      A,
      POOL,
      SHOP,
      pod('x', ports({ name: 'http', containerPort: 80 })),
      ingress({ ports: [{ port: 'http' }] }),
    ],
  },
  {
    name: 'policy-names-pod-address',
    wrong: [...BASE, from({ ipBlock: { cidr: '10.70.0.9/32' } })],
    right: [...BASE, from({ ipBlock: { cidr: '10.70.0.0/24' } })],
  },
  {
    name: 'egress-names-service-address',
    wrong: [
      ...BASE,
      service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }),
      egress({ to: [{ ipBlock: { cidr: '10.96.0.0/16' } }] }),
    ],
    right: [
      ...BASE,
      service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }),
      egress({ to: [{ ipBlock: { cidr: '10.97.0.0/16' } }] }),
    ],
  },
  {
    name: 'policy-expects-client-address',
    wrong: [...BASE, B, nodePort(), client],
    right: [
      ...BASE,
      B,
      nodePort({ externalTrafficPolicy: 'Local' }),
      pod('z', { nodeName: 'b' }, { labels: { app: 'x' } }),
      client,
    ],
  },
  {
    name: 'global-policy-denies-system',
    wrong: [
      A,
      POOL,
      namespace('kube-system'),
      pod('m', {}, { namespace: 'kube-system' }),
      global('g', { types: ['Ingress'] }),
    ],
    right: [
      A,
      POOL,
      namespace('kube-system'),
      pod('m', {}, { namespace: 'kube-system' }),
      global('g', { types: ['Ingress'], ingress: [allow] }),
    ],
  },
  {
    name: 'policy-kind-unread',
    wrong: [...BASE, calico('ClusterInformation', 'default', { calicoVersion: 'v3.28.0' }), admin()],
    right: [...BASE, calico('ClusterInformation', 'default', { calicoVersion: 'v3.30.0' }), admin()],
    also: ['not-modelled'],
  },
  {
    name: 'policy-is-staged',
    wrong: [
      ...BASE,
      calico('StagedNetworkPolicy', 's', { types: ['Ingress'], ingress: [allow] }, { namespace: 'shop' }),
    ],
    right: [...BASE, ours('s', { types: ['Ingress'], ingress: [allow] })],
  },
  {
    name: 'host-endpoint-without-policy',
    wrong: [A, POOL, hep()],
    right: [A, POOL, hep({ profiles: ['projectcalico-default-allow'] })],
  },
  {
    name: 'failsafe-beats-deny',
    wrong: [A, POOL, hep(), onHosts({ types: ['Ingress'], ingress: [{ action: 'Deny', ...tcp(2379) }, allow] })],
    right: [A, POOL, hep(), onHosts({ types: ['Ingress'], ingress: [{ action: 'Deny', ...tcp(10250) }, allow] })],
  },
  {
    name: 'failsafe-emptied',
    wrong: [A, POOL, hep(), onHosts({ types: ['Ingress'], ingress: [allow] }), felix({ failsafeInboundHostPorts: [] })],
    right: [
      A,
      POOL,
      hep(),
      onHosts({ types: ['Ingress'], ingress: [allow] }),
      felix({ failsafeInboundHostPorts: [{ protocol: 'tcp', port: 22 }] }),
    ],
  },
  {
    name: 'node-ports-pass-host-policy',
    wrong: [...BASE, nodePort(), hep(), onHosts({ types: ['Ingress'], ingress: [allow] })],
    right: [...BASE, nodePort(), hep(), onHosts({ types: ['Ingress'], ingress: [allow], applyOnForward: true })],
  },
  {
    name: 'host-policy-expects-pod-address',
    wrong: [
      ...BASE,
      B,
      hep(),
      onHosts({ types: ['Ingress'], ingress: [{ action: 'Allow', source: { selector: "app == 'x'" } }] }),
    ],
    right: [
      ...BASE,
      B,
      hep(),
      onHosts({ types: ['Ingress'], ingress: [{ action: 'Allow', source: { selector: 'has(host)' } }] }),
    ],
  },
  {
    name: 'endpoint-to-host-drops',
    wrong: [A, POOL, felix({ defaultEndpointToHostAction: 'Drop' })],
    right: [A, POOL, felix({ defaultEndpointToHostAction: 'Accept' })],
  },
]

function admin() {
  return thing('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'n', {
    spec: { priority: 5, subject: { namespaces: {} }, ingress: [{ action: 'Allow', from: [{ namespaces: {} }] }] },
  })
}
