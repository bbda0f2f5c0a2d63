// Headers behind the IPv6 header: options, routing, fragments.
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/dataplane/index.ts'
import { PACKET_MULTICAST } from '../../../src/dataplane/kernel/skb.ts'
import { buildIpv6Fragment, IP_PROTOCOL } from '../../../src/wire/index.ts'
import { icmp6, packet6 } from './hosts6.ts'
import { FAR, NEAR, PING, receive, router } from './router.ts'

describe('extension headers', () => {
  const options = (next: number, ...bytes: number[]): Uint8Array =>
    new Uint8Array([next, (bytes.length + 2) / 8 - 1, ...bytes])
  const chained = (header: Uint8Array, from: string, to: string): Uint8Array =>
    new Uint8Array([...header, ...icmp6(from, to, 128, 7, PING)])
  const ME = 'fd00:0:0:1::1'
  const { HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING } = IP_PROTOCOL
  const reply = `eth0 ${NEAR}: ${ME} > ${NEAR} icmp 129.0 7 hop 64 len 104`
  const problem = (code: number, pointer: number): string =>
    `eth0 ${NEAR}: ${ME} > ${NEAR} icmp 4.${code} ${pointer.toString(16)} hop 64 len 160`
  const table: { name: string; next: number; header: Uint8Array; want: string[]; lost: string[] }[] = [
    {
      name: 'hop-by-hop with padding',
      next: HOP_BY_HOP,
      header: options(58, 1, 4, 0, 0, 0, 0),
      want: [reply],
      lost: [],
    },
    { name: 'router alert', next: HOP_BY_HOP, header: options(58, 5, 2, 0, 0, 1, 0), want: [reply], lost: [] },
    {
      name: 'padding that is not zero',
      next: HOP_BY_HOP,
      header: options(58, 1, 4, 0, 9, 0, 0),
      want: [],
      lost: ['ip6_extension_bad'],
    },
    {
      name: 'an option longer than its header',
      next: HOP_BY_HOP,
      header: options(58, 1, 9, 0, 0, 0, 0),
      want: [],
      lost: ['ip6_extension_bad'],
    },
    {
      name: 'unknown option to be skipped',
      next: DESTINATION_OPTIONS,
      header: options(58, 0x1e, 4, 0, 0, 0, 0),
      want: [reply],
      lost: [],
    },
    {
      name: 'unknown option to be dropped',
      next: DESTINATION_OPTIONS,
      header: options(58, 0x5e, 4, 0, 0, 0, 0),
      want: [],
      lost: ['ip6_extension_bad'],
    },
    {
      name: 'unknown option to be reported',
      next: DESTINATION_OPTIONS,
      header: options(58, 0x9e, 4, 0, 0, 0, 0),
      want: [problem(2, 42)],
      lost: ['ip6_extension_bad'],
    },
    {
      name: 'routing header at its end',
      next: ROUTING,
      header: options(58, 0, 0, 0, 0, 0, 0),
      want: [reply],
      lost: [],
    },
    {
      name: 'routing header with hops left is refused',
      next: ROUTING,
      header: options(58, 0, 1, 0, 0, 0, 0),
      want: [problem(0, 42)],
      lost: ['ip6_extension_bad'],
    },
    {
      name: 'unknown protocol',
      next: 200,
      header: options(58, 0, 0, 0, 0, 0, 0),
      want: [problem(1, 6)],
      lost: ['ip6_no_protocol'],
    },
    {
      name: 'unknown protocol behind options',
      next: DESTINATION_OPTIONS,
      header: options(201, 1, 4, 0, 0, 0, 0),
      want: [problem(1, 40)],
      lost: ['ip6_no_protocol'],
    },
  ]
  it.each(table)('$name', ({ next, header, want, lost }) => {
    const r = router()
    receive(r, { from: NEAR, to: ME, nextHeader: next }, chained(header, NEAR, ME))
    expect([r.out, r.lost]).toEqual([want, lost])
  })

  // @linux net/ipv6/exthdrs.c ip6_parse_tlv: at most seven bytes of padding in a row
  it.each<[string, number[], boolean]>([
    ['six times one byte', [0, 0, 0, 0, 0, 0], true],
    ['seven bytes, then an option', [1, 5, 0, 0, 0, 0, 0, 0x1e, 1, 7, 1, 2, 0, 0], true],
    ['eight bytes', [1, 6, 0, 0, 0, 0, 0, 0, 0x1e, 4, 0, 0, 0, 0], false],
    ['eight bytes in two runs', [1, 5, 0, 0, 0, 0, 0, 0, 0x1e, 3, 0, 0, 0, 0], false],
    [
      'seven and, behind an option, seven',
      [0x1e, 0, 1, 5, 0, 0, 0, 0, 0, 0x1e, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      false,
    ],
    ['seven, an option, five', [1, 5, 0, 0, 0, 0, 0, 0x1e, 0, 1, 3, 0, 0, 0], true],
    ['eight times one byte', [0, 0, 0, 0, 0, 0, 0, 0, 0x1e, 4, 0, 0, 0, 0], false],
    ['an option without its length', [1, 3, 0, 0, 0, 0x1e], false],
    ['an option that is a byte too long', [0x1e, 5, 0, 0, 0, 0], false],
    ['an empty option at the end', [1, 2, 0, 0, 0x1e, 0], true],
    ['a router alert of another length', [5, 3, 0, 0, 0, 0x00], false],
  ])('hop by hop: %s', (_, bytes, passes) => {
    const r = router()
    receive(r, { from: NEAR, to: ME, nextHeader: HOP_BY_HOP }, chained(options(58, ...bytes), NEAR, ME))
    expect([r.out, r.lost]).toEqual(passes ? [[reply], []] : [[], ['ip6_extension_bad']])
  })

  // The two highest bits say: skip, drop, report, report unless it went to a group. @rfc 8200 §4.2
  it.each<[number, string, string[], string[]]>([
    [0x1e, ME, [reply], []],
    [0x05, ME, [reply], []], // a router alert is for hops, and means nothing here
    [0x5e, ME, [], ['ip6_extension_bad']],
    [0x9e, ME, [problem(2, 42)], ['ip6_extension_bad']],
    [0xde, ME, [problem(2, 42)], ['ip6_extension_bad']],
    [0x9e, 'ff02::1', [problem(2, 42)], ['ip6_extension_bad']],
    [0xde, 'ff02::1', [], ['ip6_extension_bad']],
  ])('an unknown option %i in a packet to %s: %s', (type, to, want, lost) => {
    const r = router()
    const payload = chained(options(58, type, 4, 0, 0, 0, 0), NEAR, to)
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to, nextHeader: DESTINATION_OPTIONS }, payload)
    if (to !== ME) skb.pktType = PACKET_MULTICAST
    r.sim.stack.ipv6Rcv(skb)
    expect([r.out, r.lost]).toEqual([want, lost])
  })

  // @rfc 2675 §3 @linux net/ipv6/exthdrs.c ipv6_hop_jumbo
  it.each<[string, number[], string[], string[], boolean?]>([
    ['no more than a plain length says', [0xc2, 4, 0, 0, 0xff, 0xff], [problem(0, 44)], ['ip6_extension_bad']],
    ['beside a plain length', [0xc2, 4, 0, 1, 0, 0], [problem(0, 42)], ['ip6_extension_bad']],
    ['another size', [0xc2, 3, 0, 1, 0, 0], [], ['ip6_extension_bad']],
    ['at another place', [0, 0xc2, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [], ['ip6_extension_bad']],
    ['longer than the packet', [0xc2, 4, 0, 1, 0, 0], [], ['ip6_too_small'], true],
  ])('a jumbo payload: %s', (_, bytes, want, lost, isBare = false) => {
    const r = router()
    const skb = packet6(
      r.ns,
      'eth0',
      { from: NEAR, to: ME, nextHeader: HOP_BY_HOP },
      chained(options(58, ...bytes), NEAR, ME),
    )
    if (isBare) skb.bytes.fill(0, skb.data + 4, skb.data + 6)
    r.sim.stack.ipv6Rcv(skb)
    expect([r.out, r.lost]).toEqual([want, lost])
  })

  it.each([
    ['options', DESTINATION_OPTIONS],
    ['hop by hop', HOP_BY_HOP],
    ['routing', ROUTING],
  ])('%s longer than the packet', (_, next) => {
    const r = router()
    const header = options(58, 1, 4, 0, 0, 0, 0)
    header[1] = 200
    receive(r, { from: NEAR, to: ME, nextHeader: next }, chained(header, NEAR, ME))
    expect([r.out, r.lost]).toEqual([[], ['ip6_extension_bad']])
  })

  it('a routing header is for one host', () => {
    const r = router()
    const payload = chained(options(58, 0, 0, 0, 0, 0, 0), NEAR, 'ff02::1')
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to: 'ff02::1', nextHeader: ROUTING }, payload)
    skb.pktType = PACKET_MULTICAST
    r.sim.stack.ipv6Rcv(skb)
    expect([r.out, r.lost]).toEqual([[], ['ip6_extension_bad']])
  })
})

