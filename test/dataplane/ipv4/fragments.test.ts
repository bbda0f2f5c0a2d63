import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PacketOnDevice, SECOND } from '../../../src/dataplane/index.ts'
import { ipFragment } from '../../../src/dataplane/ipv4/fragment.ts'
import { FragRuns, reassembledEcn } from '../../../src/dataplane/kernel/frag-runs.ts'
import { IPSKB_FRAG_PMTU } from '../../../src/dataplane/kernel/skb.ts'
import { Ipv4View } from '../../../src/wire/index.ts'
import { drops, host, hostSim, packet, sent } from './hosts.ts'

const one = () => hostSim(host('h', { eth0: { addresses: ['10.0.0.1/24'] } }))

/** The pieces of a packet. */
function pieces(skb: PacketOnDevice, mtu: number): PacketOnDevice[] {
  const out: PacketOnDevice[] = []
  ipFragment(skb, mtu, (piece) => out.push(piece))
  return out
}

/** Offset, payload length, more. */
function shape(skb: PacketOnDevice): string {
  const view = new Ipv4View(skb.bytes, skb.network)
  return `${view.fragmentOffset}+${view.payloadLength}${view.mf ? ' more' : ''}${view.df ? ' df' : ''}`
}

describe('cutting', () => {
  it.each([
    { name: 'into two', length: 2000, mtu: 1500, want: ['0+1480 more', '1480+520'] },
    { name: 'on multiples of 8', length: 100, mtu: 60, want: ['0+40 more', '40+40 more', '80+20'] },
    {
      name: 'room that is no multiple of 8 is not filled',
      length: 100,
      mtu: 67,
      want: ['0+40 more', '40+40 more', '80+20'],
    },
    { name: 'the last one may fill it', length: 87, mtu: 67, want: ['0+40 more', '40+47'] },
    { name: 'the smallest pieces', length: 20, mtu: 28, want: ['0+8 more', '8+8 more', '16+4'] },
  ])('$name', ({ length, mtu, want }) => {
    const { ns } = one()
    const cut = pieces(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1' }, length), mtu)
    expect(cut.map(shape)).toEqual(want)
    for (const piece of cut) expect(new Ipv4View(piece.bytes, piece.network).checksumHolds()).toBe(true)
  })

  it('a fragment is cut again where it lies, and stays one that is not the last', () => {
    const { ns } = one()
    const skb = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', mf: true, fragmentOffset: 160 }, 96)
    expect(pieces(skb, 68).map(shape)).toEqual(['160+48 more', '208+48 more'])
  })

  it('DF goes on only for what came with DF in pieces', () => {
    const { ns } = one()
    const plain = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', df: true }, 80)
    expect(pieces(plain, 68).map(shape)).toEqual(['0+48 more', '48+32'])
    const again = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', df: true }, 80)
    again.cbFlags = IPSKB_FRAG_PMTU
    expect(pieces(again, 68).map(shape)).toEqual(['0+48 more df', '48+32 df'])
  })

  it('options that are not to be copied become no-operations behind the first', () => {
    const { ns } = one()
    const options = new Uint8Array([7, 7, 4, 0, 0, 0, 0, 1, 148, 4, 0, 0])
    const cut = pieces(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', options }, 80), 80)
    const of = (skb: PacketOnDevice): number[] => [...skb.bytes.subarray(skb.network + 20, skb.network + 32)]
    expect(of(cut[0]!)).toEqual([...options])
    expect(of(cut[1]!)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 148, 4, 0, 0])
  })

  it('too small an MTU loses the packet', () => {
    const { ns, sim } = one()
    const seen = drops(sim)
    expect(pieces(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1' }, 80), 27)).toEqual([])
    expect(seen).toEqual(['frag_failed'])
  })
})

describe('putting together', () => {
  it('is the identity after cutting, in any order', () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 9, max: 4000 }),
        fc.integer({ min: 28, max: 1500 }),
        fc.infiniteStream(fc.nat()),
        (length, mtu, luck) => {
          const { ns, sim } = one()
          const whole = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', identification: 77 }, length)
          const before = whole.bytes.slice(whole.network + 20, whole.tail)
          const cut = length + 20 > mtu ? pieces(whole, mtu) : [whole]
          const keys = new Map(cut.map((piece) => [piece, luck.next().value as number]))
          cut.sort((a, b) => keys.get(a)! - keys.get(b)!)
          const done = cut.filter((piece) => sim.stack.ipDefrag(piece, 'local'))
          expect(done).toEqual([cut.at(-1)])
          const [skb] = done as [PacketOnDevice]
          expect(skb.bytes.slice(skb.network + 20, skb.tail)).toEqual(before)
          expect(new Ipv4View(skb.bytes, skb.network).checksumHolds()).toBe(true)
          expect(ns.frags4.size).toBe(0)
        },
      ),
      { numRuns: 150 },
    )
  })

  const piece = (offset: number, length: number, more = true) => ({ offset, length, more })
  const feed = (
    list: { offset: number; length: number; more: boolean }[],
    wait = 0,
  ): { done: string; causes: string[]; left: number; errors: number[] } => {
    const { ns, sim } = one()
    const causes = drops(sim)
    const out = sent(sim)
    let done = ''
    for (const { offset, length, more } of list) {
      const skb = packet(
        ns,
        'eth0',
        { from: '10.0.0.7', to: '10.0.0.1', identification: 9, mf: more, fragmentOffset: offset },
        length,
      )
      if (sim.stack.ipDefrag(skb, 'local')) done = shape(skb)
    }
    if (wait > 0) sim.run(sim.clock.now + wait)
    return { done, causes, left: ns.frags4.size, errors: out.map(({ bytes }) => bytes[20]! * 100 + bytes[21]!) }
  }

  it('a duplicate is ignored', () => {
    const got = feed([piece(0, 16), piece(0, 16), piece(16, 8, false)])
    expect(got).toEqual({ done: '0+24', causes: ['frag_malformed'], left: 0, errors: [] })
  })
  it('an overlap ends the datagram', () => {
    const got = feed([piece(0, 16), piece(8, 16), piece(24, 8, false)])
    expect(got.done).toBe('')
    expect(got.causes).toEqual(['frag_overlap', 'frag_malformed'])
    expect(got.left).toBe(1)
  })
  it('two ends contradict each other', () => {
    expect(feed([piece(16, 8, false), piece(32, 8, false)]).causes).toEqual(['frag_overlap', 'frag_malformed'])
  })
  it('something behind the end contradicts it', () => {
    expect(feed([piece(16, 8, false), piece(32, 8)]).causes).toEqual(['frag_overlap', 'frag_malformed'])
  })
  it('the first fragment without the rest: time exceeded after 30 s', () => {
    expect(feed([piece(0, 16)], 29 * SECOND)).toEqual({ done: '', causes: [], left: 1, errors: [] })
    expect(feed([piece(0, 16)], 31 * SECOND)).toEqual({ done: '', causes: ['frag_timeout'], left: 0, errors: [1101] })
  })
  it('the rest without the first: nothing is said', () => {
    expect(feed([piece(16, 16, false)], 31 * SECOND)).toEqual({
      done: '',
      causes: ['frag_purged'],
      left: 0,
      errors: [],
    })
  })
  type Part = readonly [offset: number, length: number, more: boolean, fields?: { tos?: number; df?: boolean }]
  /** What becomes of fragments of one datagram: the last one's skb when it is whole. */
  function gather(parts: readonly Part[], sysctls: Readonly<Record<string, string>> = {}, id = (_: number) => 9) {
    const { ns, sim } = hostSim(host('h', { eth0: { addresses: ['10.0.0.1/24'] } }, [], { sysctls }))
    const causes = drops(sim)
    let whole: PacketOnDevice | null = null
    for (const [i, [offset, length, mf, fields]] of parts.entries()) {
      const head = { from: '10.0.0.7', to: '10.0.0.1', identification: id(i), mf, fragmentOffset: offset }
      const skb = packet(ns, 'eth0', { ...head, ...fields }, length)
      if (sim.stack.ipDefrag(skb, 'local')) whole = skb
    }
    return { whole, causes, left: ns.frags4.size }
  }

  it.each<[string, Part[], string | null]>([
    [
      'a piece in the middle is read in whole eights',
      [
        [0, 19, true],
        [16, 8, false],
      ],
      '0+24',
    ],
    ['less than eight is nothing', [[0, 7, true]], null],
    ['an empty end', [[16, 0, false]], null],
    [
      'the longest there can be',
      [
        [0, 65_512, true],
        [65_512, 3, false],
      ],
      '0+65515',
    ],
    [
      'a byte more',
      [
        [0, 65_512, true],
        [65_512, 4, false],
      ],
      null,
    ],
  ])('%s', (_, parts, want) => {
    const { whole, causes, left } = gather(parts)
    expect(whole === null ? null : shape(whole)).toBe(want)
    expect([causes.includes('frag_malformed'), left]).toEqual([want === null, 0])
  })

  // @linux net/ipv4/ip_fragment.c ip_frag_reasm: DF stays when the longest piece had it
  it.each<[string, Part[], boolean, number]>([
    [
      'none had it',
      [
        [0, 16, true],
        [16, 8, false],
      ],
      false,
      36,
    ],
    [
      'all had it',
      [
        [0, 16, true, { df: true }],
        [16, 8, false, { df: true }],
      ],
      true,
      36,
    ],
    [
      'the longest had it',
      [
        [0, 16, true, { df: true }],
        [16, 8, false],
      ],
      true,
      36,
    ],
    [
      'only a shorter one had it',
      [
        [0, 16, true],
        [16, 8, false, { df: true }],
      ],
      false,
      36,
    ],
  ])('DF when %s', (_, parts, df, longest) => {
    const { whole } = gather(parts)
    const view = new Ipv4View(whole!.bytes, whole!.network)
    expect([view.df, whole!.fragMaxSize, view.checksumHolds()]).toEqual([df, longest, true])
    expect((whole!.cbFlags & IPSKB_FRAG_PMTU) !== 0).toBe(df)
  })

  // @rfc 3168 §5.3
  it.each<[string, number, number, number | null]>([
    ['two not marked', 2, 2, 2],
    ['one marked', 2, 3, 3],
    ['marked, and not able to be', 0, 3, null],
  ])('congestion: %s', (_, first, second, want) => {
    const { whole } = gather([
      [0, 16, true, { tos: first }],
      [16, 8, false, { tos: second }],
    ])
    expect(whole === null ? null : new Ipv4View(whole.bytes, whole.network).tos).toBe(want)
  })

  it.each([
    ['64', 63, true],
    ['64', 64, false],
    ['2', 1, true],
    ['2', 2, false],
    ['0', 200, true],
  ])('ipfrag_max_dist %s: after %i others of the same sender whole: %s', (distance, others, isWhole) => {
    const between = Array.from({ length: others }, (): Part => [0, 16, true])
    const parts: Part[] = [[0, 16, true], ...between, [16, 8, false]]
    const last = parts.length - 1
    const { whole } = gather(parts, { 'net.ipv4.ipfrag_max_dist': distance }, (i) =>
      i === 0 || i === last ? 9 : 100 + i,
    )
    expect(whole !== null).toBe(isWhole)
  })

  // @linux net/ipv4/inet_fragment.c inet_frag_find
  it.each([
    ['0', 0],
    ['1000', 1],
    ['2000', 2],
    ['100000', 4],
  ])('ipfrag_high_thresh %s: of four datagrams whose rest is missing %i are kept', (threshold, kept) => {
    const parts = Array.from({ length: 4 }, (): Part => [0, 1000, true])
    const { causes, left } = gather(parts, { 'net.ipv4.ipfrag_high_thresh': threshold }, (i) => i + 1)
    expect([left, causes]).toEqual([kept, Array.from({ length: 4 - kept }, () => 'frag_high_threshold')])
  })

  it('ipfrag_time', () => {
    const { ns, sim } = hostSim(
      host('h', { eth0: { addresses: ['10.0.0.1/24'] } }, [], { sysctls: { 'net.ipv4.ipfrag_time': '3' } }),
    )
    sim.stack.ipDefrag(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', mf: true }, 16), 'local')
    sim.run(2.9 * SECOND)
    expect(ns.frags4.size).toBe(1)
    sim.run(3.1 * SECOND)
    expect(ns.frags4.size).toBe(0)
  })

  it.each([
    ['of ours: its sender is told', '10.0.0.1', 1],
    ['of somebody else, seen by conntrack: nobody is', '10.1.0.9', 0],
  ])('that takes too long, %s', (_, to, told) => {
    const devices = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'] } }
    const sysctls = { 'net.ipv4.conf.all.forwarding': '1', 'net.ipv4.conf.eth0.forwarding': '1' }
    const { ns, sim } = hostSim(host('h', devices, [], { sysctls }))
    const out = sent(sim)
    sim.stack.ipDefrag(packet(ns, 'eth0', { from: '10.0.0.7', to, mf: true }, 16), 'conntrack-in')
    sim.run(31 * SECOND)
    expect(out).toHaveLength(told)
  })

  it('users do not mix', () => {
    const { ns, sim } = one()
    const make = (offset: number, mf: boolean) =>
      packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', identification: 9, mf, fragmentOffset: offset }, 16)
    expect(sim.stack.ipDefrag(make(0, true), 'local')).toBe(false)
    expect(sim.stack.ipDefrag(make(16, false), 'conntrack-in')).toBe(false)
    expect(ns.frags4.size).toBe(2)
  })
  it('what conntrack put together goes out in the same pieces', () => {
    const { ns, sim } = one()
    const lengths = [48, 24, 64, 10]
    let offset = 0
    let whole: PacketOnDevice | null = null
    for (const [i, length] of lengths.entries()) {
      const last = i === lengths.length - 1
      const skb = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', mf: !last, fragmentOffset: offset }, length)
      offset += length
      if (sim.stack.ipDefrag(skb, 'conntrack-in')) whole = skb
    }
    expect(pieces(whole!, 1500).map(shape)).toEqual(['0+48 more', '48+24 more', '72+64 more', '136+10'])
  })
  it('snapshot and restore keep what waits', () => {
    const { ns, sim } = one()
    const make = (offset: number, mf: boolean) =>
      packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', identification: 9, mf, fragmentOffset: offset }, 16)
    sim.stack.ipDefrag(make(0, true), 'local')
    const saved = sim.snapshot()
    expect(sim.stack.ipDefrag(make(16, false), 'local')).toBe(true)
    sim.restore(saved)
    expect(ns.frags4.size).toBe(1)
    expect(sim.stack.ipDefrag(make(16, false), 'local')).toBe(true)
  })
})

