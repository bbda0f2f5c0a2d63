import type { BgpPlan, ClusterNode } from '../../control/index.ts'
import type { Family } from '../../wire/index.ts'
import type { BgpState, SessionOverTime } from './bgp-state.ts'
import { BgpDraft, otherRole, ROLES } from './draft.ts'
import { PlanIndex, type SessionKey, sessionKey } from './plan-index.ts'
import { SessionSteps } from './session-steps.ts'
import type { BgpPace } from './timers.ts'

/** What befalls BGP sessions. */
export type BgpEvent =
  | {
      readonly kind: 'bird'
      readonly node: string
      /** Of BIRD (4) or of its twin for IPv6; absent = both. */
      readonly family?: Family
      /** `stop` is orderly: peers are told. `kill` is not: their connections end. */
      readonly action: 'start' | 'stop' | 'kill'
    }
  | {
      readonly kind: 'machine'
      readonly node: string
      /** `off`: nobody is told. `on`: its kernel answers again; BIRD starts by an event of its own. */
      readonly action: 'off' | 'on'
    }
  | {
      readonly kind: 'way'
      readonly a: string
      readonly b: string
      /** Absent = both. */
      readonly family?: Family
      /** What BIRD says where it dials; null = the way is open. */
      readonly words: string | null
    }
  | {
      /** confd wrote BIRD's configuration from the objects of a revision. */
      readonly kind: 'configured'
      readonly plan: BgpPlan
      readonly nodes: readonly ClusterNode[]
      /** Where; absent = everywhere. */
      readonly at?: readonly string[]
    }

/** The sessions of a plan, all of them up but those whose ways are closed. */
export function bgpAtRest(
  plan: BgpPlan,
  nodes: readonly ClusterNode[],
  pace: BgpPace,
  at: number,
  faults: ReadonlyMap<string, string> = new Map(),
): BgpState {
  const index = new PlanIndex(plan, nodes)
  const none = { plans: new Map(), birds: new Map(), off: new Set<string>(), sessions: new Map(), due: new Map() }
  const state: BgpState = { at, pace, plan: index, ...none, closed: new Map() }
  if (faults.size === 0) return state
  const draft = new BgpDraft(state)
  for (const [fault, words] of faults) {
    const [of, a, b] = fault.split(' ') as [string, string, string]
    const key = sessionKey(of === '4' ? 4 : 6, a, b)
    const session = draft.closed.has(key) ? undefined : draft.session(key)
    draft.closed.set(key, words)
    if (session === undefined) continue
    const end = { ...session.dialer, up: false, since: at, holds: false, told: false }
    draft.setSession(key, { ...session, dialer: end, listener: end })
  }
  return draft.state()
}

/** What becomes of sessions when something befalls them, one thing after the other at the same moment; whatever was to come until then has come. */
export function befallen(state: BgpState, events: readonly BgpEvent[], at: number): BgpState {
  const draft = new BgpDraft(bgpAt(state, at))
  draft.at = at
  const happening = new Events(draft)
  for (const event of events) happening.befall(event)
  return draft.state()
}

/** When something happens next by itself; undefined when nothing does. */
export function nextOfBgp({ due }: BgpState): number | undefined {
  let next = Number.POSITIVE_INFINITY
  for (const at of due.values()) if (at < next) next = at
  return Number.isFinite(next) ? next : undefined
}

/** The sessions at a later moment, if nothing befalls them until then. */
export function bgpAt(state: BgpState, at: number): BgpState {
  const first = nextOfBgp(state)
  if (first === undefined || first > at) return at === state.at ? state : { ...state, at }
  const draft = new BgpDraft(state)
  const events = new Events(draft)
  for (let next: number | undefined = first; next !== undefined && next <= at; next = nextOfBgp(draft)) {
    draft.at = next
    for (const [key, time] of [...draft.due]) {
      if (time > next || draft.due.get(key) !== time) continue
      if (key.startsWith('bird ')) events.recovered(key)
      else events.timer(key)
    }
  }
  draft.at = at
  return draft.state()
}

