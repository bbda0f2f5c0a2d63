// What REJECT answers, and whom.
import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { buildTcp, keyToIpv6, pseudoHeaderSum6, readIp6Key } from '../../../src/wire/index.ts'
import { type Bench, bench, bytesOf, echo, ip4, ip6, table, tcp, udp, udp6 } from './bench.ts'
import { wrongSums } from './sums.ts'

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

  it.each<[string, string, { seq: number; ack?: number }, { seq: number; ack: number; flags: number }]>([
    ['SYN', 'S', { seq: 100 }, { seq: 0, ack: 101, flags: 0x14 }],
    ['ACK', 'A', { seq: 100, ack: 777 }, { seq: 777, ack: 0, flags: 0x04 }],
  ])('tcp-reset of a %s over IPv6', (_, flags, parts, want) => {
    const { reset } = reset6(flags, parts)
    const bytes = bytesOf(reset!)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    expect(wrongSums(reset!)).toEqual([])
    expect({ seq: view.getUint32(44), ack: view.getUint32(48), flags: bytes[53] }).toEqual(want)
    expect([view.getUint16(40), view.getUint16(42), bytes[7], bytes.length]).toEqual([80, 1000, 64, 60])
    expect([keyToIpv6(readIp6Key(bytes, 8)), keyToIpv6(readIp6Key(bytes, 24))]).toEqual(['fd00:b::9', 'fd00:a::2'])
    expect(reset?.dst?.dev.name).toBe('in0')
  })

  it.each<[string, string, Parameters<typeof reset6>[1], string?, string?]>([
    ['a reset', 'R', { seq: 1 }],
    ['what came from a group', 'S', { seq: 1 }, 'ff02::9'],
    ['what went to a group', 'S', { seq: 1 }, 'fd00:a::2', 'ff02::9'],
    ['what came from nobody', 'S', { seq: 1 }, '::'],
    ['a sender there is no route to', 'S', { seq: 1 }, '2001:db8::1'],
  ])('no reset over IPv6 to %s', (_, flags, parts, from, to) => {
    expect(reset6(flags, parts, from, to).reset).toBeUndefined()
  })

  it.each([
    ['0', 0],
    ['1', 0x55],
  ])('fwmark_reflect %s: the reset has mark %i', (reflect, mark) => {
    const sysctls = { 'net.ipv4.fwmark_reflect': reflect, 'net.ipv6.fwmark_reflect': reflect }
    const b = bench(RESET, { sysctls })
    const sent = spy(b)
    b.hook('FORWARD', routed(b, tcp(b, 1000, 80, 'S', { mark: 0x55 })), 'in0', 'out0')
    expect(sent[0]?.skb?.mark).toBe(mark)
  })

  it.each<[string, (skb: PacketBuffer) => object]>([
    ['a wrong checksum', (skb) => ({ bytes: broken(skb).bytes })],
    ['a group as destination', ({ dst }) => ({ dst: { ...dst, multicast: true } })],
    ['a broadcast', ({ dst }) => ({ dst: { ...dst, broadcast: true } })],
    ['no route yet', () => ({ dst: null })],
  ])('no reset: %s', (_, change) => {
    const b = bench(RESET)
    const sent = spy(b)
    const skb = routed(b, tcp(b, 1000, 80, 'S'))
    Object.assign(skb, change(skb))
    b.hook('FORWARD', skb, 'in0', 'out0')
    expect(sent).toEqual([])
  })

  // @linux net/ipv4/netfilter/nf_reject_ipv4.c nf_reject_verify_csum
  it.each<[string, (b: Bench) => PacketBuffer, number]>([
    ['UDP without a checksum', (b) => udp(b, 1, 2, { checksum: false }), 1],
    ['UDP with a wrong one', (b) => broken(udp(b, 1, 2)), 0],
    ['TCP with a wrong one', (b) => broken(tcp(b, 1, 2, 'S')), 0],
    ['ICMP with a wrong one', (b) => broken(echo(b)), 0],
    ['a protocol whose sum is no Internet checksum', (b) => ip4(b, 132, Uint8Array.of(1, 2, 3, 4)), 1],
    ['GRE', (b) => ip4(b, 47, Uint8Array.of(1, 2, 3, 4)), 1],
  ])('an ICMP answer to %s', (_, packet, answers) => {
    const b = bench(table('filter', '-A FORWARD -j REJECT'))
    const sent = spy(b)
    b.hook('FORWARD', routed(b, packet(b)), 'in0', 'out0')
    expect(sent).toHaveLength(answers)
  })

  function broken(skb: PacketBuffer): PacketBuffer {
    skb.bytes[skb.tail - 1]! ^= 1
    return skb
  }

  /** What a TCP segment over IPv6 is answered with. */
  function reset6(flags: string, parts: { seq: number; ack?: number }, from = 'fd00:a::2', to = 'fd00:b::9') {
    const b = bench('', { iptables6: RESET })
    const sent: PacketBuffer[] = []
    Object.assign(b.sim, { stack: { ...b.sim.stack, ip6LocalOut: (skb: PacketBuffer) => void sent.push(skb) } })
    const bits = { S: 2, A: 16, R: 4 }[flags] as number
    const skb = ip6(b, 6, new Uint8Array(20), from, to)
    const pseudo = pseudoHeaderSum6(skb.bytes, skb.network, 6, 20)
    buildTcp(skb.bytes, skb.transport, skb.tail, {
      sourcePort: 1000,
      destinationPort: 80,
      sequence: parts.seq,
      acknowledgment: parts.ack ?? 0,
      flags: bits,
      window: 9,
      pseudo,
    })
    b.hook('FORWARD', skb, 'in0', 'out0')
    return { reset: sent[0] }
  }

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
