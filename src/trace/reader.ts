import {
  type EventOf,
  type FdbEntry,
  findFdb,
  findNeighbour,
  type Interface,
  type Keeper,
  type Namespace,
  type Neighbour,
  type NetworkData,
  outlineOf,
  type Stamp,
} from '../model/index.ts'
import { describeFrame, type Layer, parseIp, parseMac, toHex } from '../wire/index.ts'
import type { Fact } from './fact.ts'
import type { Hop, RouteHop } from './hop.ts'
import { lastMatch } from './last-match.ts'
import { headersOf } from './layers.ts'
import type { TraceFault } from './trace.ts'

/** The stamp of an event, which every hop takes over. */
export function place(event: Stamp): Stamp {
  return { time: event.time, netns: event.netns, dev: event.dev, packet: event.packet }
}

/** Where and how a packet was last seen on a device. */
export interface Sighting {
  /** `tx` or `rx`. */
  readonly kind: 'tx' | 'rx'
  /** Namespace. */
  readonly netns: string
  /** Interface. */
  readonly dev: string
  /** Its headers there. */
  readonly headers: readonly Layer[]
}

/** Why a request for an address is answered. */
export interface Judgement {
  /** In words. */
  readonly why: string
  /** The configuration behind it. */
  readonly facts: readonly Fact[]
}

/** A frame taken apart. */
export interface ReadFrame {
  /** Its headers. */
  readonly headers: readonly Layer[]
  /** Its bytes. */
  readonly hex: string
  /** As tcpdump prints it. */
  readonly line: string
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
}

/** What the reader of a log remembers on the way. */
export class HopReader {
  /** The network at the time of the event that is read. */
  network: NetworkData
  /** Last sighting by packet id. */
  readonly sightings: Map<number, Sighting> = new Map()
  /** First sighting by packet id. */
  readonly firstSightings: Map<number, Sighting> = new Map()
  /** Decisions about a packet since it was last seen on a device. */
  readonly decisions: Map<number, Hop[]> = new Map()
  /** Who waits for a neighbour, by `netns dev address`. */
  readonly waiting: Map<string, number> = new Map()
  /** Mark of a packet, as netfilter left it. */
  readonly marks: Map<number, number> = new Map()
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
  private last: { readonly bytes: Uint8Array; readonly linkType: number; readonly read: ReadFrame } | undefined

  constructor(network: NetworkData) {
    this.network = network
  }

  /** A frame taken apart. The one before is often the very same: sent here and received there, or flooded to many. */
  frame(bytes: Uint8Array, linkType: number): ReadFrame {
    const { last } = this
    if (last !== undefined && last.linkType === linkType && sameBytes(last.bytes, bytes)) return last.read
    const line = oneLine(describeFrame(bytes, linkType))
    const read = { headers: headersOf(bytes, linkType), hex: toHex(bytes), line }
    this.last = { bytes, linkType, read }
    return read
  }

  /** A namespace with this interface, other interfaces and routes left out where nobody has needed them yet. */
  outline(netns: string, dev: string): Namespace | undefined {
    const ns = this.namespace(netns)
    const outline = ns && outlineOf(ns)
    return outline !== undefined && Object.hasOwn(outline.interfaces, dev) ? outline : ns
  }

  /** A namespace of the network; undefined when the log names another. */
  namespace(name: string): Namespace | undefined {
    return this.network.namespaces[name]
  }

  /** An interface; undefined when there is none of that name. */
  interface(netns: string, dev: string): Interface | undefined {
    return this.outline(netns, dev)?.interfaces[dev]
  }

  /** A configured neighbour. */
  neighbour(netns: string, dev: string, address: string): Neighbour | undefined {
    const ns = this.namespace(netns)
    const dst = parseIp(address)
    return ns === undefined || dst === undefined ? undefined : findNeighbour(this.network, ns, dev, dst)
  }

  /** A configured forwarding entry. */
  fdb(netns: string, dev: string, mac: string): FdbEntry | undefined {
    const ns = this.namespace(netns)
    const known = parseMac(mac)
    return ns === undefined || known === undefined ? undefined : findFdb(this.network, ns, dev, known)
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
