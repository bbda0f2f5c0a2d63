import { type BgpFault, type Cluster, withSessions } from '../control/index.ts'
import { MILLISECOND } from '../dataplane/index.ts'
import { faultsOfBgp, isFrozen } from './bgp/bgp-answers.ts'
import { type BgpEvent, befallen, bgpAt, bgpAtRest, nextOfBgp } from './bgp/bgp-events.ts'
import type { BgpState } from './bgp/bgp-state.ts'
import { BIRD_TIMERS, NO_TIMERS } from './bgp/timers.ts'
import { clusterKnownToBird } from './bird-view.ts'
import { nodeAt, type RunningState } from './running-state.ts'
import { causesAfter, firstDue, type SessionCauses } from './session-causes.ts'

/** BGP sessions of a running cluster. */
export interface Sessions {
  readonly state: BgpState
  /** Sessions that are not up, as BIRDs that run know them. */
  readonly faults: readonly BgpFault[]
  /** The same as text: equal where they are. */
  readonly key: string
  /** What a BIRD had made last of what it had seen that does not run, or waits for its peers: by node; null = nothing yet. */
  readonly frozen: ReadonlyMap<string, Cluster | null>
  /** Because of which events more is to come. */
  readonly causes: SessionCauses
}

/** All sessions are up that come up in a cluster. */
export function sessionsAtRest(
  { bgp, nodes, bgpFaults }: Cluster,
  seed: number,
  isInstant: boolean,
  at: number,
): Sessions {
  const timers = isInstant ? NO_TIMERS : BIRD_TIMERS
  const state = bgpAtRest(bgp, nodes, { timers, seed }, at, bgpFaults)
  const faults = faultsOfBgp(state)
  return { state, faults, key: JSON.stringify(faults), frozen: new Map(), causes: new Map() }
}

/** Sessions of nodes that move as one are looked at this often, in nanoseconds: a BIRD that restarts has one with every node. */
const TOGETHER = 250 * MILLISECOND

/**
 * When somebody has to look what happens to sessions by itself, in nanoseconds, and because of which event; undefined when nothing does.
 * A session between two nodes that are followed is looked at when it is due; others a while later, many at once, each with its own time.
 */
export function nextOfSessions(running: RunningState): ReturnType<typeof firstDue> {
  const { state, causes } = running.sessions
  const { nodes, newest } = running
  if (nodes.size === newest.cluster.nodes.length) return firstDue(causes, state)
  return firstDue(causes, state, (key, at) => {
    const [, ...ends] = key.split(' ')
    const isFollowed = ends.every((name, i) => nodes.has(name) || (i === 0 && key.startsWith('bird ')))
    return isFollowed ? at : Math.ceil(at / TOGETHER) * TOGETHER
  })
}

/** So many clusters with other sessions are kept of one: sessions come up one by one, and seldom go back. */
const KEPT = 4

const variants = new WeakMap<Cluster, Map<string, Cluster>>()

/** A cluster as BIRD makes it with the sessions of now. */
export function clusterWithSessions(cluster: Cluster, { faults, key, state }: Sessions): Cluster {
  // Ways that are closed when it is built are closed in both.
  if (isOwn(cluster, faults, state)) return cluster
  const known = variants.get(cluster) ?? new Map<string, Cluster>()
  variants.set(cluster, known)
  const made = known.get(key) ?? withSessions(cluster, faults)
  // The one that was asked for last is the last.
  known.delete(key)
  known.set(key, made)
  for (const old of known.keys()) {
    if (known.size <= KEPT) break
    known.delete(old)
  }
  return made
}

/** Whether a cluster was built with these sessions down. */
function isOwn({ bgpFaults }: Cluster, faults: readonly BgpFault[], { closed }: BgpState): boolean {
  const isPlain = faults.every(
    ({ a, b, family, info, keeps }) => keeps === undefined && bgpFaults.get(`${family} ${a} ${b}`) === info,
  )
  return isPlain && faults.length * 2 === bgpFaults.size && closed.size === faults.length
}

/**
 * What befalls sessions, or time that passes: BIRDs that run follow at once, others leave the kernel as it is.
 * @param number - of the event that befalls them
 */
export function withSessionsOf(
  before: RunningState,
  events: readonly BgpEvent[],
  at: number,
  number: number,
): RunningState {
  const was = before.sessions
  let { state, causes } = was
  const go = (fresh: BgpState, cause: number | undefined): void => {
    causes = causesAfter(causes, state, fresh, cause, firstDue(causes, state)?.event ?? number)
    state = fresh
  }
  go(bgpAt(state, at), undefined)
  if (events.length > 0) go(befallen(state, events, at), number)
  // Where nothing takes time, more may be due at once.
  for (let next = nextOfBgp(state); next !== undefined && next <= at; next = nextOfBgp(state)) {
    go(bgpAt(state, at), undefined)
  }
  if (state === was.state) return before
  const faults = faultsOfBgp(state)
  const sessions = { state, faults, key: JSON.stringify(faults), frozen: was.frozen, causes }
  return { ...before, sessions: { ...sessions, frozen: frozenNow(before, sessions) } }
}

function frozenNow(before: RunningState, { state }: Sessions): Sessions['frozen'] {
  const names = new Set([...state.birds.keys()].map((key) => key.slice(2)))
  for (const name of state.off) names.add(name)
  const { frozen } = before.sessions
  if (names.size === 0) return frozen.size === 0 ? frozen : new Map()
  const now = new Map<string, Cluster | null>()
  for (const name of names) {
    if (!isFrozen(state, name, 4) && !isFrozen(state, name, 6)) continue
    const bird = clusterKnownToBird(nodeAt(before, name))
    const known = frozen.get(name)
    // What a machine had is gone with it.
    const kept = bird === null ? null : clusterWithSessions(bird, before.sessions)
    now.set(name, state.off.has(name) ? null : known === undefined ? kept : known)
  }
  return now
}

/** The cluster as BIRD of a node has it: as confd configured it last, with sessions as they are; null where it does not run. */
export function clusterOfBird(state: RunningState, node: string): Cluster | null {
  const own = nodeAt(state, node)
  const { programs } = own
  const bird = clusterKnownToBird(own)
  const runs = programs.bird.state === 'running' || programs.bird.state === 'cut'
  const isInstalled = state.memory.cni.has(node) || state.memory.cniTaken.has(node)
  return runs && bird !== null && isInstalled ? clusterWithSessions(bird, state.sessions) : null
}
