import type { PolicyDirection } from '../../../model/index.ts'
import type { CalicoRule } from '../../policy/kinds.ts'
import type { SetId } from '../../policy/model.ts'
import type { SetSpec } from '../../policy/set-spec.ts'
import type { OtherResource } from '../../resource.ts'
import { selectsBy } from '../../selector.ts'
import type { FelixEndpoint } from './felix-endpoint.ts'
import { byOrderInTier, type FelixPolicy, tierOrder } from './felix-policy.ts'
import { type FelixProfile, labelOf } from './felix-profile.ts'
import { addSets } from './felix-sets.ts'
import { fieldAt, type Raw } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'
import { isUsableRule } from './usable-rule.ts'

/** Policies of a tier for one endpoint, in order of evaluation. */
export interface EndpointTier {
  /** Tier. */
  readonly tier: string
  /** Policies for what comes in. */
  readonly ingress: readonly string[]
  /** Policies for what goes out. */
  readonly egress: readonly string[]
}

/** The policies of an endpoint of this node. */
export interface EndpointPolicies {
  /** After connection tracking. */
  readonly tiers: readonly EndpointTier[]
  /** Before it; host endpoints only. */
  readonly untracked: readonly EndpointTier[]
  /** Before address translation; host endpoints only. */
  readonly preDnat: readonly EndpointTier[]
}

/** Which list of an endpoint a policy is in. */
type Stage = keyof EndpointPolicies

function stageOf({ spec: { doNotTrack, preDNAT } }: FelixPolicy): Stage {
  return doNotTrack ? 'untracked' : preDNAT ? 'preDnat' : 'tiers'
}

/** The policies of a stage by tier; before address translation packets only come in. */
function tiersOf(policies: readonly FelixPolicy[], order: readonly string[], stage: Stage): EndpointTier[] {
  const those = policies.filter((policy) => stageOf(policy) === stage)
  return order.flatMap((tier) => {
    const own = those.filter(({ spec }) => spec.tier === tier).sort(byOrderInTier)
    const of = (direction: PolicyDirection): string[] =>
      own.filter(({ spec }) => spec.directions.includes(direction)).map(({ names }) => names.name)
    const [ingress, egress] = [of('ingress'), stage === 'preDnat' ? [] : of('egress')]
    return ingress.length + egress.length === 0 ? [] : [{ tier, ingress, egress }]
  })
}

function policiesOf(
  { kind }: FelixEndpoint,
  selected: readonly FelixPolicy[],
  order: readonly string[],
): EndpointPolicies {
  const of = (stage: Stage): EndpointTier[] => tiersOf(selected, order, stage)
  return {
    tiers: of('tiers'),
    untracked: kind === 'host' ? of('untracked') : [],
    preDnat: kind === 'host' ? of('preDnat') : [],
  }
}

/** What policy comes to on a node. */
export interface PolicyState {
  /** Policies that select an endpoint of this node, or are needed everywhere. */
  readonly policies: readonly FelixPolicy[]
  /** Profiles that endpoints of this node name, whether or not they are there. */
  readonly profiles: readonly string[]
  /** Endpoints of this node by id. */
  readonly endpoints: ReadonlyMap<string, EndpointPolicies>
  /** Sets that rules of these policies and profiles ask. */
  readonly specs: ReadonlyMap<SetId, SetSpec>
}

/** Who on a node has which policies, and the sets that their rules ask. */
export function policyState(
  local: readonly FelixEndpoint[],
  policies: readonly FelixPolicy[],
  profiles: ReadonlyMap<string, FelixProfile>,
  objects: StoredObjects,
): PolicyState {
  const order = tierOrder(objects, new Set(policies.map(({ spec }) => spec.tier)))
  const selects = ({ selector }: FelixPolicy, endpoint: FelixEndpoint): boolean =>
    selectsBy(selector.parsed, (label) => labelOf(label, endpoint, profiles))
  const active = policies.filter((policy) => policy.everywhere || local.some((one) => selects(policy, one)))
  const names = [...new Set(local.flatMap((one) => one.profiles))].sort()
  const specs = new Map<SetId, SetSpec>()
  for (const { spec } of active) {
    const rules = [...spec.ingress, ...spec.egress].map(({ rule }) => rule)
    addSets(specs, rules, spec.resource, spec.namespace)
  }
  for (const { value } of names.flatMap((name) => profiles.get(name) ?? [])) {
    const rules = value === undefined ? [] : profileRules(value)
    if (rules.every(isUsableRule)) addSets(specs, rules, value as unknown as OtherResource, undefined)
  }
  const endpoints = local.map((one): [string, EndpointPolicies] => [
    one.id,
    policiesOf(
      one,
      active.filter((policy) => selects(policy, one)),
      order,
    ),
  ])
  return { policies: active, profiles: names, endpoints: new Map(endpoints), specs }
}

function profileRules(value: Raw): CalicoRule[] {
  const rules = (direction: PolicyDirection): unknown => fieldAt(value, 'spec', direction)
  return [rules('ingress'), rules('egress')].flatMap((list) => (Array.isArray(list) ? (list as CalicoRule[]) : []))
}
