// Tunnels, BGP, the underlay, and what real machines hold.
import { A, B, C, type Case, calico, node, POOL, pod, pool, ports, service, thing, underlay } from './objects.ts'

const felix = (spec: object) => calico('FelixConfiguration', 'default', spec)
const ipip = (mode = 'Always') => pool('p', '10.70.0.0/16', { ipipMode: mode })
const vxlan = (mode = 'Always') => pool('p', '10.70.0.0/16', { vxlanMode: mode })
const config = (mtu: string) =>
  thing('v1', 'ConfigMap', 'calico-config', { data: { veth_mtu: mtu } }, { namespace: 'kube-system' })
const filters = (...list: readonly object[]) => underlay({ filters: list })
const meshOff = calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })
const reflector = (name: string, ip: string) => node(name, ip, { RouteReflectorClusterID: '244.0.0.1' }, { rr: 'yes' })
const toReflectors = calico('BGPPeer', 'rr', { nodeSelector: '!has(rr)', peerSelector: 'has(rr)' })
const amongReflectors = calico('BGPPeer', 'rrs', { nodeSelector: 'has(rr)', peerSelector: 'has(rr)' })
const pairAB = calico('BGPPeer', 'ab', { node: 'a', peerIP: '192.0.2.2' })
const dual = [config('1280'), node('a', '192.0.2.1', { IPv6Address: 'fd00::1/64' }), pool('v6', 'fd00:70::/112'), POOL]
const key = (name: string, ip: string) => node(name, ip, { WireguardPublicKey: `${name}${'A'.repeat(42)}=` })
const api = [
  service('api', { clusterIP: '10.96.0.9', selector: { app: 'api' }, ports: [{ port: 443 }] }),
  pod('api', { hostNetwork: true }, { labels: { app: 'api' } }),
]
const mesh = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    node(`n${i}`, `192.0.${2 + (i >> 7)}.${1 + (i & 127)}`, {
      IPv4Address: `192.0.${2 + (i >> 7)}.${1 + (i & 127)}/16`,
    }),
  )

