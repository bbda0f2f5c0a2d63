import type { Origin } from '../../model/index.ts'
import {
  addressAt,
  addressCount,
  type Cidr,
  compareIps,
  contains,
  explainCidr,
  explainIp,
  explainMac,
  explainPrefix,
  familyOf,
  type Ip,
  ipv4ToNumber,
  isMulticastMac,
  keyToMac,
  type Mac,
  macToKey,
  overlaps,
  type Prefix,
  parseCidr,
  parseIp,
  parseMac,
  parsePrefix,
  prefixAddress,
  prefixOf,
} from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import type { NodeResource } from '../kubernetes-kinds.ts'
import { nodeAddresses } from '../node-annotations.ts'
import { inCreationOrder } from '../objects-by-kind.ts'
import { originOf } from '../origin.ts'
import type { Resources } from '../resources.ts'
import { seededBytes } from '../sha1.ts'
import type { UnderlayInterface, UnderlayResource } from './kind.ts'

/** One subnet of a segment. */
export interface SegmentNet {
  /** Range. */
  readonly prefix: Prefix
  /** Address of the router on it. */
  readonly gateway?: Ip
}

/** One Ethernet. */
export interface PlannedSegment {
  /** Name. */
  readonly name: string
  /** Its subnets: one a family. */
  readonly nets: readonly SegmentNet[]
  /** MTU, in bytes. */
  readonly mtu: number
  /** What made it. */
  readonly origin: Origin
}

/** One interface of a machine. */
export interface PlannedInterface {
  /** Name. */
  readonly name: string
  /** A network card, or a bridge without ports (docker0). */
  readonly kind: 'ethernet' | 'bridge'
  /** Segment it is plugged into. */
  readonly segment?: PlannedSegment
  /** Addresses. */
  readonly addresses: readonly Cidr[]
  /** MTU, in bytes. */
  readonly mtu: number
  /** Hardware address. */
  readonly mac: Mac
  /** What made it. */
  readonly origin: Origin
}

/** A machine: a Kubernetes node, or a host outside the cluster. */
export interface PlannedMachine {
  /** Name. */
  readonly name: string
  /** Interfaces in index order. */
  readonly interfaces: readonly PlannedInterface[]
  /** What made it. */
  readonly origin: Origin
}

/** The machines and wires under a cluster. */
export interface UnderlayPlan {
  /** Ethernets. */
  readonly segments: readonly PlannedSegment[]
  /** Machines by name. */
  readonly machines: ReadonlyMap<string, PlannedMachine>
  /** The object it was read from; absent when it was derived. */
  readonly resource?: UnderlayResource
}

const DEFAULT_MTU = 1500

/** A MAC nobody gave: 02:42 and the IPv4 address, as Docker does; else from the seed. */
function machineMac(addresses: readonly Cidr[], seed: number, text: string): Mac {
  const ipv4 = addresses.find((cidr) => familyOf(cidr.address) === 4)
  if (ipv4) return keyToMac(0x0242 * 2 ** 32 + ipv4ToNumber(ipv4.address))
  const bytes = seededBytes(seed, text)
  let key = (bytes[0]! & 0xfc) | 0x02
  for (let i = 1; i < 6; i++) key = key * 256 + bytes[i]!
  return keyToMac(key)
}

