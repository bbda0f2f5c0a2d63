import { describe, expect, it } from 'vitest'
import type { Row } from '../../bench/measure.ts'
import { COMPARED_HEAD, comparedLine, comparedRows } from '../../bench/ratios.ts'

const row = (name: string, value: number, unit = 'µs'): Row => ({ name, value, unit })

describe('two revisions compared over rounds', () => {
  const rounds = [
    { before: [row('ping', 10), row('rate', 4, 'M/s')], now: [row('rate', 8, 'M/s'), row('ping', 5)] },
    { before: [row('ping', 20), row('rate', 5, 'M/s')], now: [row('rate', 5, 'M/s'), row('ping', 12)] },
    { before: [row('ping', 12), row('rate', 4, 'M/s')], now: [row('rate', 6, 'M/s'), row('ping', 12)] },
  ]

  it('gives the best of each side, and the spread of the ratios of rounds, not the ratio of the best', () => {
    const { rows, oneSided } = comparedRows(rounds)
    expect(rows).toEqual([
      { name: 'rate', unit: 'M/s', before: 5, now: 8, ratio: { min: 1, median: 1.5, max: 2 } },
      { name: 'ping', unit: 'µs', before: 10, now: 5, ratio: { min: 0.5, median: 0.6, max: 1 } },
    ])
    expect(oneSided).toEqual([])
  })

  it('takes the mean of the middle two of an even number of rounds', () => {
    const [, ping] = comparedRows(rounds.slice(0, 2)).rows
    expect(ping?.ratio.median).toBeCloseTo(0.55)
  })

  it('names figures that one side alone has', () => {
    const { rows, oneSided } = comparedRows([
      { before: [row('old', 1), row('ping', 1)], now: [row('ping', 1), row('new', 1)] },
    ])
    expect(rows.map(({ name }) => name)).toEqual(['ping'])
    expect(oneSided).toEqual(['old', 'new'])
  })

  it('refuses a round without a figure the others have', () => {
    expect(() => comparedRows([...rounds, { before: [row('ping', 1)], now: [row('ping', 1)] }])).toThrow(
      '"rate" is missing',
    )
  })

  it('prints a figure with three digits under the head of its column', () => {
    const [, ping] = comparedRows(rounds).rows
    const text = comparedLine(ping as NonNullable<typeof ping>)
    expect(text).toBe(`${'ping'.padEnd(52)}      10.0      5.00 µs     0.60   0.50 … 1.00`)
    expect(COMPARED_HEAD.indexOf('before') + 'before'.length).toBe(text.indexOf('10.0') + 4)
    expect(COMPARED_HEAD.indexOf('ratio') + 'ratio'.length).toBe(text.indexOf('0.60') + 4)
  })
})