export const PATH_CASES: readonly Case[] = [
  { name: 'mtu-too-big', wrong: [A, ipip(), felix({ ipipMTU: 1500 })], right: [A, ipip(), felix({ ipipMTU: 1480 })] },
  { name: 'mtu-too-big', wrong: [A, vxlan(), config('1460')], right: [A, vxlan(), config('1450')] },
  {
    name: 'mtu-too-small-for-ipv6',
    wrong: [
      config('1279'),
      ...dual.slice(1),
      pod('x', {}, { status: { podIP: '10.70.0.9', podIPs: [{ ip: '10.70.0.9' }, { ip: 'fd00:70::9' }] } }),
    ],
    right: [
      ...dual,
      pod('x', {}, { status: { podIP: '10.70.0.9', podIPs: [{ ip: '10.70.0.9' }, { ip: 'fd00:70::9' }] } }),
    ],
    also: ['not-modelled'],
  },
  {
    name: 'mtu-differs-between-nodes',
    wrong: [A, B, underlay({ mtu: 1500 }, { a: {}, b: { mtu: 1400 } })],
    right: [A, B, underlay({ mtu: 1400 }, { a: {}, b: { mtu: 1400 } })],
  },
  {
    name: 'segments-without-encapsulation',
    wrong: [A, node('b', '198.51.100.1'), POOL],
    right: [A, node('b', '198.51.100.1'), vxlan('CrossSubnet')],
  },
  {
    name: 'ipip-in-azure',
    wrong: [node('a', '192.0.2.1', {}, { 'kubernetes.azure.com/cluster': 'x' }), ipip()],
    right: [node('a', '192.0.2.1', {}, { 'kubernetes.azure.com/cluster': 'x' }), vxlan()],
  },
  {
    name: 'underlay-blocks-tunnel',
    wrong: [A, B, ipip(), filters({ protocol: 'ipip' })],
    right: [A, B, ipip(), filters({ protocol: 'udp', port: 4789 })],
  },
  {
    name: 'underlay-blocks-tunnel',
    wrong: [A, B, vxlan(), filters({ protocol: 'udp', port: '4000-5000' })],
    right: [A, B, vxlan('CrossSubnet'), filters({ protocol: 'udp', port: '4000-5000' })],
  },
  {
    name: 'underlay-takes-94-for-ipip',
    wrong: [A, B, ipip(), filters({ protocol: 94, action: 'accept' }, { protocol: 'tcp', action: 'accept' }, {})],
    right: [A, B, ipip(), filters({ protocol: 4, action: 'accept' }, { protocol: 'tcp', action: 'accept' }, {})],
  },
  {
    name: 'underlay-blocks-bgp',
    wrong: [A, B, POOL, filters({ protocol: 'tcp', port: 179 })],
    right: [A, B, POOL, filters({ protocol: 'tcp', port: 179, source: '198.51.100.0/24' })],
  },
  {
    name: 'source-check-drops-pods',
    wrong: [A, B, vxlan('CrossSubnet'), underlay({ sourceCheck: true })],
    right: [A, B, vxlan('Always'), underlay({ sourceCheck: true })],
  },
  {
    name: 'workload-tunnels-dropped',
    wrong: [A, POOL, pod('x', ports({ containerPort: 4789, protocol: 'UDP' }))],
    right: [A, POOL, pod('x', ports({ containerPort: 4789, protocol: 'TCP' }))],
  },
  {
    name: 'wireguard-partly',
    wrong: [key('a', '192.0.2.1'), B, POOL, felix({ wireguardEnabled: true })],
    right: [key('a', '192.0.2.1'), key('b', '192.0.2.2'), POOL, felix({ wireguardEnabled: true })],
  },
  {
    name: 'wireguard-drops-host-sources',
    wrong: [A, pool('p', '10.70.0.0/16', { natOutgoing: false }), ...api, felix({ wireguardEnabled: true })],
    right: [
      A,
      pool('p', '10.70.0.0/16', { natOutgoing: false }),
      ...api,
      felix({ wireguardEnabled: true, wireguardHostEncryptionEnabled: true }),
    ],
    also: ['nat-outgoing-off'],
  },
  {
    name: 'bgp-graph-disconnected',
    wrong: [A, B, C, POOL, meshOff, pairAB],
    right: [A, B, C, POOL, meshOff, pairAB, calico('BGPPeer', 'bc', { node: 'b', peerIP: '192.0.2.3' })],
  },
  {
    name: 'single-reflector',
    wrong: [A, B, reflector('r', '192.0.2.8'), POOL, meshOff, toReflectors],
    right: [
      A,
      B,
      reflector('r', '192.0.2.8'),
      reflector('s', '192.0.2.9'),
      POOL,
      meshOff,
      toReflectors,
      amongReflectors,
    ],
  },
  { name: 'mesh-too-large', wrong: mesh(201), right: mesh(200) },
  {
    name: 'route-refresh-off',
    wrong: [felix({ routeRefreshInterval: '0s' })],
    right: [felix({ routeRefreshInterval: '5m' })],
  },
  {
    name: 'forwarding-off',
    wrong: [A, POOL],
    right: [A, POOL],
    machines: ({ namespaces }) => {
      namespaces['a']!.sysctls = { ...namespaces['a']!.sysctls, 'net.ipv4.ip_forward': '0' }
    },
  },
  {
    name: 'forward-policy-drops',
    wrong: [A, POOL],
    right: [A, POOL],
    machines: ({ namespaces }) => {
      namespaces['a']!.iptables!.tables.filter!.chains['FORWARD']!.policy = 'DROP'
    },
  },
  {
    name: 'interface-managed-by-others',
    wrong: [A, POOL, pod('x')],
    right: [A, POOL, pod('x')],
    machines: ({ namespaces }) => {
      const own = Object.values(namespaces['a']!.interfaces).find(({ name }) => name.startsWith('cali'))!
      own.addresses = [{ family: 'inet', local: '169.254.7.7' as never, prefixlen: 16, scope: 'link' }]
    },
  },
  {
    name: 'foreign-route-wins',
    wrong: [A, POOL],
    right: [A, POOL],
    machines: ({ namespaces }) => {
      const any = namespaces['a']!.routes.find(({ family }) => family === 'inet')!
      namespaces['a']!.routes.push({ ...any, dst: '10.70.5.0/24' as never, dev: 'flannel.1', type: 'unicast' })
    },
  },
  {
    name: 'mixed-backends',
    wrong: [A, POOL, felix({ iptablesBackend: 'Legacy' })],
    right: [A, POOL, felix({ iptablesBackend: 'Legacy' })],
    machines: ({ namespaces }) => {
      namespaces['a']!.iptables = { ...namespaces['a']!.iptables!, backend: 'nft' }
    },
  },
]
