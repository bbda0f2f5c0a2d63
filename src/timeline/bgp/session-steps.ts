import type { Peering } from '../../control/index.ts'
import { SECOND } from '../../dataplane/index.ts'
import type { Role, SessionEnd, SessionOverTime } from './bgp-state.ts'
import { type BgpDraft, otherRole, ROLES } from './draft.ts'
import type { SessionKey } from './plan-index.ts'
import type { Dialling } from './timers.ts'

/** How an end loses a session. */
export type Loss =
  /** TCP ends without a word: what the peer told is kept, for it may be restarting. @rfc 4724 §4.2 */
  | 'restart'
  /** BGP says why: what the peer told goes at once. */
  | 'ended'
  /** The same after an error: it does not dial for a while. */
  | 'error'

const NOTHING_TO_COME = { staleUntil: undefined, expires: undefined, tellsAt: undefined } as const

/** Without the moments that are not to come. */
function plain(end: { [K in keyof SessionEnd]: SessionEnd[K] | undefined }): SessionEnd {
  return Object.fromEntries(Object.entries(end).filter(([, value]) => value !== undefined)) as unknown as SessionEnd
}

function isSame(a: Peering, b: Peering): boolean {
  return a.dialer === b.dialer && a.listener === b.listener
}

/** Steps that a session takes, each leaving its draft with the session as it is then. */
export class SessionSteps {
  readonly draft: BgpDraft

  constructor(draft: BgpDraft) {
    this.draft = draft
  }

  nameOf({ peering }: SessionOverTime, role: Role): string {
    return peering[role]
  }

  isRunning(session: SessionOverTime, role: Role): boolean {
    const name = this.nameOf(session, role)
    return !this.draft.off.has(name) && this.draft.bird(name, session.peering.family).running
  }

  isRestarting(session: SessionOverTime, role: Role): boolean {
    return this.draft.bird(this.nameOf(session, role), session.peering.family).recoversBy !== undefined
  }

  /** Whether packets of one end reach the machine of the other. */
  isReachable(key: SessionKey, { peering }: SessionOverTime): boolean {
    const { closed, off } = this.draft
    return !closed.has(key) && !off.has(peering.dialer) && !off.has(peering.listener)
  }

  /** An end loses the session. */
  lose(session: SessionOverTime, role: Role, loss: Loss, error: string): SessionOverTime {
    const { at, pace } = this.draft
    const end = session[role]
    const lost = { ...end, ...NOTHING_TO_COME, up: false, since: at, error, told: false }
    if (loss === 'restart') {
      // Lost again before all was told anew: what was not told by then is gone.
      const isTwice = end.staleUntil === Number.POSITIVE_INFINITY
      const restart =
        session.peering.restartTime === undefined ? pace.timers.restart : session.peering.restartTime * SECOND
      const keeps = end.holds && !isTwice
      return { ...session, [role]: plain({ ...lost, holds: keeps, staleUntil: keeps ? at + restart : undefined }) }
    }
    this.unlock(session, role)
    if (loss === 'ended') return { ...session, [role]: plain({ ...lost, holds: false, awaited: false, errorWait: 0 }) }
    const { errorWaitLeast, errorWaitMost, errorForget } = pace.timers
    const isForgotten = at - end.waitsUntil >= errorForget
    const errorWait = end.errorWait === 0 || isForgotten ? errorWaitLeast : Math.min(2 * end.errorWait, errorWaitMost)
    return {
      ...session,
      [role]: plain({ ...lost, holds: false, awaited: false, errorWait, waitsUntil: at + errorWait }),
    }
  }

  /** BIRD of an end is gone; what it had stays as the kernel has it. */
  vanish(session: SessionOverTime, role: Role): SessionOverTime {
    const { at } = this.draft
    const gone = { ...session[role], ...NOTHING_TO_COME, up: false, since: at, error: '', told: false }
    return { ...session, [role]: plain({ ...gone, awaited: false, waitsUntil: 0, errorWait: 0 }) }
  }

  /** A BIRD that restarts no longer waits for a peer; with the last one its restart is over. */
  unlock(session: SessionOverTime, role: Role): void {
    if (!session[role].awaited) return
    const { draft } = this
    const name = this.nameOf(session, role)
    const { family } = session.peering
    if (draft.bird(name, family).recoversBy === undefined) return
    for (const key of draft.known(name, family)) {
      const { peering, ...ends } = draft.sessions.get(key)!
      if (isSame(peering, session.peering)) continue
      if (ROLES.some((each) => peering[each] === name && ends[each].awaited)) return
    }
    draft.setBird(name, family, { running: true, recoversBy: draft.at })
  }

