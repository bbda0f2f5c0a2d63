import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { writeMac } from '../../../src/wire/index.ts'
import { type Bench, bench, echo, icmp, ip4, table, tcp, udp, udp6 } from './bench.ts'

interface Case {
  readonly name: string
  readonly rule: string
  readonly packet: (b: Bench) => PacketBuffer
  readonly match: boolean
  readonly indev?: string
  readonly outdev?: string
  readonly ipset?: string
}

const FRAGMENT = new Uint8Array(24)

const SETS = `create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.0.0.0/8
add nets 10.1.0.0/16 nomatch
add nets 10.1.2.0/24
create hosts hash:ip family inet hashsize 1024 maxelem 65536
add hosts 10.0.0.2
create ipport hash:ip,port family inet hashsize 1024 maxelem 65536
add ipport 203.0.113.9,tcp:80
add ipport 203.0.113.9,udp:53
create netport hash:net,port family inet hashsize 1024 maxelem 65536
add netport 203.0.113.0/24,tcp:443
create netnet hash:net,net family inet hashsize 1024 maxelem 65536
add netnet 10.0.0.0/24,203.0.113.0/24
create ipportip hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add ipportip 10.0.0.2,udp:53,203.0.113.9
create ipportnet hash:ip,port,net family inet hashsize 1024 maxelem 65536
add ipportnet 10.0.0.2,udp:53,203.0.113.0/24
create ports bitmap:port range 0-65535
add ports 53
create lists list:set size 8
add lists hosts
add lists ports
create v6 hash:net family inet6 hashsize 1024 maxelem 65536
add v6 fd00::/16
`

const from = (src: string) => (b: Bench) => udp(b, 1000, 53, { src })
const syn = (b: Bench) => tcp(b, 40000, 80, 'S', { options: [{ kind: 'mss', value: 1460 }] })

/** A TCP header with these bytes as options. */
const options =
  (...bytes: number[]) =>
  (b: Bench): PacketBuffer =>
    ip4(b, 6, Uint8Array.of(...new Uint8Array(12), (5 + bytes.length / 4) << 4, ...new Uint8Array(7), ...bytes))

/** A header of a protocol with ports, `length` bytes long. */
const ported =
  (protocol: number, length: number, sport: number, dport: number) =>
  (b: Bench): PacketBuffer =>
    ip4(b, protocol, Uint8Array.of(0, sport, 0, dport, ...new Uint8Array(length - 4)))

