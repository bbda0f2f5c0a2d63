// The grammar of rules and of iptables-save: long options, what a protocol implies, values that are none, faults, tables of a list.
import { describe, expect, it } from 'vitest'
import { iptablesRuleText, iptablesSave, parseNamespaceDump } from '../../src/linux/index.ts'
import type { IptRule, Issue, Ruleset } from '../../src/model/index.ts'

type Family = 'inet' | 'inet6'

function parse(text: string, family: Family = 'inet'): { ruleset: Ruleset | undefined; issues: readonly Issue[] } {
  const name = family === 'inet' ? 'iptables.txt' : 'ip6tables.txt'
  const { namespace, issues } = parseNamespaceDump('n', 'host', { [name]: text })
  return { ruleset: family === 'inet' ? namespace.iptables : namespace.ip6tables, issues }
}

const around = (rule: string): string => `*mangle\n:INPUT ACCEPT [0:0]\n:own - [0:0]\n-A INPUT ${rule}\nCOMMIT\n`

function readRule(rule: string, family: Family = 'inet'): IptRule {
  const { ruleset, issues } = parse(around(rule), family)
  expect(issues).toEqual([])
  return ruleset!.tables.mangle!.chains['INPUT']!.rules[0]!
}

/** What the parts of a rule say, without the words they were read from. */
const print = ({ matches, target }: IptRule, family: Family = 'inet'): string =>
  iptablesRuleText('INPUT', { matches, ...(target === undefined ? {} : { target }) }, family).slice('-A INPUT '.length)

describe('options of the header', () => {
  it.each([
    ['--source 10.0.0.0/8 -j DROP', '-s 10.0.0.0/8 -j DROP'],
    ['--src 10.0.0.0/255.0.0.0 -j DROP', '-s 10.0.0.0/8 -j DROP'],
    ['-s 10.1.2.3/8 -j DROP', '-s 10.0.0.0/8 -j DROP'],
    ['--destination 10.0.0.1 -j DROP', '-d 10.0.0.1/32 -j DROP'],
    ['! --dst 10.0.0.1 -j DROP', '! -d 10.0.0.1/32 -j DROP'],
    ['--in-interface eth0 -j DROP', '-i eth0 -j DROP'],
    ['! --out-interface eth0 -j DROP', '! -o eth0 -j DROP'],
    ['--protocol TCP -j DROP', '-p tcp -j DROP'],
    ['! --protocol 17 -j DROP', '! -p udp -j DROP'],
    ['-p all -j DROP', '-j DROP'],
    ['-p 0 -j DROP', '-j DROP'],
    ['-p 201 -j DROP', '-p 201 -j DROP'],
    ['--fragment -j DROP', '-f -j DROP'],
    ['! -f -j DROP', '! -f -j DROP'],
    ['--jump DROP', '-j DROP'],
    ['--goto own', '-g own'],
    ['-4 -j DROP', '-j DROP'],
    ['--ipv4 -j DROP', '-j DROP'],
    ['-c 5 700 -j DROP', '-j DROP'],
    ['--set-counters 5 700 -j DROP', '-j DROP'],
    [
      '-m mark --mark 0x1 -p tcp -o eth1 -i eth0 -d 10.0.0.2 -s 10.0.0.1 -j DROP',
      '-s 10.0.0.1/32 -d 10.0.0.2/32 -i eth0 -o eth1 -p tcp -m mark --mark 0x1 -j DROP',
    ],
    ['--match mark --mark 1 -j DROP', '-m mark --mark 0x1 -j DROP'],
  ])('%s', (written, expected) => expect(print(readRule(written))).toBe(expected))

  it.each([
    ['-6 -j DROP', '-j DROP'],
    ['--ipv6 -j DROP', '-j DROP'],
    ['-s fd00::1 -j DROP', '-s fd00::1/128 -j DROP'],
    ['-d fd00::1/8 -j DROP', '-d fd00::/8 -j DROP'],
  ])('IPv6: %s', (written, expected) => expect(print(readRule(written, 'inet6'), 'inet6')).toBe(expected))

  it.each([
    ['tcp', 'tcp', '--dport 80'],
    ['6', 'tcp', '--dport 80'],
    ['udp', 'udp', '--sport 53'],
    ['17', 'udp', '--sport 53'],
    ['udplite', 'udplite', '--dport 80'],
    ['sctp', 'sctp', '--dport 80'],
    ['dccp', 'dccp', '--dport 80'],
    ['icmp', 'icmp', '--icmp-type 8'],
    ['1', 'icmp', '--icmp-type 8'],
  ])('-p %s implies -m %s', (protocol, module, option) => {
    const rule = readRule(`-p ${protocol} ${option} -j DROP`)
    expect(rule.matches.map(({ kind }) => kind)).toEqual(['protocol', module])
    expect(print(rule)).toContain(` -m ${module} ${option} -j DROP`)
  })

  it.each(['ipv6-icmp', 'icmpv6', '58'])('-p %s implies -m icmp6', (protocol) => {
    expect(print(readRule(`-p ${protocol} --icmpv6-type 128 -j DROP`, 'inet6'), 'inet6')).toBe(
      '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP',
    )
  })

  it.each(['icmp6', 'icmpv6', 'ipv6-icmp'])('-m %s is the same match', (module) => {
    expect(print(readRule(`-p icmpv6 -m ${module} --icmpv6-type 128 -j DROP`, 'inet6'), 'inet6')).toBe(
      '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP',
    )
  })

  it('options of one match may stand apart, and words may be quoted', () => {
    expect(print(readRule('-p tcp --sport 1 -m mark --mark 0x2 --dport 3 -j DROP'))).toBe(
      '-p tcp -m tcp --sport 1 --dport 3 -m mark --mark 0x2 -j DROP',
    )
    expect(print(readRule(`-m comment --comment 'it is "so"' -j DROP`))).toBe(
      '-m comment --comment "it is \\"so\\"" -j DROP',
    )
    expect(print(readRule('-i "eth0"  -m\tcomment --comment "" -j DROP'))).toBe(
      '-i eth0 -m comment --comment "" -j DROP',
    )
  })
})

