import type { Revision } from './revision.ts'
import { FOLLOWERS, type Follower } from './watching.ts'

/** What a program does on a node. */
export type ProgramState = 'running' | 'starting' | 'stopped' | 'killed' | 'cut'

/** What a program writes on a node at one moment: Felix writes in parts. */
export type Part = 'felixSets' | 'felixDevices' | 'felixRoutes' | 'felixRules' | 'bird' | 'proxy'

/** From which stored state each part of a node is written; null = nothing is, since the machine was started. */
export type Parts = Readonly<Record<Part, Revision | null>>

/** What each program writes, in its order. */
export const PARTS_OF: Readonly<Record<Follower, readonly Part[]>> = {
  felix: ['felixSets', 'felixDevices', 'felixRoutes', 'felixRules'],
  bird: ['bird'],
  'kube-proxy': ['proxy'],
}

/** Every part. */
const PARTS: readonly Part[] = FOLLOWERS.flatMap((program) => PARTS_OF[program])

/** A program on a node. */
export interface FollowerState {
  readonly state: ProgramState
  /** Since when, in nanoseconds. */
  readonly since: number
  /** How often it was started or stopped: what it was about to do before is not done. */
  readonly life: number
  /** What it has heard of. */
  readonly seen: Revision
  /** What it has heard of by others than its datastore, which it cannot hear: BIRD by its sessions; null = nothing since. */
  readonly learned: Revision | null
  /** What it is writing, while it writes; null = it has nothing to do. */
  readonly writing: Revision | null
  /** When it last began to write, in nanoseconds. */
  readonly wrote: number
  /** How often it may begin at once, as of then. */
  readonly tokens: number
}

/** The programs of a node and what they have written. */
export interface NodeState {
  readonly programs: Readonly<Record<Follower, FollowerState>>
  readonly parts: Parts
}

/** A node on which every program runs, and has written what there is to write. */
export function settledNode(revision: Revision, tokens: number): NodeState {
  const program: FollowerState = {
    state: 'running',
    since: 0,
    life: 0,
    seen: revision,
    learned: null,
    writing: null,
    wrote: -1,
    tokens,
  }
  const programs = { felix: program, bird: program, 'kube-proxy': program }
  return { programs, parts: partsAt(revision) }
}

/** The same on a machine that is not up: no program runs, and this is what they have written. */
export function endedNode({ programs }: NodeState, parts: Parts): NodeState {
  const ended = Object.entries(programs).map(([name, program]) => [name, { ...program, state: 'killed' }])
  return { programs: Object.fromEntries(ended) as NodeState['programs'], parts }
}

/** Every part written from one state. */
export function partsAt(revision: Revision | null): Parts {
  return Object.fromEntries(PARTS.map((part) => [part, revision])) as unknown as Parts
}

/** A node with another state of one of its programs. */
export function withProgram(node: NodeState, program: Follower, change: Partial<FollowerState>): NodeState {
  return { ...node, programs: { ...node.programs, [program]: { ...node.programs[program], ...change } } }
}

/** A node on which some parts were written from a state. */
export function withParts(node: NodeState, parts: readonly Part[], revision: Revision): NodeState {
  if (parts.every((part) => node.parts[part] === revision)) return node
  return { ...node, parts: { ...node.parts, ...Object.fromEntries(parts.map((part) => [part, revision])) } }
}