const CASES: readonly Case[] = [
  { name: 'any packet', rule: '', packet: udp, match: true },
  { name: '-i by name', rule: '-i in0', packet: udp, match: true },
  { name: '-i other', rule: '-i out0', packet: udp, match: false },
  { name: '-i wildcard', rule: '-i in+', packet: udp, match: true },
  { name: '-i wildcard, longer than the name', rule: '-i in00+', packet: udp, match: false },
  { name: '! -i', rule: '! -i in0', packet: udp, match: false },
  { name: '-o', rule: '-o out0', packet: udp, match: true },
  { name: '! -o', rule: '! -o in+', packet: udp, match: true },
  { name: '-p number', rule: '-p 4', packet: (b) => ip4(b, 4, FRAGMENT), match: true },
  { name: '-p name', rule: '-p udp', packet: udp, match: true },
  { name: '! -p', rule: '! -p udp', packet: udp, match: false },
  { name: '-s host', rule: '-s 10.0.0.2/32', packet: udp, match: true },
  { name: '-s net', rule: '-s 10.0.0.0/29', packet: from('10.0.0.8'), match: false },
  { name: '-s everything', rule: '-s 0.0.0.0/0', packet: udp, match: true },
  { name: '-d high addresses', rule: '-d 203.0.113.0/24', packet: udp, match: true },
  { name: '! -d', rule: '! -d 203.0.113.9/32', packet: udp, match: false },
  {
    name: '-f on a later fragment',
    rule: '-f',
    packet: (b) => ip4(b, 17, FRAGMENT, { fragmentOffset: 24 }),
    match: true,
  },
  { name: '-f on a first fragment', rule: '-f', packet: (b) => ip4(b, 17, FRAGMENT, { mf: true }), match: false },
  { name: '! -f', rule: '! -f', packet: udp, match: true },
  { name: 'tcp --dport', rule: '-p tcp -m tcp --dport 80', packet: syn, match: true },
  { name: 'tcp --dport range', rule: '-p tcp -m tcp --dport 81:90', packet: syn, match: false },
  { name: 'tcp ! --sport', rule: '-p tcp -m tcp ! --sport 40000', packet: syn, match: false },
  { name: 'tcp flags, SYN', rule: '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', packet: syn, match: true },
  {
    name: 'tcp flags, SYN ACK',
    rule: '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
    packet: (b) => tcp(b, 1, 2, 'SA'),
    match: false,
  },
  { name: 'tcp option there', rule: '-p tcp -m tcp --tcp-option 2', packet: syn, match: true },
  { name: 'tcp option not there', rule: '-p tcp -m tcp --tcp-option 8', packet: syn, match: false },
  { name: '! tcp option', rule: '-p tcp -m tcp ! --tcp-option 8', packet: syn, match: true },
  { name: 'tcp option of a plain header', rule: '-p tcp -m tcp --tcp-option 2', packet: options(), match: false },
  { name: 'tcp option behind fillers', rule: '-p tcp -m tcp --tcp-option 4', packet: options(1, 1, 4, 2), match: true },
  { name: 'tcp option, the last byte', rule: '-p tcp -m tcp --tcp-option 9', packet: options(1, 1, 1, 9), match: true },
  {
    name: 'tcp option inside another one',
    rule: '-p tcp -m tcp --tcp-option 8',
    packet: options(5, 4, 8, 8),
    match: false,
  },
  {
    name: 'tcp option behind one of length 0',
    rule: '-p tcp -m tcp --tcp-option 8',
    packet: options(5, 0, 8, 2),
    match: true,
  },
  {
    name: 'tcp option is not looked for in the data',
    rule: '-p tcp -m tcp --tcp-option 8',
    packet: (b) => ip4(b, 6, Uint8Array.of(...new Uint8Array(12), 0x50, ...new Uint8Array(7), 8, 8, 8, 8)),
    match: false,
  },
  { name: '! tcp flags', rule: '-p tcp -m tcp ! --tcp-flags SYN,ACK SYN', packet: syn, match: false },
  { name: 'tcp sport, first of a range', rule: '-p tcp -m tcp --sport 40000:40001', packet: syn, match: true },
  { name: 'tcp sport, last of a range', rule: '-p tcp -m tcp --sport 39999:40000', packet: syn, match: true },
  { name: 'sctp', rule: '-p sctp -m sctp --dport 80', packet: ported(132, 12, 7, 80), match: true },
  { name: 'sctp, another port', rule: '-p sctp -m sctp --dport 80', packet: ported(132, 12, 80, 81), match: false },
  { name: 'dccp', rule: '-p dccp -m dccp --sport 7', packet: ported(33, 12, 7, 80), match: true },
  { name: 'udplite', rule: '-p udplite -m udplite --dport 80', packet: ported(136, 8, 7, 80), match: true },
  { name: 'udp ports', rule: '-p udp -m udp --sport 1000 --dport 53', packet: udp, match: true },
  {
    name: 'udp ports of a later fragment',
    rule: '-p udp -m udp --dport 53',
    packet: (b) => ip4(b, 17, FRAGMENT, { fragmentOffset: 24 }),
    match: false,
  },
  { name: 'icmp type', rule: '-p icmp -m icmp --icmp-type 8', packet: echo, match: true },
  {
    name: 'icmp type and code',
    rule: '-p icmp -m icmp --icmp-type 3/4',
    packet: (b) => icmp(b, 3, 1, 0, FRAGMENT),
    match: false,
  },
  { name: 'icmp any', rule: '-p icmp -m icmp --icmp-type any', packet: echo, match: true },
  { name: '! icmp type', rule: '-p icmp -m icmp ! --icmp-type 8', packet: echo, match: false },
  {
    name: 'icmp type and that code',
    rule: '-p icmp -m icmp --icmp-type 3/1',
    packet: (b) => icmp(b, 3, 1, 0, FRAGMENT),
    match: true,
  },
  {
    name: 'icmp type of a later fragment',
    rule: '-p icmp -m icmp --icmp-type any',
    packet: (b) => ip4(b, 1, FRAGMENT, { fragmentOffset: 24 }),
    match: false,
  },
  {
    name: 'mark',
    rule: '-m mark --mark 0x10000/0x10000',
    packet: (b) => udp(b, 1, 2, { mark: 0xf0010000 }),
    match: true,
  },
  {
    name: 'mark, high bit',
    rule: '-m mark --mark 0x80000000/0x80000000',
    packet: (b) => udp(b, 1, 2, { mark: 0x80000001 }),
    match: true,
  },
  { name: '! mark', rule: '-m mark ! --mark 0x4000/0x4000', packet: udp, match: true },
  { name: 'multiport dports', rule: '-p udp -m multiport --dports 1,50:60', packet: udp, match: true },
  { name: 'multiport sports', rule: '-p udp -m multiport --sports 53', packet: udp, match: false },
  { name: 'multiport ports, either side', rule: '-p udp -m multiport --ports 1000', packet: udp, match: true },
  { name: '! multiport', rule: '-p udp -m multiport ! --dports 53', packet: udp, match: false },
  { name: 'multiport, first of a range', rule: '-p udp -m multiport --dports 53:60', packet: udp, match: true },
  { name: 'multiport, last of a range', rule: '-p udp -m multiport --dports 50:53', packet: udp, match: true },
  { name: 'multiport dports are no sports', rule: '-p udp -m multiport --dports 1000', packet: udp, match: false },
  { name: 'multiport ports, the other side', rule: '-p udp -m multiport --ports 53', packet: udp, match: true },
  { name: 'multiport ports, neither', rule: '-p udp -m multiport --ports 7', packet: udp, match: false },
  {
    name: 'multiport of a later fragment',
    rule: '-p udp -m multiport ! --dports 7',
    packet: (b) => ip4(b, 17, FRAGMENT, { fragmentOffset: 24 }),
    match: false,
  },
  { name: 'set hash:ip', rule: '-m set --match-set hosts src', packet: udp, match: true },
  { name: 'set hash:net', rule: '-m set --match-set nets src', packet: from('10.9.9.9'), match: true },
  { name: 'set hash:net, nomatch', rule: '-m set --match-set nets src', packet: from('10.1.9.9'), match: false },
  { name: 'set hash:net, inside nomatch', rule: '-m set --match-set nets src', packet: from('10.1.2.9'), match: true },
  { name: '! set', rule: '-m set ! --match-set nets dst', packet: udp, match: true },
  { name: 'set hash:ip,port', rule: '-m set --match-set ipport dst,dst', packet: udp, match: true },
  {
    name: 'set hash:ip,port, other protocol',
    rule: '-m set --match-set ipport dst,dst',
    packet: (b) => tcp(b, 1, 53, 'S'),
    match: false,
  },
  {
    name: 'set hash:net,port',
    rule: '-m set --match-set netport dst,dst',
    packet: (b) => tcp(b, 1, 443, 'S'),
    match: true,
  },
  { name: 'set hash:net,net', rule: '-m set --match-set netnet src,dst', packet: udp, match: true },
  { name: 'set hash:net,net the other way', rule: '-m set --match-set netnet dst,src', packet: udp, match: false },
  { name: 'set hash:ip,port,ip', rule: '-m set --match-set ipportip src,dst,dst', packet: udp, match: true },
  { name: 'set hash:ip,port,net', rule: '-m set --match-set ipportnet src,dst,dst', packet: udp, match: true },
  { name: 'set bitmap:port', rule: '-m set --match-set ports dst', packet: udp, match: true },
  { name: 'set list:set by its first', rule: '-m set --match-set lists src', packet: udp, match: true },
  { name: 'set list:set by none', rule: '-m set --match-set lists src', packet: from('10.0.0.3'), match: false },
  { name: 'set of the other family', rule: '-m set --match-set v6 src', packet: udp, match: false },
  { name: 'comment', rule: '-m comment --comment "says nothing"', packet: udp, match: true },
  {
    name: 'addrtype LOCAL',
    rule: '-m addrtype --dst-type LOCAL',
    packet: (b) => udp(b, 1, 2, { dst: '192.0.2.1' }),
    match: true,
  },
  { name: 'addrtype UNICAST', rule: '-m addrtype --dst-type UNICAST', packet: udp, match: true },
  { name: 'addrtype ! --src-type LOCAL', rule: '-m addrtype ! --src-type LOCAL', packet: udp, match: true },
  {
    name: 'addrtype limit-iface-in, here',
    rule: '-m addrtype --dst-type LOCAL --limit-iface-in',
    packet: (b) => udp(b, 1, 2, { dst: '10.0.0.1' }),
    match: true,
  },
  {
    name: 'addrtype limit-iface-in, elsewhere',
    rule: '-m addrtype --dst-type LOCAL --limit-iface-in',
    packet: (b) => udp(b, 1, 2, { dst: '192.0.2.1' }),
    match: false,
  },
  {
    name: 'addrtype BROADCAST',
    rule: '-m addrtype --dst-type BROADCAST',
    packet: (b) => udp(b, 1, 2, { dst: '10.0.0.255' }),
    match: true,
  },
  {
    name: 'addrtype MULTICAST',
    rule: '-m addrtype --dst-type MULTICAST',
    packet: (b) => udp(b, 1, 2, { dst: '224.0.0.5' }),
    match: true,
  },
  { name: 'iprange src', rule: '-m iprange --src-range 10.0.0.1-10.0.0.9', packet: udp, match: true },
  { name: 'iprange, its first', rule: '-m iprange --src-range 10.0.0.2-10.0.0.9', packet: udp, match: true },
  { name: 'iprange, its last', rule: '-m iprange --src-range 10.0.0.1-10.0.0.2', packet: udp, match: true },
  { name: 'iprange, below', rule: '-m iprange --src-range 10.0.0.3-10.0.0.9', packet: udp, match: false },
  {
    name: 'iprange, both must hold',
    rule: '-m iprange --src-range 10.0.0.1-10.0.0.9 --dst-range 10.0.0.1-10.0.0.9',
    packet: udp,
    match: false,
  },
  { name: 'iprange ! dst', rule: '-m iprange ! --dst-range 203.0.113.0-203.0.113.255', packet: udp, match: false },
  { name: 'length', rule: '-m length --length 52', packet: udp, match: true },
  { name: 'length range', rule: '-m length --length 53:100', packet: udp, match: false },
  { name: '! length', rule: '-m length ! --length 52', packet: udp, match: false },
  { name: 'u32: protocol', rule: '-m u32 --u32 "6 & 0xFF = 17"', packet: udp, match: true },
  { name: 'u32: one of several ranges', rule: '-m u32 --u32 "6&0xFF=1,5:16"', packet: udp, match: false },
  {
    name: 'u32: port behind a header of any length',
    rule: '-m u32 --u32 "0>>22&0x3C@0&0xFFFF=53"',
    packet: from('10.0.0.2'),
    match: true,
  },
  {
    name: 'u32: all tests must hold',
    rule: '-m u32 --u32 "6&0xFF=17&&0>>22&0x3C@0&0xFFFF=54"',
    packet: from('10.0.0.2'),
    match: false,
  },
  { name: 'u32: shifted out', rule: '-m u32 --u32 "0<<32=0"', packet: udp, match: true },
  { name: 'u32: shifted out to the right', rule: '-m u32 --u32 "0>>32=0"', packet: udp, match: true },
  { name: 'u32: shifted by 31', rule: '-m u32 --u32 "0<<31=0&&16>>31=1"', packet: udp, match: true },
  { name: 'u32: the last word', rule: '-m u32 --u32 "48=0x75767778"', packet: udp, match: true },
  { name: 'u32: not a whole word is left', rule: '-m u32 --u32 "49=0:0xffffffff"', packet: udp, match: false },
  { name: 'u32: a step to the last word', rule: '-m u32 --u32 "0&0@48=0x75767778"', packet: udp, match: true },
  { name: 'u32: a step too far', rule: '-m u32 --u32 "0&0@49=0:0xffffffff"', packet: udp, match: false },
  { name: 'u32: steps add up', rule: '-m u32 --u32 "0>>22&0x3C@0>>26@0=0:0xffffffff"', packet: udp, match: true },
  { name: 'u32: a word behind the end', rule: '-m u32 --u32 "60000=0:0xffffffff"', packet: udp, match: false },
  { name: 'u32: a step behind the end', rule: '-m u32 ! --u32 "0@0=0:0xffffffff"', packet: udp, match: true },
  { name: 'ttl eq', rule: '-m ttl --ttl-eq 64', packet: udp, match: true },
  { name: 'ttl lt', rule: '-m ttl --ttl-lt 64', packet: udp, match: false },
  { name: 'ttl lt, less', rule: '-m ttl --ttl-lt 65', packet: udp, match: true },
  { name: 'ttl gt', rule: '-m ttl --ttl-gt 64', packet: udp, match: false },
  { name: 'ttl gt, more', rule: '-m ttl --ttl-gt 63', packet: udp, match: true },
  { name: '! ttl eq', rule: '-m ttl ! --ttl-eq 63', packet: udp, match: true },
  { name: 'tos', rule: '-m tos --tos 0x10/0x3f', packet: (b) => udp(b, 1, 2, { tos: 0x50 }), match: true },
  { name: 'dscp', rule: '-m dscp --dscp 0x2e', packet: (b) => udp(b, 1, 2, { tos: 0xb9 }), match: true },
  { name: 'rpfilter: the way back is where it came from', rule: '-m rpfilter', packet: udp, match: true },
  { name: 'rpfilter: it is not', rule: '-m rpfilter', packet: from('198.51.100.7'), match: false },
  { name: 'rpfilter --invert', rule: '-m rpfilter --invert', packet: from('198.51.100.7'), match: true },
  { name: 'rpfilter --loose', rule: '-m rpfilter --loose', packet: from('198.51.100.7'), match: true },
  { name: 'rpfilter: own address as source', rule: '-m rpfilter', packet: from('10.0.0.1'), match: false },
  {
    name: 'rpfilter --accept-local --loose',
    rule: '-m rpfilter --loose --accept-local',
    packet: from('10.0.0.1'),
    match: true,
  },
  { name: 'physdev of a routed packet', rule: '-m physdev --physdev-is-bridged', packet: udp, match: false },
  { name: 'statistic random never', rule: '-m statistic --mode random --probability 0', packet: udp, match: false },
  { name: 'statistic random always', rule: '-m statistic --mode random --probability 1', packet: udp, match: true },
]

