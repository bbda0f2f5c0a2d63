import type { Origin, PolicyDirection, RuleMeaning } from '../../../model/index.ts'
import type { Policy, PolicyRule, Profile } from '../../policy/model.ts'
import { policyKindWords } from '../../policy/policy-kinds.ts'
import { logPrefixOf } from '../log-prefix.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { denyOf, type RuleContext } from './context.ts'
import { policyChainName, profileChainName } from './names.ts'
import { matchOf } from './policy-match.ts'
import { marked, RETURN, setMark } from './words.ts'

/** What all rules of a chain have in common. */
interface Owner {
  /** What a rule stands for. */
  readonly meaningOf: (rule: PolicyRule) => RuleMeaning
  /** What the kernel's log says before a packet. */
  readonly logPrefix: string
}

/** Sets a bit where the rule matches, and acts on the bit: a rule does one thing. */
function marking(
  bit: number,
  match: readonly FelixMatch[],
  action: FelixAction,
  origin: Origin,
  meanings: readonly [RuleMeaning | undefined, RuleMeaning | undefined],
): FelixRule[] {
  const meaning = (one: RuleMeaning | undefined): Pick<FelixRule, 'meaning'> =>
    one === undefined ? {} : { meaning: one }
  return [
    { match, action: setMark(bit), origin, ...meaning(meanings[0]) },
    { match: [marked(bit)], action, origin, ...meaning(meanings[1]) },
  ]
}

/** The rules that act on what a rule of a policy matched. */
function deciding(rule: PolicyRule, match: readonly FelixMatch[], owner: Owner, context: RuleContext): FelixRule[] {
  const { marks, settings } = context
  const { origin } = rule
  const meaning = owner.meaningOf(rule)
  switch (rule.action) {
    case 'Allow':
      return marking(marks.accept, match, RETURN, origin, [meaning, undefined])
    case 'Pass':
      return marking(marks.pass, match, RETURN, origin, [meaning, undefined])
    case 'Deny': {
      const { action } = denyOf(context)
      if (marks.drop === undefined) return [{ match, action, origin, meaning }]
      return marking(marks.drop, match, action, origin, [undefined, meaning])
    }
    case 'Log': {
      const limit: readonly FelixMatch[] =
        settings.logRate === '' ? [] : [{ kind: 'limit', rate: settings.logRate, burst: settings.logBurst }]
      return [
        {
          match: [...limit, ...match],
          action: { kind: 'LOG', prefix: `${owner.logPrefix}: `, level: 5 },
          origin,
          meaning,
        },
      ]
    }
  }
}

function rulesOf(rule: PolicyRule, owner: Owner, context: RuleContext): FelixRule[] {
  const asked = matchOf(rule, context.family, context.marks)
  if (asked === undefined) return []
  const blocks = asked.blocks.map((block): FelixRule => ({ ...block, origin: rule.origin }))
  const made = [...blocks, ...deciding(rule, asked.match, owner, context)]
  const { comments } = rule
  return comments === undefined ? made : made.map((one) => ({ ...one, comment: [...(one.comment ?? []), ...comments] }))
}

/** The rules of one direction of a policy or profile, with the chain's comment at the first. */
function chainRules(
  rules: readonly PolicyRule[],
  owner: Owner,
  comment: string | undefined,
  origin: Origin,
  context: RuleContext,
): FelixRule[] {
  const made = rules.flatMap((rule) => rulesOf(rule, owner, context))
  // Whoever comes to the end of a chain returns anyway.
  if (context.traits.stripsReturns) while (made.at(-1)?.action?.kind === 'RETURN') made.pop()
  if (comment === undefined) return made
  const [first = { match: [], origin }, ...others] = made
  return [{ ...first, comment: [...(first.comment ?? []), comment] }, ...others]
}

/** What Felix writes at the first rule of a policy's chain. */
function policyComment({ ref, id }: Policy, direction: PolicyDirection, { traits }: RuleContext): string | undefined {
  const { namespace, name } = ref
  switch (traits.policyComment) {
    case 'kind':
      return `${policyKindWords(ref).word} ${namespace === undefined ? '' : `${namespace}/`}${name} ${direction}`
    case 'name':
      // The name Felix knows it by, without the tier that begins its id.
      return `Policy ${traits.policyIds === 'tier/name' ? id.slice(id.indexOf('/') + 1) : id} ${direction}`
    case 'none':
      return undefined
  }
}

/** The chain of one direction of a policy. @calico felix/rules/policy.go PolicyToIptablesChains */
export function policyChain(policy: Policy, direction: PolicyDirection, context: RuleContext): FelixChain {
  const { ref, id, origin } = policy
  const owner: Owner = {
    meaningOf: ({ action, index }) => ({ kind: 'policy', policy: ref, direction, rule: index, action }),
    logPrefix: logPrefixOf(context.settings.logPrefix, { ...ref, kind: id.slice(0, id.indexOf('/')) }),
  }
  const comment = policyComment(policy, direction, context)
  return {
    name: policyChainName(id, direction),
    rules: chainRules(policy[direction], owner, comment, origin, context),
  }
}

/** The chain of one direction of a profile. */
export function profileChain(profile: Profile, direction: PolicyDirection, context: RuleContext): FelixChain {
  const { name, origin } = profile
  const owner: Owner = {
    meaningOf: ({ action }) => ({ kind: 'profile', profile: name, direction, action }),
    logPrefix: logPrefixOf(context.settings.logPrefix, { kind: 'pro', name, tier: '' }),
  }
  const comment = context.traits.policyComment === 'none' ? undefined : `Profile ${name} ${direction}`
  return {
    name: profileChainName(name, direction),
    rules: chainRules(profile[direction], owner, comment, origin, context),
  }
}
