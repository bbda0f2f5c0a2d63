import { describe, expect, it } from 'vitest'
import { listScenarios } from '../support/captures.ts'
import { ASPECTS } from '../support/compare.ts'
import { type Counts, judgeScenario } from '../support/conformance.ts'
import baseline from './baseline.json' with { type: 'json' }

const BASELINE: Readonly<Record<string, Counts>> = baseline

describe('the kernel agrees at least as often as before', () => {
  it('with a baseline for every scenario', () => {
    expect(Object.keys(BASELINE).sort()).toEqual(listScenarios())
  })

  it.each(listScenarios())('%s', { timeout: 60_000 }, (name) => {
    const verdict = judgeScenario(name)
    for (const aspect of ASPECTS) {
      const differing = verdict.unequal.filter((p) => p.differences[aspect] !== undefined).map((p) => p.id)
      expect(verdict.equal[aspect], `${aspect}: ${differing.join(', ')}`).toBeGreaterThanOrEqual(
        BASELINE[name]?.[aspect] ?? 0,
      )
    }
    expect(verdict.otherWords, 'output of ping and traceroute').toEqual([])
    expect(verdict.notModelled).toEqual([])
  })
})
