import {
  ARP_VERDICTS,
  type ArpVerdict,
  BRIDGE_DECISIONS,
  type ConnectionPicture,
  type DropCause,
  ENDS,
  type EndKind,
  type HeldBack,
  HOOKS,
  KEEPERS,
  type Lookup,
  type NatEnd,
  NEIGH_STATES,
  type NeighbourPicture,
  type Network,
  type OuterChoice,
  type PacketEvent,
  type RuleHit,
  TAKERS,
  type TableName,
  type Tunnel,
  VERDICTS,
} from '../../model/index.ts'
import { type Ip6Key, keyToIpv6, keyToMac, numberToIpv4 } from '../../wire/index.ts'

/** Kinds of row. */
export const ROW = {
  tx: 1,
  rx: 2,
  routeInput: 3,
  routeOutput: 4,
  rpFilter: 5,
  forward: 6,
  deliver: 7,
  end: 8,
  rule: 9,
  hookEnd: 10,
  conntrack: 11,
  natSource: 12,
  natDestination: 13,
  neighbour: 14,
  neighbourQueued: 15,
  neighbourChange: 16,
  arp: 17,
  nd: 18,
  encap: 19,
  decap: 20,
  fragment: 21,
  reassemble: 22,
  icmpError: 23,
  pathMtu: 24,
  redirect: 25,
  bridge: 26,
  learn: 27,
  create: 28,
  clone: 29,
  program: 30,
  network: 31,
  held: 32,
  walk: 33,
  passage: 34,
} as const

/** What a row refers to, by the kind of row; kinds that are not here refer to nothing. */
export interface RowRef {
  routeInput: { readonly lookup: Lookup; readonly refused: DropCause } | Lookup
  routeOutput: Lookup
  rpFilter: Lookup
  end: DropCause | null
  rule: RuleHit
  hookEnd: { readonly table: TableName; readonly unmodelled: string } | TableName
  walk: WalkedRules
  passage: readonly WalkedRules[]
  conntrack: ConnectionPicture
  natSource: Renamed
  natDestination: Renamed
  neighbour: NeighbourPicture
  neighbourQueued: NeighbourPicture
  neighbourChange: NeighbourPicture
  nd: { readonly target: string; readonly sender: string }
  encap: OuterHeaders & { readonly chosenBy: OuterChoice }
  decap: OuterHeaders
  icmpError: HeldBack | null
  pathMtu: number | string
  redirect: { readonly destination: number | string; readonly gateway: number | string }
  program: string
  network: Network
}

/** Rules that one packet met in a table, one after another: which, where in its chain, and the mark the packet had behind it. */
export interface WalkedRules {
  /** Name of the table. */
  readonly table: TableName
  /** What was met. */
  readonly hits: readonly RuleHit[]
  /** Positions in their chains, 0 for the policy. */
  readonly positions: readonly number[]
  /** Marks. */
  readonly marks: readonly number[]
}

/** A side of a packet before and after NAT. */
interface Renamed {
  readonly from: NatEnd
  readonly to: NatEnd
}

/** Outer headers of a tunnel; addresses in engine form. */
interface OuterHeaders {
  readonly tunnel: Tunnel
  readonly source: number | string
  readonly destination: number | string
}

/** A row of the log: three columns, what it refers to, which of its events is meant, copied bytes, and device names by their ids. */
export interface Row<R> {
  /** First column. */
  readonly a: number
  /** Second column. */
  readonly b: number
  /** Third column. */
  readonly c: number
  /** What it refers to. */
  readonly ref: R
  /** The event, from 0 on, of a row that stands for several. */
  readonly index: number
  /** Copied bytes `[start, end)`. */
  bytes(start: number, end: number): Uint8Array
  /** The name of a device. */
  device(id: number): string
}

type RowKind = keyof typeof ROW

type Reader<K extends RowKind> = (row: Row<K extends keyof RowRef ? RowRef[K] : undefined>) => PacketEvent

function ruleEvent(hook: number, position: number, mark: number, hit: RuleHit): PacketEvent {
  return { kind: 'rule', hook: HOOKS[hook] as (typeof HOOKS)[number], position, mark, hit }
}

function hookEndEvent(hook: number, verdict: number, of: { table: TableName; unmodelled?: string }): PacketEvent {
  const named = { hook: HOOKS[hook] as (typeof HOOKS)[number], verdict: VERDICTS[verdict] as (typeof VERDICTS)[number] }
  return { kind: 'hook-end', ...named, ...of }
}

/** The rules of a walk one by one, then its end. */
function walkEvent(hook: number, verdict: number, way: WalkedRules, index: number): PacketEvent {
  const { table, hits, positions, marks } = way
  if (index === hits.length) return hookEndEvent(hook, verdict, { table })
  return ruleEvent(hook, positions[index] as number, marks[index] as number, hits[index] as RuleHit)
}

