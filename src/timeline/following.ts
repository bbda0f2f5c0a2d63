import type { Resources } from '../control/index.ts'
import { type DelayName, type Draw, drawnDelay } from './delays.ts'
import { type NodeState, PARTS_OF, type Part, withParts, withProgram } from './follower-state.ts'
import type { Revision } from './revision.ts'
import { isDeaf, nodeAt, type Outcome, onlyLearns, type RunningState, withNode } from './running-state.ts'
import type { Later, Step } from './step.ts'
import { throttled } from './throttle.ts'
import { FOLLOWERS, type Follower, watchersOf } from './watching.ts'

/** When and by which lot something happens. */
export interface Moment {
  readonly seed: number
  /** In nanoseconds. */
  readonly now: number
}

/** What lies between a stored object and the program that hears of it. */
const HEARS: Readonly<Record<Follower, readonly DelayName[]>> = {
  felix: ['watch event', 'typha batch'],
  bird: ['watch event', 'confd render', 'bgp update'],
  'kube-proxy': ['watch event'],
}

/** What lies between hearing and writing. */
const BEGINS: Readonly<Record<Follower, DelayName | null>> = { felix: 'felix flush', bird: null, 'kube-proxy': null }

/** What a program needs until it is up. */
export const STARTS: Readonly<Record<Follower, DelayName>> = {
  felix: 'felix start',
  bird: 'bird start',
  'kube-proxy': 'kube-proxy start',
}

/** How long each part takes, one after the other; Felix writes routes beside rules, and sets no rule asks any more go with the rules. */
const WRITES: Readonly<Record<Follower, readonly (readonly [DelayName | null, Part, besidePrevious?: true])[]>> = {
  felix: [
    ['felix ipsets', 'felixSets'],
    ['felix devices', 'felixDevices'],
    ['felix routes', 'felixRoutes'],
    ['felix rules', 'felixRules', true],
  ],
  bird: [[null, 'bird']],
  'kube-proxy': [['kube-proxy sync', 'proxy']],
}

function sum(names: readonly DelayName[], draw: Draw): number {
  return names.reduce((all, name) => all + drawnDelay(name, draw), 0)
}

/** Every node, the ones that move as one under the empty name. */
function everyNode(state: RunningState): string[] {
  return [...state.nodes.keys(), '']
}

/** How long it takes until a program hears of what is stored. */
function hearing(
  program: Follower,
  node: string,
  revision: Revision,
  { seed }: Moment,
  before: readonly DelayName[] = [],
): number {
  return sum([...before, ...HEARS[program]], { seed, event: revision.event, node })
}

/**
 * Another state of the objects is stored. Who watches what is new hears of it in its time. Who does not, and had nothing left to do,
 * stands at the new state without having done anything; who had hears of both.
 */
export function stored(
  before: RunningState,
  revision: Revision,
  lists: readonly (keyof Resources)[],
  moment: Moment,
): Outcome {
  const watchers = watchersOf(lists)
  const later: Later[] = []
  const moved = (node: string, was: NodeState): NodeState => {
    let now = was
    for (const program of FOLLOWERS) {
      const { life } = was.programs[program]
      const learns = onlyLearns(before, program, node)
      if (isDeaf(before, program, node) && !(learns && watchers.has(program))) continue
      if (!learns && !watchers.has(program) && isSettled(was, program, before.newest)) {
        now = withParts(withProgram(now, program, { seen: revision }), PARTS_OF[program], revision)
        continue
      }
      later.push({
        delay: hearing(program, node, revision, moment),
        step: { kind: 'hear', program, node, life, revision },
      })
    }
    return now
  }
  const nodes = new Map([...before.nodes].map(([name, node]) => [name, moved(name, node)]))
  const cohort = moved('', before.cohort)
  return { state: { ...before, newest: revision, nodes, cohort }, later }
}

/** Whether a program has seen a state and written all of it. */
function isSettled(node: NodeState, program: Follower, revision: Revision): boolean {
  const { seen, writing } = node.programs[program]
  return seen === revision && writing === null && PARTS_OF[program].every((part) => node.parts[part] === revision)
}

/** The same at once, without any delay: who hears anything has written it. */
export function storedAtOnce(before: RunningState, revision: Revision): RunningState {
  const moved = (node: string, was: NodeState): NodeState =>
    FOLLOWERS.reduce((now, program) => {
      if (onlyLearns(before, program, node)) return withProgram(now, program, { learned: revision })
      return isDeaf(before, program, node) ? now : caughtUp(now, program, revision)
    }, was)
  const nodes = new Map([...before.nodes].map(([name, node]) => [name, moved(name, node)]))
  return { ...before, newest: revision, nodes, cohort: moved('', before.cohort) }
}

/** A node on which a program has seen and written a state. */
function caughtUp(node: NodeState, program: Follower, revision: Revision): NodeState {
  return withParts(
    withProgram(node, program, { seen: revision, learned: null, writing: null }),
    PARTS_OF[program],
    revision,
  )
}

