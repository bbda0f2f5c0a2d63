// Packets of the policy clusters: what each meets on its way, rule by rule.
import { describe } from 'vitest'
import { Recorder } from '../../src/dataplane/index.ts'
import { type PolicyCase, UndecidedProbe } from '../../src/lab/probes/case.ts'
import { PolicyProbes } from '../../src/lab/probes/probe.ts'
import { goldens } from '../support/golden.ts'
import { policyCases } from '../support/policy-cases.ts'
import { recordText, stateText } from './texts.ts'

const CASES = policyCases() as unknown as readonly PolicyCase[]
/** Packets of each cluster: the others differ from them in little but the rule they meet. */
const PROBES = 5

function verdict(probes: PolicyProbes, probe: PolicyCase['probes'][number]): string {
  try {
    return probes.send(probe)
  } catch (error) {
    if (error instanceof UndecidedProbe) return error.message
    throw error
  }
}

describe('what packets meet in a cluster with policies is as it was', () => {
  goldens(
    'policies',
    CASES.map(({ id }) => id),
    (id) => {
      const one = CASES.find((other) => other.id === id)!
      const recorder = new Recorder()
      const probes = new PolicyProbes(one)
      probes.simulation.recorder = recorder
      const verdicts = one.probes.slice(0, PROBES).map((probe) => verdict(probes, probe))
      return `${verdicts.join('\n')}\n${recordText(recorder)}${stateText(probes.simulation)}`
    },
  )
})
