// What is said of a class holds for its members: packets decide.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { collectResources } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { payloadOf } from '../../src/payload/index.ts'
import { pairsOf } from '../../src/payload/pairs.ts'
import { hopsOf } from '../../src/trace/index.ts'
import type { Ip } from '../../src/wire/index.ts'
import { controlClusters } from '../properties/control-clusters.ts'

/** Whether an echo request of this size with DF comes to a namespace. */
function comes(lab: Lab, from: string, to: { netns?: string; address: Ip }, size: number): boolean {
  const run = lab.ping(from, to.address, { size, pmtudisc: 'do' })
  const isRequest = (port: number): boolean => port === 8 || port === 128
  return hopsOf(run.trace, 'deliver', to.netns).some((hop) => hop.taken && isRequest(hop.port))
}

it('the size that is said passes, and one byte more does not, for members that were not asked, too', () => {
  let asked = 0
  fc.assert(
    fc.property(controlClusters(), fc.nat(), ({ objects }, pick) => {
      const lab = Lab.fromResources(collectResources(objects))
      const pairs = pairsOf(lab, {})
      const at = pick % pairs.length
      const { kind, family, candidates, what } = pairs[at]!
      if (kind === 'pod and Service' || kind === 'pod and outside') return
      const [[from, to]] = candidates as [(typeof candidates)[0]]
      const [found] = payloadOf(lab, { from: from.label, to: to.label, family }).classes
      const whole = found?.there.ping?.whole ?? null
      if (whole === null) return
      const moment = lab.snapshot()
      for (const [from, to] of candidates) {
        for (const [size, isTaken] of [
          [whole, true],
          [whole + 1, false],
        ] as const) {
          lab.restore(moment)
          asked++
          expect([what, family, from.label, to.label, size, comes(lab, from.netns!, to, size)]).toEqual([
            what,
            family,
            from.label,
            to.label,
            size,
            isTaken,
          ])
        }
      }
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 5), seed: 17 },
  )
  expect(asked).toBeGreaterThan(6)
}, 240_000)