describe('matches, a rule and a packet each', () => {
  it.each(CASES)('$name: $rule', ({ rule, packet, match, indev, outdev }) => {
    const b = bench(table('mangle', `-A FORWARD ${rule}`.trim()), { ipset: SETS })
    const skb = packet(b)
    expect(b.hook('FORWARD', skb, indev ?? 'in0', outdev ?? 'out0')).toBe(1)
    expect(b.hits('mangle', 'FORWARD')).toBe(match ? 1 : 0)
  })

  it.each([
    ['tcp', '-p tcp -m tcp --dport 80', 6, 20],
    ['udp', '-p udp -m udp --dport 80', 17, 8],
    ['udplite', '-p udplite -m udplite --dport 80', 136, 8],
    ['sctp', '-p sctp -m sctp --dport 80', 132, 12],
    ['dccp', '-p dccp -m dccp --dport 80', 33, 12],
    ['multiport', '-p udp -m multiport --dports 80', 17, 4],
    ['icmp', '-p icmp -m icmp --icmp-type 8', 1, 4],
  ])('%s: a header cut short is dropped at once', (_, rule, protocol, least) => {
    const verdict = (length: number): number => {
      const b = bench(table('filter', `-A FORWARD ${rule} -j ACCEPT`))
      return b.hook('FORWARD', ip4(b, protocol, new Uint8Array(length)), 'in0', 'out0')
    }
    expect([verdict(3), verdict(least - 1), verdict(least)]).toEqual([0, 0, 1])
  })

  // A second fragment that would write over flags. @linux net/netfilter/xt_tcpudp.c tcp_mt
  it.each([
    ['tcp', '-p tcp -m tcp --dport 80', 6, 8, 0],
    ['tcp', '-p tcp -m tcp --dport 80', 6, 16, 1],
    ['udp', '-p udp -m udp --dport 80', 17, 8, 1],
  ])('%s: %s, protocol %i, a fragment at %i: verdict %i', (_, rule, protocol, fragmentOffset, verdict) => {
    const b = bench(table('filter', `-A FORWARD ${rule} -j ACCEPT`))
    expect(b.hook('FORWARD', ip4(b, protocol, FRAGMENT, { fragmentOffset }), 'in0', 'out0')).toBe(verdict)
  })

  it.each([
    ['--tcp-option 2', 0x40, 0],
    ['--tcp-option 2', 0xf0, 0],
    ['--dport 80', 0x40, 1],
  ])('tcp %s of a header that says it is %i / 4 bytes long: verdict %i', (rule, offset, verdict) => {
    const b = bench(table('filter', `-A FORWARD -p tcp -m tcp ${rule} -j ACCEPT`))
    const skb = ip4(b, 6, Uint8Array.of(...new Uint8Array(12), offset, ...new Uint8Array(7)))
    expect(b.hook('FORWARD', skb, 'in0', 'out0')).toBe(verdict)
  })

  describe('of the link layer', () => {
    const framed = (b: Bench): PacketBuffer => {
      const skb = udp(b)
      skb.mac = skb.data - 14
      writeMac(skb.bytes, skb.mac, 0x020000000001)
      writeMac(skb.bytes, skb.mac + 6, 0x02000000aaaa)
      skb.dev = b.ns.byName.get('in0')!
      return skb
    }
    const MACS = 'create macs hash:mac hashsize 1024 maxelem 65536\nadd macs 02:00:00:00:AA:AA\n'

    it.each([
      ['-m mac --mac-source 02:00:00:00:aa:aa', 1],
      ['-m mac ! --mac-source 02:00:00:00:aa:aa', 0],
      ['-m set --match-set macs src', 1],
      ['-m set --match-set macs dst', 0],
      ['-m pkttype --pkt-type unicast', 1],
      ['-m pkttype --pkt-type broadcast', 0],
      ['-m physdev --physdev-in in+', 1],
      ['-m physdev --physdev-in out0', 0],
      ['-m physdev --physdev-is-in', 1],
      ['-m physdev --physdev-is-out', 0],
      ['-m physdev ! --physdev-is-bridged', 1],
    ])('%s', (rule, hits) => {
      const b = bench(table('mangle', `-A FORWARD ${rule}`), { ipset: MACS })
      const skb = framed(b)
      skb.physIn = b.ns.byName.get('in0')!
      b.hook('FORWARD', skb, 'in0', 'out0')
      expect(b.hits('mangle', 'FORWARD')).toBe(hits)
    })
  })

  describe('of the connection', () => {
    it.each([
      ['--ctdir ORIGINAL', [1, 0]],
      ['--ctdir REPLY', [0, 1]],
      ['--ctproto 17', [1, 1]],
      ['! --ctproto 17', [0, 0]],
      ['--ctorigsrc 10.0.0.0/24', [1, 1]],
      ['--ctorigdst 198.51.100.80', [1, 1]],
      ['--ctreplsrc 203.0.113.9', [1, 1]],
      ['--ctrepldst 203.0.113.0/24', [0, 0]],
      ['--ctorigdstport 50:60', [1, 1]],
      ['--ctstate DNAT', [1, 1]],
      ['! --ctstate DNAT', [0, 0]],
      ['--ctstate SNAT', [0, 0]],
      ['--ctstatus CONFIRMED', [0, 1]],
      ['--ctstatus SEEN_REPLY', [0, 1]],
      ['! --ctstatus ASSURED', [1, 1]],
      ['--ctstatus NONE', [0, 0]], // no bit to be found
      ['! --ctstatus NONE', [1, 1]],
      ['--ctstate NEW', [1, 0]],
      ['--ctstate RELATED,ESTABLISHED', [0, 1]],
      ['! --ctstate RELATED,ESTABLISHED', [1, 0]],
      ['--ctstate NEW,DNAT', [1, 1]],
      ['! --ctorigsrc 10.0.0.0/24', [0, 0]],
      ['--ctorigsrc 10.0.1.0/24', [0, 0]],
      ['--ctorigdst 203.0.113.9', [0, 0]],
      ['--ctreplsrc 198.51.100.80', [0, 0]],
      ['--ctrepldst 10.0.0.2', [1, 1]],
      ['--ctorigdstport 53:60', [1, 1]],
      ['--ctorigdstport 50:53', [1, 1]],
      ['--ctorigdstport 54:60', [0, 0]],
      ['! --ctorigdstport 50:60', [0, 0]],
      ['--ctstate NEW --ctdir REPLY', [0, 0]],
    ])('%s', (match, hits) => {
      const dnat = '-A PREROUTING -d 198.51.100.80/32 -j DNAT --to-destination 203.0.113.9'
      const b = bench(table('mangle', `-A FORWARD -m conntrack ${match}`) + table('nat', dnat))
      b.across(udp(b, 1000, 53, { dst: '198.51.100.80' }))
      const first = b.hits('mangle', 'FORWARD')
      b.across(udp(b, 53, 1000, { src: '203.0.113.9', dst: '10.0.0.2' }), 'out0')
      expect([first, b.hits('mangle', 'FORWARD') - first]).toEqual(hits)
    })
  })

  it('statistic nth: counts per rule, starts at --packet', () => {
    const b = bench(table('filter', '-A FORWARD -m statistic --mode nth --every 3 --packet 1 -j DROP'))
    const verdicts = Array.from({ length: 7 }, () => b.hook('FORWARD', udp(b), 'in0', 'out0'))
    expect(verdicts).toEqual([1, 0, 1, 1, 0, 1, 1])
  })

  it('limit: a burst, then the rate', () => {
    const b = bench(table('filter', '-A FORWARD -m limit --limit 2/sec --limit-burst 3 -j DROP'))
    const hit = () => b.hook('FORWARD', udp(b), 'in0', 'out0') === 0
    expect([hit(), hit(), hit(), hit()]).toEqual([true, true, true, false])
    b.sim.clock.now = 500_000_000
    expect([hit(), hit()]).toEqual([true, false])
    b.sim.clock.now = 60_000_000_000
    expect([hit(), hit(), hit(), hit()]).toEqual([true, true, true, false])
  })

  describe('recent', () => {
    const SECOND = 1_000_000_000
    /** What becomes of packets of these sources at these seconds: whether the first rule hits them, and the second. */
    const hits = (rules: readonly string[], packets: readonly (readonly [second: number, src: string])[]) => {
      const b = bench(table('filter', ...rules.map((rule) => `-A FORWARD -m recent ${rule}`)))
      return packets.map(([second, src]) => {
        b.sim.clock.now = second * SECOND
        const before = rules.map((_, i) => b.hits('filter', 'FORWARD', i))
        b.hook('FORWARD', udp(b, 1000, 53, { src }), 'in0', 'out0')
        return rules.map((_, i) => b.hits('filter', 'FORWARD', i) - before[i]!).join('')
      })
    }
    const [A, B, C] = ['10.0.0.2', '10.0.0.3', '10.0.1.2']

    it.each<[string, string[], [number, string][], string[]]>([
      [
        'who was seen',
        ['--rcheck --name l', '--set --name l'],
        [
          [0, A],
          [9, A],
          [9, B],
        ],
        ['01', '11', '01'],
      ],
      [
        'who was not',
        ['! --rcheck --name l', '--set --name l'],
        [
          [0, A],
          [9, A],
        ],
        ['11', '01'],
      ],
      [
        'of another list',
        ['--rcheck --name k', '--set --name l'],
        [
          [0, A],
          [1, A],
        ],
        ['01', '01'],
      ],
      [
        'within its time',
        ['--rcheck --seconds 5 --name l', '--set --name l'],
        [
          [0, A],
          [5, A],
          [11, A],
        ],
        ['01', '11', '01'],
      ],
      [
        'so often',
        ['--rcheck --hitcount 2 --name l', '--set --name l'],
        [
          [0, A],
          [1, A],
          [2, A],
        ],
        ['01', '01', '11'],
      ],
      [
        'a network is one',
        ['--rcheck --mask 255.255.255.0 --name l', '--set --mask 255.255.255.0 --name l'],
        [
          [0, A],
          [1, B],
          [1, C],
        ],
        ['01', '11', '01'],
      ],
      [
        'by destination',
        ['--rcheck --rdest --name l', '--set --rdest --name l'],
        [
          [0, A],
          [1, B],
        ],
        ['01', '11'],
      ],
      [
        'removed',
        ['--remove --name l', '--set --name l'],
        [
          [0, A],
          [1, A],
        ],
        ['01', '11'],
      ],
    ])('%s', (_name, rules, packets, want) => expect(hits(rules, packets)).toEqual(want))

    it('update starts the time anew, rcheck does not', () => {
      const seen = (op: string): number => {
        const b = bench(
          table(
            'filter',
            `-A FORWARD -m recent --${op} --seconds 5 --name l -j DROP`,
            '-A FORWARD -m recent --set --name l',
          ),
        )
        return [0, 4, 8].filter((second) => {
          b.sim.clock.now = second * SECOND
          return b.hook('FORWARD', udp(b), 'in0', 'out0') === 0
        }).length
      }
      expect([seen('update'), seen('rcheck')]).toEqual([2, 1])
    })

    it('reap takes the oldest out when it is too old', () => {
      const rules = ['--rcheck --seconds 5 --reap --name l', '--rcheck --name l', '--set --name l']
      // B's check at 9 s finds A, the oldest, too old; so A is not known at 10 s.
      expect(
        hits(rules, [
          [0, A],
          [8, B],
          [9, B],
          [10, A],
        ]),
      ).toEqual(['001', '001', '111', '001'])
      expect(
        hits(
          rules.map((rule) => rule.replace(' --reap', '')),
          [
            [0, A],
            [8, B],
            [9, B],
            [10, A],
          ],
        )[3],
      ).toBe('011')
    })

    it('a list keeps 100 addresses: the one seen longest ago goes', () => {
      const others = Array.from({ length: 100 }, (_, i): [number, string] => [i + 1, `10.1.0.${i}`])
      const found = hits(['--rcheck --name l', '--set --name l'], [[0, A], ...others, [200, A], [201, '10.1.0.99']])
      expect(found.slice(-2)).toEqual(['01', '11'])
    })
  })

  it('IPv6: prefix, set and ports', () => {
    const rule = '-A FORWARD -s fd00:a::/32 -p udp -m set --match-set v6 src -m udp --dport 53 -j DROP'
    const b = bench('', { iptables6: table('filter', rule), ipset: SETS })
    expect(b.hook('FORWARD', udp6(b, 1, 53), 'in0', 'out0')).toBe(0)
    expect(b.hook('FORWARD', udp6(b, 1, 54), 'in0', 'out0')).toBe(1)
    expect(b.hook('FORWARD', udp6(b, 1, 53, 'fd00:c::2'), 'in0', 'out0')).toBe(1)
  })

  it.each([
    ['-m length --length 72', true],
    ['-m length --length 32', false],
    ['-m hl --hl-eq 64', true],
    ['-m hl --hl-lt 64', false],
    ['-m tos --tos 0x00/0xff', true],
    ['-m iprange --src-range fd00:a::1-fd00:a::3', true],
    ['-m iprange --src-range fd00:a::3-fd00:a::4', false],
    ['! -s fd00:a::/33', false],
    ['-d fd00:b::8/125', true],
    ['-d fd00:b::10/125', false],
    ['-m multiport --dports 53', true],
    ['-m addrtype --dst-type UNICAST', true],
    ['-m addrtype --src-type LOCAL', false],
    ['-m u32 --u32 "4&0xFF00=0x1100"', true],
  ])('IPv6: %s: %s', (rule, match) => {
    const b = bench('', { iptables6: table('mangle', `-A FORWARD ${rule} -p udp`) })
    b.hook('FORWARD', udp6(b, 1, 53), 'in0', 'out0')
    expect(b.ns.nf?.counter('inet6', 'mangle', 'FORWARD', 0)[0]).toBe(match ? 1 : 0)
  })

  it.each([
    ['unicast', '10.0.0.2', 1],
    ['multicast', '224.0.0.5', 1],
    ['broadcast', '255.255.255.255', 1],
    ['multicast', '239.1.2.3', 1],
    ['multicast', '240.0.0.1', 0],
    ['broadcast', '10.0.0.255', 0],
  ])('pkttype %s of what goes over loopback to %s', (type, dst, hits) => {
    const b = bench(table('mangle', `-A INPUT -m pkttype --pkt-type ${type}`))
    b.hook('INPUT', udp(b, 1, 2, { dst }), 'lo')
    expect(b.hits('mangle', 'INPUT')).toBe(hits)
  })

  it.each([
    '-m quota --quota 100 -j ACCEPT',
    '-m set --match-set nowhere src -j ACCEPT',
    '-j NOSUCH',
    '-j CT --helper ftp',
    '-j TEE --gateway 10.0.0.9',
  ])('not modelled: %s ends the packet, by name', (rule) => {
    const b = bench(table('filter', `-A FORWARD ${rule}`))
    expect(b.hook('FORWARD', udp(b), 'in0', 'out0')).toBe(0)
    expect(b.drops).toEqual(['netfilter_unmodelled'])
  })
})
