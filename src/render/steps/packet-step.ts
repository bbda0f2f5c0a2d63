import type { Certainty, DropCause, LossReason, NeighState, Origin, Role, RouteResult } from '../../model/index.ts'
import type { HookName, PacketRole } from '../../trace/index.ts'
import type { HeaderFault } from '../../wire/index.ts'

/** Name and version of the form steps have as JSON. */
export const STEPS_SCHEMA = 'packetwalk.steps/1'

/** A trace one step at a time. Plain data: prints as JSON, and is drawn without the engine. */
export interface StepsView {
  /** Form and version. */
  readonly schema: typeof STEPS_SCHEMA
  /** What was asked; '' when nobody said. */
  readonly title: string
  /** What became of it, in a word. */
  readonly outcome: string
  /** Whether that is a success. */
  readonly ok: boolean
  /** Whether the answer follows from the input. */
  readonly certainty: Certainty
  /** What happened and why, in one paragraph. */
  readonly summary: string
  /** The steps, in the order they happened. */
  readonly steps: readonly PacketStep[]
}

/** One step: a frame goes into a device or comes out of it, or a packet's way ends; with all that was decided on the way there. */
export interface PacketStep {
  /** Number among all steps, from 1. */
  readonly number: number
  /** What it is called: `7` for the seventh on the way, `7.2` for the second aside behind it. */
  readonly label: string
  /** Virtual time, in nanoseconds. */
  readonly time: number
  /** Namespace. */
  readonly netns: string
  /** What it stands for. */
  readonly role: Role | 'unknown'
  /** Device; '' when none is involved. */
  readonly dev: string
  /** `out`: the frame is handed to the device. `in`: it is received from it. `end`: the packet goes no further. */
  readonly event: 'out' | 'in' | 'end'
  /** Packet id; 0 when it is about none. */
  readonly packet: number
  /** The part the packet plays. */
  readonly part: PacketRole
  /** Not on the way that was asked about: address resolution, switches, who only overhears. Folded until asked for. */
  readonly aside: boolean
  /** What happens, in a few words: `leaves by tunl0`. */
  readonly title: string
  /** Why, in one sentence. */
  readonly reason: string
  /** The packet as tcpdump prints it; '' when there is no frame. */
  readonly line: string
  /** How its way ended; absent while it goes on. */
  readonly end?: StepEnd
  /** The frame, opened: at an end as it was last seen. Absent when no frame was made. */
  readonly frame?: StepFrame
  /** What policy, Services and NAT decided, a sentence each. */
  readonly decisions: readonly StepSaid[]
  /** Routing tables asked, in order. */
  readonly lookups: readonly StepLookup[]
  /** Chains of netfilter walked, in order. */
  readonly walks: readonly StepWalk[]
  /** Connections the packet was found to belong to. */
  readonly connections: readonly StepConnection[]
  /** Addresses that were translated. */
  readonly translations: readonly StepTranslation[]
  /** The neighbour entry used; absent when none was looked up. */
  readonly neighbour?: StepNeighbour
  /** Everything else that happened: forwarding, tunnels, fragments, bridges, judgements of ARP. */
  readonly others: readonly StepSaid[]
  /** Indices of the hops it was told from, in the trace's hops. */
  readonly hops: readonly number[]
}

/** How a packet's way ended. */
export interface StepEnd {
  /** Whether it came to grief. */
  readonly bad: boolean
  /** Cause, when it was freed. */
  readonly cause?: DropCause
}

/** A frame with its headers open. */
export interface StepFrame {
  /** Link type, see `LINK_TYPE`. */
  readonly linkType: number
  /** Its bytes, two hex digits each. */
  readonly bytes: string
  /** Its headers, outermost first. */
  readonly layers: readonly StepLayer[]
  /** What changed since the packet was last seen, a few words each; derived fields (checksums, lengths) left out. */
  readonly changes: readonly string[]
}

/** What became of a header or field since the packet was last seen. */
export type StepChange = 'new' | 'changed' | 'same'

/** One header of a frame, or the data behind the last. */
export interface StepLayer {
  /** Protocol, e.g. `ipv4`; `data` for what is not opened. */
  readonly protocol: string
  /** Its name for people, e.g. `IPv4`. */
  readonly name: string
  /** How deep it lies: 1 for what a tunnel carries or an ICMP error quotes, 2 inside that. */
  readonly depth: number
  /** First byte, in the frame. */
  readonly start: number
  /** Length, in bytes. */
  readonly length: number
  /** What became of it. */
  readonly change: StepChange
  /** What is wrong with it. */
  readonly fault?: HeaderFault
  /** Its fields. */
  readonly fields: readonly StepField[]
}

