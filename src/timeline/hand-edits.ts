import { type Cluster, resynced } from '../control/index.ts'
import { changesBetween, changesOver, type Namespace, Network, withReplaced } from '../model/index.ts'

/** A network that programs wrote, and the cluster whose Felix writes again what is its own. */
export interface Written {
  readonly network: Network
  readonly cluster: Cluster
}

/**
 * A network that somebody edited since programs wrote it, on what they have written since: what nobody edited is as they wrote it.
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
  const isAnother = changesBetween(from.namespaces, onto.namespaces) === undefined
  const changes = new Map<string, Namespace | undefined>()
  for (const [name, edited] of changesOver(from.namespaces, running.namespaces)) {
    const [was, fresh] = [from.namespaces[name], onto.namespaces[name]]
    // What is taken away by the objects is gone, whatever was changed in it.
    if (was !== undefined && fresh === undefined) continue
    const mine = edited === undefined || !isAnother ? edited : joined(edited, was, fresh)
    const isMine = mine !== undefined && isResynced(name)
    changes.set(name, isMine ? resynced(mine, before.cluster, after.cluster) : mine)
  }
  return new Network({
    namespaces: withReplaced(onto.namespaces, changes),
    wires: joinedWires(from.wires, onto.wires, running.wires),
    shared: joinedTables(from.shared, onto.shared, running.shared),
  })
}

type Wires = Network['wires']

function joinedWires(was: Wires, fresh: Wires, edited: Wires): Wires {
  if (edited === was) return fresh
  const [before, now] = [new Set(was), new Set(edited)]
  const keyOf = ({ ends }: Wires[number]): string => JSON.stringify(ends)
  const cut = new Set(was.filter((cable) => !now.has(cable)).map(keyOf))
  return [...fresh.filter((cable) => !cut.has(keyOf(cable))), ...edited.filter((cable) => !before.has(cable))]
}

function joinedTables(was: Network['shared'], fresh: Network['shared'], edited: Network['shared']): Network['shared'] {
  if (edited === was) return fresh
  const changed = Object.entries(edited).filter(([name, table]) => was[name] !== table)
  return { ...fresh, ...Object.fromEntries(changed) }
}

/** What nobody edited of a namespace is as it is built now. */
function joined(edited: Namespace, was: Namespace | undefined, fresh: Namespace | undefined): Namespace {
  if (was === undefined || fresh === undefined) return edited
  const keys = Object.keys(fresh) as (keyof Namespace)[]
  return {
    ...edited,
    ...Object.fromEntries(keys.flatMap((key) => (edited[key] === was[key] ? [[key, fresh[key]]] : []))),
  }
}
