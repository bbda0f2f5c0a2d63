// The flow that an injection picks by itself passes before it, whatever policies are in the cluster, and fails afterwards. Of six
// clusters (FC_RUNS=6) all were as they should be.
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Resources } from '../../src/control/index.ts'
import { FAILURES, type Injection } from '../../src/failures/index.ts'
import { injectionOf } from '../../src/failures/injections.ts'
import { setScene } from '../../src/lab/failures/check.ts'
import { askFor, Lab, lookOf, plannedInjection } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { type ClusterMode, cluster } from '../../src/testing/index.ts'

const NAMESPACES = ['default', 'shop', 'kube-system'] as const
const MODES: readonly ClusterMode[] = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'none']

type Policy = Resources['policies'][number]

/** Denies a namespace one direction, or in both directions but for TCP. */
function policies(namespace: string, what: 'nothing' | 'in' | 'out' | 'but-tcp'): Policy[] {
  const head = { metadata: { name: 'drawn', namespace } }
  switch (what) {
    case 'nothing':
      return []
    case 'in':
    case 'out': {
      const policyTypes = [what === 'in' ? 'Ingress' : 'Egress'] as const
      return [
        { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...head, spec: { podSelector: {}, policyTypes } },
      ]
    }
    case 'but-tcp':
      return [
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'NetworkPolicy',
          ...head,
          spec: { selector: 'all()', types: ['Ingress'], ingress: [{ action: 'Allow', protocol: 'TCP' }] },
        },
      ]
  }
}

const WHAT = fc.constantFrom('nothing', 'in', 'out', 'but-tcp')
const guarded = fc
  .record({
    drawn: fc.constantFrom(...MODES).chain((mode) => cluster({ mode, nodes: 4, subnets: 2, podsPerNode: 3, pools: 1 })),
    denied: fc.tuple(WHAT, WHAT, WHAT),
  })
  .map(({ drawn, denied }) => {
    const all = NAMESPACES.flatMap((namespace, i) => policies(namespace, denied[i]!))
    return { ...drawn.resources, policies: [...drawn.resources.policies, ...all] } as Resources
  })

const LOSSES = FAILURES.filter(({ notModelled, looks }) => notModelled === undefined && !looks.includes('pending'))

function planned(lab: Lab, code: string): Injection | undefined {
  try {
    return plannedInjection(lab, code)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** Whether the pods that come first would not have done. */
function isFirstBlocked(lab: Lab, code: string): boolean {
  const { cluster: objects, simulation, delays } = lab
  const first = injectionOf({ code, cluster: objects!, network: simulation.network, delays })
  setScene(lab, first)
  const well = lab.snapshot()
  return first.shows.some(({ ask, before }) => {
    lab.restore(well)
    return before !== undefined && lookOf(askFor(lab, ask)) !== before
  })
}

describe('the flow that an injection picks by itself', () => {
  const counts = { kept: 0, passedOver: 0 }
  afterAll(() => {
    expect(counts.kept).toBeGreaterThan(0)
    expect(counts.passedOver).toBeGreaterThan(0)
  })

  it('passes before, and fails afterwards, in clusters with policies', () => {
    const property = fc.property(
      guarded,
      fc.shuffledSubarray(LOSSES, { minLength: 12, maxLength: 12 }),
      (resources, some) => {
        const lab = Lab.fromResources(resources)
        const start = lab.snapshot()
        for (const { code } of some) {
          lab.restore(start)
          const plan = planned(lab, code)
          const [flow] = plan?.shows ?? []
          if (plan === undefined || flow?.before === undefined || flow.after === 'works') continue
          counts.kept++
          if (isFirstBlocked(lab, code)) counts.passedOver++
          lab.restore(start)
          setScene(lab, plan)
          expect(`${code} before: ${lookOf(askFor(lab, flow.ask))}`).toBe(`${code} before: ${flow.before}`)
          lab.restore(start)
          lab.inject(code)
          expect(`${code} after: ${lookOf(askFor(lab, flow.ask))}`).not.toBe(`${code} after: works`)
        }
      },
    )
    fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 3), seed: 13, endOnFailure: true })
  }, 120_000)

  it('is named where none will do', () => {
    const [drawn] = fc.sample(cluster({ mode: 'ipip-always', nodes: 2, subnets: 1 }), { seed: 3, numRuns: 1 })
    const denied = NAMESPACES.flatMap((namespace) => policies(namespace, 'in'))
    const lab = Lab.fromResources({ ...drawn!.resources, policies: denied })
    expect(() => lab.inject('F15')).toThrow(/F15 needs a flow that passes before it and not afterwards.*: policies/s)
  })
})
