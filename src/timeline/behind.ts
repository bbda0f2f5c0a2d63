import type { Agent } from './event.ts'
import { PARTS_OF, type ProgramState } from './follower-state.ts'
import { nodeAt, type RunningState, stateOfAway, typhaAt } from './running-state.ts'
import type { Follower } from './watching.ts'

/** Why a node is not what the stored objects would make of it. */
export type Behind =
  | {
      /** A program that takes part in it does not run as usual. */
      readonly kind: 'agent'
      readonly agent: Agent
      /** Where; absent for one that a cluster has once, and for Typhas that all do as one. */
      readonly node?: string
      readonly state: Exclude<ProgramState, 'running'>
      /** Since when, in nanoseconds. */
      readonly since: number
    }
  | {
      /** The program has yet to write what an event asks for. */
      readonly kind: 'late'
      readonly agent: Agent
      readonly node: string
      readonly event: number
    }

/** By way of whom a program hears of what is stored, nearest first. */
const BY_WAY_OF: Readonly<Record<Follower, readonly Agent[]>> = {
  felix: ['typha'],
  bird: ['confd', 'typha'],
  'kube-proxy': [],
}

/** Why a program has not written on a node what the stored objects ask for; undefined = it has. */
export function behindAt(state: RunningState, program: Follower, node: string): Behind | undefined {
  const { programs, parts } = nodeAt(state, node)
  const { newest } = state
  if (PARTS_OF[program].every((part) => parts[part] === newest)) return undefined
  const own = programs[program]
  if (own.state !== 'running') return { kind: 'agent', agent: program, node, state: own.state, since: own.since }
  for (const agent of BY_WAY_OF[program]) {
    const { home, state: there } =
      agent === 'typha' ? typhaAt(state, node) : { home: node, state: stateOfAway(state, agent, node) }
    if (there === 'running') continue
    const since = (state.away.get(`${agent} ${home}`) ?? state.away.get(agent))?.since ?? 0
    return { kind: 'agent', agent, ...(home === undefined ? {} : { node: home }), state: there, since }
  }
  return { kind: 'late', agent: program, node, event: newest.event }
}
