import {
  addressKey,
  contains,
  type Ip,
  ipv4ToNumber,
  isIpv4,
  type Mac,
  macToKey,
  prefixAddress,
  prefixLength,
} from '../wire/index.ts'
import type { Namespace } from './namespace.ts'
import type { FdbEntry, Neighbour } from './neighbour.ts'
import type { NetworkData } from './network.ts'
import type { Origin } from './origin.ts'
import type { Route, Rule } from './route.ts'
import { inKernelOrder } from './route-order.ts'
import {
  fdbEntryOf,
  neighbourOf,
  routeOf,
  type SharedEntry,
  SharedIndex,
  type SharedView,
  sees,
} from './shared-table.ts'

/**
 * All routes of a namespace, those it shares with others written out, in the order the kernel prints them. For people and
 * printers; the engine reads shared tables as they are.
 */
export function routesOf(network: Pick<NetworkData, 'shared'>, ns: Namespace): Route[] {
  return inKernelOrder([...ns.routes, ...expand(network, ns, 'route', routeOf)])
}

/** All neighbours of a namespace, shared ones written out. */
export function neighboursOf(network: Pick<NetworkData, 'shared'>, ns: Namespace): Neighbour[] {
  return [...ns.neighbours, ...expand(network, ns, 'neighbour', neighbourOf)]
}

/** All forwarding entries of a namespace, shared ones written out. */
export function fdbOf(network: Pick<NetworkData, 'shared'>, ns: Namespace): FdbEntry[] {
  return [...ns.fdb, ...expand(network, ns, 'fdb', fdbEntryOf)]
}

/** What a namespace has of the tables that it shares with others, written out. */
export interface LentEntries {
  /** Routes. */
  readonly routes: readonly Route[]
  /** Neighbours. */
  readonly neighbours: readonly Neighbour[]
  /** Forwarding entries. */
  readonly fdb: readonly FdbEntry[]
}

/** What a namespace has of the tables that it shares with others, written out. */
export function lentTo(network: Pick<NetworkData, 'shared'>, ns: Namespace): LentEntries {
  return {
    routes: expand(network, ns, 'route', routeOf),
    neighbours: expand(network, ns, 'neighbour', neighbourOf),
    fdb: expand(network, ns, 'fdb', fdbEntryOf),
  }
}

/**
 * A namespace that holds all its own routes, neighbours and forwarding entries: what it shared is written out, so that it can be changed.
 *
 * @param lent - what it shares
 */
export function writtenOut(
  network: Pick<NetworkData, 'shared'>,
  ns: Namespace,
  lent: LentEntries = lentTo(network, ns),
): Namespace {
  if (ns.shared === undefined || ns.shared.length === 0) return ns
  const { shared: _, ...own } = ns
  return {
    ...own,
    routes: inKernelOrder([...ns.routes, ...lent.routes]),
    neighbours: [...ns.neighbours, ...lent.neighbours],
    fdb: [...ns.fdb, ...lent.fdb],
  }
}

function expand<T>(
  network: Pick<NetworkData, 'shared'>,
  ns: Namespace,
  as: SharedView['as'],
  make: (entry: SharedEntry, view: SharedView) => T | undefined,
): T[] {
  const all: T[] = []
  for (const view of ns.shared ?? []) {
    if (view.as !== as) continue
    for (const entry of network.shared[view.table]?.entries ?? []) {
      const made = sees(view, ns.name, entry) ? make(entry, view) : undefined
      if (made !== undefined) all.push(made)
    }
  }
  return all
}

/** Addresses remembered for a namespace. */
const MOST_ANSWERS = 64

interface Answers {
  readonly shared: NetworkData['shared']
  readonly byAddress: Map<Ip, readonly Route[]>
}

/** Namespaces are immutable: who traces a packet asks the same thing of the same routes again and again. */
const answers = new WeakMap<Namespace, Answers>()

/**
 * The routes of a namespace, of all tables, that contain an address, in the order the kernel prints them: what `routesOf`
 * lists, less what has nothing to do with the address.
 */
export function routesCovering(network: Pick<NetworkData, 'shared'>, ns: Namespace, dst: Ip): readonly Route[] {
  let known = answers.get(ns)
  if (known === undefined || known.shared !== network.shared || known.byAddress.size >= MOST_ANSWERS) {
    known = { shared: network.shared, byAddress: new Map() }
    answers.set(ns, known)
  }
  const before = known.byAddress.get(dst)
  if (before !== undefined) return before
  const found = findCovering(network, ns, dst)
  known.byAddress.set(dst, found)
  return found
}

