// Every option of the commands for routes, rules, addresses, neighbours and bridges: what is typed, and what the tool shows afterwards.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { bridgeFdb, ipAddr, ipNeigh, ipNeighProxy, ipRoute, ipRule } from '../../src/linux/index.ts'
import { changed, lines, own, start, view } from './changed.ts'

describe('ip route', () => {
  const made = (command: string, family: 'inet' | 'inet6' = 'inet') => {
    const old = new Set(lines(ipRoute(view(start), { table: 'all', family, details: true })))
    return lines(ipRoute(view(changed(command)), { table: 'all', family, details: true })).filter(
      (line) => !old.has(line),
    )
  }
  it.each([
    ['10.9.0.0/16 via 10.0.0.9', 'unicast 10.9.0.0/16 via 10.0.0.9 dev eth0 proto boot scope global'],
    ['to 10.9.0.0/16 via inet 10.0.0.9', 'unicast 10.9.0.0/16 via 10.0.0.9 dev eth0 proto boot scope global'],
    ['10.9.0.0/16 dev eth0', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link'],
    ['10.9.0.1 oif eth0', 'unicast 10.9.0.1 dev eth0 proto boot scope link'],
    ['default dev eth0 src 10.0.0.1', 'unicast default dev eth0 proto boot scope link src 10.0.0.1'],
    ['10.9.0.0/16 dev eth0 table 100', 'unicast 10.9.0.0/16 dev eth0 table 100 proto boot scope link'],
    ['10.9.0.0/16 dev eth0 table 254', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link'],
    ['10.9.0.0/16 dev eth0 proto 12', 'unicast 10.9.0.0/16 dev eth0 proto bird scope link'],
    ['10.9.0.0/16 dev eth0 protocol static', 'unicast 10.9.0.0/16 dev eth0 proto static scope link'],
    ['10.9.0.0/16 dev eth0 scope host', 'unicast 10.9.0.0/16 dev eth0 proto boot scope host'],
    ['10.9.0.0/16 dev eth0 scope 253', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link'],
    ['10.9.0.0/16 dev eth0 metric 5', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link metric 5'],
    ['10.9.0.0/16 dev eth0 preference 6', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link metric 6'],
    ['10.9.0.0/16 dev eth0 priority 7', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link metric 7'],
    ['10.9.0.0/16 dev eth0 tos 8', 'unicast 10.9.0.0/16 tos 0x08 dev eth0 proto boot scope link'],
    ['10.9.0.0/16 dev eth0 dsfield 16', 'unicast 10.9.0.0/16 tos 0x10 dev eth0 proto boot scope link'],
    ['10.9.0.0/16 dev eth0 mtu 1400', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link mtu 1400'],
    ['10.9.0.0/16 dev eth0 mtu lock 1400', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link mtu lock 1400'],
    ['10.9.0.0/16 dev eth0 advmss 1360', 'unicast 10.9.0.0/16 dev eth0 proto boot scope link advmss 1360'],
    [
      '10.9.0.0/16 via 10.7.0.9 dev eth0 onlink',
      'unicast 10.9.0.0/16 via 10.7.0.9 dev eth0 proto boot scope global onlink',
    ],
    ['blackhole 10.9.0.0/16', 'blackhole 10.9.0.0/16 proto boot scope global'],
    ['unreachable 10.9.0.0/16', 'unreachable 10.9.0.0/16 proto boot scope global'],
    ['prohibit 10.9.0.0/16', 'prohibit 10.9.0.0/16 proto boot scope global'],
    ['throw 10.9.0.0/16', 'throw 10.9.0.0/16 proto boot scope global'],
    ['local 10.9.0.1 dev lo', 'local 10.9.0.1 dev lo table local proto boot scope host'],
    ['broadcast 10.9.0.255 dev eth0', 'broadcast 10.9.0.255 dev eth0 table local proto boot scope link'],
    ['anycast 10.9.0.1 dev eth0', 'anycast 10.9.0.1 dev eth0 table local proto boot scope link'],
    ['multicast 239.0.0.0/8 dev eth0', 'multicast 239.0.0.0/8 dev eth0 proto boot scope link'],
  ])('add %s', (words, line) => expect(made(`ip route add ${words}`)).toEqual([line]))

  it('add … nexthop … nexthop …', () => {
    expect(made('ip route add 10.9.0.0/16 nexthop via 10.0.0.9 weight 3 nexthop via 10.7.0.8 dev eth0 onlink')).toEqual(
      [
        'unicast 10.9.0.0/16 proto boot scope global',
        'nexthop via 10.0.0.9 dev eth0 weight 3',
        'nexthop via 10.7.0.8 dev eth0 weight 1 onlink',
      ],
    )
  })

  it.each([
    ['fd09::/64 via fd00::9', 'unicast fd09::/64 via fd00::9 dev eth0 proto boot scope global metric 1024 pref medium'],
    [
      'fd09::/64 via inet6 fe80::9 dev eth0',
      'unicast fd09::/64 via fe80::9 dev eth0 proto boot scope global metric 1024 pref medium',
    ],
    [
      'default via fd00::9 pref low',
      'unicast default via fd00::9 dev eth0 proto boot scope global metric 1024 pref low',
    ],
    [
      'default via fd00::9 metric 5 pref high',
      'unicast default via fd00::9 dev eth0 proto boot scope global metric 5 pref high',
    ],
    ['unreachable fd09::/64', 'unreachable fd09::/64 dev lo proto boot scope global metric 1024 pref medium'],
  ])('IPv6: add %s', (words, line) => expect(made(`ip -6 route add ${words}`, 'inet6')).toEqual([line]))

  it.each([
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route add 10.9.0.0/16 dev eth0 metric 6', [5, 6]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 6', 'ip route add 10.9.0.0/16 dev eth0 metric 5', [5, 6]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route append 10.9.0.0/16 via 10.0.0.9 metric 5', [5, 5]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route replace 10.9.0.0/16 via 10.0.0.9 metric 5', [5]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route change 10.9.0.0/16 via 10.0.0.9 metric 5', [5]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route replace 10.9.0.0/16 via 10.0.0.9 metric 6', [5, 6]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route del 10.9.0.0/16', []],
    [
      'ip route add 10.9.0.0/16 dev eth0 metric 5',
      'ip route del 10.9.0.0/16 metric 5 dev eth0 scope link proto boot',
      [],
    ],
    ['ip route add 10.9.0.0/16 dev eth0 table 7', 'ip route flush table 7', []],
    ['ip route add 10.9.0.0/16 dev eth0 proto bird', 'ip route flush proto bird', []],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route flush cache', [5]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip route flush table cache', [5]],
    ['ip route add 10.9.0.0/16 dev eth0 metric 5', 'ip -6 route flush table main', [5]],
  ] as const)('%s, then %s', (first, second, metrics) => {
    const result = changed(first, second)
    expect(
      own(result)
        .routes.filter(({ dst }) => dst === '10.9.0.0/16')
        .map(({ metric }) => metric),
    ).toEqual(metrics)
  })

  it('prepend puts it before its equals', () => {
    const routes = own(changed('ip route add 10.9.0.0/16 dev eth0', 'ip route prepend 10.9.0.0/16 via 10.0.0.9')).routes
    expect(routes.filter(({ dst }) => dst === '10.9.0.0/16').map(({ via }) => via)).toEqual(['10.0.0.9', undefined])
  })

  it.each([
    ['ip route add dev eth0', 'expected a destination, received nothing'],
    ['ip route del dev eth0', 'expected a destination, received nothing'],
    [
      'ip route add 10.9.0.0/16 10.8.0.0/16 dev eth0',
      'Error: either "to" is duplicate, or "10.8.0.0/16" is a garbage.',
    ],
    ['ip route add 10.9.0.0/16 dev eth0 table what', 'Error: argument "what" is wrong: "table" value is invalid'],
    ['ip route add 10.9.0.0/16 dev eth0 scope what', 'Error: argument "what" is wrong: invalid "scope" value'],
    ['ip route add 10.9.0.0/16 dev eth0 metric x', 'Error: argument "x" is wrong: "metric" value is invalid'],
    ['ip route add fd09::/64 dev eth0 pref x', 'expected low, medium or high, received x'],
    ['ip route add 10.9.0.0/16 via here', 'Error: inet address is expected rather than "here".'],
    ['ip route add 10.9.0.0/16 via 10.7.0.9 dev eth0', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 10.9.0.0/16 via 10.0.0.255 dev eth0 onlink', 'Error: Nexthop has invalid gateway.'],
    ['ip route what', 'expected ip route add|append|change|chg|del|delete|flush|prepend|replace, received'],
    ['ip route del 10.9.0.0/16 metric 5', 'RTNETLINK answers: No such process'],
    ...['encap', 'nhid', 'from', 'realm', 'realms'].map(
      (word) =>
        [
          `ip route add 10.9.0.0/16 ${word} 5 dev eth0`,
          `expected a route without "${word}", received ${word}`,
        ] as const,
    ),
  ] as readonly (readonly [string, string])[])('%s is refused', (command, words) => {
    expect((applyCommand(start, 'n', command) as { refused: string }).refused).toContain(words)
  })

  it('a device that is down carries no route but a local one', () => {
    const down = changed('ip link set eth0 down')
    expect(applyCommand(down, 'n', 'ip route add 10.9.0.0/16 dev eth0')).toMatchObject({
      refused: 'Error: Device for nexthop is not up.',
    })
    expect(applyCommand(down, 'n', 'ip route add local 10.9.0.1 dev eth0')).toHaveProperty('network')
  })
})

describe('ip rule', () => {
  const rules = (...commands: string[]) =>
    lines(ipRule(view(changed(...commands)))).map((line) => line.replace('\t', ' '))
  const standard = ['0: from all lookup local', '32766: from all lookup main', '32767: from all lookup default']
  it.each([
    ['from 10.0.0.0/8 lookup 7', '32765: from 10.0.0.0/8 lookup 7'],
    ['from all to 10.0.0.1 table 7', '32765: from all to 10.0.0.1 lookup 7'],
    ['from any table main', '32765: from all lookup main'],
    ['from default lookup 254', '32765: from all lookup main'],
    ['not fwmark 0x1/0xff lookup 7', '32765: not from all fwmark 0x1/0xff lookup 7'],
    ['fwmark 16 lookup 7', '32765: from all fwmark 0x10 lookup 7'],
    ['iif eth0 lookup 7', '32765: from all iif eth0 lookup 7'],
    ['dev eth0 lookup 7', '32765: from all iif eth0 lookup 7'],
    ['oif eth0 lookup 7', '32765: from all oif eth0 lookup 7'],
    ['tos 16 lookup 7', '32765: from all tos 0x10 lookup 7'],
    ['dsfield 8 lookup 7', '32765: from all tos 0x8 lookup 7'],
    ['ipproto tcp sport 80 dport 1-1024 lookup 7', '32765: from all ipproto tcp sport 80 dport 1-1024 lookup 7'],
    ['pref 5 lookup 7', '5: from all lookup 7'],
    ['priority 6 lookup 7', '6: from all lookup 7'],
    ['preference 7 lookup 7', '7: from all lookup 7'],
    ['order 8 lookup 7', '8: from all lookup 7'],
    ['lookup main suppress_prefixlength 0', '32765: from all lookup main suppress_prefixlength 0'],
    ['lookup main sup_pl 8', '32765: from all lookup main suppress_prefixlength 8'],
    ['goto 32766', '32765: from all goto 32766'],
    ['nop', '32765: from all nop'],
    ['type blackhole', '32765: from all blackhole'],
    ['unreachable', '32765: from all unreachable'],
    ['from 10.0.0.1 prohibit', '32765: from 10.0.0.1 prohibit'],
    ['from 10.0.0.1 protocol kernel lookup 7', '32765: from 10.0.0.1 lookup 7'],
    ['from 10.0.0.1', '32765: from 10.0.0.1 lookup main'],
  ])('add %s', (words, line) => {
    expect(rules(`ip rule add ${words}`).filter((item) => !standard.includes(item))).toEqual([line])
    if (!words.includes('protocol')) expect(rules(`ip rule add ${words}`, `ip rule del ${words}`)).toEqual(standard)
  })

  it('stand by priority, equal ones in their order; each new one before the second', () => {
    const all = rules(
      'ip rule add from 10.0.0.1 lookup 1',
      'ip rule add from 10.0.0.2 lookup 2',
      'ip rule add from 10.0.0.3 pref 32766 lookup 3',
      'ip rule add pref 40000 lookup 4',
    )
    expect(all).toEqual([
      '0: from all lookup local',
      '32764: from 10.0.0.2 lookup 2',
      '32765: from 10.0.0.1 lookup 1',
      '32766: from all lookup main',
      '32766: from 10.0.0.3 lookup 3',
      '32767: from all lookup default',
      '40000: from all lookup 4',
    ])
    expect(rules('ip rule add from 10.0.0.1 lookup 1', 'ip rule flush')).toEqual(['0: from all lookup local'])
    expect(rules('ip rule flush', 'ip rule add from 10.0.0.1 lookup 1')).toEqual([
      '0: from all lookup local',
      '0: from 10.0.0.1 lookup 1',
    ])
  })

  it('IPv6 by the address, or by -6', () => {
    const six = (command: string) =>
      lines(ipRule(view(changed(command)), 'inet6')).map((line) => line.replace('\t', ' '))
    expect(six('ip rule add from fd00::/8 lookup 7')).toContain('32765: from fd00::/8 lookup 7')
    expect(six('ip -6 rule add fwmark 1 lookup 7')).toContain('32765: from all fwmark 0x1 lookup 7')
    expect(six('ip -f inet6 rule add fwmark 1 lookup 7')).toContain('32765: from all fwmark 0x1 lookup 7')
    expect(rules('ip rule add from fd00::/8 lookup 7')).toEqual(standard)
  })

  it.each([
    ['add fwmark x', 'Error: argument "x" is wrong: fwmark value is invalid'],
    ['add fwmark 1/x', 'Error: argument "x" is wrong: fwmask value is invalid'],
    ['add ipproto what', 'expected an IP protocol, received what'],
    ['add sport x', 'expected a port or a range, received x'],
    ['add suppress_ifgroup 5', 'expected a rule without "suppress_ifgroup", received suppress_ifgroup'],
    ['add sup_group 5', 'expected a rule without "sup_group", received sup_group'],
    ['add type what', 'Error: argument "what" is wrong: Failed to parse rule type'],
    ['what', 'expected ip rule add|del|delete|flush, received'],
  ])('%s is refused', (words, refused) => {
    expect((applyCommand(start, 'n', `ip rule ${words}`) as { refused: string }).refused).toContain(refused)
  })
})

describe('ip addr', () => {
  const made = (...commands: string[]) =>
    lines(ipAddr(view(changed(...commands)), { dev: 'eth0', oneline: true })).map((line) =>
      line.replace(/^\d+: eth0\s+(.*?)\\.*$/, '$1').trim(),
    )
  const old = made()
  it.each([
    ['10.1.0.1/24 dev eth0', 'inet 10.1.0.1/24 scope global eth0'],
    ['10.1.0.1 dev eth0', 'inet 10.1.0.1/32 scope global eth0'],
    ['local 10.1.0.1/24 brd + dev eth0', 'inet 10.1.0.1/24 brd 10.1.0.255 scope global eth0'],
    ['10.1.0.1/24 broadcast 10.1.0.7 dev eth0', 'inet 10.1.0.1/24 brd 10.1.0.7 scope global eth0'],
    ['10.1.0.1/24 brd - dev eth0', 'inet 10.1.0.1/24 brd 10.1.0.0 scope global eth0'],
    ['10.1.0.1 peer 10.1.0.2 dev eth0', 'inet 10.1.0.1 peer 10.1.0.2/32 scope global eth0'],
    ['10.1.0.1 remote 10.1.0.2/24 dev eth0', 'inet 10.1.0.1 peer 10.1.0.2/24 scope global eth0'],
    ['10.1.0.1/24 label eth0:1 dev eth0', 'inet 10.1.0.1/24 scope global eth0:1'],
    ['10.1.0.1/24 scope link dev eth0', 'inet 10.1.0.1/24 scope link eth0'],
    ['10.1.0.1/24 noprefixroute dev eth0', 'inet 10.1.0.1/24 scope global noprefixroute eth0'],
    ['10.1.0.1/24 valid_lft forever preferred_lft forever metric 5 dev eth0', 'inet 10.1.0.1/24 scope global eth0'],
    ['127.0.0.9/8 dev eth0', 'inet 127.0.0.9/8 scope host eth0'],
    ['fd01::1/64 nodad dev eth0', 'inet6 fd01::1/64 scope global nodad'],
    ['fd01::1 dev eth0', 'inet6 fd01::1/128 scope global'],
    ['fe80::9/64 dev eth0', 'inet6 fe80::9/64 scope link'],
  ])('add %s', (words, line) => {
    const network = changed(`ip addr add ${words}`)
    expect(made(`ip addr add ${words}`).filter((item) => !old.includes(item))).toEqual([line])
    expect(network.namespaces['n']!.routes.length).toBeGreaterThan(own(start).routes.length)
  })

  it.each([
    ['add dev eth0', 'expected an address, received nothing'],
    ['add 10.1.0.1/24', 'Not enough information: "dev" argument is required.'],
    ['add 10.1.0.1/24 10.2.0.1 dev eth0', 'Error: either "local" is duplicate, or "10.2.0.1" is a garbage.'],
    ['add 10.1.0.1/24 scope what dev eth0', 'Error: argument "what" is wrong: invalid scope value.'],
    ['add 10.1.0.1/24 brd what dev eth0', 'what'],
    ['add 10.1.0.1/24 dev nope', 'Cannot find device "nope"'],
  ])('%s is refused', (words, refused) => {
    expect((applyCommand(start, 'n', `ip addr ${words}`) as { refused: string }).refused).toContain(refused)
  })

  it('change and replace an address; flush all, or those of a family', () => {
    expect(made('ip addr replace 10.0.0.1/24 label eth0:7 dev eth0')).toContain('inet 10.0.0.1/24 scope global eth0:7')
    expect(made('ip addr change 10.0.0.1/24 scope link dev eth0')).toContain('inet 10.0.0.1/24 scope link eth0')
    expect(made('ip addr replace 10.3.0.1/24 dev eth0')).toContain('inet 10.3.0.1/24 scope global eth0')
    expect(made('ip -4 addr flush dev eth0')).toEqual(old.filter((line) => line.startsWith('inet6')))
    expect(made('ip -6 addr flush eth0')).toEqual(old.filter((line) => !line.startsWith('inet6')))
    expect(made('ip addr flush dev eth0')).toEqual([])
  })
})

describe('ip neigh', () => {
  const neigh = (...commands: string[]) => lines(ipNeigh(view(changed(...commands)), { all: true }))
  const ENTRY = '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09'
  it.each([
    ['add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0', `${ENTRY} PERMANENT`],
    ['add to 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud stale', `${ENTRY} STALE`],
    ['replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 state reachable extern_learn', `${ENTRY} REACHABLE`],
    [
      'add fe80::9 lladdr 02:00:00:00:00:09 dev eth0 router',
      'fe80::9 dev eth0 lladdr 02:00:00:00:00:09 router PERMANENT',
    ],
  ])('%s', (words, line) => expect(neigh(`ip neigh ${words}`)).toEqual([line]))

  const add = `ip neigh add ${ENTRY.replace('10.0.0.9 dev eth0', '10.0.0.9')} dev eth0`
  it('change, replace, delete', () => {
    expect(neigh(add, 'ip neigh change 10.0.0.9 dev eth0 nud stale')).toEqual([`${ENTRY} STALE`])
    expect(neigh(add, 'ip neigh chg 10.0.0.9 lladdr 02:00:00:00:00:08 dev eth0')).toEqual([
      `${ENTRY.slice(0, -1)}8 PERMANENT`,
    ])
    expect(neigh(add, 'ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:08 dev eth0')).toEqual([
      `${ENTRY.slice(0, -1)}8 PERMANENT`,
    ])
    expect(neigh(add, 'ip neigh del 10.0.0.9 dev eth0')).toEqual([])
  })

  it('flush: without a state, what is permanent stays', () => {
    const all = [
      'ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:09 dev eth0',
      'ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:09 dev eth0 nud noarp',
      'ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:09 dev eth0 nud stale',
      'ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:09 dev p0 nud stale',
      'ip neigh add fd00::5 lladdr 02:00:00:00:00:09 dev eth0 nud stale',
    ]
    const left = (command: string) =>
      neigh(...all, command).map((line) => /[\d]+/.exec(line.replace(/^10\.0\.0\.|^fd00::/, ''))?.[0])
    expect(left('ip neigh flush all')).toEqual(['1', '2'])
    expect(left('ip neigh flush dev eth0')).toEqual(['1', '2', '4'])
    expect(left('ip neigh flush 10.0.0.3')).toEqual(['1', '2', '4', '5'])
    expect(left('ip -6 neigh flush all')).toEqual(['1', '2', '3', '4'])
    expect(left('ip -4 neigh flush all')).toEqual(['1', '2', '5'])
    expect(left('ip neigh flush nud permanent')).toEqual(['2', '3', '4', '5'])
    expect(left('ip neigh flush nud all')).toEqual(['1', '2'])
  })

  it('proxy', () => {
    const shown = (...commands: string[]) => lines(ipNeighProxy(view(changed(...commands))))
    expect(shown('ip neigh add proxy 10.0.0.9 dev eth0')).toEqual(['10.0.0.9 dev eth0 proxy'])
    expect(
      shown(
        'ip neigh add proxy 10.0.0.9 dev eth0',
        'ip neigh add proxy 10.0.0.9 dev eth0',
        'ip neigh add proxy 10.0.0.9 dev p0',
      ),
    ).toEqual(['10.0.0.9 dev eth0 proxy', '10.0.0.9 dev p0 proxy'])
    expect(shown('ip neigh add proxy 10.0.0.9 dev eth0', 'ip neigh del proxy 10.0.0.9 dev eth0')).toEqual([])
  })

  it.each([
    ['add dev eth0', 'Device and destination are required arguments.'],
    ['add 10.0.0.9', 'Device and destination are required arguments.'],
    ['add 10.0.0.9 dev nope', 'Cannot find device "nope"'],
    ['change 10.0.0.9 dev eth0', 'RTNETLINK answers: No such file or directory'],
    ['add 10.0.0.9 dev eth0 nud well', 'Error: argument "well" is wrong: nud state is bad'],
    ['add 10.0.0.9 dev eth0 lladdr x', '"x" is invalid lladdr.'],
    ['del proxy 10.0.0.9 dev eth0', 'RTNETLINK answers: No such file or directory'],
    ['what', 'expected ip neigh add|change|chg|replace|delete|flush, received'],
  ])('%s is refused', (words, refused) => {
    expect((applyCommand(start, 'n', `ip neigh ${words}`) as { refused: string }).refused).toContain(refused)
  })
  it('an entry that is there is not added again', () => {
    expect(applyCommand(changed(add), 'n', add)).toMatchObject({ refused: 'RTNETLINK answers: File exists' })
  })
})

describe('bridge', () => {
  const fdb = (...commands: string[]) => lines(bridgeFdb(view(changed(...commands))))
  const MAC = '02:00:00:00:00:aa'
  it.each([
    [`add ${MAC} dev vx dst 10.0.0.2`, `${MAC} dev vx dst 10.0.0.2 self permanent`],
    [
      `add ${MAC} dev vx dst 10.0.0.2 port 4789 vni 7 via eth0`,
      `${MAC} dev vx dst 10.0.0.2 port 4789 vni 7 via eth0 self permanent`,
    ],
    [`add ${MAC} dev p0 master vlan 3`, `${MAC} dev p0 vlan 3 master br0 permanent`],
    [`add ${MAC} dev p0 master static`, `${MAC} dev p0 master br0 static`],
    [`add ${MAC} dev p0 master temp`, `${MAC} dev p0 master br0 static`],
    [`add ${MAC} dev p0 master dynamic`, `${MAC} dev p0 master br0`],
    [`add ${MAC} dev p0 master local`, `${MAC} dev p0 master br0 permanent`],
    [`add ${MAC} dev p0 permanent self`, `${MAC} dev p0 self permanent`],
    [`add ${MAC} dev vx dst 10.0.0.2 extern_learn`, `${MAC} dev vx dst 10.0.0.2 self extern_learn permanent`],
    [`add ${MAC} dev eth0 master`, `${MAC} dev eth0 self permanent`],
  ])('fdb %s', (words, line) => expect(fdb(`bridge fdb ${words}`)).toEqual([line]))

  it('append, replace, delete', () => {
    const add = `bridge fdb add ${MAC} dev vx dst 10.0.0.2`
    const one = `${MAC} dev vx dst 10.0.0.2 self permanent`
    expect(fdb(add, `bridge fdb append ${MAC} dev vx dst 10.0.0.3`)).toEqual([one, one.replace('.2', '.3')])
    expect(fdb(add, `bridge fdb append ${MAC} dev vx dst 10.0.0.2`)).toEqual([one])
    expect(fdb(add, `bridge fdb replace ${MAC} dev vx dst 10.0.0.3`)).toEqual([one.replace('.2', '.3')])
    expect(fdb(`bridge fdb replace ${MAC} dev vx dst 10.0.0.2`)).toEqual([one])
    expect(
      fdb(add, `bridge fdb append ${MAC} dev vx dst 10.0.0.3`, `bridge fdb del ${MAC} dev vx dst 10.0.0.2`),
    ).toEqual([one.replace('.2', '.3')])
    expect(fdb(add, `bridge fdb append ${MAC} dev vx dst 10.0.0.3`, `bridge fdb del ${MAC} dev vx`)).toEqual([])
    expect(applyCommand(changed(add), 'n', add)).toMatchObject({ refused: 'RTNETLINK answers: File exists' })
    expect(applyCommand(changed(`bridge fdb add ${MAC} dev p0`), 'n', `bridge fdb append ${MAC} dev p0`)).toMatchObject(
      {
        refused: 'RTNETLINK answers: File exists',
      },
    )
  })

  it('link set', () => {
    expect(
      own(changed('bridge link set dev p0 hairpin on state 3 cost 4 priority 5 master self')).interfaces['p0']?.port,
    ).toMatchObject({ hairpin: true, state: 'forwarding' })
  })

  it.each([
    ['fdb add dev vx', 'Device and address are required arguments.'],
    [`fdb add ${MAC}`, 'Device and address are required arguments.'],
    ['fdb add here dev vx', '"here" is invalid lladdr.'],
    ['fdb what', 'expected bridge fdb add|append|replace|delete|flush, received'],
    ['link set eth0 hairpin on', 'RTNETLINK answers: Operation not supported'],
    ['link show', 'expected bridge link set, received'],
    ['vlan add', 'expected bridge link|fdb, received'],
  ])('%s is refused', (words, refused) => {
    expect((applyCommand(start, 'n', `bridge ${words}`) as { refused: string }).refused).toContain(refused)
  })
})
