import type { Cluster, NodePolicies, TierPolicies } from '../control/index.ts'
import type { TopologyHostEndpoint } from './topology-view.ts'

/** What of a node policies select. */
export interface Selected {
  /** Policies by pod, `NAMESPACE/POD`; a pod that none selects is not in it. */
  readonly pods: ReadonlyMap<string, readonly string[]>
  /** Its host endpoints. */
  readonly hosts: readonly TopologyHostEndpoint[]
}

/** What policies select of a node's pods and interfaces. */
export function selectedOn({ policies }: Pick<Cluster, 'policies'>, node: string): Selected {
  const { workloads, hosts }: NodePolicies = policies.of(node)
  const pods = new Map<string, readonly string[]>()
  for (const { netns, tiers } of workloads) {
    const names = namesIn(tiers)
    if (names.length > 0) pods.set(netns, names)
  }
  return {
    pods,
    hosts: hosts.map(({ name, dev, tiers, forward, untracked, preDnat }) => ({
      name,
      dev,
      policies: namesIn([...untracked, ...preDnat, ...forward, ...tiers]),
    })),
  }
}

/** Each policy once, in the order they are asked; staged ones decide nothing. */
function namesIn(tiers: readonly TierPolicies[]): string[] {
  const all = tiers.flatMap(({ ingress, egress }) => [...ingress, ...egress]).filter(({ staged }) => !staged)
  return [
    ...new Set(
      all.map(({ ref: { kind, namespace, name } }) =>
        [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/'),
      ),
    ),
  ]
}