function familiesOf({ family }: { readonly family?: Family }): readonly Family[] {
  return family === undefined ? [4, 6] : [family]
}

/** What happens, made of the steps of sessions. */
class Events {
  readonly draft: BgpDraft
  readonly steps: SessionSteps

  constructor(draft: BgpDraft) {
    this.draft = draft
    this.steps = new SessionSteps(draft)
  }

  befall(event: BgpEvent): void {
    const { draft } = this
    switch (event.kind) {
      case 'bird':
        for (const family of familiesOf(event)) {
          if (event.action === 'start') this.start(event.node, family)
          else this.end(event.node, family, event.action === 'stop')
        }
        return
      case 'machine':
        if (event.action === 'on') this.machineOn(event.node)
        else this.machineOff(event.node)
        return
      case 'way':
        for (const family of familiesOf(event)) this.way(sessionKey(family, event.a, event.b), event.words)
        return
      case 'configured': {
        const known = [draft.plan, ...draft.plans.values()].find(({ plan }) => plan === event.plan)
        this.configured(known ?? new PlanIndex(event.plan, event.nodes), event.at)
        return
      }
    }
  }

  private roleOf({ peering }: SessionOverTime, node: string) {
    return peering.dialer === node ? ('dialer' as const) : ('listener' as const)
  }

  private end(node: string, family: Family, isOrderly: boolean): void {
    const { draft, steps } = this
    if (!draft.bird(node, family).running) return
    // While it ends it still has the sessions by which peers are told.
    const keys = draft.keysOf(node, family)
    const before = new Map([...keys].map((key) => [key, draft.session(key)]))
    draft.setBird(node, family, { running: false })
    for (const [key, session] of before) {
      if (session === undefined) continue
      const role = this.roleOf(session, node)
      const other = otherRole(role)
      let now = session
      if (session[other].up && session[role].up && steps.isReachable(key, session)) {
        now = isOrderly
          ? steps.lose(now, other, 'ended', 'Received: Administrative shutdown')
          : steps.lose(now, other, 'restart', 'Socket: Connection closed')
      }
      const { connectsAt: _, ...rest } = steps.vanish(now, role)
      steps.settle(key, rest, 'afresh')
    }
  }

  private start(node: string, family: Family): void {
    const { draft } = this
    if (draft.bird(node, family).running || draft.off.has(node)) return
    const keys = draft.planOf(node).keysOf(node, family)
    const recoversBy = draft.at + draft.pace.timers.restartWait
    draft.setBird(node, family, keys.size === 0 ? { running: true } : { running: true, recoversBy })
    for (const key of keys) {
      const session = draft.session(key)
      if (session === undefined) continue
      const role = this.roleOf(session, node)
      const awaited = { ...session, [role]: { ...session[role], awaited: true } }
      this.steps.settle(key, awaited, role === 'dialer' ? 'afresh' : 'refused')
    }
  }

  private machineOff(node: string): void {
    const { draft } = this
    for (const family of [4, 6] as const) {
      const keys = [...draft.keysOf(node, family)].map((key) => [key, draft.session(key)] as const)
      draft.setBird(node, family, { running: false })
      draft.off.add(node)
      for (const [key, session] of keys) {
        if (session === undefined) continue
        const { connectsAt: _, ...rest } = this.steps.vanish(session, this.roleOf(session, node))
        this.steps.settle(key, rest, 'afresh')
      }
    }
  }

  private machineOn(node: string): void {
    const { draft } = this
    draft.off.delete(node)
    for (const family of [4, 6] as const) {
      for (const key of draft.keysOf(node, family)) {
        const session = draft.session(key)
        if (session !== undefined) this.steps.settle(key, session, 'unanswered')
      }
    }
  }

