import type { BgpFault, PeerStatus } from '../../control/index.ts'
import type { Family } from '../../wire/index.ts'
import type { BgpState, Role, SessionOverTime } from './bgp-state.ts'
import { BgpDraft, otherRole, ROLES } from './draft.ts'
import type { SessionKey } from './plan-index.ts'
import { SessionSteps } from './session-steps.ts'

/**
 * Sessions that are not up, for the control plane to calculate routes with: who holds what the other told is said of each end. An
 * end whose BIRD does not run holds what it had: it can be asked for its routes no more, and what others know through it they keep.
 */
export function faultsOfBgp(state: BgpState): readonly BgpFault[] {
  const asked = new Asked(state)
  const faults: BgpFault[] = []
  for (const [key, session] of state.sessions) {
    const { dialer, listener, peering } = session
    const isUp = dialer.up && listener.up
    if (isUp && dialer.holds && listener.holds) continue
    const keeps = ROLES.filter((role) => session[role].holds).map((role) => peering[role])
    const info = asked.words(key, session, 'dialer') ?? asked.words(key, session, 'listener') ?? 'Idle'
    faults.push({
      a: peering.dialer,
      b: peering.listener,
      family: peering.family,
      info,
      ...(keeps.length > 0 ? { keeps } : {}),
    })
  }
  return faults
}

/**
 * Whether BIRD leaves a node's kernel routes as they are: it does not run, and they persist; or it restarts, and waits for what
 * its peers tell.
 */
export function isFrozen({ birds, off }: BgpState, node: string, family: Family): boolean {
  const bird = birds.get(`${family} ${node}`)
  return off.has(node) || (bird !== undefined && (!bird.running || bird.recoversBy !== undefined))
}

/** Whether BIRD runs on a node. */
function isBirdRunning({ birds, off }: BgpState, node: string, family: Family): boolean {
  return !off.has(node) && birds.get(`${family} ${node}`)?.running !== false
}

/** A session as a node's BIRD shows it. */
export interface SessionStatus extends PeerStatus {
  /** Name of the peer. */
  readonly peer: string
  /** Since when it is up, or is not, in nanoseconds. */
  readonly since: number
}

/** What BIRD of a node says of its sessions of a family; null when it does not run. */
export function statusOfBgp(state: BgpState, node: string, family: Family): readonly SessionStatus[] | null {
  if (!isBirdRunning(state, node, family)) return null
  const asked = new Asked(state)
  const list: SessionStatus[] = []
  for (const key of asked.draft.planOf(node).keysOf(node, family)) {
    const session = asked.draft.session(key)!
    const { peering } = session
    const role = peering.dialer === node ? 'dialer' : 'listener'
    const { up, since } = session[role]
    const ends = { dialer: peering.dialerAddress, listener: peering.listenerAddress }
    const peer = { peer: peering[otherRole(role)], peerAddress: ends[otherRole(role)], peerType: peering.type }
    list.push({ family, ...peer, state: up ? 'up' : 'start', info: asked.words(key, session, role)!, since })
  }
  return list
}

/** Questions to a state, which no answer changes. */
class Asked {
  readonly draft: BgpDraft
  readonly #steps: SessionSteps

  constructor(state: BgpState) {
    this.draft = new BgpDraft(state)
    this.#steps = new SessionSteps(this.draft)
  }

  /** What BIRD says of a session; undefined where it does not run. @calico proto/bgp/bgp.c bgp_get_status */
  words(key: SessionKey, session: SessionOverTime, role: Role): string | undefined {
    const end = session[role]
    if (!this.#steps.isRunning(session, role)) return undefined
    if (end.up) return 'Established'
    const said = (state: string, error: string = end.error): string => (error === '' ? state : `${state} ${error}`)
    if (end.waitsUntil > this.draft.at) return said('Idle')
    if (role === 'listener') return said('Passive')
    const closed = this.draft.closed.get(key)
    if (closed !== undefined) return closed
    const other = otherRole(role)
    if (this.draft.off.has(session.peering[other])) return 'Connect Socket: Host is unreachable'
    if (!this.#steps.isRunning(session, other)) return 'Active Socket: Connection refused'
    // Who is not configured there is let in and put out again.
    const theirs = this.draft.planOf(session.peering[other]).at(key)
    if (theirs === undefined) return 'Active Socket: Connection closed'
    if (!this.draft.isAgreed(key, session.peering)) return 'Idle BGP Error: Bad peer AS'
    return said('Active')
  }
}
