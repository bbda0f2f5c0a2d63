// What a failure is blamed on: the first cause, on the machine that has it, with what would be right and the commands that
// confirm it. One row a branch of src/diagnose.

import type { Draft } from 'immer'
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import { FINDING_CODES, type FindingCode, type Namespace, type NetworkData } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { broken, type ClusterParts, calico, clusterLab, type Encap, node, pod, type Thing } from './small-cluster.ts'

const A = 'default/a'
const B = 'default/b'
const D = 'default/d'
const [A4, B4, A6, B6, D6] = ['192.168.1.2', '192.168.2.3', 'fd00:10:0:1::2', 'fd00:10:0:2::3', 'fd00:10:0:3::5']
/** Host ends of the cables of a and b. */
const [CALI_A, CALI_B] = ['caliacd53aa4120', 'califf6fc35a693']

/** A cluster, what is broken in it, what is asked, and what must be found. */
interface Row {
  readonly parts?: ClusterParts
  /** Typed before asking, `n1$ …`. */
  readonly lines?: readonly string[]
  /** Changed before asking. */
  readonly edit?: (namespaces: Record<string, Draft<Namespace>>, draft: Draft<NetworkData>) => void
  /** Absent = a pings b. */
  readonly ask?: (lab: Lab) => Run
  readonly code: FindingCode
  /** Where the fault is: namespace, and device if one is involved. */
  readonly at: string
  /** Parts of what is wrong. */
  readonly what?: string | RegExp
  readonly expected?: string
  readonly by?: string
  readonly because?: string | RegExp
  readonly right?: string | RegExp
  /** Object and field that decided. */
  readonly origin?: string
  /** Commands, each with its place. */
  readonly checks: readonly string[]
}

const configMap = (backend: string): Thing => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'calico-config', namespace: 'kube-system' },
  data: { calico_backend: backend },
})

/** Machines with the cards of the clusters above, on segments that may filter. */
const underlay = (lan: object, more: { readonly segments?: object[]; readonly nodes?: object[] } = {}): Thing => ({
  apiVersion: 'packetwalk/v1',
  kind: 'Underlay',
  metadata: { name: 'u' },
  spec: {
    segments: [
      { name: 'lan', cidr: '10.2.0.0/24', gateway: '10.2.0.1', ...lan },
      { name: 'far', cidr: '10.3.0.0/24', gateway: '10.3.0.1' },
      ...(more.segments ?? []),
    ],
    nodes: more.nodes ?? [
      { name: 'n1', interfaces: [{ name: 'eth0', segment: 'lan', address: '10.2.0.11/24' }] },
      { name: 'n2', interfaces: [{ name: 'eth0', segment: 'lan', address: '10.2.0.12/24' }] },
      { name: 'n3', interfaces: [{ name: 'eth0', segment: 'far', address: '10.3.0.13/24' }] },
    ],
  },
})

const four = (i: number, address: string): Thing => ({
  ...node(i),
  metadata: { name: `n${i}`, annotations: { 'projectcalico.org/IPv4Address': address } },
})

/** Two machines with two cards: eth0 each on a segment of its own, eth1 on one they share. */
const TWO_CARDS = underlay(
  {},
  {
    segments: [
      { name: 'nat1', cidr: '10.9.1.0/24', isolated: true },
      { name: 'nat2', cidr: '10.9.2.0/24', isolated: true },
    ],
    nodes: [
      {
        name: 'n1',
        interfaces: [
          { name: 'eth0', segment: 'nat1', address: '10.9.1.15/24' },
          { name: 'eth1', segment: 'lan', address: '10.2.0.11/24' },
        ],
      },
      {
        name: 'n2',
        interfaces: [
          { name: 'eth0', segment: 'nat2', address: '10.9.2.15/24' },
          { name: 'eth1', segment: 'lan', address: '10.2.0.12/24' },
        ],
      },
      { name: 'n3', interfaces: [{ name: 'eth0', segment: 'far', address: '10.3.0.13/24' }] },
    ],
  },
)

const REMOVED = 'it follows from the objects, and somebody has removed it since'

