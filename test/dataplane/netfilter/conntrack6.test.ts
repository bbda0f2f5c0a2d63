import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { buildIcmpv6, pseudoHeaderSum6 } from '../../../src/wire/index.ts'
import { type Bench, bench, bytesOf, ip6, table, udp6 } from './bench.ts'

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const
const RULES = table('filter', ...STATES.map((s) => `-A FORWARD -m conntrack --ctstate ${s} -j ACCEPT`))

const A = 'fd00:a::2'
const B = 'fd00:b::9'

function icmp6(b: Bench, type: number, word: number, body: Uint8Array, src: string, dst: string): PacketBuffer {
  const skb = ip6(b, 58, new Uint8Array(8 + body.length), src, dst)
  skb.bytes.set(body, skb.transport + 8)
  const pseudo = pseudoHeaderSum6(skb.bytes, skb.network, 58, 8 + body.length)
  buildIcmpv6(skb.bytes, skb.transport, skb.tail, { type, code: 0, restOfHeader: word, pseudo })
  return skb
}

function stateOf(b: Bench, skb: PacketBuffer, indev = 'in0'): string {
  const count = (i: number): number => b.ns.nf?.counter('inet6', 'filter', 'FORWARD', i)[0] ?? 0
  const before = STATES.map((_, i) => count(i))
  b.across(skb, indev)
  return STATES.filter((_, i) => count(i) !== before[i]).join(' ')
}

describe('connection tracking of IPv6', () => {
  it('UDP, there and back', () => {
    const b = bench('', { iptables6: RULES })
    expect(stateOf(b, udp6(b, 1000, 53, A, B))).toBe('NEW')
    expect(stateOf(b, udp6(b, 53, 1000, B, A), 'out0')).toBe('ESTABLISHED')
    expect(b.ns.nf?.conntrack()).toMatchObject([{ family: 'inet6', protocol: 17, original: { src: A, dst: B } }])
  })

  it('echo by identifier', () => {
    const b = bench('', { iptables6: RULES })
    const body = new Uint8Array(16)
    expect(stateOf(b, icmp6(b, 128, 0x70001, body, A, B))).toBe('NEW')
    expect(stateOf(b, icmp6(b, 129, 0x80001, body, B, A), 'out0')).toBe('INVALID')
    expect(stateOf(b, icmp6(b, 129, 0x70001, body, B, A), 'out0')).toBe('ESTABLISHED')
  })

  it.each([
    ['neighbour solicitation', 135],
    ['neighbour advertisement', 136],
    ['router advertisement', 134],
    ['listener report', 143],
  ])('a %s is never tracked', (_, type) => {
    const b = bench('', { iptables6: RULES })
    expect(stateOf(b, icmp6(b, type, 0, new Uint8Array(16), A, B))).toBe('UNTRACKED')
    expect(b.ns.nf?.conntrack()).toEqual([])
  })

  it('an error is related to the packet it quotes', () => {
    const b = bench('', { iptables6: RULES })
    const datagram = udp6(b, 1000, 53, A, B)
    const quote = bytesOf(datagram)
    stateOf(b, datagram)
    expect(stateOf(b, icmp6(b, 1, 0, quote, 'fd00:b::1', A), 'out0')).toBe('RELATED')
    expect(stateOf(b, icmp6(b, 1, 0, quote, 'fd00:b::1', 'fd00:a::3'), 'out0')).toBe('INVALID')
  })

  it('IPv4 rules track no IPv6', () => {
    const b = bench(RULES, { iptables6: table('filter') })
    b.across(udp6(b, 1000, 53, A, B))
    expect(b.ns.nf?.conntrack()).toEqual([])
  })
})
