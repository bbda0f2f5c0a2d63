// What failures are blamed on and what answers are worth: of clusters in which one thing is broken, each in turn; of clusters with one
// setting or object otherwise; of policies and Services drawn from seeds.
import fc from 'fast-check'
import { describe } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { InputError, routesOf } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { clusterLab, type Encap } from '../diagnose/small-cluster.ts'
import { randomCluster } from '../oracle/policy/clusters.ts'
import { randomServices } from '../oracle/services/clusters.ts'
import { textOf } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'
import { wholeCluster } from '../support/whole-cluster.ts'
import { OBJECT_VARIANTS } from './control-object-variants.ts'
import { SETTING_VARIANTS } from './control-setting-variants.ts'
import { UNDERLAY_VARIANTS } from './control-underlay-variants.ts'

type Ask = (lab: Lab) => Run

/** What is said of an answer. */
function told(lab: Lab, ask: Ask): string {
  try {
    const { outcome, certainty, notes, diagnosis } = ask(lab)
    return textOf({ outcome, certainty, notes, diagnosis })
  } catch (error) {
    if (error instanceof InputError) return textOf(error.issues)
    throw error
  }
}

const ASKS: readonly Ask[] = [
  (lab) => lab.ping('default/a', 'default/b'),
  (lab) => lab.ping('default/a', 'default/d', { size: 1440, pmtudisc: 'do' }),
  (lab) => lab.ping('default/a', 'fd00:10:0:2::3'),
  (lab) => lab.tcp('default/b', 'default/a', 80, { timeout: 2 }),
]

/** Commands that break one thing of a machine, by what it has. */
function breakages(lab: Lab, where: string, encap: Encap): string[] {
  const ns = lab.network.namespaces[where]!
  const dsts = routesOf(lab.network, ns).flatMap(({ dst, table, type }) =>
    table !== 'local' && type !== 'local' && type !== 'multicast' && !dst.startsWith('fe80') && !dst.startsWith('ff00')
      ? [dst]
      : [],
  )
  const six = (dst: string): string => (dst.includes(':') ? '-6 ' : '')
  const devices = Object.keys(ns.interfaces).filter((name) => name !== 'lo')
  return [
    ...[...new Set(dsts)].flatMap((dst) => [
      `ip ${six(dst)}route del ${dst}`,
      `ip ${six(dst)}route add blackhole ${dst} metric 1`,
    ]),
    ...devices.flatMap((dev) => [
      `ip link set ${dev} down`,
      `ip link set ${dev} mtu 1280`,
      `ip addr flush dev ${dev}`,
      `ip neigh flush dev ${dev}`,
      `sysctl -w net.ipv4.conf.${dev.replaceAll('.', '/')}.rp_filter=1`,
      `sysctl -w net.ipv4.conf.${dev.replaceAll('.', '/')}.proxy_arp=0`,
      `sysctl -w net.ipv6.conf.${dev.replaceAll('.', '/')}.disable_ipv6=1`,
    ]),
    ...[
      'net.ipv4.ip_forward=0',
      'net.ipv6.conf.all.forwarding=0',
      'net.ipv4.icmp_echo_ignore_all=1',
      'net.ipv4.conf.all.rp_filter=1',
    ].map((one) => `sysctl -w ${one}`),
    ...['INPUT', 'FORWARD', 'OUTPUT'].flatMap((chain) => [
      `iptables -P ${chain} DROP`,
      `iptables -I ${chain} -j REJECT`,
      `ip6tables -I ${chain} -j DROP`,
      `iptables -I ${chain} ${encap === 'ipip' ? '-p 4' : '-p udp'} -j DROP`,
    ]),
    'iptables -t nat -F',
    'iptables -F',
    'iptables -t raw -I PREROUTING -j DROP',
    'ip rule del pref 99',
    'ip rule add pref 50 to 192.168.0.0/16 blackhole',
  ]
}

