import type { Family } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { type BgpPlan, forEachPeering, type Peering } from './peerings.ts'

/** A session that is not up, and why in BIRD's words (`Active Socket: Connection refused`). */
export interface BgpFault {
  /** One node. */
  readonly a: string
  /** The other. */
  readonly b: string
  /** Family; absent = both. */
  readonly family?: Family
  /** What the INFO column of `calicoctl node status` says. */
  readonly info: string
}

/**
 * Which sessions are up, as a fact from outside: the control plane sends no packets. Either the sessions that are not up, or
 * a question answered session by session (`'up'`, or BIRD's words). Absent = all are up.
 */
export type BgpSessions = readonly BgpFault[] | ((peering: Peering) => string)

/** Sessions that are down: `family a b` → BIRD's words, under both orders of the names. */
export function sessionFaults(plan: BgpPlan, sessions: BgpSessions | undefined): ReadonlyMap<string, string> {
  const faults = new Map<string, string>()
  const note = (family: Family, a: string, b: string, info: string): void => {
    faults.set(`${family} ${a} ${b}`, info)
    faults.set(`${family} ${b} ${a}`, info)
  }
  if (typeof sessions === 'function') {
    forEachPeering(plan, (peering) => {
      const info = sessions(peering)
      if (info !== 'up') note(peering.family, peering.dialer, peering.listener, info)
    })
    return faults
  }
  for (const { a, b, family, info } of sessions ?? []) {
    for (const each of family === undefined ? ([4, 6] as const) : [family]) note(each, a, b, info)
  }
  return faults
}

/** A neighbour in the graph of sessions that are up. */
interface Neighbour {
  readonly node: ClusterNode
  readonly internal: boolean
}

function sessionGraph(
  plan: BgpPlan,
  family: Family,
  nodes: readonly ClusterNode[],
  faults: ReadonlyMap<string, string>,
): Map<string, Neighbour[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const graph = new Map<string, Neighbour[]>(nodes.map((node) => [node.name, []]))
  forEachPeering(plan, (peering) => {
    if (peering.family !== family || faults.has(`${family} ${peering.dialer} ${peering.listener}`)) return
    const a = byName.get(peering.dialer)
    const b = byName.get(peering.listener)
    if (!a || !b) return
    const internal = a.asNumber === b.asNumber
    graph.get(a.name)!.push({ node: b, internal })
    graph.get(b.name)!.push({ node: a, internal })
  })
  return graph
}

/** Whether `peer` is a route reflection client of `reflector`. */
function isClient(reflector: ClusterNode, peer: ClusterNode): boolean {
  return peer.routeReflector === undefined || peer.routeReflector !== reflector.routeReflector
}

/** The nodes that learn what one node announces: peers directly, others through reflectors and eBGP. */
function learners(origin: ClusterNode, graph: ReadonlyMap<string, readonly Neighbour[]>): Set<string> {
  const reached = new Set<string>([origin.name])
  const seen = new Set<string>()
  /** Where the route is, and whether that node may pass it on to every iBGP peer, to its clients only, or not. */
  const queue: { readonly at: ClusterNode; readonly to: 'all' | 'clients' | 'external' }[] = [{ at: origin, to: 'all' }]
  for (let step = queue.pop(); step; step = queue.pop()) {
    for (const { node, internal } of graph.get(step.at.name) ?? []) {
      if (internal && step.to === 'external') continue
      if (internal && step.to === 'clients' && !isClient(step.at, node)) continue
      reached.add(node.name)
      let to: 'all' | 'clients' | 'external' = 'external'
      if (!internal) to = 'all'
      else if (node.routeReflector !== undefined) to = isClient(node, step.at) ? 'all' : 'clients'
      const key = `${node.name} ${to}`
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ at: node, to })
    }
  }
  return reached
}

/**
 * For every node the owners whose routes it does not learn over BGP. Nodes that learn everything are left out; a full mesh
 * without faults is answered without looking at a single session.
 */
export function unlearnedOwners(
  plan: BgpPlan,
  family: Family,
  all: readonly ClusterNode[],
  faults: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const missing = new Map<string, string[]>()
  const nodes = all.filter((node) => addressOfNode(node, family))
  const members = new Set(plan.mesh[family].map((node) => node.name))
  const meshAll = nodes.every((node) => members.has(node.name))
  if (meshAll && faults.size === 0) return missing
  if (meshAll && plan.explicit.length === 0 && nodes.every((node) => node.asNumber === nodes[0]!.asNumber)) {
    for (const key of faults.keys()) {
      const [of, at, owner] = key.split(' ')
      if (Number(of) !== family) continue
      const list = missing.get(at!) ?? []
      list.push(owner!)
      missing.set(at!, list)
    }
    return missing
  }
  const graph = sessionGraph(plan, family, nodes, faults)
  for (const owner of nodes) {
    const reached = learners(owner, graph)
    if (reached.size === nodes.length) continue
    for (const node of nodes) {
      if (reached.has(node.name)) continue
      const list = missing.get(node.name) ?? []
      list.push(owner.name)
      missing.set(node.name, list)
    }
  }
  return missing
}
