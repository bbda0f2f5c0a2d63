import { describe, expect, it } from 'vitest'
import { conntrackList } from '../../../src/linux/index.ts'
import { type Bench, bench, bytesOf, echo, icmp, ip4, type SegmentParts, table, tcp, udp } from './bench.ts'
import { A, B, line, stateOf, WATCH } from './watch.ts'

const dump = (b: Bench): string[] => conntrackList(b.ns.nf?.conntrack()).trim().split('\n')

describe('connection tracking', () => {
  // @linux net/netfilter/nf_conntrack_proto.c nf_ct_netns_get: whoever looks at connections, changes or translates them.
  it.each([
    ['filter', '-A FORWARD -p udp', 0],
    ['mangle', '-A FORWARD -m mark --mark 0x1', 0],
    ['mangle', '-A FORWARD -j MARK --set-xmark 0x1/0x1', 0],
    ['nat', '-A POSTROUTING -o out0', 0],
    ['raw', '-A PREROUTING -i out0 -j NOTRACK', 0],
    ['raw', '-A PREROUTING -i out0 -j CT --notrack', 0],
    ['raw', '-A PREROUTING -i out0 -j CT --zone 1', 1],
    ['mangle', '-A FORWARD -m conntrack --ctstate INVALID', 1],
    ['mangle', '-A FORWARD -m connmark --mark 0x1', 1],
    ['mangle', '-A FORWARD -i out0 -j CONNMARK --set-xmark 0x1/0x1', 1],
    ['nat', '-A POSTROUTING -o in0 -j SNAT --to-source 192.0.2.1', 1],
    ['nat', '-A POSTROUTING -o in0 -j MASQUERADE', 1],
    ['nat', '-A POSTROUTING -o in0 -j NETMAP --to 192.0.2.0/24', 1],
    ['nat', '-A PREROUTING -i out0 -j DNAT --to-destination 10.0.0.9', 1],
    ['nat', '-A PREROUTING -i out0 -j REDIRECT', 1],
  ] as const)('tracks only where a rule needs it: %s %s: %i', (name, rule, tracked) => {
    const b = bench(table(name, rule))
    b.across(udp(b))
    expect(b.ns.nf?.conntrack()).toHaveLength(tracked)
  })

  it('waits for the other fragments of a datagram, and for nothing else', () => {
    const b = bench(WATCH)
    const stack = { ...b.sim.stack }
    let held = 0
    stack.ipDefrag = () => {
      held++
      return false
    }
    Object.assign(b.sim, { stack })
    expect([b.across(udp(b)), held]).toEqual([true, 0])
    expect([b.across(udp(b, 1, 2, { mf: true })), held]).toEqual([false, 1])
    expect([b.across(udp(b, 1, 2, { fragmentOffset: 24 })), held]).toEqual([false, 2])
    expect(b.drops).toEqual([])
  })

  // @linux net/netfilter/xt_connmark.c connmark_mt: no connection, no match
  it.each(['--mark 0x0/0xff', '! --mark 0x0/0xff'])('an untracked packet has no connection mark: %s', (match) => {
    const b = bench(table('raw', '-A PREROUTING -j NOTRACK') + table('mangle', `-A FORWARD -m connmark ${match}`))
    expect(b.across(udp(b))).toBe(true)
    expect(b.hits('mangle', 'FORWARD')).toBe(0)
  })

  it.each([
    ['udp', (b: Bench) => udp(b), 7],
    ['icmp', (b: Bench) => echo(b), 8],
    ['generic', (b: Bench) => ip4(b, 4, new Uint8Array(20)), 9],
  ])('nf_conntrack_%s_timeout', (name, make, timeout) => {
    const sysctls = { [`net.netfilter.nf_conntrack_${name}_timeout`]: String(timeout) }
    const b = bench(WATCH, { sysctls })
    b.across(make(b))
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(timeout)
  })

  it.each([
    ['a header cut short', (b: Bench) => ip4(b, 17, new Uint8Array(7))],
    ['a length of less than a header', (b: Bench) => ip4(b, 17, Uint8Array.of(0, 7, 0, 53, 0, 7, 0, 0))],
    ['a length that is not there', (b: Bench) => ip4(b, 17, Uint8Array.of(0, 7, 0, 53, 0, 9, 0, 0))],
    ['ICMP cut short', (b: Bench) => ip4(b, 1, Uint8Array.of(8, 0, 0, 0, 0, 0, 0))],
    ['an ICMP type that there is not', (b: Bench) => icmp(b, 19, 0, 0, new Uint8Array(8))],
    ['ICMPv6 in IPv4', (b: Bench) => ip4(b, 58, Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 0))],
  ])('%s is invalid', (_, make) => {
    const b = bench(WATCH)
    expect(stateOf(b, () => b.across(make(b)))).toBe('INVALID')
  })

  it('a datagram may be followed by padding', () => {
    const b = bench(WATCH)
    const padded = ip4(b, 17, Uint8Array.of(0, 7, 0, 53, 0, 8, 0, 0, 1, 2, 3))
    expect(stateOf(b, () => b.across(padded))).toBe('NEW')
  })

  it('UDP: new until answered, then established; a stream after two seconds', () => {
    const b = bench(WATCH)
    const out = () => stateOf(b, () => b.across(udp(b, 1000, 53, { src: A, dst: B })))
    const back = () => stateOf(b, () => b.across(udp(b, 53, 1000, { src: B, dst: A }), 'out0'))
    expect([out(), out()]).toEqual(['NEW', 'NEW'])
    expect(dump(b)).toEqual([
      'ipv4     2 udp      17 30 src=10.0.0.2 dst=203.0.113.9 sport=1000 dport=53 [UNREPLIED] src=203.0.113.9 dst=10.0.0.2 sport=53 dport=1000 mark=0 use=1',
    ])
    expect([back(), out()]).toEqual(['ESTABLISHED', 'ESTABLISHED'])
    expect(b.ns.nf?.conntrack()[0]).toMatchObject({ timeout: 30 })
    b.sim.clock.now = 3e9
    expect(out()).toBe('ESTABLISHED')
    expect(b.ns.nf?.conntrack()[0]).toMatchObject({ timeout: 120, assured: true })
  })

  it('an entry expires by the clock', () => {
    const b = bench(WATCH)
    const out = () => stateOf(b, () => b.across(udp(b)))
    out()
    b.across(udp(b, 53, 1000, { src: B, dst: A }), 'out0')
    b.sim.clock.now = 29.9e9
    expect(b.ns.nf?.conntrack()).toHaveLength(1)
    b.sim.clock.now = 30e9
    expect(b.ns.nf?.conntrack()).toHaveLength(0)
    expect(out()).toBe('NEW')
  })

  it('ICMP: the identifier tells flows apart; an answer nobody asked for is invalid', () => {
    const b = bench(WATCH)
    expect(stateOf(b, () => b.across(echo(b, 7)))).toBe('NEW')
    const reply = (id: number) => icmp(b, 0, 0, id * 0x10000 + 1, new Uint8Array(24), { src: B, dst: A })
    expect(stateOf(b, () => b.across(reply(8), 'out0'))).toBe('INVALID')
    expect(stateOf(b, () => b.across(reply(7), 'out0'))).toBe('ESTABLISHED')
    expect(stateOf(b, () => b.across(icmp(b, 42, 0, 0, new Uint8Array(8))))).toBe('INVALID')
  })

  it('an ICMP error is related to the packet it quotes', () => {
    const b = bench(WATCH)
    const datagram = udp(b, 1000, 53, { src: A, dst: B })
    const quote = bytesOf(datagram)
    b.across(datagram)
    const error = (body: Uint8Array, dst = A) => icmp(b, 3, 1, 0, body, { src: '203.0.113.1', dst })
    expect(stateOf(b, () => b.across(error(quote), 'out0'))).toBe('RELATED')
    expect(stateOf(b, () => b.across(error(quote.slice(0, 28)), 'out0'))).toBe('RELATED')
    expect(stateOf(b, () => b.across(error(quote.slice(0, 22)), 'out0'))).toBe('INVALID')
    expect(stateOf(b, () => b.across(error(quote, '10.0.0.3'), 'out0'))).toBe('INVALID')
    const other = bytesOf(udp(b, 1001, 53, { src: A, dst: B }))
    expect(stateOf(b, () => b.across(error(other), 'out0'))).toBe('INVALID')
    // A header that says it is longer than what is quoted, or shorter than any.
    for (const first of [0x4f, 0x44]) {
      const broken = Uint8Array.of(first, ...quote.slice(1))
      expect(stateOf(b, () => b.across(error(broken), 'out0'))).toBe('INVALID')
    }
    expect(b.ns.nf?.conntrack()).toHaveLength(1)
  })

  it('what lies behind the end of a packet is not read', () => {
    const b = bench(WATCH, { sysctls: { 'net.netfilter.nf_conntrack_checksum': '0' } })
    const datagram = udp(b, 1000, 53, { src: A, dst: B })
    const quote = bytesOf(datagram)
    b.across(datagram)
    // The port number is in the buffer, but the message ends before it.
    const cutTo = (quoted: number): string => {
      const skb = icmp(b, 3, 1, 0, quote, { src: '203.0.113.1', dst: A })
      skb.tail = skb.transport + 8 + quoted
      return stateOf(b, () => b.across(skb, 'out0'))
    }
    expect([cutTo(19), cutTo(23), cutTo(24)]).toEqual(['INVALID', 'INVALID', 'RELATED'])
  })

  it('other protocols are told apart by addresses only, for ten minutes', () => {
    const b = bench(WATCH)
    expect(stateOf(b, () => b.across(ip4(b, 4, new Uint8Array(40))))).toBe('NEW')
    expect(stateOf(b, () => b.across(ip4(b, 4, new Uint8Array(40), { src: B, dst: A }), 'out0'))).toBe('ESTABLISHED')
    expect(dump(b)).toEqual([
      'ipv4     2 unknown  4 600 src=10.0.0.2 dst=203.0.113.9 src=203.0.113.9 dst=10.0.0.2 mark=0 use=1',
    ])
  })

  it.each([
    ['UDP', (b: Bench) => udp(b)],
    ['TCP', (b: Bench) => tcp(b, 1, 2, 'S')],
    ['ICMP', (b: Bench) => echo(b)],
  ])('%s with a wrong checksum is invalid on arrival', (_, make) => {
    const b = bench(WATCH)
    const skb = make(b)
    skb.bytes[skb.tail - 1]! ^= 1
    expect(stateOf(b, () => b.across(skb))).toBe('INVALID')
    expect(b.ns.nf?.conntrack()).toEqual([])
  })

  it('a wrong checksum is believed when nf_conntrack_checksum is 0, and UDP may do without', () => {
    const b = bench(WATCH, { sysctls: { 'net.netfilter.nf_conntrack_checksum': '0' } })
    const skb = udp(b)
    skb.bytes[skb.tail - 1]! ^= 1
    expect(stateOf(b, () => b.across(skb))).toBe('NEW')
    const plain = bench(WATCH)
    expect(stateOf(plain, () => plain.across(udp(plain, 1, 2, { checksum: false })))).toBe('NEW')
  })

  it('NOTRACK, CT --notrack and zones', () => {
    const raw = (target: string) => table('raw', `-A PREROUTING -j ${target}`)
    const off = bench(raw('NOTRACK') + WATCH)
    expect(stateOf(off, () => off.across(udp(off)))).toBe('UNTRACKED')
    const also = bench(raw('CT --notrack') + WATCH)
    expect(stateOf(also, () => also.across(udp(also)))).toBe('UNTRACKED')
    const zoned = bench(table('raw', '-A PREROUTING -i in0 -j CT --zone 5') + WATCH)
    expect(stateOf(zoned, () => zoned.across(udp(zoned, 1, 2)))).toBe('NEW')
    expect(stateOf(zoned, () => zoned.across(udp(zoned, 2, 1, { src: B, dst: A }), 'out0'))).toBe('NEW')
    expect(
      zoned.ns.nf
        ?.conntrack()
        .map((c) => c.zone ?? 0)
        .sort(),
    ).toEqual([0, 5])
  })

  it('a full table drops what is new', () => {
    const b = bench(WATCH, { sysctls: { 'net.netfilter.nf_conntrack_max': '1' } })
    expect(b.across(udp(b, 1, 2))).toBe(true)
    expect(b.across(udp(b, 3, 4))).toBe(false)
    expect(b.drops).toEqual(['netfilter_drop'])
    expect(b.across(udp(b, 2, 1, { src: B, dst: A }), 'out0')).toBe(true)
  })

  it('a dump seeds the table, NAT included', () => {
    const line =
      'ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=198.18.0.1 sport=5 dport=80 src=203.0.113.9 dst=10.0.0.2 sport=8080 dport=5 [ASSURED] mark=7 use=1'
    const b = bench(WATCH)
    const seeded = bench(WATCH + table('nat', '-A PREROUTING -j RETURN'), {
      conntrack: [
        {
          family: 'inet',
          protocol: 6,
          timeout: 431999,
          state: 'ESTABLISHED',
          original: { src: '10.0.0.2', dst: '198.18.0.1', sport: 5, dport: 80 } as never,
          reply: { src: '203.0.113.9', dst: '10.0.0.2', sport: 8080, dport: 5 } as never,
          assured: true,
          mark: 7,
        },
      ],
    })
    expect(dump(seeded)).toEqual([line])
    const skb = tcp(b, 5, 80, 'A', { src: '10.0.0.2', dst: '198.18.0.1', seq: 9, ack: 8 })
    expect(stateOf(seeded, () => seeded.across(skb))).toBe('ESTABLISHED')
    expect([...bytesOf(skb).slice(16, 20)].join('.')).toBe('203.0.113.9')
  })
})

