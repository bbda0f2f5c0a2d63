import type { PlannedInterface, PlannedMachine, PlannedSegment, UnderlayPlan } from '../../control/index.ts'
import type { Interface, Namespace } from '../../model/index.ts'
import { type Cidr, contains, type Mac, prefixLength } from '../../wire/index.ts'
import { groupBySubnet, machinesOf, type Station, segmentOf, stationOf } from '../stations.ts'
import type { End } from '../veth.ts'
import type { KnownMachine } from './identify.ts'

/**
 * The underlay with what dumps know of it: cards, subnets and gateways of the machines that were dumped; machines that were not are
 * put into the subnet their address is in. An Underlay that somebody wrote stays as it is.
 */
export function underlayOfDumps(derived: UnderlayPlan, known: readonly KnownMachine[]): UnderlayPlan {
  if (derived.resource !== undefined) return derived
  const machines = known
    .filter(({ kind }) => kind !== 'pod')
    .map(({ netns, node }) => ({ ...node.namespace, name: netns }))
  const stations = machines
    .flatMap((ns) => cardsOf(ns).map((dev): End => ({ ns, dev })))
    .flatMap((end) => stationOf(end) ?? [])
  if (stations.length === 0) return derived
  const names = new Set(machines.map(({ name }) => name))
  const others = [...derived.machines.values()].filter(({ name }) => !names.has(name))
  const owned = new Set<string>([
    ...machines.flatMap((ns) => Object.values(ns.interfaces).flatMap((dev) => dev.addresses.map(({ local }) => local))),
    ...others.flatMap(({ interfaces }) =>
      interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    ),
  ])
  const bySubnet = groupBySubnet(stations)
  const segments = new Map<Station, PlannedSegment>()
  const dumped = bySubnet.map((group, i) => {
    const segment = segmentOf(bySubnet.length === 1 ? 'lan' : `lan${i + 1}`, group, owned)
    for (const station of group) segments.set(station, segment)
    return segment
  })
  const placed = others.map((machine) => placedIn(machine, dumped, machines))
  const used = new Set(placed.flatMap(({ interfaces }) => interfaces.flatMap(({ segment }) => segment ?? [])))
  const own = derived.segments.filter((segment) => used.has(segment))
  return {
    segments: [...dumped, ...own.map((segment) => segment)],
    machines: new Map([
      ...machinesOf(stations, segments),
      ...placed.map((machine) => [machine.name, machine] as const),
    ]),
  }
}

/** Cards that lead out of a machine: no pod is behind them. */
function cardsOf(ns: Namespace): Interface[] {
  return Object.values(ns.interfaces).filter((dev) => dev.kind === 'ethernet')
}

/** A machine nobody dumped, in the Ethernet of a dumped one whose subnet has its address. */
function placedIn(
  machine: PlannedMachine,
  segments: readonly PlannedSegment[],
  dumped: readonly Namespace[],
): PlannedMachine {
  const interfaces = machine.interfaces.map((dev): PlannedInterface => {
    const segment = segments.find(({ nets }) =>
      nets.some((net) => dev.addresses.some(({ address }) => contains(net.prefix, address))),
    )
    if (segment === undefined) return dev
    const mac = dev.addresses.map(({ address }) => knownMac(address, dumped)).find((found) => found !== undefined)
    const addresses = dev.addresses.map(({ address, length }): Cidr => {
      const net = segment.nets.find(({ prefix }) => contains(prefix, address))
      return { address, length: net === undefined ? length : prefixLength(net.prefix) }
    })
    return { ...dev, segment, addresses, mtu: segment.mtu, ...(mac === undefined ? {} : { mac }) }
  })
  return { ...machine, interfaces }
}

/** The link-layer address that dumped machines know somebody by. */
function knownMac(address: string, dumped: readonly Namespace[]): Mac | undefined {
  for (const ns of dumped) {
    const entry = ns.neighbours.find((one) => one.dst === address && one.lladdr !== undefined)
    if (entry !== undefined && ns.interfaces[entry.dev]?.kind === 'ethernet') return entry.lladdr
  }
  return undefined
}
