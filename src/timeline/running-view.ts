import type { Cluster } from '../control/index.ts'
import { type BirdSince, birdSince } from './bird-since.ts'
import type { RunningState } from './running-state.ts'
import { clusterOfBird } from './sessions.ts'
import { keptAt, type ToldEvent } from './told-events.ts'

/** What there is to see of a running cluster at a moment, beside its objects. */
export interface RunningView {
  /** What controllers and kubelets told of objects within the last hour, what was told last at the end. */
  readonly told: readonly ToldEvent[]
  /** The cluster as BIRD of a node has it: as confd configured it last, with sessions as they are; null where it does not run. */
  birdOf(node: string): Cluster | null
  /** Since when it runs, and sessions are as they are. */
  birdSince(node: string): BirdSince
  /** Whether Calico has put its CNI configuration, and what goes with it, on a node, whatever somebody took away since. */
  hasCni(node: string): boolean
  /** Whether kubelet of a node finds a CNI configuration. */
  findsCni(node: string): boolean
}

/** What there is to see of a state. @param now - virtual time, in nanoseconds */
export function viewOf(state: RunningState, now: number): RunningView {
  return {
    get told() {
      return keptAt(state.told, now)
    },
    birdOf: (node) => clusterOfBird(state, node),
    birdSince: (node) => birdSince(state, node),
    findsCni: (node) => state.memory.cni.has(node),
    hasCni: (node) => state.memory.cni.has(node) || state.memory.cniTaken.has(node),
  }
}
