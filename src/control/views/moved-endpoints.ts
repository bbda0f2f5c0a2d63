import type { Cluster } from '../cluster.ts'
import { podsIn } from './cohort.ts'
import { isSameVeth } from './node-part.ts'

/** The pods of a node, by network namespace, that one cluster has and another has not, or has otherwise. */
export function podsThatDiffer(node: string, a: Cluster, b: Cluster): readonly string[] {
  if (a.workloadEndpoints === b.workloadEndpoints) return []
  const [was, now] = [a, b].map(
    (cluster) =>
      new Map(
        podsIn(cluster)
          .ofNode(node)
          .map((pod) => [pod.netns, pod]),
      ),
  )
  return [...new Set([...was!.keys(), ...now!.keys()])].filter((netns) => {
    const [old, fresh] = [was!.get(netns), now!.get(netns)]
    return old === undefined || fresh === undefined || old.mtu !== fresh.mtu || !isSameVeth(old, fresh)
  })
}
