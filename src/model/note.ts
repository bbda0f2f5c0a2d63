import type { Ip, Prefix } from '../wire/index.ts'
import { checkArgument } from './argument.ts'
import { isRecord } from './is-record.ts'

/** How far an answer can be trusted: it follows from the input, rests on something assumed, or could be otherwise. */
export type Certainty = 'certain' | 'assumed' | 'undecided'

/** What notes are about; the words of `--ignore`. */
export const NOTE_TOPICS = [
  'policy',
  'services',
  'cni',
  'dataplane',
  'settings',
  'annotations',
  'bgp',
  'dump',
  'rules',
  'underlay',
  'server',
] as const

/** What a note is about. */
export type NoteTopic = (typeof NOTE_TOPICS)[number]

/** What a note does to an answer it concerns: makes it no answer, makes it rest on an assumption, or nothing. */
export type NoteEffect = 'undecided' | 'assumed' | 'harmless'

/** Which answers a note could turn: what only takes packets away turns no failure. */
export type NoteTurns = 'any' | 'success' | 'failure'

/** The way of a packet through a policy: into the endpoint, or out of it. */
export type NoteDirection = 'ingress' | 'egress'

/** Which flows a note concerns. Plain data: `diagnose` compares it with a trace. */
export type NoteScope =
  | { readonly kind: 'everything' }
  /**
   * Flows with an end that a policy may or may not select: Calico's selector over its endpoints, with the labels they
   * inherit, some of which nobody knows.
   */
  | {
      readonly kind: 'endpoints'
      readonly selector: string
      readonly directions: readonly NoteDirection[]
      /** Acts on what nodes with a host endpoint forward, too (applyOnForward). */
      readonly forwarded: boolean
      /** It is a rule that is open: those the policy does select are concerned, too. */
      readonly selected?: true
    }
  /** Flows of which a namespace looks up the route to one of these prefixes, from this one. */
  | {
      readonly kind: 'routed'
      readonly netns: string
      readonly family: 'inet' | 'inet6'
      /** Destinations; absent = any. */
      readonly to?: readonly Prefix[]
      /** Sources; absent = any. */
      readonly from?: Prefix
      /** Table the missing route stands in: a longer prefix found there beats it. */
      readonly table?: string
    }
  /** Flows that begin or end in one of these namespaces. */
  | { readonly kind: 'ends'; readonly netns: readonly string[] }
  /**
   * Flows that a node itself sends or takes in by one of these interfaces (absent = by any), those of its own pods left out:
   * what host endpoints see.
   */
  | { readonly kind: 'host_endpoint'; readonly node: string; readonly devs?: readonly string[] }
  /** Flows that come through one of these namespaces. */
  | { readonly kind: 'through'; readonly netns: readonly string[] }
  /** Flows to one of these addresses; where given, only with this protocol and port. */
  | {
      readonly kind: 'destination'
      readonly addresses: readonly Ip[]
      readonly protocol?: string
      readonly port?: number
    }
  /** Flows for which a lookup found a route to one of these ranges with several next hops. */
  | { readonly kind: 'multipath'; readonly to: readonly Prefix[] }
  /** Flows for which a lookup found a route to exactly one of these ranges. */
  | { readonly kind: 'found'; readonly to: readonly Prefix[] }
  /** Flows from a pod to the node it runs on, one of these. */
  | { readonly kind: 'own_node'; readonly nodes: readonly string[] }
  /** Flows of which a packet meets a hook of netfilter in a namespace, at a device where one is named. */
  | {
      readonly kind: 'hooked'
      readonly netns: string
      /** As nftables calls it: `ip`, `ip6`, `inet`, `bridge`, `arp`, `netdev`. */
      readonly family: string
      readonly hook: string
      readonly dev?: string
    }
  /** Flows that cross a device. */
  | { readonly kind: 'device'; readonly netns: string; readonly dev: string }
  /** Flows that a namespace dropped; `layer` narrows it to what the link layer or address translation decides. */
  | { readonly kind: 'dropped'; readonly netns: string; readonly dev?: string; readonly layer?: 'link' | 'translation' }
  /** Failures whose request ended in this namespace. */
  | { readonly kind: 'ended'; readonly netns: string }
  /** Flows of which a packet met a rule of a Service, of one of these where some are named (`namespace/name`). */
  | { readonly kind: 'service'; readonly services?: readonly string[] }
  /** Flows from one node to another machine. */
  | { readonly kind: 'between_nodes' }
  /** Flows whose source was translated. */
  | { readonly kind: 'translated' }

