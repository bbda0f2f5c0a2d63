import { keptIn } from '../../model/index.ts'
import { adminPolicy } from './admin-policy.ts'
import { calicoPolicy } from './calico-policy.ts'
import { type GlobalPolicySpec, isCalicoPolicy, type KubernetesPolicySpec, type PolicyResource } from './kinds.ts'
import { kubernetesPolicy } from './kubernetes-policy.ts'
import type { ReadPolicy } from './spec.ts'

/** What objects said: an object that was not edited is not read again. */
const read = new WeakMap<PolicyResource, ReadPolicy>()

/** What a policy of any kind says. The same object always gives the same answer. */
export function readPolicy(resource: PolicyResource): ReadPolicy {
  return keptIn(read, resource, convert)
}

/** A staged policy that would take another one away says nothing itself. */
const NOTHING: ReadPolicy = { faults: [], warnings: [] }

function convert(resource: PolicyResource): ReadPolicy {
  switch (resource.kind) {
    case 'NetworkPolicy':
      if (isCalicoPolicy(resource)) return calicoPolicy(resource, 'NetworkPolicy', resource.spec)
      return { faults: [], ...kubernetesPolicy(resource, resource.spec as KubernetesPolicySpec, 'NetworkPolicy') }
    case 'GlobalNetworkPolicy':
      return calicoPolicy(resource, resource.kind, resource.spec)
    case 'StagedNetworkPolicy':
    case 'StagedGlobalNetworkPolicy':
      if (resource.spec?.stagedAction === 'Delete') return NOTHING
      return calicoPolicy(resource, resource.kind, resource.spec as GlobalPolicySpec)
    case 'StagedKubernetesNetworkPolicy':
      if (resource.spec?.stagedAction === 'Delete') return NOTHING
      return { faults: [], ...kubernetesPolicy(resource, resource.spec ?? {}, resource.kind) }
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
    case 'ClusterNetworkPolicy':
      return adminPolicy(resource)
  }
}
