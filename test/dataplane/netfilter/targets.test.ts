import { describe, expect, it } from 'vitest'
import { type PacketBuffer, Recorder } from '../../../src/dataplane/index.ts'
import { checksum, pseudoHeaderSum6, writeU16 } from '../../../src/wire/index.ts'
import { type Bench, bench, bytesOf, echo, icmp6, ip4, ip6, table, tcp, udp, udp6 } from './bench.ts'
import { wrongSums } from './sums.ts'

function through(b: Bench, skb: PacketBuffer): PacketBuffer {
  expect(b.hook('FORWARD', skb, 'in0', 'out0')).toBe(1)
  expect(wrongSums(skb)).toEqual([])
  return skb
}

const mangle = (...targets: string[]): string => table('mangle', ...targets.map((t) => `-A FORWARD -j ${t}`))

describe('targets that change a packet', () => {
  it.each([
    ['MARK --set-xmark 0x10000/0x10000', 0x3, 0x10003],
    ['MARK --set-xmark 0x0/0xf0000', 0xfffff, 0x0ffff],
    ['MARK --set-xmark 0x80000000/0x80000000', 0, 0x80000000],
    ['MARK --and-mark 0xff', 0xabcd, 0xcd],
    ['MARK --or-mark 0xff00', 0xcd, 0xffcd],
    ['MARK --xor-mark 0xff', 0x0f, 0xf0],
  ])('%s: %i becomes %i', (target, before, after) => {
    const b = bench(mangle(target))
    expect(through(b, udp(b, 1, 2, { mark: before })).mark).toBe(after)
  })

  it.each(['LOG --log-prefix "x "', 'NFLOG --nflog-group 1', 'CHECKSUM --checksum-fill'])(
    '%s leaves it alone',
    (target) => {
      const b = bench(mangle(target))
      const before = bytesOf(udp(b))
      expect(bytesOf(through(b, udp(b)))).toEqual(before)
      expect(b.hits('mangle', 'FORWARD')).toBe(1)
    },
  )

  it('CONNMARK: saved from one packet, restored to the answer', () => {
    const rules = [
      '-A FORWARD -i in0 -j MARK --set-xmark 0x1234/0xffffffff',
      '-A FORWARD -i in0 -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff',
      '-A FORWARD -i out0 -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      '-A FORWARD -i out0 -m connmark --mark 0x34/0xff',
    ]
    const b = bench(table('mangle', ...rules))
    b.across(udp(b, 1, 2))
    const back = udp(b, 2, 1, { src: '203.0.113.9', dst: '10.0.0.2', mark: 0xf00 })
    b.across(back, 'out0')
    expect(back.mark).toBe(0x34)
    expect(b.hits('mangle', 'FORWARD', 3)).toBe(1)
    expect(b.ns.nf?.conntrack()[0]?.mark).toBe(0x34)
  })

  it.each([
    ['TTL --ttl-set 9', 9],
    ['TTL --ttl-dec 4', 60],
    ['TTL --ttl-inc 250', 255],
    ['TTL --ttl-dec 100', 0],
  ])('%s', (target, ttl) => {
    const b = bench(mangle(target))
    expect(bytesOf(through(b, udp(b)))[8]).toBe(ttl)
  })

  it.each([
    ['TOS --set-tos 0x10/0x3f', 0xc1, 0xd0],
    ['DSCP --set-dscp 0x2e', 0x03, 0xbb],
  ])('%s', (target, before, after) => {
    const b = bench(mangle(target))
    expect(bytesOf(through(b, udp(b, 1, 2, { tos: before })))[1]).toBe(after)
  })

  it('HL and DSCP of IPv6', () => {
    const b = bench('', { iptables6: mangle('HL --hl-set 3', 'DSCP --set-dscp 0x2e') })
    const skb = through(b, udp6(b, 1, 2))
    expect([...bytesOf(skb).slice(0, 2), bytesOf(skb)[7]]).toEqual([0x6b, 0x80, 3])
  })

  describe('TCPMSS', () => {
    const mssOf = (skb: PacketBuffer): number | undefined => {
      const bytes = bytesOf(skb)
      const end = 20 + (bytes[32]! >>> 4) * 4
      for (let i = 40; i < end; i += bytes[i]! < 2 ? 1 : bytes[i + 1]!)
        if (bytes[i] === 2) return (bytes[i + 2]! << 8) | bytes[i + 3]!
      return undefined
    }
    const syn = (b: Bench, ...options: NonNullable<NonNullable<Parameters<typeof tcp>[4]>['options']>) =>
      tcp(b, 1, 2, 'S', { options })

    it('lowers, never raises', () => {
      const b = bench(mangle('TCPMSS --set-mss 1300'))
      expect(mssOf(through(b, syn(b, { kind: 'mss', value: 1460 })))).toBe(1300)
      expect(mssOf(through(b, syn(b, { kind: 'mss', value: 1200 })))).toBe(1200)
    })

    it('an option at an odd place keeps the checksum right', () => {
      const b = bench(mangle('TCPMSS --set-mss 1300'))
      expect(mssOf(through(b, syn(b, { kind: 'nop' }, { kind: 'mss', value: 1460 }, { kind: 'nop' })))).toBe(1300)
    })

    it('adds the option where there is none', () => {
      const b = bench(mangle('TCPMSS --set-mss 1300'))
      const skb = through(b, syn(b, { kind: 'sackOk' }))
      expect(mssOf(skb)).toBe(536)
      expect(bytesOf(skb)).toHaveLength(20 + 28)
    })

    it.each([
      ['IPv4: at most 536, which a peer assumes', 'inet', 1300, 536],
      ['IPv4: less when less is set', 'inet', 400, 400],
      ['IPv6: at most 1220', 'inet6', 1300, 1220],
      ['IPv6: less when less is set', 'inet6', 1000, 1000],
    ])('adds where there is none, %s', (_, family, mss, want) => {
      const rules = mangle(`TCPMSS --set-mss ${mss}`)
      const b = family === 'inet' ? bench(rules) : bench('', { iptables6: rules })
      const skb = through(b, family === 'inet' ? syn(b) : syn6(b))
      const bytes = bytesOf(skb)
      const at = family === 'inet' ? 20 : 40
      expect([...bytes.slice(at + 20, at + 24)]).toEqual([2, 4, want >> 8, want & 255])
      expect((bytes[at + 12] as number) >> 4).toBe(6)
      expect(bytes[family === 'inet' ? 3 : 5] as number).toBe(family === 'inet' ? 44 : 24)
    })

    it.each([
      ['data behind the header: the option is not added', { data: 5 }, 45],
      ['an option that lowers nothing', { options: [{ kind: 'mss', value: 1300 } as const] }, 44],
    ])('%s', (_, parts, length) => {
      const b = bench(mangle('TCPMSS --set-mss 1300'))
      expect(bytesOf(through(b, tcp(b, 1, 2, 'S', parts)))).toHaveLength(length)
    })

    it.each([
      ['IPv4', 'inet', 1400, 1360],
      ['IPv6', 'inet6', 1400, 1340],
      ['a way back that is narrower', 'inet', 9000, 1460],
      ['headers that do not fit', 'inet', 40, null],
      ['a byte more', 'inet', 41, 1],
    ])('clamps: %s', (_, family, mtu, want) => {
      const rules = mangle('TCPMSS --clamp-mss-to-pmtu')
      const b = family === 'inet' ? bench(rules) : bench('', { iptables6: rules })
      const mss = { kind: 'mss', value: 9000 } as const
      const skb = family === 'inet' ? syn(b, mss) : syn6(b, 2, 4, 9000 >> 8, 9000 & 255)
      skb.dst = { mtu } as never
      const verdict = b.hook('FORWARD', skb, 'in0', 'out0')
      const at = skb.network + (family === 'inet' ? 20 : 40) + 22
      expect(verdict === 0 ? null : (skb.bytes[at]! << 8) | skb.bytes[at + 1]!).toBe(want)
    })

    it.each([
      ['a header cut short', (b: Bench) => ip4(b, 6, new Uint8Array(19)), 0],
      ['a header that says it is shorter than any', (b: Bench) => raw(b, 0x40, 20), 0],
      ['a header that says it is longer than it is', (b: Bench) => raw(b, 0x60, 20), 0],
      ['no room for an option', (b: Bench) => raw(b, 0xf0, 60), 1],
      ['a later fragment', (b: Bench) => ip4(b, 6, new Uint8Array(8), { fragmentOffset: 24 }), 1],
    ])('%s: verdict %s', (_, packet, verdict) => {
      const b = bench(mangle('TCPMSS --set-mss 1300'))
      const skb = packet(b)
      const { length } = bytesOf(skb)
      expect([b.hook('FORWARD', skb, 'in0', 'out0'), bytesOf(skb).length]).toEqual([verdict, length])
    })

    const raw = (b: Bench, offset: number, length: number) =>
      ip4(
        b,
        6,
        Uint8Array.of(...new Uint8Array(12), offset, ...new Uint8Array(7), ...new Uint8Array(length - 20).fill(1)),
      )
    const syn6 = (b: Bench, ...option: number[]) => {
      const offset = (20 + option.length) / 4
      const skb = ip6(
        b,
        6,
        Uint8Array.of(0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, offset << 4, 2, 0, 0, 0, 0, 0, 0, ...option),
      )
      const pseudo = pseudoHeaderSum6(skb.bytes, skb.network, 6, skb.tail - skb.transport)
      writeU16(skb.bytes, skb.transport + 16, checksum(skb.bytes, skb.transport, skb.tail, pseudo))
      return skb
    }

    it('clamps to the smaller MTU of both ways', () => {
      const b = bench(mangle('TCPMSS --clamp-mss-to-pmtu'))
      const skb = syn(b, { kind: 'mss', value: 1460 })
      skb.dst = { mtu: 1400 } as never
      expect(mssOf(through(b, skb))).toBe(1360)
    })
  })

  describe.each<[type: string, dims: string, member: string]>([
    ['hash:ip family inet', 'src', '10.0.0.2'],
    ['hash:net family inet', 'src', '10.0.0.2'],
    ['hash:ip,port family inet', 'src,dst', '10.0.0.2,udp:2'],
    ['hash:net,net family inet', 'src,dst', '10.0.0.2,203.0.113.9'],
    ['hash:ip,port,net family inet', 'src,dst,dst', '10.0.0.2,udp:2,203.0.113.9'],
    ['bitmap:port range 0-65535', 'dst', '2'],
    ['bitmap:ip range 10.0.0.0-10.0.0.255', 'src', '10.0.0.2'],
    ['hash:ip family inet6', 'src', 'fd00:a::2'],
    ['hash:net family inet6', 'src', 'fd00:a::2'],
    ['hash:ip,port family inet6', 'src,dst', 'fd00:a::2,udp:2'],
  ])('SET of %s %s', (type, dims, member) => {
    const is6 = type.includes('inet6')
    /** Whether a packet is in the set, before and after the target has seen one. */
    function around(op: 'add' | 'del', members: string): [boolean, boolean] {
      const rules = [`-A FORWARD -m set --match-set s ${dims}`, `-A FORWARD -j SET --${op}-set s ${dims}`]
      const text = table('filter', ...rules)
      const b = bench(is6 ? '' : text, { ipset: `create s ${type}\n${members}`, ...(is6 ? { iptables6: text } : {}) })
      const hits = () => b.ns.nf?.counter(is6 ? 'inet6' : 'inet', 'filter', 'FORWARD', 0)[0] ?? 0
      const send = () => b.hook('FORWARD', is6 ? udp6(b, 1, 2) : udp(b, 1, 2), 'in0', 'out0')
      send()
      const first = hits()
      send()
      return [first === 1, hits() > first]
    }
    it('adds what it sees', () => expect(around('add', '')).toEqual([false, true]))
    it('deletes what a dump listed', () => expect(around('del', `add s ${member}\n`)).toEqual([true, false]))
    it('keeps what is there', () => expect(around('add', `add s ${member}\n`)).toEqual([true, true]))
  })

  it('SET adds what this packet shows, and nothing else', () => {
    const ipset = 'create seen hash:ip family inet hashsize 1024 maxelem 65536\n'
    const b = bench(
      table('filter', '-A FORWARD -m set --match-set seen src -j DROP', '-A FORWARD -j SET --add-set seen src'),
      { ipset },
    )
    const verdict = (src: string) => b.hook('FORWARD', udp(b, 1, 2, { src }), 'in0', 'out0')
    expect([verdict('10.0.0.2'), verdict('10.0.0.2'), verdict('10.0.0.3')]).toEqual([1, 0, 1])
  })

  it.each([
    ['--set-xmark 0x10/0xf0', 0xff1f, 0x305],
    ['--set-xmark 0x80000000/0x80000000', 0x8000ffff, 0x305],
    ['--save-mark --nfmask 0xf --ctmask 0xff00', 0xfa, 0x305],
    ['--restore-mark --nfmask 0xff --ctmask 0xf0', 0xffff, 0x3f0],
    ['--restore-mark --nfmask 0xffffffff --ctmask 0xffffffff', 0xffff, 0xffff],
  ])('CONNMARK %s: of connection mark ffff and mark 305', (operation, connection, packet) => {
    const rules = [
      '-A FORWARD -m mark --mark 0x0 -j CONNMARK --set-xmark 0xffff/0xffffffff',
      `-A FORWARD -m mark --mark 0x305 -j CONNMARK ${operation}`,
    ]
    const b = bench(table('mangle', ...rules))
    b.across(udp(b, 1, 2))
    const skb = udp(b, 1, 2, { mark: 0x305 })
    b.across(skb)
    expect([b.ns.nf?.conntrack()[0]?.mark, skb.mark]).toEqual([connection, packet])
  })
})

