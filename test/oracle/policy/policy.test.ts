// The judge of the judges: what is known of 252 clusters, evaluated from the objects alone.
import { describe, expect, it } from 'vitest'
import { policyCases } from '../../support/policy-cases.ts'
import { PolicyOracle } from './judge.ts'
import type { RawObject, RawProbe } from './objects.ts'

const CASES = policyCases()

describe('the policy oracle', () => {
  it.each([...new Set(CASES.map(({ id }) => id.split('/')[0]!))])('%s: every verdict is right', (suite) => {
    const wrong: unknown[] = []
    for (const { id, objects, probes } of CASES.filter((one) => one.id.startsWith(`${suite}/`))) {
      const oracle = new PolicyOracle(objects as readonly RawObject[])
      for (const probe of probes) if (oracle.judge(probe as RawProbe) !== probe.expect) wrong.push([id, probe])
    }
    expect(wrong).toEqual([])
  })
})
