// Services and kube-proxy, and objects by themselves.
import { A, B, type Case, calico, POOL, pod, policy, pool, ports, SHOP, service, thing } from './objects.ts'

const HTTP = ports({ name: 'http', containerPort: 80 })
const web = (name = 'web', node = 'a') => pod(name, { nodeName: node, ...HTTP }, { labels: { app: 'web' } })
const svc = (name: string, spec: object = {}) =>
  service(name, { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec })
const proxy = (fields: object) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  ...fields,
})
const felix = (spec: object) => calico('FelixConfiguration', 'default', spec)
const ignoring = (words: string) => ({
  ...pool('p', '10.70.0.0/16', { natOutgoing: false }),
  metadata: { name: 'p', annotations: { 'packetwalk/lint-ignore': words } },
})
const hostPort = (name: string, port: number) => pod(name, ports({ containerPort: 80, hostPort: port }))

export const SERVICE_CASES: readonly Case[] = [
  {
    name: 'service-without-endpoints',
    wrong: [A, POOL, web(), svc('s', { selector: { app: 'wep' } })],
    right: [A, POOL, web(), svc('s')],
  },
  {
    name: 'service-port-missing',
    wrong: [A, POOL, web(), svc('s', { ports: [{ port: 80, targetPort: 'web' }] })],
    right: [A, POOL, web(), svc('s', { ports: [{ port: 80, targetPort: 'http' }] })],
  },
  {
    name: 'services-share-address',
    wrong: [A, POOL, web(), svc('s'), svc('t')],
    right: [A, POOL, web(), svc('s'), svc('t', { clusterIP: '10.96.0.10' })],
  },
  {
    name: 'node-ports-collide',
    wrong: [A, POOL, web(), nodePort('s', '10.96.0.9', 30_000), nodePort('t', '10.96.0.10', 30_000)],
    right: [A, POOL, web(), nodePort('s', '10.96.0.9', 30_000), nodePort('t', '10.96.0.10', 30_001)],
  },
  {
    name: 'host-ports-collide',
    wrong: [A, POOL, hostPort('x', 8080), hostPort('y', 8080)],
    right: [A, POOL, hostPort('x', 8080), hostPort('y', 8081)],
  },
  {
    name: 'local-traffic-on-few-nodes',
    wrong: [A, B, POOL, web(), svc('s', { type: 'NodePort', externalTrafficPolicy: 'Local' })],
    right: [A, B, POOL, web(), web('web-1', 'b'), svc('s', { type: 'NodePort', externalTrafficPolicy: 'Local' })],
  },
  {
    name: 'clustercidr-mismatch',
    wrong: [A, POOL, proxy({ clusterCIDR: '10.71.0.0/16' })],
    right: [A, POOL, proxy({ clusterCIDR: '10.64.0.0/12' })],
  },
  {
    name: 'dataplane-mode-conflict',
    wrong: [A, POOL, proxy({ mode: 'nftables' }), felix({ nftablesMode: 'Disabled' })],
    right: [A, POOL, proxy({ mode: 'nftables' }), felix({ nftablesMode: 'Enabled' })],
  },
  {
    name: 'kube-proxy-beside-bpf',
    wrong: [A, POOL, proxy({ mode: 'iptables' }), felix({ bpfEnabled: true })],
    right: [A, POOL, proxy({ mode: 'iptables' }), felix({ bpfEnabled: false })],
  },
  {
    name: 'object-refused',
    wrong: [A, pool('p', '10.70.0.0/16', { blockSize: 99 })],
    right: [A, pool('p', '10.70.0.0/16', { blockSize: 26 })],
  },
  {
    name: 'object-doubtful',
    wrong: [A, POOL, floating()],
    right: [A, POOL, floating(), felix({ floatingIPs: 'Enabled' })],
  },
  { name: 'field-unknown', wrong: [pool('p', '10.70.0.0/16', { natOutgoingg: true })], right: [POOL] },
  {
    name: 'not-modelled',
    wrong: [A, POOL, felix({ bpfEnabled: true })],
    right: [A, POOL, felix({ bpfEnabled: false })],
  },
  { name: 'assumed-by-default', wrong: [A, POOL], right: [A, POOL, felix({ defaultEndpointToHostAction: 'Accept' })] },
  {
    name: 'suppression-unknown',
    wrong: [ignoring('nat-outgoing-of')],
    right: [ignoring('nat-outgoing-off')],
    also: ['nat-outgoing-off'],
  },
  {
    name: 'suppression-unused',
    wrong: [ignoring('nat-outgoing-off, pools-overlap')],
    right: [ignoring('nat-outgoing-off')],
  },
]

function nodePort(name: string, clusterIP: string, number: number) {
  return svc(name, { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort: number }] })
}

function floating() {
  return pod('x', {}, { annotations: { 'cni.projectcalico.org/floatingIPs': '["203.0.113.50"]' } })
}

/** What is right by itself, and with which nothing is to be said. */
export const RIGHT = [
  A,
  B,
  POOL,
  SHOP,
  web(),
  svc('s'),
  policy('p', { ingress: [{}] }),
  thing('v1', 'Namespace', 'default'),
]
