import { endpointsIn } from '../control/index.ts'
import type { Lab } from '../lab/index.ts'
import { isLazy, namesIn } from '../model/index.ts'
import type { ObjectChange } from './review.ts'

/** Network namespaces whose state is compared, and of how many nodes they are. */
export interface ComparedNames {
  readonly names: readonly string[]
  readonly nodes: { readonly compared: number; readonly all: number }
}

/**
 * Whose state is compared: everybody's; of a cluster with more nodes than are asked for, the nodes that changed objects are about, others
 * spread over the list, and their pods.
 */
export function comparedNames(a: Lab, b: Lab, objects: readonly ObjectChange[], most: number): ComparedNames {
  const nodes = [...new Set([...nodesOf(a), ...nodesOf(b)])].sort()
  const isWhole = nodes.length <= most && !isLazy(a.network.namespaces) && !isLazy(b.network.namespaces)
  if (isWhole || nodes.length <= most) {
    const names = [...new Set([...namesIn(a.network.namespaces), ...namesIn(b.network.namespaces)])].sort()
    return { names, nodes: { compared: nodes.length, all: nodes.length } }
  }
  const touched = new Set(objects.flatMap(({ object }) => nodesOfObject(a, b, object)))
  const first = nodes.filter((name) => touched.has(name)).slice(0, most)
  const others = nodes.filter((name) => !touched.has(name))
  const room = most - first.length
  const chosen = [
    ...first,
    ...others.filter((_, i) => i % Math.ceil(others.length / Math.max(room, 1)) === 0).slice(0, room),
  ]
  const pods = [a, b].flatMap(({ cluster }) =>
    cluster === null ? [] : chosen.flatMap((node) => endpointsIn(cluster.workloadEndpoints).ofNode(node)),
  )
  const names = [...new Set([...chosen, ...pods.map(({ netns }) => netns)])].sort()
  return { names, nodes: { compared: chosen.length, all: nodes.length } }
}

function nodesOf({ cluster, network }: Lab): readonly string[] {
  if (cluster !== null) return cluster.nodes.map(({ name }) => name)
  return namesIn(network.namespaces).filter((name) => network.namespaces[name]?.role === 'node')
}

/** The node that an object is, or on which the pod runs that it is. */
function nodesOfObject(a: Lab, b: Lab, object: string): readonly string[] {
  const [kind, ...rest] = object.split('/')
  const name = rest.join('/')
  if (kind === 'Node') return [name]
  if (kind !== 'Pod') return []
  return [a, b].flatMap(({ cluster }) => endpointsIn(cluster?.workloadEndpoints ?? []).at(name)?.node ?? [])
}
