import type { EventOf, Keeper, NetworkData, Stamp } from '../model/index.ts'
import { Configuration } from './configuration.ts'
import type { Fact } from './fact.ts'
import type { Hop, RouteHop } from './hop.ts'
import { lastMatch } from './last-match.ts'
import { ReadFrame } from './read-frame.ts'
import type { TraceFault } from './trace.ts'

/** The stamp of an event, which every hop takes over. */
export function place(event: Stamp): Stamp {
  return { time: event.time, netns: event.netns, dev: event.dev, packet: event.packet }
}

/** A hop while it gets its members, one by one, in the order of all hops: JSON shows it. */
export type Growing<H> = { -readonly [K in keyof H]?: H[K] }

/** The head of every hop. */
export function headOf<K extends Hop['kind']>(kind: K, event: Stamp): Stamp & { readonly kind: K } {
  return { kind, time: event.time, netns: event.netns, dev: event.dev, packet: event.packet }
}

/** Where and how a packet was last seen on a device. */
export interface Sighting {
  /** `tx` or `rx`. */
  readonly kind: 'tx' | 'rx'
  /** Namespace. */
  readonly netns: string
  /** Interface. */
  readonly dev: string
  /** The packet there. */
  readonly frame: ReadFrame
}

/** Why a request for an address is answered. */
export interface Judgement {
  /** In words. */
  readonly why: string
  /** The configuration behind it. */
  readonly facts: readonly Fact[]
}

const NONE: readonly never[] = []

/** What is remembered of a packet while a log is read. */
class PacketMemory {
  /** First sighting. */
  first: Sighting | undefined = undefined
  /** Last sighting. */
  last: Sighting | undefined = undefined
  /** Decisions since it was last seen on a device. */
  decisions: readonly Hop[] = NONE
  /** Last routing decision. */
  route: RouteHop | undefined = undefined
  /** Why it is answered, when it is a request for an address. */
  judgement: Judgement | undefined = undefined
  /** How it ended. */
  end: EventOf<'end'> | undefined = undefined
  /** Who kept it last. */
  keeper: Keeper | undefined = undefined
}

/**
 * What the reader of a log remembers on the way. Words of hops that are made later hold what was remembered then: the configuration,
 * a sighting, decisions; nothing of these changes afterwards.
 */
export class HopReader {
  /** What is configured at the time of the event that is read. */
  at: Configuration
  /** Who waits for a neighbour, by `netns dev address`. */
  readonly waiting: Map<string, number> = new Map()
  /** Rules of logs that this one breaks. */
  readonly faults: TraceFault[] = []
  private readonly packets = new Map<number, PacketMemory>()
  private lastId = -1
  private lastMemory = new PacketMemory()
  private last: ReadFrame | undefined = undefined

  constructor(network: NetworkData) {
    this.at = new Configuration(network)
  }

  /** What is remembered of a packet. Most events are about the packet of the one before. */
  of(packet: number): PacketMemory {
    if (packet === this.lastId) return this.lastMemory
    let memory = this.packets.get(packet)
    if (memory === undefined) {
      memory = new PacketMemory()
      this.packets.set(packet, memory)
    }
    this.lastId = packet
    this.lastMemory = memory
    return memory
  }

  /** A frame. The one before is often the very same: sent here and received there, or flooded to many. */
  frame(bytes: Uint8Array, linkType: number): ReadFrame {
    if (this.last?.has(bytes, linkType) !== true) this.last = new ReadFrame(bytes, linkType)
    return this.last as ReadFrame
  }

  /** Remembers where a packet was seen. */
  saw(packet: number, sighting: Sighting): void {
    const memory = this.of(packet)
    memory.first ??= sighting
    memory.last = sighting
  }

  /** The decision, since the packet was last seen, that led it into a device. */
  routeInto(packet: number, dev: string): RouteHop | undefined {
    const led = lastMatch(this.of(packet).decisions, (hop) => hop.kind === 'route' && hop.out === dev)
    return led?.kind === 'route' ? led : undefined
  }

  /** Decisions since the last sighting, and forgets them. */
  takeDecisions(packet: number): readonly Hop[] {
    const memory = this.of(packet)
    const taken = memory.decisions
    memory.decisions = NONE
    return taken
  }

  /** Remembers that somebody keeps a packet. */
  held(event: EventOf<'held'>): void {
    this.of(event.packet).keeper = event.by
  }

  /** Remembers how a packet ended. */
  ended(event: EventOf<'end'>): void {
    const memory = this.of(event.packet)
    const before = memory.end
    if (before !== undefined) {
      const text = `ends twice: ${before.how} in ${before.netns}, ${event.how} in ${event.netns}`
      this.faults.push({ packet: event.packet, text })
    }
    memory.end = event
  }

  /** Remembers a decision about a packet. */
  decided(hop: Hop): void {
    if (hop.packet === 0) return
    const memory = this.of(hop.packet)
    if (memory.decisions === NONE) memory.decisions = [hop]
    else (memory.decisions as Hop[]).push(hop)
  }
}
