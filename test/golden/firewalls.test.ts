// Rules of every kind over the same packets, and connections of every protocol from seeds: verdicts, bytes, hits and what is
// remembered.
import { describe } from 'vitest'
import { type PacketBuffer, Recorder, SECOND } from '../../src/dataplane/index.ts'
import { toHex } from '../../src/wire/index.ts'
import {
  type Bench,
  type BenchParts,
  bench,
  bytesOf,
  icmp,
  icmp6,
  ip4,
  ip6,
  table,
  tcp,
  udp,
  udp6,
} from '../dataplane/netfilter/bench.ts'
import { Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

const SETS = `create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.0.0.0/30
add nets 10.0.0.3/32 nomatch
add nets 203.0.113.0/24
create hosts hash:ip family inet hashsize 1024 maxelem 65536
add hosts 10.0.0.2
add hosts 203.0.113.9
create ipport hash:ip,port family inet hashsize 1024 maxelem 65536
add ipport 203.0.113.9,tcp:80
add ipport 203.0.113.9,udp:53
add ipport 10.0.0.2,icmp:echo-request
create netport hash:net,port family inet hashsize 1024 maxelem 65536
add netport 203.0.113.0/24,tcp:443
create netnet hash:net,net family inet hashsize 1024 maxelem 65536
add netnet 10.0.0.0/24,203.0.113.0/28
create ipportip hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add ipportip 10.0.0.2,udp:53,203.0.113.9
create ipportnet hash:ip,port,net family inet hashsize 1024 maxelem 65536
add ipportnet 10.0.0.2,udp:53,203.0.113.0/24
create ports bitmap:port range 50-1000
add ports 53
add ports 443
create lists list:set size 8
add lists hosts
add lists ports
create v6 hash:net family inet6 hashsize 1024 maxelem 65536
add v6 fd00:a::/33
create seen hash:ip family inet hashsize 1024 maxelem 65536
create seenport hash:ip,port family inet hashsize 1024 maxelem 65536 timeout 60
`

const MATCHES = [
  '',
  '-i in0',
  '! -i in0',
  '-i in+',
  '-o out0',
  '! -o out+',
  '-p tcp',
  '! -p udp',
  '-p 50',
  '-s 10.0.0.2/32',
  '! -s 10.0.0.0/30',
  '-d 203.0.113.0/28',
  '! -d 203.0.113.9/32',
  '-f',
  '! -f',
  '-p tcp -m tcp --dport 80',
  '-p tcp -m tcp --sport 1000:1001',
  '-p tcp -m tcp ! --dport 80:443',
  '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
  '-p tcp -m tcp ! --tcp-flags SYN,ACK ACK',
  '-p tcp -m tcp --tcp-option 2',
  '-p tcp -m tcp ! --tcp-option 8',
  '-p udp -m udp --dport 53',
  '-p udp -m udp ! --sport 1000',
  '-p sctp -m sctp --dport 80',
  '-p dccp -m dccp --sport 1000',
  '-p udplite -m udplite --dport 53',
  '-p icmp -m icmp --icmp-type 8',
  '-p icmp -m icmp --icmp-type 3',
  '-p icmp -m icmp --icmp-type 3/4',
  '-p icmp -m icmp ! --icmp-type 8',
  '-p icmp -m icmp --icmp-type any',
  '-p udp -m multiport --dports 53,100:500',
  '-p tcp -m multiport --sports 1000,80',
  '-p tcp -m multiport --ports 443',
  '-p udp -m multiport ! --dports 53',
  '-m mark --mark 0x1',
  '-m mark ! --mark 0x0/0xff',
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate RELATED,ESTABLISHED',
  '-m conntrack --ctstate INVALID',
  '-m conntrack ! --ctstate NEW',
  '-m conntrack --ctstate UNTRACKED',
  '-m conntrack --ctstatus ASSURED',
  '-m conntrack --ctstatus CONFIRMED',
  '-m conntrack --ctstatus SEEN_REPLY',
  '-m conntrack --ctdir REPLY',
  '-m conntrack --ctdir ORIGINAL',
  '-m conntrack --ctproto 6',
  '-m conntrack --ctorigsrc 10.0.0.0/30',
  '-m conntrack --ctorigdst 203.0.113.9/32',
  '-m conntrack --ctreplsrc 203.0.113.0/24',
  '-m conntrack --ctrepldst 10.0.0.2/32',
  '-m conntrack --ctorigdstport 80',
  '-m conntrack --ctstate DNAT',
  '-m conntrack --ctstate SNAT',
  '-m state --state NEW',
  '-m set --match-set nets src',
  '-m set --match-set nets dst',
  '-m set ! --match-set hosts src',
  '-m set --match-set ipport dst,dst',
  '-m set --match-set ipport src,src',
  '-m set --match-set netport dst,dst',
  '-m set --match-set netnet src,dst',
  '-m set --match-set ipportip src,dst,dst',
  '-m set --match-set ipportnet src,dst,dst',
  '-m set --match-set ports dst',
  '-m set --match-set lists src',
  '-m set --match-set v6 src',
  '-m comment --comment "says nothing"',
  '-m addrtype --dst-type LOCAL',
  '-m addrtype --src-type UNICAST',
  '-m addrtype --dst-type BROADCAST',
  '-m addrtype ! --dst-type MULTICAST',
  '-m addrtype --src-type LOCAL --limit-iface-in',
  '-m statistic --mode nth --every 3 --packet 1',
  '-m statistic --mode nth ! --every 4 --packet 0',
  '-m statistic --mode random --probability 0.4',
  '-m physdev --physdev-is-bridged',
  '-m physdev --physdev-in in0',
  '-m limit --limit 3/min --limit-burst 2',
  '-m limit --limit 1/sec --limit-burst 5',
  '-m limit --limit 10/hour --limit-burst 3',
  '-m limit --limit 1/day --limit-burst 4',
  '-m recent --set --name a --mask 255.255.255.255 --rsource',
  '-m recent --rcheck --name DEFAULT --mask 255.255.255.255 --rsource',
  '-m iprange --src-range 10.0.0.2-10.0.0.3',
  '-m iprange ! --dst-range 203.0.113.0-203.0.113.9',
  '-m length --length 20:52',
  '-m length ! --length 52',
  '-m ttl --ttl-eq 64',
  '-m ttl --ttl-lt 64',
  '-m ttl --ttl-gt 1',
  '-m ttl ! --ttl-eq 1',
  '-m tos --tos 0x10/0x3f',
  '-m tos ! --tos 0x00/0xff',
  '-m dscp --dscp 0x2e',
  '-m dscp ! --dscp 0x00',
  '-m pkttype --pkt-type unicast',
  '-m pkttype ! --pkt-type broadcast',
  '-m mac --mac-source 02:00:00:00:00:09',
  '-m u32 --u32 "6&0xFF=17&&0>>22&0x3C@0&0xFFFF=53"',
  '-m u32 --u32 "0>>22&0x3C@12>>26&0x3C@0=0:0x7fffffff"',
  '-m u32 ! --u32 "8&0xFF=1,6:17"',
  '-m connmark --mark 0x2/0xff',
]

/** Rules that do something, a table's text each. */
const TARGETS: readonly string[] = [
  ...[
    'icmp-port-unreachable',
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-proto-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'icmp-admin-prohibited',
  ].map((w) => table('filter', `-A FORWARD -j REJECT --reject-with ${w}`)),
  table(
    'filter',
    '-A FORWARD -p tcp -j REJECT --reject-with tcp-reset',
    '-A INPUT -p tcp -j REJECT --reject-with tcp-reset',
  ),
  table('filter', '-A FORWARD -p udp -j DROP', '-A FORWARD -p tcp -j ACCEPT', '-A FORWARD -j DROP'),
  table(
    'filter',
    '-A FORWARD -j a',
    '-A a -p udp -j RETURN',
    '-A a -p tcp -g b',
    '-A a -j DROP',
    '-A b -m mark --mark 0x0 -j ACCEPT',
    '-A FORWARD -p udp -m udp --dport 53 -j a',
  ),
  table(
    'mangle',
    '-A PREROUTING -j MARK --set-xmark 0x12/0xff',
    '-A FORWARD -j MARK --set-xmark 0xf0/0x0f',
    '-A FORWARD -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf0',
    '-A POSTROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  ),
  table(
    'mangle',
    '-A FORWARD -p udp -j CONNMARK --set-xmark 0x5/0xffffffff',
    '-A FORWARD -p tcp -j CONNMARK --set-xmark 0x6/0xf',
    '-A FORWARD -m connmark --mark 0x5',
    '-A FORWARD -m connmark ! --mark 0x6/0x2',
  ),
  table('mangle', '-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'),
  table('mangle', '-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 600'),
  table('mangle', '-A FORWARD -j TTL --ttl-set 9'),
  table('mangle', '-A FORWARD -j TTL --ttl-inc 200'),
  table('mangle', '-A FORWARD -j TTL --ttl-dec 2'),
  table('mangle', '-A FORWARD -j TOS --set-tos 0x10/0x3f'),
  table('mangle', '-A FORWARD -j DSCP --set-dscp 0x2e'),
  table('mangle', '-A POSTROUTING -p udp -j CHECKSUM --checksum-fill'),
  table('raw', '-A PREROUTING -p udp -j NOTRACK', '-A PREROUTING -p icmp -j CT --notrack') +
    table('filter', '-A FORWARD -m conntrack --ctstate UNTRACKED', '-A FORWARD -m conntrack --ctstate NEW'),
  table('raw', '-A PREROUTING -i in0 -j CT --zone 5', '-A PREROUTING -i out0 -j CT --zone 6') +
    table('filter', '-A FORWARD -m conntrack --ctstate NEW'),
  table(
    'filter',
    '-A FORWARD -m set --match-set seen src -j DROP',
    '-A FORWARD -p tcp -j SET --add-set seen src',
    '-A FORWARD -p icmp -j SET --del-set seen src',
    '-A FORWARD -p udp -j SET --add-set seenport src,dst',
    '-A FORWARD -m set --match-set seenport src,dst',
  ),
  table(
    'filter',
    '-A FORWARD -m recent --update --seconds 20 --hitcount 2 --name x --mask 255.255.255.255 --rsource -j DROP',
    '-A FORWARD -m recent --set --name x --mask 255.255.255.0 --rsource',
    '-A FORWARD -m recent --rcheck --seconds 60 --reap --name x --mask 255.255.255.255 --rdest',
    '-A FORWARD -p icmp -m recent --remove --name x --mask 255.255.255.255 --rsource',
  ),
  table(
    'filter',
    '-A FORWARD -j LOG --log-prefix "a " --log-level 6',
    '-A FORWARD -j NFLOG --nflog-prefix b --nflog-group 2',
    '-A FORWARD -j ACCEPT',
  ),
  ...[
    '--to-destination 203.0.113.7',
    '--to-destination 203.0.113.7:8080',
    '--to-destination 203.0.113.1-203.0.113.3',
    '--to-destination 203.0.113.7:8000-8010',
    '--to-destination 203.0.113.1-203.0.113.3 --persistent',
    '--to-destination 203.0.113.7:8000-8010 --random',
  ].map((w) => table('nat', `-A PREROUTING -i in0 -p tcp -j DNAT ${w}`, `-A PREROUTING -i in0 -p udp -j DNAT ${w}`)),
  ...[
    '--to-source 192.0.2.77',
    '--to-source 192.0.2.77:4000-4001',
    '--to-source 192.0.2.70-192.0.2.72',
    '--to-source 192.0.2.70-192.0.2.72 --persistent',
    '--to-source 192.0.2.77:600-700 --random',
    '--to-source 192.0.2.77 --random-fully',
  ].map((w) =>
    table('nat', `-A POSTROUTING -o out0 -p tcp -j SNAT ${w}`, `-A POSTROUTING -o out0 -p udp -j SNAT ${w}`),
  ),
  ...['', '--to-ports 1024-1026', '--random', '--random-fully'].map((w) =>
    table(
      'nat',
      `-A POSTROUTING -o out0 -p tcp -j MASQUERADE ${w}`.trim(),
      `-A POSTROUTING -o out0 -p udp -j MASQUERADE ${w}`.trim(),
      '-A POSTROUTING -o out0 -p icmp -j MASQUERADE',
    ),
  ),
  table('nat', '-A PREROUTING -i in0 -p tcp -j REDIRECT --to-ports 3128', '-A PREROUTING -i in0 -p udp -j REDIRECT'),
  table(
    'nat',
    '-A PREROUTING -d 203.0.113.0/24 -i in0 -j NETMAP --to 198.51.100.0/24',
    '-A POSTROUTING -s 10.0.0.0/24 -j NETMAP --to 192.0.2.0/24',
  ),
]

const RULES6 = [
  '-p udp -m udp --dport 53',
  '-s fd00:a::2/128',
  '! -d fd00:b::/64',
  '-p ipv6-icmp -m icmp6 --icmpv6-type 128',
  '-p ipv6-icmp -m icmp6 --icmpv6-type 1/4',
  '-m set --match-set v6 src',
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate ESTABLISHED',
  '-m hl --hl-eq 64',
  '-m length --length 0:60',
  '-m iprange --src-range fd00:a::1-fd00:a::3',
  '-m addrtype --dst-type LOCAL',
  '-i in0',
  '-m u32 --u32 "6&0xFF=58"',
  '-m rpfilter',
  '-m tos --tos 0x10/0x3f',
]
const TARGETS6 = [
  ...[
    'icmp6-port-unreachable',
    'icmp6-no-route',
    'icmp6-adm-prohibited',
    'icmp6-addr-unreachable',
    'icmp6-policy-fail',
    'icmp6-reject-route',
  ].map((w) => table('filter', `-A FORWARD -j REJECT --reject-with ${w}`)),
  table(
    'nat',
    '-A PREROUTING -i in0 -p udp -j DNAT --to-destination [fd00:b::7]:5353',
    '-A POSTROUTING -o out0 -j MASQUERADE',
  ),
  table('nat', '-A POSTROUTING -o out0 -j SNAT --to-source fd00:b::70-fd00:b::72'),
  table('mangle', '-A FORWARD -j HL --hl-set 5'),
  table('mangle', '-A FORWARD -j TOS --set-tos 0x10/0x3f'),
  table('mangle', '-A FORWARD -j DSCP --set-dscp 0x0a'),
]

const SOURCES = ['10.0.0.2', '10.0.0.3', '10.0.0.77'] as const
const FAR = ['203.0.113.9', '203.0.113.200', '198.51.100.9'] as const
const SOURCES6 = ['fd00:a::2', 'fd00:a:8000::3'] as const
const FAR6 = ['fd00:b::9', 'fd00:b::a'] as const
const FLAGS = ['S', 'SA', 'A', 'A', 'PA', 'FA', 'F', 'R', 'RA', 'SF', '', 'FPU'] as const
/** Seconds: around the timeouts of connections. */
const PAUSES = [0, 0, 0, 0.1, 1, 9, 31, 61, 121, 301, 601] as const

/** A connection as far as its packets need it. */
interface Flow {
  readonly ends: readonly [string, string]
  readonly ports: readonly [number, number]
  /** Next sequence number of each side. */
  readonly next: [number, number]
}

/** Draws packets: of a few connections, in both directions, in and out of order; errors about them; everything else. */
class Traffic extends Random {
  private readonly flows: Flow[] = []
  private readonly b: Bench

  constructor(seed: number, b: Bench) {
    super(seed)
    this.b = b
  }

  private flow(): Flow {
    if (this.flows.length === 0 || this.oneIn(8)) {
      const ports = [this.pick([1000, 1001, 80]), this.pick([53, 80, 443])] as const
      this.flows.push({ ends: [this.pick(SOURCES), this.pick(FAR)], ports, next: [this.pick([1, 0xffffff00]), 7000] })
    }
    return this.pick(this.flows.slice(-4))
  }

  /** A packet and the device it comes in by. */
  next4(): readonly [PacketBuffer, string] {
    const flow = this.flow()
    const from = this.oneIn(3) ? 1 : 0
    const ends = { src: flow.ends[from]!, dst: flow.ends[1 - from]! }
    const more = this.oneIn(4)
      ? { ttl: this.pick([1, 2, 64, 255]), tos: this.pick([0, 0x10, 0xb8]), mark: this.pick([0, 1, 0x100]) }
      : {}
    const parts = { ...ends, ...more }
    return [this.packetOf(flow, from, parts), from === 0 ? 'in0' : 'out0']
  }

  private packetOf(flow: Flow, from: 0 | 1, parts: { readonly src: string; readonly dst: string }): PacketBuffer {
    const [sport, dport] = [flow.ports[from]!, flow.ports[1 - from]!]
    switch (this.below(8)) {
      case 0:
        return udp(this.b, sport, dport, { ...parts, checksum: !this.oneIn(4) })
      case 1:
        return icmp(
          this.b,
          this.pick([8, 0, 13, 14, 15, 17, 9]),
          0,
          this.pick([1, 2]) * 65536 + this.below(3),
          new Uint8Array(16),
          parts,
        )
      case 2:
        return this.error(flow, from, parts)
      case 3:
        return ip4(this.b, this.pick([2, 4, 17, 33, 47, 50, 132, 136, 6]), this.header(sport, dport), {
          ...parts,
          ...this.fragment(),
        })
      default:
        return this.segment(flow, from, parts)
    }
  }

  private fragment(): object {
    return this.oneIn(3) ? { fragmentOffset: this.pick([0, 8, 64]), mf: this.oneIn(2) } : {}
  }

  /** Too short for a header, or as long as one. */
  private header(sport: number, dport: number): Uint8Array {
    if (this.oneIn(6)) return new Uint8Array(this.below(8))
    return Uint8Array.from([
      sport >> 8,
      sport & 255,
      dport >> 8,
      dport & 255,
      ...Array.from({ length: this.below(30) }, () => this.below(256)),
    ])
  }

  private segment(flow: Flow, from: 0 | 1, parts: { readonly src: string; readonly dst: string }): PacketBuffer {
    const flags = this.pick(FLAGS)
    const data = this.oneIn(2) ? 0 : this.below(60)
    const off = this.oneIn(5) ? this.pick([-70000, -100, -1, 1, 500, 70000]) : 0
    const seq = (flow.next[from] + off) >>> 0
    const ack = (flow.next[1 - from]! + (this.oneIn(8) ? this.pick([-70000, -1, 5, 90000]) : 0)) >>> 0
    const options = flags.startsWith('S')
      ? this.pick([
          [],
          [{ kind: 'mss', value: 1460 }],
          [
            { kind: 'mss', value: 1460 },
            { kind: 'sackOk' },
            { kind: 'nop' },
            { kind: 'wscale', shift: this.pick([0, 7, 15]) },
          ],
        ] as const)
      : this.pick([
          [],
          [],
          [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks: [[(ack + 100) >>> 0, (ack + 200) >>> 0]] }],
          [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }],
        ] as const)
    if (off === 0) flow.next[from] = (seq + data + (/[SF]/.test(flags) ? 1 : 0)) >>> 0
    const win = this.pick([0, 100, 1000, 65535])
    return tcp(this.b, flow.ports[from]!, flow.ports[1 - from]!, flags, { ...parts, seq, ack, win, data, options })
  }

  /** An error about a packet that went the other way. */
  private error(flow: Flow, from: 0 | 1, parts: { readonly src: string; readonly dst: string }): PacketBuffer {
    const [src, dst] = [parts.dst, this.oneIn(3) ? this.pick(FAR) : parts.src]
    const [sport, dport] = [flow.ports[1 - from]!, flow.ports[from]!]
    const about = this.pick([
      udp,
      (b: Bench, s: number, d: number, p: object) => tcp(b, s, d, 'A', p),
      (b: Bench, _s: number, _d: number, p: object) => icmp(b, 8, 0, 65537, new Uint8Array(8), p),
    ])
    const quoted = bytesOf(about(this.b, sport, dport, { src, dst }))
    const [type, code] = this.pick([
      [3, 3],
      [3, 4],
      [3, 1],
      [11, 0],
      [11, 1],
      [12, 0],
      [4, 0],
      [5, 1],
    ] as const)
    return icmp(
      this.b,
      type,
      code,
      this.pick([0, 1400]),
      quoted.subarray(0, this.pick([28, 20, 24, quoted.length])),
      parts,
    )
  }

  next6(): readonly [PacketBuffer, string] {
    const [near, far] = [this.pick(SOURCES6), this.pick(FAR6)]
    const out = !this.oneIn(3)
    const [src, dst] = out ? [near, far] : [far, near]
    const packet = ((): PacketBuffer => {
      switch (this.below(5)) {
        case 0:
          return icmp6(
            this.b,
            this.pick([128, 129, 130, 135, 1, 2, 3]),
            this.pick([65537, 1400]),
            new Uint8Array(24),
            src,
            dst,
          )
        case 1:
          return icmp6(this.b, this.pick([1, 2, 3]), 1300, bytesOf(udp6(this.b, 53, 1000, dst, src)), src, dst)
        case 2:
          return ip6(this.b, this.pick([50, 59, 132, 4, 60]), this.header(1000, 80), src, dst)
        default:
          return out ? udp6(this.b, 1000, 53, src, dst) : udp6(this.b, 53, 1000, src, dst)
      }
    })()
    return [packet, out ? 'in0' : 'out0']
  }
}

