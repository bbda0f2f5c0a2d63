import {
  contains,
  explainIp,
  explainPrefix,
  type Ip,
  overlaps,
  type Prefix,
  parseIp,
  parseIps,
  parsePrefix,
} from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import { type FieldPath, originOf } from '../origin.ts'
import { fieldsOf } from './fields.ts'
import { planFilters } from './given-filters.ts'
import { type GivenContext, planMachine } from './given-machine.ts'
import type { UnderlayResource, UnderlayRouter, UnderlaySegment } from './kind.ts'
import {
  DEFAULT_MTU,
  type PlannedMachine,
  type PlannedRouter,
  type PlannedSegment,
  type SegmentNet,
  type UnderlayPlan,
} from './plan.ts'

/** Reads the `Underlay` object. */
export function planGiven(underlay: UnderlayResource, seed: number, findings: Findings): UnderlayPlan {
  const segments = planSegments(underlay, findings)
  const context: GivenContext = { underlay, segments, checked: checkedSegments(underlay), seed, findings }
  const names = new Set<string>()
  const isNew = (name: string, path: FieldPath): boolean => {
    if (names.has(name)) findings.fault('invalid', underlay, [...path, 'name'], 'a name of its own', name)
    const isFirst = !names.has(name)
    names.add(name)
    return isFirst
  }
  const machines = new Map<string, PlannedMachine>()
  underlay.spec.nodes.forEach((node, i) => {
    const path = ['spec', 'nodes', i] as const
    if (isNew(node.name, path)) machines.set(node.name, planMachine(node, path, context))
  })
  const routers = (underlay.spec.routers ?? []).flatMap((router, i): PlannedRouter[] => {
    const path = ['spec', 'routers', i] as const
    return isNew(router.name, path) ? [planRouter(router, path, context)] : []
  })
  reportDuplicates(underlay, [...machines.values(), ...routers], findings)
  return { segments: [...segments.values()], machines, routers, resource: underlay }
}

/** Segments that hold every card to its own addresses, and where that stands. */
function checkedSegments(underlay: UnderlayResource): ReadonlyMap<string, FieldPath> {
  return new Map(
    underlay.spec.segments.flatMap(({ name, sourceCheck }, i) =>
      sourceCheck === true ? [[name, ['spec', 'segments', i, 'sourceCheck']] as const] : [],
    ),
  )
}

function planSegments(underlay: UnderlayResource, findings: Findings): Map<string, PlannedSegment> {
  const planned = underlay.spec.segments.flatMap((segment, i) => planSegment(underlay, segment, i, findings))
  const segments = new Map<string, PlannedSegment>()
  for (const segment of planned) {
    const shares = planned.some((other) => other !== segment && other.name !== segment.name && areas(other, segment))
    segments.set(segment.name, shares ? { ...segment, isolated: true } : segment)
  }
  return segments
}

/** Whether two segments have addresses in common: no router can serve both. */
function areas(a: PlannedSegment, b: PlannedSegment): boolean {
  return a.nets.some((one) => b.nets.some((other) => overlaps(one.prefix, other.prefix)))
}

function planSegment(underlay: UnderlayResource, segment: UnderlaySegment, i: number, findings: Findings) {
  const path = ['spec', 'segments', i] as const
  const before = underlay.spec.segments.slice(0, i)
  if (before.some(({ name }) => name === segment.name)) {
    findings.fault('invalid', underlay, [...path, 'name'], 'a name of its own', segment.name)
  }
  const ranges = rangesOf(underlay, segment, path, findings)
  const gateways = gatewaysOf(underlay, segment, path, ranges, findings)
  if (ranges.length === 0) return []
  const nets = ranges.map((prefix): SegmentNet => {
    const gateway = gateways.find((ip) => contains(prefix, ip))
    return { prefix, ...(gateway ? { gateway } : {}) }
  })
  const planned: PlannedSegment = {
    name: segment.name,
    nets,
    mtu: segment.mtu ?? DEFAULT_MTU,
    ...(segment.isolated === true ? { isolated: true } : {}),
    filters: planFilters(underlay, segment.filters ?? [], [...path, 'filters'], findings),
    origin: originOf('underlay', underlay, path),
  }
  return [planned]
}

function rangesOf(underlay: UnderlayResource, segment: UnderlaySegment, path: FieldPath, findings: Findings): Prefix[] {
  const { cidr, cidrs } = segment
  if ((cidr === undefined) === (cidrs === undefined)) {
    const received = cidr === undefined ? 'neither' : 'both'
    findings.fault('invalid', underlay, [...path, 'cidr'], 'cidr, or cidrs for several ranges', received)
  }
  const ranges: Prefix[] = []
  for (const [text, field] of fieldsOf('cidr', cidr, 'cidrs', cidrs)) {
    const prefix = parsePrefix(text)
    if (!prefix) {
      const why = explainPrefix(text)?.message ?? 'a network'
      findings.fault('invalid', underlay, [...path, ...field], `a network a.b.c.d/n (${why})`, text)
      continue
    }
    const other = ranges.find((known) => overlaps(known, prefix))
    if (other === undefined) ranges.push(prefix)
    else findings.fault('invalid', underlay, [...path, ...field], `a range apart from ${other}`, text)
  }
  return ranges
}

function gatewaysOf(
  underlay: UnderlayResource,
  segment: UnderlaySegment,
  path: FieldPath,
  ranges: readonly Prefix[],
  findings: Findings,
): Ip[] {
  const found: Ip[] = []
  const used = new Set<Prefix>()
  for (const [text, field] of fieldsOf('gateway', segment.gateway, 'gateways', segment.gateways)) {
    const gateway = parseIp(text)
    const range = gateway && ranges.find((prefix) => contains(prefix, gateway))
    if (gateway && range && !used.has(range)) {
      used.add(range)
      found.push(gateway)
      continue
    }
    const why = explainIp(text)?.message
    const where = ranges.length === 0 ? 'the range' : ranges.join(' or ')
    const expected = `${range ? 'one address' : 'an address'} inside ${where}${why ? ` (${why})` : ''}`
    findings.fault('invalid', underlay, [...path, ...field], expected, text)
  }
  return found
}

function planRouter(router: UnderlayRouter, path: FieldPath, context: GivenContext): PlannedRouter {
  const { underlay, findings } = context
  const { internet = false, masquerade = false, sourceCheck = false, filters = [], asNumber, clusterId } = router
  if (asNumber === undefined && router.peers !== undefined) {
    findings.fault('invalid', underlay, [...path, 'peers'], 'an asNumber beside peers', 'none')
  }
  if (masquerade && !internet) {
    const expected = 'internet: true beside masquerade: it changes what leaves for the internet'
    findings.fault('invalid', underlay, [...path, 'masquerade'], expected, 'no internet')
  }
  return {
    // A router without routes of its own knows its subnets, and the internet behind it if there is one.
    ...planMachine({ ...router, routes: router.routes ?? [] }, path, context),
    internet,
    masquerade: masquerade && internet,
    ...(asNumber === undefined ? {} : { asNumber }),
    peers: parseIps(router.peers ?? []),
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(sourceCheck ? { sourceCheck: originOf('underlay', underlay, [...path, 'sourceCheck']) } : {}),
    filters: planFilters(underlay, filters, [...path, 'filters'], findings),
  }
}

/** Two stations of one segment with the same address. */
function reportDuplicates(underlay: UnderlayResource, machines: readonly PlannedMachine[], findings: Findings): void {
  const holders = new Map<string, string>()
  for (const machine of machines) {
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
