// Every option of every match and target that is read, as `iptables-save` prints it; other ways to write it; what is not read.
import { describe, expect, it } from 'vitest'
import { iptablesRuleText, parseNamespaceDump } from '../../src/linux/index.ts'
import type { IptRule } from '../../src/model/index.ts'

type Family = 'inet' | 'inet6'

/** The one rule of a chain, read from a dump. */
function read(text: string, family: Family = 'inet', table = 'mangle'): IptRule {
  const dump = `*${table}\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:own - [0:0]\n-A PREROUTING ${text}\nCOMMIT\n`
  const name = family === 'inet' ? 'iptables.txt' : 'ip6tables.txt'
  const { namespace } = parseNamespaceDump('n', 'host', { [name]: dump })
  const ruleset = family === 'inet' ? namespace.iptables : namespace.ip6tables
  const tables = ruleset?.tables as Readonly<
    Record<string, { chains: Readonly<Record<string, { rules: readonly IptRule[] }>> }>
  >
  return tables[table]!.chains['PREROUTING']!.rules[0]!
}

const isRead = ({ matches, target }: IptRule): boolean =>
  [...matches, target].every((part) => part?.kind !== 'unsupported')

const print = ({ matches, target }: IptRule, family: Family): string =>
  iptablesRuleText('PREROUTING', { matches, ...(target === undefined ? {} : { target }) }, family)

const MATCHES = [
  '-s 10.0.0.0/8',
  '! -d 10.0.0.1/32',
  '! -i eth+',
  '-f',
  '! -p tcp',
  '-p tcp -m tcp --sport 80 --dport 1:1024',
  '-p tcp -m tcp ! --sport 80 ! --dport 443',
  '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
  '-p tcp -m tcp ! --tcp-flags SYN,RST SYN',
  '-p tcp -m tcp --tcp-option 5',
  '-p udp -m udp --sport 53',
  '-p icmp -m icmp --icmp-type 3/4',
  '-p icmp -m icmp ! --icmp-type 8',
  '-p icmp -m icmp --icmp-type any',
  '-m mark --mark 0x1',
  '-m mark ! --mark 0x1/0xff',
  '-m connmark --mark 0x10000/0x10000',
  ...['INVALID', 'NEW', 'ESTABLISHED', 'RELATED', 'UNTRACKED', 'SNAT', 'DNAT'].map(
    (s) => `-m conntrack --ctstate ${s}`,
  ),
  '-m conntrack ! --ctstate RELATED,ESTABLISHED',
  ...['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'].map((s) => `-m conntrack --ctstatus ${s}`),
  '-m conntrack ! --ctproto 6 --ctorigsrc 10.0.0.0/8 ! --ctorigdst 10.0.0.1/32 --ctreplsrc 10.0.0.2/32 --ctrepldst 10.0.0.3/32',
  '-m conntrack --ctorigdstport 80',
  '-m conntrack ! --ctorigdstport 1:1024 --ctdir ORIGINAL',
  '-m conntrack --ctdir REPLY',
  '-m set --match-set pods src',
  '-m set ! --match-set pods dst,src',
  '-p tcp -m multiport --sports 80,443',
  '-p tcp -m multiport ! --dports 1:1024,8080',
  '-p tcp -m multiport --ports 80',
  '-m comment --comment plain',
  '-m comment --comment "two words"',
  '-m comment --comment "says \\"no\\" and \\\\"',
  ...[
    'UNSPEC',
    'UNICAST',
    'LOCAL',
    'BROADCAST',
    'ANYCAST',
    'MULTICAST',
    'BLACKHOLE',
    'UNREACHABLE',
    'PROHIBIT',
    'THROW',
  ].map((type) => `-m addrtype --dst-type ${type}`),
  '-m addrtype ! --src-type LOCAL,UNICAST --limit-iface-in',
  '-m addrtype --src-type LOCAL --limit-iface-out',
  '-m rpfilter --loose --validmark --accept-local --invert',
  '-m rpfilter --invert',
  '-m statistic --mode random --probability 0.50000000000',
  '-m statistic --mode random ! --probability 0.25000000000',
  '-m statistic --mode nth --every 3 --packet 1',
  '-m statistic --mode nth ! --every 3 --packet 0',
  '-m physdev --physdev-is-in',
  '-m physdev ! --physdev-is-out',
  '-m physdev ! --physdev-in veth0',
  '-m physdev --physdev-out veth1',
  '-m physdev --physdev-is-bridged',
  '-m physdev ! --physdev-is-bridged',
  '-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource',
  '-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-CYOFMYPKIVDHWFWQ --mask 255.255.255.255 --rsource',
  '-m recent ! --update --seconds 60 --hitcount 4 --rttl --name l --mask 255.255.255.0 --rdest',
  '-m recent --remove --name l --mask 255.255.255.255 --rsource',
  '-m limit --limit 5/sec',
  '-m limit --limit 5/min --limit-burst 7',
  '-m limit --limit 1/hour',
  '-m limit --limit 1/day',
  '-m iprange --src-range 10.0.0.1-10.0.0.9',
  '-m iprange ! --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.2-10.0.0.3',
  '-m length --length 100',
  '-m length ! --length 100:200',
  '-m ttl --ttl-eq 1',
  '-m ttl ! --ttl-eq 1',
  '-m ttl --ttl-lt 5',
  '-m ttl --ttl-gt 5',
  '-m tos --tos 0x10/0x3f',
  '-m tos ! --tos 0x10/0xff',
  '-m dscp --dscp 0x0a',
  '-m dscp ! --dscp 0x2e',
  '-m pkttype --pkt-type unicast',
  '-m pkttype ! --pkt-type broadcast',
  '-m pkttype --pkt-type multicast',
  '-m mac --mac-source 02:00:00:00:00:0a',
  '-m mac ! --mac-source 02:00:00:00:00:0a',
  '-m u32 --u32 "0x0>>0x16&0x3c@0xc>>0x8=0x1000"',
  '-m u32 ! --u32 "0x6&0xff=0x1,0x11:0x20&&0x4<<0x8=0x0:0xffffffff"',
]

