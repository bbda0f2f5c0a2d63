// Policies are not rendered yet: until they are, no flow that one of them could decide may be answered with certainty, and no flow
// that none of them concerns may be left open.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { runs } from '../properties/run.ts'
import { PolicyCluster, policyCases } from './policy-cases.ts'
import { clusterObjects, ENDS, hasSay, randomPolicy } from './random-policies.ts'

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

describe('a random policy', () => {
  it('leaves open what it has a say in, and nothing else', () => {
    const pairs = ENDS.flatMap((from) => ENDS.filter((to) => to !== from).map((to) => [from, to] as const))
    fc.assert(
      fc.property(randomPolicy, fc.shuffledSubarray(pairs, { minLength: 6, maxLength: 10 }), (policy, flows) => {
        const items = [...clusterObjects(), policy.object]
        const lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
        const open = flows.map(([from, to]) => [
          from.name,
          to.name,
          lab.ping(from.name, to.name).certainty === 'undecided',
        ])
        expect(open).toEqual(flows.map(([from, to]) => [from.name, to.name, hasSay(policy, from, to)]))
      }),
      runs(60),
    )
  })
})
