// Where a packet is lost, and by what, in the words of the catalogue of failures: a place on the way and a code.
import { describe, expect, it } from 'vitest'
import { causeLossOf, factsOf, lossOf, lossText } from '../../src/diagnose/index.ts'
import type { Lab } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { broken, calico, clusterLab, type Encap } from './small-cluster.ts'

const A = 'default/a'
const B = 'default/b'
const D = 'default/d'

type Ask = (lab: Lab) => Run
const ping =
  (from: string, to: string, size = 56): Ask =>
  (lab) =>
    lab.ping(from, to, { size, pmtudisc: size > 56 ? 'do' : 'want' })
const tcp =
  (from: string, to: string, port: number, server = true): Ask =>
  (lab) =>
    lab.tcp(from, to, port, { timeout: 2, server })

/** `PLACE CODE(DETAIL)` of the cause and of the packet's end. */
function losses(run: Run, lab: Lab): readonly [string, string] {
  const facts = factsOf(lab.network, run.notes, lab.cluster)
  const end = lossOf(run.trace, facts)
  if (end === undefined) return ['', '']
  const cause = causeLossOf(run.diagnosis[0]!, end)
  return [`${cause.stage} ${lossText(cause)}`, `${end.stage} ${lossText(end)}`]
}

interface Row {
  readonly encap: Encap
  readonly lines?: readonly string[]
  readonly objects?: readonly object[]
  readonly ask: Ask
  /** Where the cause is. */
  readonly cause: string
  /** Where the packet ended, when that is elsewhere. */
  readonly end?: string
}

const underlay = (filter: object) => ({
  apiVersion: 'packetwalk/v1',
  kind: 'Underlay',
  metadata: { name: 'u' },
  spec: {
    segments: [
      { name: 's2', cidr: '10.2.0.0/24', gateway: '10.2.0.1', ...filter },
      { name: 's3', cidr: '10.3.0.0/24', gateway: '10.3.0.1' },
    ],
    nodes: [1, 2, 3].map((i) => ({
      name: `n${i}`,
      interfaces: [{ name: 'eth0', segment: i === 3 ? 's3' : 's2', address: `10.${i === 3 ? 3 : 2}.0.${10 + i}/24` }],
    })),
  },
})

