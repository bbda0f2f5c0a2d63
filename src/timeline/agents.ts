import type { DelayName } from './delays.ts'
import { drawnDelay } from './delays.ts'
import type { Agent, AgentAction, ClusterAgent, NodeAgent } from './event.ts'
import { type ProgramState, withProgram } from './follower-state.ts'
import { catchingUp, type Moment, STARTS } from './following.ts'
import { clientsOf, nodeAt, type Outcome, type RunningState, stateOfAway, typhaAt, withNode } from './running-state.ts'
import type { Later } from './step.ts'
import { FOLLOWERS, type Follower } from './watching.ts'

/** Programs that run on every node. */
export const NODE_AGENTS: readonly NodeAgent[] = ['felix', 'bird', 'confd', 'kube-proxy', 'kubelet']

/** Programs that a cluster has once. */
export const CLUSTER_AGENTS: readonly ClusterAgent[] = [
  'api-server',
  'typha',
  'scheduler',
  'kube-controller-manager',
  'calico-kube-controllers',
]

/** What may be done to a program. */
export const AGENT_ACTIONS: readonly AgentAction[] = ['stop', 'kill', 'start', 'restart', 'cut', 'heal']

/** Whether a program writes on nodes what it makes of stored objects. */
export function isFollower(agent: Agent): agent is Follower {
  return FOLLOWERS.some((one) => one === agent)
}

function isOfNode(agent: Agent): boolean {
  return NODE_AGENTS.some((one) => one === agent)
}

/** Whether a program may be in a state in a place: on a machine that is off, or on its way, nobody starts it by hand. */
function mayBe({ machines }: RunningState, fresh: ProgramState, place: string): boolean {
  return fresh === 'stopped' || fresh === 'killed' || !machines.has(place)
}

/** What becomes of a program; undefined = what it is told to do it does already. */
function stateAfter(now: ProgramState, action: AgentAction): ProgramState | undefined {
  switch (action) {
    case 'stop':
      return now === 'stopped' || now === 'killed' ? undefined : 'stopped'
    case 'kill':
      return now === 'killed' ? undefined : 'killed'
    case 'start':
      return now === 'stopped' || now === 'killed' ? 'starting' : undefined
    case 'restart':
      return 'starting'
    case 'cut':
      return now === 'running' || now === 'starting' ? 'cut' : undefined
    case 'heal':
      return now === 'cut' ? 'running' : undefined
  }
}

/**
 * What is done to a program. Who stops leaves in the kernel what it wrote; who starts reads what is stored, and writes all of it
 * again.
 *
 * @param node - where; undefined = on every node, or the only one
 */
export function agentActed(
  before: RunningState,
  agent: Agent,
  node: string | undefined,
  action: AgentAction,
  moment: Moment & { readonly event: number },
): Outcome {
  if (!isFollower(agent)) return otherActed(before, agent, node, action, moment)
  // A node that is gone has no programs.
  const nodes = node === undefined ? [...before.nodes.keys(), ''] : before.nodes.has(node) ? [node] : []
  const later: Later[] = []
  const healed: string[] = []
  let state = before
  for (const name of nodes) {
    const was = nodeAt(state, name)
    const own = was.programs[agent]
    const fresh = stateAfter(own.state, action)
    if (fresh === undefined || !mayBe(before, fresh, name)) continue
    // What was heard before a cut is still written; who ends does not end what it was doing.
    const ends = fresh !== 'cut' && fresh !== 'running'
    const life = own.life + (ends ? 1 : 0)
    const change = { state: fresh, since: moment.now, life, ...(ends ? { writing: null } : {}) }
    state = withNode(state, name, withProgram(was, agent, change))
    if (fresh === 'running') healed.push(name)
    if (fresh !== 'starting') continue
    const delay = drawnDelay(STARTS[agent], { seed: moment.seed, event: moment.event, node: name })
    later.push({ delay, step: { kind: 'started', program: agent, node: name, life, event: moment.event } })
  }
  return { state, later: [...later, ...catchingUp(state, [agent], healed, moment)] }
}

