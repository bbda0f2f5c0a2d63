import type { WorkloadEndpoint } from '../cni.ts'
import type { Resources } from '../resources.ts'
import type { Selector } from '../selector.ts'
import { decides } from './restrict.ts'
import { IN_NAMESPACE, NAMESPACE_LABEL, ORCHESTRATOR, SERVICE_ACCOUNT, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'

/** Something policies select, with the labels they see. */
export interface PolicyEndpoint {
  /** Own labels, and those of namespace and service account behind their prefixes. */
  readonly labels: Readonly<Record<string, string>>
  /** Prefixes of labels nobody knows: the namespace or the service account is not in the input. */
  readonly unknown: readonly string[]
  /** Of a host endpoint: interfaces of the node it stands for; absent = every one. */
  readonly devs?: readonly string[]
}

/** A pod as policies see it. @calico libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go */
export function workloadLabels({ pod, namespace }: WorkloadEndpoint, resources: Resources): PolicyEndpoint {
  const account = pod.spec.serviceAccountName ?? 'default'
  const space = resources.namespaces.find((one) => one.metadata.name === namespace)
  const owner = resources.serviceAccounts.find(
    (one) => one.metadata.name === account && (one.metadata.namespace ?? 'default') === namespace,
  )
  const unknown: string[] = []
  if (space === undefined) unknown.push(NAMESPACE_LABEL)
  if (owner === undefined) unknown.push(SERVICE_ACCOUNT_LABEL)
  const known = { 'kubernetes.io/metadata.name': namespace, 'projectcalico.org/name': namespace }
  return {
    labels: {
      ...prefixed(NAMESPACE_LABEL, { ...space?.metadata.labels, ...known }),
      ...prefixed(SERVICE_ACCOUNT_LABEL, { ...owner?.metadata.labels, 'projectcalico.org/name': account }),
      ...pod.metadata.labels,
      [IN_NAMESPACE]: namespace,
      [ORCHESTRATOR]: 'k8s',
      [SERVICE_ACCOUNT]: account,
    },
    unknown,
  }
}

function prefixed(prefix: string, labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${prefix}${key}`, value]))
}

/** Whether a selector selects an endpoint; undefined when labels nobody knows decide it. */
export function selectsEndpoint(selector: Selector, { labels, unknown }: PolicyEndpoint): boolean | undefined {
  const has = (label: string): boolean => Object.hasOwn(labels, label)
  return decides(
    selector,
    (label) => has(label) || !unknown.some((prefix) => label.startsWith(prefix)),
    (label) => (has(label) ? labels[label] : undefined),
  )
}
