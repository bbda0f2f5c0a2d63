import type { EndpointAnswer, Policy, PolicyAnswer, PolicyRule, TierAnswer } from '../../control/index.ts'
import type { Origin, PolicyDirection, PolicyRef } from '../../model/index.ts'
import { describeOrigin } from '../../trace/index.ts'
import type { Gate, Stage } from './way.ts'

/** A rule that matched, in words. */
export interface RuleReport {
  /** Number in the object's list, from 1; 0: no rule of the object. */
  readonly index: number
  /** What it does. */
  readonly action: string
  /** What it asks, in words. */
  readonly words: string
  /** Where it stands: file, line and path. */
  readonly place: string
}

/** A policy that was asked. */
export interface AskedPolicy {
  /** The policy. */
  readonly policy: PolicyRef
  /** As people call it: `NetworkPolicy default/deny-all`. */
  readonly title: string
  /** Never enforced: what it says here decides nothing. */
  readonly staged: boolean
  /** What it says. */
  readonly answer: PolicyAnswer['answer']
  /** The rule that matches. */
  readonly rule?: RuleReport
}

/** A tier that was asked. */
export interface AskedTier {
  /** Name. */
  readonly tier: string
  /** Policies, up to the one that decides. */
  readonly policies: readonly AskedPolicy[]
  /** How it ends. */
  readonly end: TierAnswer['end']
  /** By its default action, as no rule matched. */
  readonly atEnd: boolean
}

/** An endpoint that was asked. */
export interface GateReport {
  /** A pod, or the name of a host endpoint. */
  readonly endpoint: string
  /** Whether it is a host endpoint. */
  readonly host: boolean
  /** Node. */
  readonly node: string
  /** Which of its policies. */
  readonly stage: Stage
  /** Into it or out of it. */
  readonly direction: PolicyDirection
  /** Tiers in order. */
  readonly tiers: readonly AskedTier[]
  /** What it says. */
  readonly verdict: EndpointAnswer['verdict']
  /** What decides, in one sentence. */
  readonly why: string
}

/** A policy as people call it. */
export function policyTitle({ kind, api, namespace, name }: PolicyRef): string {
  const calico = kind === 'NetworkPolicy' && api === 'calico' ? ' (Calico)' : ''
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}${calico}`
}

/** Where something stands: file, line and path; what stands in no file is said in words. */
export function placeText(origin: Origin): string {
  const { file, line, field } = origin
  if (file === undefined) return describeOrigin(origin)
  const at = line === undefined ? file : `${file}:${line}`
  return field === undefined ? at : `${at} ${field}`
}

/** Puts a rule into words. */
export type RuleWords = (rule: PolicyRule) => string

/** An endpoint's answer as plain data. */
export function gateReport(gate: Gate, words: RuleWords): GateReport {
  const { answer, endpoint, host, node, stage, direction, failsafe } = gate
  const tiers = answer.tiers.map(({ tier, answers, end, atEnd }): AskedTier => {
    return { tier: tier.name, policies: answers.map((one) => asked(one, words)), end, atEnd }
  })
  const why = failsafe ? 'a failsafe port: Felix never closes it' : reasonOf(answer, stage, direction)
  return { endpoint, host, node, stage, direction, tiers, verdict: answer.verdict, why }
}

function asked({ policy, answer, rule }: PolicyAnswer, words: RuleWords): AskedPolicy {
  const base = { policy: policy.ref, title: policyTitle(policy.ref), staged: policy.staged, answer }
  if (rule === undefined) return base
  return { ...base, rule: ruleReport(rule, words) }
}

/** A rule as plain data. */
export function ruleReport(rule: PolicyRule, words: RuleWords): RuleReport {
  const { index, action, origin } = rule
  return { index, action, words: words(rule), place: placeText(origin) }
}

function titles(policies: readonly Policy[]): string {
  return policies.map(({ ref }) => policyTitle(ref)).join(', ')
}

/** One sentence for what decided. */
export function reasonOf(
  { verdict, tiers, profile }: EndpointAnswer,
  stage: Stage,
  direction: PolicyDirection,
): string {
  const last = tiers.at(-1)
  if (last !== undefined && last.end !== 'Pass') {
    const decided = last.answers.find(({ policy, answer }) => !policy.staged && answer === last.end)
    if (!last.atEnd && decided?.rule !== undefined) {
      const verb = last.end === 'Allow' ? 'allows' : 'denies'
      const { policy, rule } = decided
      return `${policyTitle(policy.ref)} ${direction} rule ${rule.index} ${verb} it (tier ${last.tier.name})`
    }
    const enforced = last.answers.map(({ policy }) => policy).filter(({ staged }) => !staged)
    const [select, their] = enforced.length === 1 ? ['selects', 'its'] : ['select', 'their']
    return `end of tier ${last.tier.name}: ${titles(enforced)} ${select} this endpoint, and none of ${their} ${direction} rules matches`
  }
  if (profile !== undefined) {
    const verb = verdict === 'allow' ? 'allows' : 'denies'
    const nobody = tiers.length === 0 ? `no policy selects it for ${direction}` : 'every tier passes it on'
    return `${nobody}; profile ${profile.profile.name} ${verb} it`
  }
  if (verdict === 'none') return stage === 'normal' ? 'nothing decides' : 'none of its rules matches: it goes on'
  return tiers.length === 0
    ? `no policy selects it for ${direction}, and no profile allows it`
    : 'every tier passes it on, and no profile allows it'
}
