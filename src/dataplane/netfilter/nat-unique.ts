import { IP_PROTOCOL } from '../../wire/index.ts'
import type { Conn } from './conn.ts'
import type { ConnTable } from './conn-table.ts'
import { jhash2, reciprocalScale, swap32 } from './jhash.ts'
import { inAddressRange, type Range } from './nat-range.ts'
import { type Addr, hasPorts, invertTuple, Tuple } from './tuple.ts'

/** Which end of a packet NAT rewrites. */
export type Manip = 'src' | 'dst'

/** Tuples tried in a row before another random start. */
const MAX_ATTEMPTS = 128

/** What choosing a tuple needs to know. */
export interface UniqueContext {
  /** Connections that must not be hit. */
  readonly conns: ConnTable
  /** Now, in nanoseconds. */
  readonly now: number
  /** A uint32 from the seed. */
  readonly random: () => number
  /** Working space for the answers' tuple. */
  readonly inverse: Tuple
}

function used(tuple: Tuple, conn: Conn, context: UniqueContext): boolean {
  invertTuple(context.inverse, tuple)
  return context.conns.taken(context.inverse, conn, context.now)
}

/**
 * Chooses what a packet with tuple `from` shall look like: inside the range, and so that no other connection's answers look the
 * same. Keeps what can be kept: the tuple itself, then what its source was mapped to before, then the port.
 * @linux net/netfilter/nf_nat_core.c get_unique_tuple
 */
export function uniqueTuple(from: Tuple, range: Range, conn: Conn, manip: Manip, context: UniqueContext): Tuple {
  const free = (t: Tuple): boolean => !used(t, conn, context)
  if (manip === 'src' && !range.randomFully) {
    if (inRange(from, range)) {
      if (free(from)) return from.clone()
    } else {
      const mapped = mappedBefore(from, range, conn, context)
      if (mapped !== null && free(mapped)) return mapped
    }
  }
  const to = from.clone()
  chooseAddress(to, range, manip, conn.zone)
  if (!range.randomFully) {
    if (range.minPort < 0) {
      if (free(to)) return to
    } else if (portInRange(to, manip, range) && (range.minPort === range.maxPort || free(to))) {
      return to
    }
  }
  choosePort(to, range, manip, free, context.random)
  return to
}

function inRange(t: Tuple, range: Range): boolean {
  if (range.min !== null && !inAddressRange(t.src, range)) return false
  return range.minPort < 0 || portInRange(t, 'src', range)
}

function portInRange(t: Tuple, manip: Manip, range: Range): boolean {
  const icmp = isIcmp(t)
  if (!icmp && !hasPorts(t.protocol)) return true
  const port = icmp || manip === 'src' ? t.sport : t.dport
  return port >= range.minPort && port <= range.maxPort
}

function isIcmp(t: Tuple): boolean {
  return t.protocol === IP_PROTOCOL.ICMP || t.protocol === IP_PROTOCOL.ICMPV6
}

/** The tuple with the source that an earlier connection from the same source was given, if the range allows it. */
function mappedBefore(from: Tuple, range: Range, conn: Conn, context: UniqueContext): Tuple | null {
  for (const other of context.conns.sameSource(from, conn.zone, context.now)) {
    const mapped = new Tuple()
    invertTuple(mapped, other.reply)
    mapped.dst = from.dst
    mapped.dport = from.dport
    if (inRange(mapped, range)) return mapped
  }
  return null
}

/** @linux net/netfilter/nf_nat_core.c find_best_ips_proto */
function chooseAddress(t: Tuple, range: Range, manip: Manip, zone: number): void {
  if (range.min === null || range.max === null) return
  const address = range.min === range.max ? range.min : hashedAddress(t, range.min, range.max, range.persistent, zone)
  if (manip === 'src') t.src = address
  else t.dst = address
}

function hashedAddress(t: Tuple, min: Addr, max: Addr, persistent: boolean, zone: number): Addr {
  const source = words(t.src)
  const destination = words(t.dst)
  const low = words(min)
  const high = words(max)
  const last = destination.length - 1
  const padded = [...source, 0, 0, 0].slice(0, 4).map(swap32)
  let hash = jhash2(padded, persistent ? 0 : swap32(destination[last]!) ^ zone)
  let fullRange = false
  const out = low.map((first, i) => {
    const from = fullRange ? 0 : first
    const count = fullRange ? 0xffffffff : (high[i]! - first + 1) >>> 0
    const word = (from + reciprocalScale(hash, count)) >>> 0
    if (word !== high[i]) fullRange = true
    if (!persistent) hash = (hash ^ swap32(destination[i]!)) >>> 0
    return word
  })
  return typeof min === 'number' ? out[0]! : keyOf(out)
}

/** An address as 32-bit words, most significant first. */
function words(addr: Addr): number[] {
  if (typeof addr === 'number') return [addr]
  const out: number[] = []
  for (let i = 0; i < 16; i += 4) {
    let word = 0
    for (let j = i; j < i + 4; j++) word = ((word << 8) | addr.charCodeAt(j)) >>> 0
    out.push(word)
  }
  return out
}

function keyOf(parts: readonly number[]): string {
  let key = ''
  for (const w of parts) key += String.fromCharCode(w >>> 24, (w >>> 16) & 0xff, (w >>> 8) & 0xff, w & 0xff)
  return key
}

/**
 * Changes the port (or ICMP identifier) until the tuple is free: from a random start within the range the target gave, else
 * within the class of the old port, so that a privileged port stays one.
 * @linux net/netfilter/nf_nat_core.c nf_nat_l4proto_unique_tuple
 */
function choosePort(t: Tuple, range: Range, manip: Manip, free: (t: Tuple) => boolean, random: () => number): void {
  const icmp = isIcmp(t)
  if (!icmp && !hasPorts(t.protocol)) return
  const onSource = icmp || manip === 'src'
  const old = onSource ? t.sport : t.dport
  let [min, max] = [Math.min(range.minPort, range.maxPort), Math.max(range.minPort, range.maxPort)]
  if (range.minPort < 0) {
    if (icmp) [min, max] = [0, 0xffff]
    else if (manip === 'dst') return
    else [min, max] = portClass(old)
  }
  const size = max - min + 1
  let attempts = Math.min(size, MAX_ATTEMPTS)
  for (;;) {
    const start = random() & 0xffff
    for (let i = 0; i < attempts; i++) {
      const port = min + (((start + i) & 0xffff) % size)
      if (onSource) t.sport = port
      else t.dport = port
      if (free(t)) return
    }
    if (attempts >= size || attempts < 16) return
    attempts >>= 1
  }
}

/** The ports that may stand for a port: 1–511, 600–1023 or 1024–65535. */
function portClass(port: number): [number, number] {
  if (port < 512) return [1, 511]
  return port < 1024 ? [600, 1023] : [1024, 65535]
}
