// 252 clusters whose outcomes are known, judged by packets that walk the rules the simulated nodes hold.
import { describe, expect, it } from 'vitest'
import { type PolicyCase, policyVerdicts } from '../../src/lab/index.ts'
import { policyCases } from '../support/policy-cases.ts'

const CASES = policyCases()
/** Far more than a suite takes. */
const MINUTES = 600_000
const SUITES = [...new Set(CASES.map(({ id }) => id.split('/')[0]!))]

const isPolicy = (kind: string): boolean => kind.endsWith('NetworkPolicy') || kind === 'HostEndpoint'

/** A cluster without policies, and the packets that nothing but policy could stop. */
function bare(one: (typeof CASES)[number]): PolicyCase {
  const nodeOf = (name: string): string | undefined =>
    one.objects.find(({ kind, metadata }) => kind === 'Pod' && `${metadata.namespace}/${metadata.name}` === name)?.spec
      ?.nodeName
  const isEncapsulated = (protocol: string | number, port: number): boolean => protocol === 4 || port === 4789
  const probes = (one as unknown as PolicyCase).probes.filter(
    ({ from, to, protocol, port = 0, state }) =>
      state === undefined && !isEncapsulated(protocol, port) && `host:${nodeOf(from)}` !== to,
  )
  return { id: one.id, objects: one.objects.filter(({ kind }) => !isPolicy(kind)), probes }
}

describe('packets through clusters without policies', () => {
  it.each(SUITES)(
    '%s: all of them arrive',
    (suite) => {
      const cases = CASES.filter(({ id }) => id.startsWith(`${suite}/`)).map(bare)
      const lost = cases.flatMap((one) => {
        const verdicts = policyVerdicts(one)
        if ('error' in verdicts) return [[one.id, verdicts.error]]
        return one.probes.filter((_, i) => verdicts[i] !== 'allow').map((probe) => [one.id, probe])
      })
      expect(lost).toEqual([])
    },
    MINUTES,
  )
})

describe('packets through the rules of policies', () => {
  it.each(SUITES)(
    '%s: every verdict is right',
    (suite) => {
      const wrong = CASES.filter(({ id }) => id.startsWith(`${suite}/`)).flatMap((one) => {
        const verdicts = policyVerdicts(one as unknown as PolicyCase)
        if ('error' in verdicts) return [[one.id, verdicts.error]]
        return one.probes.filter((probe, i) => verdicts[i] !== probe.expect).map((probe) => [one.id, probe])
      })
      expect(wrong).toEqual([])
    },
    MINUTES,
  )
})
