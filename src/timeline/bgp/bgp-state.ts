import type { Peering } from '../../control/index.ts'
import type { PlanIndex, SessionKey } from './plan-index.ts'
import type { BgpPace } from './timers.ts'

/** Which end of a session: who dials, or who waits to be dialled. */
export type Role = 'dialer' | 'listener'

/** A session as one of its ends has it. */
export interface SessionEnd {
  /** Whether it takes the session for established. */
  readonly up: boolean
  /** Since when the session is up, or is not. */
  readonly since: number
  /** Its last error, in BIRD's words; empty = none. */
  readonly error: string
  /** Whether it has what the other end told; where BIRD does not run, whether it had when that ended. */
  readonly holds: boolean
  /** Whether the other end told all it knows since the session is up. */
  readonly told: boolean
  /** Its routes are stale, and until when that may last; infinite = until the other end has told all it knows. */
  readonly staleUntil?: number
  /** When it gives up a session of which it hears nothing. */
  readonly expires?: number
  /** Before that it does not talk to the peer, because of an error. */
  readonly waitsUntil: number
  /** How long it waited last. */
  readonly errorWait: number
  /** When the other end has told all it knows. */
  readonly tellsAt?: number
  /** Its BIRD restarts, and waits for what this peer tells. */
  readonly awaited: boolean
}

/** A session that something has befallen. */
export interface SessionOverTime {
  /** The session, as it was configured last. */
  readonly peering: Peering
  /** Who dials. */
  readonly dialer: SessionEnd
  /** Who is dialled. */
  readonly listener: SessionEnd
  /** When the dialer gets through. */
  readonly connectsAt?: number
  /** When an end that takes the session for up is told that it is not: what it sends is answered by a reset. */
  readonly resetsAt?: number
}

/** A BIRD that does not simply run. */
export interface BirdOverTime {
  readonly running: boolean
  /** It restarts, and leaves the kernel alone until it knows what its peers know, at most until then. */
  readonly recoversBy?: number
}

/**
 * The BGP sessions of a cluster at a moment. What nothing has befallen is not written down: BIRD runs, the way is open, the
 * session is up and its routes are known.
 */
export interface BgpState {
  /** The moment, in nanoseconds. */
  readonly at: number
  /** Timers and chance. */
  readonly pace: BgpPace
  /** Sessions as confd has configured them on most nodes. */
  readonly plan: PlanIndex
  /** As it has on others. */
  readonly plans: ReadonlyMap<string, PlanIndex>
  /** BIRDs by family and node. */
  readonly birds: ReadonlyMap<string, BirdOverTime>
  /** Machines that are off. */
  readonly off: ReadonlySet<string>
  /** Ways for TCP that are closed, by the session's name: what BIRD says there. */
  readonly closed: ReadonlyMap<SessionKey, string>
  /** Sessions. */
  readonly sessions: ReadonlyMap<SessionKey, SessionOverTime>
  /** When something happens next by itself: to sessions, and to BIRDs that restart (`bird 4 node`). */
  readonly due: ReadonlyMap<string, number>
}
