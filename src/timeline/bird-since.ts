import type { Family, Ip } from '../wire/index.ts'
import type { RunningState } from './running-state.ts'
import { sinceOf } from './visiting.ts'

/** Since when BIRD of a node runs, and each of its sessions is as it is, in nanoseconds of virtual time. */
export interface BirdSince {
  /** Since when it runs. */
  readonly started: number
  /** Since when the session with a peer is up, or is not. */
  session(family: Family, peer: Ip): number
}

/** What BIRD of a node knows of since when: sessions that nothing has befallen are as they were when it started. */
export function birdSince(state: RunningState, node: string): BirdSince {
  const started = sinceOf(state, 'bird', node)
  const known = new Map<string, number>()
  for (const { peering, dialer, listener } of state.sessions.state.sessions.values()) {
    const { family } = peering
    if (peering.dialer === node) known.set(`${family} ${peering.listenerAddress}`, dialer.since)
    if (peering.listener === node) known.set(`${family} ${peering.dialerAddress}`, listener.since)
  }
  return { started, session: (family, peer) => known.get(`${family} ${peer}`) ?? started }
}