/** A state in which nothing takes time: who starts is up, and who hears anything has written it. */
export function atOnce(before: RunningState): RunningState {
  const up = (node: NodeState): NodeState =>
    FOLLOWERS.reduce(
      (now, program) =>
        now.programs[program].state === 'starting' ? withProgram(now, program, { state: 'running' }) : now,
      node,
    )
  const nodes = new Map([...before.nodes].map(([name, node]) => [name, up(node)]))
  return storedAtOnce({ ...before, nodes, cohort: up(before.cohort) }, before.newest)
}

/** A program hears of a state: unless it is writing it begins to, as soon as it may. */
export function heard(before: RunningState, step: Step & { kind: 'hear' }, moment: Moment): Outcome {
  const { program, node, life, revision } = step
  const was = nodeAt(before, node)
  const { seen, writing, life: now } = was.programs[program]
  if (now === life && onlyLearns(before, program, node)) {
    const isNewer = revision.number > Math.max(seen.number, was.programs[program].learned?.number ?? 0)
    if (!isNewer) return { state: before, later: [] }
    return { state: withNode(before, node, withProgram(was, program, { learned: revision })), later: [] }
  }
  const isStale = now !== life || isDeaf(before, program, node) || seen.number >= revision.number
  if (isStale) return { state: before, later: [] }
  const fresh = withProgram(was, program, { seen: revision })
  return begun(withNode(before, node, fresh), program, node, writing === null, moment)
}

/** Arms the beginning of a write, where none is under way. */
function begun(state: RunningState, program: Follower, node: string, isIdle: boolean, moment: Moment): Outcome {
  if (!isIdle) return { state, later: [] }
  const now = nodeAt(state, node)
  const own = now.programs[program]
  const name = BEGINS[program]
  const flush = name === null ? 0 : drawnDelay(name, { seed: moment.seed, event: own.seen.event, node })
  const { wait } = throttled(program, own, moment.now + flush)
  const waiting = withNode(state, node, withProgram(now, program, { writing: own.seen }))
  const { life } = own
  return { state: waiting, later: [{ delay: flush + wait, step: { kind: 'begin', program, node, life } }] }
}

/** A program begins to write the newest that it has heard of. */
export function began(before: RunningState, step: Step & { kind: 'begin' }, { seed, now }: Moment): Outcome {
  const { program, node, life } = step
  const was = nodeAt(before, node)
  const own = was.programs[program]
  if (own.life !== life) return { state: before, later: [] }
  const revision = own.seen
  const { tokens } = throttled(program, own, now)
  const writing = withNode(before, node, withProgram(was, program, { writing: revision, wrote: now, tokens }))
  const draw = { seed, event: revision.event, node }
  const later: Later[] = []
  let [start, end] = [0, 0]
  for (const [name, part, besidePrevious] of WRITES[program]) {
    if (besidePrevious !== true) start = end
    const done = start + (name === null ? 0 : drawnDelay(name, draw))
    end = Math.max(end, done)
    later.push({ delay: done, step: { kind: 'write', program, node, life, revision, parts: [part] } })
  }
  return { state: writing, later: [...later, { delay: end, step: { kind: 'done', program, node, life } }] }
}

/** A program writes parts of a state. */
export function wrote(before: RunningState, step: Step & { kind: 'write' }): Outcome {
  const { program, node, life, revision, parts } = step
  const was = nodeAt(before, node)
  if (was.programs[program].life !== life) return { state: before, later: [] }
  const learned = was.programs[program].learned === null ? was : withProgram(was, program, { learned: null })
  return { state: withNode(before, node, withParts(learned, parts, revision)), later: [] }
}

/** A program has written all of it, and goes on with what it heard meanwhile. */
export function done(before: RunningState, step: Step & { kind: 'done' }, moment: Moment): Outcome {
  const { program, node, life } = step
  const was = nodeAt(before, node)
  const { seen, writing, life: now } = was.programs[program]
  if (now !== life) return { state: before, later: [] }
  const idle = withNode(before, node, withProgram(was, program, { writing: null }))
  return seen === writing ? { state: idle, later: [] } : begun(idle, program, node, true, moment)
}

/** A program is up: it reads what is stored, and writes all of it. */
export function started(before: RunningState, step: Step & { kind: 'started' }, moment: Moment): Outcome {
  const { program, node, life } = step
  const was = nodeAt(before, node)
  const own = was.programs[program]
  if (own.life !== life || own.state !== 'starting') return { state: before, later: [] }
  const up = withNode(before, node, withProgram(was, program, { state: 'running', since: moment.now }))
  if (isDeaf(up, program, node)) return { state: up, later: [] }
  const read = withProgram(nodeAt(up, node), program, { seen: up.newest })
  return begun(withNode(up, node, read), program, node, true, moment)
}

/** Those who could not hear for a while and can now hear what is stored. */
export function catchingUp(
  state: RunningState,
  programs: readonly Follower[],
  nodes: readonly string[] | null,
  moment: Moment,
  before: readonly DelayName[] = [],
): readonly Later[] {
  const revision = state.newest
  return (nodes ?? everyNode(state)).flatMap((node) =>
    programs.flatMap((program): Later[] => {
      if (isDeaf(state, program, node)) return []
      const { life } = nodeAt(state, node).programs[program]
      const delay = hearing(program, node, revision, moment, before)
      return [{ delay, step: { kind: 'hear', program, node, life, revision } }]
    }),
  )
}
