import { isRecord } from '../../../model/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import type { AdminPolicyResource } from '../../policy/admin-kinds.ts'
import { adminPolicy } from '../../policy/admin-policy.ts'
import { type CalicoPolicyKind, calicoSpec } from '../../policy/calico-policy.ts'
import type { GlobalPolicySpec, KubernetesPolicySpec, PolicyResource } from '../../policy/kinds.ts'
import { kubernetesPolicy } from '../../policy/kubernetes-policy.ts'
import { type PolicyNames, policyNames } from '../../policy/policy-names.ts'
import { type EndpointSelector, endpointSelector } from '../../policy/selector-text.ts'
import type { PolicySpec } from '../../policy/spec.ts'
import { fieldAt, type Raw, textAt, textsAt } from './raw-fields.ts'
import type { Api, StoredObjects } from './stored-objects.ts'
import { isSelector, isUsableRule } from './usable-rule.ts'

/** A policy as Felix knows it. */
export interface FelixPolicy {
  /** What its object says. */
  readonly spec: PolicySpec
  /** What it is called. */
  readonly names: PolicyNames
  /** Endpoints it is for. */
  readonly selector: EndpointSelector
  /** It is needed on every node, whether or not it selects an endpoint there. */
  readonly everywhere: boolean
}

const LISTS: ReadonlySet<string> = new Set([
  ...['ingress', 'egress', 'from', 'to', 'ports', 'notPorts', 'nets', 'notNets', 'types', 'policyTypes', 'protocols'],
  ...['matchExpressions', 'values', 'names', 'except', 'performanceHints', 'networks'],
])
const TEXTS: ReadonlySet<string> = new Set(['notSelector', 'serviceAccountSelector', 'tier', 'action'])
const MAPS: ReadonlySet<string> = new Set([
  ...['metadata', 'spec', 'source', 'destination', 'serviceAccounts', 'services', 'icmp', 'notICMP', 'http', 'subject'],
  ...['podSelector', 'matchLabels', 'labels', 'annotations', 'ipBlock', 'namespaces', 'pods'],
])

/** Whether an object has the shape that programs can decode. */
function isDecodable(value: unknown, api: Api): boolean {
  if (Array.isArray(value)) return value.every((one) => isDecodable(one, api))
  if (!isRecord(value)) return true
  return Object.entries(value).every(([key, member]) => {
    if (key === 'namespaceSelector') return api === 'calico' ? typeof member === 'string' : isRecord(member)
    if (LISTS.has(key) && !Array.isArray(member)) return false
    if (TEXTS.has(key) && typeof member !== 'string') return false
    if (MAPS.has(key) && !isRecord(member)) return key === 'namespaces' && Array.isArray(member)
    return isDecodable(member, api)
  })
}

/** Felix takes a policy that it cannot use for missing. @calico felix/calc/validation_filter.go */
function isUsable({ scope, ingress, egress, resource }: PolicySpec): boolean {
  const hints = hintsOf(resource)
  return (
    isSelector(scope) &&
    [...ingress, ...egress].every(({ rule }) => isUsableRule(rule)) &&
    hints.length <= 1 &&
    hints.every((hint) => hint === EVERYWHERE)
  )
}

/** What a policy says of where it is needed. */
const EVERYWHERE = 'AssumeNeededOnEveryNode'

function hintsOf(resource: PolicyResource): readonly string[] {
  return textsAt(resource, 'spec', 'performanceHints')
}

const CALICO_KINDS: readonly CalicoPolicyKind[] = [
  'GlobalNetworkPolicy',
  'NetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
]

/** What the objects of policy say: nothing is filled in, and what Calico's API would refuse is not refused. */
function specsOf(objects: StoredObjects, traits: VersionTraits): PolicySpec[] {
  const of = (kind: string, api: Api): PolicyResource[] =>
    objects.of(kind, api).filter((value) => isDecodable(value, api)) as unknown as PolicyResource[]
  const calico = CALICO_KINDS.flatMap((kind) =>
    of(kind, 'calico').flatMap((one) =>
      isGone(one) ? [] : [calicoSpec(one, kind, (one.spec ?? {}) as GlobalPolicySpec, true)],
    ),
  )
  const staged = of('StagedKubernetesNetworkPolicy', 'calico').filter((one) => !isGone(one))
  const kubernetes = [
    ...of('NetworkPolicy', 'kubernetes').map((one) => [one, 'NetworkPolicy'] as const),
    ...staged.map((one) => [one, 'StagedKubernetesNetworkPolicy'] as const),
  ].map(([one, kind]) => kubernetesPolicy(one, (one.spec ?? {}) as KubernetesPolicySpec, kind).spec)
  const admin = traits.adminPolicies.flatMap((kind) =>
    of(kind, 'kubernetes').flatMap((one) => adminPolicy(one as AdminPolicyResource).spec ?? []),
  )
  return [...calico, ...kubernetes, ...admin]
}

/** A staged policy that would take another one away says nothing itself. */
function isGone(resource: PolicyResource): boolean {
  return textAt(resource, 'spec', 'stagedAction') === 'Delete'
}

/** The policies of a datastore, staged ones among them. */
export function felixPolicies(objects: StoredObjects, traits: VersionTraits): readonly FelixPolicy[] {
  return specsOf(objects, traits)
    .filter(isUsable)
    .map((spec) => ({
      spec,
      names: policyNames(spec, traits),
      selector: endpointSelector(spec.scope),
      everywhere: hintsOf(spec.resource).includes(EVERYWHERE),
    }))
}

/** A tier's place among the others. */
interface TierPlace {
  readonly name: string
  readonly order: number
  /** Whether there is such a tier at all: policies may name others. */
  readonly isThere: boolean
}

function byPlace(a: TierPlace, b: TierPlace): number {
  if (a.isThere !== b.isThere) return a.isThere ? -1 : 1
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.name < b.name ? -1 : 1
}

function orderOf(tier: Raw): number {
  const order = fieldAt(tier, 'spec', 'order')
  return typeof order === 'number' ? order : Number.POSITIVE_INFINITY
}

/** Names of tiers in order of evaluation: those that are there, and behind them those that policies only name. */
export function tierOrder(objects: StoredObjects, used: Iterable<string>): readonly string[] {
  const places = new Map<string, TierPlace>()
  for (const name of used) places.set(name, { name, order: Number.POSITIVE_INFINITY, isThere: false })
  for (const tier of objects.of('Tier', 'calico')) {
    const name = textAt(tier, 'metadata', 'name')
    places.set(name, { name, order: orderOf(tier), isThere: true })
  }
  return [...places.values()].sort(byPlace).map(({ name }) => name)
}

/** Policies of one tier in order of evaluation. @calico felix/calc/policy_sorter.go */
export function byOrderInTier(a: FelixPolicy, b: FelixPolicy): number {
  if (a.spec.order !== b.spec.order) return a.spec.order < b.spec.order ? -1 : 1
  return a.names.tie < b.names.tie ? -1 : 1
}
