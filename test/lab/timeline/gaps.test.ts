import { describe, expect, it } from 'vitest'
import { entryBetween, gapsOf } from '../../../src/lab/timeline/gaps.ts'
import type { Asked } from '../../../src/lab/timeline/probe.ts'
import type { LogEntry } from '../../../src/timeline/index.ts'

const asked = (word: string): Asked[] =>
  [...word].map((letter, i) => ({
    at: i,
    id: i,
    answered: letter === '.' ? i : null,
    isOver: true,
    outcome: '',
    end: null,
  }))

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
    expect(gapsOf(asked(word)).map(({ first, lost, after }) => [first.at, lost, after?.at])).toEqual(expected)
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
