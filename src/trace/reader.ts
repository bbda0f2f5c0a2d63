import {
  type FdbEntry,
  findFdb,
  findNeighbour,
  type Interface,
  type Namespace,
  type Neighbour,
  type NetworkData,
  outlineOf,
  type RecordKind,
  type RecordLog,
  type Route,
  routesCovering,
} from '../model/index.ts'
import { describeFrame, type Ip, type Layer, toHex } from '../wire/index.ts'
import type { Hop, RouteHop } from './hop.ts'
import { headersOf } from './layers.ts'

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
  private last: { readonly bytes: Uint8Array; readonly linkType: number; readonly read: ReadFrame } | undefined
  private readonly routeLists = new Map<string, readonly Route[]>()

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

  /** The routes of a namespace that contain an address. */
  routes(netns: string, dst: Ip): readonly Route[] {
    const ns = this.namespace(netns)
    if (ns === undefined) return []
    return cached(this.routeLists, `${netns} ${dst}`, () => routesCovering(this.network, ns, dst))
  }

  /** A configured neighbour. */
  neighbour(netns: string, dev: string, address: string): Neighbour | undefined {
    const ns = this.namespace(netns)
    return ns === undefined ? undefined : findNeighbour(this.network, ns, dev, address)
  }

  /** A configured forwarding entry. */
  fdb(netns: string, dev: string, mac: string): FdbEntry | undefined {
    const ns = this.namespace(netns)
    return ns === undefined ? undefined : findFdb(this.network, ns, dev, mac)
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
