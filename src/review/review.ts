import type { Place, StateChange } from '../control/index.ts'
import type { Confidence, Origin, Plain } from '../model/index.ts'
import type { ReachVerdict } from '../reach/index.ts'

/** What happened to something between two clusters. */
export type Op = 'added' | 'removed' | 'changed'

/** A field of an object that says something else; absent on one side where it is not there. */
export interface FieldChange {
  /** `spec.ipipMode`, `spec.ingress[0].action`. */
  readonly path: string
  /** What it said. */
  readonly was?: Plain
  /** What it says. */
  readonly now?: Plain
  /** Where it stands in the first. */
  readonly before?: Place
  /** Where it stands in the second. */
  readonly after?: Place
}

/** An object that is there on one side only, or says something else. */
export interface ObjectChange {
  /** What happened to it. */
  readonly op: Op
  /** `Kind/namespace/name`; Calico's NetworkPolicy with `calico ` before it. */
  readonly object: string
  /** Where it stands in the first. */
  readonly before?: Place
  /** Where it stands in the second. */
  readonly after?: Place
  /** Of one that changed. */
  readonly fields: readonly FieldChange[]
}

/** What came and what went of something that has parts. */
export interface Parts {
  /** What came. */
  readonly added: readonly string[]
  /** What went. */
  readonly removed: readonly string[]
}

/** A part of the state of machines that is otherwise, on all that it is so of. */
export interface MachineChange {
  /** What happened to it. */
  readonly op: Op
  /** What it is. */
  readonly thing: StateChange['thing']
  /** In the words of its tool, in the first where it is there; of a chain or a set its name. */
  readonly was?: string
  /** The same in the second. */
  readonly now?: string
  /** Members of a set, rules of a chain, of one that is on both sides. */
  readonly parts?: Parts
  /** It goes with a device or an address that came or went: routes of the kernel, link-local addresses, sysctls of the device. */
  readonly follows?: true
  /** What these machines are. */
  readonly of: 'node' | 'pod' | 'machine'
  /** Network namespaces, in order. */
  readonly on: readonly string[]
  /** Changes of objects that it follows from, as `objects` calls them; empty where nobody knows. */
  readonly causes: readonly string[]
  /** What made it in the first. */
  readonly before?: Origin
  /** What made it in the second. */
  readonly after?: Origin
  /** What that rests on. */
  readonly confidence: Confidence
}

/** What becomes of flows in one of the clusters. */
export interface ReachSide {
  /** What becomes of them. */
  readonly verdict: ReachVerdict
  /** Why, in a sentence; '' where nothing is in the way. */
  readonly why: string
  /** Objects that deny it. */
  readonly by?: readonly string[]
  /** What that rests on. */
  readonly confidence: Confidence
}

/** Headers of which something else becomes. */
export interface FlowChange {
  /** `tcp 5432`, `every udp port`, `icmp`. */
  readonly headers: readonly string[]
  /** In the first. */
  readonly was: ReachSide
  /** In the second. */
  readonly now: ReachSide
}

/** Pairs of ends of which something else becomes, all in the same way: ends that are there in both clusters. */
export interface ReachChange {
  /** Who asks. */
  readonly from: readonly string[]
  /** Whom. */
  readonly to: readonly string[]
  /** What becomes of which headers. */
  readonly flows: readonly FlowChange[]
  /** Changes of objects that it follows from; empty where nobody knows. */
  readonly causes: readonly string[]
}

/** Packets go another way, under another address, or another size of them gets there whole. */
export interface WayChange {
  /** What is otherwise. */
  readonly field: 'path' | 'snat' | 'mtu'
  /** In the first. */
  readonly was: string
  /** In the second. */
  readonly now: string
  /** Pairs of ends: `default/web-0 to default/db-0`. */
  readonly pairs: readonly string[]
  /** Changes of objects that it follows from; empty where nobody knows. */
  readonly causes: readonly string[]
  /** What that rests on. */
  readonly confidence: Confidence
}

/** What differs between two clusters. The same the other way round, with sides exchanged, is what differs the other way round. */
export interface Review {
  /** Version of this form. */
  readonly schema: 'packetwalk.review/1'
  /** Objects that are otherwise. */
  readonly objects: readonly ObjectChange[]
  /** State of machines that is otherwise. */
  readonly state: readonly MachineChange[]
  /** Who reaches whom otherwise. */
  readonly reach: readonly ReachChange[]
  /** Ways, source addresses and sizes that are otherwise, of some pairs of each two nodes. */
  readonly ways: readonly WayChange[]
  /** Of how many nodes the state was compared, of how many. */
  readonly nodes: { readonly compared: number; readonly all: number }
  /** What could not be compared, and what causes rest on. */
  readonly notes: readonly string[]
}
