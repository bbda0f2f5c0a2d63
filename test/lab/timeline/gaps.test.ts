import { describe, expect, it } from 'vitest'
import { type AskedRun, addAsked, askedUntil } from '../../../src/lab/timeline/asked-runs.ts'
import { entryBetween, gapsOf } from '../../../src/lab/timeline/gaps.ts'
import type { Asked } from '../../../src/lab/timeline/probe.ts'
import type { LogEntry } from '../../../src/timeline/index.ts'

/** Asked once a time, or at the times given. */
const asked = (word: string, times?: readonly number[]): Asked[] =>
  [...word].map((letter, i) => ({
    at: times?.[i] ?? i,
    id: i,
    answered: letter === '.' ? i : null,
    isOver: true,
    outcome: '',
    end: null,
  }))

function runsOf(all: readonly Asked[]): AskedRun[] {
  const runs: AskedRun[] = []
  for (const one of all) addAsked(runs, one)
  return runs
}

describe('what was asked', () => {
  it('is kept by the run, however long that is', () => {
    const runs = runsOf(asked(`${'.'.repeat(500)}xxx${'.'.repeat(500)}`))
    expect(runs.map(({ isLost, count, last }) => [isLost, count, last])).toEqual([
      [false, 500, 499],
      [true, 3, 502],
      [false, 500, 1002],
    ])
  })

  it.each([
    ['at one pace', undefined],
    ['off its pace', [0, 10, 20, 30, 41, 51, 61, 63, 73, 83]],
  ])('is forgotten after any time, asked %s', (_, times) => {
    const all = asked('....xx.xx.', times)
    for (let time = -1; time <= 90; time++) {
      const left = askedUntil(runsOf(all), time)
      const counted = left.map(({ first, count, last, isLost }) => [first.at, count, last, isLost])
      const expected = runsOf(all.filter(({ at }) => at <= time))
      expect(counted).toEqual(expected.map(({ first, count, last, isLost }) => [first.at, count, last, isLost]))
    }
  })
})

describe('gaps', () => {
  it.each([
    ['....', []],
    ['..xx..', [[2, 2, 4]]],
    [
      'x.x.x',
      [
        [0, 1, 1],
        [2, 1, 3],
        [4, 1, undefined],
      ],
    ],
    ['xxx', [[0, 3, undefined]]],
    ['', []],
  ])('of %s', (word, expected) => {
    expect(gapsOf(runsOf(asked(word))).map(({ first, lost, after }) => [first.at, lost, after])).toEqual(expected)
  })

  it('are whole where they were asked off pace', () => {
    const runs = runsOf(asked('.xxxx.', [0, 10, 20, 31, 41, 50]))
    expect(gapsOf(runs)).toMatchObject([{ before: 0, lost: 4, after: 50 }])
  })
})

const entry = (at: number, netns: string, actor: LogEntry['actor'] = 'felix'): LogEntry => ({
  at: at * 1e6,
  netns,
  event: 1,
  actor,
  op: 'add',
  thing: 'route',
  what: `${netns} at ${at}`,
})

describe('the entry behind a gap', () => {
  const log = [
    entry(10, 'a'),
    entry(20, 'b'),
    entry(30, 'a'),
    entry(40, 'c'),
    entry(45, 'c', 'kernel'),
    entry(104, 'b'),
  ]

  it.each([
    ['is the last in between at the likeliest place', 5, 50, ['a'], 'a at 30'],
    ['else at the next', 35, 50, ['a', 'c'], 'c at 40'],
    ['is what a program did, not what the kernel added to it', 35, 50, ['c'], 'c at 40'],
    ['else anywhere', 15, 24, ['x'], 'b at 20'],
    ['may come while the packet is under way', 50, 100, ['b'], 'b at 104'],
    ['is an earlier one there when nothing changed in between', 50, 90, ['b'], 'b at 20'],
    ['is none where there is none', 1, 4, ['b'], undefined],
  ])('%s', (_, from, to, places, what) => {
    expect(entryBetween(log, from * 1e6, to * 1e6, places)?.what).toBe(what)
  })
})
