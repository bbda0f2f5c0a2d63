import { type Cluster, type StateChange, stateChanges } from '../control/index.ts'
import type { Namespace, Network } from '../model/index.ts'
import type { Family } from '../wire/index.ts'
import { changedNames } from './changed-names.ts'
import type { RunningState } from './running-state.ts'

/** Whether TCP comes through from one end of a BGP session to the other. */
export interface TriedWay {
  readonly a: string
  readonly b: string
  readonly family: Family
  /** What BIRD says where it dials; null = it comes through. */
  readonly words: string | null
}

/** Tries the ways of BGP sessions in a network. @param nodes - of the sessions of these; undefined = of all */
export type WayTrier = (
  cluster: Cluster,
  network: Network,
  nodes: ReadonlySet<string> | undefined,
) => readonly TriedWay[]

/** Ways that are not as the cluster has them, because of what somebody changed by hand: by session (`4 a b`, a < b). */
export type HandWays = ReadonlyMap<string, string | null>

/** Names of a session, in both orders of its ends. */
function keysOf({ a, b, family }: Pick<TriedWay, 'a' | 'b' | 'family'>): readonly [string, string] {
  return a < b ? [`${family} ${a} ${b}`, `${family} ${b} ${a}`] : [`${family} ${b} ${a}`, `${family} ${a} ${b}`]
}

/** Things of which BGP sessions take no notice. */
const BESIDES: ReadonlySet<StateChange['thing']> = new Set(['set', 'fdb'])

/** Whether packets between machines may meet a change. */
function mayTurn({ thing, what }: StateChange): boolean {
  return !BESIDES.has(thing) && !(thing === 'route' || thing === 'neighbour' ? / dev (cali|vxlan)/.test(what) : false)
}

/** The ways after namespaces became others. Those of pods lead nowhere that sessions go; those of others than nodes may be on any way. */
export function waysAfter(state: RunningState, was: Network, network: Network, tryWays: WayTrier): HandWays {
  const { newest, edits } = state
  const { cluster } = newest
  const roleOf = (name: string): Namespace['role'] | undefined =>
    (network.namespaces[name] ?? was.namespaces[name])?.role
  const changed = changedNames(was, network, state.nodes.keys()).filter((name) => {
    if (roleOf(name) === 'pod' || roleOf(name) === 'container') return false
    return network.namespaces[name] === undefined || stateChanges(was, network, name).some(mayTurn)
  })
  if (changed.length === 0 && was.wires === network.wires) return edits.ways
  const isOfNodes = changed.every((name) => roleOf(name) === 'node') && was.wires === network.wires
  const nodes = isOfNodes ? new Set(changed) : undefined
  const ways = new Map(edits.ways)
  for (const way of tryWays(cluster, network, nodes)) {
    const [key, other] = keysOf(way)
    const usual = cluster.bgpFaults.get(key) ?? cluster.bgpFaults.get(other) ?? null
    if (way.words === usual) ways.delete(key)
    else ways.set(key, way.words)
  }
  const isSame = ways.size === edits.ways.size && [...ways].every(([key, words]) => edits.ways.get(key) === words)
  return isSame ? edits.ways : ways
}