const TARGETS: readonly (readonly [text: string, table?: string])[] = [
  ['-j ACCEPT'],
  ['-j DROP'],
  ['-j RETURN'],
  ['-j own'],
  ['-g own'],
  ...[
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-port-unreachable',
    'icmp-proto-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'icmp-admin-prohibited',
  ].map((how) => [`-j REJECT --reject-with ${how}`] as const),
  ['-p tcp -j REJECT --reject-with tcp-reset'],
  ['-j MARK --set-xmark 0x10000/0x10000'],
  ['-j MARK --set-xmark 0x0/0xf0000'],
  ['-j CONNMARK --set-xmark 0x1/0xff'],
  ['-j CONNMARK --save-mark --nfmask 0xf0000 --ctmask 0xff'],
  ['-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff'],
  ['-j NOTRACK', 'raw'],
  ['-j CT --notrack', 'raw'],
  ['-j CT --zone 5', 'raw'],
  ['-j CT --helper ftp', 'raw'],
  ['-j LOG'],
  ['-j LOG --log-prefix "dropped: "'],
  ['-j NFLOG --nflog-prefix x'],
  ['-j NFLOG --nflog-prefix "DPI0|gnp/x" --nflog-group 1 --nflog-size 80'],
  ['-j SNAT --to-source 10.0.0.1', 'nat'],
  ['-j SNAT --to-source 10.0.0.1-10.0.0.9 --random --persistent', 'nat'],
  ['-p tcp -j SNAT --to-source 10.0.0.1:1000-2000 --random-fully', 'nat'],
  ['-p tcp -j DNAT --to-destination 10.0.0.1:80', 'nat'],
  ['-p tcp -j DNAT --to-destination :80', 'nat'],
  ['-j DNAT --to-destination 10.0.0.1 --random --persistent', 'nat'],
  ['-j MASQUERADE', 'nat'],
  ['-p udp -j MASQUERADE --to-ports 1024-65535 --random-fully', 'nat'],
  ['-p tcp -j REDIRECT --to-ports 8080', 'nat'],
  ['-j NETMAP --to 10.9.0.0/16', 'nat'],
  ['-j NETMAP --to 10.9.0.1', 'nat'],
  ['-p tcp -j TCPMSS --clamp-mss-to-pmtu'],
  ['-p tcp -j TCPMSS --set-mss 1360'],
  ['-j CHECKSUM --checksum-fill'],
  ['-j TTL --ttl-set 64'],
  ['-j TTL --ttl-inc 1'],
  ['-j TTL --ttl-dec 1'],
  ['-j TOS --set-tos 0x10/0x3f'],
  ['-j DSCP --set-dscp 0x0a'],
  ['-j SET --add-set pods src,dst'],
  ['-j SET --del-set pods src'],
]

