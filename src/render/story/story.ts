import type { Origin, Role } from '../../model/index.ts'
import type { LayerKind } from '../palette.ts'

/** Whose way is told: that of a request, of what answers it, of an ICMP error, or of anything else. */
export type StoryDirection = 'request' | 'reply' | 'error' | 'other'

/** A namespace of the story. */
export interface StoryLane {
  /** Place in {@link Story.lanes}, from 0. */
  readonly index: number
  /** Name of the namespace. */
  readonly name: string
  /** What it stands for. */
  readonly role: Role | 'unknown'
  /** Interfaces the story's packets pass, in order of first use. */
  readonly devices: readonly string[]
  /** Nobody described it: what it is was assumed. */
  readonly assumed: boolean
}

/** Where something happens. */
export interface StoryPlace {
  /** Index of a lane. */
  readonly lane: number
  /** Interface; '' for the namespace itself. */
  readonly device: string
}

/** A field of a header that a reader looks at. */
export interface StoryField {
  /** Its name, as the dissector has it: `source`, `ttl`, `vni`. */
  readonly name: string
  /** What a picture writes before the value; '' where the value says it by itself. */
  readonly label: string
  /** Its value for people. */
  readonly text: string
  /** Its value before, where it changed. */
  readonly was?: string
}

/** A header of a packet, or what it carries: one of the nested boxes. */
export interface StoryHeader {
  /** Protocol, as the dissector names it: `ethernet`, `ipv4`, `data`. */
  readonly protocol: string
  /** What gives it its colour. */
  readonly layer: LayerKind
  /** Its name for people: `Ethernet`, `outer IPv4`, `ICMP echo request`. */
  readonly name: string
  /** It belongs to a tunnel: another IP header lies inside. */
  readonly outer: boolean
  /** It was put in front since the packet was last drawn. */
  readonly added: boolean
  /** Its fields, the telling ones only. */
  readonly fields: readonly StoryField[]
  /** Where it starts, in the frame. */
  readonly start: number
  /** Its own bytes. */
  readonly length: number
}

/** A packet as nested boxes. */
export interface StoryPacket {
  /** Headers, outermost first: each lies inside the one before. */
  readonly headers: readonly StoryHeader[]
  /** Names of headers that came off since the packet was last drawn. */
  readonly removed: readonly string[]
  /** The whole frame, in bytes. */
  readonly length: number
}

/** What every step says. */
export interface StepBase {
  /** From 1, in the order of the story. */
  readonly number: number
  /** Index of its chapter. */
  readonly chapter: number
  /** Packet id. */
  readonly packetId: number
  /** Virtual time, in nanoseconds. */
  readonly time: number
  /** Whose way it is part of. */
  readonly direction: StoryDirection
  /** Where it happens; for a move where the packet arrives. */
  readonly at: StoryPlace
  /** What happens, in one sentence without full stop. */
  readonly sentence: string
  /** What made the fact behind it. */
  readonly origin?: Origin
  /** Indices of the trace's hops it stands for, in order. */
  readonly hops: readonly number[]
}

/** The packet gets from one interface to another. */
export interface MoveStep extends StepBase {
  /** Discriminant. */
  readonly kind: 'move'
  /** Where it was; its device is '' for a packet that was made here. */
  readonly from: StoryPlace
  /** Over a wire from machine to machine, or inside one. */
  readonly over: 'wire' | 'machine'
  /** The packet on this way, and what changed since the last way of the same sort. */
  readonly packet: StoryPacket
}

/** Something is decided about the packet: a route, a rule, a translation, a tunnel. */
export interface DecisionStep extends StepBase {
  /** Discriminant. */
  readonly kind: 'decision'
  /** What sort of decision. */
  readonly about:
    | 'route' // where to
    | 'hop-limit' // forwarded, one TTL poorer
    | 'tunnel' // headers put in front or taken off
    | 'policy' // let through, or not, by policy
    | 'service' // an endpoint of a Service was chosen
    | 'nat' // an address was rewritten
    | 'rule' // a rule nobody put a meaning to
    | 'size' // fragments, path MTU
    | 'error' // an ICMP error is sent
    | 'link' // a bridge
}

/** The packet waits until somebody tells a link-layer address. */
export interface ResolutionStep extends StepBase {
  /** Discriminant. */
  readonly kind: 'resolution'
  /** Address asked for. */
  readonly target: string
  /** What was asked and answered, step by step. */
  readonly steps: readonly StoryStep[]
}

/** The packet is lost. */
export interface DropStep extends StepBase {
  /** Discriminant. */
  readonly kind: 'drop'
  /** The cause in few words: `no route`, `denied by policy`. */
  readonly cause: string
}

/** The packet's way ends well: taken in. */
export interface DeliveryStep extends StepBase {
  /** Discriminant. */
  readonly kind: 'delivery'
}

/** One thing that happens to a packet. A closed union: `kind` tells which. */
export type StoryStep = MoveStep | DecisionStep | ResolutionStep | DropStep | DeliveryStep

/** Discriminants of {@link StoryStep}. */
export type StepKind = StoryStep['kind']

/** The way of one packet from its making to its end. */
export interface StoryChapter {
  /** Place in {@link Story.chapters}, from 0. */
  readonly index: number
  /** Whose way it is. */
  readonly direction: StoryDirection
  /** Packet id. */
  readonly packetId: number
  /** The packet in few words: `ICMP echo request`, `TCP 43210 > 80 [S]`. */
  readonly title: string
  /** Its steps, in time order. */
  readonly steps: readonly StoryStep[]
  /** Index of an earlier chapter whose packet went the same way in the same wrapping and met the same end; absent when none did. */
  readonly sameAs?: number
}

/** How a story ends. */
export interface StoryOutcome {
  /** In a word or two: `answered`, `dropped`, `undecided`. */
  readonly word: string
  /** Whether that is good, bad, or open. */
  readonly tone: 'ok' | 'bad' | 'open'
}

/** A trace as a story: who, where, in which order, and why. Plain data for whoever draws, prints or steps through it. */
export interface Story {
  /** What was asked; '' when nobody said. */
  readonly title: string
  /** What came of it. */
  readonly outcome: StoryOutcome
  /** The same in one paragraph. */
  readonly summary: string
  /** What could turn the answer, a line each. */
  readonly notes: readonly string[]
  /** Namespaces from the asking end to the asked one. */
  readonly lanes: readonly StoryLane[]
  /** Packet by packet, in the order they were made. */
  readonly chapters: readonly StoryChapter[]
  /** All steps in the order of the story: chapter by chapter, inside each in time order. */
  readonly steps: readonly StoryStep[]
}

/** How a trace is told. */
export interface StoryOptions {
  /** Show switches as places of their own. */
  readonly switches?: boolean
}
