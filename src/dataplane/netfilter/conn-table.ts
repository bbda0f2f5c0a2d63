import { IP_CT_DIR_ORIGINAL, IP_CT_DIR_REPLY } from '../kernel/conntrack.ts'
import { Conn, IPS_CONFIRMED, IPS_DYING, IPS_SRC_NAT_DONE, type SavedConn } from './conn.ts'
import { equalTuples, hashAddr, hashTuple, type Tuple } from './tuple.ts'

/** One direction of a connection in the table (`struct nf_conntrack_tuple_hash`). */
export interface TupleEntry {
  /** The tuple. */
  readonly tuple: Tuple
  /** Its connection. */
  readonly conn: Conn
  /** Which direction. */
  readonly dir: number
  /** Next in the bucket. */
  next: TupleEntry | null
}

/** Who remembers where the connection of the last packet of a flow was found. */
export interface FoundLast {
  /** Where; null = nowhere yet. */
  entry: TupleEntry | null
}

/** Inserts between two sweeps for expired entries, at most. */
const SWEEP_EVERY = 1024

/** Nanoseconds after which a table of more than a few entries is swept at the next insert: what is saved is what lives. */
const SWEEP_AFTER = 10e9
const FEW = 64

/**
 * The connections of a namespace: a hash over both tuples, and one over the sources that NAT has mapped. Entries expire when
 * somebody looks; no timer is armed.
 */
export class ConnTable {
  /** Connections by the hash of each of their two tuples. */
  private readonly buckets = new Map<number, TupleEntry>()
  /** Connections with a source decision by the hash of their original source (`nf_nat_bysource`), newest first. */
  private readonly bySource = new Map<number, Conn[]>()
  /** Connections whose source was masqueraded, live and expired. */
  readonly masqueraded: Set<Conn> = new Set()
  /** Number of connections. */
  size = 0
  private inserts = 0
  private sweptAt = 0

  /** The entry with this tuple, if it is alive (`nf_conntrack_find_get`). */
  find(tuple: Tuple, zone: number, now: number): TupleEntry | null {
    let e = this.buckets.get(hashTuple(tuple)) ?? null
    while (e !== null) {
      if (equalTuples(e.tuple, tuple) && e.conn.zone === zone) {
        if (e.conn.expires > now) return e
        this.remove(e.conn)
        return this.find(tuple, zone, now)
      }
      e = e.next
    }
    return null
  }

  /**
   * Whether a connection other than `ignored` has this tuple in either direction. One with the same original tuple does
   * not count: it is the same flow, seen twice at once.
   * @linux net/netfilter/nf_conntrack_core.c nf_conntrack_tuple_taken
   */
  taken(tuple: Tuple, ignored: Conn, now: number): boolean {
    let e = this.buckets.get(hashTuple(tuple)) ?? null
    while (e !== null) {
      const next: TupleEntry | null = e.next
      if (e.conn !== ignored && equalTuples(e.tuple, tuple) && e.conn.zone === ignored.zone) {
        if (e.conn.expires <= now) this.remove(e.conn)
        else if (!equalTuples(e.conn.original, ignored.original)) return true
      }
      e = next
    }
    return false
  }

  /** Puts a connection into the table. The caller has checked that neither tuple is taken. */
  insert(conn: Conn, now: number): void {
    conn.serial = ++this.inserts
    const isLate = this.size > FEW && now - this.sweptAt > SWEEP_AFTER
    if (isLate || this.inserts % SWEEP_EVERY === 0) this.sweep(now)
    conn.status |= IPS_CONFIRMED
    this.link(conn.original, conn, IP_CT_DIR_ORIGINAL)
    this.link(conn.reply, conn, IP_CT_DIR_REPLY)
    if (conn.status & IPS_SRC_NAT_DONE) this.linkSource(conn)
    if (conn.masqIndex !== 0) this.masqueraded.add(conn)
    this.size++
  }

  /** Takes a connection out (`nf_ct_kill`). */
  remove(conn: Conn): void {
    if (conn.status & IPS_DYING || !(conn.status & IPS_CONFIRMED)) return
    conn.status |= IPS_DYING
    this.unlink(conn.original, conn, IP_CT_DIR_ORIGINAL)
    this.unlink(conn.reply, conn, IP_CT_DIR_REPLY)
    if (conn.status & IPS_SRC_NAT_DONE) this.unlinkSource(conn)
    this.masqueraded.delete(conn)
    this.size--
  }

