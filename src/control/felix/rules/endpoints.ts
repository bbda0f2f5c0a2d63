import type { Origin, PolicyDirection } from '../../../model/index.ts'
import type { Profile, TierPolicies } from '../../policy/model.ts'
import type { PacketRate } from '../../policy/pod-controls.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { denyOf, type RuleContext } from './context.ts'
import { FAILSAFE } from './failsafe.ts'
import { flowLog, logsFlows } from './flow-logs.ts'
import { enforcedIn, groupChainName, groupsOf, isInlined, type PolicyGroup } from './groups.ts'
import { policyChainName, profileChainName } from './names.ts'
import {
  clearMark,
  DROP,
  dport,
  ESTABLISHED,
  INVALID,
  IPIP,
  jumpTo,
  marked,
  NOTRACK,
  RETURN,
  rule,
  setMark,
  UDP,
  unmarked,
} from './words.ts'

/** What policies of an endpoint's chain are asked about. */
export type EndpointChainType = 'normal' | 'forward' | 'untracked' | 'preDNAT'

/** One of the chains of an endpoint. */
export interface EndpointChain {
  /** Name. */
  readonly name: string
  /** Which of its policies. */
  readonly type: EndpointChainType
  /** Into the endpoint or out of it. */
  readonly direction: PolicyDirection
  /** Tiers in order; those without a policy in this direction are passed by. */
  readonly tiers: readonly TierPolicies[]
  /** Profiles in order. */
  readonly profiles: readonly Profile[]
  /** What becomes of packets of connections that were let through before. */
  readonly allow: FelixAction
  /** Ports of the host stay open. */
  readonly failsafe: boolean
  /** The endpoint is switched off: nothing gets through. */
  readonly disabled?: boolean
  /** What the pod may send or get, and whose word it is. */
  readonly rate?: { readonly limit: PacketRate; readonly origin: Origin }
  /** Encapsulated packets are let through only if they are allowed in general. */
  readonly blocksTunnels: boolean
}

function connectionRules({ type, allow }: EndpointChain, context: RuleContext): FelixRule[] {
  if (type === 'untracked') return []
  const { marks, settings } = context
  const established = { meaning: { kind: 'established' } } as const
  return [
    ...(allow.kind === 'ACCEPT' ? [] : [rule([ESTABLISHED], setMark(marks.accept))]),
    rule([ESTABLISHED], allow, established),
    ...(settings.dropsInvalid ? [rule([INVALID], denyOf(context).action, { meaning: { kind: 'invalid' } })] : []),
  ]
}

/** More packets than a pod may have are dropped, those of admitted connections, too. */
function rateRules({ rate, direction }: EndpointChain, { marks, traits }: RuleContext): FelixRule[] {
  if (rate === undefined || !traits.packetRates) return []
  const { limit, origin } = rate
  const within = marks.scratch0
  const limited: FelixMatch = { kind: 'limit', rate: `${limit.rate}/sec`, burst: limit.burst }
  const clear = rule([], clearMark(within), { comment: `Clear ${direction} packet rate limit mark`, origin })
  return [
    clear,
    rule([limited], setMark(within), { comment: `Mark packets within ${direction} packet rate limit`, origin }),
    rule([unmarked(within)], DROP, { comment: `Drop packets over ${direction} packet rate limit`, origin }),
    clear,
  ]
}

/** A pod that encapsulates by itself would get by every policy. */
function tunnelRules({ blocksTunnels }: EndpointChain, context: RuleContext): FelixRule[] {
  if (!blocksTunnels) return []
  const { settings, vxlanPort } = context
  const { action, word } = denyOf(context)
  const meaning = { kind: 'encapsulated' } as const
  const rules: FelixRule[] = []
  if (!settings.allowVxlanFromWorkloads) {
    const comment = `${word} VXLAN encapped packets originating in workloads`
    rules.push(rule([UDP, dport(vxlanPort)], action, { comment, meaning }))
  }
  if (!settings.allowIpipFromWorkloads) {
    rules.push(rule([IPIP], action, { comment: `${word} IPinIP encapped packets originating in workloads`, meaning }))
  }
  return rules
}

/** Chains a group is asked by. */
function chainsOfGroup(group: PolicyGroup, context: RuleContext): string[] {
  if (!isInlined(group)) return [groupChainName(group, context)]
  return enforcedIn(group).map(({ id }) => policyChainName(id, group.direction))
}

