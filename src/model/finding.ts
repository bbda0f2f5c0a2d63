import type { Role } from './namespace.ts'
import type { Origin, OriginComponent } from './origin.ts'
import type { PolicyDirection, PolicyRef } from './rule-meaning.ts'

/** Every sort of first cause; the names stay the same from release to release. */
export const FINDING_CODES = [
  'route_missing',
  'route_down',
  'route_elsewhere',
  'route_into_pod',
  'route_refuses',
  'address_unused',
  'wrong_card',
  'nat_missing',
  'source_unknown',
  'rp_filter',
  'gateway_unanswered',
  'neighbour_silent',
  'neighbour_missing',
  'forwarding_off',
  'mtu_exceeded',
  'mtu_differs',
  'fdb_missing',
  'vni_unknown',
  'tunnel_missing',
  'tunnel_without_remote',
  'wireguard_peer_missing',
  'wireguard_source_refused',
  'rule_drops',
  'policy_denies',
  'policy_ends',
  'profile_denies',
  'felix_refuses',
  'service_empty',
  'service_source',
  'port_elsewhere',
  'filtered_on_the_way',
  'link_down',
  'carrier_missing',
  'hop_limit',
  'loop',
  'nobody_listens',
  'echo_ignored',
  'no_answer',
  'not_modelled',
  'other',
] as const

/** A sort of first cause. */
export type FindingCode = (typeof FINDING_CODES)[number]

/** One more rule in a policy that would let a packet through. */
export interface PolicyChange {
  /** The policy. */
  readonly policy: PolicyRef
  /** List of its rules. */
  readonly direction: PolicyDirection
  /** Number of the rule it must stand before, from 1; 0: at the end. */
  readonly before: number
  /** The rule, as an item of the list in YAML. */
  readonly yaml: string
}

/** Why a packet failed: what is wrong, where, what would be right, who should have done it, and how to confirm it. */
export interface Finding {
  /** Sort. */
  readonly code: FindingCode
  /** Namespace that is to be looked at; not always the one that dropped the packet. */
  readonly netns: string
  /** What that namespace stands for. */
  readonly role: Role | 'unknown'
  /** Interface; '' when none is involved. */
  readonly dev: string
  /** What is wrong there, in a sentence without its full stop. */
  readonly what: string
  /** What should be there, as the Linux tool prints it, e.g. `10.1.0.64/26 via 10.0.0.2 dev tunl0 proto bird onlink`. */
  readonly expected?: string
  /** Who should have written it. */
  readonly by?: OriginComponent
  /** What the packet looked like where it was refused, and who had made it so: of this packet, while all else may be that of many. */
  readonly seen?: string
  /** Why it was not written, or is so. */
  readonly because?: string
  /** What would be right; '' when that depends on what is wanted. */
  readonly right: string
  /** The object and field that decided. */
  readonly origin?: Origin
  /** The smallest change of a policy that would let the packet through. */
  readonly change?: PolicyChange
  /** Commands that confirm it on the real machine, each with the place to type it in. */
  readonly checks: readonly string[]
}

/** What a finding rests on: how the packet looked, and why it is so; '' where nothing is said of either. */
export function groundsOf({ seen, because }: Pick<Finding, 'seen' | 'because'>): string {
  return [seen ?? '', because ?? ''].filter((part) => part !== '').join('; ')
}

/** A finding as two sentences: what is wrong and why, and what would be right. */
export function describeFinding(finding: Finding): string {
  const { what, right, expected, by } = finding
  const who = by === undefined ? 'expected' : `expected, by ${by}`
  const wrong = [what, expected === undefined ? '' : `${who}: ${expected}`, groundsOf(finding)]
  const sentences = [wrong.filter((part) => part !== '').join('; '), right]
  return sentences.flatMap((one) => (one === '' ? [] : [one.endsWith('?') ? one : `${one}.`])).join(' ')
}
