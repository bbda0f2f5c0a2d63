import type { Findings } from '../findings.ts'
import { inCreationOrder } from '../objects-by-kind.ts'
import type { Resources } from '../resources.ts'
import { planDerived } from './derive.ts'
import { planGiven } from './given.ts'
import type { UnderlayPlan } from './plan.ts'

/** The underlay of a cluster: as described by its `Underlay` object, else derived from the nodes' addresses. */
export function planUnderlay(resources: Resources, seed: number, findings: Findings): UnderlayPlan {
  const [underlay, second] = resources.underlays
  if (second) findings.fault('invalid', second, ['metadata', 'name'], 'only one Underlay', second.metadata.name)
  if (!underlay) return planDerived(inCreationOrder(resources.nodes), seed)
  const plan = planGiven(underlay, seed, findings)
  for (const node of resources.nodes) {
    if (plan.machines.has(node.metadata.name)) continue
    const expected = `an entry of Underlay/${underlay.metadata.name} spec.nodes with this name`
    findings.fault('missing_reference', node, ['metadata', 'name'], expected, node.metadata.name)
  }
  return plan
}
