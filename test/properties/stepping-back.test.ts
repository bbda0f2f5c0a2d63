// A snapshot is taken at some moment of random traffic: what follows is the same to the byte without it, with it, and again
// after stepping back to it.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Bench, step } from './bench.ts'
import { runs } from './run.ts'

/** Fails at the first line that differs. */
function same(got: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((line, i) => line !== got[i])
  if (at >= 0 || got.length !== expected.length) expect(got.slice(at, at + 3)).toEqual(expected.slice(at, at + 3))
  expect(got).toHaveLength(expected.length)
}

it('goes on as if nothing had happened, after a snapshot and after stepping back to it', () => {
  const met: Record<string, number> = {}
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.array(step, { maxLength: 6 }),
      fc.array(step, { maxLength: 6 }),
      fc.nat(1000),
      (before, after, other, seed) => {
        const [quiet, noted] = [new Bench(seed), new Bench(seed)]
        for (const bench of [quiet, noted]) bench.run(before)
        const expected = quiet.journey(after)
        for (const [what, count] of Object.entries(noted.waiting())) met[what] = (met[what] ?? 0) + Number(count > 0)
        const saved = noted.sim.snapshot()
        const open = [...noted.connections]
        same(noted.journey(after), expected)
        for (const steps of [other, after]) {
          noted.sim.restore(saved)
          noted.connections = [...open]
          const got = noted.journey(steps)
          if (steps === after) same(got, expected)
        }
      },
    ),
    runs(50),
  )
  const seldom = Object.entries(met).filter(([, cases]) => cases < 2)
  expect(seldom).toEqual([])
}, 600_000)
