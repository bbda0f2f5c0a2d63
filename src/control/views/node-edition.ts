import { descentOf } from '../policy-edit.ts'
import type { NodePart } from './node-part.ts'

/**
 * What a node is by in a cluster, its firewall aside: of clusters that have come of each other by edits of pods and policies, those that
 * have the same objects here have all programs write the very same on the node but for rules and sets.
 */
export function editionOf({ cluster, source }: NodePart): readonly [node: object, tables: object] {
  const { network, making } = descentOf(cluster).ground
  const { edited } = making
  const node = edited === undefined ? network.namespaces : (edited.editions.get(source.name) ?? edited.base.namespaces)
  return [node, cluster.network.shared]
}

/** Whether a node is the same in two clusters, its firewall aside, as far as it is known without a comparison. */
export function isSameNode(a: NodePart | undefined, b: NodePart | undefined): boolean {
  if (a === b || a?.maker === b?.maker) return true
  if (a === undefined || b === undefined) return false
  const [[node, tables], [otherNode, otherTables]] = [editionOf(a), editionOf(b)]
  return node === otherNode && tables === otherTables
}
