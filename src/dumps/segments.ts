import { buildUnderlay, type PlannedSegment } from '../control/index.ts'
import type { Cable, Namespace, Network, Origin } from '../model/index.ts'
import { isIpv4, type Prefix, parseIps, prefixOf } from '../wire/index.ts'
import {
  groupBySubnet,
  knownAddresses,
  machinesOf,
  type Station,
  segmentOf,
  stationOf,
  withKnownMacs,
} from './stations.ts'
import { type End, hostRoutes } from './veth.ts'

/** What stands between the machines of a dump, and is in none of them. */
export interface AssumedUnderlay {
  /** Switches, and a router with an internet behind it. */
  readonly namespaces: readonly Namespace[]
  /** Cables. */
  readonly wires: readonly Cable[]
  /** What was assumed, a sentence each. */
  readonly assumed: readonly string[]
  /** Ends that were plugged in. */
  readonly joined: readonly End[]
}

/**
 * Joins interfaces whose other end no dump says: those with an address in the same subnet share a switch, and a gateway
 * that was not dumped is a router that leads to an internet, as under a cluster of objects.
 */
export function assumeUnderlay(network: Network, ends: readonly End[]): AssumedUnderlay {
  const stations = ends.map(stationOf).filter((station) => station !== undefined)
  const groups = groupBySubnet(stations)
  const known = knownAddresses(network)
  const segments = new Map<Station, PlannedSegment>()
  const list = groups.map((group, i) => {
    const segment = segmentOf(groups.length === 1 ? 'lan' : `lan${i + 1}`, group, known)
    for (const station of group) segments.set(station, segment)
    return segment
  })
  const machines = machinesOf(stations, segments)
  const plan = { segments: list, machines }
  const built = buildUnderlay(plan, new Set(Object.keys(network.namespaces)), 1, ownedIn(network))
  return {
    namespaces: built.namespaces.map((ns) => withKnownMacs(ns, stations)),
    wires: built.wires,
    assumed: [...groups.map((group, i) => shared(list[i] as PlannedSegment, group)), ...gateways(list)],
    joined: stations.map(({ end }) => end),
  }
}

/** Addresses that somebody in the dump has, or that a host end leads to: nobody else answers for them. */
function ownedIn(network: Network): { prefix: Prefix; origin: Origin }[] {
  return Object.values(network.namespaces).flatMap((ns) =>
    Object.values(ns.interfaces).flatMap((dev) => {
      const own = dev.addresses.filter(({ scope }) => scope === 'global').map(({ local }): string => local)
      const origin: Origin = { component: 'underlay', object: `${ns.name}/${dev.name}`, note: 'an address of the dump' }
      return parseIps([...own, ...hostRoutes({ ns, dev })]).map((ip) => ({
        prefix: prefixOf(ip, isIpv4(ip) ? 32 : 128),
        origin,
      }))
    }),
  )
}

function shared(segment: PlannedSegment, group: readonly Station[]): string {
  const names = group.map(({ end }) => `${end.ns.name}/${end.dev.name}`)
  const nets = segment.nets.map((net) => net.prefix).join(' and ')
  if (names.length === 1)
    return `${names[0]} is plugged into an Ethernet of ${nets} on which no other dumped machine is`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} share one Ethernet, as they are in ${nets}`
}

function gateways(segments: readonly PlannedSegment[]): string[] {
  const all = segments.flatMap((segment) => segment.nets.flatMap((net) => net.gateway ?? []))
  if (all.length === 0) return []
  const who = all.length === 1 ? `the gateway ${all[0]}` : `one router that is the gateway ${all.join(' and ')}`
  return [
    `${who}, which was not dumped, knows the subnets it is in and leads to an internet that answers for every public address`,
  ]
}