describe('ports and masks, to their ends', () => {
  it.each([
    ['-p tcp --dport 0:65535', '-p tcp -m tcp --dport 0:65535'],
    ['-p tcp --dport :1024', '-p tcp -m tcp --dport 0:1024'],
    ['-p tcp --dport 1024:', '-p tcp -m tcp --dport 1024:65535'],
    ['-p tcp --dport 80:80', '-p tcp -m tcp --dport 80'],
    ['-p tcp --tcp-flags ALL NONE', '-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE'],
    ['-p tcp --tcp-flags URG,PSH URG', '-p tcp -m tcp --tcp-flags PSH,URG URG'],
    ['-p icmp --icmp-type 255', '-p icmp -m icmp --icmp-type any'],
    ['-p icmp --icmp-type 3/0:255', '-p icmp -m icmp --icmp-type 3/0:255'],
    ['-m mark --mark 4294967295', '-m mark --mark 0xffffffff'],
    ['-m tos --tos 255', '-m tos --tos 0xff/0xff'],
    ['-m dscp --dscp 63', '-m dscp --dscp 0x3f'],
    ['-m ttl --ttl-eq 255', '-m ttl --ttl-eq 255'],
    ['-m statistic --mode random --probability 1', '-m statistic --mode random --probability 1.00000000000'],
  ])('%s', (written, expected) => {
    const rule = readRule(`${written} -j DROP`)
    expect(rule.matches.some(({ kind }) => kind === 'unsupported')).toBe(false)
    expect(print(rule)).toBe(`${expected} -j DROP`)
  })

  it.each([
    '-p tcp -m tcp --dport 65536',
    '-p tcp -m tcp --dport 81:80',
    '-p tcp -m tcp --dport 1:2:3',
    '-p tcp -m tcp --tcp-flags SYN,WHAT SYN',
    '-p tcp -m tcp --tcp-flags SYN',
    '-p tcp -m tcp --tcp-option x',
    '-p icmp -m icmp --icmp-type 256',
    '-p icmp -m icmp --icmp-type 3/256',
    '-p icmp -m icmp --icmp-type 3/4/5',
    '-m mark --mark 4294967296',
    '-m mark --mark 1/x',
    '-m connmark --mark x',
    '-m conntrack --ctstatus OPEN',
    '-m conntrack --ctproto nothing',
    '-m conntrack --ctorigsrc fd00::1',
    '-m conntrack --ctorigdstport 65536',
    '-m set --match-set pods',
    '-m set --match-set pods src --match-set more dst',
    '-m multiport --dports 80,x',
    '-m multiport --where 80',
    '-m addrtype --src-type NEAR',
    '-m rpfilter --strict',
    '-m statistic --mode nth --every x',
    '-m statistic --mode nth --packet x',
    '-m statistic --mode random --probability 1.5',
    '-m statistic --mode random --probability half',
    '-m physdev --physdev-is-lost',
    '-m limit --limit-burst few',
    '-m iprange --src-range 10.0.0.1-x',
    '-m iprange --dst-range x-10.0.0.1',
    '-m length --length 9:8',
    '-m ttl --ttl-ge 5',
    '-m tos --tos 0x100',
    '-m dscp --dscp-class XX',
    '-m pkttype --pkt-type anycast',
    '-m mac --mac-source 02:00:00:00:00:0g',
    ...[
      'icmp',
      'mark',
      'connmark',
      'set',
      'multiport',
      'comment',
      'statistic',
      'length',
      'ttl',
      'tos',
      'dscp',
      'pkttype',
      'mac',
    ].map((module) => `-m ${module}`),
  ])('no such value: %s is kept as it is, and decides nothing', (written) => {
    const rule = readRule(`${written} -j DROP`)
    expect(rule.matches.at(-1)?.kind).toBe('unsupported')
    expect(print(rule)).toBe(`${written} -j DROP`)
  })

  it.each([
    '-j REJECT --reject-with what',
    '-j MARK --set-xmark 1/x',
    '-j MARK --set-what 1',
    '-j CONNMARK --save-mark --nfmask x',
    '-j CONNMARK',
    '-j CT --zone x',
    '-j CT --event new',
    '-j LOG --log-what',
    '-j SNAT --to-source 10.0.0.9-10.0.0.1:9-8',
    '-j SNAT --to-source 10.0.0.1:65536',
    '-j SNAT --to-source 10.0.0.1-x',
    '-j DNAT --to-destination :',
    '-j MASQUERADE --to-ports x',
    '-j NETMAP',
    '-j TCPMSS --set-mss x',
    '-j CHECKSUM --checksum-drop',
    '-j TTL --ttl-add 1',
    '-j TTL',
    '-j TOS --set-tos 0x100',
    '-j TOS',
    '-j DSCP --set-dscp-class XX',
    '-j DSCP',
    '-j SET',
    '-j SET --map-set pods src',
    '-j ACCEPT --now',
  ])('no such value: %s', (written) => {
    const rule = readRule(written)
    expect(rule.target?.kind).toBe('unsupported')
    expect(print(rule)).toBe(written)
  })
})

