// Options of segments: what is offered, agreed on, and reported.
import { describe, expect, it } from 'vitest'
import type { TcpOption } from '../../../src/wire/index.ts'
import { type Given, type OneHost, oneHost, REACH } from './one-host.ts'

const MSS: TcpOption = { kind: 'mss', value: 1400 }
const SACK_OK: TcpOption = { kind: 'sackOk' }
const WSCALE: TcpOption = { kind: 'wscale', shift: 3 }
const stamp = (value: number): TcpOption => ({ kind: 'timestamps', value, echo: 0 })
const ALL = [MSS, SACK_OK, stamp(100), WSCALE]

const without = (...names: string[]) => Object.fromEntries(names.map((name) => [`net.ipv4.tcp_${name}`, '0']))
const kinds = (h: OneHost): string =>
  h
    .options()
    .map((o) => o.kind)
    .join(' ')

// The order is that of Linux. @linux net/ipv4/tcp_output.c tcp_options_write
describe('a SYN offers', () => {
  it.each([
    [[], 'mss sackOk timestamps nop wscale'],
    [['timestamps'], 'mss nop wscale nop nop sackOk'],
    [['sack'], 'mss nop nop timestamps nop wscale'],
    [['window_scaling'], 'mss sackOk timestamps'],
    [['timestamps', 'sack', 'window_scaling'], 'mss'],
  ])('without tcp_%s: %s', (off, want) => {
    const h = oneHost(without(...off))
    REACH.SYN_SENT(h)
    h.said()
    expect(kinds(h)).toBe(want)
  })
})

describe('a SYN-ACK agrees to what was offered and is not off', () => {
  it.each([
    ['everything', [], ALL, 'mss sackOk timestamps nop wscale'],
    ['nothing', [], [], 'mss'],
    ['no timestamps', [], [MSS, SACK_OK, WSCALE], 'mss nop wscale nop nop sackOk'],
    ['no SACK', [], [MSS, stamp(1), WSCALE], 'mss nop nop timestamps nop wscale'],
    ['no scaling', [], [MSS, SACK_OK, stamp(1)], 'mss sackOk timestamps'],
    ['timestamps off', ['timestamps'], ALL, 'mss nop wscale nop nop sackOk'],
    ['SACK off', ['sack'], ALL, 'mss nop nop timestamps nop wscale'],
    ['scaling off', ['window_scaling'], ALL, 'mss sackOk timestamps'],
  ])('%s', (_, off, options, want) => {
    const h = oneHost(without(...off))
    h.give({ flags: 'S', options })
    expect(kinds(h)).toBe(want)
  })

  it.each([
    ['none: 536 bytes', [], 536],
    ['1400 and timestamps', ALL, 1388],
    ['1400', [MSS], 1400],
    ['more than the path takes', [{ kind: 'mss', value: 9000 } as TcpOption], 1460],
    ['less than anybody can use', [{ kind: 'mss', value: 10 } as TcpOption], 48],
  ])('segments of an MSS of %s', (_, options, length) => {
    const h = oneHost()
    h.give({ flags: 'S', options, window: 60_000 })
    h.give({ flags: 'A', seq: 1, window: 60_000, ...(options === ALL ? { options: [stamp(101)] } : {}) })
    h.sock.send(new Uint8Array(3000))
    expect(h.said()[0]).toBe(`A 1:1 len ${length}`)
  })

  it.each([
    ['its scale', ALL, 3, 8000],
    ['a scale beyond 14', [{ kind: 'wscale', shift: 15 } as TcpOption], 14, 1000 * 2 ** 14],
    ['none', [MSS], 0, 1000],
  ])('the window of the peer by %s', (_, options, scale, window) => {
    const h = oneHost()
    h.give({ flags: 'S', options })
    expect(h.sock.sndWnd).toBe(1000) // that of a SYN is never scaled
    h.give({ flags: 'A', seq: 1 })
    expect([h.sock.sndWscale, h.sock.sndWnd]).toEqual([scale, window])
  })
})

/** A connection whose peer offered these; then it sends, one after another, and the last answer's SACK blocks are told. */
function blocks(offered: readonly TcpOption[], given: readonly Given[]): number[][] {
  const h = oneHost()
  h.give({ flags: 'S', options: offered })
  h.give({ flags: 'A', seq: 1 })
  for (const one of given) h.give(one)
  h.wait(0.002) // from the fourth on they are told together, a millisecond later
  return h.sack()
}

const piece = (from: number, to: number) => ({ flags: 'A', seq: from, data: to - from })

