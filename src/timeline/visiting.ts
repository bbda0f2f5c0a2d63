import { endpointsIn } from '../control/index.ts'
import { changesBetween, type Network } from '../model/index.ts'
import { type FollowerState, type NodeState, PARTS_OF } from './follower-state.ts'
import type { RunningState } from './running-state.ts'
import type { Step } from './step.ts'
import type { Pending, StepQueue } from './step-queue.ts'
import { FOLLOWERS, type Follower } from './watching.ts'

/**
 * Nodes of a large cluster that are followed by themselves because of an event there, until what it brings is written: then they are
 * as all others, and move with them again. Whom a packet has reached, or somebody types on, is followed for good.
 */
export interface Visits {
  readonly now: ReadonlySet<string>
  /** Programs as they were of nodes that were visited, which tell since when they run. */
  readonly past: ReadonlyMap<string, Programs>
}

type Programs = NodeState['programs']

/** No event has named a node. */
export const NO_VISITS: Visits = { now: new Set(), past: new Map() }

/** A program of a node as it is now, though it may move with all others: it runs since its own time. */
function own(everywhere: FollowerState, past: FollowerState | undefined): FollowerState {
  if (past === undefined) return everywhere
  const [life, since] = [Math.max(everywhere.life, past.life), Math.max(everywhere.since, past.since)]
  return { ...everywhere, life, since }
}

/** Since when a program of a node is as it is, in nanoseconds. */
export function sinceOf({ nodes, visits, cohort }: RunningState, program: Follower, node: string): number {
  const state = nodes.get(node)
  if (state !== undefined) return state.programs[program].since
  return own(cohort.programs[program], visits.past.get(node)?.[program]).since
}

/**
 * A node that is followed by itself from now on: it starts as all others are.
 *
 * @param isVisit - until what happens to it now is written
 */
export function followed(before: RunningState, node: string, isVisit: boolean): RunningState {
  const { visits, cohort } = before
  const past = visits.past.get(node)
  const programs = Object.fromEntries(
    FOLLOWERS.map((program) => [program, own(cohort.programs[program], past?.[program])]),
  ) as unknown as Programs
  const state = past === undefined ? cohort : { ...cohort, programs }
  const nodes = new Map(before.nodes).set(node, state)
  return isVisit
    ? { ...before, nodes, visits: { ...visits, now: new Set(visits.now).add(node) } }
    : { ...before, nodes }
}

/** A node that is followed for good, if it was for a visit only. */
export function followedForGood(before: RunningState, node: string): RunningState {
  const { visits } = before
  if (!visits.now.has(node)) return before
  return { ...before, visits: { ...visits, now: without(visits.now, [node]) } }
}

/** What those that move as one are about to do, as a node does it that moves with them no longer. */
export function stepsOfItsOwn(queue: StepQueue<Step>, { cohort, nodes }: RunningState, node: string): Pending<Step>[] {
  const programs = nodes.get(node)?.programs
  const theirs = queue.pending((step) => 'node' in step && step.node === '')
  return theirs.map(({ step, at, seq }) => {
    if (!('program' in step)) return { at, seq, step: { ...step, node } as Step }
    const { life } = cohort.programs[step.program]
    // What is no longer to be done there is not to be done here.
    const ownLife = step.life === life && programs !== undefined ? programs[step.program].life : -1
    return { at, seq, step: { ...step, node, life: ownLife } }
  })
}

/**
 * Visited nodes on which all is written move with the others again.
 *
 * @param network - that runs now
 */
export function afterVisits(before: RunningState, network: Network, queue: StepQueue<Step>): RunningState {
  const { visits, nodes } = before
  if (visits.now.size === 0 || !isSettled(before.cohort, before)) return before
  const candidates = [...visits.now].filter((node) => {
    const state = nodes.get(node)
    return state !== undefined && isSettled(state, before) && isOrdinary(before, node)
  })
  if (candidates.length === 0) return before
  const others = otherNodes(before, network)
  const isBusy = (node: string): boolean => queue.pending((step) => 'node' in step && step.node === node).length > 0
  const ended = candidates.filter((node) => others?.has(node) === false && !isBusy(node))
  if (ended.length === 0) return before
  const [left, past] = [new Map(nodes), new Map(visits.past)]
  for (const node of ended) {
    past.set(node, left.get(node)!.programs)
    left.delete(node)
  }
  return { ...before, nodes: left, visits: { now: without(visits.now, ended), past } }
}

/** Without nodes that are gone: one of the same name that comes is another. */
export function visitsAmong({ now, past }: Visits, names: ReadonlySet<string>): Visits {
  return {
    now: new Set([...now].filter((name) => names.has(name))),
    past: new Map([...past].filter(([name]) => names.has(name))),
  }
}

/** Whether every program has written what is stored, and nothing else is under way. */
function isSettled({ programs, parts }: NodeState, { newest }: RunningState): boolean {
  return FOLLOWERS.every((program) => {
    const { state, seen, learned, writing } = programs[program]
    const isIdle = state === 'running' && seen === newest && learned === null && writing === null
    return isIdle && PARTS_OF[program].every((part) => parts[part] === newest)
  })
}

/** Whether nothing but its programs tells a node from others. */
function isOrdinary({ machines, away, sessions, edits }: RunningState, node: string): boolean {
  const isApart = [...away.keys()].some((key) => key.endsWith(` ${node}`))
  return !machines.has(node) && !isApart && !sessions.frozen.has(node) && !edits.events.has(node)
}

/** Nodes that are not as the objects make them, or pods of theirs; undefined = nothing tells which. */
function otherNodes({ newest: { cluster } }: RunningState, network: Network): ReadonlySet<string> | undefined {
  const changes = changesBetween(network.namespaces, cluster.network.namespaces)
  if (changes === undefined || network.shared !== cluster.network.shared) return undefined
  const pods = endpointsIn(cluster.workloadEndpoints)
  return new Set([...changes.names, ...changes.firewalls].map((name) => pods.at(name)?.node ?? name))
}

function without(names: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  const left = new Set(names)
  for (const name of gone) left.delete(name)
  return left
}