describe('what is no rule', () => {
  it.each([
    ['-j', 'a target behind -j'],
    ['--goto', 'a target behind --goto'],
    ['-m', 'a name behind -m'],
    ['-s', 'a value for source'],
    ['-p', 'a value for protocol'],
    ['-i', 'a value for in-interface'],
    ['-p what -j DROP', 'a protocol, not what'],
    ['-p 256 -j DROP', 'a protocol, not 256'],
    ['-d fd00::1 -j DROP', 'a network, not fd00::1'],
    ['-d 10.0.0.0/255.0.255.0 -j DROP', 'a network, not 10.0.0.0/255.0.255.0'],
    ['word', 'an option, not word'],
    ['!', 'an option, not the end'],
    ['--what 5 -j DROP', 'an option packetwalk knows, not --what'],
    ['-p tcp --what 5 -j DROP', 'an option packetwalk knows, not --what'],
  ])('%s', (written, expected) => {
    const { ruleset, issues } = parse(around(written))
    expect(issues).toMatchObject([{ kind: 'syntax', line: 4, expected }])
    expect(ruleset?.tables.mangle?.chains['INPUT']?.rules).toEqual([])
  })
})

describe('lines of iptables-save', () => {
  it.each([
    ['a chain without a policy', '*nat\n:INPUT\nCOMMIT\n', { kind: 'syntax', expected: ':CHAIN POLICY', line: 2 }],
    ['a chain without a name', '*nat\n: ACCEPT\nCOMMIT\n', { kind: 'syntax', expected: ':CHAIN POLICY', line: 2 }],
    ['another policy', '*nat\n:INPUT QUEUE\nCOMMIT\n', { kind: 'unsupported', received: 'QUEUE', line: 2 }],
    [
      'a word that is no rule',
      '*nat\n:INPUT ACCEPT\n-I INPUT -j DROP\nCOMMIT\n',
      { kind: 'syntax', expected: '-A CHAIN …', line: 3 },
    ],
    [
      'a rule without a chain',
      '*nat\n:INPUT ACCEPT\n-A\nCOMMIT\n',
      { kind: 'syntax', expected: '-A CHAIN …', line: 3 },
    ],
    ['a table that is cut off', '*nat\n:INPUT ACCEPT\n', { kind: 'syntax', received: 'the end of the file', line: 1 }],
    [
      'rules behind COMMIT',
      '*nat\nCOMMIT\n-A INPUT -j DROP\n',
      { kind: 'syntax', expected: '*TABLE before chains and rules', line: 3 },
    ],
    [
      'a loop',
      '*nat\n:a - [0:0]\n:b - [0:0]\n-A a -j b\n-A b -g a\nCOMMIT\n',
      { kind: 'invalid', received: 'a > b > a', line: 5 },
    ],
  ])('%s', (_what, text, expected) => expect(parse(text).issues).toMatchObject([expected]))

  it('a table that is not known is passed over to its end', () => {
    const { ruleset, issues } = parse('*broute\n:X ACCEPT\n-A X -j DROP\nCOMMIT\n*raw\n:OUTPUT ACCEPT\nCOMMIT\n')
    expect(issues).toMatchObject([{ kind: 'unsupported', received: 'broute' }])
    expect(Object.keys(ruleset!.tables)).toEqual(['raw'])
  })

  it('a table may come twice, rules may have their counters', () => {
    const text = '*nat\n:INPUT DROP [0:0]\nCOMMIT\n*nat\n[5:700] -A INPUT -j ACCEPT\nCOMMIT\n'
    const { ruleset, issues } = parse(text)
    expect(issues).toEqual([])
    expect(iptablesSave(ruleset)).toBe('*nat\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n')
  })

  it.each([
    [['INPUT', 'FORWARD', 'OUTPUT'], 'filter'],
    [['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], 'mangle'],
    [['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], 'nat'],
    [['PREROUTING', 'OUTPUT'], 'raw'],
    [['INPUT', 'OUTPUT'], 'filter'],
  ])('iptables -S with %j lists table %s', (bases, table) => {
    const text = `${bases.map((base) => `-P ${base} DROP\n`).join('')}-N own\n-A own -j RETURN\n`
    const { ruleset, issues } = parse(text)
    expect(issues).toEqual([])
    expect(iptablesSave(ruleset)).toBe(
      `*${table}\n${bases.map((base) => `:${base} DROP [0:0]\n`).join('')}:own - [0:0]\n-A own -j RETURN\nCOMMIT\n`,
    )
  })

  it('one table, and counters', () => {
    const { ruleset } = parse(
      '*nat\n:INPUT ACCEPT\nCOMMIT\n*filter\n:INPUT ACCEPT\n-A INPUT -j DROP\n-A INPUT -j ACCEPT\nCOMMIT\n',
    )
    const counters = (_table: string, _chain: string, rule: number) => [rule, rule * 10] as const
    expect(iptablesSave(ruleset, { table: 'filter', counters })).toBe(
      '*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -j DROP\n[1:10] -A INPUT -j ACCEPT\nCOMMIT\n',
    )
    expect(iptablesSave(undefined)).toBe('')
  })
})
