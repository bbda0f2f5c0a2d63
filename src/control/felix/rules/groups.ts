import { sha3_224 } from '@noble/hashes/sha3.js'
import type { PolicyDirection } from '../../../model/index.ts'
import { base64Url, encodeUtf8 } from '../../../wire/index.ts'
import type { Policy } from '../../policy/model.ts'
import { policyKindWords } from '../../policy/policy-kinds.ts'
import type { FelixChain, FelixRule } from './chain.ts'
import type { RuleContext } from './context.ts'
import { MAX_CHAIN_NAME, policyChainName } from './names.ts'
import { jumpTo, RETURN, rule, someMarked, unmarked } from './words.ts'

/** Policies of a tier that stand together and select the same endpoints: who has one has all. @calico felix/rules/endpoints.go PolicyGroup */
export interface PolicyGroup {
  /** Tier. */
  readonly tier: string
  /** Direction. */
  readonly direction: PolicyDirection
  /** Selector of all of them. */
  readonly selector: string
  /** Policies in order, staged ones among them. */
  readonly policies: readonly Policy[]
}

/** Those of a group that are enforced. */
export function enforcedIn({ policies }: Pick<PolicyGroup, 'policies'>): readonly Policy[] {
  return policies.filter(({ staged }) => !staged)
}

/** Policies of a tier in groups; releases without groups have one policy a group. */
export function groupsOf(
  tier: string,
  direction: PolicyDirection,
  policies: readonly Policy[],
  context: RuleContext,
): PolicyGroup[] {
  const groups: { readonly selector: string; readonly policies: Policy[] }[] = []
  for (const policy of policies) {
    const last = groups.at(-1)
    if (last !== undefined && last.selector === policy.selector && context.traits.policyGroups)
      last.policies.push(policy)
    else groups.push({ selector: policy.selector, policies: [policy] })
  }
  return groups.map((group) => ({ tier, direction, ...group }))
}

/** Whether the endpoint's chain jumps to the policies themselves: a group of one needs no chain. */
export function isInlined(group: PolicyGroup): boolean {
  return enforcedIn(group).length <= 1
}

/** How Felix writes a policy into the digest of its group. */
function idText(policy: Policy, { traits }: RuleContext): string {
  const { ref, id } = policy
  switch (traits.policyIds) {
    case 'kind/name':
      return `{Name: ${ref.name}, Namespace: ${ref.namespace ?? ''}, Kind: ${policyKindWords(ref).word}}`
    case 'tier/name':
      return id.slice(id.indexOf('/') + 1)
    case 'name':
      return id
  }
}

/** Chain of a group: a digest of what is in it. */
export function groupChainName(group: PolicyGroup, context: RuleContext): string {
  const { tier, direction, selector, policies } = group
  const prefix = direction === 'ingress' ? 'cali-gi-' : 'cali-go-'
  const lines = [
    // Before kinds were part of ids, equal names of two tiers were told apart so.
    ...(context.traits.policyIds === 'kind/name' ? [] : [tier]),
    selector,
    direction === 'ingress' ? 'inbound' : 'outbound',
    String(policies.length),
    ...policies.map((policy) => idText(policy, context)),
  ]
  const digest = sha3_224(encodeUtf8(lines.map((line) => `${line}\n`).join('')))
  return prefix + base64Url(digest).slice(0, MAX_CHAIN_NAME - prefix.length)
}

/** So many policies are asked before a verdict leaves the group's chain. */
const STRIDE = 5

/** The chain of a group: each policy is asked until one has a verdict. */
export function groupChain(group: PolicyGroup, context: RuleContext): FelixChain {
  const { marks } = context
  const verdict = (marks.pass | marks.accept) >>> 0
  const rules = enforcedIn(group).flatMap((policy, i): FelixRule[] => {
    const isFirst = i % STRIDE === 0
    const jump = rule(isFirst ? [] : [unmarked(verdict)], jumpTo(policyChainName(policy.id, group.direction)), {
      origin: policy.origin,
    })
    return isFirst && i > 0 ? [rule([someMarked(verdict)], RETURN, { comment: 'Return on verdict' }), jump] : [jump]
  })
  return { name: groupChainName(group, context), rules }
}
