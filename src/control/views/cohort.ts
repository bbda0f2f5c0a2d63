import {
  type Cable,
  dictionary,
  isLateList,
  isLazy,
  keptIn,
  lazyRecord,
  markLazy,
  type Namespace,
  type Namespaces,
  type NetworkData,
  namesIn,
} from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { isPodCable } from '../cni.ts'
import { type EndpointFinder, endpointsIn } from '../workloads.ts'
import { nodeOfViews } from './node-of-views.ts'
import { type NodeViews, onlyView } from './node-views.ts'
import type { TableNames } from './viewed-node.ts'
import { joinedWires } from './viewed-wires.ts'

const NOBODY: EndpointFinder = {
  at: () => undefined,
  ofNode: () => [],
  names: () => [],
  holding: () => undefined,
  holders: () => [],
}

/** The pods that a cluster has. */
export function podsIn(cluster: Cluster | null): EndpointFinder {
  return cluster === null ? NOBODY : endpointsIn(cluster.workloadEndpoints)
}

/** Namespaces and wires of a network all nodes of which have the same views; they are made when somebody reads them. */
export function cohortOf(views: NodeViews, names: TableNames): Pick<NetworkData, 'namespaces' | 'wires'> {
  const only = onlyView(views)
  if (only !== undefined) return only.network
  return { namespaces: namespacesOf(views, names), wires: wiresOf(views) }
}

function wiresOf({ machine, cni }: NodeViews): readonly Cable[] {
  const { wires } = machine.network
  if (cni === machine) return wires
  if (cni !== null) return joinedWires(machine, cni, podsOfStrangers(machine, cni))
  return cardCables(machine)
}

/** The cables of network cards, without those of pods: they come first, and of many pods none is made. */
export function cardCables({
  network,
  workloadEndpoints,
}: Pick<Cluster, 'network' | 'workloadEndpoints'>): readonly Cable[] {
  const { wires } = network
  const first = isLateList(wires) ? wires.length - workloadEndpoints.length : wires.length
  return Array.from({ length: first }, (_, i) => wires[i]!).filter((cable) => !isPodCable(cable))
}

/** Pods of nodes that are no nodes where the machines are known. */
function podsOfStrangers(machine: Cluster, cni: Cluster): readonly string[] {
  const pods = podsIn(cni)
  const isKnown = nodesIn(machine)
  return cni.nodes.flatMap(({ name }) => (isKnown.has(name) ? [] : pods.ofNode(name).map(({ netns }) => netns)))
}

const nodeNames = new WeakMap<Cluster['nodes'], ReadonlySet<string>>()

/** Names of the nodes of a cluster. */
export function nodesIn({ nodes }: Pick<Cluster, 'nodes'>): ReadonlySet<string> {
  return keptIn(nodeNames, nodes, () => new Set(nodes.map(({ name }) => name)))
}

function namespacesOf(views: NodeViews, names: TableNames): Namespaces {
  const { machine, cni } = views
  const below = machine.network.namespaces
  const nodes = nodesIn(machine)
  const [own, others] = [podsIn(cni), podsIn(machine)]
  const isPod = (name: string): boolean => {
    const node = own.at(name)?.node
    return node !== undefined && nodes.has(node)
  }
  const known = (name: string): boolean => isPod(name) || (Object.hasOwn(below, name) && others.at(name) === undefined)
  const make = (name: string): Namespace => {
    if (isPod(name)) return cni!.network.namespaces[name]!
    return nodes.has(name) ? nodeOfViews(name, views, names)! : below[name]!
  }
  const list = (): string[] => [
    ...namesIn(below).filter((name) => others.at(name) === undefined),
    ...own.names().filter(isPod),
  ]
  if (isLazy(below)) {
    const all = lazyRecord(list, known, make)
    markLazy(all, machine.nodes.length + (cni?.workloadEndpoints.length ?? 0), list)
    return all
  }
  const all = dictionary<Namespace>()
  for (const name of list()) all[name] = make(name)
  return all
}
