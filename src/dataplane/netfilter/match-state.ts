import type { CtState, Match } from '../../model/index.ts'
import { IPV4_TTL, IPV6_HOP_LIMIT } from '../../wire/index.ts'
import { dirOf, IP_CT_DIR_ORIGINAL, IP_CT_ESTABLISHED_REPLY, IP_CT_UNTRACKED } from '../kernel/conntrack.ts'
import { IPS_ASSURED, IPS_CONFIRMED, IPS_DST_NAT, IPS_EXPECTED, IPS_SEEN_REPLY, IPS_SRC_NAT } from './conn.ts'
import { maskAddr } from './ipset-key.ts'
import { engineAddr, enginePrefix } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import type { MatchFn, RuleContext } from './rule.ts'
import type { Addr } from './tuple.ts'

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>

/** `-m mark`. */
export function markMatch(m: Of<'mark'>): MatchFn {
  const invert = m.invert === true
  const mask = m.mask | 0
  const mark = m.mark | 0
  return (p) => ((p.skb.mark & mask) === mark) !== invert
}

/** `-m connmark`. No connection: no match, inverted or not. */
export function connmarkMatch(m: Of<'connmark'>): MatchFn {
  const invert = m.invert === true
  const mask = m.mask | 0
  const mark = m.mark | 0
  return (p) => p.ct !== null && ((p.ct.mark & mask) === mark) !== invert
}

const INVALID = 1
const ESTABLISHED = 2
const RELATED = 4
const NEW = 8
const UNTRACKED = 64
const SNAT = 128
const DNAT = 256

const STATE_BITS: Readonly<Record<CtState, number>> = { INVALID, ESTABLISHED, RELATED, NEW, UNTRACKED, SNAT, DNAT }

const STATUS_BITS: Readonly<Record<string, number>> = {
  NONE: 0,
  EXPECTED: IPS_EXPECTED,
  SEEN_REPLY: IPS_SEEN_REPLY,
  ASSURED: IPS_ASSURED,
  CONFIRMED: IPS_CONFIRMED,
}

/** The state of a packet as a bit of `--ctstate`, without SNAT and DNAT. */
function stateBit(p: NfPacket): number {
  const { ct, ctinfo } = p.skb
  if (ct === null) return ctinfo === IP_CT_UNTRACKED ? UNTRACKED : INVALID
  return ESTABLISHED << (ctinfo % IP_CT_ESTABLISHED_REPLY)
}

const STATE_NAMES = Object.keys(STATE_BITS) as CtState[]

/** The state of a packet as `--ctstate` names it. */
export function stateName(p: NfPacket): CtState {
  const bit = stateBit(p)
  for (const name of STATE_NAMES) if (STATE_BITS[name] === bit) return name
  return 'INVALID'
}

/** `-m conntrack` and `-m state`. @linux net/netfilter/xt_conntrack.c conntrack_mt */
export function conntrackMatch(m: Of<'conntrack'>): MatchFn {
  const states = stateTest(m)
  const rest = [...statusTests(m), ...tupleTests(m)]
  if (rest.length === 0) return states ?? ((p) => p.ct !== null)
  return (p) => {
    if (states !== null && !states(p)) return false
    if (p.ct === null) return states !== null
    for (const test of rest) if (!test(p)) return false
    return true
  }
}

function stateTest(m: Of<'conntrack'>): MatchFn | null {
  if (m.state === undefined) return null
  const invert = m.state.invert === true
  let mask = 0
  for (const s of m.state.states) mask |= STATE_BITS[s]
  if (!(mask & (SNAT | DNAT))) return (p) => ((stateBit(p) & mask) !== 0) !== invert
  return (p) => {
    let bits = stateBit(p)
    const status = p.ct?.status ?? 0
    if (status & IPS_SRC_NAT) bits |= SNAT
    if (status & IPS_DST_NAT) bits |= DNAT
    return ((bits & mask) !== 0) !== invert
  }
}

