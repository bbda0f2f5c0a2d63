import { TCP_FLAG } from '../../wire/index.ts'
import { dirOf, IP_CT_DIR_ORIGINAL, IP_CT_DIR_REPLY } from '../kernel/conntrack.ts'
import { type Conn, IPS_ASSURED, IPS_CONFIRMED, IPS_SEEN_REPLY } from './conn.ts'
import type { CtSettings } from './ct-settings.ts'
import {
  before,
  newSide,
  newTcpTrack,
  readSynOptions,
  SEGMENT_ACK,
  SEGMENT_FIN,
  SEGMENT_RST,
  SEGMENT_SYN,
  SEGMENT_SYNACK,
  type Segment,
  type TcpSide,
  type TcpTrack,
} from './tcp-track.ts'
import { tcpInWindow } from './tcp-window.ts'

const NONE = 0
const SYN_SENT = 1
const SYN_RECV = 2
const ESTABLISHED = 3
const FIN_WAIT = 4 // 5 is CLOSE_WAIT
const LAST_ACK = 6
const TIME_WAIT = 7
const CLOSE = 8
const SYN_SENT2 = 9
const INVALID = 10
const IGNORE = 11

/**
 * Next state by direction, kind of segment and state. A column per state in the order of TCP_STATES: its initial, `X` for CLOSE,
 * `2` for SYN_SENT2; `-` the segment is invalid, `.` it is let through and changes nothing.
 * @linux net/netfilter/nf_conntrack_proto_tcp.c tcp_conntracks
 */
const NEXT: readonly (readonly (readonly number[])[])[] = [
  ['SS.....SS2', '--R------R', '--FFLLLTX-', 'E-EECCTTX-', '-XXXXXXXXX', '----------'].map(states),
  ['-2-----S-2', '-R.......R', '--FFLLLTX-', '-.RECCTTX.', '-XXXXXXXXX', '----------'].map(states),
]

function states(row: string): number[] {
  return [...row].map((c) => 'NSREFCLTX2-.'.indexOf(c))
}

/** Flag combinations a sane TCP sends, without PSH, ECE and CWR. */
const SANE_FLAGS: ReadonlySet<number> = new Set(
  [
    TCP_FLAG.SYN,
    TCP_FLAG.SYN | TCP_FLAG.URG,
    TCP_FLAG.SYN | TCP_FLAG.ACK,
    TCP_FLAG.RST,
    TCP_FLAG.RST | TCP_FLAG.ACK,
    TCP_FLAG.FIN | TCP_FLAG.ACK,
    TCP_FLAG.FIN | TCP_FLAG.ACK | TCP_FLAG.URG,
    TCP_FLAG.ACK,
    TCP_FLAG.ACK | TCP_FLAG.URG,
  ].map(Number),
)

/** Whether the flags of a segment make sense together. */
export function saneFlags(flags: number): boolean {
  return SANE_FLAGS.has(flags & ~(TCP_FLAG.PSH | TCP_FLAG.ECE | TCP_FLAG.CWR))
}

/** What the tracker says: taken, not part of the connection, look up again as a new one, or forget it at once. */
export type TrackVerdict = 'accept' | 'invalid' | 'repeat' | 'kill'

/**
 * Follows one sane segment of a connection.
 * @linux net/netfilter/nf_conntrack_proto_tcp.c nf_conntrack_tcp_packet
 */
export function tcpPacket(conn: Conn, ctinfo: number, s: Segment, now: number, settings: CtSettings): TrackVerdict {
  if (!(conn.status & IPS_CONFIRMED) && !tcpNew(conn, s, settings)) return 'invalid'
  const t = conn.tcp ?? newTcpTrack()
  conn.tcp = t
  const dir = dirOf(ctinfo)
  const old = t.state
  const step = decide(conn, t, dir, old, s, settings)
  if (step === 'accept' || step === 'invalid' || step === 'repeat') return step
  const next = step.state
  if (!step.skipWindow) {
    const fit = tcpInWindow(t, dir, s, settings.tcpBeLiberal)
    if (fit === 'ignore') return 'accept'
    if (fit === 'invalid') {
      shortenWhenOutOfSync(conn, t, dir, s, now, settings)
      return 'invalid'
    }
  }
  t.lastIndex = s.kind
  t.lastDir = dir
  t.state = next
  if (step.old !== next && next === FIN_WAIT) t.seen[dir]!.closeInit = true
  return refresh(conn, t, step.old, next, s, now, settings)
}

