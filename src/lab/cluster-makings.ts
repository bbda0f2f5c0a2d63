import {
  type Cluster,
  editCluster,
  hostPoliciesDiffer,
  POLICY_LISTS,
  type Resources,
  withoutGarbage,
  withSessions,
} from '../control/index.ts'
import type { ClusterMaker } from '../timeline/index.ts'
import { type TriedCluster, withSessionsTried } from './build.ts'
import type { Built } from './standing.ts'

/** How the clusters of a lab were built, one after the other, each of the one before. */
export class ClusterMakings {
  private readonly known = new WeakMap<Cluster, Built>()

  constructor(first: Built) {
    this.known.set(first.cluster, first)
  }

  /** How a cluster was built. */
  of(cluster: Cluster): Built | undefined {
    return this.known.get(cluster)
  }

  /**
   * The cluster of edited objects, where IPAM's gifts stay given. Where the way between nodes may be another, BGP sessions are tried again.
   * @throws InputError with what the API server or Calico refuses of the objects
   */
  readonly make: ClusterMaker = (before, edit) => {
    const was = this.known.get(before)!
    const { keepsGarbage = false, keepsEndpoints = false, garbage, pods, leaks } = edit
    const edited =
      garbage === undefined
        ? editCluster(before, edit, {
            isSettled: true,
            keepsGarbage,
            keepsEndpoints,
            ...(pods && { pods }),
            ...(leaks && { leaks }),
          })
        : withoutGarbage(before, garbage)
    edited.findings.assertNoFaults()
    const made = mayTurnSessions(before, edited) ? tried(was, edited) : { cluster: edited, probe: was.probe }
    this.known.set(made.cluster, { ...was, ...made, resources: made.cluster.resources })
    return made.cluster
  }
}

/** Objects that have no part in what nodes say to each other. */
const OF_PODS: readonly (keyof Resources)[] = [
  'pods',
  'namespaces',
  'deployments',
  'podSets',
  'controllerRevisions',
  'services',
  'endpointSlices',
  'endpoints',
  'ipamBlocks',
  'blockAffinities',
  'ipamHandles',
  'serviceAccounts',
  'secrets',
  'others',
]

/** Whether sessions may come up, or go down. */
function mayTurnSessions(before: Cluster, after: Cluster): boolean {
  if (after.network === before.network) return false
  const lists = Object.keys(after.resources) as (keyof Resources)[]
  const isOfNodes = lists.some(
    (list) =>
      !OF_PODS.includes(list) &&
      !POLICY_LISTS.some((one) => one === list) &&
      after.resources[list] !== before.resources[list],
  )
  return isOfNodes || hostPoliciesDiffer(after, before)
}

/** A cluster with the sessions that come up in it, whichever were down before. */
function tried({ probe }: Built, edited: Cluster): TriedCluster {
  const first = probe.faults.length === 0 ? edited : withSessions(edited, [])
  return withSessionsTried(first, (bgpSessions) => withSessions(edited, bgpSessions))
}