const ROUTES: Readonly<Record<string, Row>> = {
  'somebody removed a route of BIRD’s': {
    parts: { encap: 'ipip' },
    lines: ['n1$ ip route del 192.168.2.0/26'],
    code: 'route_missing',
    at: 'n1 eth0',
    what: 'n1 has no route to 192.168.2.3 (default/b on n2): the packet takes default via 10.2.0.1 dev eth0',
    expected: '192.168.2.0/26 via 10.2.0.12 dev tunl0 proto bird metric 1024 onlink',
    by: 'bird',
    because: REMOVED,
    origin: 'IPPool/four spec.ipipMode',
    checks: ['ip route get 192.168.2.3   (on n1)'],
  },
  'somebody removed one of Felix’s': {
    parts: { encap: 'vxlan' },
    lines: ['n1$ ip route del 192.168.2.0/26'],
    code: 'route_missing',
    at: 'n1 eth0',
    by: 'felix',
    because: REMOVED,
    checks: ['ip route get 192.168.2.3   (on n1)'],
  },
  IPv6: {
    lines: ['n1$ ip -6 route del fd00:10:0:2::/122'],
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: 'n1 eth0',
    expected: 'fd00:10:0:2::/122 via fd0e:2::12 dev eth0 proto bird metric 1024 pref medium',
    because: REMOVED,
    checks: [`ip -6 route get ${B6}   (on n1)`],
  },
  'the reply finds none': {
    lines: ['n2$ ip route del 192.168.1.0/26'],
    code: 'route_missing',
    at: 'n2 eth0',
    what: 'n2 has no route to 192.168.1.2 (default/a on n1)',
    expected: '192.168.1.0/26 via 10.2.0.11 dev eth0 proto bird metric 1024',
    checks: ['ip route get 192.168.1.2   (on n2)'],
  },
  'the reply finds none, IPv6': {
    lines: ['n2$ ip -6 route del fd00:10:0:1::/122'],
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: 'n2 eth0',
    what: `n2 has no route to ${A6} (default/a on n1)`,
    checks: [`ip -6 route get ${A6}   (on n2)`],
  },
  'a node to its own pod': {
    lines: ['n2$ ip route del 192.168.2.3'],
    code: 'route_missing',
    at: `n2 ${CALI_B}`,
    what: 'n2 has no route to its own pod default/b: the packet takes blackhole 192.168.2.0/26 proto bird',
    expected: `192.168.2.3 dev ${CALI_B} scope link metric 1024`,
    by: 'felix',
    origin: 'Pod/default/b ',
    checks: ['ip route get 192.168.2.3   (on n2)', `ip route show dev ${CALI_B}   (on n2)`],
  },
  'a node to its own pod, IPv6': {
    lines: ['n2$ ip -6 route del fd00:10:0:2::3'],
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: `n2 ${CALI_B}`,
    expected: `${B6} dev ${CALI_B} metric 1024 pref medium`,
    checks: [`ip -6 route get ${B6}   (on n2)`, `ip -6 route show dev ${CALI_B}   (on n2)`],
  },
  'a node to its own pod, for the reply': {
    lines: ['n1$ ip route del 192.168.1.2'],
    // Without the way back, Felix takes the pod's own address for a false one.
    code: 'route_missing',
    at: `n1 ${CALI_A}`,
    what: `source check: a reply to 192.168.1.2 would not leave by ${CALI_A}`,
    expected: `192.168.1.2 dev ${CALI_A} scope link metric 1024`,
    by: 'felix',
    right: 'Put it back; a restart of calico-node does so',
    checks: ['ip route get 192.168.1.2   (on n1)'],
  },
  'a pod whose answer waits for its gateway': {
    lines: [`n1$ sysctl -w net.ipv4.conf.${CALI_A}.proxy_arp=0`],
    ask: (lab) => lab.tcp(B, A, 80, { timeout: 2 }),
    code: 'gateway_unanswered',
    at: `n1 ${CALI_A}`,
    what: 'default/a eth0: waits until 169.254.1.1 tells its MAC address on eth0, and nobody did in time',
    by: 'felix',
    checks: [`sysctl net.ipv4.conf.${CALI_A}.proxy_arp   (on n1)`],
  },
  'a pod': {
    lines: [`${A}$ ip route del default`],
    code: 'route_missing',
    at: `${A} eth0`,
    what: 'default/a has no route to 192.168.2.3',
    expected: 'default via 169.254.1.1 dev eth0',
    by: 'cni',
    checks: ['kubectl exec -n default a -- ip route', 'kubectl exec -n default a -- ip route get 192.168.2.3'],
  },
  'a pod, IPv6': {
    lines: [`${A}$ ip -6 route del default`],
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: `${A} eth0`,
    expected: 'default via fe80::ecee:eeff:feee:eeee dev eth0',
    by: 'cni',
    checks: [`kubectl exec -n default a -- ip -6 route`, `kubectl exec -n default a -- ip -6 route get ${B6}`],
  },
  'the pod that should answer': {
    lines: [`${B}$ ip route del default`],
    code: 'route_missing',
    at: `${B} eth0`,
    what: 'default/b took the request in, and has no route back to 192.168.1.2',
    expected: 'default via 169.254.1.1 dev eth0',
    by: 'cni',
    checks: ['kubectl exec -n default b -- ip route', 'kubectl exec -n default b -- ip route get 192.168.1.2'],
  },
  'backend none': {
    parts: { objects: [configMap('none')] },
    code: 'route_missing',
    at: 'n1 eth0',
    expected: '192.168.2.0/26 via 10.2.0.12',
    because: 'the backend is none, so no BIRD runs, and four is a pool without encapsulation',
    right: 'calico_backend to bird',
    origin: 'ConfigMap/kube-system/calico-config data.calico_backend',
    checks: ['ip route get 192.168.2.3   (on n1)', 'kubectl get configmap -n kube-system calico-config -o yaml'],
  },
  'backend vxlan, a pool without': {
    parts: { objects: [configMap('vxlan')] },
    code: 'route_missing',
    at: 'n1 eth0',
    because: 'the backend is vxlan, so no BIRD runs',
    right: 'Set vxlanMode of IPPool/four',
    checks: ['ip route get 192.168.2.3   (on n1)', 'kubectl get configmap -n kube-system calico-config -o yaml'],
  },
  'no session, as the mesh is off': {
    parts: { objects: [calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })] },
    code: 'route_missing',
    at: 'n1 eth0',
    by: 'bird',
    because: 'the node-to-node mesh is off (nodeToNodeMeshEnabled: false) and no BGPPeer makes a session',
    origin: 'BGPConfiguration/default spec.nodeToNodeMeshEnabled',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'calicoctl get bgpconfiguration default -o yaml',
      'calicoctl get bgppeer -o wide',
      'calicoctl node status   (on n1)',
      'birdcl show protocols   (on n1)',
    ],
  },
  'no session, as TCP 179 is filtered': {
    parts: {
      objects: [
        four(1, '10.2.0.11/24'),
        four(2, '10.2.0.12/24'),
        four(3, '10.3.0.13/24'),
        underlay({ filters: [{ name: 'sg', protocol: 'tcp', port: 179 }] }),
      ],
    },
    code: 'route_missing',
    at: 'n1 eth0',
    by: 'bird',
    because:
      /^the BGP session between n1 and n2 is not up \(Connect\): TCP 179 from 10\.2\.0\.12 to 10\.2\.0\.11: switch-lan drops it: .*\bsg\b/,
    right: 'Let it pass there',
    origin: 'Underlay/u spec.segments.0.filters.0',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'calicoctl node status   (on n1)',
      'birdcl show protocols   (on n1)',
      'nc -vz -w 3 10.2.0.11 179   (on n2)',
      'tcpdump -ni eth0 host 10.2.0.12 and tcp port 179   (on n2)',
      'tcpdump -ni eth0 host 10.2.0.11 and tcp port 179   (on n1)',
    ],
  },
  'no session, as autodetection took the wrong card': {
    parts: { objects: [four(1, '10.9.1.15/24'), four(2, '10.9.2.15/24'), four(3, '10.3.0.13/24'), TWO_CARDS] },
    code: 'wrong_card',
    at: 'n1 eth1',
    because:
      /n[12]’s Calico address 10\.9\.[12]\.15 is on eth0, a segment n[12] is not on; 10\.2\.0\.1[12] on eth1 would be reachable/,
    right: 'IP_AUTODETECTION_METHOD=interface=eth1',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'calicoctl node status   (on n1)',
      'birdcl show protocols   (on n1)',
      'calicoctl get nodes -o wide',
    ],
  },
  'the pool is disabled': {
    parts: { encap: 'vxlan', pool: { disabled: true } },
    code: 'route_missing',
    at: 'n1 eth0',
    by: 'felix',
    because: 'IPPool/four is disabled: calico-node takes no tunnel address from it, and Felix knows none of n2',
    right: 'Enable IPPool/four (disabled: false)',
    origin: 'IPPool/four spec.disabled',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'calicoctl get ippool -o wide',
      'ip route show proto 80   (on n1)',
      'kubectl get node n2 -o yaml',
    ],
  },
  'no pool has the address': {
    parts: { objects: [{ ...pod('b', 2), status: { podIP: '172.30.0.5', podIPs: [{ ip: '172.30.0.5' }] } }] },
    code: 'route_missing',
    at: 'n1 eth0',
    because: 'no IPPool has 172.30.0.5: Calico routes only what is in a pool',
    right: 'Add an IPPool with this range',
    checks: ['ip route get 172.30.0.5   (on n1)', 'calicoctl get ippool -o wide'],
  },
  'the other node has no address of the family': {
    parts: { objects: [four(2, '10.2.0.12/24')] },
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: 'n1 eth0',
    because: 'n2 has no IPv6 address of Calico’s',
    right: 'Give n2 one (IP6=autodetect for calico-node)',
    origin: 'Node/n2 ',
    checks: [`ip -6 route get ${B6}   (on n1)`, 'calicoctl get nodes -o wide'],
  },
  'the other node has no address of the family, VXLAN': {
    parts: { encap: 'vxlan', objects: [four(2, '10.2.0.12/24')] },
    ask: (lab) => lab.ping(A, B6),
    code: 'route_missing',
    at: 'n1 eth0',
    expected: 'fd00:10:0:2::/122 via the VXLAN address of n2 dev vxlan-v6.calico onlink',
    checks: [`ip -6 route get ${B6}   (on n1)`, 'calicoctl get nodes -o wide'],
  },
  'the other node has no address of the family, IPv4 by VXLAN': {
    parts: {
      encap: 'vxlan',
      objects: [
        {
          ...node(2),
          metadata: { name: 'n2', annotations: { 'projectcalico.org/IPv6Address': 'fd0e:2::12/64' } },
          status: {},
        },
      ],
    },
    code: 'route_missing',
    at: 'n1 eth0',
    expected: '192.168.2.0/26 via the VXLAN address of n2 dev vxlan.calico onlink',
    checks: ['ip route get 192.168.2.3   (on n1)', 'calicoctl get nodes -o wide'],
  },
  'a router between subnets': {
    ask: (lab) => lab.ping(A, D),
    code: 'route_missing',
    at: 'router ',
    what: 'router has no route to 192.168.3.5 (default/d on n3)',
    because: 'between subnets packets without encapsulation are the router’s to route',
    right: 'ipipMode or vxlanMode CrossSubnet',
    origin: 'IPPool/four spec.ipipMode',
    checks: [
      'kubectl exec -n default a -- traceroute -n 192.168.3.5',
      'ip route get 192.168.3.5   (on router, 10.2.0.1: ask whoever runs it)',
      'calicoctl get ippool -o wide',
    ],
  },
  'a router between subnets, IPv6': {
    ask: (lab) => lab.ping(A, D6),
    code: 'route_missing',
    at: 'router ',
    right: 'Encapsulate between subnets (vxlanMode CrossSubnet)',
    origin: 'IPPool/six spec.vxlanMode',
    checks: [
      `kubectl exec -n default a -- traceroute -n -6 ${D6}`,
      `ip -6 route get ${D6}   (on router, 10.2.0.1: ask whoever runs it)`,
      'calicoctl get ippool -o wide',
    ],
  },
  'another route comes before it': {
    lines: ['n1$ ip route add prohibit 192.168.2.3'],
    code: 'route_refuses',
    at: 'n1 ',
    what: 'n1 does not take its route to 192.168.2.3 (default/b on n2): the packet takes prohibit 192.168.2.3',
    expected: '192.168.2.0/26 via 10.2.0.12 dev eth0 proto bird metric 1024',
    because: 'that route is there, but the other one comes before it',
    checks: ['ip route get 192.168.2.3   (on n1)'],
  },
  'a route into a pod that has not got the address': {
    lines: [`n1$ ip route add 192.168.2.3 dev ${CALI_A}`],
    ask: (lab) => lab.ping('node/n1', B),
    code: 'route_into_pod',
    at: `n1 ${CALI_A}`,
    what: `by the route 192.168.2.3 dev ${CALI_A} scope link`,
    checks: [`ip route show dev ${CALI_A}   (on n1)`, 'ip route get 192.168.2.3   (on n1)'],
  },
  'nobody has the address, in a block of a node': {
    ask: (lab) => lab.ping(A, '192.168.2.30'),
    code: 'address_unused',
    at: 'n2 eth0',
    right: 'n2 owns the block but has no route to 192.168.2.30 itself',
    checks: ['calicoctl ipam show --ip=192.168.2.30', 'ip route get 192.168.2.30   (on n2)'],
  },
  'nobody has the address, in no block': {
    ask: (lab) => lab.ping(A, '192.168.9.30'),
    code: 'address_unused',
    at: 'router eth0',
    right: 'Nobody in the input has 192.168.9.30',
    checks: [
      'kubectl exec -n default a -- traceroute -n 192.168.9.30',
      'ip route get 192.168.9.30   (on router, 10.2.0.1: ask whoever runs it)',
    ],
  },
  'two nodes send it to each other': {
    lines: ['n2$ ip route del 192.168.2.3', 'n2$ ip route add 192.168.2.3 via 10.2.0.11'],
    code: 'loop',
    at: 'n2 eth0',
    what: 'the packet goes round between n1 and n2 until its time to live runs out',
    checks: ['ip route get 192.168.2.3   (on n2)', 'kubectl exec -n default a -- traceroute -n 192.168.2.3'],
  },
  'two nodes send it to each other, IPv6': {
    lines: ['n2$ ip -6 route del fd00:10:0:2::3', 'n2$ ip -6 route add fd00:10:0:2::3 via fd0e:2::11'],
    ask: (lab) => lab.ping(A, B6),
    code: 'loop',
    at: 'n2 eth0',
    what: 'the packet goes round between n1 and n2',
    checks: [`ip -6 route get ${B6}   (on n2)`, `kubectl exec -n default a -- traceroute -n -6 ${B6}`],
  },
  'the time to live runs out': {
    ask: (lab) => lab.ping(A, B, { ttl: 1 }),
    code: 'hop_limit',
    at: `n1 ${CALI_A}`,
    right: 'The packet needs a larger TTL',
    checks: ['kubectl exec -n default a -- traceroute -n 192.168.2.3'],
  },
  'the hop limit runs out': {
    ask: (lab) => lab.ping(A, B6, { ttl: 1 }),
    code: 'hop_limit',
    at: `n1 ${CALI_A}`,
    right: 'The packet needs a larger hop limit',
    checks: [`kubectl exec -n default a -- traceroute -n -6 ${B6}`],
  },
}

