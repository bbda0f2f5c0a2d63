// What controllers tell, as an API server keeps it.
import { describe, expect, it } from 'vitest'
import type { KubernetesEvent } from '../../src/controllers/index.ts'
import { keptAt, type ToldEvent, withTold } from '../../src/timeline/told-events.ts'

const SECOND = 1e9
const event = (name: string, at: number, message = 'it waits'): KubernetesEvent => ({
  object: { kind: 'Pod', name, namespace: 'default' },
  type: 'Warning',
  reason: 'FailedScheduling',
  message,
  from: 'default-scheduler',
  at: at * SECOND,
})
const told = (events: readonly KubernetesEvent[]): readonly ToldEvent[] =>
  events.reduce<readonly ToldEvent[]>((before, one) => withTold(before, [one], one.at), [])
const words = (all: readonly ToldEvent[]): string[] =>
  all.map(({ object, count, first, last }) => `${object.name} x${count} ${first / SECOND}-${last / SECOND}`)

describe('events', () => {
  it('that say the same of one object are counted, and the newest is the last', () => {
    const all = told([event('a', 1), event('b', 2), event('a', 5), event('a', 7, 'another reason')])
    expect(words(all)).toEqual(['b x1 2-2', 'a x2 1-5', 'a x1 7-7'])
  })

  it('are kept for an hour after they were told last', () => {
    const all = told([event('a', 0), event('b', 0), event('a', 1800)])
    expect(words(keptAt(all, 3599 * SECOND))).toEqual(['b x1 0-0', 'a x2 0-1800'])
    expect(words(keptAt(all, 3600 * SECOND))).toEqual(['a x2 0-1800'])
    expect(words(withTold(all, [event('c', 5400)], 5400 * SECOND))).toEqual(['c x1 5400-5400'])
  })

  it('are a thousand at most, the newest', () => {
    const all = told(Array.from({ length: 1200 }, (_, i) => event(`p${i}`, i / 1000)))
    expect(all).toHaveLength(1000)
    expect(all.at(-1)?.object.name).toBe('p1199')
    expect(all[0]?.object.name).toBe('p200')
  })

  it('that nobody tells change nothing', () => {
    const all = told([event('a', 1)])
    expect(withTold(all, [], 2)).toBe(all)
  })
})
