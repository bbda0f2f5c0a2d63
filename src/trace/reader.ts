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

/**
 * What the reader of a log remembers on the way. Words of hops that are made later hold what was remembered then: the configuration,
 * a sighting, decisions; nothing of these changes afterwards.
 */
export class HopReader {
  /** What is configured at the time of the event that is read. */
  at: Configuration
  /** Last sighting by packet id. */
  readonly sightings: Map<number, Sighting> = new Map()
  /** First sighting by packet id. */
  readonly firstSightings: Map<number, Sighting> = new Map()
  /** Decisions about a packet since it was last seen on a device. */
  readonly decisions: Map<number, Hop[]> = new Map()
  /** Who waits for a neighbour, by `netns dev address`. */
  readonly waiting: Map<string, number> = new Map()
  /** Last routing decision about a packet. */
  readonly lastRoute: Map<number, RouteHop> = new Map()
  /** Why a request for an address is answered, by the id of the request. */
  readonly judgements: Map<number, Judgement> = new Map()
  /** How packets ended. */
  readonly ends: Map<number, EventOf<'end'>> = new Map()
  /** Rules of logs that this one breaks. */
  readonly faults: TraceFault[] = []
  /** Who kept packets last. */
  readonly keepers: Map<number, Keeper> = new Map()
  private last: ReadFrame | undefined = undefined

  constructor(network: NetworkData) {
    this.at = new Configuration(network)
  }

  /** A frame. The one before is often the very same: sent here and received there, or flooded to many. */
  frame(bytes: Uint8Array, linkType: number): ReadFrame {
    if (this.last?.has(bytes, linkType) !== true) this.last = new ReadFrame(bytes, linkType)
    return this.last as ReadFrame
  }

  /** Remembers where a packet was seen. */
  saw(packet: number, sighting: Sighting): void {
    if (!this.firstSightings.has(packet)) this.firstSightings.set(packet, sighting)
    this.sightings.set(packet, sighting)
  }

  /** The decision, since the packet was last seen, that led it into a device. */
  routeInto(packet: number, dev: string): RouteHop | undefined {
    const led = lastMatch(this.decisions.get(packet) ?? [], (hop) => hop.kind === 'route' && hop.out === dev)
    return led?.kind === 'route' ? led : undefined
  }

  /** Decisions since the last sighting, and forgets them. */
  takeDecisions(packet: number): readonly Hop[] {
    const taken = this.decisions.get(packet) ?? []
    this.decisions.delete(packet)
    return taken
  }

  /** Remembers that somebody keeps a packet. */
  held(event: EventOf<'held'>): void {
    this.keepers.set(event.packet, event.by)
  }

  /** Remembers how a packet ended. */
  ended(event: EventOf<'end'>): void {
    const before = this.ends.get(event.packet)
    if (before !== undefined) {
      const text = `ends twice: ${before.how} in ${before.netns}, ${event.how} in ${event.netns}`
      this.faults.push({ packet: event.packet, text })
    }
    this.ends.set(event.packet, event)
  }

  /** Remembers a decision about a packet. */
  decided(hop: Hop): void {
    if (hop.packet === 0) return
    const before = this.decisions.get(hop.packet)
    if (before === undefined) this.decisions.set(hop.packet, [hop])
    else before.push(hop)
  }
}
