// Addresses that stand for those of pods: what Felix and BIRD of a cluster's nodes make of the annotation.
import { describe, expect, test } from 'vitest'
import type { Cluster, KnownResource } from '../../src/control/index.ts'
import { iptablesRuleText } from '../../src/linux/index.ts'
import { describeIssue } from '../../src/model/index.ts'
import { build, node, object, pod, pool, routesMatching } from './cluster-objects.ts'

const NODES = [node('n1', '172.18.0.2/16'), node('n2', '172.18.0.3/16')]
const POOLS = [pool('p', '10.65.0.0/16', { natOutgoing: true }), pool('floats', '203.0.113.0/24')]
const ON = object('FelixConfiguration', 'default', { floatingIPs: 'Enabled' })

function floating(text: string): KnownResource {
  return pod('a', 'n1', { ip: '10.65.0.4', annotations: { 'cni.projectcalico.org/floatingIPs': text } })
}

function chainOf(cluster: Cluster, at: string, chain: string): string[] {
  const { rules } = cluster.network.namespaces[at]!.iptables!.tables.nat!.chains[chain]!
  const texts = rules.map((rule) => iptablesRuleText(chain, rule, 'inet'))
  return texts.map((text) => text.replace(/ -m comment --comment "cali:[\w-]{16}"/, ''))
}

describe('on the node of the pod (facts/felix-iptables.md §3)', () => {
  const cluster = build([...NODES, ...POOLS, ON, floating('["203.0.113.9","198.51.100.7","2001:db8::7"]')])

  test('packets to a floating address are translated, those of the pod only towards itself', () => {
    expect(chainOf(cluster, 'n1', 'cali-fip-dnat')).toEqual([
      '-A cali-fip-dnat -d 198.51.100.7/32 -j DNAT --to-destination 10.65.0.4',
      '-A cali-fip-dnat -d 203.0.113.9/32 -j DNAT --to-destination 10.65.0.4',
    ])
    expect(chainOf(cluster, 'n1', 'cali-fip-snat')).toEqual([
      '-A cali-fip-snat -s 10.65.0.4/32 -d 10.65.0.4/32 -j SNAT --to-source 198.51.100.7 --random-fully',
    ])
    expect(chainOf(cluster, 'n2', 'cali-fip-dnat')).toEqual([])
  })

  test('the address is routed to the pod, without an entry of its own among the neighbours', () => {
    const dev = cluster.workloadEndpoints[0]!.interfaceName
    expect(routesMatching(cluster, 'n1', /^203\.0\.113\.9|^198\.51/)).toEqual([
      `198.51.100.7 dev ${dev} scope link`,
      `203.0.113.9 dev ${dev} scope link`,
    ])
  })

  test('other nodes learn it by BGP where a pool has it', () => {
    expect(routesMatching(cluster, 'n2', /^203\.|^198\./)).toEqual(['203.0.113.9 via 172.18.0.2 dev eth0 proto bird'])
  })
})

test('where Felix writes the routes between nodes nobody else learns of it', () => {
  const vxlan = [
    pool('p', '10.65.0.0/16', { vxlanMode: 'Always' }),
    pool('f', '203.0.113.0/24', { vxlanMode: 'Always' }),
  ]
  const cluster = build([...NODES, ...vxlan, ON, floating('["203.0.113.9"]')])
  expect(routesMatching(cluster, 'n2', /^203\./)).toEqual([])
})

test.each<[name: string, items: readonly KnownResource[], text: string, warning: RegExp]>([
  ['nobody switched them on', [], '["203.0.113.9"]', /expected floatingIPs: Enabled/],
  ['the list is none', [ON], '203.0.113.9', /expected a JSON list of addresses/],
])('%s: a warning, and nothing else', (_name, items, text, warning) => {
  const cluster = build([...NODES, ...POOLS, ...items, floating(text)])
  expect(chainOf(cluster, 'n1', 'cali-fip-dnat')).toEqual([])
  expect(routesMatching(cluster, 'n1', /^203\./)).toEqual([])
  expect(cluster.findings.warnings.map(describeIssue)).toEqual([expect.stringMatching(warning)])
  expect(cluster.findings.notes.filter(({ topic }) => topic === 'annotations')).toEqual([])
})
