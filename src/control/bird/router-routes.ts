import type { Nexthop, Route } from '../../model/index.ts'
import { contains, type Ip, prefixLength, prefixOf } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { originOf } from '../origin.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import type { PlannedRouter } from '../underlay/plan.ts'
import type { BgpPlan } from './peerings.ts'
import { learners, sessionGraph } from './sessions.ts'

/**
 * The routes that routers of the Underlay learn by BGP: what nodes announce, towards the neighbour it was learned from. A
 * router that learns a block from several prefers its owner.
 */
export function routerRoutes(
  plan: BgpPlan,
  nodes: readonly ClusterNode[],
  destinations: readonly Destination[],
  faults: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Route[]> {
  const learned = new Map<string, Route[]>(plan.routers.map(({ name }) => [name, []]))
  if (plan.routers.length === 0) return learned
  for (const family of [4, 6] as const) {
    const speaking = nodes.filter((node) => addressOfNode(node, family))
    const graph = sessionGraph(plan, family, speaking, faults)
    for (const owner of speaking) {
      const announced = destinations.filter(
        (entry) =>
          entry.owner === owner.name && entry.pool.family === family && entry.bird && !entry.pool.disableBgpExport,
      )
      const reached = announced.length === 0 ? undefined : learners(owner, graph)
      for (const { name, router } of plan.routers) {
        const from = reached?.get(name)
        const hop = from === undefined ? undefined : hopTo(router, from)
        if (hop !== undefined) learned.get(name)!.push(...announced.map((entry) => bgpRoute(entry, hop)))
      }
    }
  }
  return new Map([...learned].map(([name, routes]) => [name, merged(routes)]))
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

/** How a router gets to a BGP next hop: on a link of its own, or by one of its routes. */
function hopTo(
  { interfaces, routes = [] }: PlannedRouter,
  address: Ip,
): { readonly via: Ip; readonly dev: string } | undefined {
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

function bgpRoute({ dst, pool, owner }: Destination, hop: { readonly via: Ip; readonly dev: string }): Route {
  const origin = originOf('bird', pool.resource, ['spec', 'cidr'], `announced by ${owner}`)
  const common = { dst, type: 'unicast', ...hop, table: 'main', protocol: 'bgp', scope: 'global', origin } as const
  return pool.family === 4
    ? { family: 'inet', ...common }
    : { family: 'inet6', ...common, metric: 1024, pref: 'medium' }
}