  /** Connections whose original source is that of `tuple`, of the same protocol and zone; newest first. */
  sameSource(tuple: Tuple, zone: number, now: number): readonly Conn[] {
    const list = this.bySource.get(sourceHash(tuple))
    if (list === undefined) return []
    return list.filter(
      (c) =>
        c.original.src === tuple.src &&
        c.original.sport === tuple.sport &&
        c.original.protocol === tuple.protocol &&
        c.zone === zone &&
        c.expires > now,
    )
  }

  /** Live connections, in no particular order. */
  all(now: number): Conn[] {
    const out: Conn[] = []
    for (const head of this.buckets.values()) {
      for (let e: TupleEntry | null = head; e !== null; e = e.next) {
        if (e.dir === IP_CT_DIR_ORIGINAL && e.conn.expires > now) out.push(e.conn)
      }
    }
    return out
  }

  /** Removes all (`conntrack -F`). */
  clear(): void {
    for (const c of this.all(-1)) c.status |= IPS_DYING
    this.buckets.clear()
    this.bySource.clear()
    this.masqueraded.clear()
    this.size = 0
  }

  /** Removes what has expired. */
  sweep(now: number): void {
    this.sweptAt = now
    const dead: Conn[] = []
    for (const c of this.all(-1)) if (c.expires <= now) dead.push(c)
    for (const c of dead) this.remove(c)
  }

  private link(tuple: Tuple, conn: Conn, dir: number): void {
    const h = hashTuple(tuple)
    this.buckets.set(h, { tuple, conn, dir, next: this.buckets.get(h) ?? null })
  }

  private unlink(tuple: Tuple, conn: Conn, dir: number): void {
    const h = hashTuple(tuple)
    let previous: TupleEntry | null = null
    let e = this.buckets.get(h) ?? null
    while (e !== null && !(e.conn === conn && e.dir === dir)) {
      previous = e
      e = e.next
    }
    if (e === null) return
    if (previous !== null) previous.next = e.next
    else if (e.next !== null) this.buckets.set(h, e.next)
    else this.buckets.delete(h)
  }

  private linkSource(conn: Conn): void {
    const h = sourceHash(conn.original)
    const list = this.bySource.get(h)
    if (list === undefined) this.bySource.set(h, [conn])
    else list.unshift(conn)
  }

  private unlinkSource(conn: Conn): void {
    const h = sourceHash(conn.original)
    const list = this.bySource.get(h)
    if (list === undefined) return
    const i = list.indexOf(conn)
    if (i >= 0) list.splice(i, 1)
    if (list.length === 0) this.bySource.delete(h)
  }
}

function sourceHash(t: Tuple): number {
  return Math.imul(hashAddr(t.src), 0x9e3779b1) ^ ((t.sport << 8) | t.protocol)
}

/** Saves the connections of a table, the oldest first. */
export function saveConns(table: ConnTable): SavedConn[] {
  const all = table.all(-1).sort((a, b) => a.serial - b.serial)
  return all.map((conn) => {
    if (conn.saved === null || !isAs(conn, conn.saved.copy)) conn.saved = { conn, copy: cloneConn(conn) }
    return conn.saved
  })
}

/** Whether a connection is what its copy says: most of them no packet has touched since it was made. */
function isAs(conn: Conn, copy: Conn): boolean {
  return (
    conn.tcp === null &&
    copy.tcp === null &&
    conn.expires === copy.expires &&
    conn.status === copy.status &&
    conn.mark === copy.mark &&
    conn.zone === copy.zone &&
    conn.streamAt === copy.streamAt &&
    conn.masqIndex === copy.masqIndex &&
    equalTuples(conn.original, copy.original) &&
    equalTuples(conn.reply, copy.reply)
  )
}

/** Puts saved connections back, the same objects in the same order. */
export function loadConns(table: ConnTable, saved: readonly SavedConn[]): void {
  table.clear()
  for (const { conn, copy } of saved) {
    const { original, reply, ...rest } = cloneConn(copy)
    conn.original.set(original)
    conn.reply.set(reply)
    table.insert(Object.assign(conn, rest), -1)
  }
}

/** A copy of a connection that shares nothing with it. */
function cloneConn(c: Conn): Conn {
  const copy = new Conn(c.original.clone(), c.reply.clone())
  copy.status = c.status
  copy.mark = c.mark
  copy.zone = c.zone
  copy.expires = c.expires
  copy.streamAt = c.streamAt
  copy.masqIndex = c.masqIndex
  copy.tcp = c.tcp === null ? null : { ...c.tcp, seen: [{ ...c.tcp.seen[0] }, { ...c.tcp.seen[1] }] }
  return copy
}