describe('stretches', () => {
  it('equal a bitmap', () => {
    const span = fc
      .tuple(fc.nat(30), fc.integer({ min: 1, max: 8 }))
      .map(([start, length]) => [start, start + length] as const)
    void fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), (spans) => {
        const runs = new FragRuns()
        const bitmap = new Set<number>()
        for (const [start, end] of spans) {
          const bits = Array.from({ length: end - start }, (_, i) => start + i)
          const taken = bits.filter((bit) => bitmap.has(bit)).length
          const place = runs.insert(start, end)
          if (taken === 0) expect(place).toBe('new')
          else expect(place).not.toBe('new')
          if (place === 'duplicate') expect(taken).toBe(bits.length)
          if (place !== 'new') continue
          for (const bit of bits) bitmap.add(bit)
        }
      }),
    )
  })
})

describe('ECN of the whole', () => {
  it.each([
    { name: 'none', seen: 1, want: 0 },
    { name: 'ECT(0)', seen: 4, want: 0 },
    { name: 'ECT and CE', seen: 4 | 8, want: 3 },
    { name: 'CE alone', seen: 8, want: 0 },
    { name: 'marked and not ECT', seen: 1 | 8, want: -1 },
    { name: 'ECT and not ECT', seen: 1 | 2, want: -1 },
  ])('$name', ({ seen, want }) => {
    expect(reassembledEcn(seen)).toBe(want)
  })
})
