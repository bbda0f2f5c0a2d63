import type { Cluster } from '../control/index.ts'
import { startMemory } from '../controllers/index.ts'
import { isLazy } from '../model/index.ts'
import { settledNode } from './follower-state.ts'
import { NO_GARBAGE } from './garbage.ts'
import { NO_HAND_EDITS } from './resyncing.ts'
import type { Revision } from './revision.ts'
import type { RunningOptions } from './running-options.ts'
import type { RunningState } from './running-state.ts'
import { sessionsAtRest } from './sessions.ts'
import { FULL_TOKENS } from './throttle.ts'
import { NO_VISITS } from './visiting.ts'

/** Nodes of a cluster up to which each is followed by itself. */
const FEW = 64

/** A cluster in which nothing is under way. @param at - virtual time, in nanoseconds */
export function startState(
  cluster: Cluster,
  { delays, seed = 1 }: Pick<RunningOptions, 'delays' | 'seed'>,
  at: number,
): RunningState {
  const { resources } = cluster
  const newest: Revision = { number: 1, at, event: 0, resources, cluster }
  const settled = settledNode(newest, FULL_TOKENS)
  const isFew = cluster.nodes.length <= FEW || !isLazy(cluster.network.namespaces)
  return {
    newest,
    nodes: new Map(isFew ? cluster.nodes.map(({ name }) => [name, settled]) : []),
    cohort: settled,
    visits: NO_VISITS,
    away: new Map(),
    machines: new Map(),
    refusals: new Map(),
    leaks: [],
    endpoints: null,
    edits: NO_HAND_EDITS,
    garbage: NO_GARBAGE,
    sessions: sessionsAtRest(cluster, seed, delays !== 'calico', at),
    memory: startMemory(resources),
    told: [],
  }
}