/** Who writes nothing on nodes: others hear nothing without them. */
const HEARD_BY_WAY_OF: Readonly<Partial<Record<Agent, readonly [programs: readonly Follower[], delay: DelayName]>>> = {
  typha: [['felix', 'bird'], 'typha restart'],
  confd: [['bird'], 'confd render'],
}

function otherActed(
  before: RunningState,
  agent: Exclude<Agent, Follower>,
  node: string | undefined,
  action: AgentAction,
  moment: Moment & { readonly event: number },
): Outcome {
  // Where it does not as it does elsewhere; the empty name is that of everywhere else.
  const apart = new Set([...nodesApart(before, agent), ...(isOfNode(agent) ? before.machines.keys() : [])])
  const asked = node === undefined ? ['', ...apart] : [node]
  const away = new Map(before.away)
  const up: string[] = []
  for (const place of asked) {
    const was = stateOfAway(before, agent, place === '' ? undefined : place)
    const fresh = stateAfter(was, action)
    if (fresh !== undefined && !mayBe(before, fresh, place)) {
      const { since } = before.away.get(keyOfAway(agent, place)) ?? before.away.get(agent) ?? { since: moment.now }
      away.set(keyOfAway(agent, place), { state: was, since })
      continue
    }
    if (fresh === undefined) continue
    // Nothing of its own is to be seen while it starts: it is up, and who waits for it hears after a while.
    const isUp = fresh === 'running' || fresh === 'starting'
    if (isUp) up.push(place)
    away.set(keyOfAway(agent, place), { state: isUp ? 'running' : fresh, since: moment.now })
  }
  for (const place of [...asked].reverse()) if (isAsElsewhere(away, agent, place)) away.delete(keyOfAway(agent, place))
  const isSame = away.size === before.away.size && [...away].every(([key, one]) => before.away.get(key) === one)
  if (isSame) return { state: before, later: [] }
  const state = { ...before, away }
  const [programs, delay] = HEARD_BY_WAY_OF[agent] ?? [[], undefined]
  if ((up.length === 0 && agent !== 'typha') || delay === undefined) return { state, later: [] }
  const places = agent === 'typha' ? clientsThatHearAgain(before, state, node) : up.includes('') ? null : up
  return { state, later: catchingUp(state, programs, places, moment, [delay]) }
}

/** Nodes that something is done to when it is done to a program: whom a single Typha tells no longer do as all others do. */
export function nodesMeant(state: RunningState, agent: Agent, node: string | undefined): readonly string[] {
  if (node === undefined) return []
  return agent === 'typha' ? clientsOf(state, node) : [node]
}

/** Who hears by a Typha that was not heard; null = whoever there is, since all of Typha is meant. */
function clientsThatHearAgain(
  before: RunningState,
  after: RunningState,
  home: string | undefined,
): readonly string[] | null {
  if (home === undefined) return null
  const isHeard = (state: RunningState, node: string): boolean => typhaAt(state, node).state === 'running'
  return [...after.nodes.keys(), ''].filter((node) => !isHeard(before, node) && isHeard(after, node))
}

/** Nodes on which it is said what a program does, whatever it does elsewhere. */
function nodesApart({ away }: RunningState, agent: Agent): string[] {
  return [...away.keys()].flatMap((key) => (key.startsWith(`${agent} `) ? [key.slice(agent.length + 1)] : []))
}

function keyOfAway(agent: Agent, place: string): string {
  return place === '' ? agent : `${agent} ${place}`
}

/** Whether what is said of a program in a place need not be. */
function isAsElsewhere(away: RunningState['away'], agent: Agent, place: string): boolean {
  const [here, elsewhere] = [away.get(keyOfAway(agent, place)), place === '' ? undefined : away.get(agent)]
  return here !== undefined && here.state === (elsewhere?.state ?? 'running')
}

/** The state of a program. */
export function agentState(state: RunningState, agent: Agent, node?: string): ProgramState {
  return isFollower(agent) ? nodeAt(state, node ?? '').programs[agent].state : stateOfAway(state, agent, node)
}