function groupRules(group: PolicyGroup, type: EndpointChainType, context: RuleContext): FelixRule[] {
  const { marks } = context
  const origin = group.policies[0]!.origin
  return chainsOfGroup(group, context).flatMap((chain) => [
    rule([unmarked(marks.pass)], jumpTo(chain), { origin }),
    ...(type === 'untracked' ? [rule([marked(marks.accept)], NOTRACK, { origin })] : []),
    rule([marked(marks.accept)], RETURN, { comment: 'Return if policy accepted', origin }),
  ])
}

function tierRules(of: TierPolicies, chain: EndpointChain, context: RuleContext): FelixRule[] {
  const { type, direction } = chain
  const { marks, traits } = context
  const { tier } = of
  const policies = of[direction]
  if (policies.length === 0) return []
  const { origin } = tier
  const start = traits.tierComments
    ? `Start of tier ${tier.name}`
    : traits.clearsPassFirst
      ? undefined
      : 'Start of policies'
  const groups = groupsOf(tier.name, direction, policies, context)
  const enforced = enforcedIn({ policies })
  const isLast = type === 'normal' || type === 'forward'
  const ends = isLast && enforced.length > 0 && tier.defaultAction === 'Deny'
  const logged = isLast && logsFlows(context)
  const { action, word } = denyOf(context)
  const end = `${traits.tierEndComments ? `End of tier ${tier.name}. ` : ''}${word} if no policies passed packet`
  const refs = enforced.map(({ ref }) => ref)
  const meaning = { kind: 'tier', tier: tier.name, direction, policies: refs } as const
  const begins = refs.length === 0 ? {} : { meaning }
  return [
    ...(start === undefined ? [] : [rule([], clearMark(marks.pass), { comment: start, origin, ...begins })]),
    ...groups.flatMap((group) => groupRules(group, type, context)),
    ...(logged
      ? [
          rule([unmarked(marks.pass)], flowLog(ends ? 'Deny' : 'Pass', 'policy', direction, `|${tier.name}`), {
            origin,
          }),
        ]
      : []),
    ...(ends
      ? [
          rule([unmarked(marks.pass)], action, {
            comment: end,
            origin,
            meaning: { kind: 'tier-end', tier: tier.name, direction, policies: refs },
          }),
        ]
      : []),
  ]
}

/** Whether a forward chain has nothing to ask. Up to v3.28 only policies of its own direction counted. */
function asksNothing({ tiers, direction }: EndpointChain, { traits }: RuleContext): boolean {
  return traits.tierComments ? tiers.length === 0 : tiers.every((of) => of[direction].length === 0)
}

function endRules(chain: EndpointChain, context: RuleContext): FelixRule[] {
  const { type, direction, profiles } = chain
  const { marks } = context
  const rules: FelixRule[] = []
  if (type === 'forward' && asksNothing(chain, context)) {
    rules.push(rule([], setMark(marks.accept), { comment: 'Allow forwarded traffic by default' }))
    rules.push(rule([], RETURN, { comment: 'Return for accepted forward traffic' }))
  }
  if (type !== 'normal') return rules
  for (const { name, origin } of profiles) {
    rules.push(rule([], jumpTo(profileChainName(name, direction)), { origin }))
    rules.push(rule([marked(marks.accept)], RETURN, { comment: 'Return if profile accepted', origin }))
  }
  const { action, word } = denyOf(context)
  const meaning = { kind: 'no-profile', direction } as const
  const log = logsFlows(context) ? [rule([], flowLog('Deny', 'profile', direction, ''))] : []
  return [...rules, ...log, rule([], action, { comment: `${word} if no profiles matched`, meaning })]
}

/** A chain of an endpoint. @calico felix/rules/endpoints.go endpointIptablesChain */
export function endpointChain(chain: EndpointChain, context: RuleContext): FelixChain {
  const { marks, traits } = context
  if (chain.disabled === true) {
    return { name: chain.name, rules: [rule([], denyOf(context).action, { comment: 'Endpoint admin disabled' })] }
  }
  const first = traits.clearsPassFirst ? (marks.accept | marks.pass) >>> 0 : marks.accept
  return {
    name: chain.name,
    rules: [
      ...rateRules(chain, context),
      ...connectionRules(chain, context),
      ...(chain.failsafe ? [rule([], jumpTo(FAILSAFE[chain.direction]))] : []),
      rule([], clearMark(first)),
      ...tunnelRules(chain, context),
      ...chain.tiers.flatMap((tier) => tierRules(tier, chain, context)),
      ...endRules(chain, context),
    ],
  }
}
