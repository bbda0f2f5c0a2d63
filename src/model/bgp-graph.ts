import { MultiUndirectedGraph } from 'graphology'
import type { Ip } from '../wire/index.ts'

/** Somebody who speaks BGP; the key is its name. */
export interface BgpGraphNode {
  /** What it is. */
  readonly type: 'node' | 'router'
  /** Its AS number. */
  readonly asNumber: number
  /** Its route reflector cluster id. */
  readonly clusterId?: string
}

/** A BGP session. */
export interface BgpGraphEdge {
  /** Family of the routes it carries. */
  readonly family: 4 | 6
  /** Why it is there, as `calicoctl node status` says it. */
  readonly type: string
  /** Address of the edge's source. */
  readonly address: Ip
  /** Address of the edge's target. */
  readonly peerAddress: Ip
  /** Whether both ends are in one AS. */
  readonly internal: boolean
  /** Whether it is up. */
  readonly up: boolean
  /** `Established`, or BIRD's words for what keeps it from being up. */
  readonly info: string
}

/** Who speaks BGP with whom. */
export type BgpGraph = MultiUndirectedGraph<BgpGraphNode, BgpGraphEdge>

/** Speakers and their sessions as a graphology graph, for analysis of one's own: components, cuts, drawing. */
export function bgpGraphOf(
  speakers: Iterable<readonly [name: string, attributes: BgpGraphNode]>,
  sessions: Iterable<readonly [from: string, to: string, attributes: BgpGraphEdge]>,
): BgpGraph {
  const graph: BgpGraph = new MultiUndirectedGraph<BgpGraphNode, BgpGraphEdge>()
  for (const [name, attributes] of speakers) graph.addNode(name, attributes)
  for (const [from, to, attributes] of sessions) graph.addEdge(from, to, attributes)
  return graph
}