/** Reads the `Underlay` object. */
function planGiven(underlay: UnderlayResource, seed: number, findings: Findings): UnderlayPlan {
  const segments = new Map<string, PlannedSegment>()
  underlay.spec.segments.forEach((segment, i) => {
    const path = ['spec', 'segments', i] as const
    const prefix = parsePrefix(segment.cidr)
    if (!prefix) {
      const why = explainPrefix(segment.cidr)?.message ?? 'a network'
      findings.fault('invalid', underlay, [...path, 'cidr'], `a network a.b.c.d/n (${why})`, segment.cidr)
      return
    }
    if (segments.has(segment.name)) {
      findings.fault('invalid', underlay, [...path, 'name'], 'a name of its own', segment.name)
    }
    const other = [...segments.values()].find((known) => known.nets.some((net) => overlaps(net.prefix, prefix)))
    if (other && other.name !== segment.name) {
      const expected = `a range apart from segment ${other.name} (${other.nets[0]!.prefix})`
      findings.fault('invalid', underlay, [...path, 'cidr'], expected, segment.cidr)
    }
    const gateway = segment.gateway === undefined ? undefined : parseIp(segment.gateway)
    if (segment.gateway !== undefined && (!gateway || !contains(prefix, gateway))) {
      const why = explainIp(segment.gateway)?.message
      const expected = `an address inside ${prefix}${why ? ` (${why})` : ''}`
      findings.fault('invalid', underlay, [...path, 'gateway'], expected, segment.gateway)
    }
    segments.set(segment.name, {
      name: segment.name,
      nets: [{ prefix, ...(gateway && contains(prefix, gateway) ? { gateway } : {}) }],
      mtu: segment.mtu ?? DEFAULT_MTU,
      origin: originOf('underlay', underlay, path),
    })
  })
  const machines = new Map<string, PlannedMachine>()
  underlay.spec.nodes.forEach((node, i) => {
    const path = ['spec', 'nodes', i] as const
    if (machines.has(node.name)) {
      findings.fault('invalid', underlay, [...path, 'name'], 'a name of its own', node.name)
      return
    }
    const interfaces = node.interfaces.map((dev, j) =>
      planInterface(underlay, node.name, dev, [...path, 'interfaces', j], segments, seed, findings),
    )
    const seen = new Set<string>()
    interfaces.forEach((dev, j) => {
      if (seen.has(dev.name) || dev.name === 'lo' || dev.name.length > 15) {
        const expected = 'an interface name of its own, at most 15 characters'
        findings.fault('invalid', underlay, [...path, 'interfaces', j, 'name'], expected, dev.name)
      }
      seen.add(dev.name)
    })
    machines.set(node.name, { name: node.name, interfaces, origin: originOf('underlay', underlay, path) })
  })
  reportDuplicates(underlay, machines, segments, findings)
  return { segments: [...segments.values()], machines, resource: underlay }
}

function planInterface(
  underlay: UnderlayResource,
  node: string,
  dev: UnderlayInterface,
  path: readonly (string | number)[],
  segments: ReadonlyMap<string, PlannedSegment>,
  seed: number,
  findings: Findings,
): PlannedInterface {
  const cidr = dev.address === undefined ? undefined : parseCidr(dev.address)
  if (dev.address !== undefined && !cidr) {
    const why = explainCidr(dev.address)?.message ?? 'an address'
    findings.fault('invalid', underlay, [...path, 'address'], `an address a.b.c.d/n (${why})`, dev.address)
  }
  const mac = dev.mac === undefined ? undefined : parseMac(dev.mac)
  if (dev.mac !== undefined && !mac) {
    const why = explainMac(dev.mac)?.message ?? 'six pairs'
    findings.fault('invalid', underlay, [...path, 'mac'], `a hardware address (${why})`, dev.mac)
  }
  const segment = dev.segment === undefined ? undefined : segments.get(dev.segment)
  if (dev.segment !== undefined && !segment) {
    const expected = `one of the segments ${[...segments.keys()].join(', ') || '(none)'}`
    findings.fault('missing_reference', underlay, [...path, 'segment'], expected, dev.segment)
  }
  if (mac && isMulticastMac(macToKey(mac))) {
    const expected = 'a hardware address of one station (the lowest bit of its first byte is 0)'
    findings.fault('invalid', underlay, [...path, 'mac'], expected, mac)
  }
  if (dev.kind === 'bridge' && dev.segment !== undefined) {
    const expected = 'no segment: a bridge here has no ports'
    findings.fault('unsupported', underlay, [...path, 'segment'], expected, dev.segment)
  }
  const nets = (segment?.nets ?? []).map((net) => net.prefix)
  const family = nets.filter((net) => cidr && familyOf(net) === familyOf(cidr.address))
  if (cidr && family.length > 0 && !family.some((net) => contains(net, cidr.address))) {
    const expected = `an address inside ${family.join(' or ')}, the range of segment ${dev.segment}`
    findings.fault('invalid', underlay, [...path, 'address'], expected, dev.address!)
  }
  const addresses = cidr ? [cidr] : []
  return {
    name: dev.name,
    kind: dev.kind ?? 'ethernet',
    ...(segment ? { segment } : {}),
    addresses,
    mtu: dev.mtu ?? segment?.mtu ?? DEFAULT_MTU,
    mac: mac ?? machineMac(addresses, seed, `${node}/${dev.name}`),
    origin: originOf(dev.kind === 'bridge' ? 'docker' : 'underlay', underlay, path),
  }
}

/** Two stations of one segment with the same address. */
function reportDuplicates(
  underlay: UnderlayResource,
  machines: ReadonlyMap<string, PlannedMachine>,
  segments: ReadonlyMap<string, PlannedSegment>,
  findings: Findings,
): void {
  const holders = new Map<string, string>()
  for (const segment of segments.values()) {
    for (const { gateway } of segment.nets) if (gateway) holders.set(`${segment.name} ${gateway}`, 'the gateway')
  }
  for (const machine of machines.values()) {
    for (const dev of machine.interfaces) {
      for (const { address } of dev.segment ? dev.addresses : []) {
        const key = `${dev.segment!.name} ${address}`
        const other = holders.get(key)
        if (other !== undefined) {
          const expected = `an address nobody else has on ${dev.segment!.name}`
          const received = `${address} of ${machine.name}, also of ${other}`
          findings.fault('invalid', underlay, ['spec', 'nodes'], expected, received)
        }
        holders.set(key, machine.name)
      }
    }
  }
}

