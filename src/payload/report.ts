import type { Confidence, DropCause, Origin } from '../model/index.ts'
import type { Family, Ip } from '../wire/index.ts'

/** Name and version of the form a report has as JSON. */
export const PAYLOAD_SCHEMA = 'packetwalk.payload/1'

/** The MTU of a device, and who set it. */
export interface MtuSource {
  /** Namespace. */
  readonly netns: string
  /** Device. */
  readonly dev: string
  /** MTU, in bytes. */
  readonly mtu: number
  /** What it rests on: what a machine said of itself, what objects say, or a default that nobody wrote down. */
  readonly confidence: Confidence
  /** Which object, field or default set it, in words. */
  readonly why: string
  /** What made the device; absent when nobody said. */
  readonly origin?: Origin
}

/** What the sender learns of a packet that does not fit. */
export type News =
  /** Its own host refuses the packet: nothing is sent. */
  | { readonly kind: 'own' }
  /** ICMP reaches it; `after` packets that were lost. */
  | { readonly kind: 'told'; readonly after: number; readonly mtu: number }
  /** ICMP is sent, and does not reach it. */
  | {
      readonly kind: 'lost'
      readonly netns: string
      readonly dev: string
      readonly why: string
      readonly cause?: DropCause
    }
  /** Nobody sends ICMP. */
  | { readonly kind: 'silent'; readonly why: string }

/** Where a packet that is one byte too long with DF ends. */
export interface Cut {
  /** Namespace. */
  readonly netns: string
  /** The device whose MTU it exceeds. */
  readonly dev: string
  /** What that takes, in bytes: the device's MTU, a route's, or what was learned of the way. */
  readonly mtu: number
  /** The device's MTU, and who set it. */
  readonly source: MtuSource
  /** Cause of the drop; absent where the sender's own host refuses it. */
  readonly cause?: DropCause
  /** Whether the sender hears of it. */
  readonly news: News
}

/** Where a packet without DF is cut into fragments. */
export interface Fragmentation {
  /** Namespace. */
  readonly netns: string
  /** Device. */
  readonly dev: string
  /** What the way out takes, in bytes. */
  readonly mtu: number
  /** Fragments. */
  readonly fragments: number
}

/** What passes of ping or UDP, in bytes of data. */
export interface Measured {
  /** The largest that passes with DF; null = not even the smallest does. */
  readonly whole: number | null
  /** The largest that passes without DF; null = none. Absent: not asked, as UDP is not where ping tells: IP cuts what it carries unseen. */
  readonly fragmented?: number | null
  /** Where one that is longer than `whole` is cut into fragments, without DF. */
  readonly fragments?: readonly Fragmentation[]
  /** Why nothing passes. */
  readonly blocked?: string
}

/** What passes of TCP. */
export interface Segments {
  /** MSS that the sender of the data announces. */
  readonly announcedBySender: number | null
  /** MSS that the receiver announces: the sender keeps to the smaller of it and its own. */
  readonly announcedByReceiver: number | null
  /** The longest segment that arrives, in bytes of data; null = none. */
  readonly largest: number | null
  /** Whether a transfer of many segments ends well. */
  readonly completes: boolean
  /** Why no connection comes about. */
  readonly blocked?: string
}

/** What becomes of large packets one way. */
export type PayloadVerdict =
  /** What the sender's own device takes passes. */
  | 'fits'
  /** Something on the way takes less, and the sender hears of it. */
  | 'told'
  /** Something on the way takes less, and the sender does not hear of it. */
  | 'black_hole'
  /** Not even the smallest packet passes. */
  | 'blocked'
  /** What would decide is not modelled, or missing. */
  | 'undecided'

/** One end of a pair. */
export interface PayloadEnd {
  /** As people say it, and as the lab finds it: `default/web-0`, `node/node01`, `svc/shop/web`, an address. */
  readonly label: string
  /** What it is. */
  readonly kind: 'pod' | 'node' | 'service' | 'outside'
  /** Network namespace; absent for what no namespace has. */
  readonly netns?: string
  /** Its node; absent for what is on none. */
  readonly node?: string
  /** The address that is asked. */
  readonly address: Ip
}

/** Something an answer rests on, or that could turn it. */
export interface Because {
  /** What. */
  readonly what: string
  /** Devices it is assumed of; empty where it is of none. */
  readonly at: readonly string[]
}

/** One way of a pair. */
export interface PayloadWay {
  /** Who sends. */
  readonly from: string
  /** Who receives. */
  readonly to: string
  /** The longest IP packet that passes with DF, in bytes; null = none. */
  readonly packet: number | null
  /** Ping; absent where it is not asked (a Service answers none, and from outside nothing is sent). */
  readonly ping?: Measured
  /** UDP; absent where it is not asked. */
  readonly udp?: Measured
  /** TCP. */
  readonly tcp?: Segments
  /** Where a longer packet ends; absent where none does. */
  readonly cut?: Cut
  /** Tunnels on the way, outermost last. */
  readonly tunnels: readonly string[]
  /** What becomes of large packets. */
  readonly verdict: PayloadVerdict
  /** What the answer rests on: the weakest of what it was computed from; undecided where it could be otherwise. */
  readonly confidence: Confidence
  /** What it rests on or what could turn it. */
  readonly because: readonly Because[]
}

/** Pairs of ends for which the answer is the same. */
export interface PayloadClass {
  /** What sort of pair. */
  readonly kind: PairKind
  /** Family. */
  readonly family: Family
  /** The pair that was asked for all of them. */
  readonly from: PayloadEnd
  /** The pair that was asked for all of them. */
  readonly to: PayloadEnd
  /** The class in words: what its members have in common. */
  readonly what: string
  /** Members that are known, at the asking and at the asked end. */
  readonly members: readonly [from: number, to: number]
  /** From the first end to the second. */
  readonly there: PayloadWay
  /** The other way; absent where nothing can be sent from there. */
  readonly back?: PayloadWay
  /** The ways differ. */
  readonly isAsymmetric: boolean
}

/** Sorts of pairs, in the order of the report. */
export const PAIR_KINDS = [
  'pods of one node',
  'pods of two nodes',
  'pod and its own node',
  'pod and another node',
  'two nodes',
  'pod and Service',
  'pod and outside',
] as const

/** A sort of pairs. */
export type PairKind = (typeof PAIR_KINDS)[number]

/** The largest payload by class of pairs. */
export interface PayloadReport {
  /** Form and version. */
  readonly schema: typeof PAYLOAD_SCHEMA
  /** The worst verdict of all ways. */
  readonly verdict: PayloadVerdict
  /** Classes, in the order of `PAIR_KINDS`. */
  readonly classes: readonly PayloadClass[]
  /** Classes of pairs that were not tried: there were more than the limit. */
  readonly untried: number
  /** What is assumed or open, each once, with how many ways rest on it. */
  readonly rests: readonly (Because & { readonly ways: number })[]
}

/** What to ask. */
export interface PayloadQuestion {
  /** Only from this end. */
  readonly from?: string
  /** Only to this end; with a Service or an address, only that. */
  readonly to?: string
  /** Where names without a namespace are looked for. */
  readonly namespace?: string
  /** Only this family. */
  readonly family?: Family
  /** Classes of pairs that are tried at most; absent = 100. */
  readonly limit?: number
}
