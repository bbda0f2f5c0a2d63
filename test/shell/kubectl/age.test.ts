// Ages as kubectl prints them, and whose age is known.
import { describe, expect, it } from 'vitest'
import { ageOf, duration, since } from '../../../src/shell/kubectl/age.ts'

const [S, M, H, D] = [1000, 60_000, 3_600_000, 86_400_000]

describe('a duration', () => {
  // @kubernetes apimachinery/pkg/util/duration/duration_test.go TestHumanDuration
  it.each([
    [0, '0s'],
    [999, '0s'],
    [S, '1s'],
    [70 * S, '70s'],
    [119 * S + 999, '119s'],
    [2 * M, '2m'],
    [3 * M + S, '3m1s'],
    [10 * M - S, '9m59s'],
    [10 * M + 59 * S, '10m'],
    [3 * H - M, '179m'],
    [3 * H, '3h'],
    [3 * H + 30 * M, '3h30m'],
    [8 * H - M, '7h59m'],
    [8 * H + M, '8h'],
    [47 * H + 59 * M, '47h'],
    [2 * D + 6 * H, '2d6h'],
    [8 * D + 6 * H, '8d'],
    [365 * 2 * D - H, '729d'],
    [365 * 2 * D + 12 * D, '2y12d'],
    [365 * 8 * D - H, '7y364d'],
    [365 * 9 * D, '9y'],
  ])('%i ms: %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('since when something is', () => {
  const time = { began: Date.parse('2024-05-01T00:00:00.5Z'), now: Date.parse('2024-05-01T00:10:00.5Z') }
  it.each([
    ['made in this session', '2024-05-01T00:09:30Z', '30s'],
    ['made when it began: stamps are whole seconds', '2024-05-01T00:00:00Z', '10m'],
    ['made before, by another clock', '2024-04-30T23:59:59Z', '<unknown>'],
    ['made later than now', '2024-05-01T00:10:01Z', '<unknown>'],
    ['not said', undefined, '<unknown>'],
    ['no time', 'yesterday', '<unknown>'],
  ])('%s', (_, stamp, text) => {
    expect(since(stamp, time)).toBe(text)
  })
})

describe('how old an object is', () => {
  const time = { began: Date.parse('2024-05-01T00:00:00Z'), now: Date.parse('2024-05-01T00:10:00Z') }
  const made = (creationTimestamp?: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', ...(creationTimestamp === undefined ? {} : { creationTimestamp }) },
  })
  it.each([
    ['made in this session', '2024-05-01T00:09:30Z', '30s'],
    ['given without a stamp: there since the session began', undefined, '10m'],
    ['given, stamped by the clock of its cluster: the same', '2020-10-13T00:26:02Z', '10m'],
    ['given, stamped later than now: the same', '2031-01-01T00:00:00Z', '10m'],
  ])('%s', (_, stamp, age) => {
    expect(ageOf(made(stamp) as never, time)).toBe(age)
  })
})