/** One field of a header. */
export interface StepField {
  /** Name. */
  readonly name: string
  /** Value for people. */
  readonly value: string
  /** First byte it touches, in the frame. */
  readonly start: number
  /** Bytes it touches. */
  readonly length: number
  /** First bit, counted from the most significant one of byte `start`. */
  readonly bit: number
  /** Length, in bits. */
  readonly bits: number
  /** What became of it. */
  readonly change: StepChange
  /** Value when the packet was last seen; absent unless it changed. */
  readonly before?: string
}

/** A piece of configuration, and the line it came from. */
export interface StepFact {
  /** The fact as the Linux tool prints it. */
  readonly text: string
  /** What made it. */
  readonly origin?: Origin
  /** The origin in words: component, object, field, file and line. */
  readonly from?: string
  /** The text of that line; absent where the input is not at hand. */
  readonly source?: string
}

/** Something that was decided or done, in a sentence. */
export interface StepSaid {
  /** The sentence. */
  readonly text: string
  /** The packet ends with it. */
  readonly bad: boolean
  /** What it relied on. */
  readonly facts: readonly StepFact[]
}

/** A routing table asked. */
export interface StepLookup {
  /** `route`: where the packet goes. `reverse`: where an answer would (rp_filter). */
  readonly kind: 'route' | 'reverse'
  /** Destination looked up; '' where the trace does not say. */
  readonly destination: string
  /** Source looked up; '' when not chosen yet. */
  readonly source: string
  /** What was found: the type of a route, or `none`. */
  readonly result: RouteResult | ''
  /** The table that answered; '' when none did. */
  readonly table: string
  /** Why, in one sentence. */
  readonly reason: string
  /** Whether the packet went no further for it. */
  readonly bad: boolean
  /** Every route that contains the destination, in the order they were considered. */
  readonly candidates: readonly StepCandidate[]
  /** What the answer relied on. */
  readonly facts: readonly StepFact[]
}

/** A route that contains the destination. */
export interface StepCandidate {
  /** As `ip route` prints it. */
  readonly text: string
  /** Its table. */
  readonly table: string
  /** Whether it won. */
  readonly won: boolean
  /** Why it lost. */
  readonly lost?: LossReason
  /** Why it won or lost, in words. */
  readonly why: string
}

/** A table of netfilter walked at one hook. */
export interface StepWalk {
  /** Hook. */
  readonly hook: HookName
  /** Table. */
  readonly table: string
  /** `iptables` or `ip6tables`. */
  readonly tool: 'iptables' | 'ip6tables'
  /** How it ended; '' where the trace does not say. */
  readonly verdict: string
  /** The rules looked at, in order; with no network at hand only those that matched. */
  readonly rules: readonly StepRule[]
}

/** A rule that was looked at. */
export interface StepRule {
  /** Chain. */
  readonly chain: string
  /** Position, from 1; 0 for the chain's policy. */
  readonly position: number
  /** As `iptables-save` prints it. */
  readonly text: string
  /** Whether it matched. */
  readonly matched: boolean
  /** What it does: the word after `-j`; '' for one that did not match. */
  readonly target: string
  /** What was decided by it, in a sentence; absent for rules that only lead on. */
  readonly decision?: string
  /** Where it comes from. */
  readonly facts: readonly StepFact[]
}

/** A connection the packet was found to belong to. */
export interface StepConnection {
  /** State, as `-m conntrack` names it. */
  readonly state: string
  /** The entry was made for this packet. */
  readonly isNew: boolean
  /** Original direction. */
  readonly original: string
  /** Reply direction. */
  readonly reply: string
}

/** An address that was translated. */
export interface StepTranslation {
  /** Which side. */
  readonly side: 'source' | 'destination'
  /** Before. */
  readonly from: string
  /** After. */
  readonly to: string
  /** Why, in one sentence. */
  readonly reason: string
  /** What it relied on. */
  readonly facts: readonly StepFact[]
}

/** A neighbour entry that was used. */
export interface StepNeighbour {
  /** Address of the next hop. */
  readonly address: string
  /** Its link-layer address; '' while unknown. */
  readonly lladdr: string
  /** State. */
  readonly state: NeighState
  /** The packet waited for the answer. */
  readonly waited: boolean
  /** In one sentence. */
  readonly reason: string
  /** What it relied on. */
  readonly facts: readonly StepFact[]
}
