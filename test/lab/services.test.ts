// Packets to Services through the rules of kube-proxy (facts/services.md A5): who answers, under which addresses, and who dropped it.
import { describe, expect, it } from 'vitest'
import { Lab, type LabOptions } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { natLedgerOf } from '../../src/trace/index.ts'

const NET = `
{apiVersion: packetwalk/v1, kind: Underlay, metadata: {name: lan}, spec: {segments: [{name: lan, cidrs: [10.0.1.0/24, "fd00:1::/64"], gateways: [10.0.1.1, "fd00:1::1"]}], nodes: [
  {name: n1, interfaces: [{name: eth0, segment: lan, addresses: [10.0.1.11/24, "fd00:1::11/64"]}]},
  {name: n2, interfaces: [{name: eth0, segment: lan, addresses: [10.0.1.12/24, "fd00:1::12/64"]}]},
  {name: client, interfaces: [{name: eth0, segment: lan, address: 10.0.1.99/24}], routes: [10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.99, 10.96.0.0/12 via 10.0.1.11, 203.0.113.0/24 via 10.0.1.11]}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p}, spec: {cidr: 192.168.0.0/16, ipipMode: Always, natOutgoing: true}}
---
{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: iptables, clusterCIDR: "192.168.0.0/16,fd00:10::/64"}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 10.0.1.11}, {type: InternalIP, address: "fd00:1::11"}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 10.0.1.12}, {type: InternalIP, address: "fd00:1::12"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}}, spec: {nodeName: n1}, status: {podIP: 192.168.1.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: b}}, spec: {nodeName: n2, containers: [{name: x, ports: [{containerPort: 8080, hostPort: 8081}]}]}, status: {podIP: 192.168.2.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c, labels: {app: c}}, spec: {nodeName: n1}, status: {podIP: 192.168.1.2}}
`
const service = (name: string, ip: string, spec: string, selector = 'b', status = ''): string => {
  const ports = spec.includes('ports:') ? '' : 'ports: [{port: 80, targetPort: 8080}], '
  return `---\n{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {clusterIP: ${ip}, selector: {app: ${selector}}, ${ports}${spec}}, ${status}}\n`
}
const nodePort = (port: number): string => `type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: ${port}}]`

const SERVICES = [
  service('web', '10.96.0.10', nodePort(30080)),
  service('near', '10.96.0.11', '', 'c'),
  service('none', '10.96.0.12', nodePort(30082), 'nobody'),
  service('only', '10.96.0.13', `${nodePort(30083)}, externalTrafficPolicy: Local`),
  service('here', '10.96.0.14', 'internalTrafficPolicy: Local'),
  service(
    'lb',
    '10.96.0.15',
    'type: LoadBalancer, loadBalancerSourceRanges: [10.0.1.99/32]',
    'b',
    'status: {loadBalancer: {ingress: [{ip: 203.0.113.5}]}}',
  ),
  service(
    'closed',
    '10.96.0.16',
    'type: LoadBalancer, loadBalancerSourceRanges: [10.9.0.0/16]',
    'b',
    'status: {loadBalancer: {ingress: [{ip: 203.0.113.6}]}}',
  ),
]

function lab(more = '', options: LabOptions = {}): Lab {
  return Lab.load(NET + SERVICES.join('') + more, options)
}

/** Who took the request in, with the source and the destination it had then. */
function arrived(run: Run): string {
  const { disposition } = run.trace
  const translated = natLedgerOf(run.trace).filter(({ role }) => role === 'request')
  const { source, destination } = translated.at(-1)!.after
  const by = disposition.kind === 'answered' ? disposition.by : disposition.kind
  return `${by}: ${source.replace(/:\d+$/, '')} > ${destination}`
}

const B = '192.168.2.1:8080'

