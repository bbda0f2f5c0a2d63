import type { DropCause } from './drop.ts'
import type { NeighState } from './neighbour.ts'
import type { NetworkData } from './network.ts'
import type { Route, RouteType } from './route.ts'
import type { IptRule, TableName } from './ruleset.ts'

/** What a routing lookup finds: the type of a route, or nothing. */
export type RouteResult = RouteType | 'none'

/** Why a route that contains the destination was not taken. */
export type LossReason =
  | 'shorter-prefix'
  | 'higher-metric'
  | 'listed-later'
  | 'device-down'
  | 'link-down'
  | 'no-device'
  | 'tos'
  | 'not-the-output-device'
  | 'unreachable-router'
  | 'lower-preference'
  | 'throw'
  | 'suppressed'

/** A route that contains the destination, as the lookup met it. */
export interface Candidate {
  /** The route. */
  readonly route: Route
  /** Its table. */
  readonly table: string
  /** Priority of the policy rule that led to the table. */
  readonly rulePriority: number
  /** Why it lost; absent for the one that won. */
  readonly lost?: LossReason
}

/** A routing lookup: what was asked, what won, and what lost. Engine objects carry it as getters: text is made when read. */
export interface Lookup {
  /** What was found. */
  readonly result: RouteResult
  /** Destination looked up, as text. */
  readonly dst: string
  /** Source looked up, as text; '' or the wildcard when it was not chosen yet. */
  readonly src: string
  /** Priority of the policy rule that matched. */
  readonly rulePriority: number
  /** Table that answered, '' when none did. */
  readonly table: string
  /** The winning route as in the network, or told from what nodes share. */
  readonly route: Route | undefined
  /** Gateway, as text; '' when there is none. */
  readonly via: string
  /** Output device, '' when there is none. */
  readonly dev: string
  /** Every route that contains the destination, in the order of trial, up to the table that answered. */
  readonly candidates: readonly Candidate[]
}

/** Base chains of netfilter, one a hook. */
export const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const

/** A netfilter hook, by the name of its base chain. */
export type Hook = (typeof HOOKS)[number]

/** How a hook, or a table's part in it, ended. */
export const VERDICTS = ['drop', 'accept', 'stolen'] as const

/** How a hook ended: `stolen` = somebody keeps the packet. */
export type Verdict = (typeof VERDICTS)[number]

/** A netfilter rule, or the policy of a chain, that matched. */
export interface RuleHit {
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Table. */
  readonly table: TableName
  /** Chain. */
  readonly chain: string
  /** The rule; absent for a policy. */
  readonly rule?: IptRule
  /** The policy; absent for a rule. */
  readonly policy?: 'ACCEPT' | 'DROP'
}

/** A connection as it was at the moment of the event; tuples as text. */
export interface ConnectionPicture {
  /** State as `-m conntrack` names it. */
  readonly state: string
  /** Original direction, e.g. `tcp 10.0.0.1:1 > 10.0.0.2:80`. */
  readonly original: string
  /** Reply direction. */
  readonly reply: string
}

/** A side of a packet before or after translation. */
export interface NatEnd {
  /** Address. */
  readonly address: string
  /** Port; 0 where the protocol has none. */
  readonly port: number
}

/** A neighbour entry as it was at the moment of the event. */
export interface NeighbourPicture {
  /** Address. */
  readonly dst: string
  /** Device. */
  readonly dev: string
  /** Link-layer address, '' while unknown. */
  readonly lladdr: string
  /** State. */
  readonly state: NeighState
}

/** Judgements of an ARP request or neighbour solicitation; which of them are answers, says {@link isAnswer}. */
export const ARP_VERDICTS = [
  'local',
  'probe',
  'proxy-arp',
  'proxy-arp-pvlan',
  'proxy-entry',
  'anycast',
  'arp-ignore',
  'arp-filter',
  'asker-unknown',
  'not-ours',
] as const

/**
 * How a request for an address was judged: `local` an own address, `probe` a duplicate address probe for one, `proxy-arp`,
 * `proxy-arp-pvlan` and `proxy-entry` for another's, `anycast`; not answered by `arp_ignore`, by `arp_filter`, because
 * the asker may not be learned, or because the address is none of ours.
 */
