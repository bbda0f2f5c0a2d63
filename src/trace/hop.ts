import type {
  ArpVerdict,
  DropCause,
  Hook,
  LossReason,
  NatEnd,
  NeighState,
  RouteResult,
  RuleMeaning,
  TableName,
  Tunnel,
  Verdict,
} from '../model/index.ts'
import type { Change } from './changes.ts'
import type { Fact } from './fact.ts'

/** What every hop says. Plain data: a hop prints as JSON and reads back. */
export interface HopBase {
  /** Virtual time, in nanoseconds from the start of the run. */
  readonly time: number
  /** Namespace. */
  readonly netns: string
  /** Interface; '' when none is involved. */
  readonly dev: string
  /** Packet id; 0 when the hop is about no packet (a timer, a program). */
  readonly packet: number
  /** Why, in one sentence for people. */
  readonly reason: string
  /** The configuration this hop relied on, with its origins. */
  readonly facts: readonly Fact[]
}

/** A frame that crosses a device. */
export interface FrameHop extends HopBase {
  /** `tx`: handed to the device. `rx`: received from it. */
  readonly kind: 'tx' | 'rx'
  /** Link type, see `LINK_TYPE`. */
  readonly linkType: number
  /** The frame, in hex digits. */
  readonly bytes: string
  /** The frame as tcpdump prints it. */
  readonly line: string
  /** What changed since the packet was last seen. */
  readonly changes: readonly Change[]
}

/** A candidate of a route lookup. */
export interface RouteCandidate {
  /** The route as `ip route` prints it. */
  readonly text: string
  /** Its destination prefix; absent in traces of version 1. */
  readonly prefix?: string
  /** Its table. */
  readonly table: string
  /** Priority of the policy rule that led to the table. */
  readonly rulePriority?: number
  /** Whether it won. */
  readonly won: boolean
  /** Why it lost; absent for the one that won, and in traces of version 1. */
  readonly lost?: LossReason
  /** Why it won or lost. */
  readonly why: string
}

/** A routing decision. */
export interface RouteHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'route'
  /** `input`: for a packet that came in. `output`: for an own one. */
  readonly direction: 'input' | 'output'
  /** What was found: the type of a route, or `none`. */
  readonly result: RouteResult
  /** Why the packet was not taken, whatever was found. */
  readonly refused?: DropCause
  /** Destination looked up. */
  readonly destination: string
  /** Source looked up; '' when not chosen yet. */
  readonly source: string
  /** Table that answered. */
  readonly table?: string
  /** Priority of the policy rule that led there. */
  readonly rulePriority?: number
  /** The winning route as `ip route` prints it. */
  readonly route?: string
  /** Gateway. */
  readonly via?: string
  /** Output device. */
  readonly out?: string
  /** Every route that contains the destination, in the order they were considered; the winner is marked. */
  readonly candidates: readonly RouteCandidate[]
}

/** Forwarding: the packet passes through, one TTL poorer. */
export interface ForwardHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'forward'
  /** TTL or hop limit before. */
  readonly ttlBefore: number
  /** TTL or hop limit after. */
  readonly ttlAfter: number
}

/** Delivery to a local protocol. */
export interface DeliverHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'deliver'
  /** IP protocol number. */
  readonly protocol: number
  /** Local port, or ICMP type. */
  readonly port: number
  /** Whether a socket took it. */
  readonly taken: boolean
  /** What took it. */
  readonly by: string
}

/** The end of a packet. Freed is not failed: see `isHarmless`. */
export interface DropHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'drop'
  /** Our cause. */
  readonly cause: DropCause
  /** The kernel's `skb_drop_reason`. */
  readonly kernelReason: string
  /** The kernel function that freed the packet. */
  readonly kernelFunction: string
  /** Nothing went wrong: the packet had done its work. */
  readonly harmless: boolean
}

/** Names of the netfilter hooks. */
export type HookName = Hook

/** A netfilter rule, or a chain's policy, matched. */
export interface RuleHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'rule'
  /** Hook. */
  readonly hook: HookName
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Table. */
  readonly table: string
  /** Chain. */
  readonly chain: string
  /** Position in the chain, from 1; 0 for a policy. */
  readonly position: number
  /** The rule as `iptables-save` prints it, or `policy ACCEPT`. */
  readonly text: string
  /** What it does: the word after `-j`, the policy, or '' when it only counts. */
  readonly target: string
  /** Mark of the packet after the rule. */
  readonly mark: number
  /** What the rule stands for, where Felix, kube-proxy or the portmap plugin made it. */
  readonly meaning?: RuleMeaning
}

/** A netfilter hook ended. */
export interface HookHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'hook'
  /** Hook. */
  readonly hook: HookName
  /** Table whose chain ended. */
  readonly table: TableName
  /** How. */
  readonly verdict: Verdict
  /** The match or target that is not modelled, when the packet met one. */
  readonly unmodelled?: string
}