const OUTSIDE: Readonly<Record<string, Row>> = {
  'natOutgoing is not set': {
    parts: { pool: { natOutgoing: false } },
    ask: (lab) => lab.ping(A, '8.8.8.8'),
    code: 'nat_missing',
    at: 'n1 ',
    what: 'internet knows no way back to 192.168.1.2 (default/a), and n1 sent its packets out under that address',
    because: 'natOutgoing of IPPool/four is not true',
    by: 'felix',
    origin: 'IPPool/four spec.natOutgoing',
    checks: [
      'calicoctl get ippool -o wide',
      'iptables -t nat -nvL cali-nat-outgoing   (on n1)',
      'tcpdump -ni any host 8.8.8.8   (on n1)',
    ],
  },
  'the rules of natOutgoing are gone': {
    lines: ['n1$ iptables -t nat -F cali-nat-outgoing'],
    ask: (lab) => lab.ping(A, '8.8.8.8'),
    code: 'nat_missing',
    at: 'n1 ',
    because: 'natOutgoing of IPPool/four is true, and no rule of the node changed them',
    checks: [
      'calicoctl get ippool -o wide',
      'iptables -t nat -nvL cali-nat-outgoing   (on n1)',
      'tcpdump -ni any host 8.8.8.8   (on n1)',
    ],
  },
  'the destination lies in a pool': {
    parts: { objects: [calico('IPPool', 'wide', { cidr: '8.8.0.0/16', disabled: true })] },
    lines: ['router$ ip route del 8.8.0.0/16'],
    ask: (lab) => lab.ping(A, '8.8.8.8'),
    code: 'nat_missing',
    at: 'n1 ',
    because: 'natOutgoing leaves out what goes to a pool, and 8.8.8.8 lies in IPPool/wide',
    origin: 'IPPool/wide spec.cidr',
    checks: [
      'calicoctl get ippool -o wide',
      'iptables -t nat -nvL cali-nat-outgoing   (on n1)',
      'tcpdump -ni any host 8.8.8.8   (on n1)',
    ],
  },
  'a pod sends under another address': {
    lines: [`${A}$ ip addr add 172.30.9.9/32 dev eth0`],
    ask: (lab) => lab.ping(A, B, { source: '172.30.9.9' as never }),
    code: 'source_unknown',
    at: `${A} `,
    what: 'default/a sends under 172.30.9.9, which Calico gave to nobody there',
    checks: ['kubectl exec -n default a -- ip addr', 'iptables -t raw -nvL cali-PREROUTING   (on n1)'],
  },
}