describe('walks of A5', () => {
  const net = lab()
  const tunnel = (node: string) => net.network.namespaces[node]!.interfaces['tunl0']!.addresses[0]!.local

  it.each<[string, string, string, number, string]>([
    [
      '1 a pod to a ClusterIP, endpoint on another node',
      'default/a',
      '10.96.0.10',
      80,
      `default/b: 192.168.1.1 > ${B}`,
    ],
    ['1 … on the same node', 'default/a', '10.96.0.11', 80, 'default/c: 192.168.1.1 > 192.168.1.2:8080'],
    ['2 a pod to itself', 'default/b', '10.96.0.10', 80, `default/b: 10.0.1.12 > ${B}`],
    ['3 a node to a ClusterIP, endpoint on another node', 'n1', '10.96.0.10', 80, `default/b: TUNL0 > ${B}`],
    ['3 … on the same node', 'n2', '10.96.0.10', 80, `default/b: 10.0.1.12 > ${B}`],
    ['4 a client to a NodePort, endpoint on another node', 'client', '10.0.1.11', 30080, `default/b: TUNL0 > ${B}`],
    ['4 … on the same node', 'client', '10.0.1.12', 30080, `default/b: 10.0.1.12 > ${B}`],
    ['4 a node to its own NodePort at 127.0.0.1', 'n1', '127.0.0.1', 30080, `default/b: TUNL0 > ${B}`],
    ['5 a client to a NodePort, policy Local', 'client', '10.0.1.12', 30083, `default/b: 10.0.1.99 > ${B}`],
    [
      '5 a pod to one, policy Local, on a node without endpoint',
      'default/a',
      '10.0.1.11',
      30083,
      `default/b: 192.168.1.1 > ${B}`,
    ],
    ['6 a client to a ClusterIP by a route', 'client', '10.96.0.10', 80, `default/b: TUNL0 > ${B}`],
    ['8 a client to a hostPort', 'client', '10.0.1.12', 8081, `default/b: 10.0.1.99 > ${B}`],
    ['8 a pod to its own hostPort', 'default/b', '10.0.1.12', 8081, `default/b: 10.0.1.12 > ${B}`],
    ['a client to a load balancer it may ask', 'client', '203.0.113.5', 80, `default/b: TUNL0 > ${B}`],
  ])('%s', (_name, from, to, port, want) => {
    expect(arrived(net.tcp(from, to, port))).toBe(want.replace('TUNL0', tunnel('n1')))
  })

  it.each<[string, string, string, number, string, string]>([
    ['7 no endpoints', 'default/a', '10.96.0.12', 80, 'refused', 'KUBE-SERVICES'],
    ['7 … of a node', 'n1', '10.96.0.12', 80, 'refused', 'KUBE-SERVICES'],
    ['7 … at a NodePort', 'client', '10.0.1.11', 30082, 'refused', 'KUBE-EXTERNAL-SERVICES'],
    [
      '5 a client to a NodePort, policy Local, on a node without endpoint',
      'client',
      '10.0.1.11',
      30083,
      'dropped',
      'KUBE-EXTERNAL-SERVICES',
    ],
    [
      'a pod to a ClusterIP with the internal policy Local, no endpoint here',
      'default/a',
      '10.96.0.14',
      80,
      'dropped',
      'KUBE-SERVICES',
    ],
    ['a client to a load balancer it may not ask', 'client', '203.0.113.6', 80, 'dropped', 'KUBE-PROXY-FIREWALL'],
  ])('%s', (_name, from, to, port, how, chain) => {
    const { trace } = net.tcp(from, to, port, { timeout: 1 })
    expect(trace.ok).toBe(false)
    const last = trace.hops
      .filter((hop) => hop.kind === 'rule' && (hop.target === 'REJECT' || hop.target === 'DROP'))
      .at(0)
    expect(last).toMatchObject({ chain, target: how === 'refused' ? 'REJECT' : 'DROP' })
  })

  it('answers come back as from the Service', () => {
    const reply = natLedgerOf(net.tcp('default/a', '10.96.0.10', 80).trace).find(({ role }) => role === 'reply')
    expect(reply).toMatchObject({ before: { source: B }, after: { source: '10.96.0.10:80' } })
  })

  it('what a Service does not name goes on untranslated', () => {
    const { trace } = net.tcp('default/a', '10.96.0.10', 81)
    expect(natLedgerOf(trace).every(({ before, after }) => before.destination === after.destination)).toBe(true)
  })
})

