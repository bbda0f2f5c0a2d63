import type { WorkloadEndpoint } from '../cni.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { IN_NAMESPACE, NAMESPACE_LABEL, ORCHESTRATOR, SERVICE_ACCOUNT, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>

/** A service account's name is a label of its pods only while it fits into one. */
const LONGEST_LABEL = 63

/** Service account of a pod. */
export function accountOf({ pod }: WorkloadEndpoint): string {
  return pod.spec.serviceAccountName ?? 'default'
}

/** Labels that pods inherit: those of namespaces and service accounts. */
export class InheritedLabels {
  private readonly namespaces = new Map<string, Labels>()
  private readonly accounts = new Map<string, Labels>()

  constructor({ namespaces, serviceAccounts }: Pick<Resources, 'namespaces' | 'serviceAccounts'>) {
    for (const { metadata } of namespaces) this.namespaces.set(metadata.name, metadata.labels ?? {})
    for (const { metadata } of serviceAccounts) {
      this.accounts.set(namespacedName(metadata), metadata.labels ?? {})
    }
  }

  /** Whether a namespace is in the input. */
  knowsNamespace(name: string): boolean {
    return this.namespaces.has(name)
  }

  /** Whether a service account is in the input. */
  knowsAccount(namespace: string, name: string): boolean {
    return this.accounts.has(`${namespace}/${name}`)
  }

  /** A label of a namespace. Kubernetes writes its name on every one, and Calico does, too. */
  ofNamespace(namespace: string, label: string): string | undefined {
    if (label === 'kubernetes.io/metadata.name' || label === 'projectcalico.org/name') return namespace
    return own(this.namespaces.get(namespace), label)
  }

  /** A label of a service account. */
  ofAccount(namespace: string, account: string, label: string): string | undefined {
    return label === 'projectcalico.org/name' ? account : own(this.accounts.get(`${namespace}/${account}`), label)
  }

  /** A label that all pods of a namespace share, as policies see it; undefined for one that pods may differ in. */
  ofAnyPod(namespace: string, label: string): string | undefined {
    if (label === IN_NAMESPACE) return namespace
    if (label === ORCHESTRATOR) return 'k8s'
    if (!label.startsWith(NAMESPACE_LABEL)) return undefined
    return this.ofNamespace(namespace, label.slice(NAMESPACE_LABEL.length))
  }

  /** A label of a pod as policies see it. @calico libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go */
  ofPod(endpoint: WorkloadEndpoint, label: string): string | undefined {
    const { namespace, pod } = endpoint
    if (label === IN_NAMESPACE || label === ORCHESTRATOR) return this.ofAnyPod(namespace, label)
    const account = label === SERVICE_ACCOUNT ? accountOf(endpoint) : undefined
    if (account !== undefined && account.length < LONGEST_LABEL) return account
    const given = own(pod.metadata.labels, label)
    if (given !== undefined) return given
    if (!label.startsWith(SERVICE_ACCOUNT_LABEL)) return this.ofAnyPod(namespace, label)
    return this.ofAccount(namespace, accountOf(endpoint), label.slice(SERVICE_ACCOUNT_LABEL.length))
  }
}

function own(labels: Labels | undefined, label: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined
}
