import type { NoteDirection } from '../../model/index.ts'
import type { FieldPath } from '../origin.ts'
import { isSelectorFault, parseSelector } from '../selector.ts'
import type { AdminPolicyResource, GlobalNetworkPolicyResource, NetworkPolicyResource } from './kinds.ts'
import {
  allOf,
  IN_NAMESPACE,
  labelSelectorText,
  NAMESPACE_LABEL,
  ORCHESTRATOR,
  SERVICE_ACCOUNT_LABEL,
  selectorText,
} from './selector-text.ts'

/** Whom a policy applies to, and in which directions. */
export interface Selected {
  /** Calico's selector over endpoints with the labels they inherit; the empty text never. */
  readonly selector: string
  /** Directions it acts in. */
  readonly directions: readonly NoteDirection[]
  /** Acts on what host endpoints forward, too. */
  readonly forwarded: boolean
  /** Fields whose selector is none: whom the policy selects is not known, so it may be anybody. */
  readonly faults: readonly { readonly path: FieldPath; readonly text: string; readonly expected: string }[]
}

const POD = `${ORCHESTRATOR} == "k8s"`

function inNamespace(name: string | undefined): string {
  return `${IN_NAMESPACE} == "${name ?? 'default'}"`
}

/** Whether a NetworkPolicy is Kubernetes' own. */
function isKubernetesPolicy(policy: NetworkPolicyResource): boolean {
  return !policy.apiVersion.includes('projectcalico.org')
}

/** The directions that are named, else those that follow from the rules: Ingress unless there are egress rules only. */
function directionsOf(
  types: readonly string[] | undefined,
  ingress: readonly unknown[],
  egress: readonly unknown[],
): NoteDirection[] {
  const named = (types ?? []).map((type) => type.toLowerCase())
  if (named.length > 0) return (['ingress', 'egress'] as const).filter((direction) => named.includes(direction))
  if (egress.length === 0) return ['ingress']
  return ingress.length === 0 ? ['egress'] : ['ingress', 'egress']
}

/** Whom Kubernetes' NetworkPolicy isolates. @calico libcalico-go/lib/backend/k8s/conversion/conversion.go */
function kubernetesPolicy(policy: NetworkPolicyResource): Selected {
  const { podSelector, policyTypes = [], egress = [] } = policy.spec
  const named = directionsOf(policyTypes, [], [])
  const directions: NoteDirection[] =
    policyTypes.length > 0 ? named : egress.length > 0 ? ['ingress', 'egress'] : ['ingress']
  const selector = allOf([inNamespace(policy.metadata.namespace), POD, labelSelectorText(podSelector)])
  return { selector, directions, forwarded: false, faults: [] }
}

const BOTH = ['ingress', 'egress'] as const

type CalicoPolicy = NetworkPolicyResource | GlobalNetworkPolicyResource

/** Whom a policy of Calico applies to. @calico libcalico-go/lib/backend/syncersv1/updateprocessors */
function calicoPolicy(policy: CalicoPolicy): Selected {
  const { spec } = policy
  const faults: { path: FieldPath; text: string; expected: string }[] = []
  const namespaces = policy.kind === 'GlobalNetworkPolicy' ? policy.spec.namespaceSelector : undefined
  // Beside a selector of namespaces or service accounts, `all()` means every pod.
  const all = namespaces === undefined && spec.serviceAccountSelector === undefined ? 'all()' : `has(${IN_NAMESPACE})`
  const read = (field: string, text: string | undefined, prefix = ''): string => {
    if (text === undefined) return 'all()'
    const parsed = parseSelector(text)
    if (!isSelectorFault(parsed)) return selectorText(parsed, prefix, all)
    faults.push({ path: ['spec', field], text, expected: parsed.expected })
    return 'all()'
  }
  const parts = [
    read('selector', spec.selector),
    read('serviceAccountSelector', spec.serviceAccountSelector, SERVICE_ACCOUNT_LABEL),
  ]
  if (policy.kind === 'NetworkPolicy') parts.unshift(inNamespace(policy.metadata.namespace))
  else parts.push(read('namespaceSelector', namespaces, NAMESPACE_LABEL))
  const forwarded =
    policy.kind === 'GlobalNetworkPolicy' &&
    [policy.spec.applyOnForward, policy.spec.preDNAT, policy.spec.doNotTrack].includes(true)
  const { types, ingress = [], egress = [] } = spec
  // Written as a CRD nothing is filled in, and Felix takes both directions.
  const isRaw = policy.apiVersion.startsWith('crd.') && types === undefined
  // What is not tracked is asked about both ways: the answer, too.
  const isTracked = policy.kind === 'NetworkPolicy' || policy.spec.doNotTrack !== true
  const directions = isRaw || !isTracked ? BOTH : directionsOf(types, ingress, egress)
  return { selector: allOf(parts), directions, forwarded, faults }
}

/** Whom an administrator's policy applies to; only directions with rules. @calico libcalico-go/lib/backend/k8s/conversion/clusternetworkpolicy.go */
function adminPolicy(policy: AdminPolicyResource): Selected {
  const { subject, ingress = [], egress = [] } = policy.spec
  const directions: NoteDirection[] = []
  if (ingress.length > 0) directions.push('ingress')
  if (egress.length > 0) directions.push('egress')
  const namespaces = labelSelectorText(subject?.namespaces ?? subject?.pods?.namespaceSelector, NAMESPACE_LABEL)
  const selector = allOf([POD, namespaces, labelSelectorText(subject?.pods?.podSelector)])
  return { selector, directions, forwarded: false, faults: [] }
}

/** Whom a policy applies to. */
export function selectedBy(policy: CalicoPolicy | AdminPolicyResource): Selected {
  switch (policy.kind) {
    case 'NetworkPolicy':
      return isKubernetesPolicy(policy) ? kubernetesPolicy(policy) : calicoPolicy(policy)
    case 'GlobalNetworkPolicy':
      return calicoPolicy(policy)
    default:
      return adminPolicy(policy)
  }
}
