import type { AdminPolicyKind, VersionTraits } from '../calico-version.ts'
import type { AdminPolicyResource, AdminRule } from '../policy/admin-kinds.ts'
import { adminConversion } from '../policy/admin-policy.ts'
import type { ConvertedRules } from '../policy/converted-rules.ts'
import type { CalicoPolicySpec, CalicoRule, GlobalPolicySpec, KubernetesPolicySpec } from '../policy/kinds.ts'
import { KUBERNETES_ORDER, kubernetesRules, namedDirections } from '../policy/kubernetes-policy.ts'
import { podSelectorText } from '../policy/selector-text.ts'
import { type Conversion, type Converted, filled, type GivenMetadata, made, refused } from './converted.ts'
import { uidRefusal } from './profiles.ts'
import { convertedUid } from './uid.ts'

/** A NetworkPolicy of Kubernetes as one of Calico. */
export type ConvertedPolicy = Converted<'NetworkPolicy', CalicoPolicySpec>

/** An administrator's policy of Kubernetes as one of Calico. */
export type ConvertedGlobalPolicy = Converted<'GlobalNetworkPolicy', GlobalPolicySpec>

/** What of a release decides about policies. */
export type PolicyTraits = Pick<VersionTraits, 'derivedUids' | 'policyIds'>

/** What stands before names of policies up to v3.31. @calico libcalico-go/lib/names/policy.go */
const PREFIXES = {
  NetworkPolicy: 'knp.default.',
  AdminNetworkPolicy: 'kanp.adminnetworkpolicy.',
  BaselineAdminNetworkPolicy: 'kbanp.baselineadminnetworkpolicy.',
  ClusterNetworkPolicy: '',
} as const satisfies Readonly<Record<AdminPolicyKind | 'NetworkPolicy', string>>

/** Metadata of what a policy becomes; the refusal where its UID is none. Labels and annotations do not come along. */
function metadataOf(
  kind: keyof typeof PREFIXES,
  { name, namespace, creationTimestamp, uid = '', resourceVersion }: GivenMetadata,
  { derivedUids, policyIds }: PolicyTraits,
): GivenMetadata | string {
  const converted = derivedUids && uid !== '' ? convertedUid(uid) : uid
  if (converted === undefined) return uidRefusal(uid)
  const full = policyIds === 'kind/name' ? name : PREFIXES[kind] + name
  return { name: full, ...filled({ namespace, creationTimestamp, uid: converted, resourceVersion }) }
}

function errorsOf({
  ingress,
  egress,
}: {
  readonly ingress: ConvertedRules
  readonly egress: ConvertedRules
}): string[] {
  return [...ingress.failures, ...egress.failures].map(
    ({ direction, index, words }) => `${direction} rule ${index}: k8s rule couldn't be converted: ${words}`,
  )
}

function rulesOf({ rules }: ConvertedRules): CalicoRule[] {
  return rules.map(({ rule }) => rule)
}

function typesOf(directions: readonly ('ingress' | 'egress')[]): string[] {
  return directions.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'))
}

/** A NetworkPolicy of Kubernetes, before anything is said of its namespace. @calico libcalico-go/lib/backend/k8s/conversion/conversion.go */
export function convertedPolicy(
  metadata: GivenMetadata,
  spec: KubernetesPolicySpec,
  traits: PolicyTraits,
): Conversion<ConvertedPolicy> {
  const meta = metadataOf('NetworkPolicy', metadata, traits)
  if (typeof meta === 'string') return refused(meta)
  const rules = kubernetesRules(spec)
  const policy: CalicoPolicySpec = {
    ...(traits.policyIds === 'kind/name' ? { tier: 'default' } : {}),
    order: KUBERNETES_ORDER,
    selector: podSelectorText(spec.podSelector),
    types: typesOf(namedDirections(spec)),
    ...filled({ ingress: rulesOf(rules.ingress), egress: rulesOf(rules.egress) }),
  }
  return { object: made('NetworkPolicy', meta, policy), errors: errorsOf(rules) }
}

/**
 * What the converters of v3.29 to v3.31 see of ports that have only a name: an entry that says nothing, and takes in every port.
 * What packets meet follows the API instead, which has names since its first version.
 */
function withoutPortNames(resource: AdminPolicyResource): AdminPolicyResource {
  const { kind, spec } = resource
  if (kind === 'ClusterNetworkPolicy') return resource
  const rules = (list: readonly AdminRule[] = []): AdminRule[] =>
    list.map((rule) =>
      rule.ports === undefined ? rule : { ...rule, ports: rule.ports.map(({ namedPort: _, ...port }) => port) },
    )
  return { ...resource, spec: { ...spec, ingress: rules(spec.ingress), egress: rules(spec.egress) } }
}

/** An administrator's policy of Kubernetes. One of no known tier, or for nobody, is none, and that is no error. */
export function convertedAdminPolicy(
  resource: AdminPolicyResource & { readonly metadata: GivenMetadata },
  traits: PolicyTraits,
): Conversion<ConvertedGlobalPolicy> {
  const found = adminConversion(withoutPortNames(resource))
  if ('path' in found) return { errors: [] }
  const meta = metadataOf(resource.kind, resource.metadata, traits)
  if (typeof meta === 'string') return refused(meta)
  const { namespace: _, ...cluster } = meta
  const policy: GlobalPolicySpec = {
    tier: found.tier,
    order: found.order,
    ...found.subject,
    ...filled({
      types: typesOf(found.directions),
      ingress: rulesOf(found.ingress),
      egress: rulesOf(found.egress),
    }),
  }
  return { object: made('GlobalNetworkPolicy', cluster, policy), errors: errorsOf(found) }
}
