import {
  addressKey,
  type Family,
  type Ip,
  type Ip6Key,
  type Mac,
  type MacKey,
  macToKey,
  maskOf,
  type Prefix,
  prefixAddress,
  prefixKey,
  prefixLength,
  ZERO_MAC,
} from '../wire/index.ts'
import type { Scope } from './interface.ts'
import type { FdbEntry, Neighbour } from './neighbour.ts'
import type { Origin } from './origin.ts'
import { pushTo } from './push-to.ts'
import type { Route } from './route.ts'

/**
 * One entry of a shared table: a destination that many namespaces reach in the same way. Written once, seen from each node,
 * so that a cluster of n nodes does not hold n² routes, neighbours and FDB entries.
 */
export interface SharedEntry {
  /** Namespace that owns the destination; a namespace never sees its own entries. */
  readonly owner: string
  /** Routes: destination prefix. */
  readonly dst?: Prefix
  /** Routes: gateway. Neighbours: the address. */
  readonly via?: Ip
  /** Neighbours and FDB: link-layer address. */
  readonly lladdr?: Mac
  /** FDB: outer destination. */
  readonly remote?: Ip
  /** What made it. */
  readonly origin?: Origin
}

/** A named list of entries, kept once in the network. */
export interface SharedTable {
  /** Entries in table order. */
  readonly entries: readonly SharedEntry[]
}

/** How one namespace sees a shared table: the attributes that its routes, neighbours or FDB entries have in common. */
export interface SharedView {
  /** Name of the table. */
  readonly table: string
  /** What the entries become here. */
  readonly as: 'route' | 'neighbour' | 'fdb'
  /** Device. */
  readonly dev: string
  /** Owners left out besides the namespace itself (e.g. BGP session down). */
  readonly except?: readonly string[]
  /** Routes: attributes all of them have. */
  readonly route?: {
    /** Routing protocol. */
    readonly protocol: string
    /** Routing table; absent = main. */
    readonly table?: string
    /** Gateways are on-link. */
    readonly onlink?: boolean
    /** Metric. */
    readonly metric?: number
    /** Route MTU. */
    readonly mtu?: number
    /** Scope of IPv4 routes; absent = global with a gateway, else link. */
    readonly scope?: Scope
    /** Preferred source. */
    readonly src?: Ip
    /** Gateway used instead of the entry's own. */
    readonly via?: Ip
    /** Write the entries without a gateway (on-link, WireGuard). */
    readonly noVia?: boolean
  }
  /** What made it. */
  readonly origin?: Origin
}

/** Up to this many names a list is searched; of longer ones a set is kept. */
const SHORT = 8
const excluded = new WeakMap<readonly string[], ReadonlySet<string>>()

function isExcluded(except: readonly string[], owner: string): boolean {
  if (except.length <= SHORT) return except.includes(owner)
  let names = excluded.get(except)
  if (names === undefined) {
    names = new Set(except)
    excluded.set(except, names)
  }
  return names.has(owner)
}

/** Whether the namespace `me` sees an entry by a view of its. */
export function sees(view: SharedView, me: string, entry: SharedEntry): boolean {
  return entry.owner !== me && (view.except === undefined || !isExcluded(view.except, entry.owner))
}

/** Metric of IPv6 routes that nobody gave one. @linux net/ipv6/route.c IP6_RT_PRIO_USER */
const USER_METRIC = 1024

/**
 * The route an entry is by a view; undefined when the entry has no destination. A route without gateway is of scope link and
 * cannot be `onlink`; IPv6 routes have no scope.
 *
 * @linux net/ipv4/fib_semantics.c fib_check_nh_nongw
 */
export function routeOf(entry: SharedEntry, view: SharedView): Route | undefined {
  if (entry.dst === undefined) return undefined
  const shared: NonNullable<SharedView['route']> = view.route ?? { protocol: 'boot' }
  const { protocol, table = 'main', scope, src, metric, mtu, onlink } = shared
  const via = shared.noVia === true ? undefined : (shared.via ?? entry.via)
  const common = {
    dst: entry.dst,
    type: 'unicast',
    ...(via === undefined ? {} : { via }),
    dev: view.dev,
    ...(onlink === true && via !== undefined ? { onlink } : {}),
    table,
    protocol,
  } as const
  const attributes = {
    ...(src === undefined ? {} : { src }),
    ...(mtu === undefined ? {} : { mtu }),
    ...originOf(entry, view),
  }
  if (familyOfPrefix(entry.dst) === 6) {
    return {
      family: 'inet6',
      ...common,
      scope: 'global',
      metric: metric ?? USER_METRIC,
      pref: 'medium',
      ...attributes,
    }
  }
  return {
    family: 'inet',
    ...common,
    scope: scope ?? (via === undefined ? 'link' : 'global'),
    ...(metric === undefined ? {} : { metric }),
    ...attributes,
  }
}