const MACHINES: Readonly<Record<string, Row>> = {
  'proxy ARP is off': {
    lines: [`n1$ sysctl -w net.ipv4.conf.${CALI_A}.proxy_arp=0`],
    code: 'gateway_unanswered',
    at: `n1 ${CALI_A}`,
    by: 'felix',
    right: `net.ipv4.conf.${CALI_A}.proxy_arp should be 1`,
    checks: [`sysctl net.ipv4.conf.${CALI_A}.proxy_arp   (on n1)`],
  },
  'no default route, so proxy ARP keeps silent': {
    lines: ['n1$ ip route del default'],
    code: 'gateway_unanswered',
    at: `n1 ${CALI_A}`,
    right: 'only if it has a route to it by another interface',
    checks: ['ip route get 169.254.1.1   (on n1)'],
  },
  'the pod has no address to ask from': {
    // The last address takes the routes along.
    lines: [
      `${A}$ ip addr flush dev eth0`,
      `${A}$ ip route add 169.254.1.1 dev eth0 scope link`,
      `${A}$ ip route add default via 169.254.1.1 dev eth0`,
    ],
    code: 'gateway_unanswered',
    at: `${A} eth0`,
    by: 'cni',
    right: 'has no IPv4 address to ask from',
    checks: ['kubectl exec -n default a -- ip addr show dev eth0'],
  },
  'the pod gives up before its gateway is given up': {
    lines: [`n1$ sysctl -w net.ipv4.conf.${CALI_A}.proxy_arp=0`],
    ask: (lab) => lab.udp(A, B, 80),
    code: 'gateway_unanswered',
    at: `n1 ${CALI_A}`,
    checks: [`sysctl net.ipv4.conf.${CALI_A}.proxy_arp   (on n1)`],
  },
  'the host end has no link-local address': {
    lines: [`n1$ ip addr flush dev ${CALI_A}`],
    ask: (lab) => lab.ping(A, B6),
    code: 'gateway_unanswered',
    at: `n1 ${CALI_A}`,
    right: 'must have fe80::ecee:eeff:feee:eeee',
    checks: [`ip -6 addr show dev ${CALI_A}   (on n1)`],
  },
  'forwarding is off where the pod runs': {
    lines: ['n1$ sysctl -w net.ipv4.ip_forward=0'],
    code: 'forwarding_off',
    at: `n1 ${CALI_A}`,
    by: 'felix',
    checks: [`sysctl net.ipv4.ip_forward net.ipv4.conf.${CALI_A}.forwarding   (on n1)`],
  },
  'forwarding is off at the other end': {
    lines: ['n2$ sysctl -w net.ipv4.ip_forward=0'],
    code: 'forwarding_off',
    at: 'n2 eth0',
    by: 'felix',
    right: 'Set net.ipv4.conf.eth0.forwarding (net.ipv4.ip_forward) to 1 in n2',
    checks: ['sysctl net.ipv4.ip_forward net.ipv4.conf.eth0.forwarding   (on n2)'],
  },
  'forwarding of IPv6 is off': {
    lines: ['n1$ sysctl -w net.ipv6.conf.all.forwarding=0'],
    ask: (lab) => lab.ping(A, B6),
    code: 'forwarding_off',
    at: `n1 ${CALI_A}`,
    checks: ['sysctl net.ipv6.conf.all.forwarding   (on n1)'],
  },
  'strict reverse path filter': {
    lines: [
      'n2$ sysctl -w net.ipv4.conf.eth0.rp_filter=1',
      'n2$ ip route del 192.168.1.0/26',
      'n2$ ip route add 192.168.1.0/26 dev calidbc51878acf',
    ],
    code: 'rp_filter',
    at: 'n2 eth0',
    right: 'Make the route back to the source leave by eth0',
    checks: [
      'sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.eth0.rp_filter   (on n2)',
      'ip route get 192.168.1.2   (on n2)',
      'nstat -az TcpExtIPReversePathFilter   (on n2)',
    ],
  },
  'strict reverse path filter of a device with a dot in its name, which sysctl takes as a slash': {
    parts: { encap: 'vxlan' },
    lines: ['n2$ sysctl -w net.ipv4.conf.vxlan/calico.rp_filter=1', 'n2$ ip route del 192.168.1.0/26'],
    code: 'rp_filter',
    at: 'n2 vxlan.calico',
    checks: [
      'sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.vxlan/calico.rp_filter   (on n2)',
      'ip route get 192.168.1.2   (on n2)',
      'nstat -az TcpExtIPReversePathFilter   (on n2)',
    ],
  },
  'the source is an address of the receiver': {
    lines: [`${B}$ ip addr add ${A4}/32 dev lo`],
    code: 'source_unknown',
    at: `${B} eth0`,
    checks: [
      'kubectl exec -n default b -- ip route get 192.168.1.2',
      'kubectl exec -n default b -- sysctl net.ipv4.conf.eth0.log_martians',
    ],
  },
  'a rule drops it': {
    lines: [`n2$ iptables -I FORWARD -s ${A4} -j DROP`],
    code: 'rule_drops',
    at: `n2 ${CALI_B}`,
    what: 'filter FORWARD rule 1 matches: -s 192.168.1.2/32 -j DROP',
    checks: ['iptables -t filter -nvL FORWARD --line-numbers   (on n2)'],
  },
  'a rule rejects it': {
    lines: [`n2$ iptables -I FORWARD -s ${A4} -j REJECT`],
    code: 'rule_drops',
    at: `n2 ${CALI_B}`,
    what: '-j REJECT',
    checks: ['iptables -t filter -nvL FORWARD --line-numbers   (on n2)'],
  },
  'a rule drops the reply': {
    lines: [`n1$ iptables -I FORWARD -s ${B4} -j DROP`],
    code: 'rule_drops',
    at: `n1 ${CALI_A}`,
    checks: ['iptables -t filter -nvL FORWARD --line-numbers   (on n1)'],
  },
  'a rule of IPv6 drops it': {
    lines: [`n2$ ip6tables -I FORWARD -s ${A6} -j DROP`],
    ask: (lab) => lab.ping(A, B6),
    code: 'rule_drops',
    at: `n2 ${CALI_B}`,
    checks: ['ip6tables -t filter -nvL FORWARD --line-numbers   (on n2)'],
  },
  'a rule of the receiver drops the answer before any device sees it': {
    lines: [`n2$ iptables -I OUTPUT -p tcp --sport 80 -j DROP`],
    ask: (lab) => lab.tcp('node/n1', 'node/n2', 80),
    code: 'rule_drops',
    at: 'n2 eth0',
    what: 'filter OUTPUT rule 1 matches: -p tcp -m tcp --sport 80 -j DROP',
    checks: ['iptables -t filter -nvL OUTPUT --line-numbers   (on n2)'],
  },
  'the policy of a chain drops it': {
    lines: ['n2$ iptables -P INPUT DROP'],
    ask: (lab) => lab.ping('node/n1', 'node/n2'),
    code: 'rule_drops',
    at: 'n2 eth0',
    what: 'policy DROP',
    checks: ['iptables -t filter -nvL INPUT --line-numbers   (on n2)'],
  },
  'nobody listens, TCP': {
    ask: (lab) => lab.tcp(A, B, 80, { server: false }),
    code: 'nobody_listens',
    at: `${B} eth0`,
    checks: ['kubectl exec -n default b -- ss -lntp sport = :80'],
  },
  'nobody listens, UDP': {
    ask: (lab) => lab.udp(A, B6, 80, { server: false }),
    code: 'nobody_listens',
    at: `${B} eth0`,
    checks: ['kubectl exec -n default b -- ss -lnup sport = :80'],
  },
  'pings are ignored': {
    lines: [`${B}$ sysctl -w net.ipv4.icmp_echo_ignore_all=1`],
    code: 'echo_ignored',
    at: `${B} `,
    what: 'default/b answers no pings: net.ipv4.icmp_echo_ignore_all is 1',
    checks: [
      'kubectl exec -n default b -- sysctl net.ipv4.icmp_echo_ignore_all',
      'kubectl exec -n default b -- tcpdump -ni any host 192.168.1.2',
    ],
  },
}

