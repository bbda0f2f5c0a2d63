import fc from 'fast-check'
import { expect, it } from 'vitest'
import { largestThatPasses } from '../../src/payload/search.ts'

const MOST = 65_507

it('finds the limit, whatever is hinted', () => {
  const size = fc.integer({ min: 0, max: MOST })
  fc.assert(
    fc.property(size, fc.array(fc.integer({ min: -50, max: 70_000 })), (limit, hints) => {
      expect(largestThatPasses((one) => one <= limit, hints, MOST)).toBe(limit)
    }),
  )
})

it('says so when not even nothing passes', () => {
  expect(largestThatPasses(() => false, [1472], MOST)).toBe(-1)
})

it('asks few questions where the limit is among the hints, and never the same twice', () => {
  const hints = [1232, 1372, 1392, 1402, 1412, 1422, 1452, 1472, 8973]
  for (const limit of [...hints, MOST]) {
    const asked: number[] = []
    const passes = (one: number): boolean => asked.push(one) > 0 && one <= limit
    expect(largestThatPasses(passes, hints, MOST)).toBe(limit)
    expect(asked.length).toBeLessThanOrEqual(6)
    expect(new Set(asked).size).toBe(asked.length)
  }
})
