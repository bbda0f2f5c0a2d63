import type { Peering } from '../../control/index.ts'
import type { Family } from '../../wire/index.ts'
import type { BgpState, BirdOverTime, Role, SessionEnd, SessionOverTime } from './bgp-state.ts'
import type { PlanIndex, SessionKey } from './plan-index.ts'
import { type Dialling, nextSecond, partOf } from './timers.ts'

const RUNNING: BirdOverTime = { running: true }

/** The other end. */
export function otherRole(role: Role): Role {
  return role === 'dialer' ? 'listener' : 'dialer'
}

/** Both ends of a session. */
export const ROLES: readonly Role[] = ['dialer', 'listener']

/** A state that is being changed; what it came from stays as it is. */
export class BgpDraft {
  at: number
  readonly pace: BgpState['pace']
  plan: PlanIndex
  plans: Map<string, PlanIndex>
  readonly birds: Map<string, BirdOverTime>
  readonly off: Set<string>
  readonly closed: Map<SessionKey, string>
  readonly sessions: Map<SessionKey, SessionOverTime>
  readonly due: Map<string, number>
  /** Names of sessions that are known, by family and node; made when somebody asks. */
  private byNode: Map<string, Set<SessionKey>> | undefined

  constructor(state: BgpState) {
    this.at = state.at
    this.pace = state.pace
    this.plan = state.plan
    this.plans = new Map(state.plans)
    this.birds = new Map(state.birds)
    this.off = new Set(state.off)
    this.closed = new Map(state.closed)
    this.sessions = new Map(state.sessions)
    this.due = new Map(state.due)
  }

  /** The state as it is now. */
  state(): BgpState {
    const { at, pace, plan, plans, birds, off, closed, sessions, due } = this
    return { at, pace, plan, plans, birds, off, closed, sessions, due }
  }

  bird(node: string, family: Family): BirdOverTime {
    return this.birds.get(`${family} ${node}`) ?? RUNNING
  }

  setBird(node: string, family: Family, bird: BirdOverTime): void {
    const key = `${family} ${node}`
    if (bird.running && bird.recoversBy === undefined) this.birds.delete(key)
    else this.birds.set(key, bird)
    if (bird.recoversBy === undefined) this.due.delete(`bird ${key}`)
    else this.due.set(`bird ${key}`, bird.recoversBy)
  }

  planOf(node: string): PlanIndex {
    return this.plans.get(node) ?? this.plan
  }

  /** Gives nodes a plan; the one that most have is kept once. */
  setPlan(plan: PlanIndex, at: readonly string[] | undefined): void {
    for (const name of at ?? []) {
      if (plan === this.plan) this.plans.delete(name)
      else this.plans.set(name, plan)
    }
    if (at !== undefined && !plan.names.every((name) => this.plans.get(name) === plan)) return
    this.plan = plan
    // Who is not in it was told of another: one that is new here, and of which the others have not heard yet.
    const own = at === undefined ? [] : [...this.plans].filter(([name]) => !plan.names.includes(name))
    this.plans = new Map(own)
  }

  /** Whether both ends are configured, and alike. */
  isAgreed(key: SessionKey, { dialer, listener }: Peering): boolean {
    const here = this.planOf(dialer).terms(key)
    return here !== undefined && here === this.planOf(listener).terms(key)
  }

  /** A session; one that nothing has befallen is up since ever, if both ends have it. */
  session(key: SessionKey): SessionOverTime | undefined {
    const known = this.sessions.get(key)
    if (known !== undefined) return known
    const [, a, b] = key.split(' ') as [string, string, string]
    const peering = this.planOf(a).at(key) ?? this.planOf(b).at(key)
    if (peering === undefined) return undefined
    const up = this.isAgreed(key, peering)
    const end: SessionEnd = {
      up,
      since: up ? 0 : this.at,
      error: '',
      holds: up,
      told: up,
      waitsUntil: 0,
      errorWait: 0,
      awaited: false,
    }
    return { peering, dialer: end, listener: end }
  }

  setSession(key: SessionKey, session: SessionOverTime): void {
    this.sessions.set(key, session)
    if (this.byNode !== undefined) noteEnds(this.byNode, key, session)
    const times = [session.connectsAt, session.resetsAt]
    for (const role of ROLES) times.push(session[role].expires, session[role].staleUntil, session[role].tellsAt)
    const next = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY))
    if (Number.isFinite(next)) this.due.set(key, next)
    else this.due.delete(key)
  }

  dropSession(key: SessionKey): void {
    this.sessions.delete(key)
    this.due.delete(key)
    this.byNode = undefined
  }

  /** Names of the sessions of a node that are known: that something has befallen. */
  known(node: string, family: Family): Iterable<SessionKey> {
    if (this.byNode === undefined) {
      this.byNode = new Map()
      for (const [key, session] of this.sessions) noteEnds(this.byNode, key, session)
    }
    return this.byNode.get(`${family} ${node}`) ?? []
  }

  /** Names of all sessions that somebody has, or that are still known of it. */
  keysOf(node: string, family: Family): Set<SessionKey> {
    const keys = this.planOf(node).keysOf(node, family)
    for (const key of this.known(node, family)) keys.add(key)
    return keys
  }

  /** When a dialer dials next. */
  dialsAt(dialling: Dialling, whose: string): number {
    const { connectDelay, connectRetry } = this.pace.timers
    if (dialling === 'afresh') return connectDelay === 0 ? this.at : nextSecond(this.at + connectDelay)
    return this.within(dialling === 'refused' ? connectDelay : connectRetry, whose)
  }

  /** A moment within a span from now, with the whole second of BIRD's clock. */
  within(span: number, whose: string): number {
    return span === 0 ? this.at : nextSecond(this.at + partOf(span, this.pace.seed, `${whose} ${this.at}`))
  }

  /** Shortly: what one BIRD knows is with another. */
  soon(whose: string): number {
    return this.at + partOf(this.pace.timers.update, this.pace.seed, `${whose} ${this.at}`)
  }
}

function noteEnds(byNode: Map<string, Set<SessionKey>>, key: SessionKey, { peering }: SessionOverTime): void {
  for (const role of ROLES) {
    const end = `${peering.family} ${peering[role]}`
    const keys = byNode.get(end)
    if (keys === undefined) byNode.set(end, new Set([key]))
    else keys.add(key)
  }
}
