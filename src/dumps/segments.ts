import { buildUnderlay, type PlannedInterface, type PlannedMachine, type PlannedSegment } from '../control/index.ts'
import type { Cable, Interface, Namespace, Network, Origin } from '../model/index.ts'
import {
  type Cidr,
  contains,
  type Ip,
  isHostPrefix,
  isIpv4,
  type Mac,
  type Prefix,
  parseIp,
  prefixLength,
  prefixOf,
  ZERO_MAC,
} from '../wire/index.ts'
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

/** An end with the subnets it speaks in. */
interface Station {
  readonly end: End
  readonly addresses: readonly Cidr[]
  readonly nets: readonly Prefix[]
}

const ORIGIN: Origin = {
  component: 'dump',
  note: 'interfaces in one subnet share an Ethernet',
  assumed: true,
}

/** Whether a subnet's address belongs to it; both may be of either family. */
function isIn(net: Prefix, ip: Ip): boolean {
  return net.includes(':') === !isIpv4(ip) && contains(net, ip)
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
      return [...own, ...hostRoutes({ ns, dev })]
        .flatMap((text) => parseIp(text) ?? [])
        .map((ip) => ({ prefix: prefixOf(ip, isIpv4(ip) ? 32 : 128), origin }))
    }),
  )
}

function stationOf(end: End): Station | undefined {
  const { ns, dev } = end
  const holder = dev.master === undefined ? dev : ns.interfaces[dev.master]
  if (dev.kind !== 'ethernet' && dev.kind !== 'veth') return undefined
  if (dev.master !== undefined && (dev.kind !== 'ethernet' || holder === undefined)) return undefined
  const addresses = (holder?.addresses ?? [])
    .filter((address) => address.scope === 'global' && address.peer === undefined)
    .map((address): Cidr => ({ address: address.local, length: address.prefixlen }))
    .filter(({ address, length }) => !isHostPrefix(prefixOf(address, length)))
  const nets = [...new Set(addresses.map(({ address, length }) => prefixOf(address, length)))]
  return nets.length === 0 ? undefined : { end, addresses, nets }
}

/** Stations that share a subnet, directly or through others, in the order of the dump. */
function groupBySubnet(stations: readonly Station[]): Station[][] {
  const groups: { nets: Set<Prefix>; stations: Station[] }[] = []
  for (const station of stations) {
    const touched = groups.filter((group) => station.nets.some((net) => group.nets.has(net)))
    const [first = { nets: new Set<Prefix>(), stations: [] }, ...others] = touched
    if (touched.length === 0) groups.push(first)
    for (const other of others) {
      for (const net of other.nets) first.nets.add(net)
      first.stations.push(...other.stations)
      groups.splice(groups.indexOf(other), 1)
    }
    for (const net of station.nets) first.nets.add(net)
    first.stations.push(station)
  }
  return groups.map((group) => group.stations)
}

function knownAddresses(network: Network): ReadonlySet<string> {
  const known = new Set<string>()
  for (const ns of Object.values(network.namespaces)) {
    for (const dev of Object.values(ns.interfaces)) for (const address of dev.addresses) known.add(address.local)
  }
  return known
}

function segmentOf(name: string, group: readonly Station[], known: ReadonlySet<string>): PlannedSegment {
  const nets = [...new Set(group.flatMap((station) => station.nets))].map((prefix) => {
    const gateway = gatewayIn(prefix, group, known)
    return gateway === undefined ? { prefix } : { prefix, gateway }
  })
  return { name, nets, mtu: Math.max(...group.map(({ end }) => end.dev.mtu)), origin: ORIGIN }
}

/** The gateway of a station's default route, when it lies in the subnet and nobody in the dump has it. */
function gatewayIn(net: Prefix, group: readonly Station[], known: ReadonlySet<string>): Ip | undefined {
  for (const { end } of group) {
    for (const route of end.ns.routes) {
      const hops = route.nexthops ?? [route]
      if (prefixLength(route.dst) !== 0 || route.type !== 'unicast') continue
      const via = hops.find((hop) => hop.via !== undefined && isIn(net, hop.via) && !known.has(hop.via))?.via
      if (via !== undefined) return via
    }
  }
  return undefined
}

function machinesOf(
  stations: readonly Station[],
  segments: ReadonlyMap<Station, PlannedSegment>,
): Map<string, PlannedMachine> {
  const machines = new Map<string, PlannedMachine>()
  for (const station of stations) {
    const { ns, dev } = station.end
    const planned: PlannedInterface = {
      name: dev.name,
      kind: 'ethernet',
      segment: segments.get(station) as PlannedSegment,
      addresses: station.addresses,
      mtu: dev.mtu,
      mac: dev.mac ?? ZERO_MAC,
      origin: ORIGIN,
    }
    const before = machines.get(ns.name)?.interfaces ?? []
    machines.set(ns.name, { name: ns.name, interfaces: [...before, planned], origin: ORIGIN })
  }
  return machines
}

/** Gives interfaces of the assumed router the link-layer addresses the machines knew them by. */
function withKnownMacs(ns: Namespace, stations: readonly Station[]): Namespace {
  if (ns.role !== 'router') return ns
  const macOf = (address: Ip): Mac | undefined => {
    for (const { end } of stations) {
      const known = end.ns.neighbours.find((entry) => entry.dst === address && entry.lladdr !== undefined)
      if (known !== undefined) return known.lladdr
    }
    return undefined
  }
  const interfaces = Object.entries(ns.interfaces).map(([name, dev]): [string, Interface] => {
    const mac = dev.addresses.map(({ local }) => macOf(local)).find((found) => found !== undefined)
    return [name, mac === undefined ? dev : { ...dev, mac }]
  })
  return { ...ns, interfaces: Object.fromEntries(interfaces) }
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