// @rfc 2018 §4, @rfc 2883 §4
describe('what came out of order is reported', () => {
  it.each<[string, Given[], number[][]]>([
    ['one piece', [piece(6, 11)], [[6, 11]]],
    [
      'the most recent first',
      [piece(6, 11), piece(20, 25)],
      [
        [20, 25],
        [6, 11],
      ],
    ],
    ['joined with what it touches', [piece(6, 11), piece(11, 16)], [[6, 16]]],
    ['on the left as well', [piece(11, 16), piece(6, 11)], [[6, 16]]],
    ['across a gap it fills', [piece(6, 11), piece(16, 20), piece(11, 16)], [[6, 20]]],
    [
      'an old block that grows comes first',
      [piece(6, 11), piece(20, 25), piece(11, 12)],
      [
        [6, 12],
        [20, 25],
      ],
    ],
    [
      'a piece that came twice, in front',
      [piece(6, 11), piece(6, 11)],
      [
        [6, 11],
        [6, 11],
      ],
    ],
    [
      'a part that came twice',
      [piece(6, 11), piece(7, 9)],
      [
        [7, 9],
        [6, 11],
      ],
    ],
    [
      'an overlap on the right',
      [piece(6, 11), piece(9, 14)],
      [
        [9, 11],
        [6, 14],
      ],
    ],
    [
      'an overlap on the left',
      [piece(9, 14), piece(6, 11)],
      [
        [9, 11],
        [6, 14],
      ],
    ],
    [
      'a piece around another',
      [piece(8, 10), piece(6, 14)],
      [
        [8, 10],
        [6, 14],
      ],
    ],
    [
      'four at most',
      [piece(6, 7), piece(8, 9), piece(10, 11), piece(12, 13), piece(14, 15)],
      [
        [14, 15],
        [12, 13],
        [10, 11],
        [8, 9],
      ],
    ],
    ['what is left when the first gap is filled', [piece(6, 11), piece(20, 25), piece(1, 6)], [[20, 25]]],
    ['nothing when all is there', [piece(6, 11), piece(1, 6)], []],
    ['old data', [piece(1, 6), piece(1, 6)], [[1, 6]]],
    ['data that is half old', [piece(1, 6), piece(4, 9)], [[4, 6]]],
  ])('%s', (_, given, want) => expect(blocks([MSS, SACK_OK], given)).toEqual(want))

  it('three at most beside timestamps', () => {
    const given = [6, 8, 10, 12].map((n) => ({ ...piece(n, n + 1), options: [stamp(101)] }))
    expect(blocks(ALL, given)).toEqual([
      [12, 13],
      [10, 11],
      [8, 9],
    ])
  })

  it('not at all when the peer did not offer it', () => expect(blocks([MSS], [piece(6, 11)])).toEqual([]))
})

// @rfc 7323 §5
describe('timestamps', () => {
  /** A connection with timestamps whose peer was last heard at 100. */
  function stamped(): OneHost {
    const h = oneHost()
    h.give({ flags: 'S', options: ALL })
    h.give({ flags: 'A', seq: 1, options: [stamp(100)] })
    return h
  }
  it.each<[string, Given, number | undefined, string[]]>([
    ['newer: echoed', { flags: 'A', seq: 1, data: 5, options: [stamp(105)] }, 105, []],
    ['as old', { flags: 'A', seq: 1, data: 5, options: [stamp(100)] }, 100, []],
    ['older: dropped, and told', { flags: 'A', seq: 1, data: 5, options: [stamp(99)] }, 100, ['tcp_paws']],
    ['newer, behind a gap: not yet', { flags: 'A', seq: 6, data: 5, options: [stamp(105)] }, 100, []],
    ['none: taken', { flags: 'A', seq: 1, data: 5 }, 100, []],
  ])('%s', (_, given, echo, drops) => {
    const h = stamped()
    h.give(given)
    const option = h.options().find((o) => o.kind === 'timestamps')
    expect([option?.kind === 'timestamps' && option.echo, h.drops]).toEqual([echo, drops])
  })

  it('a reset is believed, however old it is', () => {
    const h = stamped()
    h.give({ flags: 'R', seq: 1, options: [stamp(1)] })
    expect(h.sock.state).toBe('CLOSE')
  })

  it('tell the milliseconds that have passed', () => {
    const h = stamped()
    const stampSent = () =>
      h
        .options()
        .map((o) => (o.kind === 'timestamps' ? o.value : 0))
        .reduce((a, b) => a + b)
    h.give({ ...piece(1, 6), options: [stamp(101)] })
    const before = stampSent()
    h.wait(1.5)
    h.give({ ...piece(6, 9), options: [stamp(102)] })
    expect(stampSent() - before).toBe(1500)
  })
})