  private way(key: SessionKey, words: string | null): void {
    const { draft } = this
    const session = draft.session(key)
    if (words === null) draft.closed.delete(key)
    else draft.closed.set(key, words)
    if (session !== undefined) this.steps.settle(key, session, 'unanswered')
  }

  /** The restart of a BIRD is over: what it was not told is gone, and it tells what it knows. */
  recovered(due: string): void {
    const { draft } = this
    const [, of, node] = due.split(' ') as [string, string, string]
    const family = of === '4' ? 4 : 6
    draft.setBird(node, family, { running: true })
    for (const key of draft.keysOf(node, family)) {
      const session = draft.session(key)
      if (session === undefined) continue
      const role = this.roleOf(session, node)
      const other = otherRole(role)
      const mine = { ...session[role], awaited: false, holds: session[role].told }
      const theirs =
        session[other].up && session[role].up ? { tellsAt: draft.soon(`${session.peering[other]} ${node}`) } : {}
      draft.setSession(key, { ...session, [role]: mine, [other]: { ...session[other], ...theirs } })
    }
  }

  timer(key: SessionKey): void {
    const { draft, steps } = this
    const session = draft.session(key)
    if (session === undefined) {
      draft.due.delete(key)
      return
    }
    const isNow = (time: number | undefined): boolean => time !== undefined && time <= draft.at
    let now = session
    if (isNow(now.connectsAt) && steps.canConnect(key, now)) now = steps.establish(now)
    if (isNow(now.resetsAt)) {
      const { resetsAt: _, ...rest } = now
      now = rest
      for (const role of ROLES)
        if (now[role].up) now = steps.lose(now, role, 'restart', 'Socket: Connection reset by peer')
    }
    for (const role of ROLES) {
      if (isNow(now[role].tellsAt)) now = steps.told(now, role)
      if (isNow(now[role].staleUntil)) now = steps.stale(now, role)
      if (isNow(now[role].expires)) now = steps.lose(now, role, 'error', 'BGP Error: Hold timer expired')
    }
    steps.settle(key, now, 'afresh')
  }

  private configured(plan: PlanIndex, at: readonly string[] | undefined): void {
    const { draft } = this
    const olds =
      at === undefined ? new Set([draft.plan, ...draft.plans.values()]) : new Set(at.map((name) => draft.planOf(name)))
    const changed = new Set<SessionKey>()
    for (const old of olds) for (const key of old.changedTo(plan)) changed.add(key)
    const before = [...changed].map((key) => {
      const [, a, b] = key.split(' ') as [string, string, string]
      return {
        key,
        session: draft.session(key),
        had: [a, b].map((name) => ({ name, signature: draft.planOf(name).signature(key) })),
      }
    })
    draft.setPlan(plan, at)
    for (const { key, session, had } of before) {
      let now = session ?? draft.session(key)
      if (now === undefined) continue
      for (const { name, signature } of had) {
        const is = draft.planOf(name).signature(key)
        if (is !== signature) now = this.reconfigured(key, now, name, is)
      }
      const peering = had.map(({ name }) => draft.planOf(name).at(key)).find((one) => one !== undefined)
      if (peering === undefined) draft.dropSession(key)
      else this.steps.settle(key, { ...now, peering }, 'refused')
    }
  }

  /** An end drops a session whose configuration is another or gone, and tells the peer so. */
  private reconfigured(
    key: SessionKey,
    session: SessionOverTime,
    name: string,
    is: string | undefined,
  ): SessionOverTime {
    const { draft, steps } = this
    if (draft.planOf(name).isRouter(name)) return session
    const role = this.roleOf(session, name)
    const other = otherRole(role)
    let now = session
    if (now[role].up && now[other].up && steps.isReachable(key, now)) {
      const why = is === undefined ? 'Peer de-configured' : 'Other configuration change'
      now = steps.lose(now, other, 'ended', `Received: ${why}`)
    }
    const { connectsAt: _, ...rest } = steps.lose(now, role, 'ended', '')
    return rest
  }
}