export type ArpVerdict = (typeof ARP_VERDICTS)[number]

const SILENT: ReadonlySet<ArpVerdict> = new Set(['arp-ignore', 'arp-filter', 'asker-unknown', 'not-ours'])

/** Whether the request is answered. */
export function isAnswer(verdict: ArpVerdict): boolean {
  return !SILENT.has(verdict)
}

/** Who took a packet. */
export const TAKERS = ['stack', 'icmp', 'icmpv6', 'udp-socket', 'tcp-listener', 'tcp-connection'] as const

/** Who took a packet; `stack` = no protocol of the kernel and no socket but a raw one, which had its copy. */
export type Taker = (typeof TAKERS)[number]

/** Kinds of encapsulation. */
export type Tunnel = 'ipip' | 'vxlan' | 'wireguard'

/** What chose the outer destination. */
export type OuterChoice = 'remote' | 'gateway' | 'fdb' | 'endpoint'

/** Why an ICMP error was not sent. */
export type HeldBack =
  | 'frame-to-group'
  | 'packet-to-group'
  | 'packet-to-multicast'
  | 'later-fragment'
  | 'packet-cut-off'
  | 'icmp-cut-off'
  | 'icmpv6-cut-off'
  | 'about-an-error'
  | 'source-no-host'
  | 'anycast-sender'
  | 'machine-limit'
  | 'sender-limit'
  | 'no-route-back'

/** What a bridge does with a frame. */
export const BRIDGE_DECISIONS = ['forward', 'flood', 'local'] as const

/** Who keeps packets. */
export const KEEPERS = ['fragments', 'handshake', 'proxy-delay', 'socket'] as const

/**
 * Who keeps a packet for later: the queue of its fellow fragments, WireGuard until the handshake is done, the delay of a
 * proxy, or a TCP socket that is busy or misses what comes before. (A packet that waits for a neighbour: `neighbour`.)
 */
export type Keeper = (typeof KEEPERS)[number]

/** How packets end. */
export const ENDS = ['dropped', 'delivered', 'consumed', 'fragmented', 'merged', 'swallowed'] as const

/**
 * How a packet ended: freed with a cause, taken by a socket or protocol, taken in by the stack itself (ARP, ND, an own use),
 * replaced by its fragments, become part of a whole datagram, or given to a device that leads nowhere.
 */
export type EndKind = (typeof ENDS)[number]

/**
 * One thing that happened. A closed union: `kind` tells which. Values are data; words are made by whoever tells people.
 */
