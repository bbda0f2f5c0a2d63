import type { Origin } from '../../model/index.ts'
import {
  type Cidr,
  contains,
  explainCidr,
  explainMac,
  familyOf,
  IPV6_MIN_MTU,
  isMulticastMac,
  type Mac,
  macToKey,
  parseCidr,
  parseMac,
  ZERO_MAC,
} from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import { type FieldPath, originOf } from '../origin.ts'
import { fieldsOf } from './fields.ts'
import { planRoutes, planRules, planSysctls } from './given-routes.ts'
import type { UnderlayInterface, UnderlayNode, UnderlayResource } from './kind.ts'
import { machineMac } from './mac.ts'
import { DEFAULT_MTU, type PlannedInterface, type PlannedMachine, type PlannedSegment } from './plan.ts'

/** What reading a machine needs besides the machine. */
export interface GivenContext {
  /** The object. */
  readonly underlay: UnderlayResource
  /** Segments by name. */
  readonly segments: ReadonlyMap<string, PlannedSegment>
  /** Segments that hold every card to its own addresses, and where that stands. */
  readonly checked: ReadonlyMap<string, FieldPath>
  /** Seed of what nobody gave. */
  readonly seed: number
  /** Takes faults. */
  readonly findings: Findings
}

const LOOPBACK_MTU = 65536

/** Reads a machine: node, host or router. */
export function planMachine(node: UnderlayNode, path: FieldPath, context: GivenContext): PlannedMachine {
  const { underlay, findings } = context
  const all = node.interfaces.map((dev, i) => planInterface(node.name, dev, [...path, 'interfaces', i], context))
  const seen = new Set<string>()
  all.forEach(({ name }, i) => {
    if (seen.has(name) || name.length > 15) {
      const expected = 'an interface name of its own, at most 15 characters'
      findings.fault('invalid', underlay, [...path, 'interfaces', i, 'name'], expected, name)
    }
    seen.add(name)
  })
  const loopback = all.find((dev) => dev.kind === 'loopback')
  const interfaces = all.filter((dev) => dev.kind !== 'loopback')
  const given = { underlay, path, interfaces, findings }
  return {
    name: node.name,
    interfaces,
    ...(loopback ? { loopback } : {}),
    ...(node.routes === undefined ? {} : { routes: planRoutes(node.routes, given) }),
    ...(node.rules === undefined ? {} : { rules: planRules(node.rules, given) }),
    ...(node.sysctls === undefined ? {} : { sysctls: planSysctls(node.sysctls, given) }),
    origin: originOf('underlay', underlay, path),
  }
}

function planInterface(node: string, dev: UnderlayInterface, path: FieldPath, context: GivenContext): PlannedInterface {
  const { underlay, segments, seed, findings } = context
  const kind = dev.name === 'lo' ? 'loopback' : (dev.kind ?? 'ethernet')
  if (kind === 'loopback' && dev.kind !== undefined) {
    findings.fault('invalid', underlay, [...path, 'kind'], 'no kind: lo is the loopback device', dev.kind)
  }
  const segment = segmentOf(dev, kind, path, context)
  const addresses = addressesOf(dev, path, segment, context)
  const mtu = dev.mtu ?? (kind === 'loopback' ? LOOPBACK_MTU : (segment?.mtu ?? DEFAULT_MTU))
  const v6 = addresses.findIndex(({ address }) => familyOf(address) === 6)
  if (v6 >= 0 && mtu < IPV6_MIN_MTU) {
    const expected = `an MTU of at least ${IPV6_MIN_MTU} beside ${addresses[v6]!.address}: the kernel has no IPv6 on a smaller device`
    findings.fault('invalid', underlay, [...path, 'mtu'], expected, String(mtu))
  }
  const mac = macOf(dev, path, context)
  const check = sourceCheckOf(dev, segment && context.checked.get(segment.name), path, context)
  return {
    name: dev.name,
    kind,
    ...(segment ? { segment: segments.get(segment.name)! } : {}),
    addresses,
    mtu,
    mac: kind === 'loopback' ? ZERO_MAC : (mac ?? machineMac(addresses, seed, `${node}/${dev.name}`)),
    ...(check === undefined || segment === undefined ? {} : { sourceCheck: check }),
    origin: originOf(kind === 'bridge' ? 'docker' : 'underlay', underlay, path),
  }
}

function sourceCheckOf(
  dev: UnderlayInterface,
  ofSegment: FieldPath | undefined,
  path: FieldPath,
  { underlay }: GivenContext,
): Origin | undefined {
  if (dev.sourceCheck === false) return undefined
  if (dev.sourceCheck === true) return originOf('underlay', underlay, [...path, 'sourceCheck'])
  return ofSegment && originOf('underlay', underlay, ofSegment)
}

function segmentOf(
  dev: UnderlayInterface,
  kind: PlannedInterface['kind'],
  path: FieldPath,
  { underlay, segments, findings }: GivenContext,
): PlannedSegment | undefined {
  if (dev.segment === undefined) return undefined
  const segment = segments.get(dev.segment)
  if (!segment) {
    const expected = `one of the segments ${[...segments.keys()].join(', ') || '(none)'}`
    findings.fault('missing_reference', underlay, [...path, 'segment'], expected, dev.segment)
    return undefined
  }
  if (kind === 'ethernet') return segment
  const what = { bridge: 'a bridge here has no ports', dummy: 'a dummy leads nowhere', loopback: 'lo leads nowhere' }
  findings.fault('unsupported', underlay, [...path, 'segment'], `no segment: ${what[kind]}`, dev.segment)
  return undefined
}

function addressesOf(
  dev: UnderlayInterface,
  path: FieldPath,
  segment: PlannedSegment | undefined,
  { underlay, findings }: GivenContext,
): Cidr[] {
  if (dev.address !== undefined && dev.addresses !== undefined) {
    findings.fault('invalid', underlay, [...path, 'address'], 'address, or addresses for several', 'both')
  }
  const found: Cidr[] = []
  for (const [text, field] of fieldsOf('address', dev.address, 'addresses', dev.addresses)) {
    const cidr = parseCidr(text)
    const fault = (expected: string): void => findings.fault('invalid', underlay, [...path, ...field], expected, text)
    if (!cidr) {
      fault(`an address a.b.c.d/n (${explainCidr(text)?.message ?? 'an address'})`)
      continue
    }
    const nets = (segment?.nets ?? [])
      .map((net) => net.prefix)
      .filter((net) => familyOf(net) === familyOf(cidr.address))
    if (nets.length > 0 && !nets.some((net) => contains(net, cidr.address))) {
      fault(`an address inside ${nets.join(' or ')}, the range of segment ${dev.segment}`)
    }
    if (found.some(({ address }) => address === cidr.address)) fault('each address once')
    else found.push(cidr)
  }
  return found
}

function macOf(dev: UnderlayInterface, path: FieldPath, { underlay, findings }: GivenContext): Mac | undefined {
  if (dev.mac === undefined) return undefined
  const mac = parseMac(dev.mac)
  const fault = (expected: string): void => findings.fault('invalid', underlay, [...path, 'mac'], expected, dev.mac!)
  if (!mac) fault(`a hardware address (${explainMac(dev.mac)?.message ?? 'six pairs'})`)
  else if (isMulticastMac(macToKey(mac))) {
    fault('a hardware address of one station (the lowest bit of its first byte is 0)')
  }
  return mac
}