  /** The dialer gets through. */
  establish(session: SessionOverTime): SessionOverTime {
    let now = session
    // An end that takes the old session for up learns from the new one that the peer restarted.
    for (const role of ROLES) if (now[role].up) now = this.lose(now, role, 'restart', 'Error: Graceful restart')
    const { connectsAt: _, resetsAt: __, ...rest } = now
    now = rest
    for (const role of ROLES) now = this.open(now, role)
    return now
  }

  private open(session: SessionOverTime, role: Role): SessionOverTime {
    const { draft } = this
    const end = session[role]
    const isTeller = !this.isRestarting(session, otherRole(role))
    const opened = { ...end, ...NOTHING_TO_COME, up: true, since: draft.at, error: '', told: false, waitsUntil: 0 }
    const whose = `${this.nameOf(session, role)} ${this.nameOf(session, otherRole(role))}`
    // Who restarts itself does not wait for another that does. @calico proto/bgp/bgp.c bgp_conn_enter_established_state
    if (!isTeller) this.unlock(session, role)
    const awaited = end.awaited && isTeller
    const tellsAt = isTeller ? draft.soon(whose) : undefined
    if (end.staleUntil === undefined) return { ...session, [role]: plain({ ...opened, awaited, tellsAt }) }
    // Only of a peer that says its kernel forwards as before, for it restarts, routes are kept until it has told all.
    const stale = isTeller ? { holds: false } : { staleUntil: Number.POSITIVE_INFINITY }
    return { ...session, [role]: plain({ ...opened, awaited, tellsAt, ...stale }) }
  }

  /** All that the other end knows has come. */
  told(session: SessionOverTime, role: Role): SessionOverTime {
    this.unlock(session, role)
    const end = { ...session[role], ...NOTHING_TO_COME, expires: session[role].expires }
    return { ...session, [role]: plain({ ...end, holds: true, told: true, awaited: false }) }
  }

  /** Routes were kept long enough. */
  stale(session: SessionOverTime, role: Role): SessionOverTime {
    const { error } = session[role]
    return this.lose(session, role, 'ended', error)
  }

  /**
   * What comes of a session by itself as things are now.
   * @param dialling - how the dialer comes to dial, if it does
   */
  settle(key: SessionKey, session: SessionOverTime, dialling: Dialling): void {
    const { draft } = this
    const { timers } = draft.pace
    const isOpen = this.isReachable(key, session)
    const isUp = session.dialer.up && session.listener.up
    let { connectsAt: _, resetsAt: __, ...now } = session as SessionOverTime
    for (const role of ROLES) now = { ...now, [role]: this.watched(now, role, isOpen && isUp) }
    let next: SessionOverTime = now
    if (isOpen && !isUp && (now.dialer.up || now.listener.up)) {
      const role = now.dialer.up ? 'dialer' : 'listener'
      next = {
        ...next,
        resetsAt: session.resetsAt ?? draft.within(timers.keepalive, `reset ${this.nameOf(now, role)} ${key}`),
      }
    }
    if (this.canConnect(key, now)) {
      const waits = Math.max(draft.at, now.dialer.waitsUntil, now.listener.waitsUntil)
      const dials = draft.dialsAt(dialling, `dial ${key}`)
      next = { ...next, connectsAt: session.connectsAt ?? Math.max(dials, waits) }
    }
    draft.setSession(key, next)
  }

  /** Whether the dialer gets through as things are now. */
  canConnect(key: SessionKey, session: SessionOverTime): boolean {
    if (session.dialer.up) return false
    const isRunning = ROLES.every((role) => this.isRunning(session, role))
    return isRunning && this.isReachable(key, session) && this.draft.isAgreed(key, session.peering)
  }

  /** An end that is up waits for word of the other, unless they talk. */
  private watched(session: SessionOverTime, role: Role, talks: boolean): SessionEnd {
    const { draft } = this
    const end = session[role]
    if (!end.up || talks) return plain({ ...end, expires: undefined })
    if (end.expires !== undefined) return end
    const { hold, keepalive } = draft.pace.timers
    // The last word came up to a keepalive ago.
    const whose = `hold ${this.nameOf(session, role)} ${this.nameOf(session, otherRole(role))}`
    const early = hold - keepalive
    const until = draft.within(keepalive, whose)
    return { ...end, expires: until + early }
  }
}