/** Everything about a sort of notes that does not depend on where it is met. */
export interface NoteKind {
  /** Topic. */
  readonly topic: NoteTopic
  /** Effect. */
  readonly effect: NoteEffect
  /** Which answers it could turn. */
  readonly turns: NoteTurns
  /** What it would decide, as the end of "it decides …". */
  readonly decides: string
}

const ROWS = {
  policy: { topic: 'policy', effect: 'undecided', turns: 'success', decides: 'whether the packet is let through' },
  policy_staged: { topic: 'policy', effect: 'harmless', turns: 'success', decides: 'nothing: it is never enforced' },
  host_endpoint: {
    topic: 'policy',
    effect: 'undecided',
    turns: 'success',
    decides: 'whether packets from and to the node itself are let through',
  },
  endpoint_to_host_assumed: {
    topic: 'policy',
    effect: 'assumed',
    turns: 'success',
    decides: 'whether a pod may talk to its own node',
  },
  service: {
    topic: 'services',
    effect: 'undecided',
    turns: 'any',
    decides: 'which endpoint gets the packet, if any',
  },
  proxy_assumed: {
    topic: 'services',
    effect: 'assumed',
    turns: 'any',
    decides: 'who gets packets to Services, and under which source',
  },
  endpoints_assumed: {
    topic: 'services',
    effect: 'assumed',
    turns: 'any',
    decides: 'which endpoint gets the packet, if any',
  },
  endpoints_stand_in: {
    topic: 'services',
    effect: 'assumed',
    turns: 'any',
    decides: 'which endpoint gets the packet, if any',
  },
  address_twice: { topic: 'cni', effect: 'undecided', turns: 'any', decides: 'who gets packets for this address' },
  block_contested: {
    topic: 'cni',
    effect: 'undecided',
    turns: 'any',
    decides: 'which of the nodes gets the packet: the kernel spreads flows by a hash with a secret of its own',
  },
  block_unknown: {
    topic: 'cni',
    effect: 'undecided',
    turns: 'any',
    decides: 'whether other nodes have a route to it, and by whom',
  },
  pod_mtu: {
    topic: 'cni',
    effect: 'undecided',
    turns: 'any',
    decides: 'whether the pod has a network at all',
  },
  felix_field: { topic: 'settings', effect: 'undecided', turns: 'any', decides: 'how Felix programs the nodes' },
  variable: { topic: 'settings', effect: 'undecided', turns: 'any', decides: 'how calico-node sets its node up' },
  other_cni: {
    topic: 'cni',
    effect: 'undecided',
    turns: 'any',
    decides: 'how pods are wired and where their addresses come from',
  },
  bgp_field: { topic: 'bgp', effect: 'undecided', turns: 'any', decides: 'which routes nodes and routers learn' },
  dataplane: { topic: 'dataplane', effect: 'undecided', turns: 'any', decides: 'what happens to packets on the nodes' },
  annotation: {
    topic: 'annotations',
    effect: 'undecided',
    turns: 'any',
    decides: 'which addresses reach the pod, or may leave it',
  },
  bgp_filter: { topic: 'bgp', effect: 'undecided', turns: 'any', decides: 'which routes nodes learn' },
  bgp_speaker: { topic: 'bgp', effect: 'undecided', turns: 'failure', decides: 'which routes nodes and routers learn' },
  bgp_assumed: { topic: 'bgp', effect: 'assumed', turns: 'any', decides: 'which routes nodes learn' },
  dump_missing: {
    topic: 'dump',
    effect: 'undecided',
    turns: 'failure',
    decides: 'whether the real machine drops it, too',
  },
  dump_rules_missing: {
    topic: 'dump',
    effect: 'assumed',
    turns: 'success',
    decides: 'whether a firewall rule drops it',
  },
  dump_unread: { topic: 'dump', effect: 'undecided', turns: 'any', decides: 'what this machine does with packets' },
  dump_unplugged: { topic: 'dump', effect: 'undecided', turns: 'failure', decides: 'where the packet goes' },
  dump_silent: { topic: 'dump', effect: 'undecided', turns: 'failure', decides: 'whether somebody answers there' },
  dump_assumed: { topic: 'dump', effect: 'assumed', turns: 'success', decides: 'what it does with the packet' },
  dump_assumed_end: { topic: 'dump', effect: 'undecided', turns: 'failure', decides: 'what became of the packet' },
  rule: { topic: 'rules', effect: 'undecided', turns: 'any', decides: 'what becomes of the packet' },
  not_modelled: { topic: 'rules', effect: 'undecided', turns: 'any', decides: 'what becomes of the packet' },
  outside: {
    topic: 'underlay',
    effect: 'undecided',
    turns: 'failure',
    decides: 'whether somebody answers there',
  },
  router: { topic: 'underlay', effect: 'assumed', turns: 'any', decides: 'where packets between subnets go' },
  internet: { topic: 'underlay', effect: 'assumed', turns: 'any', decides: 'whether somebody answers there' },
  port_protocol: { topic: 'server', effect: 'undecided', turns: 'any', decides: 'whether that protocol gets there' },
  listener: { topic: 'server', effect: 'assumed', turns: 'success', decides: 'whether the connection is accepted' },
} as const