/** The first free host address of a subnet: the first, else the last, else any between. */
function freeGateway(prefix: Prefix, taken: ReadonlySet<Ip>): Ip | undefined {
  const count = addressCount(prefix)
  const last = familyOf(prefix) === 4 ? count - 2 : count - 1
  if (last < 1) return undefined
  const first = addressAt(prefix, 1)
  if (!taken.has(first)) return first
  for (let i = Math.min(last, 2 ** 32); i > 1; i--) {
    const candidate = addressAt(prefix, i)
    if (!taken.has(candidate)) return candidate
  }
  return undefined
}

/** The subnets of a node's addresses, IPv4 first. */
function netsOf(cidrs: readonly Cidr[]): Prefix[] {
  return cidrs.map(({ address, length }) => prefixOf(address, length))
}

/** Groups subnets that some node joins: nodes whose addresses share a subnet are on one Ethernet. */
function joinedNets(nodes: readonly (readonly Cidr[])[]): Prefix[][] {
  const groups = new Map<Prefix, Prefix[]>()
  for (const cidrs of nodes) {
    const nets = netsOf(cidrs)
    const joined = [...new Set(nets.flatMap((net) => groups.get(net) ?? [net]))]
    for (const net of joined) groups.set(net, joined)
  }
  return [...new Set(groups.values())]
}

/**
 * Derives what nobody described: nodes whose addresses share a subnet share a segment, and every segment has a gateway.
 * An address without a mask is taken to be in a /24 (IPv6: /64).
 */
function planDerived(nodes: readonly NodeResource[], seed: number): UnderlayPlan {
  const addresses = new Map(nodes.map((node) => [node, nodeAddresses(node)]))
  const taken = new Set([...addresses.values()].flatMap((cidrs) => cidrs.map((cidr) => cidr.address)))
  const origin = originOf('underlay', undefined, [], 'derived: nodes whose addresses share a subnet share a segment')
  const groups = joinedNets([...addresses.values()].filter((cidrs) => cidrs.length > 0))
  for (const group of groups) group.sort((a, b) => compareIps(prefixAddress(a), prefixAddress(b)))
  groups.sort((a, b) => compareIps(prefixAddress(a[0]!), prefixAddress(b[0]!)))
  const segments = new Map<Prefix, PlannedSegment>()
  const list = groups.map((group, i): PlannedSegment => {
    const nets = group.map((prefix): SegmentNet => {
      const gateway = freeGateway(prefix, taken)
      return { prefix, ...(gateway ? { gateway } : {}) }
    })
    const segment = { name: groups.length === 1 ? 'lan' : `lan${i + 1}`, nets, mtu: DEFAULT_MTU, origin }
    for (const prefix of group) segments.set(prefix, segment)
    return segment
  })
  const machines = new Map<string, PlannedMachine>()
  for (const [node, cidrs] of addresses) {
    const [net] = netsOf(cidrs)
    const segment = net === undefined ? undefined : segments.get(net)
    const { name } = node.metadata
    const mac = machineMac(cidrs, seed, `${name}/eth0`)
    const interfaces: PlannedInterface[] = segment
      ? [{ name: 'eth0', kind: 'ethernet', segment, addresses: cidrs, mtu: segment.mtu, mac, origin }]
      : []
    machines.set(name, { name, interfaces, origin })
  }
  return { segments: list, machines }
}

/** The underlay of a cluster: as described by its `Underlay` object, else derived from the nodes' addresses. */
export function planUnderlay(resources: Resources, seed: number, findings: Findings): UnderlayPlan {
  const [underlay, second] = resources.underlays
  if (second) findings.fault('invalid', second, ['metadata', 'name'], 'only one Underlay', second.metadata.name)
  if (!underlay) return planDerived(inCreationOrder(resources.nodes), seed)
  const plan = planGiven(underlay, seed, findings)
  for (const node of resources.nodes) {
    if (plan.machines.has(node.metadata.name)) continue
    const expected = `an entry of Underlay/${underlay.metadata.name} spec.nodes with this name`
    findings.fault('missing_reference', node, ['metadata', 'name'], expected, node.metadata.name)
  }
  return plan
}
