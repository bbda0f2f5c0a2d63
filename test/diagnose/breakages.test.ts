// Whatever breaks, an answer that is no success says where to look: every failing or undecided one ends with commands.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import { renderText } from '../../src/render/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { runs } from '../properties/run.ts'
import { calico, clusterLab, type Encap, type Thing } from './small-cluster.ts'

const NODES = ['n1', 'n2', 'n3'] as const
const PODS = ['default/a', 'default/b', 'default/c', 'default/d'] as const
const DEVICES: Readonly<Record<string, readonly string[]>> = {
  n1: ['eth0', 'caliacd53aa4120', 'tunl0', 'vxlan.calico', 'wireguard.cali'],
  n2: ['eth0', 'califf6fc35a693', 'calidbc51878acf', 'tunl0', 'vxlan.calico', 'wireguard.cali'],
  n3: ['eth0', 'tunl0', 'vxlan.calico'],
}

const place = fc.constantFrom(...NODES, ...PODS)
const device = (where: string): fc.Arbitrary<string> => fc.constantFrom(...(DEVICES[where] ?? ['eth0']))
const range = fc.constantFrom('192.168.1.0/26', '192.168.2.0/26', '192.168.2.3', '192.168.3.0/26', 'default')
const range6 = fc.constantFrom('fd00:10:0:1::/122', 'fd00:10:0:2::/122', 'fd00:10:0:2::3', 'default')

/** A command that may break something; one that fits nothing there is refused, and breaks nothing. */
const breakage: fc.Arbitrary<readonly [where: string, line: string]> = place.chain((where) =>
  fc
    .oneof(
      range.map((one) => `ip route del ${one}`),
      range6.map((one) => `ip -6 route del ${one}`),
      range.filter((one) => one !== 'default').map((one) => `ip route add blackhole ${one}`),
      range.filter((one) => one !== 'default').map((one) => `ip route add prohibit ${one} metric 1`),
      device(where).map((dev) => `ip link set ${dev} down`),
      fc.tuple(device(where), fc.constantFrom(1280, 1400, 9000)).map(([dev, mtu]) => `ip link set ${dev} mtu ${mtu}`),
      device(where).map((dev) => `ip addr flush dev ${dev}`),
      device(where).map((dev) => `ip neigh flush dev ${dev}`),
      fc
        .constantFrom(
          'net.ipv4.ip_forward=0',
          'net.ipv6.conf.all.forwarding=0',
          'net.ipv4.conf.all.rp_filter=1',
          'net.ipv4.icmp_echo_ignore_all=1',
          'net.ipv6.conf.all.disable_ipv6=1',
        )
        .map((one) => `sysctl -w ${one}`),
      device(where).map((dev) => `sysctl -w net.ipv4.conf.${dev}.proxy_arp=0`),
      fc.constantFrom('INPUT', 'FORWARD', 'OUTPUT').map((chain) => `iptables -P ${chain} DROP`),
      fc.constantFrom('-p icmp', '-p tcp', '-p udp', '-p 4').map((match) => `iptables -I INPUT ${match} -j DROP`),
      fc.constant('iptables -t nat -F'),
    )
    .map((line) => [where, line] as const),
)

const object: fc.Arbitrary<Thing> = fc.constantFrom<Thing>(
  calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false }),
  calico('FelixConfiguration', 'node.n2', { vxlanVNI: 77 }),
  calico('FelixConfiguration', 'node.n2', { vxlanPort: 4790 }),
  calico('GlobalNetworkPolicy', 'p', { selector: 'all()', types: ['Ingress'] }),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'calico-config', namespace: 'kube-system' },
    data: { calico_backend: 'none' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default' },
    spec: { clusterIP: '10.96.0.7' },
  },
)

/** By address: a machine that has lost its own is still asked for. */
const DESTINATIONS = [
  ...['192.168.1.2', '192.168.2.3', '192.168.2.4', '192.168.3.5', '10.2.0.11', '10.2.0.12'],
  ...['192.168.2.40', '192.168.9.9', '10.2.0.99', '8.8.8.8', '10.96.0.7'],
  ...['fd00:10:0:2::3', 'fd00:10:0:3::5', 'fd0e:2::99'],
] as const

type Ask = (lab: Lab, from: string, to: string) => Run
const asks: readonly Ask[] = [
  (lab, from, to) => lab.ping(from, to),
  (lab, from, to) => lab.ping(from, to, { size: 1440, pmtudisc: 'do' }),
  (lab, from, to) => lab.udp(from, to, 4789),
  (lab, from, to) => lab.tcp(from, to, 80, { timeout: 2 }),
  (lab, from, to) => lab.tcp(from, to, 80, { server: false, timeout: 2 }),
]

describe('a cluster in which something is broken', () => {
  it('ends every answer that is no success with commands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Encap>('none', 'ipip', 'vxlan', 'wireguard'),
        fc.array(object, { maxLength: 1 }),
        fc.array(breakage, { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.tuple(
            fc.constantFrom(...PODS, 'node/n1', 'node/n3'),
            fc.constantFrom(...DESTINATIONS),
            fc.constantFrom(...asks),
          ),
          { minLength: 4, maxLength: 4 },
        ),
        (encap, objects, lines, flows) => {
          const lab = clusterLab({ encap, objects })
          for (const [where, line] of lines) lab.sh(where, line)
          for (const [from, to, ask] of flows) {
            const { trace, diagnosis, certainty } = ask(lab, from, to)
            const seen = { from, to, summary: trace.summary, diagnosis }
            if (!trace.ok) {
              expect(diagnosis, JSON.stringify(seen)).toHaveLength(1)
              expect(diagnosis[0]!.checks.length, JSON.stringify(seen)).toBeGreaterThan(0)
              for (const check of diagnosis[0]!.checks)
                expect(check, JSON.stringify(seen)).toMatch(/^[a-z0-9-]+ \S.*\S$/)
              expect(JSON.stringify(diagnosis)).not.toMatch(/undefined|NaN|\(on \)|\(on switch/)
            }
            if (trace.ok && certainty !== 'undecided') continue
            expect(
              renderText(trace)
                .trimEnd()
                .split('\n')
                .some((text) => text.startsWith('Check: ')),
              JSON.stringify(seen),
            ).toBe(true)
          }
        },
      ),
      runs(20),
    )
  })
})
