import { keptIn, type Nexthop, type Origin, pushTo, type Route } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, type Prefix, prefixLength, prefixOf } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { originOf } from '../origin.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import type { PlannedRouter } from '../underlay/plan.ts'
import type { OwnRoute } from './paths.ts'
import type { BgpPlan, Speaker } from './peerings.ts'
import { ownRoute, type PolicedPaths } from './policed-routes.ts'
import type { ServiceAnnouncement, ServiceAnnouncements } from './service-announcements.ts'
import { learners, type SessionFacts, type SessionGraph, sessionGraph } from './sessions.ts'

/** What the routes of routers are made from. */
export interface RouterFacts {
  /** Sessions. */
  readonly plan: BgpPlan
  /** Nodes in order of creation. */
  readonly nodes: readonly ClusterNode[]
  /** What lives where. */
  readonly destinations: readonly Destination[]
  /** What nodes announce of Services. */
  readonly services: ServiceAnnouncements
  /** Which sessions carry routes. */
  readonly sessions: SessionFacts
  /** How prefixes spread where BGPPeers have filters and the like; absent: where sessions alone decide. */
  readonly policed?: PolicedPaths
}

/** From which address everybody learns what a node announces, if others but these pass it on. */
type Learning = (from: ClusterNode, silent: ReadonlySet<Speaker>) => ReadonlyMap<string, Ip | undefined>

function learningIn(graph: SessionGraph): Learning {
  const known = new Map<ReadonlySet<Speaker>, Map<ClusterNode, ReadonlyMap<string, Ip | undefined>>>()
  return (from, silent) =>
    keptIn(
      keptIn(known, silent, () => new Map()),
      from,
      () => learners(from, graph, silent),
    )
}

const NOBODY: ReadonlySet<Speaker> = new Set()

/**
 * The routes that routers of the Underlay learn by BGP: what nodes announce, towards the neighbour it was learned from. A
 * router that learns a block, or an address of a Service, from several prefers who has it.
 */
export function routerRoutes(facts: RouterFacts): ReadonlyMap<string, readonly Route[]> {
  const { plan, nodes, sessions, services } = facts
  const learned = new Map<string, Route[]>(plan.routers.map(({ name }) => [name, []]))
  if (plan.routers.length === 0) return learned
  if (facts.policed !== undefined) return policedRoutes(facts, facts.policed, learned)
  for (const family of [4, 6] as const) {
    const speaking = nodes.filter((node) => addressOfNode(node, family))
    const learning = learningIn(sessionGraph(plan, family, speaking, sessions))
    const announced = services.list.filter(({ dst }) => familyOf(dst) === family)
    for (const { name, router } of plan.routers) {
      const isNew = ({ dst }: Route): boolean => !hasOwn(router, dst)
      learned
        .get(name)!
        .push(
          ...merged([
            ...blockRoutes(router, speaking, family, learning, facts.destinations),
            ...announced.flatMap((one) => serviceRoutes(router, one, services.silent(one.dst), learning)),
          ]).filter(isNew),
        )
    }
  }
  return learned
}

/** The same, prefix by prefix. */
function policedRoutes(
  { plan, destinations, services }: RouterFacts,
  policed: PolicedPaths,
  learned: ReadonlyMap<string, Route[]>,
): ReadonlyMap<string, readonly Route[]> {
  const blocks = destinations.filter(({ pool, bird }) => bird && !pool.disableBgpExport)
  const known: Known[] = [
    ...blocks.map((entry) => ({
      dst: entry.dst,
      owners: [ownRoute(entry)],
      origin: originOf('bird', entry.pool.resource, ['spec', 'cidr'], `announced by ${entry.owner}`),
    })),
    ...services.list.map(({ dst, from, origin }) => ({
      dst,
      owners: from.map(({ name }): OwnRoute => ({ at: name, route: { prefix: dst, source: 'static' } })),
      origin,
    })),
  ]
  for (const { name, router } of plan.routers) {
    const routes = known.flatMap(({ dst, owners, origin }) =>
      policed.bestOf(dst, owners, name).flatMap(({ route: { nextHop } }) => {
        const hop = nextHop === undefined ? undefined : hopTo(router, nextHop)
        return hop === undefined ? [] : [bgpRoute(dst, origin, hop)]
      }),
    )
    learned.get(name)!.push(...merged(routes).filter(({ dst }) => !hasOwn(router, dst)))
  }
  return learned
}

