import {
  type Chain,
  dictionary,
  eachMember,
  type FdbEntry,
  fdbEntryOf,
  type Interface,
  type IpSet,
  keptIn,
  type Namespace,
  type Neighbour,
  type NetworkData,
  neighbourOf,
  type Origin,
  type Route,
  type Ruleset,
  routeOf,
  type SharedEntry,
  type SharedTable,
  type SharedView,
  sees,
  type TableName,
} from '../../model/index.ts'
import { movedByPods } from '../policy/moved-members.ts'
import { chainsThatMayDiffer } from '../ruleset-part.ts'
import {
  addressEntries,
  fdbEntry,
  interfaceEntry,
  isSameChain,
  membersIn,
  neighbourEntry,
  peerEntries,
  proxyEntry,
  routeEntry,
  ruleEntry,
  type StateEntry,
  setText,
} from './state-entries.ts'

/** One thing that is otherwise in one state of a machine than in another. */
export interface StateChange {
  /** What was done. */
  readonly op: 'add' | 'delete' | 'replace'
  /** To what. */
  readonly thing:
    | 'interface'
    | 'address'
    | 'route'
    | 'rule'
    | 'neighbour'
    | 'fdb'
    | 'sysctl'
    | 'chain'
    | 'set'
    | 'namespace'
  /** Which, in the words of its tool; of what is replaced, as it is now. */
  readonly what: string
  /** As it was, of what is replaced. */
  readonly was?: string
  /** What made it; of what is deleted, what had made it. */
  readonly origin?: Origin
}

type Thing = StateChange['thing']

/** A network as far as it decides what a namespace shares. */
export type Sharing = Pick<NetworkData, 'namespaces' | 'shared'>

function change(op: StateChange['op'], thing: Thing, { text, origin }: StateEntry, was?: StateEntry): StateChange {
  const what = text
  if (was !== undefined) return origin ? { op, thing, what, was: was.text, origin } : { op, thing, what, was: was.text }
  return origin ? { op, thing, what, origin } : { op, thing, what }
}

/** Entries by their keys; of several of one key each counts. */
function byKey(entries: readonly StateEntry[]): Map<string, StateEntry> {
  const all = new Map<string, StateEntry>()
  for (const entry of entries) {
    let { key } = entry
    while (all.has(key)) key += '+'
    all.set(key, entry)
  }
  return all
}

function entriesDiffer(thing: Thing, was: readonly StateEntry[], fresh: readonly StateEntry[]): StateChange[] {
  const before = byKey(was)
  const changes: StateChange[] = []
  const after = byKey(fresh)
  for (const [key, entry] of before) if (!after.has(key)) changes.push(change('delete', thing, entry))
  for (const [key, entry] of after) {
    const old = before.get(key)
    if (old === undefined) changes.push(change('add', thing, entry))
    else if (old.text !== entry.text) changes.push(change('replace', thing, entry, old))
  }
  return changes
}

/** What two lists do not have in common at their beginnings and ends. */
function apart<T>(was: readonly T[], fresh: readonly T[]): readonly [readonly T[], readonly T[]] {
  let first = 0
  let [a, b] = [was.length, fresh.length]
  while (first < a && first < b && was[first] === fresh[first]) first++
  while (a > first && b > first && was[a - 1] === fresh[b - 1]) {
    a--
    b--
  }
  return [was.slice(first, a), fresh.slice(first, b)]
}

/** Up to this many elements are looked for in a list one by one. */
const FEW = 4

/** Those of some elements that a list does not have. */
function missing<T>(some: readonly T[], list: readonly T[]): readonly T[] {
  if (some.length <= FEW) return some.filter((one) => !list.includes(one))
  const all = new Set(list)
  return some.filter((one) => !all.has(one))
}

/** Lists whose elements are mostly the same objects: of those nothing is written. */
function listsDiffer<T>(
  thing: Thing,
  was: readonly T[],
  fresh: readonly T[],
  entryOf: (one: T) => StateEntry,
): StateChange[] {
  if (was === fresh) return []
  const [before, after] = apart(was, fresh)
  return entriesDiffer(thing, missing(before, fresh).map(entryOf), missing(after, was).map(entryOf))
}

/** What a namespace has of one sort, of its own and by tables that it shares; what both sides share in the same way is left out. */
function withShared<T>(
  own: readonly T[],
  seen: readonly Seen[],
  as: SharedView['as'],
  name: string,
  make: (entry: SharedEntry, view: SharedView) => T | undefined,
): readonly T[] {
  const shared = seen.filter(({ view }) => view.as === as)
  if (shared.length === 0) return own
  const made = shared.flatMap(({ view, table }) =>
    table.entries.flatMap((entry) => (sees(view, name, entry) ? (make(entry, view) ?? []) : [])),
  )
  return [...own, ...made]
}

interface Seen {
  readonly view: SharedView
  readonly table: SharedTable
}

