import type { ControllersMemory } from '../controllers/index.ts'
import type { KeptEndpoints } from './endpoints-kept.ts'
import type { Agent } from './event.ts'
import { endedNode, type NodeState, type ProgramState, partsAt, settledNode } from './follower-state.ts'
import type { Garbage } from './garbage.ts'
import type { Leak } from './leaks.ts'
import type { MachineState } from './machines/machine-state.ts'
import type { HandEdits } from './resyncing.ts'
import type { Revision } from './revision.ts'
import type { SandboxRefusals } from './sandboxes.ts'
import type { Sessions } from './sessions.ts'
import type { Later } from './step.ts'
import { FULL_TOKENS } from './throttle.ts'
import type { ToldEvent } from './told-events.ts'
import { type TyphaOfNode, typhaOf, typhasIn } from './typhas.ts'
import { type Visits, visitsAmong } from './visiting.ts'
import type { Follower } from './watching.ts'

/** All that programs know and have written at one moment. Immutable. */
export interface RunningState {
  /** What is stored. */
  readonly newest: Revision
  /** Nodes that are followed one by one. */
  readonly nodes: ReadonlyMap<string, NodeState>
  /** All others, which move as one. */
  readonly cohort: NodeState
  /** Which of them are followed only for a while, and were. */
  readonly visits: Visits
  /** Agents that write nothing on nodes themselves and do not run as usual: by name, and node where they run on nodes. */
  readonly away: ReadonlyMap<string, { readonly state: ProgramState; readonly since: number }>
  /** Machines that are not simply on. */
  readonly machines: ReadonlyMap<string, MachineState>
  /** BGP sessions. */
  readonly sessions: Sessions
  /** What users edited by hand. */
  readonly edits: HandEdits
  /** Sandboxes of pods that the CNI plugin refused. */
  readonly refusals: SandboxRefusals
  /** Pods that went while nobody could take their networks down. */
  readonly leaks: readonly Leak[]
  /** What of IPAM is to be given back. */
  readonly garbage: Garbage
  /** What was written of endpoints when their controllers stopped; null = they run. */
  readonly endpoints: KeptEndpoints | null
  /** What controllers remember. */
  readonly memory: ControllersMemory
  /** What they told of objects. */
  readonly told: readonly ToldEvent[]
}

/** What a step makes of a state, and what follows from it. */
export interface Outcome {
  readonly state: RunningState
  readonly later: readonly Later[]
}

/** The node of this name; empty = those that move as one. */
export function nodeAt(state: RunningState, node: string): NodeState {
  return (node === '' ? undefined : state.nodes.get(node)) ?? state.cohort
}

/** The event that a program heard of last. */
export function eventHeard(state: RunningState, { program, node }: { program: Follower; node: string }): number {
  return nodeAt(state, node).programs[program].seen.event
}

/** A state with another state of a node. */
export function withNode(state: RunningState, node: string, fresh: NodeState): RunningState {
  if (node === '') return { ...state, cohort: fresh }
  return { ...state, nodes: new Map(state.nodes).set(node, fresh) }
}

/** The state of an agent that writes nothing on nodes. */
export function stateOfAway(state: RunningState, agent: Agent, node?: string): ProgramState {
  const here = node === undefined ? undefined : state.away.get(`${agent} ${node}`)
  return (here ?? state.away.get(agent))?.state ?? 'running'
}

/** The Typha by which programs of a node hear; of which one nobody asks where all do as one. */
export function typhaAt(state: RunningState, node: string): TyphaOfNode {
  const isApart = state.away.size > 0 && [...state.away.keys()].some((key) => key.startsWith('typha '))
  return isApart ? connectedTypha(state, node) : { state: stateOfAway(state, 'typha') }
}

function connectedTypha(state: RunningState, node: string): TyphaOfNode {
  return typhaOf(node, typhasIn(state.newest.resources), (home) => stateOfAway(state, 'typha', home))
}

/** Nodes that hear by the Typha of a node. */
export function clientsOf(state: RunningState, home: string): readonly string[] {
  const all = state.newest.cluster.nodes.map(({ name }) => name)
  return all.filter((name) => connectedTypha(state, name).home === home)
}

/** Whether what is stored does not come to a program: nobody tells it. */
export function isDeaf(state: RunningState, program: Follower, node: string): boolean {
  if (nodeAt(state, node).programs[program].state !== 'running') return true
  switch (program) {
    case 'felix':
      return typhaAt(state, node).state !== 'running'
    case 'bird':
      return typhaAt(state, node).state !== 'running' || stateOfAway(state, 'confd', node) !== 'running'
    case 'kube-proxy':
      return false
  }
}

/** Whether a program cannot hear of what is stored, and goes on learning from others: BIRD, by its sessions. */
export function onlyLearns(state: RunningState, program: Follower, node: string): boolean {
  if (program !== 'bird' || !isDeaf(state, program, node)) return false
  const { state: own } = nodeAt(state, node).programs.bird
  return own === 'running' || own === 'cut'
}

/** Whether Felix has written on a node what it makes of all that is stored. */
export function writesRules(state: RunningState, node: string): boolean {
  return nodeAt(state, node).parts.felixRules === state.newest
}

/** Nodes that are new are followed: by themselves where all are. Those that are gone are not. */
export function withNodesOf(state: RunningState, before: RunningState): RunningState {
  if (state.newest.resources.nodes === before.newest.resources.nodes) return state
  const { nodes } = state.newest.cluster
  const isFew = before.nodes.size === before.newest.cluster.nodes.length
  const names = new Set(nodes.map(({ name }) => name))
  const known = [...state.nodes].filter(([name]) => names.has(name))
  const settled = settledNode(state.newest, FULL_TOKENS)
  const fresh = (name: string): NodeState => {
    const phase = state.machines.get(name)?.phase
    return phase === undefined ? settled : endedNode(settled, phase === 'ending' ? settled.parts : partsAt(null))
  }
  const added = isFew ? nodes.flatMap(({ name }) => (state.nodes.has(name) ? [] : [[name, fresh(name)] as const])) : []
  return { ...state, nodes: new Map([...known, ...added]), visits: visitsAmong(state.visits, names) }
}
