import { describe, expect, test } from 'vitest'
import { marksOf } from '../../../src/control/felix/rules/marks.ts'
import type { FelixTableName } from '../../../src/control/felix/rules/shared-chains.ts'
import { parsePrefix } from '../../../src/wire/index.ts'
import { build, node, object, pool } from '../cluster-objects.ts'
import { context, rulesetOf, textsOf } from './node-policies.ts'

const of = (settings: object = {}, parts: Parameters<typeof context>[1] = {}, version = 'v3.32.0') =>
  rulesetOf({}, context(version, parts, settings as Record<string, unknown>))

describe('the filter table (facts/felix-iptables.md §3)', () => {
  test.each([
    [{}, '-j ACCEPT'],
    [{ defaultEndpointToHostAction: 'Drop' }, '-j DROP'],
    [{ defaultEndpointToHostAction: 'RETURN' }, '-j RETURN'],
  ])('from a pod to its node: %j', (settings, want) => {
    expect(textsOf(of(settings), 'filter', 'cali-wl-to-host')).toEqual([
      '-j cali-from-wl-dispatch',
      `-m comment --comment "Configured DefaultEndpointToHostAction" ${want}`,
    ])
  })

  test('IPv6 lets through what no link works without', () => {
    const lines = textsOf(of({}, { family: 6 }), 'filter', 'cali-wl-to-host', 'inet6')
    expect(lines.slice(0, 6)).toEqual(
      [130, 131, 132, 133, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`),
    )
    expect(lines[6]).toBe('-j cali-from-wl-dispatch')
  })

  test.each<[string, object, object, string[]]>([
    ['none', {}, {}, []],
    [
      'IPIP',
      {},
      { enabled: ['tunl0'] },
      [
        '-p ipencap -m comment --comment "Allow IPIP packets to other Calico hosts" -m set --match-set cali40all-hosts-net dst -m addrtype --src-type LOCAL -j ACCEPT',
      ],
    ],
    [
      'VXLAN on a port of its own',
      {},
      { enabled: ['vxlan.calico'], vxlanPort: 4790 },
      [
        '-p udp -m comment --comment "Allow IPv4 VXLAN packets to other allowed hosts" -m multiport --dports 4790 -m addrtype --src-type LOCAL -m set --match-set cali40all-vxlan-net dst -j ACCEPT',
      ],
    ],
    [
      'VXLAN over IPv6',
      {},
      { enabled: ['vxlan-v6.calico'], family: 6 },
      [
        '-p udp -m comment --comment "Allow IPv6 VXLAN packets to other allowed hosts" -m multiport --dports 4789 -m addrtype --src-type LOCAL -m set --match-set cali60all-vxlan-net dst -j ACCEPT',
      ],
    ],
    ['VXLAN of the other family', {}, { enabled: ['vxlan.calico'], family: 6 }, []],
    [
      'WireGuard',
      {},
      { enabled: ['wireguard.cali'] },
      [
        '-p udp -m comment --comment "Allow outgoing IPv4 Wireguard packets" -m multiport --dports 51820 -m addrtype --src-type LOCAL -j ACCEPT',
      ],
    ],
  ])('tunnels out of the node: %s', (_, settings, parts, want) => {
    const family = (parts as { family?: number }).family === 6 ? 'inet6' : 'inet'
    expect(textsOf(of(settings, parts), 'filter', 'cali-OUTPUT', family).slice(2, -3)).toEqual(want)
  })

  test('IPv6 VXLAN from elsewhere is denied as policy denies, IPv4 is dropped', () => {
    const denied = (parts: object, family: 'inet' | 'inet6') =>
      textsOf(of({ iptablesFilterDenyAction: 'Reject' }, parts), 'filter', 'cali-INPUT', family)[1]
    expect(denied({ enabled: ['vxlan.calico'] }, 'inet')).toBe(
      '-p udp -m comment --comment "Drop IPv4 VXLAN packets from non-allowed hosts" -m multiport --dports 4789 -m addrtype --dst-type LOCAL -j DROP',
    )
    expect(denied({ enabled: ['vxlan-v6.calico'], family: 6 }, 'inet6')).toBe(
      '-p udp -m comment --comment "Reject IPv6 VXLAN packets from non-allowed hosts" -m multiport --dports 4789 -m addrtype --dst-type LOCAL -j REJECT --reject-with icmp6-port-unreachable',
    )
    expect(denied({ enabled: ['tunl0'] }, 'inet')).toBe(
      '-p ipencap -m comment --comment "Reject IPIP packets from non-Calico hosts" -j REJECT --reject-with icmp-port-unreachable',
    )
  })

  test('before VXLAN over IPv6, comments name no family', () => {
    expect(textsOf(of({}, { enabled: ['vxlan.calico'] }, 'v3.22.0'), 'filter', 'cali-INPUT')[0]).toContain(
      '"Allow VXLAN packets from allowed hosts"',
    )
  })

  test.each([
    [{}, '-j DROP'],
    [{ serviceLoopPrevention: 'Reject' }, '-j REJECT --reject-with icmp-port-unreachable'],
    [{ serviceLoopPrevention: 'Disabled' }, undefined],
  ])('service addresses that nothing translated: %j', (settings, want) => {
    const serviceRanges = [parsePrefix('10.96.0.0/12')!, parsePrefix('198.18.0.0/24')!]
    expect(textsOf(of(settings, { serviceRanges }), 'filter', 'cali-cidr-block')).toEqual(
      want === undefined ? [] : [`-d 10.96.0.0/12 ${want}`, `-d 198.18.0.0/24 ${want}`],
    )
  })

  test('another prefix of interfaces, other bits of the mark', () => {
    const forward = textsOf(
      of({}, { interfacePrefix: 'tap', marks: marksOf(0x1ff, false, true) }),
      'filter',
      'cali-FORWARD',
    )
    expect(forward.slice(0, 3)).toEqual([
      '-j MARK --set-xmark 0x0/0x1a',
      '-m mark --mark 0x0/0x1 -j cali-from-hep-forward',
      '-i tap+ -j cali-from-wl-dispatch',
    ])
  })
})

describe('where Felix stands in chains of the kernel (§1)', () => {
  const jumps = (table: FelixTableName, chain: string, settings: object, version = 'v3.32.0') =>
    textsOf(of(settings, {}, version), table, chain).map((line) => line.replace(/-m comment --comment "[^"]*" /, ''))
  test.each<[object, string, string[]]>([
    [
      {},
      'v3.32.0',
      ['-j cali-FORWARD', '-m mark --mark 0x10000/0x10000 -j ACCEPT', '-j MARK --set-xmark 0x10000/0x10000'],
    ],
    [
      { chainInsertMode: 'Append', iptablesFilterAllowAction: 'Return' },
      'v3.32.0',
      ['-j cali-FORWARD', '-m mark --mark 0x10000/0x10000 -j RETURN', '-j MARK --set-xmark 0x10000/0x10000'],
    ],
  ])('%j', (settings, version, want) => {
    expect(jumps('filter', 'FORWARD', settings, version)).toEqual(want)
  })
})

describe('the raw and mangle tables (§3)', () => {
  test('VXLAN is not tracked, either way', () => {
    const node = of({}, { enabled: ['vxlan.calico'] })
    expect(textsOf(node, 'raw', 'cali-PREROUTING')[1]).toBe('-p udp -m udp --dport 4789 -j NOTRACK')
    expect(textsOf(node, 'raw', 'cali-OUTPUT')).toEqual([
      '-j MARK --set-xmark 0x0/0x1b0000',
      '-j cali-to-host-endpoint',
      '-p udp -m udp --dport 4789 -j NOTRACK',
      '-m mark --mark 0x10000/0x10000 -j ACCEPT',
    ])
  })

  test('what comes in encrypted between hosts is marked, so that its way back is right', () => {
    const parts = { marks: marksOf(0xffff0000, true, true), enabled: ['wireguard.cali'] as const }
    const on = of({}, { ...parts, wireguardHostEncryption: true })
    expect(textsOf(on, 'raw', 'cali-PREROUTING')[1]).toBe('-j cali-wireguard-incoming-mark')
    expect(textsOf(on, 'raw', 'cali-wireguard-incoming-mark')).toEqual([
      '-i lo -j RETURN',
      '-i wireguard.cali -j RETURN',
      '-i wg-v6.cali -j RETURN',
      '-i cali+ -j RETURN',
      '-j MARK --set-xmark 0x200000/0x200000',
    ])
    expect(Object.keys(of({}, parts).tables.raw!.chains)).not.toContain('cali-wireguard-incoming-mark')
  })

  test('a false source is denied as policy denies', () => {
    expect(textsOf(of({ iptablesFilterDenyAction: 'REJECT' }), 'raw', 'cali-PREROUTING')[3]).toBe(
      '-m mark --mark 0x80000/0x80000 -m rpfilter --validmark --invert -j REJECT --reject-with icmp-port-unreachable',
    )
  })

  test.each<[string, string[]]>([
    ['v3.30.0', []],
    [
      'v3.31.0',
      [
        '-m comment --comment "set dscp for traffic leaving cluster." -m set --match-set cali40dscp-src-net src -m set ! --match-set cali40all-ipam-pools dst -m set ! --match-set cali40this-host dst -j cali-egress-dscp',
      ],
    ],
  ])('mangle POSTROUTING of %s', (version, dscp) => {
    const marks = version === 'v3.30.0' || version === 'v3.31.0' ? '0x1b0000' : ''
    expect(textsOf(of({}, {}, version), 'mangle', 'cali-POSTROUTING')).toEqual([
      ...dscp,
      '-m mark --mark 0x10000/0x10000 -j RETURN',
      `-j MARK --set-xmark 0x0/${marks}`,
      '-m conntrack --ctstate DNAT -j cali-to-host-endpoint',
      '-m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 -j RETURN',
    ])
  })
})

describe('settings reach the tables of nodes', () => {
  const NODES = [node('node1', '172.18.0.2/16'), node('node2', '172.18.0.3/16')]
  const POOL = pool('p', '192.168.0.0/16', { vxlanMode: 'Always', natOutgoing: true })
  const felix = (spec: object, name = 'default') => object('FelixConfiguration', name, spec)
  const texts = (spec: object, table: FelixTableName, chain: string, version = 'v3.32.0', more: object[] = []) =>
    textsOf(
      build([...NODES, POOL, felix(spec), ...(more as never[])], version).network.namespaces['node1']!.iptables!,
      table,
      chain,
    )
  const SETS = '-m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst'

  test('natPortRange and the interface of translation', () => {
    expect(
      texts({ natPortRange: '32768:65535', iptablesNATOutgoingInterfaceFilter: 'eth0' }, 'nat', 'cali-nat-outgoing'),
    ).toEqual([
      `-o eth0 -p tcp ${SETS} -j MASQUERADE --to-ports 32768-65535 --random-fully`,
      `-o eth0 -p tcp ${SETS} -j RETURN`,
      `-o eth0 -p udp ${SETS} -j MASQUERADE --to-ports 32768-65535 --random-fully`,
      `-o eth0 -p udp ${SETS} -j RETURN`,
      `-o eth0 ${SETS} -j MASQUERADE --random-fully`,
    ])
    expect(texts({ natPortRange: 7, natOutgoingAddress: '172.18.9.9' }, 'nat', 'cali-nat-outgoing')[0]).toBe(
      `-p tcp ${SETS} -j SNAT --to-source 172.18.9.9:7 --random-fully`,
    )
  })

  test.each([
    [4789, '4790-65535'],
    [50000, '1024-49999'],
  ])('from v3.33 on UDP into tunnels keeps clear of port %d', (vxlanPort, range) => {
    expect(texts({ vxlanPort }, 'nat', 'cali-POSTROUTING', 'v3.33.0')[2]).toBe(
      `-o vxlan.calico -p udp -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE --to-ports ${range} --random-fully`,
    )
  })

  test('iptablesMarkMask, as number and as text', () => {
    for (const iptablesMarkMask of [0xff00, '0xff00'])
      expect(texts({ iptablesMarkMask }, 'filter', 'cali-FORWARD')[1]).toBe(
        '-m mark --mark 0x0/0x100 -j cali-from-hep-forward',
      )
  })

  test('externalNodesList: machines of others may send into tunnels', () => {
    const { ipsets } = build([...NODES, POOL, felix({ externalNodesList: ['10.9.0.0/16', '10.8.0.1', 'fd00::1'] })])
      .network.namespaces['node1']!
    expect(ipsets!['cali40all-hosts-net']!.members).toEqual(['172.18.0.2', '172.18.0.3', '10.9.0.0/16', '10.8.0.1'])
    expect(ipsets!['cali40all-vxlan-net']!.members).toEqual(['10.9.0.0/16', '10.8.0.1', '172.18.0.3'])
  })

  test('ranges of Services that nodes announce', () => {
    const bgp = object('BGPConfiguration', 'default', {
      serviceLoadBalancerIPs: [{ cidr: '198.18.0.0/24' }],
      serviceClusterIPs: [{ cidr: '10.96.0.0/12' }, { cidr: 'fd00:96::/112' }],
    })
    expect(texts({}, 'filter', 'cali-cidr-block', 'v3.32.0', [bgp])).toEqual([
      '-d 10.96.0.0/12 -j DROP',
      '-d 198.18.0.0/24 -j DROP',
    ])
  })

  test('of one node only', () => {
    const cluster = build([...NODES, POOL, felix({ defaultEndpointToHostAction: 'Drop' }, 'node.node2')])
    const last = (name: string) =>
      textsOf(cluster.network.namespaces[name]!.iptables!, 'filter', 'cali-wl-to-host').at(-1)
    expect([last('node1'), last('node2')]).toEqual([expect.stringMatching(/ACCEPT$/), expect.stringMatching(/DROP$/)])
  })

  test('the sets of a node: IPIP alone has none of VXLAN', () => {
    const names = (spec: object, version: string) =>
      Object.keys(build([...NODES, pool('p', '192.168.0.0/16', spec)], version).network.namespaces['node1']!.ipsets!)
    expect(names({ ipipMode: 'Always' }, 'v3.30.0')).toEqual([
      'cali40masq-ipam-pools',
      'cali40all-ipam-pools',
      'cali40all-hosts-net',
      'cali40this-host',
    ])
    expect(names({ vxlanMode: 'Always' }, 'v3.33.0')).toEqual([
      'cali40masq-ipam-pools',
      'cali40network-ip-pools',
      'cali40all-hosts-net',
      'cali40all-vxlan-net',
      'cali40this-host',
      'cali40dscp-src-net',
    ])
  })
})