function seenIn({ shared }: Sharing, ns: Namespace): Seen[] {
  return (ns.shared ?? []).flatMap((view) => {
    const table = shared[view.table]
    return table === undefined ? [] : [{ view, table }]
  })
}

/** Whether entries are the same by both views, whatever their tables are called. */
function isSameView(a: Seen, b: Seen): boolean {
  if (a.table !== b.table) return false
  const plain = ({ view }: Seen): string => JSON.stringify({ ...view, table: '', origin: undefined })
  return a.view === b.view || plain(a) === plain(b)
}

/** The shared part of both sides, without what they have in common. */
function sharedApart(was: readonly Seen[], fresh: readonly Seen[]): readonly [readonly Seen[], readonly Seen[]] {
  const left = [...fresh]
  const gone = was.filter((one) => {
    const at = left.findIndex((other) => isSameView(one, other))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [gone, left]
}

function sysctlsDiffer(was: Namespace, fresh: Namespace): StateChange[] {
  if (was.sysctls === fresh.sysctls) return []
  const of = ({ sysctls, sysctlOrigins, origin }: Namespace, others: Namespace): StateEntry[] =>
    Object.keys(sysctls).flatMap((key) => {
      if (sysctls[key] === others.sysctls[key]) return []
      const by = sysctlOrigins?.[key] ?? origin
      return [{ key, text: `${key} = ${sysctls[key]}`, ...(by === undefined ? {} : { origin: by }) }]
    })
  return entriesDiffer('sysctl', of(was, fresh), of(fresh, was))
}

const NO_INTERFACES: Readonly<Record<string, Interface>> = dictionary()

function interfacesDiffer(was: Namespace, fresh: Namespace): StateChange[] {
  const [a = NO_INTERFACES, b = NO_INTERFACES] = [was.interfaces, fresh.interfaces]
  if (a === b) return []
  const before = Object.values(a).filter((dev) => b[dev.name] !== dev)
  const after = Object.values(b).filter((dev) => a[dev.name] !== dev)
  const of = (entries: (dev: Interface) => StateEntry[], devs: readonly Interface[]): StateEntry[] =>
    devs.flatMap(entries)
  const links = entriesDiffer('interface', before.map(interfaceEntry), after.map(interfaceEntry))
  const peers = entriesDiffer('interface', of(peerEntries, before), of(peerEntries, after))
  return [...links, ...peers, ...entriesDiffer('address', of(addressEntries, before), of(addressEntries, after))]
}

const NO_CHAINS: Readonly<Record<string, Chain>> = dictionary()

/** Chains that differ: `cali-fw-…`, `-t nat cali-nat-outgoing`, with `ip6tables` before those of IPv6. */
function chainsDiffer(was: Ruleset | undefined, fresh: Ruleset | undefined, family: 'inet' | 'inet6'): StateChange[] {
  if (was === fresh) return []
  const names = new Set([...Object.keys(was?.tables ?? {}), ...Object.keys(fresh?.tables ?? {})] as TableName[])
  return [...names].flatMap((table) => {
    const [a, b] = [was?.tables[table], fresh?.tables[table]]
    if (a === b) return []
    const place = `${family === 'inet6' ? 'ip6tables ' : ''}${table === 'filter' ? '' : `-t ${table} `}`
    const known = a && b && chainsThatMayDiffer(table, a, b)
    return tablesDiffer(a?.chains ?? NO_CHAINS, b?.chains ?? NO_CHAINS, place, known)
  })
}

const sameChains = new WeakMap<Chain, WeakMap<Chain, boolean>>()

/** Nodes share chains that are not about their pods: each pair is compared once. */
function isSame(was: Chain, now: Chain): boolean {
  const known = keptIn(sameChains, was, () => new WeakMap<Chain, boolean>())
  return keptIn(known, now, () => isSameChain(was, now))
}

function tablesDiffer(
  a: Readonly<Record<string, Chain>>,
  b: Readonly<Record<string, Chain>>,
  place: string,
  known: ReadonlySet<string> | undefined,
): StateChange[] {
  const names = known ?? new Set([...Object.getOwnPropertyNames(a), ...Object.getOwnPropertyNames(b)])
  return [...names].flatMap((name): StateChange[] => {
    const [old, now] = [a[name], b[name]]
    if (old === now) return []
    if (old !== undefined && now !== undefined && isSame(old, now)) return []
    const op = old === undefined ? 'add' : now === undefined ? 'delete' : 'replace'
    const origin = (now ?? old)?.rules.find((rule) => rule.origin !== undefined)?.origin
    return [change(op, 'chain', { key: name, text: `${place}${name}`, ...(origin === undefined ? {} : { origin }) })]
  })
}

type Sets = Readonly<Record<string, IpSet>>

/** Members that came to a set, and that are gone. */
export interface MembersMoved {
  /** Those that came. */
  readonly come: readonly string[]
  /** Those that are gone. */
  readonly gone: readonly string[]
}

const membersOfPairs = new WeakMap<IpSet, WeakMap<IpSet, MembersMoved>>()

/** Members that came to a set, and that are gone. Nodes with the same policies have the very same sets: each pair is compared once. */
export function movedMembers(was: IpSet | undefined, now: IpSet | undefined): MembersMoved {
  if (was === undefined || now === undefined) return comparedMembers(was, now)
  const known = keptIn(membersOfPairs, was, () => new WeakMap<IpSet, MembersMoved>())
  return keptIn(known, now, () => comparedMembers(was, now))
}

/** The members of sets that were asked for last: what is new in one comparison is what was there in the next. */
const latest = new Map<IpSet, ReadonlySet<string>>()
const MOST_LATEST = 4

function membersOf(set: IpSet | undefined): ReadonlySet<string> {
  if (set === undefined) return membersIn(set)
  const members = latest.get(set) ?? membersIn(set)
  latest.delete(set)
  latest.set(set, members)
  for (const one of latest.keys()) {
    if (latest.size <= MOST_LATEST) break
    latest.delete(one)
  }
  return members
}

function comparedMembers(was: IpSet | undefined, now: IpSet | undefined): MembersMoved {
  const known = was && now && movedByPods(was, now)
  if (known !== undefined) return { come: inOrderOf(now!, known.come), gone: inOrderOf(was!, known.gone) }
  const [before, after] = [membersOf(was), membersOf(now)]
  return {
    come: [...after].filter((member) => !before.has(member)),
    gone: [...before].filter((member) => !after.has(member)),
  }
}

/** Members of a set in the order in which it has them. */
function inOrderOf(set: IpSet, members: ReadonlySet<string>): readonly string[] {
  if (members.size < 2) return [...members]
  const found = new Set<string>()
  for (const member of eachMember(set)) {
    if (members.has(member)) found.add(member)
    if (found.size === members.size) break
  }
  return [...found]
}

function setsDiffer(a: Sets, b: Sets): StateChange[] {
  if (a === b) return []
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].flatMap((name): StateChange[] => {
    const [old, now] = [a[name], b[name]]
    if (old === now) return []
    const { come, gone } = movedMembers(old, now)
    if (old !== undefined && now !== undefined && come.length + gone.length === 0 && old.type === now.type) return []
    const op = old === undefined ? 'add' : now === undefined ? 'delete' : 'replace'
    const { origin } = (now ?? old)!
    const text = op === 'delete' ? name : setText((now ?? old)!, come, gone)
    return [change(op, 'set', { key: name, text, ...(origin === undefined ? {} : { origin }) })]
  })
}

/**
 * What is otherwise in a namespace of one network than in that of another: interfaces, addresses, routes, rules, neighbours, forwarding
 * entries, sysctls, chains and sets, each once, what follows first. Members that are the same object on both sides are not looked at.
 */
export function stateChanges(was: Sharing, fresh: Sharing, name: string): readonly StateChange[] {
  const [a, b] = [was, fresh].map(({ namespaces }) => (Object.hasOwn(namespaces, name) ? namespaces[name] : undefined))
  if (a === undefined || b === undefined) {
    if (a === b) return []
    const { origin } = (a ?? b)!
    return [
      change(a === undefined ? 'add' : 'delete', 'namespace', { key: name, text: name, ...(origin && { origin }) }),
    ]
  }
  if (a === b && was.shared === fresh.shared) return []
  const [gone, come] = sharedApart(seenIn(was, a), seenIn(fresh, b))
  const routes = (ns: Namespace, seen: readonly Seen[]): readonly Route[] =>
    withShared(ns.routes, seen, 'route', name, routeOf)
  const neighbours = (ns: Namespace, seen: readonly Seen[]): readonly Neighbour[] =>
    withShared(ns.neighbours, seen, 'neighbour', name, neighbourOf)
  const fdb = (ns: Namespace, seen: readonly Seen[]): readonly FdbEntry[] =>
    withShared(ns.fdb, seen, 'fdb', name, fdbEntryOf)
  return [
    ...setsDiffer(a.ipsets ?? {}, b.ipsets ?? {}),
    ...interfacesDiffer(a, b),
    ...sysctlsDiffer(a, b),
    ...listsDiffer('neighbour', neighbours(a, gone), neighbours(b, come), neighbourEntry),
    ...listsDiffer('neighbour', a.proxyNeighbours, b.proxyNeighbours, proxyEntry),
    ...listsDiffer('fdb', fdb(a, gone), fdb(b, come), fdbEntry),
    ...listsDiffer('route', routes(a, gone), routes(b, come), routeEntry),
    ...listsDiffer('rule', a.rules, b.rules, ruleEntry),
    ...chainsDiffer(a.iptables, b.iptables, 'inet'),
    ...chainsDiffer(a.ip6tables, b.ip6tables, 'inet6'),
  ]
}
