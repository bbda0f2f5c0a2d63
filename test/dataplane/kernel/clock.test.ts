import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Clock, MILLISECOND, SECOND } from '../../../src/dataplane/index.ts'
import { deadlineOf, type Timer } from '../../../src/dataplane/kernel/clock.ts'

/** Fires everything and tells in which order, with the time in milliseconds. */
function order(arm: (clock: Clock, note: (name: string) => () => void) => void): string[] {
  const clock = new Clock()
  const fired: string[] = []
  arm(clock, (name) => () => fired.push(`${clock.now / MILLISECOND} ${name}`))
  while (clock.step(Number.POSITIVE_INFINITY)) expect(fired.length).toBeGreaterThan(0)
  return fired
}

describe('exact timers', () => {
  it('fire in order of time, then in the order they were armed', () => {
    const fired = order((clock, note) => {
      clock.after(2 * MILLISECOND, note('late'))
      clock.after(MILLISECOND, note('first'))
      clock.after(MILLISECOND, note('second'))
    })
    expect(fired).toEqual(['1 first', '1 second', '2 late'])
  })

  it('that are armed anew fire as those that are cancelled and armed again', () => {
    const step = fc.record({ timer: fc.nat(3), delay: fc.nat(6), wait: fc.nat(4), cancelled: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const run = (anew: boolean): unknown[] => {
          const clock = new Clock()
          const seen: unknown[] = []
          const armed: (Timer | null)[] = [null, null, null, null]
          for (const { timer, delay, wait, cancelled } of steps) {
            const known = armed[timer] ?? null
            const fire = () => seen.push([timer, clock.now])
            if (!anew || cancelled) clock.cancel(known)
            if (cancelled) armed[timer] = null
            else armed[timer] = anew ? clock.rearm(known, delay, fire) : clock.after(delay, fire)
            seen.push(clock.nextAt(), clock.pending, deadlineOf(armed[timer] ?? null))
            while (clock.step(clock.now + wait));
          }
          while (clock.step(Number.POSITIVE_INFINITY));
          return seen
        }
        expect(run(true)).toEqual(run(false))
      }),
    )
  })

  it('never fire once cancelled, whatever else is armed', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ delay: fc.nat(50), cancelled: fc.boolean() })), (timers) => {
        const clock = new Clock()
        const fired: number[] = []
        const armed = timers.map(({ delay }, i) => clock.after(delay, () => fired.push(i)))
        timers.forEach(({ cancelled }, i) => {
          if (cancelled) clock.cancel(armed[i] ?? null)
        })
        expect(clock.pending).toBe(timers.filter(({ cancelled }) => !cancelled).length)
        while (clock.step(100));
        const expected = timers
          .map(({ delay, cancelled }, i) => ({ delay, cancelled, i }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.delay - b.delay || a.i - b.i)
        expect(fired).toEqual(expected.map(({ i }) => i))
      }),
    )
  })
})

describe('timers of the wheel', () => {
  it.each([
    ['less than 63 ticks: the next tick', 100 * MILLISECOND, 104],
    ['a second: within 32 ms', SECOND, 1024],
    ['five seconds: within 256 ms', 5 * SECOND, 5120],
  ])('%s', (_name, delay, at) => {
    expect(order((clock, note) => clock.afterOnWheel(delay, note('x')))).toEqual([`${at} x`])
  })

  // Ticks of 4 ms; a level is eight times as coarse as the one before from 63 × 8ⁿ ticks on, up to 2²⁴ ticks.
  it.each([
    [62, 63],
    [63, 64],
    [503, 504],
    [504, 512],
    [4032, 4096],
    [32_256, 32_768],
    [63 * 8 ** 7, 2 ** 27],
    [63 * 8 ** 8, 2 ** 30],
    [63 * 8 ** 9, 63 * 8 ** 9 + 2 ** 24],
  ])('of %i ticks fire with tick %i', (delay, tick) => {
    const { at } = new Clock().afterOnWheel(delay * 4 * MILLISECOND, () => {})
    expect(at / (4 * MILLISECOND)).toBe(tick)
  })

  it('are never early and at most a quarter late', () => {
    fc.assert(
      fc.property(fc.nat(10 * SECOND), fc.integer({ min: 40 * MILLISECOND, max: 4000 * SECOND }), (now, delay) => {
        const clock = new Clock()
        clock.now = now
        const { at } = clock.afterOnWheel(delay, () => {})
        expect(at - now).toBeGreaterThanOrEqual(delay)
        expect(at - now).toBeLessThanOrEqual(delay * 1.25 + 8 * MILLISECOND)
      }),
    )
  })

  it('that fall on one tick fire in one step, the last one armed first, before exact timers', () => {
    const clock = new Clock()
    const fired: string[] = []
    clock.after(1024 * MILLISECOND, () => fired.push('exact'))
    clock.afterOnWheel(SECOND, () => fired.push('first'))
    clock.afterOnWheel(SECOND, () => fired.push('second'))
    expect(clock.step(2 * SECOND)).toBe(true)
    expect(fired).toEqual(['second', 'first'])
    expect(clock.step(2 * SECOND)).toBe(true)
    expect(fired).toEqual(['second', 'first', 'exact'])
  })
})
