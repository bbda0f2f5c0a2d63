import { decisionsOf, isDenial, policyName } from '../../trace/index.ts'
import { lossOf, type Seen } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, objectText } from '../written.ts'
import type { MisconceptionRow, pairOf } from './row.ts'

/** A NetworkPolicy of the namespace default. */
export const networkPolicy = (name: string, spec: string, comment?: string): string =>
  objectText(['networking.k8s.io/v1', 'NetworkPolicy'], `name: ${name}, namespace: default`, spec, comment)

/** Where a ping was denied: node, policy, and the host end of the pod that was asked about. */
export const DENIED: MisconceptionRow['blanks'] = [
  blank('node', 'name', 'the node that drops the ping', ({ trace }) => lossOf(trace)?.hop.netns),
  blank('policy', 'name', 'the policy that denies it, as `NAMESPACE/NAME`', ({ trace }) => denyingPolicy(trace)),
  blank('device', 'name', 'the host end of the pod it is asked about', ({ trace }) => denialOf(trace)?.at.dev),
]

export const POLICY_HINTS: MisconceptionRow['hints'] = [
  'Egress is judged on the node of whoever asks, ingress on the node of whoever is asked.',
  '`packetwalk policy -f … --from … --to …`; on the node: `iptables -nvL`, and look at the counters of `cali-tw-…` and `cali-fw-…`.',
  'The host end of a pod is the device that the route to it leads to.',
]

/** The decision that denied. */
function denialOf(
  trace: Seen['trace'],
): Extract<ReturnType<typeof decisionsOf>[number], { kind: 'tier-end' }> | undefined {
  const decision = decisionsOf(trace).find(isDenial)
  return decision?.kind === 'tier-end' ? decision : undefined
}

/** The policy that selects and does not allow. */
export function denyingPolicy(trace: Seen['trace']): string | undefined {
  return denialOf(trace)?.policies.map(policyName)[0]
}

/** The decision that let it in. */
export function allowanceOf(
  trace: Seen['trace'],
): Extract<ReturnType<typeof decisionsOf>[number], { kind: 'policy' }> | undefined {
  for (const one of decisionsOf(trace))
    if (one.kind === 'policy' && one.action === 'Allow' && one.direction === 'ingress') return one
  return undefined
}

/** The policy that let it in, as `NAMESPACE/NAME`. */
export function allowingPolicy(trace: Seen['trace']): string | undefined {
  const decision = allowanceOf(trace)
  return decision === undefined ? undefined : policyName(decision.policy)
}

/** A file of policies behind the plain cluster. */
export function withPolicies(
  plan: ReturnType<typeof pairOf>,
  ...policies: readonly string[]
): ReturnType<typeof pairOf> {
  return { ...plan, files: [...plan.files, fileOf('policy.yaml', policies)] }
}