/** An IPv4 prefix as numbers. */
interface Range {
  readonly network: number
  readonly length: number
}

/** Routes are immutable: their text is read once, however many addresses are asked for. */
const ranges = new WeakMap<Route, Range>()

function rangeOf(route: Route): Range {
  const known = ranges.get(route)
  if (known !== undefined) return known
  const made = { network: ipv4ToNumber(prefixAddress(route.dst)), length: prefixLength(route.dst) }
  ranges.set(route, made)
  return made
}

function coveringOf(routes: readonly Route[], dst: Ip): Route[] {
  if (!isIpv4(dst)) return routes.filter((route) => route.family === 'inet6' && contains(route.dst, dst))
  const address = ipv4ToNumber(dst)
  return routes.filter((route) => {
    if (route.family !== 'inet') return false
    const { network, length } = rangeOf(route)
    return Math.clz32(network ^ address) >= length
  })
}

function findCovering(network: Pick<NetworkData, 'shared'>, ns: Namespace, dst: Ip): Route[] {
  const covering = coveringOf(ns.routes, dst)
  for (const view of ns.shared ?? []) {
    const table = view.as === 'route' ? network.shared[view.table] : undefined
    if (table === undefined) continue
    for (const entry of SharedIndex.of(table).routesTo(dst)) {
      const route = sees(view, ns.name, entry) ? routeOf(entry, view) : undefined
      if (route !== undefined) covering.push(route)
    }
  }
  return inKernelOrder(covering)
}

/** The configured neighbour with this address on a device, shared ones included: what `neighboursOf` would list. */
export function findNeighbour(
  network: Pick<NetworkData, 'shared'>,
  ns: Namespace,
  dev: string,
  dst: Ip,
): Neighbour | undefined {
  const own = ns.neighbours.find((entry) => entry.dst === dst && entry.dev === dev)
  return own ?? firstShared(network, ns, dev, 'neighbour', (index) => index.byAddress(addressKey(dst)), neighbourOf)
}

/** The configured forwarding entry with this address on a device, shared ones included: what `fdbOf` would list. */
export function findFdb(
  network: Pick<NetworkData, 'shared'>,
  ns: Namespace,
  dev: string,
  mac: Mac,
): FdbEntry | undefined {
  const own = ns.fdb.find((entry) => entry.mac === mac && entry.dev === dev)
  return own ?? firstShared(network, ns, dev, 'fdb', (index) => index.byMac(macToKey(mac)), fdbEntryOf)
}

function firstShared<T>(
  network: Pick<NetworkData, 'shared'>,
  ns: Namespace,
  dev: string,
  as: SharedView['as'],
  find: (index: SharedIndex) => readonly SharedEntry[],
  make: (entry: SharedEntry, view: SharedView) => T | undefined,
): T | undefined {
  for (const view of ns.shared ?? []) {
    const table = view.as === as && view.dev === dev ? network.shared[view.table] : undefined
    const entry = table && find(SharedIndex.of(table)).find((one) => sees(view, ns.name, one))
    const made = entry && make(entry, view)
    if (made !== undefined) return made
  }
  return undefined
}

const KERNEL: Origin = { component: 'kernel', note: 'one of the rules every namespace starts with' }

/** The policy rules every namespace starts with. @linux net/ipv4/fib_rules.c fib_default_rules_init */
export function defaultRules(family: 'inet' | 'inet6'): Rule[] {
  const tables: readonly (readonly [number, string])[] = [
    [0, 'local'],
    [32766, 'main'],
    [32767, 'default'],
  ]
  return (family === 'inet' ? tables : tables.slice(0, 2)).map(([priority, table]) => ({
    family,
    priority,
    action: 'lookup',
    table,
    origin: KERNEL,
  }))
}

/** The policy rules of one family in the order they are asked; the kernel's own ones when the namespace names none. */
export function rulesOf(ns: Pick<Namespace, 'rules'>, family: 'inet' | 'inet6'): Rule[] {
  const own = ns.rules.filter((rule) => rule.family === family)
  return own.length === 0 ? defaultRules(family) : own.sort((a, b) => a.priority - b.priority)
}
