import {
  type Cluster,
  endpointsIn,
  nodesIn,
  nodesUnderOtherPolicies,
  podsThatDiffer,
  stateChanges,
} from '../control/index.ts'
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
  /** Of the others nothing may be otherwise but their rules. */
  readonly isOfRules?: true
}

/**
 * What the log says of the namespaces that are others than before: each change of a node that is followed by itself, of its pods and of
 * the machines beside the nodes; of the nodes that move as one which were written anew, in one entry.
 */
export function entriesOfNetwork(moved: Moved, common: Common): LogEntry[] {
  const { was, fresh } = moved
  const { names, others, isOfRules } = toTell(moved)
  const told = entriesOfNames(was, fresh, names, common)
  return others.length === 0
    ? told
    : [...told, { ...common, op: 'replace', thing: 'nodes', what: words(moved, others, isOfRules) }]
}

/** What the log says of what a user changed by hand, wherever that is. */
export function entriesByHand(was: Network, fresh: Network, { nodes }: RunningState, common: Common): LogEntry[] {
  const names =
    changesBetween(was.namespaces, fresh.namespaces)?.names ??
    (isLazy(fresh.namespaces) ? [...nodes.keys()] : all(was, fresh))
  return entriesOfNames(was, fresh, names, common)
}

function entriesOfNames(was: Network, fresh: Network, names: readonly string[], common: Common): LogEntry[] {
  const { event, actor, at } = common
  const entries: LogEntry[] = []
  for (const netns of names) {
    for (const { op, thing, what, origin } of stateChanges(was, fresh, netns)) {
      // Two literals, and no spread: each entry would be a hidden class of its own to V8, and a log holds thousands.
      entries.push(
        origin === undefined
          ? { event, actor, at, netns, op, thing, what }
          : { event, actor, at, netns, op, thing, what, origin },
      )
    }
  }
  return entries
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
  const isNode = nodesIn(after.newest.cluster)
  const pods = [before, after].map(({ newest }) => endpointsIn(newest.cluster.workloadEndpoints))
  const isFollowed = (name: string): boolean => {
    if (after.nodes.has(name) || before.nodes.has(name)) return true
    if (isNode.has(name)) return false
    const homes = pods.flatMap((those) => those.at(name)?.node ?? [])
    return homes.length === 0 || homes.some((home) => after.nodes.has(home))
  }
  const told: string[] = []
  const others: string[] = []
  const own = new Set(names)
  const look = (name: string): void => {
    if (isFollowed(name)) told.push(name)
    if (isNode.has(name) && !after.nodes.has(name)) others.push(name)
  }
  for (const name of own) look(name)
  for (const name of isShared ? isNode : firewalls) if (!own.has(name)) look(name)
  if (isShared || names.length > 0) return { names: told, others }
  return { names: told, others: underOtherPolicies(moved, others), isOfRules: true }
}

/** Those whose rules may be others, where nothing else may. */
function underOtherPolicies({ before, after }: Moved, names: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const part of PARTS) {
    const [was, now] = [before, after].map(({ cohort }) => cohort.parts[part]?.cluster)
    if (was === now) continue
    const others = was && now && nodesUnderOtherPolicies(was, now, names)
    if (others === undefined) return names
    for (const name of others) found.add(name)
  }
  return [...found]
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

const RULES: readonly string[] = ['sets', 'chains']

const PARTS = Object.keys(WORDS) as readonly Part[]

/** Up to this many nodes have their names in an entry about nodes that move as one. */
const FEW = 3

function words({ before, after }: Moved, names: readonly string[], isOfRules = false): string {
  const moved = PARTS.filter((part) => before.cohort.parts[part] !== after.cohort.parts[part])
  const isStored = before.newest !== after.newest
  const all = [...(isStored ? ['pods and machines'] : []), ...moved.map((part) => WORDS[part])]
  const things = new Set(isOfRules ? all.filter((one) => RULES.includes(one)) : all)
  const what = things.size === 0 ? 'state' : [...things].join(', ')
  const where = names.length > FEW ? `${names.length} nodes` : names.join(', ')
  return `${what} of ${where}, not looked at`
}
