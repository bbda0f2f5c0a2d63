// What `lint` finds is a candidate for what was seen: never before what a packet showed, and only where it could look so.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Candidate, diagnoseLab, type Symptom } from '../../src/troubleshoot/index.ts'
import { ROOT } from '../support/source-files.ts'

const CLUSTER = readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8')
const [FROM, TO] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']
const MTU =
  'apiVersion: crd.projectcalico.org/v1\nkind: FelixConfiguration\nmetadata: { name: default }\nspec: { ipipMTU: 1490 }\n'

function candidates(extra: string, symptom?: Symptom): readonly Candidate[] {
  const lab = Lab.load([
    { name: 'ipip.yaml', text: CLUSTER },
    { name: 'extra.yaml', text: extra },
  ])
  return diagnoseLab(lab, { from: FROM, to: TO, ...(symptom === undefined ? {} : { symptom }) }).candidates
}

const linted = (all: readonly Candidate[]): Candidate[] => all.filter(({ because }) => because.includes('(lint: '))

describe('a finding of lint', () => {
  it('raises what it stands for, with its name, object, place and remedy', () => {
    const [first, ...others] = linted(candidates(MTU, 'small-ok-large-hang'))
    expect(others).toEqual([])
    expect(first).toMatchObject({ failure: 'F15', because: expect.stringContaining('(lint: mtu-too-big)') })
  })

  it.each(['refused', 'pending', undefined] as const)('is none for %s, which it does not look like', (symptom) => {
    expect(linted(candidates(MTU, symptom)).map(({ failure }) => failure)).not.toContain('F15')
  })
})
