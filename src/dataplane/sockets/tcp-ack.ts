import { TCP_FLAG } from '../../wire/index.ts'
import { armLossProbe, armRto, clearRtxTimer, measureRtt } from './tcp-clock.ts'
import { updatePacingRate } from './tcp-pacing.ts'
import { segmentsOf, type TxSkb, trimFront } from './tcp-piece.ts'
import { ackProbe } from './tcp-probe.ts'
import {
  enterRecovery,
  rackAdvance,
  rackMarkLost,
  reduceCwnd,
  splitInQueue,
  xmitRetransmitQueue,
} from './tcp-recovery.ts'
import type { Segment } from './tcp-segment.ts'
import { has } from './tcp-segment.ts'
import { after, before, seqDiff } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

/** What one ACK did. */
interface AckWork {
  /** `sndUna` moved. */
  advanced: boolean
  /** Something was acknowledged or reported for the first time, in segments. */
  delivered: number
  /** It reported segments out of order. */
  sacked: boolean
  /** It reported a duplicate. */
  dsack: boolean
  /** Data or a window update came with it. */
  notDuplicate: boolean
  /** The retransmission timer is to be set anew. */
  setTimer: boolean
}

/**
 * Processes the acknowledgment of a segment (`tcp_ack`).
 * @returns 'ok', 'old', or 'invalid' when it acknowledges what was never sent
 */
export function tcpAck(sock: TcpSock, s: Segment): 'ok' | 'old' | 'invalid' {
  if (after(s.ack, sock.sndNxt)) return 'invalid'
  const work: AckWork = {
    advanced: after(s.ack, sock.sndUna),
    delivered: 0,
    sacked: false,
    dsack: false,
    notDuplicate: s.payload.length > 0 || has(s, TCP_FLAG.FIN),
    setTimer: false,
  }
  if (before(s.ack, sock.sndUna)) {
    if (s.sack.length > 0) readSack(sock, s, work)
    return 'old'
  }
  const empty = sock.rtx.length === 0
  const lostBefore = lostSegments(sock)
  if (work.advanced) sock.retransmits = 0
  if (updateWindow(sock, s)) work.notDuplicate = true
  readSack(sock, s, work)
  sock.sndUna = s.ack
  sock.softErr = null
  sock.probesOut = 0
  if (empty) {
    ackProbe(sock)
    return 'ok'
  }
  cleanQueue(sock, work)
  if (sock.tlpHighSeq >= 0 && !before(s.ack, sock.tlpHighSeq)) sock.tlpHighSeq = -1
  recover(sock, work, Math.max(0, lostSegments(sock) - lostBefore))
  return 'ok'
}

function lostSegments(sock: TcpSock): number {
  let n = 0
  for (const skb of sock.rtx) if (skb.lost) n += segmentsOf(skb)
  return n
}

function updateWindow(sock: TcpSock, s: Segment): boolean {
  const window = has(s, TCP_FLAG.SYN) ? s.window : s.window * 2 ** sock.sndWscale
  const news = after(s.ack, sock.sndUna) || after(s.seq, sock.sndWl1) || (s.seq === sock.sndWl1 && window > sock.sndWnd)
  if (!news) return false
  sock.sndWl1 = s.seq
  if (window === sock.sndWnd) return false
  sock.sndWnd = window
  sock.maxWindow = Math.max(sock.maxWindow, window)
  return true
}

/** Marks what the receiver reports out of order (`tcp_sacktag_write_queue`). */
function readSack(sock: TcpSock, s: Segment, work: AckWork): void {
  const [first, second] = s.sack
  if (first === undefined || !sock.sackOk) return
  const inSecond = second !== undefined && !after(first[1], second[1]) && !before(first[0], second[0])
  const dsack = before(first[0], s.ack) || inSecond
  if (dsack) work.dsack = true
  for (const [left, right] of dsack ? s.sack.slice(1) : s.sack) {
    if (before(right, sock.sndUna) || after(right, sock.sndNxt)) continue
    for (let i = 0; i < sock.rtx.length; i++) {
      const skb = sock.rtx[i]
      if (skb === undefined || !before(skb.seq, right)) break
      if (skb.sacked || !after(skb.endSeq, left)) continue
      if (covers(sock, skb, left, right)) sackOne(sock, skb, work)
    }
  }
}

/** Whether a block covers a piece; cuts the piece at a segment's edge so that its front is inside or outside as a whole. */
function covers(sock: TcpSock, skb: TxSkb, left: number, right: number): boolean {
  const starts = !after(left, skb.seq)
  if (starts && !before(right, skb.endSeq)) return true
  if (segmentsOf(skb) === 1) return false
  const size = skb.gsoSize
  let cut = Math.max(seqDiff(starts ? right : left, skb.seq), starts ? 0 : size)
  if (starts && cut < size) return false
  if (cut > size) {
    const whole = cut - (cut % size)
    cut = !starts && whole < cut ? whole + size : whole
  }
  if (cut >= skb.length) return starts
  splitInQueue(sock, skb, cut)
  return starts
}