describe('fragments', () => {
  const ME = 'fd00:0:0:1::1'
  const whole = icmp6(NEAR, ME, 128, 7, new Uint8Array(2992).fill(5))
  function fragment(r: ReturnType<typeof router>, from: number, to: number, more: boolean, id = 1): void {
    const payload = new Uint8Array(8 + to - from)
    buildIpv6Fragment(payload, 0, { nextHeader: 58, fragmentOffset: from, m: more, identification: id })
    payload.set(whole.subarray(from, to), 8)
    receive(r, { from: NEAR, to: ME, nextHeader: 44 }, payload)
  }
  const answer = [0, 1448, 2896].map(
    (at, i) => `eth0 ${NEAR}: ${ME} > ${NEAR} frag ${at}${i < 2 ? '+' : ''} len ${i < 2 ? 1496 : 152}`,
  )
  it.each([
    {
      name: 'in order',
      order: [
        [0, 1448],
        [1448, 2896],
        [2896, 3000],
      ],
    },
    {
      name: 'backwards',
      order: [
        [2896, 3000],
        [1448, 2896],
        [0, 1448],
      ],
    },
    {
      name: 'with one twice',
      order: [
        [0, 1448],
        [0, 1448],
        [1448, 2896],
        [2896, 3000],
      ],
    },
  ])('$name: put together, and the answer is cut', ({ order }) => {
    const r = router()
    for (const [from = 0, to = 0] of order) fragment(r, from, to, to < 3000)
    expect(r.out).toEqual(answer)
  })
  it('overlapping: all are thrown away', () => {
    const r = router()
    fragment(r, 0, 1448, true)
    fragment(r, 1440, 2896, true)
    expect(r.lost).toEqual(['frag_overlap', 'ip6_frag_malformed'])
    expect(r.ns.ip6?.frags.size).toBe(0)
  })
  it('one that is the whole packet is no fragment', () => {
    const r = router()
    const payload = new Uint8Array(8 + 72)
    buildIpv6Fragment(payload, 0, { nextHeader: 58, fragmentOffset: 0, m: false, identification: 1 })
    payload.set(icmp6(NEAR, ME, 128, 7, new Uint8Array(64)), 8)
    receive(r, { from: NEAR, to: ME, nextHeader: 44 }, payload)
    expect(r.out).toEqual([`eth0 ${NEAR}: ${ME} > ${NEAR} icmp 129.0 7 hop 64 len 112`])
    expect(r.ns.ip6?.frags.size).toBe(0)
  })
  it('of different packets do not mix', () => {
    const r = router()
    fragment(r, 0, 1448, true, 1)
    fragment(r, 1448, 2896, true, 2)
    fragment(r, 2896, 3000, false, 1)
    expect([r.out, r.ns.ip6?.frags.size]).toEqual([[], 2])
  })
  it.each<[string, [number, number, boolean][]]>([
    [
      'two ends',
      [
        [2896, 3000, false],
        [2800, 2992, false],
      ],
    ],
    [
      'more behind the end',
      [
        [1448, 2896, false],
        [2896, 2904, true],
      ],
    ],
    [
      'an end before what is there',
      [
        [1448, 2896, true],
        [1400, 1448, false],
      ],
    ],
    [
      'nothing in it',
      [
        [0, 1448, true],
        [1448, 1448, true],
      ],
    ],
  ])('that contradict each other are thrown away: %s', (_, pieces) => {
    const r = router()
    for (const [from, to, more] of pieces) fragment(r, from, to, more)
    expect([r.lost, r.ns.ip6?.frags.size]).toEqual([['frag_overlap', 'ip6_frag_malformed'], 0])
  })
  it('behind the longest packet there can be: a problem at the offset', () => {
    const r = router()
    const payload = new Uint8Array(8 + 16)
    buildIpv6Fragment(payload, 0, { nextHeader: 58, fragmentOffset: 65_528, m: false, identification: 1 })
    receive(r, { from: NEAR, to: ME, nextHeader: 44 }, payload)
    expect(r.out).toEqual([`eth0 ${NEAR}: ${ME} > ${NEAR} icmp 4.0 2a hop 64 len 112`])
  })
  it.each([
    ['UDP', 17, 8],
    ['TCP', 6, 20],
    ['ICMPv6', 58, 8],
  ])('a beginning holds the header of %s', (_, nextHeader, least) => {
    const told = (length: number): number => {
      const r = router()
      const payload = new Uint8Array(8 + 24)
      buildIpv6Fragment(payload, 0, { nextHeader, fragmentOffset: 0, m: true, identification: 9 })
      receive(r, { from: NEAR, to: ME, nextHeader: 44 }, payload.slice(0, 8 + length))
      return r.out.filter((text) => text.includes('icmp 4.3')).length
    }
    expect([told(least - 8), told(least + ((8 - (least % 8)) % 8))]).toEqual([1, 0])
  })
  it('a part that does not end on 8 bytes is a problem at the length', () => {
    const r = router()
    fragment(r, 0, 1447, true)
    expect(r.out).toEqual([`eth0 ${NEAR}: ${ME} > ${NEAR} icmp 4.0 4 hop 64 len 1280`])
  })
  it('a beginning without the upper header is incomplete', () => {
    const r = router()
    const payload = new Uint8Array(8)
    buildIpv6Fragment(payload, 0, { nextHeader: 6, fragmentOffset: 0, m: true, identification: 9 })
    receive(r, { from: NEAR, to: ME, nextHeader: 44 }, new Uint8Array([...payload, ...new Uint8Array(8)]))
    expect(r.out).toEqual([`eth0 ${NEAR}: ${ME} > ${NEAR} icmp 4.3 0 hop 64 len 104`])
  })
  it('whose rest does not come: the sender of the beginning is told after a minute', () => {
    const r = router()
    fragment(r, 0, 1448, true)
    r.sim.run(59 * SECOND)
    expect(r.out).toEqual([])
    r.sim.run(61 * SECOND)
    expect(r.out).toEqual([`eth0 ${NEAR}: ${ME} > ${NEAR} icmp 3.1 0 hop 64 len 1280`])
    expect(r.lost).toEqual(['ip6_frag_timeout'])
  })
  it('without their beginning: nobody is told', () => {
    const r = router()
    fragment(r, 1448, 2896, true)
    r.sim.run(61 * SECOND)
    expect([r.out, r.lost]).toEqual([[], ['frag_purged']])
  })
  it('a router does not cut', () => {
    const r = router()
    fragment(r, 0, 1448, true)
    expect(r.out).toEqual([])
    receive(r, { from: NEAR, to: FAR }, icmp6(NEAR, FAR, 128, 7, new Uint8Array(1253)))
    expect(r.lost).toEqual(['ip6_too_big'])
  })
  it('survive a snapshot', () => {
    const r = router()
    fragment(r, 0, 1448, true)
    fragment(r, 2896, 3000, false)
    const saved = r.sim.snapshot()
    fragment(r, 1448, 2896, true)
    expect(r.out.splice(0)).toEqual(answer)
    r.sim.restore(saved)
    fragment(r, 1448, 2896, true)
    expect(r.out).toEqual(answer)
  })
})

