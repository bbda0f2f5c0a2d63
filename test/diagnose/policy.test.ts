// Policies are not rendered yet: until they are, no flow that one of them could decide may be answered with certainty, and no flow
// that none of them concerns may be left open.
import { describe, expect, it } from 'vitest'
import { PolicyCluster, policyCases } from './policy-cases.ts'

const CASES = policyCases()
const SUITES = [...new Set(CASES.map(({ id }) => id.split('/')[0]!))]

describe('flows whose fate in Calico is known', () => {
  it('are there', () => {
    expect(CASES.length).toBe(252)
    expect(CASES.flatMap(({ probes }) => probes).length).toBe(2274)
  })

  it.each(SUITES)('%s: what Calico drops is not answered', (suite) => {
    const wrong: unknown[] = []
    for (const one of CASES.filter(({ id }) => id.startsWith(`${suite}/`))) {
      const cluster = new PolicyCluster(one)
      for (const probe of one.probes) {
        const { certainty, trace } = cluster.ask(probe)
        // As far as modelled every flow arrives: only the note on policy keeps it from being an answer.
        if (!trace.ok || (probe.expect === 'deny' && certainty !== 'undecided'))
          wrong.push([one.id, probe, trace.summary])
      }
    }
    expect(wrong).toEqual([])
  })
})