describe('several endpoints', () => {
  const two =
    service('two', '10.96.0.20', '') +
    `---\n{apiVersion: v1, kind: Pod, metadata: {name: b2, labels: {app: b}}, spec: {nodeName: n2}, status: {podIP: 192.168.2.2}}\n`
  const takers = (net: Lab, spec = '10.96.0.20', from = 'default/a'): string[] =>
    Array.from({ length: 12 }, () => {
      const { disposition } = net.tcp(from, spec, 80).trace
      return disposition.kind === 'answered' ? disposition.by : disposition.kind
    })

  it('are chosen by the seed, the same with the same one', () => {
    const first = takers(lab(two))
    expect(new Set(first)).toEqual(new Set(['default/b', 'default/b2']))
    expect(takers(lab(two))).toEqual(first)
    expect(takers(lab(two, { seed: 5 }))).not.toEqual(first)
  })

  it.each(['default/b', 'b2', 'pod/default/b2'])('or by who asks: %s', (backend) => {
    const want = backend === 'default/b' ? 'default/b' : 'default/b2'
    expect(new Set(takers(lab(two, { backend })))).toEqual(new Set([want]))
  })

  it('and only by who is an endpoint', () => {
    expect(() => lab(two, { backend: 'default/bb' })).toThrow(
      /a pod that is an endpoint of a Service; did you mean "default\/b2?"/,
    )
  })

  it('a client that is remembered stays where it is, for its time, and each client for itself', () => {
    const affine = `${two}${service('sticky', '10.96.0.21', 'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}')}`
    const seeds = [1, 2, 3, 4, 5, 6].map((seed) => lab(affine, { seed }))
    const chosen = seeds.map((net) => new Set(takers(net, '10.96.0.21')))
    expect(chosen.every((set) => set.size === 1)).toBe(true)
    expect(new Set(chosen.flatMap((set) => [...set]))).toEqual(new Set(['default/b', 'default/b2']))
    const later = seeds.map((net) => {
      net.simulation.run(net.simulation.clock.now + 100e9)
      return takers(net, '10.96.0.21')[0]
    })
    expect(later).not.toEqual(chosen.map((set) => [...set][0]))
  })
})

it('IPv6', () => {
  const six = `---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p6}, spec: {cidr: "fd00:10::/64", natOutgoing: true}}
---
{apiVersion: v1, kind: Pod, metadata: {name: d, labels: {app: d}}, spec: {nodeName: n1}, status: {podIPs: [{ip: 192.168.1.9}, {ip: "fd00:10::1:9"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: e, labels: {app: e}}, spec: {nodeName: n2}, status: {podIPs: [{ip: 192.168.2.9}, {ip: "fd00:10::2:9"}]}}
${service('six', '"fd00:96::1"', 'ipFamilies: [IPv6]', 'e')}`
  const run = lab(six).tcp('default/d', 'fd00:96::1', 80)
  expect(arrived(run)).toBe('default/e: [fd00:10::1:9] > [fd00:10::2:9]:8080')
})

