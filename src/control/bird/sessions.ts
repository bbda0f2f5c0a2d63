import type { Family, Ip } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { type BgpPlan, forEachPeering, type Peering, type Speaker } from './peerings.ts'

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
  /** Ends that still hold what the other told them: its routes are stale, for a graceful restart; absent = none. */
  readonly keeps?: readonly string[]
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

/** Who holds what a session told that is not up: `family at from`. */
export function keptRoutes(sessions: BgpSessions | undefined): ReadonlySet<string> {
  const kept = new Set<string>()
  if (sessions === undefined || typeof sessions === 'function') return kept
  for (const { a, b, family, keeps = [] } of sessions) {
    for (const each of family === undefined ? ([4, 6] as const) : [family]) {
      for (const at of keeps) kept.add(`${each} ${at} ${at === a ? b : a}`)
    }
  }
  return kept
}

/** What is known of sessions from outside. */
export interface SessionFacts {
  /** Those that are not up: `family a b` → BIRD's words, under both orders of the names. */
  readonly bgpFaults: ReadonlyMap<string, string>
  /** Who holds what such a session told all the same: `family at from`. */
  readonly bgpKept: ReadonlySet<string>
}

/** Whether one node has what another tells it: their session is up, or its routes are kept. */
export function isHeard({ bgpFaults, bgpKept }: SessionFacts, family: Family, at: string, from: string): boolean {
  return !bgpFaults.has(`${family} ${at} ${from}`) || bgpKept.has(`${family} ${at} ${from}`)
}

/** A neighbour in the graph of sessions that carry routes. */
interface Neighbour {
  readonly node: Speaker
  readonly internal: boolean
  /** Address of the other end of the session, as the neighbour sees it. */
  readonly from: Ip
}

/** Sessions by the name of who tells: neighbours that have what it told. */
export type SessionGraph = ReadonlyMap<string, readonly Neighbour[]>

/** The sessions of a family that are up, or whose routes are kept. */
export function sessionGraph(
  plan: BgpPlan,
  family: Family,
  nodes: readonly ClusterNode[],
  facts: SessionFacts,
): SessionGraph {
  const speakers: readonly Speaker[] = [...nodes, ...plan.routers]
  const byName = new Map(speakers.map((speaker) => [speaker.name, speaker]))
  const graph = new Map<string, Neighbour[]>(speakers.map((speaker) => [speaker.name, []]))
  forEachPeering(plan, (peering) => {
    if (peering.family !== family) return
    const a = byName.get(peering.dialer)
    const b = byName.get(peering.listener)
    if (!a || !b) return
    const internal = a.asNumber === b.asNumber
    if (isHeard(facts, family, b.name, a.name)) {
      graph.get(a.name)!.push({ node: b, internal, from: peering.dialerAddress })
    }
    if (isHeard(facts, family, a.name, b.name)) {
      graph.get(b.name)!.push({ node: a, internal, from: peering.listenerAddress })
    }
  })
  return graph
}

/** Whether `peer` is a route reflection client of `reflector`. */
function isClient(reflector: Speaker, peer: Speaker): boolean {
  return peer.routeReflector === undefined || peer.routeReflector !== reflector.routeReflector
}

/** A step of an announcement on its way. */
interface Step {
  readonly at: Speaker
  /** Whether it may pass it on to every iBGP peer, to its clients only, or to eBGP peers only. */
  readonly to: 'all' | 'clients' | 'external'
  /** AS numbers it has come through. */
  readonly path: readonly number[]
  /** Clusters of the reflectors it has come through since. */
  readonly clusters: readonly string[]
}

/** The clusters an announcement has come through when a speaker passes it on within its AS: what it reflects carries its own. */
function clustersBehind({ at, clusters }: Step, origin: Speaker): readonly string[] {
  return at === origin || at.routeReflector === undefined ? clusters : [...clusters, at.routeReflector]
}

/**
 * Who learns what one node announces, and from which address: peers directly, others through reflectors and eBGP. Everybody
 * passes on only the path that came first, which is the shortest; a path with one's own AS in it is a loop, and so is one that was
 * reflected in one's own cluster. @rfc 4271 §9, @rfc 4456 §8
 *
 * @param silent - who passes nothing on: filters keep it
 */
export function learners(
  origin: Speaker,
  graph: SessionGraph,
  silent: ReadonlySet<Speaker> = new Set(),
): ReadonlyMap<string, Ip | undefined> {
  const reached = new Map<string, Ip | undefined>([[origin.name, undefined]])
  const seen = new Set<string>()
  const queue: Step[] = [{ at: origin, to: 'all', path: [], clusters: [] }]
  for (let i = 0; i < queue.length; i++) {
    const step = queue[i]!
    if (step.at !== origin && silent.has(step.at)) continue
    for (const { node, internal, from } of graph.get(step.at.name) ?? []) {
      if (internal && step.to === 'external') continue
      if (internal && step.to === 'clients' && !isClient(step.at, node)) continue
      const path = internal ? step.path : [step.at.asNumber, ...step.path]
      if (path.includes(node.asNumber)) continue
      const clusters = internal ? clustersBehind(step, origin) : []
      if (node.routeReflector !== undefined && clusters.includes(node.routeReflector)) continue
      if (!reached.has(node.name)) reached.set(node.name, from)
      let to: Step['to'] = 'external'
      if (!internal) to = 'all'
      else if (node.routeReflector !== undefined) to = isClient(node, step.at) ? 'all' : 'clients'
      const key = `${node.name} ${to}`
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ at: node, to, path, clusters })
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
  facts: SessionFacts,
): ReadonlyMap<string, readonly string[]> {
  const { bgpFaults: faults, bgpKept } = facts
  const missing = new Map<string, string[]>()
  const nodes = all.filter((node) => addressOfNode(node, family))
  const members = new Set(plan.mesh[family].map((node) => node.name))
  const meshAll = nodes.every((node) => members.has(node.name))
  if (meshAll && faults.size === 0) return missing
  if (meshAll && plan.explicit.length === 0 && nodes.every((node) => node.asNumber === nodes[0]!.asNumber)) {
    for (const key of faults.keys()) {
      const [of, at, owner] = key.split(' ')
      if (Number(of) !== family || bgpKept.has(key)) continue
      const list = missing.get(at!) ?? []
      list.push(owner!)
      missing.set(at!, list)
    }
    return missing
  }
  const graph = sessionGraph(plan, family, nodes, facts)
  const speakers = nodes.length + plan.routers.length
  for (const owner of nodes) {
    const reached = learners(owner, graph)
    if (reached.size === speakers) continue
    for (const node of nodes) {
      if (reached.has(node.name)) continue
      const list = missing.get(node.name) ?? []
      list.push(owner.name)
      missing.set(node.name, list)
    }
  }
  return missing
}
