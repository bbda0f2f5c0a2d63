import type { PlannedInterface, PlannedMachine, PlannedSegment } from '../control/index.ts'
import type { Interface, Namespace, Network, Origin, Role } from '../model/index.ts'
import {
  type Cidr,
  contains,
  type Ip,
  isHostPrefix,
  type Mac,
  type Prefix,
  prefixLength,
  prefixOf,
  ZERO_MAC,
} from '../wire/index.ts'
import type { End } from './veth.ts'

/** An end with the subnets it speaks in. */
export interface Station {
  /** The end. */
  readonly end: End
  /** Addresses in subnets. */
  readonly addresses: readonly Cidr[]
  /** Those subnets. */
  readonly nets: readonly Prefix[]
}

const ORIGIN: Origin = {
  component: 'dump',
  note: 'interfaces in one subnet share an Ethernet',
  assumed: true,
}

/** An end with an address in a subnet, its own or its bridge's; undefined for one without. */
export function stationOf(end: End): Station | undefined {
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
export function groupBySubnet(stations: readonly Station[]): Station[][] {
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

/** Every address that somebody has. */
export function knownAddresses(network: Pick<Network, 'namespaces'>): ReadonlySet<string> {
  const known = new Set<string>()
  for (const ns of Object.values(network.namespaces)) {
    for (const dev of Object.values(ns.interfaces)) for (const address of dev.addresses) known.add(address.local)
  }
  return known
}

/** The Ethernet of a group, with the gateways its stations use. */
export function segmentOf(name: string, group: readonly Station[], known: ReadonlySet<string>): PlannedSegment {
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
      const via = hops.find((hop) => hop.via !== undefined && contains(net, hop.via) && !known.has(hop.via))?.via
      if (via !== undefined) return via
    }
  }
  return undefined
}

/** Machines as they are plugged in. */
export function machinesOf(
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

/** Roles of machines that hang on an Ethernet. */
const MACHINES: ReadonlySet<Role> = new Set<Role>(['router', 'host', 'external', 'node'])

/** Gives cards of a machine nobody dumped the link-layer addresses by which the dumped machines knew them. */
export function withKnownMacs(ns: Namespace, stations: readonly Station[]): Namespace {
  if (!MACHINES.has(ns.role)) return ns
  const macOf = (address: Ip): Mac | undefined => {
    for (const { end } of stations) {
      const known = end.ns.neighbours.find((entry) => entry.dst === address && entry.lladdr !== undefined)
      if (known !== undefined) return known.lladdr
    }
    return undefined
  }
  const interfaces = Object.entries(ns.interfaces).map(([name, dev]): [string, Interface] => {
    if (dev.kind !== 'ethernet') return [name, dev]
    const mac = dev.addresses.map(({ local }) => macOf(local)).find((found) => found !== undefined)
    return [name, mac === undefined ? dev : { ...dev, mac }]
  })
  return { ...ns, interfaces: Object.fromEntries(interfaces) }
}