const ROWS: Readonly<Record<string, Row>> = {
  'a switch that lets no protocol 4 pass': {
    encap: 'ipip',
    objects: [underlay({ filters: [{ protocol: 4 }] })],
    ask: ping(A, B),
    cause: 'underlay UNDERLAY_PROTO_FILTERED(4)',
  },
  'a switch that lets no UDP 4789 pass': {
    encap: 'vxlan',
    objects: [underlay({ filters: [{ protocol: 'udp', port: 4789 }] })],
    ask: ping(A, B),
    cause: 'underlay UNDERLAY_PORT_FILTERED(udp/4789)',
  },
  'a switch that checks sources': {
    encap: 'none',
    objects: [underlay({ sourceCheck: true })],
    ask: ping(A, B),
    cause: 'underlay UNDERLAY_ANTISPOOF(192.168.1.2)',
  },
  'a router that knows no pods': {
    encap: 'none',
    ask: ping(A, D),
    cause: 'underlay UNDERLAY_NO_ROUTE(192.168.3.5)',
  },
  'a route to a block that is gone': {
    encap: 'ipip',
    lines: ['n1$ ip route del 192.168.2.0/26'],
    ask: ping(A, B),
    cause: 'host.fib NO_ROUTE(eth0)',
    end: 'underlay UNDERLAY_NO_ROUTE(192.168.2.3)',
  },
  'a route to a pod that is gone on its node': {
    encap: 'ipip',
    lines: ['n2$ ip route del 192.168.2.3'],
    ask: ping(A, B),
    cause: 'host.fib BLACKHOLE(192.168.2.0/26)',
  },
  'forwarding that is off on the sender’s node': {
    encap: 'ipip',
    lines: ['n1$ sysctl -w net.ipv4.ip_forward=0'],
    ask: ping(A, B),
    cause: 'host.fib FORWARDING_DISABLED(caliacd53aa4120)',
    end: 'pod.neigh ARP_NO_PROXY(169.254.1.1)',
  },
  'proxy ARP that is off': {
    encap: 'ipip',
    lines: ['n1$ sysctl -w net.ipv4.conf.caliacd53aa4120.proxy_arp=0'],
    ask: ping(A, B),
    cause: 'pod.neigh ARP_NO_PROXY(169.254.1.1)',
  },
  'a pod without a default route': {
    encap: 'ipip',
    lines: [`${A}$ ip route del default`],
    ask: ping(A, B),
    cause: 'pod.route NO_ROUTE',
  },
  'a tunnel device that is down at the receiver': {
    encap: 'ipip',
    lines: ['n2$ ip link set tunl0 down'],
    ask: ping(A, B),
    cause: 'decap DEV_DOWN(tunl0)',
    end: 'decap DEV_MISSING(eth0)',
  },
  'a FORWARD chain that drops by default': {
    encap: 'ipip',
    lines: ['n2$ iptables -F FORWARD', 'n2$ iptables -P FORWARD DROP'],
    ask: ping(A, B),
    cause: 'remote.fwd NF_CHAIN_POLICY_DROP(filter/FORWARD)',
  },
  'a rule of somebody’s on the first node': {
    encap: 'ipip',
    lines: ['n1$ iptables -I FORWARD -p icmp -j DROP'],
    ask: ping(A, B),
    cause: 'host.fwd NF_DROP(filter/FORWARD)',
  },
  'a policy that ends at the receiver': {
    encap: 'ipip',
    objects: [
      calico('GlobalNetworkPolicy', 'p', { selector: "projectcalico.org/namespace == 'default'", types: ['Ingress'] }),
    ],
    ask: ping(A, B),
    cause: 'remote.fwd POLICY_DENY(ingress end of tier default)',
  },
  'a pod that asks its own node': {
    encap: 'ipip',
    objects: [calico('FelixConfiguration', 'default', { defaultEndpointToHostAction: 'Drop' })],
    ask: ping(A, 'node/n1'),
    cause: 'host.input WL_TO_HOST_DROP',
  },
  'a packet that is longer than the tunnel takes': {
    encap: 'ipip',
    lines: ['n1$ ip link set tunl0 mtu 1300'],
    ask: ping(A, B, 1400),
    cause: 'encap MTU_EXCEEDED(1428 > 1300)',
  },
  'a strict reverse path filter on the tunnel': {
    encap: 'ipip',
    lines: [
      'n2$ sysctl -w net.ipv4.conf.tunl0.rp_filter=1',
      'n2$ ip route del 192.168.1.0/26',
      'n2$ ip route add 192.168.1.0/26 via 10.2.0.11',
    ],
    ask: ping(A, B),
    cause: 'decap RPF_DROP(tunl0)',
  },
  'an answer for which the receiver’s node has no route': {
    encap: 'ipip',
    lines: ['n2$ ip route del 192.168.1.0/26'],
    ask: ping(A, B),
    cause: 'reply.host.fib NO_ROUTE(eth0)',
    end: 'reply.underlay UNDERLAY_NO_ROUTE(192.168.1.2)',
  },
  'a forwarding entry that is gone': {
    encap: 'vxlan',
    lines: ['n1$ bridge fdb del $(MAC) dev vxlan.calico'],
    ask: ping(A, B),
    cause: 'encap FDB_WRONG_HOST(vxlan.calico)',
  },
  'a port where nothing listens': {
    encap: 'ipip',
    ask: tcp(A, B, 81, false),
    cause: 'pod.rx PORT_CLOSED(81)',
  },
}

describe('where a packet is lost', () => {
  it.each(Object.entries(ROWS))('%s', (_, { encap, lines = [], objects = [], ask, cause, end = cause }) => {
    const lab = clusterLab({ encap, objects })
    const fdb = lab.sh('n1', 'bridge fdb show dev vxlan.calico').stdout.split(' ')[0] ?? ''
    broken(lab, ...lines.map((line) => line.replace('$(MAC)', fdb)))
    expect(losses(ask(lab), lab)).toEqual([cause, end])
  })

  it('is nowhere, when an answer came', () => {
    const lab = clusterLab({ encap: 'ipip' })
    expect(losses(ping(A, B)(lab), lab)).toEqual(['', ''])
  })
})