describe('an option is read and printed as iptables-save does', () => {
  const rows = [...MATCHES.map((text) => ({ text: `${text} -j ACCEPT`, table: 'mangle' }))].concat(
    TARGETS.map(([text, table = 'mangle']) => ({ text, table })),
  )
  it.each(rows)('$text', ({ text, table }) => {
    const rule = read(text, 'inet', table)
    expect(isRead(rule)).toBe(true)
    expect(print(rule, 'inet')).toBe(`-A PREROUTING ${text}`)
  })

  it.each([
    '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j ACCEPT',
    '-m hl --hl-lt 5 -j ACCEPT',
    '-j HL --hl-set 64',
    ...[
      'icmp6-no-route',
      'icmp6-adm-prohibited',
      'icmp6-addr-unreachable',
      'icmp6-port-unreachable',
      'icmp6-policy-fail',
      'icmp6-reject-route',
    ].map((how) => `-j REJECT --reject-with ${how}`),
  ])('IPv6: %s', (text) => {
    const rule = read(text, 'inet6')
    expect(isRead(rule)).toBe(true)
    expect(print(rule, 'inet6')).toBe(`-A PREROUTING ${text}`)
  })
})

describe('other ways to write it mean the same', () => {
  const rows: readonly (readonly [text: string, expected: string, family?: Family])[] = [
    ['-p tcp --source-port 80 -j DROP', '-p tcp -m tcp --sport 80 -j DROP'],
    ['-p udp -m udp --destination-port 53 -j DROP', '-p udp -m udp --dport 53 -j DROP'],
    ['-p tcp -m tcp --syn -j DROP', '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP'],
    ['-m state --state NEW -j DROP', '-m conntrack --ctstate NEW -j DROP'],
    ['-m set --set pods src -j DROP', '-m set --match-set pods src -j DROP'],
    ['-p tcp -m multiport --source-ports 80 -j DROP', '-p tcp -m multiport --sports 80 -j DROP'],
    ['-p tcp -m multiport --destination-ports 80 -j DROP', '-p tcp -m multiport --dports 80 -j DROP'],
    ['-m iprange --src-range 10.0.0.1 -j DROP', '-m iprange --src-range 10.0.0.1-10.0.0.1 -j DROP'],
    ['-m recent --set -j DROP', '-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource -j DROP'],
    ['-m limit --limit 5/second -j DROP', '-m limit --limit 5/sec -j DROP'],
    ['-m limit --limit 5/m --limit-burst 5 -j DROP', '-m limit --limit 5/min -j DROP'],
    ['-m mac --mac-source 02:00:00:00:00:0A -j DROP', '-m mac --mac-source 02:00:00:00:00:0a -j DROP'],
    ['-j MARK --set-mark 0x1', '-j MARK --set-xmark 0x1/0xffffffff'],
    ['-j MARK --and-mark 0xff', '-j MARK --set-xmark 0x0/0xffffff00'],
    ['-j MARK --or-mark 0x10', '-j MARK --set-xmark 0x10/0x10'],
    ['-j MARK --xor-mark 0x10', '-j MARK --set-xmark 0x10/0x0'],
    ['-j CONNMARK --save-mark --mask 0xff', '-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff'],
    ['-j REJECT', '-j REJECT --reject-with icmp-port-unreachable'],
    ['-j REJECT --reject-with net-unreach', '-j REJECT --reject-with icmp-net-unreachable'],
    ['-j REJECT --reject-with host-unreach', '-j REJECT --reject-with icmp-host-unreachable'],
    ['-j REJECT --reject-with port-unreach', '-j REJECT --reject-with icmp-port-unreachable'],
    ['-j REJECT --reject-with proto-unreach', '-j REJECT --reject-with icmp-proto-unreachable'],
    ['-j REJECT --reject-with net-prohib', '-j REJECT --reject-with icmp-net-prohibited'],
    ['-j REJECT --reject-with host-prohib', '-j REJECT --reject-with icmp-host-prohibited'],
    ['-j REJECT --reject-with admin-prohib', '-j REJECT --reject-with icmp-admin-prohibited'],
    ['-p tcp -j REJECT --reject-with tcp-rst', '-p tcp -j REJECT --reject-with tcp-reset'],
    ['-j REJECT', '-j REJECT --reject-with icmp6-port-unreachable', 'inet6'],
    ['-j REJECT --reject-with port-unreach', '-j REJECT --reject-with icmp6-port-unreachable', 'inet6'],
    ['-j REJECT --reject-with no-route', '-j REJECT --reject-with icmp6-no-route', 'inet6'],
    ['-j REJECT --reject-with adm-prohibited', '-j REJECT --reject-with icmp6-adm-prohibited', 'inet6'],
    ['-j REJECT --reject-with addr-unreach', '-j REJECT --reject-with icmp6-addr-unreachable', 'inet6'],
    ['-j REJECT --reject-with policy-fail', '-j REJECT --reject-with icmp6-policy-fail', 'inet6'],
    ['-j REJECT --reject-with reject-route', '-j REJECT --reject-with icmp6-reject-route', 'inet6'],
    ['-j LOG --log-level 4 --log-tcp-options --log-uid --log-prefix x', '-j LOG --log-prefix x'],
    ['-j NFLOG --nflog-group 0 --nflog-threshold 2', '-j NFLOG'],
    ['-j SET --add-set pods src --exist', '-j SET --add-set pods src'],
  ]
  it.each(rows.map(([text, expected, family = 'inet' as Family]) => ({ text, expected, family })))(
    '$family: $text',
    ({ text, expected, family }) => {
      const rule = read(text, family)
      expect(isRead(rule)).toBe(true)
      expect(print(rule, family)).toBe(`-A PREROUTING ${expected}`)
    },
  )
})