const LINKS: Readonly<Record<string, Row>> = {
  'the host end of the receiver is down': {
    lines: [`n2$ ip link set ${CALI_B} down`],
    code: 'link_down',
    at: `n2 ${CALI_B}`,
    what: `${CALI_B}, behind which n2 has its pod default/b, is down`,
    checks: [`ip -d link show ${CALI_B}   (on n2)`],
  },
  'the host end of the sender is down': {
    lines: [`n1$ ip link set ${CALI_A} down`],
    code: 'link_down',
    at: `n1 ${CALI_A}`,
    checks: [`ip -d link show ${CALI_A}   (on n1)`],
  },
  'the receiver’s own end is down': {
    lines: [`${B}$ ip link set eth0 down`],
    code: 'link_down',
    at: `${B} eth0`,
    what: `default/b eth0 is down, so n2 ${CALI_B} has no carrier`,
    checks: ['kubectl exec -n default b -- ip -d link show eth0'],
  },
  'the sender’s own end is down': {
    lines: [`${A}$ ip link set eth0 down`],
    code: 'link_down',
    at: `${A} eth0`,
    checks: ['kubectl exec -n default a -- ip route', 'kubectl exec -n default a -- ip route get 192.168.2.3'],
  },
  'the node’s card is down': {
    lines: ['n1$ ip link set eth0 down'],
    code: 'link_down',
    at: 'n1 eth0',
    what: `n1 eth0 is down, and no other interface leads to 169.254.1.1: so ${CALI_A} does not answer for it`,
    checks: ['ip -d link show eth0   (on n1)'],
  },
  'the other node’s card is down': {
    lines: ['n2$ ip link set eth0 down'],
    code: 'link_down',
    at: 'n2 eth0',
    what: 'n2 eth0 is down, so nobody answers for 10.2.0.12',
    right: 'Bring eth0 up in n2',
    checks: ['ip -d link show eth0   (on n2)'],
  },
  'nobody has an address of the segment': {
    ask: (lab) => lab.ping(A, '10.2.0.99'),
    code: 'neighbour_silent',
    at: 'n1 eth0',
    checks: ['ip neigh show 10.2.0.99 dev eth0   (on n1)', 'arping -c 2 -I eth0 10.2.0.99   (on n1)'],
  },
  'nobody has an address of the segment, IPv6': {
    ask: (lab) => lab.ping(A, 'fd0e:2::99'),
    code: 'neighbour_silent',
    at: 'n1 eth0',
    checks: ['ip -6 neigh show fd0e:2::99 dev eth0   (on n1)', 'ndisc6 fd0e:2::99 eth0   (on n1)'],
  },
}

