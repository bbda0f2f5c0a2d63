// When BIRD says that something happened.
import { expect, it } from 'vitest'
import { birdClock, birdMoment, birdTime } from '../../../src/shell/bird/bird-time.ts'

const NOW = Date.parse('2024-05-02T12:30:15Z')

it.each([
  ['just now: the time of day', '2024-05-02T12:30:15Z', '12:30:15'],
  ['this morning', '2024-05-02T00:00:01Z', '00:00:01'],
  ['less than 20 hours ago', '2024-05-01T16:30:16Z', '16:30:16'],
  ['20 hours ago: the date', '2024-05-01T16:30:15Z', '2024-05-01'],
  ['last year', '2023-12-31T23:59:59Z', '2023-12-31'],
])('%s', (_, at, text) => {
  expect(birdTime(Date.parse(at), NOW)).toBe(text)
})

it('a moment of virtual time counts from when the session began', () => {
  const clock = birdClock({ epoch: NOW, clock: { now: 75e9 } } as never)
  expect(clock.short(0)).toBe('12:30:15')
  expect(birdMoment(clock.now)).toBe('2024-05-02 12:31:30')
})