const ENCAPS: readonly Encap[] = ['none', 'ipip', 'vxlan', 'wireguard']
const PLACES: Readonly<Record<Encap, readonly string[]>> = {
  none: ['n1', 'default/a'],
  ipip: ['n2'],
  vxlan: ['n3'],
  wireguard: ['n1'],
}

describe.each(ENCAPS)('%s with something broken', (encap) => {
  const lab = clusterLab({ encap })
  const whole = lab.snapshot()
  const lines = PLACES[encap].flatMap((where) => breakages(lab, where, encap).map((line) => `${where}$ ${line}`))
  goldens(`diagnoses-${encap}`, lines, (line) => {
    const [where = '', command = ''] = line.split('$ ')
    lab.restore(whole)
    const { stderr } = lab.sh(where, command)
    const now = lab.snapshot()
    return stderr + ASKS.map((ask) => told(lab.restore(now), ask)).join('')
  })
})

function labOf(objects: readonly object[]): Lab {
  return Lab.load({ name: 'c.json', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) })
}

/** The answers in a cluster; or why it is refused. */
function answers(objects: readonly object[], asks: readonly Ask[]): string {
  try {
    const lab = labOf(objects)
    const whole = lab.snapshot()
    return textOf(lab.notes) + asks.map((ask) => told(lab.restore(whole), ask)).join('')
  } catch (error) {
    if (error instanceof InputError) return textOf(error.issues)
    throw error
  }
}

describe('a cluster with something otherwise', () => {
  const objects = wholeCluster('small')
  const variants = new Map([
    ...SETTING_VARIANTS.filter((_, i) => i % 20 === 3),
    ...OBJECT_VARIANTS.filter((_, i) => i % 16 === 5),
    ...UNDERLAY_VARIANTS.filter((_, i) => i % 8 === 2),
  ])
  const asks: readonly Ask[] = [
    (lab) => lab.ping('default/a', 'default/b'),
    (lab) => lab.ping('default/b', 'default/v'),
    (lab) => lab.tcp('default/a', 'svc/s', 80, { timeout: 2 }),
    (lab) => lab.tcp('node/n1', 'default/b', 9090, { timeout: 2 }),
    (lab) => lab.udp('default/b', 'node/n1', 53),
  ]
  goldens('diagnoses-variants', [...variants.keys()], (key) => answers(variants.get(key)!(objects), asks))
})

describe('policies drawn', () => {
  const drawn = fc.sample(randomCluster(), { seed: 3, numRuns: 30 })
  goldens(
    'diagnoses-policies',
    drawn.map((_, i) => String(i)),
    (key) => {
      const { objects } = drawn[Number(key)]!
      const pods = objects.flatMap(({ kind, metadata }) =>
        kind === 'Pod' ? [`${metadata.namespace}/${metadata.name}`] : [],
      )
      const [a, b] = pods as [string, string]
      return answers(objects, [
        (lab) => lab.tcp(a, b, 8080, { timeout: 2 }),
        (lab) => lab.udp(b, a, 53),
        (lab) => lab.ping(a, b),
        (lab) => lab.tcp('node/n1', b, 80, { timeout: 2 }),
        (lab) => lab.tcp(a, 'node/n2', 22, { timeout: 2 }),
      ])
    },
  )
})

describe('Services drawn', () => {
  const drawn = fc.sample(randomServices(), { seed: 3, numRuns: 20 })
  goldens(
    'diagnoses-services',
    drawn.map((_, i) => String(i)),
    (key) => {
      const { objects, probes } = drawn[Number(key)]!
      const inside = probes.filter(({ from }) => from.includes('/') && !from.startsWith('host:')).slice(0, 4)
      return answers(
        objects,
        inside.map(
          ({ from, to, protocol, port }): Ask =>
            (lab) =>
              protocol === 'UDP' ? lab.udp(from, to, port) : lab.tcp(from, to, port, { timeout: 2 }),
        ),
      )
    },
  )
})
