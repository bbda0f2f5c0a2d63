import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Resources } from '../resources.ts'
import type { Selector } from '../selector.ts'
import { kubeControllersEnvironment } from '../settings/environment.ts'
import type { Settings } from '../settings/settings.ts'
import { AUTO_HOST_ENDPOINTS } from './host-endpoints.ts'
import { readPolicy } from './read-policy.ts'
import { endpointSelector, NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'

/**
 * Notes policies that are never enforced, and those that ask for labels nobody knows: what they select is open for endpoints
 * whose namespace or service account is not in the input.
 */
export function notePolicies(resources: Resources, findings: Findings): void {
  const unknown = unknownOwners(resources)
  for (const policy of resources.policies) {
    switch (policy.kind) {
      case 'StagedNetworkPolicy':
      case 'StagedGlobalNetworkPolicy':
      case 'StagedKubernetesNetworkPolicy':
        findings.note('policy_staged', policy, [], 'staged, so it is never enforced')
        break
      default: {
        const { spec } = readPolicy(policy)
        if (spec === undefined || spec.directions.length === 0) break
        const { directions, applyOnForward: forwarded } = spec
        const { text, parsed } = endpointSelector(spec.scope)
        if (!labelsOf(parsed).some((label) => unknown.some((prefix) => asksOwner(label, prefix)))) break
        const what = 'it selects by labels of namespaces or service accounts, and not all of these are in the input'
        findings.note('policy', policy, [], what, {
          scope: { kind: 'endpoints', selector: text, directions, forwarded },
        })
      }
    }
  }
}

/** Labels a selector asks for. */
function labelsOf(selector: Selector): readonly string[] {
  switch (selector.op) {
    case 'all':
    case 'global':
      return []
    case 'not':
      return labelsOf(selector.inner)
    case '&&':
    case '||':
      return selector.terms.flatMap(labelsOf)
    default:
      return [selector.label]
  }
}

/** Labels Calico knows without the object: its name. */
const KNOWN_LABELS: readonly string[] = ['projectcalico.org/name', 'kubernetes.io/metadata.name']

function asksOwner(label: string, prefix: string): boolean {
  return label.startsWith(prefix) && !KNOWN_LABELS.includes(label.slice(prefix.length))
}

/** Prefixes of labels that some pod inherits from an object that is not in the input. */
function unknownOwners({ pods, namespaces, serviceAccounts }: Resources): string[] {
  const spaces = new Set(namespaces.map(({ metadata }) => metadata.name))
  const accounts = new Set(serviceAccounts.map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`))
  const space = (pod: PodResource): string => pod.metadata.namespace ?? 'default'
  const account = (pod: PodResource): string => `${space(pod)}/${pod.spec.serviceAccountName ?? 'default'}`
  return [
    ...(pods.every((pod) => spaces.has(space(pod))) ? [] : [NAMESPACE_LABEL]),
    ...(pods.every((pod) => accounts.has(account(pod))) ? [] : [SERVICE_ACCOUNT_LABEL]),
  ]
}

/** Names a variable of kube-controllers that says neither that host endpoints are made nor that they are not. */
export function warnOfAutoHostEndpoints(resources: Resources, findings: Findings): void {
  const variable = kubeControllersEnvironment(resources).get(AUTO_HOST_ENDPOINTS)
  if (variable === undefined || /^(enabled|disabled)$/i.test(variable.value)) return
  const { resource, path, name, value } = variable
  findings.warn('invalid', resource, path, `enabled or disabled for ${name}`, `"${value}"`)
}

/**
 * What a pod may send to its own node: Felix drops it by default, but Calico's manifests and the operator switch that off.
 * Who gave no manifest gets what they do, said so. @calico felix/rules/static.go
 */
export function noteEndpointToHost(
  resources: Resources,
  settings: Settings,
  nodes: readonly ClusterNode[],
  findings: Findings,
): void {
  const field = 'defaultEndpointToHostAction'
  // With calico-node in the input, what it does not say is Felix's own default.
  if (settings.env.size > 0) return
  const says = new Set(
    resources.felixConfigurations.filter(({ spec }) => spec[field] !== undefined).map(({ metadata }) => metadata.name),
  )
  const names = nodes.map(({ name }) => name).filter((name) => !says.has('default') && !says.has(`node.${name}`))
  if (names.length === 0) return
  findings.assume('endpoint_to_host_assumed', `${field} Accept, as calico.yaml and the operator set it`, {
    scope: { kind: 'own_node', nodes: names },
  })
}
