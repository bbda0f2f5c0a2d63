import { type Cluster, endpointsIn, type Policy, type Profile, type TierPolicies } from '../../control/index.ts'
import type { PolicyDirection, PolicyRef } from '../../model/index.ts'
import { placeText, policyTitle, type RuleReport, type RuleWords, ruleReport } from './gate-report.ts'
import { ruleWords, setWordsOf } from './rule-words.ts'
import type { Stage } from './way.ts'

/** A policy that selects an endpoint. */
export interface SelectingPolicy {
  /** The policy. */
  readonly policy: PolicyRef
  /** As people call it. */
  readonly title: string
  /** Order in its tier; null where it has none and is last. */
  readonly order: number | null
  /** Never enforced. */
  readonly staged: boolean
  /** Where it stands. */
  readonly place: string
  /** Its rules in this direction, in order. */
  readonly rules: readonly RuleReport[]
}

/** A tier of an endpoint. */
export interface SelectingTier {
  /** Name. */
  readonly tier: string
  /** Policies in order. */
  readonly policies: readonly SelectingPolicy[]
  /** What becomes of a packet that none of them decides. */
  readonly end: 'Deny' | 'Pass'
}

/** The rules of an endpoint in one direction. */
export interface EndpointRules {
  /** Into it or out of it. */
  readonly direction: PolicyDirection
  /** Which of its policies; of pods always `normal`. */
  readonly stage: Stage
  /** Tiers in order. */
  readonly tiers: readonly SelectingTier[]
  /** Profiles that are asked when no tier decides, with their rules. */
  readonly profiles: readonly { readonly profile: string; readonly rules: readonly RuleReport[] }[]
}

/** What policy says of one endpoint. */
export interface EndpointReport {
  /** Which question was asked. */
  readonly kind: 'endpoint'
  /** A pod, or a node with host endpoints. */
  readonly endpoint: string
  /** Host endpoints; of a pod one without a name. */
  readonly parts: readonly {
    /** Name of the host endpoint; absent for a pod. */
    readonly hostEndpoint?: string
    /** Interface. */
    readonly dev: string
    /** Its rules. */
    readonly rules: readonly EndpointRules[]
  }[]
  /** What to know besides. */
  readonly remarks: readonly string[]
}

const DIRECTIONS = ['ingress', 'egress'] as const

/** All that policies say about a pod, or about the host endpoints of a node. */
export function rulesOfEndpoint(cluster: Cluster, netns: string, label: string): EndpointReport {
  const { policies: book, workloadEndpoints, nodes } = cluster
  const setWords = setWordsOf(book)
  const words: RuleWords = (rule) => ruleWords(rule, setWords)
  const report = { kind: 'endpoint', endpoint: label } as const
  const pod = endpointsIn(workloadEndpoints).at(netns)
  if (pod !== undefined) {
    const own = book.of(pod.node).workloads.find((one) => one.netns === netns)
    const rules = DIRECTIONS.map((direction) =>
      rulesOf('normal', direction, own?.tiers ?? [], own?.profiles ?? [], words),
    )
    const remarks = rules
      .filter(({ tiers }) => tiers.every(({ policies }) => policies.every(({ staged }) => staged)))
      .map(
        ({ direction }) =>
          `no policy selects it for ${direction}: its profiles decide, those of namespaces allow everything`,
      )
    return { ...report, parts: [{ dev: pod.interfaceName, rules }], remarks }
  }
  const { hosts } = nodes.some(({ name }) => name === netns) ? book.of(netns) : { hosts: [] }
  const parts = hosts.map((host) => {
    const stages: readonly (readonly [Stage, readonly TierPolicies[]])[] = [
      ['untracked', host.untracked],
      ['preDnat', host.preDnat],
      ['normal', host.tiers],
      ['forward', host.forward],
    ]
    const rules = stages.flatMap(([stage, tiers]) =>
      DIRECTIONS.map((direction) =>
        rulesOf(stage, direction, tiers, stage === 'normal' ? host.profiles : [], words),
      ).filter(({ tiers: list }) => stage === 'normal' || list.length > 0),
    )
    return { hostEndpoint: host.name, dev: host.dev, rules }
  })
  const remarks = parts.length === 0 ? ['no host endpoint: policy does not ask about it'] : []
  return { ...report, parts, remarks }
}

function rulesOf(
  stage: Stage,
  direction: PolicyDirection,
  tiers: readonly TierPolicies[],
  profiles: readonly Profile[],
  words: RuleWords,
): EndpointRules {
  return {
    direction,
    stage,
    tiers: tiers
      .filter((one) => one[direction].length > 0)
      .map((one) => {
        const isEnforced = one[direction].some(({ staged }) => !staged)
        const hasEnd = (stage === 'normal' || stage === 'forward') && isEnforced
        return {
          tier: one.tier.name,
          policies: one[direction].map((policy) => selecting(policy, direction, words)),
          end: hasEnd ? one.tier.defaultAction : ('Pass' as const),
        }
      }),
    profiles: profiles.map((profile) => ({
      profile: profile.name,
      rules: profile[direction].map((rule) => ruleReport(rule, words)),
    })),
  }
}

function selecting(policy: Policy, direction: PolicyDirection, words: RuleWords): SelectingPolicy {
  const { ref, order, staged, origin } = policy
  return {
    policy: ref,
    title: policyTitle(ref),
    order: Number.isFinite(order) ? order : null,
    staged,
    place: placeText(origin),
    rules: policy[direction].map((rule) => ruleReport(rule, words)),
  }
}
