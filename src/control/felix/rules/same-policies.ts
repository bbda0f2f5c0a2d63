import type { NodePolicies, TierPolicies, WorkloadPolicies } from '../../policy/model.ts'

/** Whether two lists have the same elements, in the same order. */
export function areSame<T>(
  a: readonly T[],
  b: readonly T[],
  isSame: (one: T, other: T) => boolean = Object.is,
): boolean {
  return a === b || (a.length === b.length && a.every((one, i) => isSame(one, b[i]!)))
}

function isSameTier(a: TierPolicies, b: TierPolicies): boolean {
  return a.tier === b.tier && areSame(a.ingress, b.ingress) && areSame(a.egress, b.egress)
}

/** Whether the very same policies are enforced for one pod. */
export function isSamePod(a: WorkloadPolicies, b: WorkloadPolicies): boolean {
  const isPlain = [a, b].every(({ controls, floating }) => controls === undefined && floating === undefined)
  return (
    isPlain &&
    a.dev === b.dev &&
    a.netns === b.netns &&
    areSame(a.tiers, b.tiers, isSameTier) &&
    areSame(a.profiles, b.profiles)
  )
}

/** Whether the very same policies are enforced for the same pods; where a node's own interfaces have any, or a pod has more than policies, nobody knows. */
export function enforceSame(a: NodePolicies, b: NodePolicies): boolean {
  return a.hosts.length + b.hosts.length === 0 && areSame(a.workloads, b.workloads, isSamePod)
}
