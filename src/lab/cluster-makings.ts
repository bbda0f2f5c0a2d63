import {
  type Cluster,
  hostPoliciesDiffer,
  listOfKind,
  type OtherResource,
  objectKey,
  POLICY_LISTS,
  type Resources,
  withPolicies,
} from '../control/index.ts'
import type { ClusterMaker, MadeEdit } from '../timeline/index.ts'
import { probeBgp } from './bgp-probe.ts'
import { buildWithSessions } from './build.ts'
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
   * The cluster of edited objects. Where the way between nodes may be another, BGP sessions are tried again.
   * @throws InputError with what Calico refuses of the objects
   */
  readonly make: ClusterMaker = (before, edit) => {
    const was = this.known.get(before)!
    const lists = editedLists(was.resources, edit)
    const resources = { ...was.resources, ...lists }
    const isOfPolicy = Object.keys(lists).every((list) => POLICY_LISTS.some((one) => one === list))
    const made = isOfPolicy ? underPolicies(was, resources) : buildWithSessions(resources, was.options)
    this.known.set(made.cluster, { ...was, ...made, resources })
    return made.cluster
  }
}

function underPolicies(was: Built, resources: Resources): Pick<Built, 'cluster' | 'probe'> {
  const cluster = withPolicies(was.cluster, resources)
  cluster.findings.assertNoFaults()
  const { probe } = was
  const tried = hostPoliciesDiffer(cluster, was.cluster) ? probeBgp(cluster) : probe
  const isSame = JSON.stringify(tried.faults) === JSON.stringify(probe.faults)
  return isSame ? { cluster, probe } : buildWithSessions(resources, was.options)
}

function editedLists(now: Resources, { upserts, removals }: MadeEdit): Partial<Resources> {
  const lists: Record<string, readonly OtherResource[]> = {}
  for (const object of removals) {
    const list = listOfKind(object.kind)
    lists[list] = (lists[list] ?? now[list]).filter((one) => objectKey(one) !== objectKey(object))
  }
  for (const [list, objects] of Object.entries(upserts) as [keyof Resources, readonly OtherResource[]][]) {
    const fresh = new Map(objects.map((one) => [objectKey(one), one]))
    const kept = (lists[list] ?? now[list]).map((one) => {
      const other = fresh.get(objectKey(one))
      fresh.delete(objectKey(one))
      return other ?? one
    })
    lists[list] = [...kept, ...fresh.values()]
  }
  return lists
}
