import type { Certainty, FindingCode } from '../model/index.ts'
import type { Family } from '../wire/index.ts'

/** Name and version of the form that the answer has as JSON. */
export const REACH_SCHEMA = 'packetwalk.reach/1'

/** All that can become of flows. */
export const REACH_VERDICTS = ['allowed', 'denied', 'broken', 'partly', 'undecided'] as const

/** What becomes of flows of a class. */
export type ReachVerdict = (typeof REACH_VERDICTS)[number]

/** Ends that behave alike, to whomever and from whomever they are asked. */
export interface ReachEnd {
  /** What they are. */
  readonly kind: 'pods' | 'nodes' | 'service' | 'machine' | 'outside'
  /** The class in a few words. */
  readonly label: string
  /** Pods `namespace/name`, `node/NAME`, `svc/NAMESPACE/NAME`, names of machines, ranges of addresses outside. */
  readonly members: readonly string[]
  /** Ranges inside of those that belong to another class. */
  readonly except?: readonly string[]
}

/** A class of headers: a protocol, and an interval of what tells its flows apart. */
export interface ReachHeaders {
  /** `tcp`, `udp`, `sctp`, `icmp`, `icmpv6`, a number, or `other`: every protocol that no rule names. */
  readonly protocol: string
  /** First destination port; of ICMP type × 256 + code; else 0. */
  readonly low: number
  /** Last. */
  readonly high: number
  /** Only this family, where families differ; absent: each family that both ends have. */
  readonly family?: Family
}

/** What becomes of flows. Those of one sort are one outcome, referred to by its place in the list. */
export interface ReachOutcome {
  /** Verdict. */
  readonly verdict: ReachVerdict
  /** Why, in a sentence without its full stop; '' where nothing is in the way. */
  readonly why: string
  /** Objects that deny it, as people call them. */
  readonly by?: readonly string[]
  /** First cause, where it is broken. */
  readonly code?: FindingCode
  /** Namespace to look at, where it is broken. */
  readonly where?: string
  /** What it depends on, where it is so only partly. */
  readonly partly?: 'size' | 'endpoint' | 'node pair' | 'source port' | 'direction'
  /** What becomes of each part. */
  readonly parts?: readonly { readonly when: string; readonly outcome: number }[]
  /** Calculated over whole classes of headers, or a packet of the class was really walked. */
  readonly how: 'computed' | 'walked'
  /** What it is worth: it follows from the input, rests on something assumed, or could be otherwise. */
  readonly certainty: Certainty
  /** What the answer comes from: objects, or dumps of machines. */
  readonly from: 'objects' | 'dump'
  /** What it rests on, or what could turn it. */
  readonly notes?: readonly string[]
}

/** What becomes of all headers between two ends, in order of protocols and intervals. Equal ones are one pattern. */
export type ReachPattern = readonly ReachFlow[]

/** What becomes of a class of headers. */
export interface ReachFlow {
  /** The headers. */
  readonly headers: ReachHeaders
  /** Place in the list of outcomes. */
  readonly outcome: number
}

/** From all ends of one class to all of another. */
export interface ReachCell {
  /** Place of the asking class in the list of ends. */
  readonly from: number
  /** Place of the class that is asked. */
  readonly to: number
  /** Place in the list of patterns. */
  readonly pattern: number
}

/** How the answer came about. */
export interface ReachCounts {
  /** Ends, each pod, node, Service for itself; ranges of addresses outside count as one. */
  readonly ends: number
  /** Classes of them. */
  readonly classes: number
  /** Pairs of ends that the cells stand for. */
  readonly pairs: number
  /** Policy verdicts that were calculated. */
  readonly verdicts: number
  /** Ways that were walked by packets: each once. */
  readonly ways: number
  /** Programs that sent packets along these ways. */
  readonly packets: number
}

/** Who reaches whom. */
export interface Reach {
  /** Form and version. */
  readonly schema: typeof REACH_SCHEMA
  /** Classes of ends. */
  readonly ends: readonly ReachEnd[]
  /** Outcomes that occur. */
  readonly outcomes: readonly ReachOutcome[]
  /** Patterns that occur. */
  readonly patterns: readonly ReachPattern[]
  /** Pairs of classes; a class and itself where it has more members than one. */
  readonly cells: readonly ReachCell[]
  /** How it came about. */
  readonly counts: ReachCounts
  /** What the whole answer rests on. */
  readonly notes: readonly string[]
  /** Which part of the asking classes it is about, where it is one of several shards. */
  readonly shard?: { readonly index: number; readonly of: number }
  /** Why it is not whole; absent: it is. */
  readonly partial?: string
}