/** Begins to track; false when nothing may begin with this segment. */
function tcpNew(conn: Conn, s: Segment, settings: CtSettings): boolean {
  const state = NEXT[IP_CT_DIR_ORIGINAL]![s.kind]![NONE]!
  if (state >= INVALID || (state !== SYN_SENT && !settings.tcpLoose)) return false
  const t = newTcpTrack()
  const side = t.seen[0]
  side.end = s.end
  side.maxwin = s.win === 0 ? 1 : s.win
  if (state === SYN_SENT) {
    side.maxend = s.end
    readSynOptions(s, side)
  } else {
    side.maxend = (s.end + side.maxwin) >>> 0
    for (const each of t.seen) {
      each.sackPerm = true
      each.beLiberal = true
    }
  }
  conn.tcp = t
  return true
}

/** The state to go to, `old` as the time-out and ASSURED rules shall see it, and whether the window is not asked. */
interface Step {
  readonly state: number
  readonly old: number
  readonly skipWindow: boolean
}

function go(state: number, old: number, skipWindow = false): Step {
  return { state, old, skipWindow }
}

function decide(
  conn: Conn,
  t: TcpTrack,
  dir: number,
  old: number,
  s: Segment,
  settings: CtSettings,
): Step | 'accept' | 'invalid' | 'repeat' {
  const next = NEXT[dir]![s.kind]![old]!
  switch (next) {
    case INVALID:
      return 'invalid'
    case SYN_SENT:
      if (old < TIME_WAIT) return go(next, old)
      if (t.seen[0].closeInit || t.seen[1].closeInit || (t.lastDir === dir && t.lastIndex === SEGMENT_RST)) {
        return 'repeat'
      }
      return ignored(t, dir, old, s)
    case IGNORE:
      return ignored(t, dir, old, s)
    case TIME_WAIT: {
      const challenged = t.lastDir !== dir && t.lastIndex === SEGMENT_SYN && t.challengeAck
      if (old === LAST_ACK && s.kind === SEGMENT_ACK && challenged) {
        t.challengeAck = false
        return 'accept'
      }
      return go(next, old)
    }
    case SYN_SENT2:
      t.simultaneousOpen = true
      return go(next, old)
    case SYN_RECV:
      return go(dir === IP_CT_DIR_REPLY && s.kind === SEGMENT_ACK && t.simultaneousOpen ? ESTABLISHED : next, old)
    case CLOSE:
      return s.kind === SEGMENT_RST ? onReset(conn, t, dir, old, s, settings) : go(next, old)
    default:
      return go(next, old)
  }
}

/** A segment our state cannot place: let through and noted, so that an answer can tell who was right. */
function ignored(t: TcpTrack, dir: number, old: number, s: Segment): Step | 'accept' {
  if (s.kind === SEGMENT_SYNACK && t.lastIndex === SEGMENT_SYN && t.lastDir !== dir && s.ack === t.lastEnd) {
    syncFromNoted(t, dir)
    return { state: SYN_RECV, old: SYN_SENT, skipWindow: false }
  }
  t.lastIndex = s.kind
  t.lastDir = dir
  t.lastSeq = s.seq
  t.lastEnd = s.end
  t.lastWin = s.win
  if (s.kind === SEGMENT_SYN && dir === IP_CT_DIR_ORIGINAL) {
    const seen = newSide()
    readSynOptions(s, seen)
    t.lastWindowScale = seen.windowScale
    t.lastScale = seen.windowScale ? seen.scale : 0
    t.lastSackPerm = seen.sackPerm
    t.simultaneousOpen = false
    t.challengeAck = old === LAST_ACK
  }
  if (old === SYN_SENT && s.kind === SEGMENT_ACK && dir === IP_CT_DIR_REPLY) t.lastAck = s.ack
  return 'accept'
}

/** The server took the SYN we had ignored: believe both of them from here on. */
function syncFromNoted(t: TcpTrack, dir: number): void {
  const client = t.seen[t.lastDir]!
  Object.assign(client, newSide(), {
    end: t.lastEnd,
    maxend: t.lastEnd,
    maxwin: t.lastWin === 0 ? 1 : t.lastWin,
    maxack: client.maxack,
    scale: t.lastScale,
    windowScale: t.lastWindowScale,
    sackPerm: t.lastSackPerm,
  } satisfies Partial<TcpSide>)
  t.challengeAck = false
  const server = t.seen[dir]!
  const { beLiberal } = server
  Object.assign(server, newSide(), { beLiberal })
}