/** Sends so many packets through; what became of each, all events, and what is left. */
function run(iptables: string, seed: number, count: number, six: boolean, parts: BenchParts = {}): string {
  const rules = six ? { iptables6: iptables } : {}
  const b = bench(six ? '' : iptables, { ...parts, ...rules, ipset: SETS, seed })
  const recorder = new Recorder()
  b.sim.recorder = recorder
  const traffic = new Traffic(seed, b)
  const lines: string[] = []
  for (let i = 0; i < count; i++) {
    const [skb, dev] = six ? traffic.next6() : traffic.next4()
    const passed = traffic.oneIn(6) ? b.inward(skb, dev) : b.across(skb, dev)
    lines.push(`${passed} ${dev} ${skb.mark} ${toHex(bytesOf(skb))} ${b.drops.splice(0).join(' ')}`)
    b.sim.run(b.sim.clock.now + traffic.pick(PAUSES) * SECOND)
  }
  return `${lines.join('\n')}\n${recordText(recorder)}${stateText(b.sim)}`
}

const hosts = { 'net.netfilter.nf_conntrack_log_invalid': '0' }

describe('a match is as it was', () => {
  const listening = '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "tracks"'
  goldens(
    'matches',
    MATCHES.map((match) => match || 'no match'),
    (key) => {
      const match = key === 'no match' ? '' : key
      const rule = (chain: string): string => ['-A', chain, match].filter((word) => word !== '').join(' ')
      const input = /-o /.test(match) ? [] : [rule('INPUT')]
      return run(table('filter', rule('FORWARD'), ...input, listening), 1, 80, false)
    },
  )
})

