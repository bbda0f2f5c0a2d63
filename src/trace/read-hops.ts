import { type NetworkData, RECORD, type RecordLog } from '../model/index.ts'
import { assertNever, ETHERTYPE } from '../wire/index.ts'
import type { ArpHop, CreateHop, Hop, RouteHop, TunnelHop } from './hop.ts'
import { frameHop } from './hops/frame.ts'
import { arpHop, bridgeHop, learnHop, neighbourChangeHop, neighbourHop, tunnelHop } from './hops/link.ts'
import { conntrackHop, hookHop, natHop, ruleHop } from './hops/netfilter.ts'
import {
  cloneHop,
  createHop,
  deliverHop,
  dropHop,
  fragmentHop,
  icmpErrorHop,
  programHop,
  reassembleHop,
} from './hops/packet.ts'
import { exceptionHop, forwardHop, routeHop, rpFilterHop } from './hops/routing.ts'
import { HopReader, type RecordRow, rowOf } from './reader.ts'

/** A part of a log. */
export interface LogRange {
  /** First record; 0 when left out. */
  readonly first?: number
  /** One past the last record; the length of the log when left out. */
  readonly end?: number
}

/**
 * Records as hops, in order.
 * @param log - what a simulation recorded
 * @param network - the network it ran, for origins and explanations; must be the one of the time of the records
 */
export function readHops(log: RecordLog, network: NetworkData, range: LogRange = {}): readonly Hop[] {
  return readLog(new HopReader(network), log, range)
}

/** As {@link readHops}, with the reader's memory left to the caller. Room-internal. */
export function readLog(reader: HopReader, log: RecordLog, range: LogRange): readonly Hop[] {
  const hops: Hop[] = []
  const end = Math.min(range.end ?? log.length, log.length)
  for (let i = range.first ?? 0; i < end; i++) {
    const hop = readRow(reader, rowOf(log, i))
    hops.push(hop)
    remember(reader, hop)
    if ((hop.kind === 'create' && hop.protocol !== ETHERTYPE.ARP) || hop.kind === 'encap') claimRoute(reader, hops, hop)
    if (hop.kind === 'arp' && hop.answered) explainAnswer(hops, hop)
  }
  return withoutStrays(hops)
}

function remember(reader: HopReader, hop: Hop): void {
  if (hop.kind === 'rx') reader.marks.delete(hop.packet)
  if (hop.kind === 'tx' || hop.kind === 'rx') return
  if (hop.kind === 'route' && hop.packet !== 0) reader.lastRoute.set(hop.packet, hop)
  reader.decided(hop)
}

/** Own packets are routed before they exist: the lookup belongs to the packet made, or wrapped, right after it. */
function claimRoute(reader: HopReader, hops: Hop[], owner: CreateHop | TunnelHop): void {
  for (let i = hops.length - 2; i >= 0; i--) {
    const hop = hops[i]!
    if (hop.time !== owner.time || hop.netns !== owner.netns) return
    if (hop.packet === owner.packet) return
    if (hop.kind !== 'route' || hop.packet !== 0) continue
    if (owner.kind === 'encap' && hop.destination !== owner.destination) continue
    const claimed: RouteHop = { ...hop, packet: owner.packet }
    hops[i] = claimed
    remember(reader, claimed)
    return
  }
}

/**
 * Lookups nobody claims only chose an address or an MTU. One that failed stays when nothing was sent there at that time: it
 * is the reason.
 */
function withoutStrays(hops: readonly Hop[]): readonly Hop[] {
  const isFailure = (hop: Hop): boolean => hop.kind === 'route' && hop.packet === 0 && !FOUND.has(hop.result)
  const moments = hops.some(isFailure) ? hops.filter((hop) => hop.packet !== 0) : []
  const busy = new Set(moments.map((hop) => `${hop.netns} ${hop.time}`))
  const isReason = (hop: RouteHop): boolean => isFailure(hop) && !busy.has(`${hop.netns} ${hop.time}`)
  return hops.filter((hop) => hop.kind !== 'route' || hop.packet !== 0 || isReason(hop))
}

const FOUND: ReadonlySet<string> = new Set(['unicast', 'local', 'broadcast', 'multicast'])

/** The answer is on its way before the verdict is recorded: the reason is put to it now. */
function explainAnswer(hops: Hop[], verdict: ArpHop): void {
  for (let i = hops.length - 2; i >= 0; i--) {
    const hop = hops[i]!
    if (hop.time !== verdict.time) return
    if (hop.kind !== 'tx' || hop.netns !== verdict.netns || !hop.reason.startsWith(`answers packet ${verdict.packet},`))
      continue
    const why = verdict.reason.slice(verdict.reason.indexOf(': ') + 2)
    hops[i] = { ...hop, reason: `${hop.reason}: ${why}`, facts: verdict.facts }
    return
  }
}

function readRow(reader: HopReader, row: RecordRow): Hop {
  switch (row.kind) {
    case RECORD.frameTx:
    case RECORD.frameRx:
      return frameHop(reader, row)
    case RECORD.routeInput:
    case RECORD.routeOutput:
      return routeHop(reader, row)
    case RECORD.forward:
      return forwardHop(reader, row)
    case RECORD.deliver:
      return deliverHop(row)
    case RECORD.drop:
      return dropHop(reader, row, reader.decisions.get(row.packet) ?? [])
    case RECORD.ruleHit:
      return ruleHop(reader, row)
    case RECORD.hookEnd:
      return hookHop(row)
    case RECORD.conntrack:
      return conntrackHop(row)
    case RECORD.nat:
      return natHop(row)
    case RECORD.neigh:
    case RECORD.neighQueued:
      return neighbourHop(reader, row)
    case RECORD.arpReply:
      return arpHop(reader, row)
    case RECORD.neighUpdate:
      return neighbourChangeHop(row)
    case RECORD.encap:
    case RECORD.decap:
      return tunnelHop(reader, row)
    case RECORD.fragment:
      return fragmentHop(row)
    case RECORD.reassemble:
      return reassembleHop(row)
    case RECORD.icmpSend:
      return icmpErrorHop(reader, row, true)
    case RECORD.icmpSuppressed:
      return icmpErrorHop(reader, row, false)
    case RECORD.routeException:
      return exceptionHop(row)
    case RECORD.bridge:
      return bridgeHop(row)
    case RECORD.fdbLearn:
      return learnHop(row)
    case RECORD.create:
      return createHop(row)
    case RECORD.clone:
      return cloneHop(row)
    case RECORD.rpFilter:
      return rpFilterHop(reader, row)
    case RECORD.program:
      return programHop(row)
    default:
      return assertNever(row.kind)
  }
}
