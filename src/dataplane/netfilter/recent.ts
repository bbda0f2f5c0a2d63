import type { Addr } from './tuple.ts'

/** How many addresses a list keeps (`ip_list_tot`), and times of each. @linux net/netfilter/xt_recent.c */
const ADDRESSES = 100
const STAMPS = 32

/** An address and when it was seen. */
interface RecentEntry {
  /** TTL of the packet that was seen last. */
  ttl: number
  /** Times in nanoseconds, oldest first; at most {@link STAMPS}. */
  readonly stamps: number[]
}

/** What {@link RecentLists.save} copies: lists by name, each entry the oldest first. */
export type SavedRecent = ReadonlyMap<string, ReadonlyMap<Addr, RecentEntry>>

/** What is asked of a list. */
export interface RecentQuery {
  /** Seen after this time; -Infinity = whenever. */
  readonly after: number
  /** So often. */
  readonly hits: number
  /** With this TTL; 0 = any. */
  readonly ttl: number
}

/** One list: addresses in the order in which they were seen last. @linux net/netfilter/xt_recent.c struct recent_table */
export class RecentList {
  private readonly entries: Map<Addr, RecentEntry>

  constructor(entries: Iterable<readonly [Addr, RecentEntry]> = []) {
    this.entries = new Map(entries)
  }

  /** Whether an address is known, with this TTL where one is asked for. */
  has(address: Addr, ttl: number): boolean {
    const entry = this.entries.get(address)
    return entry !== undefined && (ttl === 0 || entry.ttl === ttl)
  }

  /** Whether an address was seen as often as asked, and as lately. */
  wasSeen(address: Addr, { after, hits, ttl }: RecentQuery): boolean {
    const entry = this.has(address, ttl) ? this.entries.get(address) : undefined
    return entry !== undefined && entry.stamps.filter((stamp) => stamp >= after).length >= Math.max(1, hits)
  }

  /** An address is seen now: it becomes the youngest, and pushes the oldest out of a full list. */
  see(address: Addr, ttl: number, now: number): void {
    const entry = this.entries.get(address) ?? { ttl, stamps: [] }
    if (!this.entries.delete(address) && this.entries.size >= ADDRESSES) this.removeOldest()
    entry.stamps.push(now)
    if (entry.stamps.length > STAMPS) entry.stamps.shift()
    entry.ttl = ttl
    this.entries.set(address, entry)
  }

  /** Forgets an address. */
  forget(address: Addr): void {
    this.entries.delete(address)
  }

  /** Takes the oldest address out when it was not seen after a time; not the one that is about to be written. */
  reap(after: number, spared: Addr | undefined): void {
    const oldest = this.entries.entries().next().value
    if (oldest === undefined || oldest[0] === spared) return
    if ((oldest[1].stamps.at(-1) ?? 0) < after) this.entries.delete(oldest[0])
  }

  /** A copy that shares nothing. */
  copy(): Map<Addr, RecentEntry> {
    return new Map([...this.entries].map(([address, { ttl, stamps }]) => [address, { ttl, stamps: [...stamps] }]))
  }

  private removeOldest(): void {
    const oldest = this.entries.keys().next().value
    if (oldest !== undefined) this.entries.delete(oldest)
  }
}

/** The lists of a namespace. */
export class RecentLists {
  private readonly lists = new Map<string, RecentList>()

  /** A list by name. */
  list(name: string): RecentList {
    const known = this.lists.get(name)
    if (known !== undefined) return known
    const fresh = new RecentList()
    this.lists.set(name, fresh)
    return fresh
  }

  /** Copies what they hold. */
  save(): SavedRecent {
    return new Map([...this.lists].map(([name, list]) => [name, list.copy()]))
  }

  /** Puts back what {@link save} copied. */
  load(saved: SavedRecent): void {
    this.lists.clear()
    for (const [name, entries] of saved) this.lists.set(name, new RecentList(new RecentList(entries).copy()))
  }
}
