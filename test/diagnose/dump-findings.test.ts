// What a failure is blamed on when dumps alone are known: no object says what Calico wanted, the machines say what they do.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { FindingCode } from '../../src/model/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { broken, clusterLab, type Encap } from './small-cluster.ts'

const [A, B] = ['192.168.1.2', '192.168.2.3']
const [POD_A, POD_B] = ['pod-192.168.1.2', 'pod-192.168.2.3']
const CALI_B = 'califf6fc35a693'

interface Row {
  readonly encap?: Encap
  /** Typed on the real machines before they were dumped. */
  readonly lines: readonly string[]
  readonly code: FindingCode
  readonly at: string
  readonly what?: string
  readonly because?: string
  readonly right?: string
  /** File and line that decided. */
  readonly origin?: RegExp
  readonly checks: readonly string[]
}

const ROWS: Readonly<Record<string, Row>> = {
  'a route of BIRD’s is not there, others are': {
    lines: ['n1$ ip route del 192.168.2.0/26'],
    code: 'route_missing',
    at: 'n1 eth0',
    what: 'n1 has no route to 192.168.2.3 (pod-192.168.2.3 on n2)',
    because: 'n1 has other routes of BIRD’s',
    right: 'n1 needs a route to 192.168.2.0/26 that leads to n2',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'ip route show 192.168.2.0/26   (on n1)',
      'birdcl show protocols   (on n1)',
    ],
  },
  'a route of Felix’s is not there, others are': {
    encap: 'vxlan',
    lines: ['n1$ ip route del 192.168.2.0/26'],
    code: 'route_missing',
    at: 'n1 eth0',
    because: 'n1 has other routes of Felix’s',
    checks: [
      'ip route get 192.168.2.3   (on n1)',
      'ip route show 192.168.2.0/26   (on n1)',
      'ip route show proto 80   (on n1)',
    ],
  },
  'the way back is not there': {
    lines: ['n2$ ip route del 192.168.1.0/26'],
    code: 'route_missing',
    at: 'n2 eth0',
    what: 'n2 has no route to 192.168.1.2 (pod-192.168.1.2 on n1)',
    checks: [
      'ip route get 192.168.1.2   (on n2)',
      'ip route show 192.168.1.0/26   (on n2)',
      'birdcl show protocols   (on n2)',
    ],
  },
  'forwarding is off': {
    lines: ['n2$ sysctl -w net.ipv4.conf.all.forwarding=0'],
    code: 'forwarding_off',
    at: 'n2 eth0',
    checks: ['sysctl net.ipv4.ip_forward net.ipv4.conf.eth0.forwarding   (on n2)'],
  },
  'a rule drops it': {
    lines: ['n2$ iptables -I FORWARD -d 192.168.2.3 -j DROP'],
    code: 'rule_drops',
    at: `n2 ${CALI_B}`,
    what: '-d 192.168.2.3/32 -j DROP',
    origin: /^n2\/iptables\.txt \d+$/,
    checks: ['iptables -t filter -nvL FORWARD --line-numbers   (on n2)'],
  },
  'a card is down': {
    lines: ['n2$ ip link set eth0 down'],
    code: 'link_down',
    at: 'n2 eth0',
    checks: ['ip -d link show eth0   (on n2)'],
  },
  'the tunnel is down': {
    encap: 'ipip',
    lines: ['n2$ ip link set tunl0 down'],
    code: 'link_down',
    at: 'n2 tunl0',
    checks: ['ip -d link show tunl0   (on n2)'],
  },
  'a forwarding entry of the tunnel is not there': {
    encap: 'vxlan',
    lines: ['n1$ bridge fdb del $(VTEP) dev vxlan.calico'],
    code: 'fdb_missing',
    at: 'n1 vxlan.calico',
    checks: ['bridge fdb show dev vxlan.calico   (on n1)', 'ip neigh show dev vxlan.calico   (on n1)'],
  },
  'the source is looked for behind another interface': {
    lines: [
      'n2$ sysctl -w net.ipv4.conf.all.rp_filter=1',
      'n2$ sysctl -w net.ipv4.conf.eth0.rp_filter=1',
      `n2$ ip route replace 192.168.1.0/26 dev ${CALI_B}`,
    ],
    code: 'rp_filter',
    at: 'n2 eth0',
    checks: [
      'sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.eth0.rp_filter   (on n2)',
      'ip route get 192.168.1.2   (on n2)',
      'nstat -az TcpExtIPReversePathFilter   (on n2)',
    ],
  },
}

describe('first cause: from dumps alone', () => {
  it.each(Object.entries(ROWS))('%s', (_name, row) => {
    const real = clusterLab(row.encap === undefined ? {} : { encap: row.encap })
    const vtep = real.network.namespaces['n2']?.interfaces['vxlan.calico']?.mac ?? ''
    const machines = broken(real, ...row.lines.map((line) => line.replace('$(VTEP)', vtep)))
    const lab = Lab.fromDumps(simulatedDumps(machines, ['n1', 'n2', 'n3']))
    expect(lab.pods).toEqual(expect.arrayContaining([POD_A, POD_B]))
    const { diagnosis, ok, trace } = lab.ping(A, B)
    expect(ok).toBe(false)
    const [found, ...more] = diagnosis
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: row.code, checks: row.checks })
    expect(`${found!.netns} ${found!.dev}`).toBe(row.at)
    for (const part of ['what', 'because', 'right'] as const) if (row[part]) expect(found![part]).toContain(row[part])
    if (row.origin) expect(`${found!.origin?.file} ${found!.origin?.line}`).toMatch(row.origin)
    expect(trace.summary).toContain(found!.right)
  })
})
