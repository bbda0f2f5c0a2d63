import type { Cluster } from '../cluster.ts'
import type { NodeResource } from '../kubernetes-kinds.ts'
import { withResources } from '../policy-edit.ts'
import { isSameData } from '../same-data.ts'
import { type ClusterEdit, editedObjects } from './edit.ts'

/** What a network is made from of a node: where pods may run, and what is only shown, is no part of it. */
function machineOf({ spec = {}, status = {}, metadata }: NodeResource): unknown {
  const { unschedulable: _, taints: _taints, ...ofSpec } = spec
  const { conditions: _conditions, nodeInfo: _info, ...ofStatus } = status
  return { metadata, spec: ofSpec, status: ofStatus }
}

/** Whether two objects of a node make the same of it. Told from another place it has other origins. */
function isSameMachine(a: NodeResource, b: NodeResource): boolean {
  return a === b || (a.placeOf === b.placeOf && isSameData(machineOf(a), machineOf(b)))
}

/** The cluster after an edit of nodes that are cordoned, tainted, or say how they are; undefined for any other edit. */
export function withSameMachines(cluster: Cluster, edit: ClusterEdit): Cluster | undefined {
  const { upserts = {}, removals = [] } = edit
  const { nodes = [], ...others } = upserts
  if (nodes.length === 0 || removals.length > 0) return undefined
  if (Object.values(others).some((list) => list !== undefined && list.length > 0)) return undefined
  const wanted = new Set(nodes.map(({ metadata }) => metadata.name))
  const known = new Map<string, NodeResource>()
  for (const node of cluster.resources.nodes) if (wanted.has(node.metadata.name)) known.set(node.metadata.name, node)
  const isSame = nodes.every((node) => {
    const was = known.get(node.metadata.name)
    return was !== undefined && isSameMachine(was, node)
  })
  return isSame ? withResources(cluster, editedObjects(cluster.resources, edit).resources) : undefined
}