function sackOne(sock: TcpSock, skb: TxSkb, work: AckWork): void {
  rackAdvance(sock, skb)
  work.sacked = true
  work.delivered += segmentsOf(skb)
  if (skb.retrans && skb.lost) skb.retrans = false
  skb.lost = false
  skb.sacked = true
}

/** Removes what is acknowledged; measures the round trip of what was sent once (`tcp_clean_rtx_queue`). */
function cleanQueue(sock: TcpSock, work: AckWork): void {
  const { now } = sock.ns.sim.clock
  let measured = -1
  for (let skb = sock.rtx[0]; skb !== undefined; skb = sock.rtx[0]) {
    const whole = !after(skb.endSeq, sock.sndUna)
    if (!whole) {
      if (segmentsOf(skb) === 1 || !after(sock.sndUna, skb.seq)) break
      const before = segmentsOf(skb)
      rackAdvance(sock, skb)
      trimFront(skb, seqDiff(sock.sndUna, skb.seq))
      work.delivered += before - segmentsOf(skb)
      work.notDuplicate = true
      work.setTimer = true
      break
    }
    if (!skb.everRetrans && !skb.sacked && measured < 0) measured = now - skb.sentAt
    if (!skb.sacked) {
      work.delivered += segmentsOf(skb)
      rackAdvance(sock, skb)
    }
    work.notDuplicate = true
    work.setTimer = true
    sock.rtx.shift()
  }
  if (measured >= 0) measureRtt(sock, measured)
  if (sock.rtx.length === 0) clearRtxTimer(sock)
}

/** What the ACK means for losses and for the congestion window (`tcp_fastretrans_alert`, `tcp_cong_control`). */
function recover(sock: TcpSock, work: AckWork, lostSoFar: number): void {
  const dubious = !work.notDuplicate || work.sacked || work.dsack || sock.caState !== 'Open'
  const resend = dubious && alert(sock, work)
  if (work.setTimer && !armLossProbe(sock)) armRto(sock)
  if (sock.caState === 'Recovery') reduceCwnd(sock, work.delivered, lostSoFar, work.advanced)
  else if (work.notDuplicate) raiseCwnd(sock, work.delivered)
  updatePacingRate(sock)
  if (resend) xmitRetransmitQueue(sock)
}

/** Decides on the state of recovery; true when lost segments are to be sent again. */
function alert(sock: TcpSock, work: AckWork): boolean {
  const complete = !before(sock.sndUna, sock.highSeq)
  if (sock.caState === 'Recovery' && complete) {
    sock.cwnd = sock.ssthresh
    sock.caState = 'Open'
  } else if (sock.caState === 'Loss') {
    if (complete) {
      sock.caState = 'Open'
      return false
    }
    lookForLosses(sock, work)
    return true
  }
  lookForLosses(sock, work)
  if (sock.caState === 'Recovery') return true
  if (!sock.rtx.some((skb) => skb.lost)) {
    sock.caState = sock.rtx.some((skb) => skb.sacked) ? 'Disorder' : 'Open'
    return false
  }
  enterRecovery(sock)
  return true
}

function lookForLosses(sock: TcpSock, work: AckWork): void {
  if (rackMarkLost(sock)) work.setTimer = false
}

/**
 * Slow start below the threshold, one segment a round trip above it; only while the window is what limits.
 * @rfc 5681 §3.1
 * @linux include/net/tcp.h tcp_is_cwnd_limited
 */
function raiseCwnd(sock: TcpSock, delivered: number): void {
  const slowStart = sock.cwnd < sock.ssthresh
  if (!sock.cwndLimited && !(slowStart && sock.cwnd < 2 * sock.maxPacketsOut)) return
  if (slowStart) sock.cwnd = Math.min(sock.cwnd + delivered, Math.max(sock.ssthresh, sock.cwnd))
  else grow(sock, delivered)
}

/** One segment more for each window delivered; what is left over counts for the next. @linux net/ipv4/tcp_cong.c tcp_cong_avoid_ai */
function grow(sock: TcpSock, delivered: number): void {
  const window = sock.cwnd
  if (sock.cwndCount >= window) {
    sock.cwndCount = 0
    sock.cwnd++
  }
  const count = sock.cwndCount + delivered
  sock.cwndCount = count % window
  sock.cwnd += Math.floor(count / window)
}
