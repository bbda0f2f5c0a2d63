import { bgpChecks } from './bgp-checks.ts'
import { blockChecks } from './block-checks.ts'
import type { Contradiction } from './finding.ts'
import { nodeChecks } from './node-checks.ts'
import { plainObjects } from './objects.ts'
import { podChecks } from './pod-checks.ts'
import { policyChecks } from './policy-checks.ts'
import { poolChecks } from './pool-checks.ts'
import { repeated, settingsChecks } from './settings-checks.ts'

const CHECKS = [settingsChecks, poolChecks, nodeChecks, podChecks, blockChecks, bgpChecks, policyChecks]

/**
 * What objects say against each other, each of which may be right by itself: Calico takes them, and traffic does not go where it
 * is meant to. References to what is not among the objects count only where objects of that kind are.
 * @param values - plain objects of any kind, lists unfolded
 * @param areDistinct - none of them is there twice, and nobody need look
 */
export function contradictions(values: readonly unknown[], areDistinct = false): Contradiction[] {
  const objects = plainObjects(values)
  const twice = areDistinct ? [] : repeated(objects)
  return [...twice, ...CHECKS.flatMap((check) => check(objects))]
}
