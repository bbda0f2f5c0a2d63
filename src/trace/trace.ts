import type { Certainty, DropCause, Finding, Note, Origin, Role } from '../model/index.ts'
import type { Hop } from './hop.ts'

/** Name and version of the form a trace has as JSON. */
export const TRACE_SCHEMA = 'packetwalk.trace/2'

/** How a packet id ended. Each has exactly one end. */
export type PacketEnd =
  | 'delivered' // a local protocol or program took it
  | 'consumed' // the stack took it in: ARP, ND, an ICMP message
  | 'dropped' // freed with a cause
  | 'fragmented' // replaced by its fragments
  | 'reassembled' // became part of a whole datagram
  | 'waiting' // queued for a neighbour, or kept as a fragment, when the run ended
  | 'swallowed' // handed to a device that leads nowhere (dummy)
  | 'in flight' // the run ended while it was on its way

/** What part a packet plays in the trace. */
export type PacketRole = 'request' | 'reply' | 'error' | 'resolution' | 'other'

/** One packet: what carries one id from its making to its end. */
export interface TracePacket {
  /** Id. */
  readonly id: number
  /** Id of the packet it was made from (fragment, copy); absent when it is an original. */
  readonly parent?: number
  /** Id of the packet it answers (reply, ICMP error). */
  readonly answers?: number
  /** Part it plays. */
  readonly role: PacketRole
  /** The packet in one line, as first seen. */
  readonly line: string
  /** How it ended. */
  readonly end: PacketEnd
  /** Cause, when it was dropped. */
  readonly cause?: DropCause
  /** Namespaces it was in, in order, repeats left out. */
  readonly path: readonly string[]
}

/** A namespace of the trace. */
export interface TraceNode {
  /** Name. */
  readonly name: string
  /** What it stands for. */
  readonly role: Role | 'unknown'
  /** Interfaces frames crossed, in order of first use. */
  readonly interfaces: readonly string[]
  /** What made it; one without an object stands for a machine nobody described. Absent when nobody said. */
  readonly origin?: Origin
}

/** Who asks whom, in the names of the question. */
export interface TraceEnds {
  /** The asking end, e.g. `default/web-0`. */
  readonly from: string
  /** The end asked, by name or address. */
  readonly to: string
}

/** A reply came back. */
export interface Answered {
  /** Discriminant. */
  readonly kind: 'answered'
  /** Namespace that answered. */
  readonly by: string
  /** Packet id of the reply. */
  readonly packet: number
  /** Time from request to reply, in nanoseconds. */
  readonly rtt: number
}

/** It arrived, and no answer is due. */
export interface Delivered {
  /** Discriminant. */
  readonly kind: 'delivered'
  /** Namespace that took it. */
  readonly to: string
  /** Packet id. */
  readonly packet: number
}

/** An ICMP error came back. */
export interface IcmpErrored {
  /** Discriminant. */
  readonly kind: 'error'
  /** The error in words. */
  readonly message: string
  /** ICMP or ICMPv6 type. */
  readonly type: number
  /** ICMP or ICMPv6 code. */
  readonly code: number
  /** Address it came from. */
  readonly from: string
  /** Packet id of the error. */
  readonly packet: number
}

/** Request or reply was lost, and nobody said so. */
export interface Lost {
  /** Discriminant. */
  readonly kind: 'dropped'
  /** Why. */
  readonly cause: DropCause
  /** Namespace where. */
  readonly netns: string
  /** Device; '' when none was involved. */
  readonly dev: string
  /** Which packet it was. */
  readonly role: PacketRole
  /** Packet id. */
  readonly packet: number
}

/** It arrived, and nothing came back. */
export interface Unanswered {
  /** Discriminant. */
  readonly kind: 'no-answer'
  /** What is known of the reason. */
  readonly why: string
}

/** It never left. */
export interface NotSent {
  /** Discriminant. */
  readonly kind: 'not-sent'
  /** What the program was told. */
  readonly why: string
}

/**
 * What became of the question asked: success or failure. Which is which, and under what condition, says `DISPOSITIONS`.
 */
export type Disposition = Answered | Delivered | IcmpErrored | Lost | Unanswered | NotSent

/** Discriminants of {@link Disposition}. */
export type DispositionKind = Disposition['kind']

/** One request and what came of it. */
export interface Exchange {
  /** Packet id of the request. */
  readonly request: number
  /** Namespace that asks. */
  readonly netns: string
  /** The request in one line. */
  readonly line: string
  /** What came of it. */
  readonly disposition: Disposition
}

/** A rule of traces that this one breaks: a bug of packetwalk, shown rather than hidden. */
export interface TraceFault {
  /** Packet id. */
  readonly packet: number
  /** What is wrong. */
  readonly text: string
}

/** What happened, hop by hop, and why. Plain data: prints as JSON and is drawn without the engine. */
export interface Trace {
  /** Form and version. */
  readonly schema: typeof TRACE_SCHEMA
  /** What was asked, e.g. `ping 10.0.0.2` in `default/a`; '' when nobody said. */
  readonly title: string
  /** Who asks whom; absent when nobody said. */
  readonly ends?: TraceEnds
  /** What became of it. */
  readonly disposition: Disposition
  /** Whether that is a success. */
  readonly ok: boolean
  /** Whether the answer follows from the input, rests on assumptions, or could be otherwise. */
  readonly certainty: Certainty
  /** What could turn the answer, or what it rests on. */
  readonly notes: readonly Note[]
  /** Why it failed, first cause first; empty when it succeeded, and before anybody looked for causes. */
  readonly findings: readonly Finding[]
  /** What happened and why, in one paragraph. */
  readonly summary: string
  /** Requests and what came of each. */
  readonly exchanges: readonly Exchange[]
  /** Namespaces, in the order the packets came through. */
  readonly nodes: readonly TraceNode[]
  /** Packets, in the order they were made. */
  readonly packets: readonly TracePacket[]
  /** Everything that happened, in order. */
  readonly hops: readonly Hop[]
  /** Broken rules; empty unless packetwalk has a bug. */
  readonly faults: readonly TraceFault[]
}

/** The trace of what sends no packet: nothing happened. */
export const NO_TRACE: Trace = Object.freeze<Trace>({
  schema: TRACE_SCHEMA,
  title: '',
  disposition: { kind: 'not-sent', why: 'nothing was asked of the network' },
  ok: false,
  certainty: 'certain',
  notes: [],
  findings: [],
  summary: 'No packet was sent.',
  exchanges: [],
  nodes: [],
  packets: [],
  hops: [],
  faults: [],
})