describe('what is not read is unsupported, and kept word for word', () => {
  it.each([
    '-m conntrack --ctstate WRONG -j DROP',
    '-m conntrack --ctexpire 1:2 -j DROP',
    '-m conntrack --ctdir BOTH -j DROP',
    '-m set --match-set pods sideways -j DROP',
    '-m pkttype --pkt-type host -j DROP',
    '-m mac --mac-source 02:00 -j DROP',
    '-m statistic --mode always -j DROP',
    '-m statistic --mode random --probability 2 -j DROP',
    '-m conntrack ! --ctstate NEW --ctexpire 1:2 -j DROP',
    '-m recent --name l -j DROP',
    '-m recent --set --update -j DROP',
    '-m recent --rcheck --seconds soon -j DROP',
    '-m limit --limit-burst x -j DROP',
    '-m ttl --ttl-eq 256 -j DROP',
    '-m dscp --dscp 64 -j DROP',
    '-m limit --limit many -j DROP',
    '-m addrtype --dst-type HERE -j DROP',
    '-m owner --uid-owner 0 -j DROP',
    '-j REJECT --reject-with icmp6-no-route',
    '-j TTL --ttl-set 256',
    '-j DSCP --set-dscp 64',
    '-j SET --add-set pods sideways',
    '-j MARK',
    '-j SNAT',
    '-j DNAT --to-source 10.0.0.1',
    '-j MARK --set-mark x',
    '-j NETMAP --to x',
    '-j TEE --gateway 10.0.0.1',
  ])('%s', (text) => {
    const rule = read(text)
    expect(isRead(rule)).toBe(false)
    expect(print(rule, 'inet')).toBe(`-A PREROUTING ${text}`)
  })
})

