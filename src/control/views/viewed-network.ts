import {
  type Namespace,
  type NamespaceMember,
  Network,
  type NetworkData,
  tellChanges,
  withReplaced,
} from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { cohortOf, nodesIn } from './cohort.ts'
import { changesOfViews } from './cohort-changes.ts'
import { KeptMembers } from './kept-members.ts'
import { MovedPods } from './moved-pods.ts'
import { nodeOfViews } from './node-of-views.ts'
import { type NodeViews, sameViews, sharingViews } from './node-views.ts'
import { membersApart } from './same-share.ts'
import { ManyTables } from './table-names.ts'
import { MEMBERS_OF_NODES } from './viewed-node.ts'
import { type Moved, viewedWires } from './viewed-wires.ts'

type Tables = NetworkData['shared']

/** The network of nodes that all have the same views. */
interface Cohort extends Pick<NetworkData, 'namespaces' | 'wires'> {
  readonly views: NodeViews
}

/** A node with views of its own, as it was made last, and the tables beside which it was. */
interface OwnNode {
  readonly views: NodeViews
  readonly namespace: Namespace | undefined
  readonly shared: Tables
  readonly kept: KeptMembers
}

/** A node to put together, and the members in which it may differ from what it was; undefined = any. */
interface ToMake {
  readonly name: string
  readonly views: NodeViews
  readonly before: OwnNode | undefined
  readonly apart: ReadonlySet<NamespaceMember> | undefined
}

/** Views of nodes, by name; null = the machine is off. */
export type OwnViews = ReadonlyMap<string, NodeViews | null>

interface Made {
  readonly cohort: Cohort
  readonly changes: ReadonlyMap<string, Namespace | undefined>
  readonly moved: Moved
  readonly network: Network
}

/**
 * Puts networks together of what programs have seen on their nodes. Most nodes have the same views, and are made when somebody reads
 * them; some have their own. What is the same as in the network before is the very same object, so that a simulation that is given one
 * after the other does no more than what changed.
 */
export class ViewedNetworks {
  private readonly tables = new ManyTables()
  private readonly nodes = new Map<string, OwnNode>()
  private cohort: Cohort | undefined
  private latest: Made | undefined

  /**
   * The network of these views.
   *
   * @param views - of all nodes but those with their own; `attached` is of these alone
   */
  network(views: NodeViews, own: OwnViews = new Map()): Network {
    const plain = views.machine.network.shared
    const shared = this.tables.of(plain, clustersOf(views, own))
    const cohort = this.cohortOf(views, plain)
    const changes = new Map<string, Namespace | undefined>()
    const known = new Map([...own].map(([name, mine]) => [name, isNode(name, mine) ? mine : null]))
    for (const [name, mine] of known) {
      if (nodesIn(views.machine).has(name)) changes.set(name, this.nodeOf(name, mine, plain, shared))
      else known.set(name, null)
    }
    for (const name of this.nodes.keys()) if (!changes.has(name)) this.nodes.delete(name)
    const pods = new MovedPods(views.cni, known)
    for (const [netns, namespace] of pods.changes) changes.set(netns, namespace)
    for (const [name, namespace] of changes) if (namespace === undefined) pods.gone.add(name)
    return this.made({ cohort, changes, moved: pods }, shared)
  }

  private cohortOf(views: NodeViews, plain: Tables): Cohort {
    const before = this.cohort
    if (before !== undefined && sameViews(before.views, views)) return before
    const fresh = { views, ...cohortOf(views, this.tables.beside(plain)) }
    const changes = before && changesOfViews(before.views, views)
    if (changes !== undefined) tellChanges(before!.namespaces, fresh.namespaces, changes)
    this.cohort = fresh
    return fresh
  }

  private nodeOf(name: string, views: NodeViews | null, plain: Tables, shared: Tables): Namespace | undefined {
    if (views === null) return undefined
    const before = this.nodes.get(name)
    if (before?.shared === shared && sameViews(before.views, views)) return before.namespace
    const apart = before && isBound(before, shared) ? membersApart(name, before.views, views) : undefined
    const isSame = before !== undefined && apart?.size === 0
    const { namespace, kept } = isSame ? before : this.remade({ name, views, before, apart }, plain)
    this.nodes.set(name, { views, namespace, shared, kept })
    return namespace
  }

  private remade({ name, views, before, apart }: ToMake, plain: Tables): Pick<OwnNode, 'namespace' | 'kept'> {
    const kept = before?.kept ?? new KeptMembers()
    const made = nodeOfViews(name, views, this.tables.beside(plain), kept)
    const old = before?.namespace
    if (made === undefined) return { namespace: undefined, kept }
    const isOld = old !== undefined && isSameIn(apart ?? MEMBERS_OF_NODES, old, made)
    return { namespace: isOld ? old : sameIn(made, namespacesOf(name, views)), kept }
  }

  private made(parts: Omit<Made, 'network'>, shared: Tables): Network {
    const { latest } = this
    const { cohort, changes, moved } = parts
    const hasSamePods = latest?.cohort === cohort && sameMoved(latest.moved, moved)
    if (latest !== undefined && hasSamePods && latest.network.shared === shared && sameChanges(latest.changes, changes))
      return latest.network
    const wires = hasSamePods ? latest.network.wires : viewedWires(cohort.wires, moved)
    const { network } = cohort.views.machine
    const namespaces = withReplaced(cohort.namespaces, changes)
    const isBelow = namespaces === network.namespaces && wires === network.wires && shared === network.shared
    const made = isBelow ? network : new Network({ namespaces, wires, shared })
    this.latest = { ...parts, network: made }
    return made
  }
}

/** The very same namespace as one that it would not differ from. */
function sameIn(made: Namespace, known: readonly (Namespace | undefined)[]): Namespace {
  return known.find((one) => one !== undefined && isSameIn(MEMBERS_OF_NODES, one, made)) ?? made
}

function isSameIn(members: Iterable<NamespaceMember>, one: Namespace, made: Namespace): boolean {
  if (one === made) return true
  for (const member of members) if (one[member] !== made[member]) return false
  return true
}

/** A node as clusters have it that programs have seen there. */
function namespacesOf(name: string, views: NodeViews): (Namespace | undefined)[] {
  return [...new Set([views.machine, views.felix])].map((cluster) => cluster?.network.namespaces[name])
}

/** Whether there is such a node: its machine may be one that runs no Calico. */
function isNode(name: string, views: NodeViews | null): boolean {
  return views !== null && nodesIn(views.machine).has(name)
}

/** Whether a namespace has the tables still that it was made beside. */
function isBound({ namespace, shared: before }: OwnNode, shared: Tables): boolean {
  return before === shared || (namespace?.shared ?? []).every(({ table }) => before[table] === shared[table])
}

function sameMoved(a: Moved, b: Moved): boolean {
  const isSame = a.gone.size === b.gone.size && a.come.length === b.come.length
  return isSame && [...a.gone].every((netns) => b.gone.has(netns)) && a.come.every((pod, i) => pod === b.come[i])
}

function sameChanges(a: Made['changes'], b: Made['changes']): boolean {
  return a.size === b.size && [...a].every(([name, ns]) => b.has(name) && b.get(name) === ns)
}

/** The clusters whose tables nodes may have. */
function clustersOf(views: NodeViews, own: OwnViews): Set<Cluster> {
  const clusters = new Set<Cluster>()
  for (const one of [views, ...own.values()]) {
    for (const cluster of one === null ? [] : sharingViews(one)) if (cluster !== null) clusters.add(cluster)
  }
  return clusters
}
