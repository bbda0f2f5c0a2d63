import { type BgpGraph, type BgpGraphEdge, type BgpGraphNode, bgpGraphOf } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { forEachPeering } from './peerings.ts'

/**
 * The BGP sessions of a cluster as a graphology graph: nodes of the cluster and routers that speak BGP, and a session an edge,
 * with what keeps it from being up. A view: changing it changes nothing. A mesh of n nodes has n·(n-1)/2 edges a family.
 */
export function bgpGraph({ nodes, bgp, bgpFaults }: Pick<Cluster, 'nodes' | 'bgp' | 'bgpFaults'>): BgpGraph {
  const speakers = new Map<string, BgpGraphNode>()
  for (const { name, asNumber, routeReflector } of nodes) {
    const cluster = routeReflector === undefined ? {} : { clusterId: routeReflector }
    speakers.set(name, { type: 'node', asNumber, ...cluster })
  }
  for (const { name, asNumber, routeReflector } of bgp.routers) {
    const cluster = routeReflector === undefined ? {} : { clusterId: routeReflector }
    speakers.set(name, { type: 'router', asNumber, ...cluster })
  }
  const sessions: [string, string, BgpGraphEdge][] = []
  forEachPeering(bgp, ({ family, type, dialer, dialerAddress, listener, listenerAddress }) => {
    const fault = bgpFaults.get(`${family} ${dialer} ${listener}`)
    const internal = speakers.get(dialer)?.asNumber === speakers.get(listener)?.asNumber
    const ends = { address: dialerAddress, peerAddress: listenerAddress }
    const state = { up: fault === undefined, info: fault ?? 'Established' }
    sessions.push([dialer, listener, { family, type, ...ends, internal, ...state }])
  })
  return bgpGraphOf(speakers, sessions)
}
