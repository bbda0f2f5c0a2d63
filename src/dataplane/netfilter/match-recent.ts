import type { Match } from '../../model/index.ts'
import { engineAddr } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import type { MatchFn } from './rule.ts'
import type { Addr } from './tuple.ts'

type Recent = Extract<Match, { kind: 'recent' }>

/** Times are counted in ticks of 1/250 s. */
const TICK = 4e6

/** Offset of TTL and hop limit in the IP header. */
const TTL = 8
const HOP_LIMIT = 7

/** `-m recent`. @linux net/netfilter/xt_recent.c recent_mt */
export function recentMatch(m: Recent): MatchFn {
  const invert = m.invert === true
  const mask = engineAddr(m.mask)
  return (p) => {
    const address = masked(m.side === 'rsource' ? p.src : p.dst, mask)
    return asked(m, p, address) !== invert
  }
}

/** Asks the list and writes to it. */
function asked(m: Recent, p: NfPacket, address: Addr): boolean {
  const list = p.nf.recent.list(m.name)
  const now = Math.floor(p.now / TICK) * TICK
  const ttl = p.bytes[p.at + (p.family === 'inet' ? TTL : HOP_LIMIT)]!
  const wanted = m.rttl === true ? ttl : 0
  if (m.op === 'set') {
    list.see(address, ttl, now)
    return true
  }
  if (!list.has(address, wanted)) return false
  if (m.op === 'remove') {
    list.forget(address)
    return true
  }
  const since = now - (m.seconds ?? 0) * 1e9
  const after = m.seconds === undefined || m.seconds === 0 ? -Infinity : since
  const seen = list.wasSeen(address, { after, hits: m.hitcount ?? 0, ttl: wanted })
  const updates = m.op === 'update' && seen !== (m.invert === true)
  if (m.reap === true) list.reap(since, updates ? address : undefined)
  if (updates) list.see(address, ttl, now)
  return seen
}

/** The bits of an address that count. */
function masked(address: Addr, mask: Addr): Addr {
  if (typeof address === 'number') return typeof mask === 'number' ? (address & mask) >>> 0 : address
  if (typeof mask === 'number') return address
  let bits = ''
  for (let i = 0; i < address.length; i++) bits += String.fromCharCode(address.charCodeAt(i) & mask.charCodeAt(i))
  return bits
}