const TUNNELS: Readonly<Record<string, Row>> = {
  'no forwarding entry for the VTEP': {
    parts: { encap: 'vxlan' },
    edit: (all) => {
      all['n1']!.fdb = all['n1']!.fdb.filter(({ dev }) => dev !== 'vxlan.calico')
    },
    code: 'fdb_missing',
    at: 'n1 vxlan.calico',
    by: 'felix',
    checks: ['bridge fdb show dev vxlan.calico   (on n1)', 'ip neigh show dev vxlan.calico   (on n1)'],
  },
  'no neighbour for the VTEP': {
    parts: { encap: 'vxlan' },
    edit: (all) => {
      all['n1']!.neighbours = all['n1']!.neighbours.filter(({ dev }) => dev !== 'vxlan.calico')
    },
    code: 'neighbour_missing',
    at: 'n1 vxlan.calico',
    by: 'felix',
    right: 'There should be one on vxlan.calico for 192.168.2.0',
    checks: ['ip neigh show 192.168.2.0 dev vxlan.calico   (on n1)', 'bridge fdb show dev vxlan.calico   (on n1)'],
  },
  'another VNI': {
    parts: { encap: 'vxlan', objects: [calico('FelixConfiguration', 'node.n2', { vxlanVNI: 77 })] },
    code: 'vni_unknown',
    at: 'n2 eth0',
    because: 'the packet has VNI 4096, vxlan.calico has 77',
    checks: ['ip -d link show type vxlan   (on n2)', 'calicoctl get felixconfiguration -o yaml'],
  },
  'another port of VXLAN': {
    parts: { encap: 'vxlan', objects: [calico('FelixConfiguration', 'node.n2', { vxlanPort: 8472 })] },
    code: 'tunnel_missing',
    at: 'n2 eth0',
    by: 'felix',
    right: 'No tunnel of n2 takes UDP 4789',
    checks: ['ip -d link show type vxlan   (on n2)', 'ss -lnup sport = :4789   (on n2)'],
  },
  'the IPIP device is down where packets come in': {
    parts: { encap: 'ipip' },
    lines: ['n2$ ip link set tunl0 down'],
    code: 'link_down',
    at: 'n2 tunl0',
    checks: ['ip -d link show tunl0   (on n2)'],
  },
  'the IPIP device is down where they leave': {
    parts: { encap: 'ipip' },
    lines: ['n1$ ip link set tunl0 down'],
    code: 'link_down',
    at: 'n1 tunl0',
    because: 'the kernel has removed it with its interface: tunl0 is down',
    checks: ['ip route get 192.168.2.3   (on n1)', 'ip -d link show tunl0   (on n1)'],
  },
  'there is no IPIP device': {
    parts: { encap: 'ipip' },
    edit: (all) => {
      delete all['n2']!.interfaces['tunl0']
      all['n2']!.routes = all['n2']!.routes.filter(({ dev }) => dev !== 'tunl0')
    },
    code: 'tunnel_missing',
    at: 'n2 eth0',
    by: 'felix',
    checks: ['ip -d link show type ipip   (on n2)', 'calicoctl get ippool -o wide'],
  },
  'a route into the IPIP device without a gateway': {
    parts: { encap: 'ipip' },
    lines: ['n1$ ip route add 192.168.2.3 dev tunl0'],
    code: 'tunnel_without_remote',
    at: 'n1 tunl0',
    checks: ['ip route show dev tunl0   (on n1)', 'ip -d link show tunl0   (on n1)'],
  },
  'no WireGuard peer': {
    parts: { encap: 'wireguard' },
    edit: (all) => void all['n1']!.interfaces['wireguard.cali']!.wireguard!.peers.splice(0, 1),
    code: 'wireguard_peer_missing',
    at: 'n1 wireguard.cali',
    checks: ['wg show wireguard.cali allowed-ips   (on n1)'],
  },
  'a WireGuard peer that may not send this': {
    parts: { encap: 'wireguard' },
    edit: (all) => {
      for (const peer of all['n2']!.interfaces['wireguard.cali']!.wireguard!.peers)
        peer.allowedIps = peer.allowedIps.filter((range) => !range.startsWith('192.168.1.'))
    },
    code: 'wireguard_source_refused',
    at: 'n2 wireguard.cali',
    checks: ['wg show wireguard.cali allowed-ips   (on n2)'],
  },
  'another port of WireGuard': {
    parts: { encap: 'wireguard' },
    edit: (all) => {
      for (const peer of all['n1']!.interfaces['wireguard.cali']!.wireguard!.peers)
        if (peer.endpoint !== undefined) peer.endpoint.port = 51999
    },
    code: 'tunnel_missing',
    at: 'n2 eth0',
    right: 'No tunnel of n2 takes UDP 51999',
    checks: ['ip -d link show type vxlan   (on n2)', 'ss -lnup sport = :51999   (on n2)'],
  },
}