/** Stable name of a sort of note; the key of {@link NOTES}. */
export type NoteCode = keyof typeof ROWS

/**
 * Every sort of note. To add one: a row here, and one line where it is met (`findings.note('code', object, path, what)` in
 * the control plane, a {@link Note} elsewhere). Whether a trace is concerned follows from the scope.
 */
export const NOTES: Readonly<Record<NoteCode, NoteKind>> = ROWS

/** Something in the input that is not modelled, is missing, or was assumed, and which answers it could turn. */
export interface Note {
  /** Sort; says topic and effect by {@link NOTES}, and stays the same from release to release. */
  readonly code: NoteCode
  /** Topic, for `--ignore`. */
  readonly topic: NoteTopic
  /** What it does to an answer it concerns. */
  readonly effect: NoteEffect
  /** Which answers it could turn. */
  readonly turns: NoteTurns
  /** The object or machine, as `Kind/name` or `Kind/namespace/name`; '' for none. */
  readonly object: string
  /** What it is, as the end of a sentence that begins with the object. */
  readonly what: string
  /** What it would decide. */
  readonly decides: string
  /** The one command that decides it on the cluster; absent where it depends on the flow. */
  readonly check?: string
  /** Input file. */
  readonly file?: string
  /** Line in that file, from 1. */
  readonly line?: number
  /** Column in that line, from 1. */
  readonly column?: number
  /** Which flows it concerns. */
  readonly scope: NoteScope
  /** Somebody asked for an answer without it (`--ignore`). */
  readonly ignored?: true
}

/** What a note needs besides its code and words. */
export type NoteParts = Partial<Omit<Note, 'code' | 'topic' | 'what'>>

/** The scope of what could turn every answer. */
export const EVERYTHING: NoteScope = { kind: 'everything' }

/** A note of a sort; what is not given follows from the sort, and the scope is everything. */
export function note(code: NoteCode, what: string, parts: NoteParts = {}): Note {
  const { topic, effect, turns, decides } = NOTES[code]
  return { code, topic, effect, turns, object: '', what, decides, scope: EVERYTHING, ...parts }
}

/** A note in one line: `Pod/default/x: cni.projectcalico.org/floatingIPs is not modelled`. */
export function describeNote(note: Pick<Note, 'object' | 'what'>): string {
  checkArgument(isRecord(note), 'note', 'one of run.notes', note)
  const { object, what } = note
  return object === '' ? what : `${object}: ${what}`
}

/** Where a note's cause stands: `cluster.yaml:12:3`; '' when nobody knows. */
export function notePlace({ file, line, column }: Pick<Note, 'file' | 'line' | 'column'>): string {
  return [file, line, column].filter((part) => part !== undefined && part !== '').join(':')
}