export type PacketEvent =
  | {
      /** A frame handed to a device, or received from it. */
      readonly kind: 'tx' | 'rx'
      /** Link type, see `LINK_TYPE`. */
      readonly linkType: number
      /** The frame. */
      readonly bytes: Uint8Array
    }
  | {
      /** A routing decision about a packet; about none (id 0) when a program was refused before it could make one. */
      readonly kind: 'route'
      readonly direction: 'input' | 'output'
      readonly lookup: Lookup
      /** The decision was not to take the packet, whatever was found. */
      readonly refused?: DropCause
    }
  | { readonly kind: 'rp-filter'; readonly passed: boolean; readonly lookup: Lookup }
  | {
      /** Passing through; the hop limit falls by one. */
      readonly kind: 'forward'
      /** TTL or hop limit before. */
      readonly hopLimit: number
    }
  | {
      readonly kind: 'deliver'
      readonly protocol: number
      /** Local port, or ICMP type. */
      readonly port: number
      readonly by: Taker
    }
  | { readonly kind: 'held'; readonly by: Keeper }
  | { readonly kind: 'end'; readonly how: Exclude<EndKind, 'dropped'> }
  | { readonly kind: 'end'; readonly how: 'dropped'; readonly cause: DropCause }
  | {
      readonly kind: 'rule'
      readonly hook: Hook
      /** Position in the chain, from 1; 0 for the policy. */
      readonly position: number
      /** Mark of the packet afterwards. */
      readonly mark: number
      readonly hit: RuleHit
    }
  | {
      /** A table's part in a hook ended. */
      readonly kind: 'hook-end'
      readonly hook: Hook
      readonly table: TableName
      readonly verdict: Verdict
      /** The match or target that is not modelled, when the packet met one. */
      readonly unmodelled?: string
    }
  | { readonly kind: 'conntrack'; readonly isNew: boolean; readonly connection: ConnectionPicture }
  | {
      readonly kind: 'nat'
      readonly side: 'source' | 'destination'
      readonly from: NatEnd
      readonly to: NatEnd
    }
  | {
      readonly kind: 'neighbour'
      readonly entry: NeighbourPicture
      /** The packet waits for the answer. */
      readonly queued: boolean
    }
  | { readonly kind: 'neighbour-change'; readonly from: NeighState; readonly entry: NeighbourPicture }
  | {
      readonly kind: 'arp'
      readonly verdict: ArpVerdict
      /** Address asked for. */
      readonly target: string
      /** Who asks. */
      readonly sender: string
    }
  | {
      readonly kind: 'encap'
      readonly tunnel: Tunnel
      /** Outer headers, in bytes. */
      readonly overhead: number
      readonly source: string
      readonly destination: string
      readonly chosenBy: OuterChoice
    }
  | {
      readonly kind: 'decap'
      readonly tunnel: Tunnel
      /** Outer headers, in bytes. */
      readonly overhead: number
      readonly source: string
      readonly destination: string
    }
  | { readonly kind: 'fragment'; readonly mtu: number; readonly fragments: number }
  | { readonly kind: 'reassemble'; readonly fragments: number; readonly length: number }
  | {
      readonly kind: 'icmp-error'
      readonly type: number
      readonly code: number
      /** MTU, gateway or pointer; 0 when it has none. */
      readonly info: number
      /** Why it was not sent; absent when it was. */
      readonly heldBack?: HeldBack
    }
  | {
      /** A path MTU was learned. */
      readonly kind: 'path-mtu'
      readonly destination: string
      readonly mtu: number
      readonly locked: boolean
    }
  | {
      /** A redirect was learned: another gateway, or '' when the destination is on the link. */
      readonly kind: 'redirect'
      readonly destination: string
      readonly gateway: string
    }
  | {
      readonly kind: 'bridge'
      readonly decision: (typeof BRIDGE_DECISIONS)[number]
      /** Output port, for `forward`. */
      readonly port: string
    }
  | {
      /** A bridge learned where a MAC address is. */
      readonly kind: 'learn'
      readonly mac: string
      readonly port: string
    }
  | {
      readonly kind: 'create'
      /** IP protocol, or the EtherType of ARP. */
      readonly protocol: number
      /** Packet id it answers, 0 = none. */
      readonly answers: number
    }
  | {
      /** A copy, or a fragment. */
      readonly kind: 'clone'
      /** Packet id of the original. */
      readonly original: number
    }
  | { readonly kind: 'program'; readonly text: string }
  | {
      /** From here on the network is this one. */
      readonly kind: 'network'
      readonly network: NetworkData
    }

/** Discriminants of {@link PacketEvent}. */
export type EventKind = PacketEvent['kind']

/** When and where an event happened, and to which packet. */
export interface Stamp {
  /** Virtual time, in nanoseconds. */
  readonly time: number
  /** Namespace; '' when it is about none. */
  readonly netns: string
  /** Interface; '' when none is involved. */
  readonly dev: string
  /** Packet id; 0 = about no packet. */
  readonly packet: number
}

/** An event with its stamp. */
export type Stamped<E> = E & Stamp

/** An event of one kind, with its stamp. */
export type EventOf<K extends EventKind> = Stamped<Extract<PacketEvent, { readonly kind: K }>>

/** What happened, in order: what `trace` reads. */
export interface RecordLog {
  /** Number of events. */
  readonly length: number
  /** Event i. Its bytes are valid until the log is written to again. */
  eventAt(i: number): Stamped<PacketEvent>
}
