import {
  isLazy,
  lazyNamespace,
  type Namespace,
  type SharedView,
  wholeNamespace,
  withMembers,
} from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { KeptMembers } from './kept-members.ts'
import { partOf } from './node-part.ts'
import { type NodeViews, onlyView } from './node-views.ts'
import { type TableNames, ViewedNode } from './viewed-node.ts'

/**
 * The namespace of a node as the programs have written it that write there, each by what it has seen of the cluster. Where all have
 * seen the same it is the very namespace of that cluster. Else what it shares with other nodes is written out, unless somebody names
 * the tables, and members of which all writers have seen the same are those of that cluster.
 *
 * @param kept - members that were made of the node before
 * @returns undefined for a node that the machine's cluster does not have
 */
export function nodeOfViews(
  name: string,
  views: NodeViews,
  names?: TableNames,
  kept?: KeptMembers,
): Namespace | undefined {
  const only = onlyView(views)
  const machine = partOf(views.machine, name)
  if (machine === undefined) return undefined
  const { namespaces } = views.machine.network
  if (only !== undefined) return named(namespaces[name]!, only, names)
  const source = new ViewedNode(name, machine, views, names, kept)
  return isLazy(namespaces) ? lazyNamespace(source, source) : wholeNamespace(source)
}

/** A namespace of a cluster in a network where other tables may have the names of its own. */
function named(ns: Namespace, { network }: Cluster, names: TableNames): Namespace {
  const { shared } = ns
  if (names === undefined || shared === undefined) return ns
  const nameOf = ({ table }: SharedView): string => {
    const own = network.shared[table]
    return own === undefined ? table : names(table, own)
  }
  if (shared.every((view) => nameOf(view) === view.table)) return ns
  return withMembers(ns, { shared: () => shared.map((view) => ({ ...view, table: nameOf(view) })) })
}