describe('an own packet that mangle has changed is routed again', () => {
  // @linux net/ipv4/netfilter/iptable_mangle.c ipt_mangle_out, net/ipv6/netfilter/ip6table_mangle.c ip6t_mangle_out
  it.each([
    ['MARK --set-xmark 0x1/0x1', 1],
    ['MARK --set-xmark 0x0/0x1', 0],
    ['TOS --set-tos 0x10/0xff', 1],
    ['TOS --set-tos 0x00/0xff', 0],
    ['TTL --ttl-set 9', 0],
    ['LOG', 0],
  ])('%s', (target, times) => {
    const b = bench(table('mangle', `-A OUTPUT -j ${target}`), {
      iptables6: table('mangle', `-A OUTPUT -j ${target.replace('TTL --ttl', 'HL --hl')}`),
    })
    const asked = { v4: 0, v6: 0 }
    const stack = { ...b.sim.stack, ipRouteMeHarder: () => ++asked.v4 > 0, ip6RouteMeHarder: () => ++asked.v6 > 0 }
    Object.assign(b.sim, { stack })
    expect(b.hook('OUTPUT', udp(b, 1, 2, { src: '192.0.2.1' }), undefined, 'out0')).toBe(1)
    expect(b.hook('OUTPUT', udp6(b, 1, 2, 'fd00:b::1'), undefined, 'out0')).toBe(1)
    expect(asked).toEqual({ v4: times, v6: times })
  })

  it('and dropped where there is no route', () => {
    const b = bench(table('mangle', '-A OUTPUT -j MARK --set-xmark 0x1/0x1'))
    Object.assign(b.sim, { stack: { ...b.sim.stack, ipRouteMeHarder: () => false } })
    expect(b.hook('OUTPUT', udp(b, 1, 2, { src: '192.0.2.1' }), undefined, 'out0')).toBe(0)
  })
})

