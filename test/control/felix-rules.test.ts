import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/control/index.ts'
import { iptablesRuleText } from '../../src/linux/index.ts'
import { build, node, object, pool } from './cluster-objects.ts'

const NODES = [node('node1', '172.18.0.2/16'), node('node2', '172.18.0.3/16')]

/** The `cali:` hashes of a chain of node1's nat table. */
function hashes(cluster: Cluster, chain: string): string[] {
  return printed(cluster, chain).map(hashOf)
}

function hashOf(text: string): string {
  return /cali:([\w-]{16})/.exec(text)![1]!
}

function printed(cluster: Cluster, chain: string): string[] {
  const { rules } = cluster.network.namespaces['node1']!.iptables!.tables.nat!.chains[chain]!
  return rules.map((rule) => iptablesRuleText(chain, rule, 'inet'))
}

function texts(cluster: Cluster, chain: string): string[] {
  return printed(cluster, chain).map((text) => text.replace(/ -m comment --comment "cali:[\w-]{16}"/, ''))
}

const IPIP = pool('p', '192.168.0.0/16', { ipipMode: 'Always', natOutgoing: true })
const VXLAN = pool('p', '192.168.0.0/16', { vxlanMode: 'Always', natOutgoing: true })

describe('nat table (facts/felix-iptables.md §3, §7)', () => {
  test.each([
    ['PREROUTING', ['6gwbT8clXdHdC1b1']],
    ['OUTPUT', ['tVnHkvAo15HuiPy0']],
    ['cali-PREROUTING', ['r6XmIziWUJsdOK6Z']],
    ['cali-OUTPUT', ['GBTAv2p5CwevEyJm']],
    ['cali-POSTROUTING', ['Z-c7XtVd2Bq7s_hA', 'nYKhEzDlr11Jccal', 'SXWvdsbh4Mw7wOln']],
  ])('hashes of %s are those of a real cluster', (chain, want) => {
    expect(hashes(build([...NODES, IPIP], 'v3.28.0'), chain)).toEqual(want)
  })

  test.each([
    ['v3.28.0', 'O3lYWMrLQYEMJtB5'],
    ['v3.29.0', '0i8pjzKKPyA34aQD'],
  ])('POSTROUTING in %s', (version, want) => {
    expect(hashes(build([...NODES, IPIP], version), 'POSTROUTING')).toEqual([want])
  })

  test.each([
    ['v3.32.0', 'flqWnvo8yq4ULQLa'],
    ['v3.33.0', 'W_qq_N2KSTWyCvrX'],
  ])('cali-nat-outgoing in %s', (version, want) => {
    expect(hashes(build([...NODES, IPIP], version), 'cali-nat-outgoing')).toEqual([want])
  })

  test('the words of iptables-save', () => {
    const cluster = build([...NODES, VXLAN], 'v3.30.0')
    expect(texts(cluster, 'cali-nat-outgoing')).toEqual([
      '-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully',
    ])
    expect(texts(cluster, 'cali-POSTROUTING')[2]).toBe(
      '-A cali-POSTROUTING -o vxlan.calico -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE --random-fully',
    )
  })

  test('sets: ranges with natOutgoing, and all ranges; one inside another is left out', () => {
    const cluster = build([...NODES, IPIP, pool('q', '10.9.0.0/16')], 'v3.30.0')
    const sets = cluster.network.namespaces['node1']!.ipsets!
    expect(sets['cali40masq-ipam-pools']!.members).toEqual(['192.168.0.0/16'])
    expect(sets['cali40all-ipam-pools']!.members).toEqual(['192.168.0.0/16', '10.9.0.0/16'])
    expect(sets['cali40all-hosts-net']!.members).toEqual(['172.18.0.2', '172.18.0.3'])
  })

  test('without natOutgoing the chain is empty; natOutgoingAddress makes it SNAT', () => {
    const off = build([...NODES, pool('p', '192.168.0.0/16')], 'v3.30.0')
    expect(texts(off, 'cali-nat-outgoing')).toEqual([])
    const felix = object('FelixConfiguration', 'default', {
      natOutgoingAddress: '172.18.9.9',
      natOutgoingExclusions: 'IPPoolsAndHostIPs',
    })
    expect(texts(build([...NODES, IPIP, felix], 'v3.30.0'), 'cali-nat-outgoing')).toEqual([
      '-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -m set ! --match-set cali40all-hosts-net dst -j SNAT --to-source 172.18.9.9 --random-fully',
    ])
  })

  test('equal nodes share the chains and sets that are not about their pods', () => {
    const cluster = build([...NODES, IPIP])
    const [a, b] = ['node1', 'node2'].map((name) => cluster.network.namespaces[name]!)
    for (const [table, chain] of [
      ['nat', 'cali-nat-outgoing'],
      ['filter', 'cali-INPUT'],
      ['raw', 'cali-PREROUTING'],
    ] as const) {
      expect(a!.iptables!.tables[table]!.chains[chain]).toBe(b!.iptables!.tables[table]!.chains[chain])
    }
    expect(a!.ipsets!['cali40all-ipam-pools']).toBe(b!.ipsets!['cali40all-ipam-pools'])
    expect(a!.ipsets!['cali40this-host']!.members).toEqual(['127.0.0.1', '172.18.0.2', '192.168.166.128'])
    expect(b!.ipsets!['cali40this-host']!.members).toEqual(['127.0.0.1', '172.18.0.3', '192.168.104.0'])
  })
})
