import type { Nexthop, Origin, Route } from '../../model/index.ts'
import { contains, type Family, type Ip, type Prefix } from '../../wire/index.ts'
import type { Destination } from '../prefixes-of-nodes.ts'
import type { Situation } from './situation.ts'
import type { RouteTables } from './tables.ts'

/** A route of BIRD's that fits no list shared with other nodes. */
export interface WrittenOut {
  /** Nodes that do not have it: those it leads to. */
  readonly owners: readonly string[]
  /** The route. */
  readonly route: Route
}

/** Owners left out of what BIRD installs: not learned, or WireGuard peers. */
export function excludedOwners(situation: Situation, tables: RouteTables, family: Family): readonly string[] {
  const { unlearned, wireguard } = situation.families[family]
  if (!tables.facts.settings.traits.birdSkipsWireguard || !wireguard) return unlearned
  return [...unlearned, ...tables.facts.wireguard[family].keys()]
}

/** BGP routes whose next hop resolves to nothing, or to several gateways, and those to ranges that several nodes announce. */
export function writtenOut(situation: Situation, tables: RouteTables, family: Family): WrittenOut[] {
  return [...unusual(situation, tables, family), ...contested(situation, tables, family)]
}

function unusual(situation: Situation, tables: RouteTables, family: Family): WrittenOut[] {
  const { subnet, gateway, ways } = situation.families[family]
  if (situation.owners.none !== 'bird' || subnet === undefined) return []
  const done = new Set(excludedOwners(situation, tables, family))
  const routes: WrittenOut[] = []
  const write = (isMeant: (owner: string) => boolean, how: Pick<Route, 'type' | 'nexthops'>, note: string): void => {
    for (const entry of tables.byFamily[family]) {
      if (entry.transport !== 'none' || !tables.isAnnounced(entry) || !isMeant(entry.owner)) continue
      if (tables.addressOf(entry.owner, family) === undefined || tables.contested(family).has(entry.dst)) continue
      routes.push({ owners: [entry.owner], route: birdRoute(entry, how, tables, note) })
    }
  }
  for (const { net, hops } of ways) {
    const inside = new Set(tables.inside(net))
    const nexthops = hops.length > 1 && hops
    const isMeant = (owner: string): boolean => inside.has(owner) && !done.has(owner)
    if (nexthops) write(isMeant, { type: 'unicast', nexthops }, 'the BGP next hop is behind these gateways')
    for (const name of inside) done.add(name)
  }
  const note = 'the BGP next hop cannot be resolved'
  if (gateway === undefined) write((owner) => !done.has(owner), { type: 'unreachable' }, note)
  return routes
}

/**
 * Ranges that several nodes announce: BIRD merges the paths into one route with a next hop for each. The announcers
 * themselves keep their blackhole, which beats what they learn.
 */
function contested(situation: Situation, tables: RouteTables, family: Family): WrittenOut[] {
  if (situation.families[family].subnet === undefined) return []
  const left = new Set(excludedOwners(situation, tables, family))
  return [...tables.contested(family)].flatMap(([, entries]): WrittenOut[] => {
    const [first] = entries
    if (first === undefined || situation.owners[first.transport] !== 'bird') return []
    const owners = entries.map(({ owner }) => owner)
    const learned = entries.filter(({ owner }) => !left.has(owner))
    const hops = distinct(learned.flatMap((entry) => nexthopsTo(entry, situation, tables, family)))
    if (hops.length === 0) return []
    const how =
      hops.length === 1 ? { type: 'unicast' as const, ...hops[0]! } : { type: 'unicast' as const, nexthops: hops }
    return [{ owners, route: birdRoute(first, how, tables, `announced by ${owners.join(' and ')}`) }]
  })
}

function nexthopsTo(entry: Destination, situation: Situation, tables: RouteTables, family: Family): readonly Nexthop[] {
  const address = tables.addressOf(entry.owner, family)
  const { subnet } = situation.families[family]
  if (address === undefined) return []
  const isNear = entry.crossSubnet && subnet !== undefined && contains(subnet, address)
  if (entry.transport === 'ipip' && !isNear) return [{ via: address, dev: 'tunl0', onlink: true }]
  return resolve(address, situation, family)
}

/** The next hops a BGP next hop resolves to in the node's own routes. */
function resolve(address: Ip, situation: Situation, family: Family): readonly Nexthop[] {
  const { ways, gateway } = situation.families[family]
  const way = ways.find(({ net }) => contains(net, address))
  if (way !== undefined) return way.hops.map(({ via = address, dev }) => ({ via, dev }))
  return gateway === undefined ? [] : [gateway]
}

function distinct(hops: readonly Nexthop[]): Nexthop[] {
  return [...new Map(hops.map((hop) => [`${hop.via} ${hop.dev}`, hop])).values()]
}

function birdRoute(
  { dst, pool, ...entry }: Destination,
  how: Partial<Route> & Pick<Route, 'type'>,
  tables: RouteTables,
  note: string,
): Route {
  const metric = tables.facts.settings.traits.routeMetric ?? (pool.family === 6 ? 1024 : undefined)
  const origin: Origin = { ...tables.poolOrigin('bird', { dst, pool, ...entry }), note }
  return {
    family: pool.family === 4 ? 'inet' : 'inet6',
    dst: dst as Prefix,
    ...how,
    table: 'main',
    protocol: 'bird',
    scope: 'global',
    ...(metric === undefined ? {} : { metric }),
    origin,
  }
}
