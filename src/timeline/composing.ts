import { allSee, type Cluster, type NodeViews, onlyView, ViewedNetworks } from '../control/index.ts'
import { isLazy, type Network } from '../model/index.ts'
import { clusterKnownToBird } from './bird-view.ts'
import type { NodeState } from './follower-state.ts'
import { type Leak, sandboxesLeft } from './leaks.ts'
import type { MachineState } from './machines/machine-state.ts'
import type { Revision } from './revision.ts'
import { nodeAt, type RunningState } from './running-state.ts'
import { clusterWithSessions, type Sessions } from './sessions.ts'

/** Puts the network together of what programs have written on each node. What did not change is the same object as before. */
export class Composer {
  private readonly networks = new ViewedNetworks()
  private readonly known = new Map<string, Known>()

  /** The network at a moment, without what users changed by hand. */
  network(state: RunningState): Network {
    const { newest, nodes, cohort } = state
    const { cluster } = newest
    const isCohort = nodes.size < cluster.nodes.length && isLazy(cluster.network.namespaces)
    const all = allSee(cluster)
    const common = isCohort ? this.views(state, '', cohort) : all
    const isSettled = onlyView(common) === cluster
    const own = new Map<string, NodeViews | null>()
    for (const [name, node] of nodes) {
      const views = isOff(state, name) ? null : this.views(state, name, node)
      if (views === null || !isSettled || onlyView(views) !== cluster) own.set(name, views)
    }
    for (const name of this.known.keys()) if (name !== '' && !nodes.has(name)) this.known.delete(name)
    return this.networks.network(isSettled ? all : common, own)
  }

  /** What the programs of a node have seen; null where the machine is off. */
  viewsAt(state: RunningState, name: string): NodeViews | null {
    return isOff(state, name) ? null : this.views(state, name, nodeAt(state, name))
  }

  private views({ newest, sessions, machines, leaks }: RunningState, name: string, node: NodeState): NodeViews {
    const known = this.known.get(name)
    const machine = machines.get(name)
    const isSame = known !== undefined && wroteTheSame(known.node, node)
    if (
      isSame &&
      known.newest === newest &&
      known.sessions === sessions &&
      known.machine === machine &&
      known.leaks === leaks
    )
      return known.views
    const bird = clusterKnownToBird(node)
    const frozen = sessions.frozen.get(name)
    const ofNow = (): Cluster | null => bird && clusterWithSessions(bird, sessions)
    const plain = viewsOf(node, newest, frozen === undefined ? ofNow() : frozen, machine?.phase === 'bare')
    const left = sandboxesLeft(leaks, name, newest.cluster, node.parts.felixRoutes?.number ?? 0)
    const views = left === undefined ? plain : { ...plain, ...left }
    this.known.set(name, { node, newest, sessions, machine, leaks, views })
    return views
  }
}

/**
 * Whether nothing of what a network is composed of differs between two states. Of the moments at which a program hears, begins and
 * ends, and its node is otherwise for itself, most change nothing that anybody could see.
 */
export function writesTheSame(a: RunningState, b: RunningState): boolean {
  if (a.newest !== b.newest || a.sessions !== b.sessions || a.leaks !== b.leaks) return false
  if (a.machines !== b.machines) return a.nodes === b.nodes && a.cohort === b.cohort
  if (!wroteTheSame(a.cohort, b.cohort) || a.nodes.size !== b.nodes.size) return false
  if (a.nodes === b.nodes) return true
  for (const [name, node] of b.nodes) {
    const was = a.nodes.get(name)
    if (was === undefined || !wroteTheSame(was, node)) return false
  }
  return true
}

function wroteTheSame(a: NodeState, b: NodeState): boolean {
  return a === b || (a.parts === b.parts && a.programs.bird.learned === b.programs.bird.learned)
}

function isOff({ machines }: RunningState, name: string): boolean {
  return machines.get(name)?.phase === 'off'
}

/** The views of a node, and of what. */
interface Known {
  readonly node: NodeState
  readonly newest: Revision
  readonly sessions: Sessions
  readonly machine: MachineState | undefined
  readonly leaks: readonly Leak[]
  readonly views: NodeViews
}

/**
 * What each program has seen that writes on a node. Its machine and the ends of its pods are those of what is stored: CNI stores what
 * it has made.
 */
function viewsOf({ parts }: NodeState, { cluster }: Revision, bird: Cluster | null, isBare: boolean): NodeViews {
  const seen = (revision: Revision | null): Cluster | null => revision?.cluster ?? null
  const felix = seen(parts.felixRules)
  return {
    machine: cluster,
    cni: isBare ? null : cluster,
    felix,
    felixSets: seen(parts.felixSets),
    felixDevices: seen(parts.felixDevices),
    felixRoutes: seen(parts.felixRoutes),
    felixRules: felix,
    bird,
    proxy: seen(parts.proxy),
    tunl0Stays: true,
  }
}