const REST: Readonly<Record<string, Row>> = {
  'a route whose link has no carrier is passed over': {
    lines: [`n2$ sysctl -w net.ipv4.conf.${CALI_B}.ignore_routes_with_linkdown=1`, `${B}$ ip link set eth0 down`],
    code: 'route_down',
    at: `n2 ${CALI_B}`,
    what: 'would lead there, but',
    checks: [`ip -d link show ${CALI_B}   (on n2)`],
  },
  'a second network took the default route': {
    lines: [
      `${A}$ ip link add net1 type dummy`,
      `${A}$ ip link set net1 up`,
      `${A}$ ip route replace default dev net1`,
    ],
    code: 'route_elsewhere',
    at: `${A} net1`,
    what: 'out of net1',
    expected: '192.168.2.3 via 169.254.1.1 dev eth0',
    checks: ['kubectl exec -n default a -- ip route', 'kubectl exec -n default a -- ip route get 192.168.2.3'],
  },
  'the ends of a wire differ in MTU': {
    lines: [`${B}$ ip link set eth0 mtu 1400`],
    ask: (lab) => lab.ping(A, B, { size: 1472 }),
    code: 'mtu_differs',
    at: `n2 ${CALI_B}`,
    right: 'must have the same MTU',
    checks: [`ip link show ${CALI_B}   (on n2)`],
  },
  'a wire is unplugged': {
    edit: (_all, draft) => {
      draft.wires = draft.wires.filter(({ ends }) => !ends.some(({ netns }) => netns === B))
    },
    code: 'carrier_missing',
    at: `n2 ${CALI_B}`,
    right: 'Plug in the other end',
    checks: [`ip -d link show ${CALI_B}   (on n2)`],
  },
  'the receiver keeps silent': {
    lines: [`${B}$ ip rule add from 192.168.2.3 prohibit`],
    code: 'no_answer',
    at: `${B} `,
    right: 'default/b took the request in; whatever should answer there does not',
    checks: [
      'kubectl exec -n default b -- sysctl net.ipv4.icmp_echo_ignore_all',
      'kubectl exec -n default b -- tcpdump -ni any host 192.168.1.2',
    ],
  },
  'a handshake needs what is not modelled': {
    parts: { encap: 'wireguard' },
    ask: (lab) => lab.ping(A, D6),
    code: 'not_modelled',
    at: 'n1 wg-v6.cali',
    right: 'the answer is not known',
    checks: ['tcpdump -ni wg-v6.cali host fd00:10:0:3::5   (on n1)'],
  },
  'nothing was sent': {
    ask: (lab) => lab.ping(A, '255.255.255.255'),
    code: 'other',
    at: `${A} `,
    what: 'sent nothing: local error: sendto: Permission denied',
    checks: ['kubectl exec -n default a -- ip addr', 'kubectl exec -n default a -- ip route'],
  },
  'a pod sends to everybody on its link': {
    ask: (lab) => lab.udp(A, '255.255.255.255', 9000),
    code: 'other',
    at: 'n1 ',
    what: 'no answer came: the request was last heard of in n1: broadcast or multicast that nobody here listens to',
    checks: ['tcpdump -ni any host 192.168.1.2   (on n1)'],
  },
  'sent into the void': {
    ask: (lab) => lab.ping('node/n1', '224.0.0.9'),
    code: 'other',
    at: 'n1 ',
    what: 'no answer came',
    checks: ['sysctl net.ipv4.icmp_echo_ignore_all   (on n1)', 'tcpdump -ni any host 10.2.0.11   (on n1)'],
  },
}

const FAMILIES: readonly (readonly [string, Readonly<Record<string, Row>>])[] = [
  ['a route is missing', ROUTES],
  ['beyond the cluster', OUTSIDE],
  ['a machine', MACHINES],
  ['a link', LINKS],
  ['a tunnel', TUNNELS],
  ['the rest', REST],
]

function runOf({ parts, lines = [], edit, ask = (lab) => lab.ping(A, B) }: Row): Run {
  const lab = broken(clusterLab(parts), ...lines)
  if (edit !== undefined) lab.edit((draft) => edit(draft.namespaces, draft))
  return ask(lab)
}

describe.each(FAMILIES)('first cause: %s', (_family, rows) => {
  it.each(Object.entries(rows))('%s', (_name, row) => {
    const { diagnosis, trace, ok } = runOf(row)
    expect(ok).toBe(false)
    const [found, ...more] = diagnosis
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: row.code, checks: row.checks })
    expect(`${found!.netns} ${found!.dev}`).toBe(row.at)
    for (const part of ['what', 'because', 'right'] as const) {
      const wanted = row[part]
      if (typeof wanted === 'string') expect(found![part]).toContain(wanted)
      else if (wanted !== undefined) expect(found![part]).toMatch(wanted)
    }
    if (row.expected !== undefined) expect(found!.expected).toBe(row.expected)
    if (row.by !== undefined) expect(found!.by).toBe(row.by)
    if (row.origin !== undefined) expect(`${found!.origin?.object} ${found!.origin?.field ?? ''}`).toBe(row.origin)
    // The summary says why and what would be right, whatever the trace itself says.
    for (const said of [found!.because, found!.right]) if (said !== undefined) expect(trace.summary).toContain(said)
  })
})

