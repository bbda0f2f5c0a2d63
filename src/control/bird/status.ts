import type { Family, Ip } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { type BgpPlan, meshPeering, type Peering, type PeerType } from './peerings.ts'

/** One line of `calicoctl node status`. */
export interface PeerStatus {
  /** Family of the session. */
  readonly family: Family
  /** Address of the peer. */
  readonly peerAddress: Ip
  /** Why there is a session. */
  readonly peerType: PeerType
  /** BIRD's protocol state. */
  readonly state: 'up' | 'start'
  /** `Established`, or what keeps it from being so. */
  readonly info: string
}

/** All sessions of one node, mesh first. */
function peeringsOfNode(plan: BgpPlan, node: ClusterNode): Peering[] {
  const mesh = ([4, 6] as const).flatMap((family) => {
    const members = plan.mesh[family]
    if (!members.includes(node)) return []
    return members
      .filter((other) => other !== node)
      .map((other) => meshPeering(node, other, family, plan.port, 'node-to-node mesh'))
  })
  const added = plan.explicit.filter(({ dialer, listener }) => dialer === node.name || listener === node.name)
  return [...mesh, ...added]
}

/**
 * What `calicoctl node status` would list on a node.
 *
 * @param faults - sessions that are not up: `family a b` → BIRD's words
 * @calico calicoctl/calicoctl/commands/node/status.go
 */
export function nodeStatus(plan: BgpPlan, node: ClusterNode, faults: ReadonlyMap<string, string>): PeerStatus[] {
  return peeringsOfNode(plan, node).map((peering) => {
    const { family, type } = peering
    const dials = peering.dialer === node.name
    const fault = faults.get(`${family} ${peering.dialer} ${peering.listener}`)
    return {
      family,
      peerAddress: dials ? peering.listenerAddress : peering.dialerAddress,
      peerType: type,
      state: fault === undefined ? 'up' : 'start',
      // The passive side only waits: it has no error of its own to tell.
      info: fault === undefined ? 'Established' : dials ? fault : 'Passive',
    }
  })
}
