import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { type Bench, bench, bytesOf, table, tcp, udp, udp6 } from './bench.ts'
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

/** What REJECT sends, as the stack was asked to. */
interface Sent {
  readonly what: string
  readonly skb: PacketBuffer | null
}

function spy(b: Bench): Sent[] {
  const sent: Sent[] = []
  const stack = { ...b.sim.stack }
  stack.icmpSend = (_, type, code) => void sent.push({ what: `icmp ${type}/${code}`, skb: null })
  stack.icmpv6Send = (_, type, code) => void sent.push({ what: `icmpv6 ${type}/${code}`, skb: null })
  stack.ipLocalOut = (skb) => {
    sent.push({ what: 'reset', skb })
    return null
  }
  Object.assign(b.sim, { stack })
  return sent
}

function routed(b: Bench, skb: PacketBuffer): PacketBuffer {
  const bytes = bytesOf(skb)
  const word = (o: number): number =>
    ((bytes[o]! << 24) | (bytes[o + 1]! << 16) | (bytes[o + 2]! << 8) | bytes[o + 3]!) >>> 0
  skb.dev = b.ns.byName.get('in0')!
  b.sim.stack.ipRouteInput(skb, word(16), word(12), 0, skb.dev)
  return skb
}

describe('REJECT', () => {
  it.each([
    ['icmp-net-unreachable', 'icmp 3/0'],
    ['icmp-host-unreachable', 'icmp 3/1'],
    ['icmp-proto-unreachable', 'icmp 3/2'],
    ['icmp-port-unreachable', 'icmp 3/3'],
    ['icmp-net-prohibited', 'icmp 3/9'],
    ['icmp-host-prohibited', 'icmp 3/10'],
    ['icmp-admin-prohibited', 'icmp 3/13'],
  ])('%s', (kind, what) => {
    const b = bench(table('filter', `-A FORWARD -j REJECT --reject-with ${kind}`))
    const sent = spy(b)
    expect(b.hook('FORWARD', routed(b, udp(b)), 'in0', 'out0')).toBe(0)
    expect(sent.map((s) => s.what)).toEqual([what])
    expect(b.drops).toEqual(['netfilter_drop'])
  })

  it.each([
    ['icmp6-no-route', 'icmpv6 1/0'],
    ['icmp6-adm-prohibited', 'icmpv6 1/1'],
    ['icmp6-addr-unreachable', 'icmpv6 1/3'],
    ['icmp6-port-unreachable', 'icmpv6 1/4'],
  ])('%s', (kind, what) => {
    const b = bench('', { iptables6: table('filter', `-A FORWARD -j REJECT --reject-with ${kind}`) })
    const sent = spy(b)
    const skb = udp6(b, 1, 2)
    skb.dst = {} as never
    expect(b.hook('FORWARD', skb, 'in0', 'out0')).toBe(0)
    expect(sent.map((s) => s.what)).toEqual([what])
  })

  it('a packet with a wrong checksum, and a later fragment, get no answer', () => {
    const b = bench(table('filter', '-A FORWARD -j REJECT --reject-with icmp-port-unreachable'))
    const sent = spy(b)
    const skb = routed(b, udp(b))
    skb.bytes[skb.tail - 1]! ^= 1
    b.hook('FORWARD', skb, 'in0', 'out0')
    b.hook('FORWARD', routed(b, udp(b, 1, 2, { fragmentOffset: 24 })), 'in0', 'out0')
    expect(sent).toEqual([])
    expect(b.drops).toHaveLength(2)
  })

  const RESET = table('filter', '-A FORWARD -p tcp -j REJECT --reject-with tcp-reset')

  it.each([
    ['SYN', 'S', { seq: 100 }, { seq: 0, ack: 101, flags: 0x14 }],
    ['ACK', 'A', { seq: 100, ack: 777 }, { seq: 777, ack: 0, flags: 0x04 }],
    ['data with FIN, without ACK', 'F', { seq: 100, data: 10 }, { seq: 0, ack: 111, flags: 0x14 }],
  ])('tcp-reset of a %s', (_, flags, parts, want) => {
    const b = bench(RESET)
    const sent = spy(b)
    expect(b.hook('FORWARD', routed(b, tcp(b, 1000, 80, flags, parts)), 'in0', 'out0')).toBe(0)
    const reset = sent[0]!.skb!
    const bytes = bytesOf(reset)
    const word = (o: number): number =>
      ((bytes[o]! << 24) | (bytes[o + 1]! << 16) | (bytes[o + 2]! << 8) | bytes[o + 3]!) >>> 0
    expect(wrongSums(reset)).toEqual([])
    expect({ seq: word(24), ack: word(28), flags: bytes[33] }).toEqual(want)
    expect(reset.dst?.dev.name).toBe('in0')
  })

  it('a reset is not reset', () => {
    const b = bench(RESET)
    const sent = spy(b)
    expect(b.hook('FORWARD', routed(b, tcp(b, 1000, 80, 'R')), 'in0', 'out0')).toBe(0)
    expect(sent).toEqual([])
  })

  it('the reset belongs to the connection, which closes', () => {
    const b = bench(RESET + table('mangle', '-A FORWARD -m conntrack --ctstate NEW'))
    const sent = spy(b)
    b.across(routed(b, tcp(b, 1000, 80, 'S')))
    const reset = sent[0]!.skb!
    expect([reset.ct === null, reset.ctinfo]).toEqual([false, 4])
  })
})