describe('a dump of several tables', () => {
  const parse = (text: string) => parseNamespaceDump('n', 'host', { 'iptables.txt': text }).namespace.iptables

  it('says which backend made it', () => {
    const table = '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'
    expect(parse(table)?.backend).toBe('legacy')
    expect(parse(`# Generated by iptables-nft-save v1.8.9 (nf_tables)\n${table}`)?.backend).toBe('nft')
  })
})

describe('names of numbers', () => {
  it.each([
    ['echo-reply', '0'],
    ['pong', '0'],
    ['destination-unreachable', '3'],
    ['network-unreachable', '3/0'],
    ['host-unreachable', '3/1'],
    ['protocol-unreachable', '3/2'],
    ['port-unreachable', '3/3'],
    ['fragmentation-needed', '3/4'],
    ['source-route-failed', '3/5'],
    ['network-prohibited', '3/9'],
    ['host-prohibited', '3/10'],
    ['communication-prohibited', '3/13'],
    ['source-quench', '4'],
    ['redirect', '5'],
    ['network-redirect', '5/0'],
    ['host-redirect', '5/1'],
    ['echo-request', '8'],
    ['ping', '8'],
    ['router-advertisement', '9'],
    ['router-solicitation', '10'],
    ['time-exceeded', '11'],
    ['ttl-exceeded', '11'],
    ['ttl-zero-during-transit', '11/0'],
    ['ttl-zero-during-reassembly', '11/1'],
    ['parameter-problem', '12'],
    ['timestamp-request', '13'],
    ['timestamp-reply', '14'],
  ])('ICMP %s is %s', (name, number) => {
    const rule = read(`-p icmp --icmp-type ${name} -j DROP`)
    expect(print(rule, 'inet')).toBe(`-A PREROUTING -p icmp -m icmp --icmp-type ${number} -j DROP`)
  })

  it.each([
    ['destination-unreachable', '1'],
    ['no-route', '1/0'],
    ['communication-prohibited', '1/1'],
    ['beyond-scope', '1/2'],
    ['address-unreachable', '1/3'],
    ['port-unreachable', '1/4'],
    ['packet-too-big', '2'],
    ['time-exceeded', '3'],
    ['ttl-exceeded', '3'],
    ['parameter-problem', '4'],
    ['echo-request', '128'],
    ['ping', '128'],
    ['echo-reply', '129'],
    ['pong', '129'],
    ['router-solicitation', '133'],
    ['router-advertisement', '134'],
    ['neighbour-solicitation', '135'],
    ['neighbor-solicitation', '135'],
    ['neighbour-advertisement', '136'],
    ['neighbor-advertisement', '136'],
    ['redirect', '137'],
  ])('ICMPv6 %s is %s', (name, number) => {
    const rule = read(`-p ipv6-icmp --icmpv6-type ${name} -j DROP`, 'inet6')
    expect(print(rule, 'inet6')).toBe(`-A PREROUTING -p ipv6-icmp -m icmp6 --icmpv6-type ${number} -j DROP`)
  })

  it.each([
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`CS${n}`, n * 8] as const),
    ['BE', 0] as const,
    ...[1, 2, 3, 4].flatMap((n) => [1, 2, 3].map((drop) => [`AF${n}${drop}`, n * 8 + drop * 2] as const)),
    ['EF', 46] as const,
  ])('DSCP class %s is %i', (name, value) => {
    const hex = `0x${value.toString(16).padStart(2, '0')}`
    expect(print(read(`-m dscp --dscp-class ${name} -j DROP`), 'inet')).toBe(
      `-A PREROUTING -m dscp --dscp ${hex} -j DROP`,
    )
    expect(print(read(`-j DSCP --set-dscp-class ${name}`), 'inet')).toBe(`-A PREROUTING -j DSCP --set-dscp ${hex}`)
  })
})