/** A prefix that somebody brings into BGP. */
interface Known {
  readonly dst: Prefix
  readonly owners: readonly OwnRoute[]
  readonly origin: Origin
}

/** What somebody wrote down goes before what is learned. */
function hasOwn({ routes = [] }: PlannedRouter, dst: Prefix): boolean {
  return routes.some((route) => route.dst === dst && route.table === 'main')
}

function blockRoutes(
  router: PlannedRouter,
  speaking: readonly ClusterNode[],
  family: Family,
  learning: Learning,
  destinations: readonly Destination[],
): Route[] {
  const isAnnounced = ({ pool, bird }: Destination): boolean => pool.family === family && bird && !pool.disableBgpExport
  const byOwner = new Map<string, Destination[]>()
  for (const entry of destinations) if (isAnnounced(entry)) pushTo(byOwner, entry.owner, entry)
  return speaking.flatMap((owner) => {
    const list = byOwner.get(owner.name) ?? []
    const hop = list.length === 0 ? undefined : hopFrom(router, owner, learning, NOBODY)
    if (hop === undefined) return []
    return list.map(({ dst, pool }) =>
      bgpRoute(dst, originOf('bird', pool.resource, ['spec', 'cidr'], `announced by ${owner.name}`), hop),
    )
  })
}

function serviceRoutes(
  router: PlannedRouter,
  { dst, from, origin }: ServiceAnnouncement,
  silent: ReadonlySet<Speaker>,
  learning: Learning,
): Route[] {
  return from.flatMap((node) => {
    const hop = hopFrom(router, node, learning, silent)
    return hop === undefined ? [] : [bgpRoute(dst, origin, hop)]
  })
}

/** How a router gets to what a node announces; undefined where it does not hear of it. */
function hopFrom(
  router: PlannedRouter,
  node: ClusterNode,
  learning: Learning,
  silent: ReadonlySet<Speaker>,
): Hop | undefined {
  const from = learning(node, silent).get(router.name)
  return from === undefined ? undefined : hopTo(router, from)
}

/** Routes to a range that several nodes announce are one with several next hops. */
function merged(routes: readonly Route[]): Route[] {
  const byRange = new Map<string, Route>()
  for (const route of routes) {
    const before = byRange.get(route.dst)
    if (before === undefined) byRange.set(route.dst, route)
    else {
      const { via, dev, nexthops = [hopOf(before)], ...rest } = before
      const isKnown = nexthops.some((hop) => hop.via === route.via)
      if (!isKnown) byRange.set(route.dst, { ...rest, nexthops: [...nexthops, hopOf(route)] })
    }
  }
  return [...byRange.values()]
}

function hopOf({ via, dev }: Route): Nexthop {
  return { ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) }
}

/** A next hop of a router. */
interface Hop {
  readonly via: Ip
  readonly dev: string
}

/** How a router gets to a BGP next hop: on a link of its own, or by one of its routes. */
function hopTo({ interfaces, routes = [] }: PlannedRouter, address: Ip): Hop | undefined {
  const near = interfaces.find((dev) =>
    dev.addresses.some((one) => contains(prefixOf(one.address, one.length), address)),
  )
  if (near !== undefined) return { via: address, dev: near.name }
  const way = routes
    .filter(({ dst, type, table }) => type === 'unicast' && table === 'main' && contains(dst, address))
    .sort((a, b) => prefixLength(b.dst) - prefixLength(a.dst))[0]
  const hop = way?.nexthops?.[0] ?? way
  return hop?.dev === undefined ? undefined : { via: hop.via ?? address, dev: hop.dev }
}

function bgpRoute(dst: Prefix, origin: Origin, hop: Hop): Route {
  const common = { dst, type: 'unicast', ...hop, table: 'main', protocol: 'bgp', scope: 'global', origin } as const
  return familyOf(dst) === 4
    ? { family: 'inet', ...common }
    : { family: 'inet6', ...common, metric: 1024, pref: 'medium' }
}
