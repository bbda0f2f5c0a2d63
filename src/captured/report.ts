import type { Confidence } from '../model/index.ts'
import type { Carrier } from './packet.ts'

/** Name and version of the form a report has as JSON. */
export const CAPTURE_SCHEMA = 'packetwalk.capture/1'

/** What an address is. */
export type EndKind = 'pod' | 'node' | 'service' | 'gateway' | 'machine' | 'group' | 'outside'

/** One end of a packet, named. */
export interface CapturedEnd {
  /** `default/web-0`, `node/node01`, `svc/shop/web`, or the address. */
  readonly name: string
  /** What it is. */
  readonly kind: EndKind
  /** Its address, with a port where there is one. */
  readonly address: string
}

/** A device of the network. */
export interface Place {
  /** Namespace. */
  readonly netns: string
  /** Device; `any`: several of the namespace. */
  readonly dev: string
}

/** How a packet is explained. */
export type Explained =
  /** The simulation has it at the place of the capture. */
  | 'expected'
  /** The simulation has it, at other places. */
  | 'elsewhere'
  /** No flow of the simulation has it, but what it is is known: who talks to whom, ARP, what nodes say to each other. */
  | 'known'
  /** Nobody in the input has its addresses, or it could not be read. */
  | 'unknown'

/** One packet of a capture, explained. */
export interface CapturedPacket {
  /** Its number in the file, from 1. */
  readonly number: number
  /** When, in nanoseconds since the first packet of the file. */
  readonly time: number
  /** The packet as tcpdump prints it. */
  readonly line: string
  /** What it is, for people. */
  readonly what: string
  /** Sender and receiver, of the innermost packet that can be read. */
  readonly from?: CapturedEnd
  /** Sender and receiver, of the innermost packet that can be read. */
  readonly to?: CapturedEnd
  /** The ends of its tunnels, outermost first. */
  readonly tunnels: readonly { readonly carrier: Carrier; readonly from: CapturedEnd; readonly to: CapturedEnd }[]
  /** The same flow before and after translation, where NAT has changed it. */
  readonly nat?: string
  /** Index of its flow in the report; absent where it belongs to none. */
  readonly flow?: number
  /** How it is explained. */
  readonly explained: Explained
  /** Where the simulation has it: the first few places. */
  readonly at: readonly Place[]
  /** Bytes it had, where the capture kept less. */
  readonly cutFrom?: number
}

/** A conversation, as it was simulated once. */
export interface CapturedFlow {
  /** Protocol. */
  readonly protocol: string
  /** Who asks. */
  readonly client: CapturedEnd
  /** Who is asked. */
  readonly server: CapturedEnd
  /** What the simulation says becomes of it, in one paragraph; '' where it was not simulated. */
  readonly predicted: string
  /** Whether that is a success. */
  readonly ok: boolean
  /** What the prediction rests on, or what could turn it. */
  readonly confidence: Confidence
}

/** A packet that should be there. */
export interface Missing {
  /** Index of its flow. */
  readonly flow: number
  /** What is missing: `echo reply 3`, `SYN-ACK`, `bytes 1–1400 of the server`. */
  readonly what: string
  /** The packet that tells so. */
  readonly after: number
  /** What that means. */
  readonly means: string
  /** It follows from the packets alone, or from the prediction. */
  readonly basis: 'packets' | 'prediction'
}

/** Something about a packet that is worth a word: sent again, refused, an error. */
export interface Remark {
  /** Packet. */
  readonly number: number
  /** What. */
  readonly what: string
}

/** Packets of one interface of one file. */
export interface CapturedSource {
  /** File. */
  readonly file: string
  /** Name of the interface in it; '' where it has none. */
  readonly interface: string
  /** Where it was taken; absent where no prediction fits. */
  readonly place?: Place
  /** Other places that explain it as well. */
  readonly alternatives: readonly Place[]
  /** How the place is known. */
  readonly placeBy: 'said' | 'computed' | 'unknown'
  /** Packets that the place explains, of how many. */
  readonly fits: readonly [explained: number, of: number]
  /** Packets, in the order of the file. */
  readonly packets: readonly CapturedPacket[]
  /** What is missing. */
  readonly missing: readonly Missing[]
  /** What is worth a word. */
  readonly remarks: readonly Remark[]
  /** What is wrong with the file, and behind which packet. */
  readonly fault?: string
}

/** Packets that are seen at one place and not at the next. */
export interface Disappeared {
  /** Index of the flow. */
  readonly flow: number
  /** Which way: from the one who asks, or to it. */
  readonly way: 'request' | 'reply'
  /** Where they are seen: index of the source. */
  readonly from: number
  /** Where they are not: index of the source. */
  readonly to: number
  /** Their numbers where they are seen. */
  readonly packets: readonly number[]
  /** The devices between the two, as the simulation has them. */
  readonly between: readonly Place[]
}

/** Captures, explained. */
export interface CaptureReport {
  /** Form and version. */
  readonly schema: typeof CAPTURE_SCHEMA
  /** Flows, in the order they begin. */
  readonly flows: readonly CapturedFlow[]
  /** Captures, an entry for each interface of each file. */
  readonly sources: readonly CapturedSource[]
  /** Where between two captures packets disappear. */
  readonly disappeared: readonly Disappeared[]
  /** Flows that were not simulated: there were more than the limit. */
  readonly unsimulated: number
}

/** What to ask. */
export interface CaptureQuestion {
  /** Flows that are simulated at most; absent = 200. */
  readonly flows?: number
}
