import { type Cable, type CabledMachine, type Cabling, type Interface, type Role, segmentsOf } from '../model/index.ts'
import { type Ipv6, ipv6ToKey, isIpv6LinkLocal, parseCidr, prefixOf } from '../wire/index.ts'
import type { TopologyInterface, TopologySegment } from './topology-view.ts'

/** A machine as far as Ethernet goes. */
export interface Station extends CabledMachine {
  /** What it stands for. */
  readonly role: Role
  /** Interfaces by name. */
  readonly interfaces: Readonly<Record<string, StationInterface>>
}

/** An interface as far as Ethernet goes. */
export type StationInterface = Pick<Interface, 'name' | 'kind' | 'master'> & {
  /** Its addresses with prefix length. */
  readonly cidrs: readonly string[]
}

/** Segments, and for every machine its interfaces on them. */
export interface Ethernet {
  /** Those that join two machines, or that a switch makes. */
  readonly segments: readonly TopologySegment[]
  /** By machine. */
  readonly interfaces: ReadonlyMap<string, readonly TopologyInterface[]>
}

/** The Ethernets between machines. Switches are no machines: each is the segment it makes. */
export function ethernetOf(stations: readonly Station[], wires: readonly Cable[]): Ethernet {
  const byName = new Map(stations.map((station) => [station.name, station]))
  const cabling: Cabling = { namespaces: Object.fromEntries(byName), wires }
  const segments: TopologySegment[] = []
  const interfaces = new Map<string, TopologyInterface[]>(stations.map(({ name }) => [name, []]))
  const taken = new Set<string>()
  for (const segment of segmentsOf(cabling)) {
    const all = [...segment.stations, ...segment.ports].map(({ netns }) => byName.get(netns))
    const joined = all.find((station) => station?.role === 'switch')
    const ends = segment.stations.filter(({ netns }) => byName.get(netns)?.role !== 'switch' && byName.has(netns))
    if (joined === undefined && ends.length < 2) continue
    const name = free(taken, joined === undefined ? cableName(ends.map(({ netns }) => netns)) : switchName(joined.name))
    const subnets = new Set<string>()
    for (const { netns, dev } of ends) {
      const addresses = (byName.get(netns)?.interfaces[dev]?.cidrs ?? []).filter((cidr) => !isOfLink(cidr))
      for (const subnet of addresses.flatMap(subnetOf)) subnets.add(subnet)
      interfaces.get(netns)?.push({ dev, segment: name, addresses })
    }
    segments.push({
      name,
      subnets: [...subnets],
      switched: joined !== undefined,
      stations: ends.map(({ netns }) => netns),
    })
  }
  return { segments, interfaces }
}

/** The subnet of an address; none for one that has no neighbours. */
function subnetOf(cidr: string): string[] {
  const parsed = parseCidr(cidr)
  if (parsed === undefined) return []
  const { address, length } = parsed
  return length === (address.includes(':') ? 128 : 32) ? [] : [prefixOf(address, length)]
}

/** Every interface has one, and it tells nothing. */
function isOfLink(cidr: string): boolean {
  const address = parseCidr(cidr)?.address
  return address?.includes(':') === true && isIpv6LinkLocal(ipv6ToKey(address as Ipv6))
}

function switchName(name: string): string {
  return name.startsWith('switch-') ? name.slice('switch-'.length) : name
}

function cableName(names: readonly string[]): string {
  return [...new Set(names)].join('–')
}

function free(taken: Set<string>, wanted: string): string {
  let name = wanted
  for (let i = 2; taken.has(name); i++) name = `${wanted} ${i}`
  taken.add(name)
  return name
}
