import type { NetworkData, PacketEvent, RecordLog, Stamped } from '../model/index.ts'
import { assertNever } from '../wire/index.ts'
import { Configuration } from './configuration.ts'
import type { Hop, RouteHop, RpFilterHop, RuleHop } from './hop.ts'
import { FrameStep } from './hops/frame.ts'
import { ArpStep, bridgeHop, learnHop, NeighbourStep, neighbourChangeHop } from './hops/link.ts'
import { conntrackHop, hookHop, natHop, RuleStep } from './hops/netfilter.ts'
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
import { ForwardStep, pathMtuHop, RouteStep, RpFilterStep, redirectHop } from './hops/routing.ts'
import { DecapStep, EncapStep } from './hops/tunnel.ts'
import { HopReader } from './reader.ts'
import { spelledOut } from './step.ts'

/** A part of a log. */
export interface LogRange {
  /** First event; 0 when left out. */
  readonly first?: number
  /** One past the last event; the length of the log when left out. */
  readonly end?: number
}

/**
 * Events as hops, in order.
 * @param log - what a simulation recorded
 * @param network - the network when the first of the events happened, for origins; edits after that are in the log
 */
export function readHops(log: RecordLog, network: NetworkData, range: LogRange = {}): readonly Hop[] {
  return readLog(new HopReader(network), log, range).map(spelledOut)
}

/** As {@link readHops}, not spelled out, and with the reader's memory left to the caller. Room-internal. */
export function readLog(reader: HopReader, log: RecordLog, range: LogRange): readonly Hop[] {
  const hops: Hop[] = []
  const end = Math.min(range.end ?? log.length, log.length)
  for (let i = range.first ?? 0; i < end; i++) {
    const hop = hopOf(reader, log.eventAt(i))
    if (hop === null) continue
    hops.push(hop)
    remember(reader, hop)
  }
  return hops
}

function remember(reader: HopReader, hop: Hop): void {
  if (hop.kind === 'tx' || hop.kind === 'rx') return
  if (hop.kind === 'route' && hop.packet !== 0) reader.of(hop.packet).route = hop
  reader.decided(hop)
}

/** An event as a hop; null for what is no step of a packet's way: an edit, a wait, or an end without a cause. */
function hopOf(reader: HopReader, event: Stamped<PacketEvent>): Hop | null {
  switch (event.kind) {
    case 'tx':
    case 'rx':
      return new FrameStep(reader, event)
    case 'route':
      return new RouteStep(reader, event) as RouteHop
    case 'rp-filter':
      return new RpFilterStep(reader, event) as RpFilterHop
    case 'forward':
      return new ForwardStep(reader, event)
    case 'deliver':
      return deliverHop(event)
    case 'end':
      reader.ended(event)
      return event.how === 'dropped' ? dropHop(reader, event) : null
    case 'held':
      reader.held(event)
      return null
    case 'rule':
      return new RuleStep(event) as RuleHop
    case 'hook-end':
      return hookHop(event)
    case 'conntrack':
      return conntrackHop(event)
    case 'nat':
      return natHop(event)
    case 'neighbour':
      return new NeighbourStep(reader, event)
    case 'neighbour-change':
      return neighbourChangeHop(event)
    case 'arp':
      return new ArpStep(reader, event)
    case 'encap':
      return new EncapStep(reader, event)
    case 'decap':
      return new DecapStep(reader, event)
    case 'fragment':
      return fragmentHop(event)
    case 'reassemble':
      return reassembleHop(event)
    case 'icmp-error':
      return icmpErrorHop(reader, event)
    case 'path-mtu':
      return pathMtuHop(event)
    case 'redirect':
      return redirectHop(event)
    case 'bridge':
      return bridgeHop(event)
    case 'learn':
      return learnHop(event)
    case 'create':
      return createHop(event)
    case 'clone':
      return cloneHop(event)
    case 'program':
      return programHop(event)
    case 'network':
      reader.at = new Configuration(event.network)
      return null
    default:
      return assertNever(event)
  }
}