/** What the columns of each kind say: the other side of the writers of `NsLog`. */
const READERS: { readonly [K in RowKind]: Reader<K> } = {
  tx: (row) => {
    const { a, b, c } = row
    return { kind: 'tx', linkType: a, bytes: row.bytes(b, c) }
  },
  rx: (row) => {
    const { a, b, c } = row
    return { kind: 'rx', linkType: a, bytes: row.bytes(b, c) }
  },
  routeInput: ({ ref }) => {
    return { kind: 'route', direction: 'input', ...('lookup' in ref ? ref : { lookup: ref }) }
  },
  routeOutput: ({ ref }) => {
    return { kind: 'route', direction: 'output', lookup: ref }
  },
  rpFilter: ({ a, ref }) => {
    return { kind: 'rp-filter', passed: a === 1, lookup: ref }
  },
  forward: ({ a }) => {
    return { kind: 'forward', hopLimit: a }
  },
  deliver: ({ a, b, c }) => {
    return { kind: 'deliver', protocol: a, port: b, by: TAKERS[c] as (typeof TAKERS)[number] }
  },
  end: ({ a, ref }) => {
    const how = ENDS[a] as EndKind
    return how === 'dropped' ? { kind: 'end', how, cause: ref as DropCause } : { kind: 'end', how }
  },
  held: ({ a }) => {
    return { kind: 'held', by: KEEPERS[a] as (typeof KEEPERS)[number] }
  },
  rule: ({ a, b, c, ref }) => {
    return ruleEvent(a, b, c, ref)
  },
  hookEnd: ({ a, b, ref }) => {
    return hookEndEvent(a, b, typeof ref === 'string' ? { table: ref } : ref)
  },
  walk: ({ a, b, ref, index }) => {
    return walkEvent(a, b, ref, index)
  },
  passage: ({ a, b, ref, index }) => {
    let [which, at] = [0, index]
    for (; at > (ref[which] as WalkedRules).hits.length; which++) at -= (ref[which] as WalkedRules).hits.length + 1
    return walkEvent(a, b, ref[which] as WalkedRules, at)
  },
  conntrack: ({ a, ref }) => {
    return { kind: 'conntrack', isNew: a === 1, connection: ref }
  },
  natSource: ({ ref }) => {
    return { kind: 'nat', side: 'source', ...ref }
  },
  natDestination: ({ ref }) => {
    return { kind: 'nat', side: 'destination', ...ref }
  },
  neighbour: ({ ref }) => {
    return { kind: 'neighbour', entry: ref, queued: false }
  },
  neighbourQueued: ({ ref }) => {
    return { kind: 'neighbour', entry: ref, queued: true }
  },
  neighbourChange: ({ a, ref }) => {
    const entry = ref
    return { kind: 'neighbour-change', from: NEIGH_STATES[a] ?? 'NONE', entry }
  },
  arp: ({ a, b, c }) => {
    const verdict = ARP_VERDICTS[a] as ArpVerdict
    return { kind: 'arp', verdict, target: numberToIpv4(b), sender: numberToIpv4(c) }
  },
  nd: ({ a, ref }) => {
    const { target, sender } = ref
    const verdict = ARP_VERDICTS[a] as ArpVerdict
    return { kind: 'arp', verdict, target: keyToIpv6(target as Ip6Key), sender: keyToIpv6(sender as Ip6Key) }
  },
  encap: ({ a, ref }) => {
    const { tunnel, source, destination, chosenBy } = ref
    const ends = { source: addressText(source), destination: addressText(destination) }
    return { kind: 'encap', tunnel, overhead: a, ...ends, chosenBy }
  },
  decap: ({ a, ref }) => {
    const { tunnel, source, destination } = ref
    const ends = { source: addressText(source), destination: addressText(destination) }
    return { kind: 'decap', tunnel, overhead: a, ...ends }
  },
  fragment: ({ a, b }) => {
    return { kind: 'fragment', mtu: a, fragments: b }
  },
  reassemble: ({ a, b }) => {
    return { kind: 'reassemble', fragments: a, length: b }
  },
  icmpError: ({ a, b, c, ref }) => {
    const heldBack = ref
    const error = { kind: 'icmp-error', type: a, code: b, info: c } as const
    return heldBack === null ? error : { ...error, heldBack }
  },
  pathMtu: ({ a, b, ref }) => {
    const destination = addressText(ref)
    return { kind: 'path-mtu', destination, mtu: a, locked: b === 1 }
  },
  redirect: ({ ref }) => {
    const { destination, gateway } = ref
    return { kind: 'redirect', destination: addressText(destination), gateway: addressText(gateway) }
  },
  bridge: (row) => {
    const { a, b } = row
    const decision = BRIDGE_DECISIONS[a] as (typeof BRIDGE_DECISIONS)[number]
    return { kind: 'bridge', decision, port: row.device(b) }
  },
  learn: (row) => {
    const { a, b } = row
    return { kind: 'learn', mac: keyToMac(a), port: row.device(b) }
  },
  create: ({ a, b }) => {
    return { kind: 'create', protocol: a, answers: b }
  },
  clone: ({ a }) => {
    return { kind: 'clone', original: a }
  },
  program: ({ ref }) => {
    return { kind: 'program', text: ref }
  },
  network: ({ ref }) => {
    return { kind: 'network', network: ref }
  },
}

const BY_NUMBER: readonly ((row: Row<never>) => PacketEvent)[] = Object.entries(ROW).reduce<
  ((row: Row<never>) => PacketEvent)[]
>((all, [name, number]) => {
  all[number] = READERS[name as RowKind]
  return all
}, [])

/** A row as an event. */
export function eventOfRow(kind: number, row: Row<RowRef[keyof RowRef] | undefined>): PacketEvent {
  return (BY_NUMBER[kind] as (row: Row<unknown>) => PacketEvent)(row)
}

/** An address in engine form as text; '' for none. */
function addressText(address: number | string): string {
  if (typeof address === 'number') return numberToIpv4(address)
  return address === '' ? '' : keyToIpv6(address as Ip6Key)
}