/** What connection tracking made of a packet. */
export interface ConntrackHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'conntrack'
  /** State as `-m conntrack` names it. */
  readonly state: string
  /** The entry was made for this packet. */
  readonly isNew: boolean
  /** Original direction. */
  readonly original: string
  /** Reply direction. */
  readonly reply: string
}

/** NAT rewrote an address or a port. */
export interface NatHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'nat'
  /** Which side. */
  readonly side: 'source' | 'destination'
  /** Before: `address:port`, or the address alone. */
  readonly from: string
  /** After. */
  readonly to: string
  /** Address and port after it; absent in older traces. */
  readonly after?: NatEnd
}

/** A neighbour was looked up; with `queued`, the packet waits for the answer. */
export interface NeighbourHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'neighbour'
  /** Address. */
  readonly address: string
  /** Link-layer address, '' while unknown. */
  readonly lladdr: string
  /** State. */
  readonly state: NeighState
  /** The packet waits here until the neighbour answers. */
  readonly queued: boolean
}

/** A neighbour entry changed its state. */
export interface NeighbourChangeHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'neighbour-change'
  /** Address. */
  readonly address: string
  /** Link-layer address, '' while unknown. */
  readonly lladdr: string
  /** State before. */
  readonly from: NeighState
  /** State after. */
  readonly to: NeighState
}

/** An ARP request or neighbour solicitation was judged. */
export interface ArpHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'arp'
  /** Whether it was answered. */
  readonly answered: boolean
  /** How it was judged; absent in traces of version 1. */
  readonly verdict?: ArpVerdict
  /** Address asked for. */
  readonly target: string
  /** Who asks. */
  readonly sender: string
}

/** Encapsulation or decapsulation. */
export interface TunnelHop extends HopBase {
  /** `encap`: outer headers are put in front. `decap`: they are taken off. */
  readonly kind: 'encap' | 'decap'
  /** Kind of encapsulation. */
  readonly tunnel: Tunnel
  /** Outer headers, in bytes. */
  readonly overhead: number
  /** Outer source. */
  readonly source: string
  /** Outer destination. */
  readonly destination: string
}

/** A packet was cut into fragments. */
export interface FragmentHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'fragment'
  /** MTU of the way out, in bytes. */
  readonly mtu: number
  /** Number of fragments. */
  readonly fragments: number
}

/** Fragments were put together. */
export interface ReassembleHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'reassemble'
  /** Number of fragments. */
  readonly fragments: number
  /** Length of the whole, in bytes. */
  readonly length: number
}

/** An ICMP error is sent, or held back. */
export interface IcmpErrorHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'icmp-error'
  /** Whether it is sent. */
  readonly sent: boolean
  /** ICMP type. */
  readonly type: number
  /** ICMP code. */
  readonly code: number
  /** MTU or gateway, 0 when it has none. */
  readonly info: number
  /** The message as people call it, e.g. `time to live exceeded in transit`. */
  readonly message: string
}

/** A route exception was learned: a path MTU or a redirect. */
export interface ExceptionHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'route-exception'
  /** Path MTU, 0 for a redirect. */
  readonly mtu: number
  /** Destination it is about; absent in traces of version 1. */
  readonly destination?: string
  /** The better gateway, for a redirect; '' = the destination is on the link. */
  readonly gateway?: string
}

/** A bridge decided. */
export interface BridgeHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'bridge'
  /** What. */
  readonly decision: 'forward' | 'flood' | 'local'
  /** Output port, for `forward`. */
  readonly port?: string
}

/** A bridge or VXLAN device learned an address. */
export interface LearnHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'learn'
  /** Address; absent in traces of version 1. */
  readonly mac?: string
  /** Port it is behind; absent in traces of version 1. */
  readonly port?: string
}

/** A packet was made by a program or by the stack. */
export interface CreateHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'create'
  /** IP protocol number. */
  readonly protocol: number
  /** Packet id it answers. */
  readonly answers?: number
}

/** A copy of a packet was made. */
export interface CloneHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'clone'
  /** Packet id of the original. */
  readonly original: number
}

/** A reverse path check. */
export interface RpFilterHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'rp-filter'
  /** Whether the packet passed. */
  readonly passed: boolean
  /** The route a reply would take, as `ip route` prints it. */
  readonly route?: string
  /** Device a reply would leave by. */
  readonly out?: string
}

/** A program printed or ended. */
export interface ProgramHop extends HopBase {
  /** Discriminant. */
  readonly kind: 'program'
  /** What it said. */
  readonly text: string
}

/** One thing that happened to a packet. A closed union: `kind` tells which. */
export type Hop =
  | ArpHop
  | BridgeHop
  | CloneHop
  | ConntrackHop
  | CreateHop
  | DeliverHop
  | DropHop
  | ExceptionHop
  | ForwardHop
  | FragmentHop
  | FrameHop
  | HookHop
  | IcmpErrorHop
  | LearnHop
  | NatHop
  | NeighbourChangeHop
  | NeighbourHop
  | ProgramHop
  | ReassembleHop
  | RouteHop
  | RpFilterHop
  | RuleHop
  | TunnelHop

/** Discriminants of {@link Hop}. */
export type HopKind = Hop['kind']
