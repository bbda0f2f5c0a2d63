import {
  type FdbEntry,
  fdbOf,
  type Interface,
  type Namespace,
  type Neighbour,
  type NetworkData,
  neighboursOf,
  type RecordKind,
  type RecordLog,
  type Route,
  routesOf,
} from '../model/index.ts'
import type { Layer } from '../wire/index.ts'
import type { Hop, RouteHop } from './hop.ts'

/** A record with its columns read. */
export interface RecordRow {
  /** Kind. */
  readonly kind: RecordKind
  /** Time, in nanoseconds. */
  readonly time: number
  /** Namespace. */
  readonly netns: string
  /** Interface. */
  readonly dev: string
  /** Packet id. */
  readonly packet: number
  /** Column a. */
  readonly a: number
  /** Column b. */
  readonly b: number
  /** Column c. */
  readonly c: number
  /** Copied bytes. */
  readonly bytes: Uint8Array
  /** Referenced object. */
  readonly ref: unknown
}

/** Record i of a log. */
export function rowOf(log: RecordLog, i: number): RecordRow {
  return {
    kind: log.kind(i),
    time: log.time(i),
    netns: log.netns(i),
    dev: log.dev(i),
    packet: log.packet(i),
    a: log.a(i),
    b: log.b(i),
    c: log.c(i),
    bytes: log.bytes(i),
    ref: log.ref(i),
  }
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

/** What the decoder remembers while it reads a log. */
export class Decoding {
  /** The network as it was when the packets moved. */
  readonly network: NetworkData
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
  private readonly routeLists = new Map<string, readonly Route[]>()
  private readonly neighbours = new Map<string, readonly Neighbour[]>()
  private readonly fdbs = new Map<string, readonly FdbEntry[]>()

  constructor(network: NetworkData) {
    this.network = network
  }

  /** A namespace of the network; undefined when the log names another. */
  namespace(name: string): Namespace | undefined {
    return this.network.namespaces[name]
  }

  /** An interface; undefined when there is none of that name. */
  interface(netns: string, dev: string): Interface | undefined {
    return this.namespace(netns)?.interfaces[dev]
  }

  /** All routes of a namespace. */
  routes(netns: string): readonly Route[] {
    const ns = this.namespace(netns)
    return ns === undefined ? [] : cached(this.routeLists, netns, () => routesOf(this.network, ns))
  }

  /** A configured neighbour. */
  neighbour(netns: string, dev: string, address: string): Neighbour | undefined {
    const ns = this.namespace(netns)
    if (ns === undefined) return undefined
    const all = cached(this.neighbours, netns, () => neighboursOf(this.network, ns))
    return all.find((entry) => entry.dst === address && entry.dev === dev)
  }

  /** A configured forwarding entry. */
  fdb(netns: string, dev: string, mac: string): FdbEntry | undefined {
    const ns = this.namespace(netns)
    if (ns === undefined) return undefined
    const all = cached(this.fdbs, netns, () => fdbOf(this.network, ns))
    return all.find((entry) => entry.mac === mac && entry.dev === dev)
  }

  /** Remembers where a packet was seen. */
  saw(packet: number, sighting: Sighting): void {
    if (!this.firstSightings.has(packet)) this.firstSightings.set(packet, sighting)
    this.sightings.set(packet, sighting)
  }

  /** Decisions since the last sighting, and forgets them. */
  takeDecisions(packet: number): readonly Hop[] {
    const taken = this.decisions.get(packet) ?? []
    this.decisions.delete(packet)
    return taken
  }

  /** Remembers a decision about a packet. */
  decided(hop: Hop): void {
    if (hop.packet === 0) return
    const before = this.decisions.get(hop.packet)
    if (before === undefined) this.decisions.set(hop.packet, [hop])
    else before.push(hop)
  }
}

function cached<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