/** Pods with the MTU of the wire, whatever the tunnel takes off. */
const FULL_SIZE = [{ ...configMap('bird'), data: { calico_backend: 'bird', veth_mtu: '1500' } }]
const WIREGUARD = calico('FelixConfiguration', 'default', { wireguardEnabled: true, wireguardMTU: 1440 })

/** Encapsulation, destination, device that decides, its MTU, and what the way is narrowed by. */
const NARROW: readonly [encap: Encap, to: string, dev: string, mtu: number, lines: string[]][] = [
  ['none', B4, 'eth0', 1400, ['n1$ ip link set eth0 mtu 1400']],
  ['none', B6, 'eth0', 1400, ['n1$ ip link set eth0 mtu 1400']],
  ['ipip', B4, 'tunl0', 1480, []],
  ['vxlan', B4, 'vxlan.calico', 1450, []],
  ['vxlan', B6, 'vxlan-v6.calico', 1430, []],
  ['wireguard', B4, 'wireguard.cali', 1440, []],
]

describe('first cause: a packet that is too long', () => {
  const tunnelMtus = calico('FelixConfiguration', 'default', { ipipMTU: 1480, vxlanMTU: 1450, vxlanMTUV6: 1430 })

  it.each(NARROW)('%s to %s', (encap, to, dev, mtu, lines) => {
    const objects = [...FULL_SIZE, encap === 'wireguard' ? WIREGUARD : tunnelMtus]
    const ping = (size: number): Run =>
      broken(clusterLab({ encap, objects }), ...lines).ping(A, to, { size, pmtudisc: 'do' })
    const [headers, six] = to === B6 ? [48, '-6 '] : [28, '']
    const largest = mtu - headers
    const [found] = ping(1500 - headers).diagnosis
    expect(found).toMatchObject({
      code: 'mtu_exceeded',
      netns: 'n1',
      dev,
      because: `${1500 - headers} + ${headers} = 1500 > ${mtu}; largest that passes: --size ${largest}`,
      checks: [
        `ip link show ${dev}   (on n1)`,
        `kubectl exec -n default a -- ping ${six}-M do -c 1 -s ${largest} ${to}`,
      ],
    })
    expect(ping(largest).ok).toBe(true)
    expect(ping(largest + 1).ok).toBe(false)
  })
})

describe('first cause: a packet that its own host refuses', () => {
  it.each<[Encap, string, number]>([
    ['vxlan', B4, 1450],
    ['vxlan', B6, 1450],
    ['ipip', B4, 1480],
  ])('%s to %s', (encap, to, mtu) => {
    const ping = (size: number): Run => clusterLab({ encap }).ping(A, to, { size, pmtudisc: 'do' })
    const own = clusterLab({ encap }).network.namespaces[A]?.interfaces['eth0']?.mtu ?? 0
    expect(own).toBeLessThanOrEqual(mtu)
    const [headers, six] = to === B6 ? [48, '-6 '] : [28, '']
    expect(ping(1500 - headers).diagnosis[0]).toMatchObject({
      code: 'mtu_exceeded',
      netns: A,
      because: `${1500 - headers} + ${headers} = 1500 > ${own}; largest that passes: --size ${own - headers}`,
      checks: [
        `kubectl exec -n default a -- ip ${six}route get ${to}`,
        `kubectl exec -n default a -- ping ${six}-M do -c 1 -s ${own - headers} ${to}`,
      ],
    })
    expect(ping(own - headers).ok).toBe(true)
    expect(ping(own - headers + 1).ok).toBe(false)
  })
})

describe('first cause: a datagram that its own host refuses', () => {
  it.each<[string, number]>([
    [B4, 28],
    [B6, 48],
  ])('to %s', (to, headers) => {
    const own = clusterLab({ encap: 'vxlan' }).network.namespaces[A]?.interfaces['eth0']?.mtu ?? 0
    const udp = (size: number, dontFragment = true): Run =>
      clusterLab({ encap: 'vxlan' }).udp(A, to, 9000, { size, dontFragment })
    const run = udp(1500 - headers)
    expect(run.trace.disposition).toEqual({ kind: 'not-sent', why: `local error: message too long, mtu=${own}` })
    expect(run.trace.summary).toContain(`Nothing was sent: local error: message too long, mtu=${own}.`)
    const six = to === B6 ? '-6 ' : ''
    expect(run.diagnosis).toMatchObject([
      {
        code: 'mtu_exceeded',
        netns: A,
        because: `${1500 - headers} + ${headers} = 1500 > ${own}; largest that passes: --size ${own - headers}`,
        checks: [
          `kubectl exec -n default a -- ip ${six}route get ${to}`,
          `kubectl exec -n default a -- ping ${six}-M do -c 1 -s ${own - headers} ${to}`,
        ],
      },
    ])
    expect([udp(own - headers).ok, udp(own - headers + 1).ok, udp(1500 - headers, false).ok]).toEqual([
      true,
      false,
      true,
    ])
  })
})

describe('codes', () => {
  it('are all reached above', () => {
    const rows = FAMILIES.flatMap(([, family]) => Object.values(family))
    // Filters between the machines: underlay-filter.test.ts; what policy and Services refuse: policy-causes.test.ts.
    const others: FindingCode[] = ['mtu_exceeded', 'filtered_on_the_way', 'policy_denies', 'policy_ends']
    others.push('felix_refuses', 'profile_denies', 'service_empty', 'service_source', 'port_elsewhere')
    const reached = new Set<FindingCode>([...rows.map(({ code }) => code), ...others])
    expect(FINDING_CODES.filter((code) => !reached.has(code))).toEqual([])
  })
})