function onReset(
  conn: Conn,
  t: TcpTrack,
  dir: number,
  old: number,
  s: Segment,
  settings: CtSettings,
): Step | 'invalid' {
  if (old >= FIN_WAIT && old <= CLOSE) return go(CLOSE, old, true)
  let state = CLOSE
  const other = t.seen[1 - dir]!
  if (other.maxackSet && t.lastIndex !== SEGMENT_SYN) {
    const established = old === ESTABLISHED
    if (s.seq === 0 && !established) return go(state, old)
    if (before(s.seq, other.maxack) && !settings.tcpIgnoreInvalidRst) return 'invalid'
    if (!established || s.seq === other.maxack) return go(state, old)
    if (t.lastIndex === SEGMENT_ACK && t.lastDir === dir && s.seq === t.lastEnd) return go(state, old)
    state = old
  }
  const answersIgnoredSyn = (conn.status & IPS_SEEN_REPLY) !== 0 && t.lastIndex === SEGMENT_SYN
  const answersHalfOpen = !(conn.status & IPS_ASSURED) && t.lastIndex === SEGMENT_ACK
  if ((answersIgnoredSyn || answersHalfOpen) && s.ack === t.lastEnd) return go(state, old, true)
  const answersChallenge =
    old === SYN_SENT && t.lastIndex === SEGMENT_ACK && t.lastDir === IP_CT_DIR_REPLY && s.seq === t.lastAck
  return go(state, old, answersChallenge)
}

/** An assured connection whose FIN or RST did not fit both ways: do not keep it for days. */
function shortenWhenOutOfSync(
  conn: Conn,
  t: TcpTrack,
  dir: number,
  s: Segment,
  now: number,
  settings: CtSettings,
): void {
  if (!(conn.status & IPS_ASSURED) || (s.kind !== SEGMENT_RST && s.kind !== SEGMENT_FIN)) return
  if (t.lastDir !== dir && (t.lastIndex === SEGMENT_FIN || t.lastIndex === SEGMENT_RST)) {
    const left = conn.expires - now
    if (left >= 120e9 && left > settings.tcpUnacknowledged) conn.expires = now + settings.tcpUnacknowledged
    return
  }
  t.lastIndex = s.kind
  t.lastDir = dir
}

function refresh(
  conn: Conn,
  t: TcpTrack,
  old: number,
  next: number,
  s: Segment,
  now: number,
  settings: CtSettings,
): TrackVerdict {
  let timeout = timeoutOf(t, next, s, settings)
  if (!(conn.status & IPS_SEEN_REPLY)) {
    if (s.kind === SEGMENT_RST) return 'kill'
    if (s.kind === SEGMENT_SYN && old === SYN_SENT) return 'accept'
    if (next === ESTABLISHED) timeout = Math.min(timeout, settings.tcpUnacknowledged)
  } else if (!(conn.status & IPS_ASSURED) && next === ESTABLISHED && (old === SYN_RECV || old === ESTABLISHED)) {
    conn.status |= IPS_ASSURED
  }
  conn.expires = now + timeout
  return 'accept'
}

function timeoutOf(t: TcpTrack, next: number, s: Segment, settings: CtSettings): number {
  const timeout = settings.tcp[next]!
  if (t.retrans >= settings.tcpMaxRetrans && timeout > settings.tcpRetrans) return settings.tcpRetrans
  if (s.kind === SEGMENT_RST) return settings.tcp[CLOSE]!
  if ((t.seen[0].unacked || t.seen[1].unacked) && timeout > settings.tcpUnacknowledged) {
    return settings.tcpUnacknowledged
  }
  if (t.lastWin === 0 && timeout > settings.tcpRetrans) return settings.tcpRetrans
  return timeout
}

/**
 * A TCP connection that REJECT has just reset.
 * @linux net/netfilter/nf_conntrack_proto_tcp.c nf_conntrack_tcp_set_closing
 */
export function tcpSetClosing(conn: Conn, now: number, settings: CtSettings): void {
  if (!(conn.status & IPS_CONFIRMED) || conn.tcp === null) return
  const old = conn.tcp.state
  conn.tcp.state = CLOSE
  if (old !== CLOSE) conn.expires = now + settings.tcp[CLOSE]!
}