it.each([
  [(b: Bench) => udp(b, 7, 53), 'udp 10.0.0.2:7 > 203.0.113.9:53'],
  [(b: Bench) => tcp(b, 7, 80, 'S'), 'tcp 10.0.0.2:7 > 203.0.113.9:80'],
  [(b: Bench) => echo(b, 7), 'icmp 10.0.0.2 > 203.0.113.9 type 8 id 7'],
  [(b: Bench) => ip4(b, 4, new Uint8Array(20)), 'proto 4 10.0.0.2 > 203.0.113.9'],
  [(b: Bench) => udp6(b, 7, 53), 'udp fd00:a::2:7 > fd00:b::9:53'],
  [
    (b: Bench) => icmp6(b, 128, 0x70001, new Uint8Array(8), 'fd00:a::2', 'fd00:b::9'),
    'icmpv6 fd00:a::2 > fd00:b::9 type 128 id 7',
  ],
])('records tell a connection by its first packet, case %#: %s', (packet, original) => {
  const watch = table('filter', '-A FORWARD -m conntrack --ctstate NEW')
  const b = bench(watch, { iptables6: watch })
  const recorder = new Recorder()
  b.sim.recorder = recorder
  b.across(packet(b))
  const events = Array.from({ length: recorder.length }, (_, i) => recorder.eventAt(i))
  expect(events.flatMap((event) => (event.kind === 'conntrack' ? [event.connection.original] : []))).toEqual([original])
})
