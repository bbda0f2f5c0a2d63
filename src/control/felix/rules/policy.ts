import type { Origin, PolicyDirection, RuleMeaning } from '../../../model/index.ts'
import type { Policy, PolicyRule, Profile } from '../../policy/model.ts'
import { policyKindWords } from '../../policy/policy-kinds.ts'
import { logPrefixOf } from '../log-prefix.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { denyOf, type RuleContext } from './context.ts'
import { flowLog, type LoggedAction, logsFlows } from './flow-logs.ts'
import { policyChainName, profileChainName } from './names.ts'
import { matchOf } from './policy-match.ts'
import { marked, RETURN, setMark } from './words.ts'

/** What all rules of a chain have in common. */
interface Owner {
  /** What a rule stands for. */
  readonly meaningOf: (rule: PolicyRule) => RuleMeaning
  /** What the kernel's log says before a packet. */
  readonly logPrefix: string
  /** What tells a collector of a rule's verdict, by the rule's place in its list; absent where nobody asks. */
  readonly flowLog?: (action: LoggedAction, place: number) => FelixAction
}

/** A rule of a list. */
interface Placed {
  readonly rule: PolicyRule
  readonly place: number
}

/** Sets a bit where the rule matches, and acts on the bit: a rule does one thing. */
function marking(
  bit: number,
  match: readonly FelixMatch[],
  action: FelixAction,
  log: FelixAction | undefined,
  origin: Origin,
  meanings: readonly [RuleMeaning | undefined, RuleMeaning | undefined],
): FelixRule[] {
  const meaning = (one: RuleMeaning | undefined): Pick<FelixRule, 'meaning'> =>
    one === undefined ? {} : { meaning: one }
  return [
    { match, action: setMark(bit), origin, ...meaning(meanings[0]) },
    ...(log === undefined ? [] : [{ match: [marked(bit)], action: log, origin }]),
    { match: [marked(bit)], action, origin, ...meaning(meanings[1]) },
  ]
}

/** The rules that act on what a rule of a policy matched. */
function deciding(
  { rule, place }: Placed,
  match: readonly FelixMatch[],
  owner: Owner,
  context: RuleContext,
): FelixRule[] {
  const { marks, settings } = context
  const { origin } = rule
  const log = rule.action === 'Log' ? undefined : owner.flowLog?.(rule.action, place)
  const meaning = owner.meaningOf(rule)
  switch (rule.action) {
    case 'Allow':
      return marking(marks.accept, match, RETURN, log, origin, [meaning, undefined])
    case 'Pass':
      return marking(marks.pass, match, RETURN, log, origin, [meaning, undefined])
    case 'Deny': {
      const { action } = denyOf(context)
      if (marks.drop === undefined) return [{ match, action, origin, meaning }]
      return marking(marks.drop, match, action, log, origin, [undefined, meaning])
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

function rulesOf(placed: Placed, owner: Owner, context: RuleContext): FelixRule[] {
  const { rule } = placed
  const asked = matchOf(rule, context.family, context.marks)
  if (asked === undefined) return []
  const blocks = asked.blocks.map((block): FelixRule => ({ ...block, origin: rule.origin }))
  const made = [...blocks, ...deciding(placed, asked.match, owner, context)]
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
  const made = rules.flatMap((rule, place) => rulesOf({ rule, place }, owner, context))
  // Whoever comes to the end of a chain returns anyway.
  if (context.traits.stripsReturns) while (made.at(-1)?.action?.kind === 'RETURN') made.pop()
  if (comment === undefined) return made
  const [first = { match: [], origin }, ...others] = made
  return [{ ...first, comment: [...(first.comment ?? []), comment] }, ...others]
}

/** The rules that one rule of nobody's policy becomes, in order; none where it is not for this family. */
export function rulesOfRule(rule: PolicyRule, context: RuleContext): FelixRule[] {
  const { action } = rule
  const meaningOf = (): RuleMeaning => ({ kind: 'profile', profile: '', direction: 'ingress', action })
  return rulesOf({ rule, place: 0 }, { meaningOf, logPrefix: context.settings.logPrefix }, context)
}

/** The name Felix knows a policy by, without the tier that begins its id in some releases. */
function untiered(id: string, { policyIds }: RuleContext['traits']): string {
  return policyIds === 'tier/name' ? id.slice(id.indexOf('/') + 1) : id
}

/** What Felix writes at the first rule of a policy's chain. */
function policyComment({ ref, id }: Policy, direction: PolicyDirection, { traits }: RuleContext): string | undefined {
  const { namespace, name } = ref
  switch (traits.policyComment) {
    case 'kind':
      return `${policyKindWords(ref).word} ${namespace === undefined ? '' : `${namespace}/`}${name} ${direction}`
    case 'name':
      return `Policy ${untiered(id, traits)} ${direction}`
    case 'none':
      return undefined
  }
}

function flowLogs(
  owner: 'policy' | 'profile',
  direction: PolicyDirection,
  name: string,
  context: RuleContext,
): Pick<Owner, 'flowLog'> {
  if (!logsFlows(context)) return {}
  return { flowLog: (action, place) => flowLog(action, owner, direction, `${place}|${name}`) }
}

/** The chain of one direction of a policy. @calico felix/rules/policy.go PolicyToIptablesChains */
export function policyChain(policy: Policy, direction: PolicyDirection, context: RuleContext): FelixChain {
  const { ref, id, origin } = policy
  const owner: Owner = {
    meaningOf: ({ action, index }) => ({ kind: 'policy', policy: ref, direction, rule: index, action }),
    logPrefix: logPrefixOf(context.settings.logPrefix, { ...ref, kind: id.slice(0, id.indexOf('/')) }),
    // Before connection tracking every packet would be told of.
    ...(policy.doNotTrack ? {} : flowLogs('policy', direction, untiered(id, context.traits), context)),
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
    ...flowLogs('profile', direction, name, context),
  }
  const comment = context.traits.policyComment === 'none' ? undefined : `Profile ${name} ${direction}`
  return {
    name: profileChainName(name, direction),
    rules: chainRules(profile[direction], owner, comment, origin, context),
  }
}
