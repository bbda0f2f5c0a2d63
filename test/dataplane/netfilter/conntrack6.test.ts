import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { type Bench, bench, bytesOf, icmp6, ip6, table, udp6 } from './bench.ts'

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const
const RULES = table('filter', ...STATES.map((s) => `-A FORWARD -m conntrack --ctstate ${s} -j ACCEPT`))

const A = 'fd00:a::2'
const B = 'fd00:b::9'

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
    expect(stateOf(b, icmp6(b, 1, 0, quote.slice(0, 43), 'fd00:b::1', A), 'out0')).toBe('INVALID')
    for (const type of [1, 2, 3, 4])
      expect(stateOf(b, icmp6(b, type, 0, quote, 'fd00:b::1', A), 'out0')).toBe('RELATED')
    expect(stateOf(b, icmp6(b, 127, 0, quote, 'fd00:b::1', A), 'out0')).toBe('RELATED')
    // What is quoted has a header that does not fit.
    const broken = Uint8Array.of(...quote.slice(0, 6), 0, ...quote.slice(7, 40), 17, 200, ...quote.slice(42))
    expect(stateOf(b, icmp6(b, 1, 0, broken, 'fd00:b::1', A), 'out0')).toBe('INVALID')
  })

  // @rfc 4861 §4.6.3: in an option, padded to eight bytes, behind two addresses
  it('a redirect is related to the packet in its option', () => {
    const b = bench('', { iptables6: RULES })
    const datagram = udp6(b, 1000, 53, A, B)
    const quote = bytesOf(datagram)
    stateOf(b, datagram)
    const addresses = new Uint8Array(32)
    const option = (kind: number, body: Uint8Array): number[] => [
      kind,
      (8 + body.length) / 8,
      0,
      0,
      0,
      0,
      0,
      0,
      ...body,
    ]
    const linkLayer = [2, 1, 2, 0, 0, 0, 0, 9]
    const redirect = (...options: number[]) => icmp6(b, 137, 0, Uint8Array.of(...addresses, ...options), 'fd00:b::1', A)
    expect(stateOf(b, redirect(...option(4, quote)), 'out0')).toBe('RELATED')
    expect(stateOf(b, redirect(...linkLayer, ...option(4, quote)), 'out0')).toBe('RELATED')
    expect(stateOf(b, redirect(...linkLayer), 'out0')).toBe('INVALID')
    expect(stateOf(b, redirect(2, 0, 0, 0, 0, 0, 0, 0, ...option(4, quote)), 'out0')).toBe('INVALID')
    expect(stateOf(b, redirect(), 'out0')).toBe('INVALID')
  })

  it.each([
    ['at once', []],
    ['behind hop-by-hop options', [0]],
    ['behind options and a routing header', [0, 43]],
  ])('fragments wait for each other: a fragment header %s', (_, extensions) => {
    const b = bench('', { iptables6: RULES })
    const chain = [...extensions, 44, 17]
    const headers = chain.slice(1).flatMap((next, i) => [next, 0, 0, chain[i] === 44 ? 1 : 0, 0, 0, 0, 0])
    // 43 and 0 are read as options of one Pad4 each; the fragment header says: the first of several.
    const skb = ip6(b, chain[0] as number, Uint8Array.of(...headers, ...new Uint8Array(16)), A, B)
    skb.dev = b.ns.byName.get('in0')!
    expect(stateOf(b, skb)).toBe('')
    expect([b.ns.ip6?.frags.size, b.drops]).toEqual([1, []])
  })

  it('nf_conntrack_icmpv6_timeout', () => {
    const sysctls = { 'net.netfilter.nf_conntrack_icmpv6_timeout': '7' }
    const b = bench('', { iptables6: RULES, sysctls })
    b.across(icmp6(b, 128, 1, new Uint8Array(8), A, B))
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(7)
  })

  it('an ICMPv6 message cut short is invalid', () => {
    const b = bench('', { iptables6: RULES })
    expect(stateOf(b, ip6(b, 58, Uint8Array.of(128, 0, 0x7f, 0x00, 0, 0, 0), A, B))).toBe('INVALID')
    expect(stateOf(b, ip6(b, 1, Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0), A, B))).toBe('INVALID')
  })

  it('IPv4 rules track no IPv6', () => {
    const b = bench(RULES, { iptables6: table('filter') })
    b.across(udp6(b, 1000, 53, A, B))
    expect(b.ns.nf?.conntrack()).toEqual([])
  })
})
