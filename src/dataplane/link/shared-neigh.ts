import { type Neighbour, neighbourOf, SharedIndex, type SharedView, sees } from '../../model/index.ts'
import { macToKey } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'

function viewsOf(ns: NetNs, dev?: string): readonly SharedView[] {
  return ns.model.shared?.filter((view) => view.as === 'neighbour' && (dev === undefined || view.dev === dev)) ?? []
}

/** The hardware address a shared table gives for a neighbour of this namespace; undefined when none knows it. */
export function findSharedNeighbour(ns: NetNs, dev: string, key: number | string): number | undefined {
  for (const view of viewsOf(ns, dev)) {
    const table = ns.sim.network.shared[view.table]
    const hit =
      table &&
      SharedIndex.of(table)
        .byAddress(key)
        .find((entry) => sees(view, ns.name, entry))
    if (hit?.lladdr !== undefined) return macToKey(hit.lladdr)
  }
  return undefined
}

/** All neighbours that shared tables give this namespace, as `ip neigh` would list them. */
export function sharedNeighbours(ns: NetNs): Neighbour[] {
  return viewsOf(ns).flatMap((view) =>
    (ns.sim.network.shared[view.table]?.entries ?? []).flatMap((entry) => {
      const neighbour = sees(view, ns.name, entry) ? neighbourOf(entry, view) : undefined
      return neighbour === undefined ? [] : [neighbour]
    }),
  )
}
