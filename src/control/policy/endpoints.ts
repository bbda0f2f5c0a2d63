import type { WorkloadEndpoint } from '../cni.ts'
import type { Selector } from '../selector.ts'
import { accountOf, type InheritedLabels } from './labels.ts'
import { decides } from './restrict.ts'
import { NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL } from './selector-text.ts'

/** Something policies select, with the labels they see. */
export interface PolicyEndpoint {
  /** A label: its own, or one it inherits. */
  readonly label: (name: string) => string | undefined
  /** Prefixes of labels nobody knows: the namespace or the service account is not in the input. */
  readonly unknown: readonly string[]
  /** Of a host endpoint: interfaces of the node it stands for; absent = every one. */
  readonly devs?: readonly string[]
}

/** A pod as policies see it. */
export function policyEndpoint(endpoint: WorkloadEndpoint, inherited: InheritedLabels): PolicyEndpoint {
  const { namespace } = endpoint
  return {
    label: (name) => inherited.ofPod(endpoint, name),
    unknown: [
      ...(inherited.knowsNamespace(namespace) ? [] : [NAMESPACE_LABEL]),
      ...(inherited.knowsAccount(namespace, accountOf(endpoint)) ? [] : [SERVICE_ACCOUNT_LABEL]),
    ],
  }
}

/** Whether a selector selects an endpoint; undefined when labels nobody knows decide it. */
export function selectsEndpoint(selector: Selector, { label, unknown }: PolicyEndpoint): boolean | undefined {
  return decides(
    selector,
    (name) => label(name) !== undefined || !unknown.some((prefix) => name.startsWith(prefix)),
    label,
  )
}
