// What a sender makes of reports: which segments are lost, when they are sent again, and how fast.
// @rfc 2018, @rfc 2883, @rfc 6937, @rfc 8985
import { describe, expect, it } from 'vitest'
import { seqDiff } from '../../../src/dataplane/sockets/tcp-seq.ts'
import type { SackBlock } from '../../../src/wire/index.ts'
import { type OneHost, oneHost } from './one-host.ts'

type Blocks = readonly (readonly [number, number])[]

/** An established connection that has sent segments of 1000 bytes from 1 on, ten milliseconds ago. */
function flying(segments: number, sackOk = true): OneHost {
  const h = oneHost()
  const mss = { kind: 'mss', value: 1000 } as const
  h.give({ flags: 'S', options: sackOk ? [mss, { kind: 'sackOk' }] : [mss], window: 60_000 })
  h.give({ flags: 'A', seq: 1, window: 60_000 })
  h.sock.send(new Uint8Array(segments * 1000))
  expect(h.said()).toHaveLength(segments)
  h.wait(0.01)
  return h
}

/** The peer acknowledges and reports; what is sent again at once, by its first number. */
function report(h: OneHost, ack: number, sack: Blocks = []): number[] {
  const blocks = sack.map((block) => block.map((n) => (n + h.sock.iss) >>> 0) as unknown as SackBlock)
  return h
    .give({ flags: 'A', seq: 1, ack, window: 60_000, options: blocks.length === 0 ? [] : [{ kind: 'sack', blocks }] })
    .map((text) => Number(/ (\d+):/.exec(text)?.[1]))
}

/** Numbers that the peer has reported. */
function reported(h: OneHost): number[] {
  return h.sock.rtx.flatMap((skb) =>
    skb.sacked
      ? Array.from({ length: Math.ceil(skb.length / skb.gsoSize) }, (_, i) => seqDiff(skb.seq, h.sock.iss) + i * 1000)
      : [],
  )
}

describe('of five segments', () => {
  it.each<{ name: string; ack?: number; sack: Blocks; again: number[]; state: string; has: number[] }>([
    {
      name: 'three behind a hole: it is lost',
      sack: [[2001, 5001]],
      again: [1, 1001],
      state: 'Recovery',
      has: [2001, 3001, 4001],
    },
    {
      name: 'two behind a hole: perhaps only late',
      sack: [[3001, 5001]],
      again: [],
      state: 'Disorder',
      has: [3001, 4001],
    },
    { name: 'one', sack: [[4001, 5001]], again: [], state: 'Disorder', has: [4001] },
    {
      name: 'two blocks',
      sack: [
        [4001, 5001],
        [2001, 3001],
      ],
      again: [],
      state: 'Disorder',
      has: [2001, 4001],
    },
    { name: 'half a segment does not count', sack: [[1501, 2001]], again: [], state: 'Open', has: [] },
    { name: 'the other half neither', sack: [[2001, 2500]], again: [], state: 'Open', has: [] },
    { name: 'a segment and a half are one', sack: [[2001, 3500]], again: [], state: 'Disorder', has: [2001] },
    { name: 'one that begins in the middle', sack: [[1501, 4001]], again: [], state: 'Disorder', has: [2001, 3001] },
    { name: 'what was never sent is not believed', sack: [[4001, 9001]], again: [], state: 'Open', has: [] },
    { name: 'nor what is acknowledged', ack: 2001, sack: [[1, 1001]], again: [], state: 'Open', has: [] },
    {
      name: 'a block inside the next tells of a duplicate',
      sack: [
        [3001, 4001],
        [2001, 5001],
      ],
      again: [1, 1001],
      state: 'Recovery',
      has: [2001, 3001, 4001],
    },
    {
      name: 'a block beside the next does not',
      sack: [
        [4001, 5001],
        [3001, 4001],
      ],
      again: [],
      state: 'Disorder',
      has: [3001, 4001],
    },
  ])('$name', ({ ack = 1, sack, again, state, has }) => {
    const h = flying(5)
    expect([report(h, ack, sack), h.sock.caState, reported(h)]).toEqual([again, state, has])
  })

  it('a duplicate alone is no loss', () => {
    const h = flying(5)
    expect(
      report(h, 1, [
        [3001, 4001],
        [3001, 4001],
      ]),
    ).toEqual([])
    expect(reported(h)).toEqual([3001])
  })

  it('nothing is reported to who did not offer it', () => {
    const h = flying(5, false)
    expect([report(h, 1, [[2001, 5001]]), h.sock.caState]).toEqual([[], 'Open'])
  })
})

describe('recovery', () => {
  it('begins at 0.7 of the congestion window, sends in proportion to what arrives, and ends at the threshold', () => {
    const h = flying(5)
    report(h, 1, [[2001, 5001]])
    expect([h.sock.priorCwnd, h.sock.ssthresh, h.sock.cwnd]).toEqual([10, 7, 3])
    report(h, 1001, [[2001, 5001]])
    expect([h.sock.caState, h.sock.cwnd]).toEqual(['Recovery', 4])
    report(h, 5001)
    expect([h.sock.caState, h.sock.cwnd, h.sock.rtx]).toEqual(['Open', 7, []])
  })

  it('begins a quarter of a round trip later where the hole may only be late', () => {
    const h = flying(5)
    report(h, 1, [[3001, 5001]])
    expect(h.wait(0.005)).toEqual([])
    expect(h.wait(0.02)).toEqual(['A 1:1 len 1000'])
    expect(h.sock.caState).toBe('Recovery')
  })

  it('does not begin when the hole is filled meanwhile', () => {
    const h = flying(5)
    report(h, 1, [[3001, 5001]])
    report(h, 5001)
    expect([h.wait(5), h.sock.caState, h.sock.cwnd]).toEqual([[], 'Open', 10])
  })
})

describe('nothing is heard', () => {
  it('the last segment is sent again first, then the first, each time after twice the wait', () => {
    const h = flying(5)
    expect(h.wait(0.1)).toEqual(['PA 4001:1 len 1000'])
    expect([h.sock.caState, h.sock.cwnd]).toEqual(['Open', 10])
    expect(h.wait(0.3)).toEqual(['A 1:1 len 1000'])
    expect([h.sock.caState, h.sock.cwnd, h.sock.ssthresh]).toEqual(['Loss', 1, 7])
    const times: number[] = []
    for (let i = 0; i < 700; i++) if (h.wait(0.01).length > 0) times.push(i)
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number))
    expect(gaps.length).toBeGreaterThan(2)
    for (const [i, gap] of gaps.slice(1).entries()) expect(gap / (gaps[i] as number)).toBeCloseTo(2, 1)
  })

  it('what was lost is sent again as acknowledgments come, one more for each', () => {
    const h = flying(5)
    h.wait(0.4)
    expect(report(h, 1001)).toEqual([1001, 2001])
    expect(report(h, 3001).length).toBeGreaterThan(1)
    report(h, 5001)
    expect([h.sock.caState, h.sock.rtx]).toEqual(['Open', []])
  })

  it('new data serves as well as the last segment', () => {
    const h = flying(10)
    h.sock.send(new Uint8Array(1000))
    expect(h.said()).toEqual([])
    expect(h.wait(0.1)).toEqual(['PA 10001:1 len 1000'])
  })
})