describe('what conntrack shows is no fragment', () => {
  it.each<[string, number, number[]]>([
    ['a datagram', 17, [0, 7, 0, 53, 0, 8, 0, 0]],
    ['behind options', 0, [17, 0, 1, 4, 0, 0, 0, 0, 0, 7, 0, 53, 0, 8, 0, 0]],
    ['options that are cut short', 0, [17, 0, 1, 4]],
    ['a fragment header that is cut short', 44, [17, 0, 0, 1]],
    ['nothing', 59, []],
  ])('%s goes on as it is', (_, nextHeader, payload) => {
    const r = router()
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to: FAR, nextHeader }, Uint8Array.from(payload))
    const before = skb.bytes.slice(skb.data, skb.tail)
    expect(r.sim.stack.ip6Defrag(skb, 'conntrack-in')).toBe(true)
    expect([skb.bytes.slice(skb.data, skb.tail), r.ns.ip6?.frags.size, r.lost]).toEqual([before, 0, []])
  })
  it('a jumbogram neither', () => {
    const r = router()
    const skb = packet6(r.ns, 'eth0', { from: NEAR, to: FAR, nextHeader: 44 }, Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 1))
    skb.bytes.fill(0, skb.data + 4, skb.data + 6)
    expect(r.sim.stack.ip6Defrag(skb, 'conntrack-in')).toBe(true)
  })
})
