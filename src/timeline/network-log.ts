import { type Cluster, endpointsIn, nodesUnderOtherPolicies, podsThatDiffer, stateChanges } from '../control/index.ts'
import { changesBetween, isLazy, type NamespaceChanges, type Network } from '../model/index.ts'
import type { Part } from './follower-state.ts'
import type { LogEntry } from './log-entry.ts'
import type { RunningState } from './running-state.ts'

type Common = Pick<LogEntry, 'at' | 'event' | 'actor'>

/** Two networks, and the states of programs that wrote them. */
interface Moved {
  readonly was: Network
  readonly fresh: Network
  readonly before: RunningState
  readonly after: RunningState
}

/** Whose changes are told one by one, and of how many others it is told that something was written. */
interface ToTell {
  readonly names: readonly string[]
  readonly others: readonly string[]
}

/**
 * What the log says of the namespaces that are others than before: each change of a node that is followed by itself, of its pods and of
 * the machines beside the nodes; of the nodes that move as one which were written anew, in one entry.
 */
export function entriesOfNetwork(moved: Moved, common: Common): LogEntry[] {
  const { was, fresh } = moved
  const { names, others } = toTell(moved)
  const told = names.flatMap((name) =>
    stateChanges(was, fresh, name).map(({ was: _, ...change }): LogEntry => ({ ...common, netns: name, ...change })),
  )
  return others.length === 0
    ? told
    : [...told, { ...common, op: 'replace', thing: 'nodes', what: words(moved, others) }]
}

function toTell(moved: Moved): ToTell {
  const { was, fresh, before, after } = moved
  const changes = changesBetween(was.namespaces, fresh.namespaces)
  const { cluster } = after.newest
  const isEach = !isLazy(fresh.namespaces) && cluster.nodes.length === after.nodes.size
  if (changes !== undefined) return fromChanges(changes, moved)
  if (isEach) return { names: all(was, fresh), others: [] }
  const followed = [...after.nodes.keys()]
  const pods = followed.flatMap((node) => podsThatDiffer(node, before.newest.cluster, cluster))
  return { names: [...followed, ...pods], others: unseen(after, nodesOf(cluster)) }
}

function all(was: Network, fresh: Network): readonly string[] {
  return [...new Set([...Object.keys(was.namespaces), ...Object.keys(fresh.namespaces)])]
}

function nodesOf({ nodes }: Cluster): readonly string[] {
  return nodes.map(({ name }) => name)
}

/** The nodes of these that move as one. */
function unseen({ nodes }: RunningState, names: readonly string[]): readonly string[] {
  return names.filter((name) => !nodes.has(name))
}

function fromChanges({ names, firewalls }: NamespaceChanges, moved: Moved): ToTell {
  const { was, fresh, before, after } = moved
  const isShared = was.shared !== fresh.shared
  const written = new Set([...names, ...(isShared ? nodesOf(after.newest.cluster) : firewalls)])
  const isNode = new Set(nodesOf(after.newest.cluster))
  const pods = [before, after].map(({ newest }) => endpointsIn(newest.cluster.workloadEndpoints))
  const isFollowed = (name: string): boolean => {
    if (after.nodes.has(name) || before.nodes.has(name)) return true
    const homes = isNode.has(name) ? [name] : pods.flatMap((those) => those.at(name)?.node ?? [])
    return homes.length === 0 || homes.some((home) => after.nodes.has(home))
  }
  const told = [...written].filter(isFollowed)
  const others = unseen(after, [...written]).filter((name) => isNode.has(name))
  return { names: told, others: isShared || names.length > 0 ? others : underOtherPolicies(moved, others) }
}

/** Those whose rules may be others, where nothing else may. */
function underOtherPolicies({ before, after }: Moved, names: readonly string[]): readonly string[] {
  const [was, now] = [before, after].map(({ cohort }) => cohort.parts.felixRules?.cluster)
  if (names.length === 0 || was === undefined || now === undefined) return names
  return nodesUnderOtherPolicies(was, now, names) ?? names
}

/** What each part of a node is, in words. */
const WORDS: Readonly<Record<Part, string>> = {
  felixSets: 'sets',
  felixDevices: 'devices',
  felixRoutes: 'routes',
  felixRules: 'chains',
  bird: 'routes',
  proxy: 'chains',
}

/** Up to this many nodes have their names in an entry about nodes that move as one. */
const FEW = 3

function words({ before, after }: Moved, names: readonly string[]): string {
  const parts = Object.keys(WORDS) as Part[]
  const moved = parts.filter((part) => before.cohort.parts[part] !== after.cohort.parts[part])
  const isStored = before.newest !== after.newest
  const things = new Set([...(isStored ? ['pods and machines'] : []), ...moved.map((part) => WORDS[part])])
  const what = things.size === 0 ? 'state' : [...things].join(', ')
  const where = names.length > FEW ? `${names.length} nodes` : names.join(', ')
  return `${what} of ${where}, not looked at`
}