function statusTests(m: Of<'conntrack'>): MatchFn[] {
  const tests: MatchFn[] = []
  if (m.ctdir !== undefined) {
    const original = m.ctdir === 'ORIGINAL'
    tests.push((p) => (dirOf(p.skb.ctinfo) === IP_CT_DIR_ORIGINAL) === original)
  }
  if (m.ctproto !== undefined) {
    const { protocol, invert } = m.ctproto
    tests.push((p) => (p.ct!.original.protocol === protocol) !== (invert === true))
  }
  if (m.status !== undefined) {
    const invert = m.status.invert === true
    let mask = 0
    for (const bit of m.status.bits) mask |= STATUS_BITS[bit] ?? 0
    // NONE is no bit: it never holds.
    tests.push((p) => ((p.ct!.status & mask) !== 0) !== invert)
  }
  return tests
}

function tupleTests(m: Of<'conntrack'>): MatchFn[] {
  const tests: MatchFn[] = []
  const address = (wanted: typeof m.ctorigsrc, of: (p: NfPacket) => Addr): void => {
    if (wanted === undefined) return
    const { network, length } = enginePrefix(wanted.prefix)
    const net = maskAddr(network, length)
    tests.push((p) => (maskAddr(of(p), length) === net) !== (wanted.invert === true))
  }
  address(m.ctorigsrc, (p) => p.ct!.original.src)
  address(m.ctorigdst, (p) => p.ct!.original.dst)
  address(m.ctreplsrc, (p) => p.ct!.reply.src)
  address(m.ctrepldst, (p) => p.ct!.reply.dst)
  const ports = m.ctorigdstport
  if (ports !== undefined) {
    tests.push((p) => {
      const port = p.ct!.original.dport
      return (port >= ports.low && port <= ports.high) !== (ports.invert === true)
    })
  }
  return tests
}

/** `-m statistic`. The counter of `nth` belongs to the rule. @linux net/netfilter/xt_statistic.c statistic_mt */
export function statisticMatch(m: Of<'statistic'>, context: RuleContext): MatchFn {
  const invert = m.invert === true
  if (m.mode === 'random') {
    const threshold = Math.round((m.probability ?? 0) * 0x80000000)
    const { rule } = context
    return (p) => {
      const { sim } = p.ns
      const chosen = sim.choose === null ? undefined : sim.choose(rule)
      return chosen ?? sim.random() >>> 1 < threshold !== invert
    }
  }
  const last = (m.every ?? 1) - 1
  const { cells } = context.state
  const cell = context.cell(Math.max(0, last - (m.packet ?? 0)))
  return () => {
    const next = cells[cell] === last ? 0 : cells[cell]! + 1
    cells[cell] = next
    return (next === 0) !== invert
  }
}

/** Times are counted in ticks of 1/250 s. */
const TICK = 4e6

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 }

/** `-m limit`: a bucket of `burst` tokens, refilled at `rate`. */
export function limitMatch(m: Of<'limit'>, context: RuleContext): MatchFn {
  const [count, unit = 's'] = m.rate.split('/')
  const cost = ((UNIT_SECONDS[unit[0]!] ?? 1) * 1e9) / Math.max(1, Number(count))
  const { cells } = context.state
  const credit = context.cell(cost * m.burst)
  const last = context.cell(-1)
  return (p) => {
    const now = Math.floor(p.now / TICK) * TICK
    if (cells[last]! >= 0) cells[credit] = Math.min(cost * m.burst, cells[credit]! + now - cells[last]!)
    cells[last] = now
    if (cells[credit]! < cost) return false
    cells[credit] = cells[credit]! - cost
    return true
  }
}

/** `-m recent`. @linux net/netfilter/xt_recent.c recent_mt */
export function recentMatch(m: Of<'recent'>): MatchFn {
  const invert = m.invert === true
  const mask = engineAddr(m.mask)
  return (p) => {
    const address = maskedWith(m.side === 'rsource' ? p.src : p.dst, mask)
    return askRecent(m, p, address) !== invert
  }
}

/** Asks the list and writes to it. */
function askRecent(m: Of<'recent'>, p: NfPacket, address: Addr): boolean {
  const list = p.nf.recent.list(m.name)
  const now = Math.floor(p.now / TICK) * TICK
  const ttl = p.bytes[p.at + (p.family === 'inet' ? IPV4_TTL : IPV6_HOP_LIMIT)]!
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
function maskedWith(address: Addr, mask: Addr): Addr {
  if (typeof address === 'number') return typeof mask === 'number' ? (address & mask) >>> 0 : address
  if (typeof mask === 'number') return address
  let bits = ''
  for (let i = 0; i < address.length; i++) bits += String.fromCharCode(address.charCodeAt(i) & mask.charCodeAt(i))
  return bits
}