describe('TCP', () => {
  it('a whole life', () => {
    const b = bench(WATCH)
    const l = line(b)
    expect(l.out('S', { seq: 100 })).toBe('NEW')
    expect(l.state()).toBe('SYN_SENT')
    expect(l.in('SA', { seq: 500, ack: 101 })).toBe('ESTABLISHED')
    expect(l.state()).toBe('SYN_RECV')
    expect(l.out('A', { seq: 101, ack: 501 })).toBe('ESTABLISHED')
    expect(b.ns.nf?.conntrack()[0]).toMatchObject({ state: 'ESTABLISHED', assured: true, timeout: 432000 })
    l.out('PA', { seq: 101, ack: 501, data: 50 })
    expect(b.ns.nf?.conntrack()[0]).toMatchObject({ timeout: 300 })
    l.in('A', { seq: 501, ack: 151 })
    expect(l.out('FA', { seq: 151, ack: 501 })).toBe('ESTABLISHED')
    expect(l.state()).toBe('FIN_WAIT')
    l.in('A', { seq: 501, ack: 152 })
    expect(l.state()).toBe('CLOSE_WAIT')
    l.in('FA', { seq: 501, ack: 152 })
    expect(l.state()).toBe('LAST_ACK')
    l.out('A', { seq: 152, ack: 502 })
    expect(b.ns.nf?.conntrack()[0]).toMatchObject({ state: 'TIME_WAIT', timeout: 120 })
  })

  it('a refused connection is forgotten at once', () => {
    const b = bench(WATCH)
    const l = line(b)
    l.out('S', { seq: 100 })
    expect(l.in('RA', { seq: 0, ack: 101 })).toBe('ESTABLISHED')
    expect(b.ns.nf?.conntrack()).toEqual([])
  })

  it.each([
    ['SYN ACK of nothing', 'SA', 'INVALID'],
    ['FIN of nothing', 'FA', 'INVALID'],
    ['RST of nothing', 'R', 'INVALID'],
    ['ACK of nothing is picked up', 'A', 'NEW'],
    ['no flags', '', 'INVALID'],
    ['SYN and FIN', 'SF', 'INVALID'],
    ['SYN and RST', 'SR', 'INVALID'],
    ['all of them', 'SAFRPU', 'INVALID'],
    ['SYN and URG', 'SU', 'NEW'],
    ['FIN without ACK', 'F', 'INVALID'],
  ])('%s', (_, flags, state) => {
    expect(line(bench(WATCH)).out(flags, { seq: 1, ack: 1 })).toBe(state)
  })

  it('nothing is picked up when loose is 0', () => {
    const b = bench(WATCH, { sysctls: { 'net.netfilter.nf_conntrack_tcp_loose': '0' } })
    expect(line(b).out('A', { seq: 1, ack: 1 })).toBe('INVALID')
  })

  describe('windows', () => {
    const established = (sysctls: Record<string, string> = {}) => {
      const b = bench(WATCH, { sysctls })
      const l = line(b)
      l.out('S', { seq: 1000, win: 1000 })
      l.in('SA', { seq: 5000, ack: 1001, win: 2000 })
      l.out('A', { seq: 1001, ack: 5001, win: 1000 })
      return l
    }

    it.each<[string, SegmentParts, string]>([
      ['in the window', { seq: 1001, ack: 5001, data: 2000 }, 'ESTABLISHED'],
      ['starts beyond the window', { seq: 9000, ack: 5001, data: 10 }, 'INVALID'],
      ['a little beyond, no more than a window: let through', { seq: 3002, ack: 5001, data: 10 }, 'ESTABLISHED'],
      ['acknowledges what was never sent', { seq: 1001, ack: 5002, data: 10 }, 'INVALID'],
      ['old data again: let through', { seq: 900, ack: 5001, data: 10 }, 'ESTABLISHED'],
    ])('%s', (_, parts, state) => {
      expect(established().out('A', parts)).toBe(state)
    })

    it('be_liberal holds nothing against anybody', () => {
      const l = established({ 'net.netfilter.nf_conntrack_tcp_be_liberal': '1' })
      expect(l.out('A', { seq: 900000, ack: 5001, data: 10 })).toBe('ESTABLISHED')
    })

    it('a reset must fit exactly to close', () => {
      const l = established()
      expect(l.in('R', { seq: 4000 })).toBe('INVALID')
      expect(l.state()).toBe('ESTABLISHED')
      expect(l.in('R', { seq: 5100 })).toBe('ESTABLISHED')
      expect(l.state()).toBe('ESTABLISHED')
      expect(l.in('R', { seq: 5001 })).toBe('ESTABLISHED')
      expect(l.state()).toBe('CLOSE')
    })

    it('window scaling counts when both offered it', () => {
      const b = bench(WATCH)
      const l = line(b)
      const options = [{ kind: 'wscale', shift: 7 }] as const
      l.out('S', { seq: 1000, win: 1000, options })
      l.in('SA', { seq: 5000, ack: 1001, win: 1000, options })
      l.out('A', { seq: 1001, ack: 5001, win: 1000 })
      l.in('A', { seq: 5001, ack: 1001, win: 1000 })
      expect(l.out('A', { seq: 1001 + 127_000, ack: 5001, data: 500 })).toBe('ESTABLISHED')
      expect(l.out('A', { seq: 1001 + 400_000, ack: 5001, data: 500 })).toBe('INVALID')
    })
  })

  it('a SYN after the close begins anew', () => {
    const b = bench(WATCH)
    const l = line(b)
    l.out('S', { seq: 100 })
    l.in('SA', { seq: 500, ack: 101 })
    l.out('A', { seq: 101, ack: 501 })
    l.out('FA', { seq: 101, ack: 501 })
    l.in('FA', { seq: 501, ack: 102 })
    l.out('A', { seq: 102, ack: 502 })
    expect(l.state()).toBe('TIME_WAIT')
    expect(l.out('S', { seq: 9000 })).toBe('NEW')
    expect(b.ns.nf?.conntrack()).toHaveLength(1)
    expect(l.state()).toBe('SYN_SENT')
  })
})
