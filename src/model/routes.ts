import { ZERO_MAC } from '../wire/index.ts'
import type { Namespace } from './namespace.ts'
import type { FdbEntry, Neighbour } from './neighbour.ts'
import type { NetworkData } from './network.ts'
import type { Origin } from './origin.ts'
import type { Route, Rule } from './route.ts'
import { inKernelOrder } from './route-order.ts'
import type { FabricEntry, FabricUse } from './shared.ts'

/**
 * All routes of a namespace, those it shares with others through fabrics written out, in the order the kernel prints
 * them. For people and printers; the engine reads fabrics as they are.
 */
export function routesOf(network: Pick<NetworkData, 'fabrics'>, ns: Namespace): Route[] {
  return inKernelOrder([...ns.routes, ...expand(network, ns, 'route', fabricRoute)])
}

/** All neighbours of a namespace, shared ones written out. */
export function neighboursOf(network: Pick<NetworkData, 'fabrics'>, ns: Namespace): Neighbour[] {
  return [...ns.neighbours, ...expand(network, ns, 'neighbour', fabricNeighbour)]
}

/** All forwarding entries of a namespace, shared ones written out. */
export function fdbOf(network: Pick<NetworkData, 'fabrics'>, ns: Namespace): FdbEntry[] {
  return [...ns.fdb, ...expand(network, ns, 'fdb', fabricFdb)]
}

/** A namespace that holds all its own routes, neighbours and forwarding entries: what it shared is written out, so that it can be changed. */
export function writtenOut(network: Pick<NetworkData, 'fabrics'>, ns: Namespace): Namespace {
  if (ns.fabrics === undefined || ns.fabrics.length === 0) return ns
  const { fabrics: _, ...own } = ns
  return { ...own, routes: routesOf(network, ns), neighbours: neighboursOf(network, ns), fdb: fdbOf(network, ns) }
}

/** The route an entry of a fabric is to a namespace that uses it; undefined when the entry has no destination. */
export function fabricRoute(entry: FabricEntry, use: FabricUse): Route | undefined {
  if (entry.dst === undefined) return undefined
  const shared = use.route ?? { protocol: 'static' }
  const via = shared.noVia === true ? undefined : (shared.via ?? entry.via)
  const inet6 = entry.dst.includes(':')
  const metric = shared.metric ?? (inet6 ? 1024 : undefined)
  return {
    family: inet6 ? 'inet6' : 'inet',
    dst: entry.dst,
    type: 'unicast',
    ...(via === undefined ? {} : { via }),
    dev: use.dev,
    ...(shared.onlink === true && via !== undefined ? { onlink: true } : {}),
    table: shared.table ?? 'main',
    protocol: shared.protocol,
    scope: shared.scope ?? 'global',
    ...(shared.src === undefined ? {} : { src: shared.src }),
    ...(metric === undefined ? {} : { metric }),
    ...(shared.mtu === undefined ? {} : { mtu: shared.mtu }),
    ...(inet6 ? { pref: 'medium' as const } : {}),
    ...originOf(entry, use),
  }
}

/** The neighbour an entry of a fabric is; undefined when it lacks an address. */
export function fabricNeighbour(entry: FabricEntry, use: FabricUse): Neighbour | undefined {
  if (entry.via === undefined || entry.lladdr === undefined) return undefined
  return { dst: entry.via, dev: use.dev, lladdr: entry.lladdr, state: 'PERMANENT', ...originOf(entry, use) }
}

/** The forwarding entry an entry of a fabric is; undefined when it has no outer destination. */
export function fabricFdb(entry: FabricEntry, use: FabricUse): FdbEntry | undefined {
  if (entry.remote === undefined) return undefined
  return {
    mac: entry.lladdr ?? ZERO_MAC,
    dev: use.dev,
    dst: entry.remote,
    self: true,
    state: 'permanent',
    ...originOf(entry, use),
  }
}

function originOf(entry: FabricEntry, use: FabricUse): { origin?: Origin } {
  const origin = entry.origin ?? use.origin
  return origin === undefined ? {} : { origin }
}

function expand<T>(
  network: Pick<NetworkData, 'fabrics'>,
  ns: Namespace,
  as: FabricUse['as'],
  make: (entry: FabricEntry, use: FabricUse) => T | undefined,
): T[] {
  const all: T[] = []
  for (const use of ns.fabrics ?? []) {
    if (use.as !== as) continue
    const except = new Set(use.except)
    for (const entry of network.fabrics[use.fabric]?.entries ?? []) {
      if (entry.owner === ns.name || except.has(entry.owner)) continue
      const made = make(entry, use)
      if (made !== undefined) all.push(made)
    }
  }
  return all
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
