import { readFileSync } from 'node:fs'
import { Lab } from '../../src/index.ts'
import type { Trace } from '../../src/trace/index.ts'
import { ipipShop, SHOP, shop, wireguardShop } from './shop.ts'

const SERVICE = `---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.10, selector: {app: db}, ports: [{name: sql, port: 5432, targetPort: 5432, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: sql, port: 5432, protocol: TCP}]
endpoints:
- {addresses: [10.244.2.6], conditions: {ready: true}, nodeName: w2, targetRef: {kind: Pod, name: db-0, namespace: shop}}
`

const DENY = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
`

const SIX = SHOP.replace(
  'projectcalico.org/IPv4VXLANTunnelAddr: 10.244.1.0',
  'projectcalico.org/IPv6Address: "fd00:1::11/64"',
)
  .replace('projectcalico.org/IPv4VXLANTunnelAddr: 10.244.2.0', 'projectcalico.org/IPv6Address: "fd00:1::12/64"')
  .replaceAll('10.0.2.12/24', '10.0.1.12/24')
  .replace('cidr: 10.244.0.0/16, vxlanMode: CrossSubnet, natOutgoing: true', 'cidr: "fd00:10:244::/48"')
  .replace('podIP: 10.244.1.5', 'podIP: "fd00:10:244:1::5"')
  .replace('podIP: 10.244.1.6', 'podIP: "fd00:10:244:1::6"')
  .replace('podIP: 10.244.2.6', 'podIP: "fd00:10:244:2::6"')

/** A client in an office, two routers, two nodes in two subnets: a NodePort leads the client over six machines. */
const OFFICE = `
{apiVersion: packetwalk/v1, kind: Underlay, metadata: {name: wires}, spec: {segments: [{name: lan1, cidr: 10.0.1.0/24, gateway: 10.0.1.1}, {name: lan2, cidr: 10.0.2.0/24, gateway: 10.0.2.1}, {name: office, cidr: 10.9.0.0/24, gateway: 10.9.0.1}], nodes: [
  {name: n1, interfaces: [{name: eth0, segment: lan1, address: 10.0.1.11/24}]},
  {name: n2, interfaces: [{name: eth0, segment: lan2, address: 10.0.2.12/24}]},
  {name: client, interfaces: [{name: eth0, segment: office, address: 10.9.0.99/24}]}], routers: [
  {name: edge, interfaces: [{name: o, segment: office, address: 10.9.0.1/24}, {name: l, segment: lan1, address: 10.0.1.254/24}], routes: [10.0.2.0/24 via 10.0.1.1]},
  {name: router, interfaces: [{name: a, segment: lan1, address: 10.0.1.1/24}, {name: b, segment: lan2, address: 10.0.2.1/24}], routes: [10.9.0.0/24 via 10.0.1.254]}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p}, spec: {cidr: 192.168.0.0/16, ipipMode: Always, natOutgoing: true}}
---
{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: iptables, clusterCIDR: "192.168.0.0/16"}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 10.0.1.11}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 10.0.2.12}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: b}}, spec: {nodeName: n2, containers: [{name: x, ports: [{containerPort: 8080}]}]}, status: {podIP: 192.168.2.1}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: 10.96.0.10, selector: {app: b}, type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}}
`

const demo = (name: string): Lab => {
  const text = readFileSync(new URL(`../../examples/demo/${name}.yaml`, import.meta.url), 'utf8')
  return Lab.load({ name: `${name}.yaml`, text })
}

/** Two pods of the demo, on different nodes. */
const demoPing = (name: string): Trace => {
  const lab = demo(name)
  const pods = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
  const from = pods[0]
  const to = pods.find((pod) => pod.node !== from?.node)
  return lab.ping(from?.netns ?? '', to?.netns ?? '').trace
}

const [WEB, DB] = ['shop/web-0', 'shop/db-0']

/** Traces that pictures are made of, as different as they come. */
export const SCENES: Readonly<Record<string, () => Trace>> = {
  'demo ipip': () => demoPing('ipip'),
  'demo vxlan': () => demoPing('vxlan'),
  'demo noencap': () => demoPing('noencap'),
  ipip: () => ipipShop().ping(WEB, DB).trace,
  vxlan: () => shop().ping(WEB, DB).trace,
  wireguard: () => wireguardShop().ping(WEB, DB).trace,
  'same node': () => shop().ping(WEB, 'shop/web-1').trace,
  'dropped by policy': () => shop(`${SHOP}${DENY}`).ping(WEB, DB).trace,
  'dropped: no route': () => shop(SHOP, ['w1: ip route del 10.244.2.0/26']).ping(WEB, DB).trace,
  'dropped: no forwarding': () => shop(SHOP, ['w2: sysctl -w net.ipv4.ip_forward=0']).ping(WEB, DB).trace,
  'not sent': () => shop(SHOP, [`${WEB}: ip route flush table main`]).ping(WEB, DB).trace,
  'nobody answers ARP': () => shop(SHOP, ['w2: ip link set eth0 down']).ping(WEB, DB).trace,
  'packet too big': () => shop().ping(WEB, DB, { size: 1472, pmtudisc: 'do' }).trace,
  'mtu on the way': () =>
    shop(SHOP, ['w1: ip link set eth0 mtu 1400']).ping(WEB, DB, { size: 1350, pmtudisc: 'do' }).trace,
  fragments: () => shop().ping(WEB, DB, { size: 3000 }).trace,
  'ttl exceeded': () => shop().ping(WEB, DB, { ttl: 2 }).trace,
  service: () => shop(`${SHOP}${SERVICE}`).tcp(WEB, 'svc/shop/db', 5432).trace,
  'service ping': () => shop(`${SHOP}${SERVICE}`).ping(WEB, '10.96.0.10').trace,
  udp: () => shop().udp(WEB, DB, 53).trace,
  'tcp refused': () => shop().tcp(WEB, DB, 80, { server: false }).trace,
  ipv6: () => shop(SIX).ping(WEB, DB).trace,
  traceroute: () => shop().traceroute(WEB, DB).trace,
  outside: () => shop().ping(WEB, '8.8.8.8').trace,
  'six lanes': () => Lab.load(OFFICE).tcp('client', '10.0.1.11', 30080).trace,
  'from a node': () => shop().ping('w1', DB).trace,
}
