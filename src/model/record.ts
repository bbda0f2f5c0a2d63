import type { DropCause } from './drop.ts'

/**
 * Kinds of record the dataplane writes. A record has fixed numeric columns (kind, time, netns, ifindex, packet, a, b, c),
 * an optional byte range (copied frame bytes) and an optional reference to an object of the network or of the compiled
 * tables. What the columns mean for each kind is said here; `trace` turns them into hops.
 */
export const RECORD = {
  /** A frame handed to a device. a = link type. Bytes: the frame (layer 2, or layer 3 for tunnels). */
  frameTx: 1,
  /** A frame received from a device. a = link type. Bytes: the frame. */
  frameRx: 2,
  /** Input routing decision. ref: {@link RouteRef}. */
  routeInput: 3,
  /** Output routing decision. ref: {@link RouteRef}. */
  routeOutput: 4,
  /** Forwarded: a = TTL/hop limit before, b = after. */
  forward: 5,
  /** Delivered to a local protocol: a = IP protocol, b = local port or ICMP type, c = 1 when a socket took it. ref: text of what took it. */
  deliver: 6,
  /** Dropped: ref = {@link DropCause}. */
  drop: 7,
  /** A netfilter rule matched: a = hook, b = rule position in its chain from 1, c = mark after. ref: {@link RuleHitRef}. */
  ruleHit: 8,
  /** A netfilter hook ended: a = hook, b = verdict (0 drop, 1 accept, 2 stolen). ref: table name. */
  hookEnd: 9,
  /** Conntrack state of a packet: a = ctinfo, b = 1 when the entry is new. ref: {@link CtRef}. */
  conntrack: 10,
  /** NAT rewrote the packet: a = 0 source, 1 destination. ref: {@link NatRef}. */
  nat: 11,
  /** A neighbour lookup: a = state before (index into NEIGH_STATES). ref: {@link NeighRef}. */
  neigh: 12,
  /** Packet queued while the neighbour is resolved. ref: {@link NeighRef}. */
  neighQueued: 13,
  /** An ARP or ND request was answered or ignored: a = 1 answered. ref: {@link ArpReplyRef}. */
  arpReply: 14,
  /** A neighbour entry changed: a = old state, b = new state. ref: {@link NeighRef}. */
  neighUpdate: 15,
  /** Encapsulated: a = outer headers, in bytes. ref: {@link EncapRef}. */
  encap: 16,
  /** Decapsulated: a = outer headers, in bytes. ref: {@link EncapRef}. */
  decap: 17,
  /** Fragmented: a = MTU, b = number of fragments. */
  fragment: 18,
  /** Reassembled: a = number of fragments, b = resulting length. */
  reassemble: 19,
  /** An ICMP error is sent: a = type, b = code, c = info (MTU or gateway). */
  icmpSend: 20,
  /** An ICMP error is not sent: a = type, b = code. ref: reason as text. */
  icmpSuppressed: 21,
  /** A route exception was learned: a = MTU or 0. ref: text. */
  routeException: 22,
  /** A bridge decided: a = 0 forward, 1 flood, 2 local. ref: name of the output port for forward. */
  bridge: 23,
  /** A bridge or VXLAN device learned an address. ref: text. */
  fdbLearn: 24,
  /** A new packet was made by a local program or the stack. a = IP protocol. b = packet id it answers, 0 if none. */
  create: 25,
  /** A copy of a packet was made: b = packet id of the original. */
  clone: 26,
  /** Reverse path check: a = 1 passed. ref: {@link RouteRef} of the reverse route. */
  rpFilter: 27,
  /** A program printed or ended. ref: text. */
  program: 28,
} as const

/** A record kind's number. */
export type RecordKind = (typeof RECORD)[keyof typeof RECORD]

/** Which route won. Engine objects that carry these fields are passed as they are. */
export interface RouteRef {
  /** What the result is: unicast, local, broadcast, multicast, blackhole, unreachable, prohibit, none. */
  readonly resultType: string
  /** Destination looked up, as text. */
  readonly dst: string
  /** Source looked up, as text. */
  readonly src: string
  /** Priority of the policy rule that matched, if any. */
  readonly rulePriority?: number
  /** Table that answered. */
  readonly table?: string
  /** The winning route as in `network` (or expanded from a fabric). */
  readonly route?: unknown
  /** Gateway, as text. */
  readonly via?: string
  /** Output device. */
  readonly dev?: string
}

/** Which netfilter rule matched. */
export interface RuleHitRef {
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Table. */
  readonly table: string
  /** Chain. */
  readonly chain: string
  /** Rule text, or the policy as `policy ACCEPT`. */
  readonly text: string
  /** The rule as in the model; absent for a policy. */
  readonly rule?: unknown
}

/** A connection's tuples as text. */
export interface CtRef {
  /** State as `-m conntrack` names it. */
  readonly state: string
  /** Original direction, e.g. `tcp 10.0.0.1:1 > 10.0.0.2:80`. */
  readonly original: string
  /** Reply direction. */
  readonly reply: string
}

/** What NAT changed. */
export interface NatRef {
  /** Before, `address:port`. */
  readonly from: string
  /** After. */
  readonly to: string
}

/** A neighbour as text. */
export interface NeighRef {
  /** Address. */
  readonly dst: string
  /** Device. */
  readonly dev: string
  /** Link-layer address, '' while unknown. */
  readonly lladdr: string
  /** State name. */
  readonly state: string
}

/** How an ARP or ND request was judged. */
export interface ArpReplyRef {
  /** Address asked for. */
  readonly target: string
  /** Who asks. */
  readonly sender: string
  /** Why: local address, proxy_arp, proxy entry, or why not. */
  readonly why: string
}

/** What a tunnel did. */
export interface EncapRef {
  /** Kind of encapsulation. */
  readonly kind: 'ipip' | 'vxlan' | 'wireguard'
  /** Outer source. */
  readonly src: string
  /** Outer destination. */
  readonly dst: string
  /** Why this outer destination. */
  readonly why: string
}

/** The reading side of a recorder: what `trace` decodes. */
export interface RecordLog {
  /** Number of records. */
  readonly length: number
  /** Kind of record i. */
  kind(i: number): RecordKind
  /** Virtual time, in nanoseconds. */
  time(i: number): number
  /** Namespace name. */
  netns(i: number): string
  /** Interface name, '' when none. */
  dev(i: number): string
  /** Packet id. */
  packet(i: number): number
  /** Column a. */
  a(i: number): number
  /** Column b. */
  b(i: number): number
  /** Column c. */
  c(i: number): number
  /** Copied bytes; empty when the record has none. */
  bytes(i: number): Uint8Array
  /** The referenced object. */
  ref(i: number): unknown
}

/** The record of a drop, typed. */
export interface DropRecord {
  /** Our cause. */
  readonly cause: DropCause
}