/** The neighbour an entry is by a view; undefined when it lacks an address. */
export function neighbourOf(entry: SharedEntry, view: SharedView): Neighbour | undefined {
  if (entry.via === undefined || entry.lladdr === undefined) return undefined
  return { dst: entry.via, dev: view.dev, lladdr: entry.lladdr, state: 'PERMANENT', ...originOf(entry, view) }
}

/** The forwarding entry an entry is by a view; undefined when it has no outer destination. */
export function fdbEntryOf(entry: SharedEntry, view: SharedView): FdbEntry | undefined {
  if (entry.remote === undefined) return undefined
  const mac = entry.lladdr ?? ZERO_MAC
  return { mac, dev: view.dev, dst: entry.remote, self: true, state: 'permanent', ...originOf(entry, view) }
}

function originOf(entry: SharedEntry, view: SharedView): { origin?: Origin } {
  const origin = entry.origin ?? view.origin
  return origin === undefined ? {} : { origin }
}

function familyOfPrefix(dst: Prefix): Family {
  return dst.includes(':') ? 6 : 4
}

/** Entries by the key of their prefix, by prefix length. */
type ByPrefix = ReadonlyMap<number, ReadonlyMap<number | string, readonly SharedEntry[]>>

const NONE: readonly SharedEntry[] = []

/** The entries of a shared table by what they are looked for by. Tables are immutable: each is sorted once, however many nodes share it. */
export class SharedIndex {
  private static readonly known = new WeakMap<SharedTable, SharedIndex>()
  private readonly entries: readonly SharedEntry[]
  private readonly prefixes: Partial<Record<Family, ByPrefix>> = {}
  private addresses: ReadonlyMap<number | string, readonly SharedEntry[]> | undefined
  private macs: ReadonlyMap<MacKey, readonly SharedEntry[]> | undefined

  private constructor(entries: readonly SharedEntry[]) {
    this.entries = entries
  }

  /** The index of a table. */
  static of(table: SharedTable): SharedIndex {
    let index = SharedIndex.known.get(table)
    if (index === undefined) {
      index = new SharedIndex(table.entries)
      SharedIndex.known.set(table, index)
    }
    return index
  }

  /** Entries of a family by prefix length, then by prefix as the engine keeps it: an IPv4 network as number, the leading bits of an IPv6 one. */
  byPrefix(family: Family): ByPrefix {
    const known = this.prefixes[family]
    if (known !== undefined) return known
    const made = new Map<number, Map<number | string, SharedEntry[]>>()
    for (const entry of this.entries) {
      if (entry.dst === undefined || familyOfPrefix(entry.dst) !== family) continue
      const length = prefixLength(entry.dst)
      const ofLength = made.get(length) ?? new Map<number | string, SharedEntry[]>()
      made.set(length, ofLength)
      pushTo(ofLength, leadingBits(addressKey(prefixAddress(entry.dst)), length), entry)
    }
    this.prefixes[family] = made
    return made
  }

  /** Entries whose prefix contains an address. */
  routesTo(dst: Ip): readonly SharedEntry[] {
    const key = addressKey(dst)
    return [...this.byPrefix(typeof key === 'number' ? 4 : 6)].flatMap(
      ([length, ofLength]) => ofLength.get(leadingBits(key, length)) ?? NONE,
    )
  }

  /** Entries with a link-layer address for this network address, a uint32 or an IPv6 key. */
  byAddress(key: number | string): readonly SharedEntry[] {
    if (this.addresses === undefined) {
      const made = new Map<number | string, SharedEntry[]>()
      for (const entry of this.entries) {
        if (entry.lladdr !== undefined && entry.via !== undefined) pushTo(made, addressKey(entry.via), entry)
      }
      this.addresses = made
    }
    return this.addresses.get(key) ?? NONE
  }

  /** Entries that say where frames to a link-layer address go. */
  byMac(key: MacKey): readonly SharedEntry[] {
    if (this.macs === undefined) {
      const made = new Map<MacKey, SharedEntry[]>()
      for (const entry of this.entries) {
        if (entry.remote !== undefined) pushTo(made, macToKey(entry.lladdr ?? ZERO_MAC), entry)
      }
      this.macs = made
    }
    return this.macs.get(key) ?? NONE
  }
}

function leadingBits(key: number | Ip6Key, length: number): number | string {
  return typeof key === 'number' ? (key & maskOf(length)) >>> 0 : prefixKey(key, length)
}
