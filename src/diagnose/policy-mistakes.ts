import type { Policy } from '../control/index.ts'
import type { PolicyRef } from '../model/index.ts'
import { endText, policyName } from '../trace/index.ts'
import { contains, DNS_PORT, type Ip } from '../wire/index.ts'
import type { DropPlace } from './cause.ts'
import type { Facts } from './facts.ts'
import type { PolicyDenial } from './policy-change.ts'

/** A tier that ended. */
type TierEnd = Extract<PolicyDenial, { readonly kind: 'tier-end' }>

/** The mistake that most who meet such a refusal have made, as far as the objects show it; '' where they show none. */
export function mistakeIn(denial: PolicyDenial, place: DropPlace): string {
  if (denial.kind === 'policy') return ''
  const found = [
    forgottenDns(denial),
    namedClusterIp(denial, place),
    noPass(denial, place.facts),
    staged(denial, place),
  ]
  return found.filter((one) => one !== '').join('; ')
}

/** Isolating what goes out isolates from the names of everything, too. */
function forgottenDns({ direction, seen }: PolicyDenial): string {
  const isDns = direction === 'egress' && seen.destination.port === DNS_PORT
  return isDns ? 'a policy that isolates egress must let DNS (UDP and TCP 53) out as well, or no name is found' : ''
}

/** A policy that names the address of a Service: it is asked when the address is an endpoint's already. */
function namedClusterIp(denial: TierEnd, { lost, facts }: DropPlace): string {
  const asked = lost.asked?.destination ?? ''
  const { seen, direction, policies } = denial
  if (direction !== 'egress' || asked === '' || asked === seen.destination.address) return ''
  for (const policy of known(policies, facts)) {
    const rule = policy.egress.find(({ destination }) => destination.nets.some((net) => contains(net, asked as Ip)))
    if (rule !== undefined) {
      return `${policyName(policy.ref)} egress rule ${rule.index} names ${asked}, the address of a Service: policies see packets after it became the endpoint’s, ${endText(seen.destination)}`
    }
  }
  return ''
}

/** A tier whose policies select an endpoint keeps those of later tiers from being asked. */
function noPass({ tier, policies, direction }: TierEnd, facts: Facts): string {
  if (tier === 'default') return ''
  const passes = known(policies, facts).some((policy) => policy[direction].some(({ action }) => action === 'Pass'))
  return passes
    ? ''
    : `tier ${tier} ends with Deny and no rule of it has the action Pass, so policies of later tiers are not asked about endpoints it selects`
}

/** Staged policies that select the endpoint: they look as if they were in force. */
function staged({ tier, direction, at }: TierEnd, { facts }: DropPlace): string {
  const { cluster } = facts
  const node = facts.nodeOf(at.endpoint)
  if (cluster === null || node === undefined) return ''
  const own = cluster.policies.of(node).workloads.find(({ netns }) => netns === at.endpoint)
  const all = own?.tiers.find((one) => one.tier.name === tier)?.[direction] ?? []
  const names = all.filter((policy) => policy.staged).map(({ ref }) => policyName(ref))
  return names.length === 0 ? '' : `${names.join(', ')} would be asked, too, but staged policies are never enforced`
}

function known(refs: readonly PolicyRef[], facts: Facts): readonly Policy[] {
  const all = facts.cluster?.policies.policies ?? []
  return refs.flatMap((ref) => all.find((policy) => isSame(policy.ref, ref)) ?? [])
}

function isSame(a: PolicyRef, b: PolicyRef): boolean {
  return a.kind === b.kind && a.api === b.api && a.namespace === b.namespace && a.name === b.name && a.tier === b.tier
}