describe('a match of IPv6 is as it was', () => {
  goldens('matches6', RULES6, (match) => {
    const name = match === '-m rpfilter' ? 'raw' : 'filter'
    return run(table(name, `-A ${name === 'raw' ? 'PREROUTING' : 'FORWARD'} ${match} -j DROP`), 2, 40, true)
  })
})

describe('a target is as it was', () => {
  goldens(
    'targets',
    TARGETS.map((_, i) => `target ${i}`),
    (key) => run(TARGETS[Number(key.split(' ')[1])]!, 3, 80, false),
  )
})

describe('a target of IPv6 is as it was', () => {
  goldens(
    'targets6',
    TARGETS6.map((_, i) => `target ${i}`),
    (key) => run(TARGETS6[Number(key.split(' ')[1])]!, 4, 40, true),
  )
})

const TRACKING = `${table('filter', '-A FORWARD -m conntrack --ctstate INVALID -j DROP', '-A FORWARD -m conntrack --ctstate NEW')}${table('nat', '-A PREROUTING -d 198.51.100.9/32 -p tcp -j DNAT --to-destination 203.0.113.9', '-A POSTROUTING -o out0 -j MASQUERADE')}`
const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  hosts,
  { 'net.netfilter.nf_conntrack_tcp_be_liberal': '1' },
  { 'net.netfilter.nf_conntrack_tcp_loose': '0' },
  { 'net.netfilter.nf_conntrack_tcp_max_retrans': '1', 'net.netfilter.nf_conntrack_tcp_timeout_max_retrans': '20' },
  {
    'net.netfilter.nf_conntrack_udp_timeout': '10',
    'net.netfilter.nf_conntrack_udp_timeout_stream': '40',
    'net.netfilter.nf_conntrack_icmp_timeout': '5',
    'net.netfilter.nf_conntrack_generic_timeout': '7',
  },
  { 'net.netfilter.nf_conntrack_tcp_ignore_invalid_rst': '1', 'net.netfilter.nf_conntrack_checksum': '0' },
]

describe('connections are as they were', () => {
  const keys = SETTINGS.flatMap((_, setting) =>
    Array.from({ length: 6 }, (_, seed) => `settings ${setting} seed ${seed}`),
  )
  goldens('connections', keys, (key) => {
    const [, setting = '0', , seed = '0'] = key.split(' ')
    return run(TRACKING, Number(seed) + 10, 200, false, { sysctls: SETTINGS[Number(setting)]! })
  })
})
