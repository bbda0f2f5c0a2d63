import { type Cluster, editCluster, type OtherResource, objectKey, type Resources } from '../control/index.ts'
import { InputError } from '../model/index.ts'
import type { NodeState } from './follower-state.ts'

/** Lists of objects that confd makes BIRD's configuration of, beside the nodes, whose sessions are another matter. @calico confd/pkg/backends/calico */
const CONFIGURED: readonly (keyof Resources)[] = ['ippools', 'bgpConfigurations', 'bgpPeers', 'bgpFilters']

const made = new WeakMap<Cluster, WeakMap<Cluster, Cluster>>()

/**
 * The cluster as BIRD of a node knows it: configured as confd has written it last, and what its sessions have told since, where nobody
 * writes the configuration any more; null where it knows nothing.
 */
export function clusterKnownToBird({ parts: { bird }, programs }: NodeState): Cluster | null {
  const { learned } = programs.bird
  if (bird === null || learned === null || learned === bird) return bird === null ? null : bird.cluster
  return configuredAs(bird.cluster, learned.cluster)
}

/** A cluster with the configuration of another. */
function configuredAs(config: Cluster, known: Cluster): Cluster {
  const lists = CONFIGURED.filter((list) => config.resources[list] !== known.resources[list])
  if (lists.length === 0) return known
  const variants = made.get(config) ?? new WeakMap<Cluster, Cluster>()
  made.set(config, variants)
  const cluster = variants.get(known) ?? joined(config, known, lists)
  variants.set(known, cluster)
  return cluster
}

function joined(config: Cluster, known: Cluster, lists: readonly (keyof Resources)[]): Cluster {
  const upserts: Partial<Resources> = Object.fromEntries(lists.map((list) => [list, config.resources[list]]))
  const keys = new Set(Object.values(upserts).flatMap((list: readonly OtherResource[]) => list.map(objectKey)))
  const removals = lists.flatMap((list) =>
    (known.resources[list] as readonly OtherResource[]).filter((one) => !keys.has(objectKey(one))),
  )
  try {
    const cluster = editCluster(known, { upserts, removals }, { isSettled: true })
    return cluster.findings.faults.length === 0 ? cluster : config
  } catch (error) {
    // A pool of another range under the same name: what was learned since does not fit what is configured.
    if (error instanceof InputError) return config
    throw error
  }
}
