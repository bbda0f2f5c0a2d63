import { type Cluster, mergedNamespace, mergedWires, resynced } from '../control/index.ts'
import { changesOver, type Namespace, Network, withReplaced } from '../model/index.ts'

/** A network that programs wrote, and the cluster whose Felix writes again what is its own. */
export interface Written {
  readonly network: Network
  readonly cluster: Cluster
}

/**
 * A network that somebody edited since programs wrote it, on what they have written since, entry by entry: who wrote one last has it.
 *
 * @param isResynced - whether the Felix of a node, if it wrote anything there, wrote all that is its own again
 */
export function rebased(
  before: Written,
  after: Written,
  running: Network,
  isResynced: (node: string) => boolean,
): Network {
  const [from, onto] = [before.network, after.network]
  const changes = new Map<string, Namespace | undefined>()
  for (const [name, edited] of changesOver(from.namespaces, running.namespaces)) {
    const [was, fresh] = [from.namespaces[name], onto.namespaces[name]]
    // What is taken away by the objects is gone, whatever was changed in it.
    if (was !== undefined && fresh === undefined) continue
    const mine = was === undefined || fresh === undefined ? edited : mergedNamespace(name, running, from, onto)
    const isMine = mine !== undefined && isResynced(name)
    changes.set(name, isMine ? resynced(mine, before.cluster, after.cluster) : mine)
  }
  return new Network({
    namespaces: withReplaced(onto.namespaces, changes),
    wires: mergedWires(running.wires, from.wires, onto.wires),
    shared: joinedTables(from.shared, onto.shared, running.shared),
  })
}

function joinedTables(was: Network['shared'], fresh: Network['shared'], edited: Network['shared']): Network['shared'] {
  if (edited === was) return fresh
  const changed = Object.entries(edited).filter(([name, table]) => was[name] !== table)
  return { ...fresh, ...Object.fromEntries(changed) }
}