describe('what the answer is worth', () => {
  const codes = (run: Run): string[] => run.notes.map(({ code }) => code).filter((code) => code !== 'listener')
  const without = (part: RegExp, more = ''): Lab => Lab.load(NET.replace(part, '') + SERVICES.join('') + more)
  const CONFIG = /\{apiVersion: kubeproxy[^\n]*\n---\n/

  it('rests on the pods Services select, and on the settings of kube-proxy', () => {
    expect(codes(lab().tcp('default/a', '10.96.0.10', 80))).toEqual(['endpoints_assumed'])
    expect(codes(without(CONFIG).tcp('default/a', '10.96.0.10', 80))).toEqual(['proxy_assumed', 'endpoints_assumed'])
    expect(codes(without(CONFIG).tcp('default/a', 'default/b', 80))).toEqual([])
  })

  it('is certain with EndpointSlices', () => {
    const slice = `---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, ports: [{name: "", port: 8080}], endpoints: [{addresses: [192.168.2.1]}]}\n`
    expect(codes(lab(slice).tcp('default/a', '10.96.0.10', 80))).toEqual([])
  })

  it.each(['ipvs', 'nftables'])('is none where kube-proxy runs in mode %s', (mode) => {
    const net = Lab.load(NET.replace('mode: iptables', `mode: ${mode}`) + SERVICES.join(''))
    for (const [to, port] of [
      ['10.96.0.10', 80],
      ['10.0.1.12', 30080],
    ] as const) {
      const run = net.tcp('default/a', to, port)
      expect(run.certainty).toBe('undecided')
      expect(run.notes[0]).toMatchObject({
        code: 'service',
        what: expect.stringContaining(`kube-proxy runs in mode ${mode}`),
      })
    }
    expect(net.tcp('default/a', 'default/b', 80).certainty).not.toBe('undecided')
  })

  it('is none for a Service without selector, whose EndpointSlices nobody gave', () => {
    const run = lab(service('open', '10.96.0.30', '').replace('selector: {app: b}, ', '')).tcp(
      'default/a',
      '10.96.0.30',
      80,
    )
    expect(run).toMatchObject({ certainty: 'undecided', notes: [{ code: 'service', object: 'Service/default/open' }] })
  })
})

it('the ConfigMap of kubeadm is read, each field with its line', () => {
  const configMap = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |-
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: ipvs
  kubeconfig.conf: |-
    secret: things
`
  const net = Lab.load([
    { name: 'c.yaml', text: NET.replace(/\{apiVersion: kubeproxy[^\n]*\n---\n/, '') + SERVICES.join('') + configMap },
  ])
  const { what } = net.tcp('default/a', '10.96.0.10', 80).notes[0]!
  const text = NET.replace(/\{apiVersion: kubeproxy[^\n]*\n---\n/, '') + SERVICES.join('') + configMap
  const line = text.slice(0, text.indexOf('mode: ipvs')).split('\n').length
  expect(what).toContain(`kube-proxy runs in mode ipvs (c.yaml:${line})`)
})

it('a router that nodes announce ranges of Services to brings packets for a ClusterIP to a node, which hides their source', () => {
  const bgp = `---
{apiVersion: projectcalico.org/v3, kind: BGPConfiguration, metadata: {name: default}, spec: {serviceClusterIPs: [{cidr: 10.96.0.0/12}]}}
---
{apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: tor}, spec: {peerIP: 10.0.1.1, asNumber: 65001}}`
  const tor = 'routers: [{name: tor, asNumber: 65001, interfaces: [{name: eth0, segment: lan, address: 10.0.1.1/24}]}]'
  const net = NET.replace(/(address: 10\.0\.1\.99\/24\}\]), routes: [^\]]*\]\}\]/, `$1}], ${tor}`)
  const net2 = Lab.load(net + SERVICES.join('') + bgp)
  const tunnel = (node: string) => net2.network.namespaces[node]!.interfaces['tunl0']!.addresses[0]!.local
  const run = net2.tcp('client', '10.96.0.10', 80)
  expect(run.ok).toBe(true)
  expect(run.trace.hops.map(({ netns }) => netns)).toContain('tor')
  expect([`default/b: ${tunnel('n1')} > ${B}`, `default/b: 10.0.1.12 > ${B}`]).toContain(arrived(run))
})
