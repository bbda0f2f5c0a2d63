// A healthy cluster: nothing is blamed. Drawn at random, and those of the examples.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { cluster } from '../../src/testing/index.ts'
import { diagnoseLab } from '../../src/troubleshoot/index.ts'
import { runs } from '../properties/run.ts'
import { ROOT } from '../support/source-files.ts'

const MODES = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet'] as const

/** Candidates that are more than unlikely. */
function blamed(lab: Lab): string[] {
  const { candidates } = diagnoseLab(lab)
  return candidates.flatMap(({ likelihood, failure, title, because }) =>
    likelihood === 'unlikely' ? [] : [`${likelihood} ${failure ?? ''} ${title}: ${because}`],
  )
}

describe('a healthy cluster', () => {
  it('has no candidate that is more than unlikely, whatever it looks like', () => {
    fc.assert(
      fc.property(
        cluster({ nodes: { min: 1, max: 5 }, podsPerNode: { min: 1, max: 2 }, mode: MODES, mtu: 1500 }),
        ({ resources }) => {
          expect(blamed(Lab.fromResources(resources))).toEqual([])
        },
      ),
      runs(8),
    )
  }, 120_000)

  it.each(['demo/ipip', 'demo/vxlan', 'demo/noencap', 'components/ipam', 'components/racks', 'components/reflector'])(
    '%s is one, says status and all',
    (name) => {
      const lab = Lab.load({ name, text: readFileSync(`${ROOT}examples/${name}.yaml`, 'utf8') })
      expect(blamed(lab)).toEqual([])
      expect(diagnoseLab(lab)).toMatchObject({ verdict: 'healthy', facts: [], flow: '' })
    },
  )
})
