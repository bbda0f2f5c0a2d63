import { armReordering, armRto, LEAST_RTT } from './tcp-clock.ts'
import { currentMss } from './tcp-mss.ts'
import { inFlight, transmit } from './tcp-output.ts'
import { tsoSegments } from './tcp-pacing.ts'
import { cutRest, segmentsOf, type TxSkb, trimFront } from './tcp-piece.ts'
import { after, before, seqDiff } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

const REORDERING = 3

/** Marks a piece as lost; a copy of it that was under way is lost too (`tcp_mark_skb_lost`). */
function markLost(skb: TxSkb): void {
  if (skb.sacked) return
  skb.retrans = false
  skb.lost = true
}

/** Cuts a piece of the retransmission queue. */
export function splitInQueue(sock: TcpSock, skb: TxSkb, length: number): void {
  const at = sock.rtx.indexOf(skb)
  sock.rtx.splice(at + 1, 0, cutRest(skb, length))
}

/**
 * Sends a piece again, at most `segments` of today's size (`tcp_retransmit_skb`).
 * @returns false when it lies outside the peer's window
 */
export function retransmitSkb(sock: TcpSock, skb: TxSkb, segments: number): boolean {
  if (before(skb.seq, sock.sndUna)) trimFront(skb, seqDiff(sock.sndUna, skb.seq))
  const mss = currentMss(sock)
  const windowEnd = sock.sndUna + sock.sndWnd
  if (!before(skb.seq, windowEnd >>> 0) && skb.seq !== sock.sndUna) return false
  if (skb.length > mss * segments) splitInQueue(sock, skb, mss * segments)
  if (skb.length > 0) skb.gsoSize = mss
  transmit(sock, skb)
  skb.retrans = true
  skb.everRetrans = true
  return true
}

/** Sends the last segment again: a tail loss probe without new data. */
export function retransmitTail(sock: TcpSock): boolean {
  const last = sock.rtx.at(-1)
  if (last === undefined) return false
  const segments = segmentsOf(last)
  if (segments > 1) splitInQueue(sock, last, (segments - 1) * last.gsoSize)
  const tail = sock.rtx.at(-1)
  return tail !== undefined && retransmitSkb(sock, tail, 1)
}

/** Sends what is marked lost, as far as the congestion window goes (`tcp_xmit_retransmit_queue`). */
export function xmitRetransmitQueue(sock: TcpSock): void {
  if (sock.rtx.length === 0) return
  const most = tsoSegments(sock, currentMss(sock))
  for (let i = 0; i < sock.rtx.length; i++) {
    const skb = sock.rtx[i]
    const room = sock.cwnd - inFlight(sock)
    if (skb === undefined || room <= 0) break
    if (!skb.lost || skb.sacked || skb.retrans) continue
    if (!retransmitSkb(sock, skb, Math.min(room, most))) break
    if (sock.caState === 'Recovery') sock.prrOut += segmentsOf(skb)
    if (i === 0 && sock.rtxTimerKind !== 'reo') armRto(sock)
  }
}

/** CUBIC's reaction to loss. @rfc 9438 §4.6 */
function reducedThreshold(sock: TcpSock): number {
  return Math.max(Math.floor((sock.cwnd * 717) / 1024), 2)
}

/** Recovery begins: the congestion window shrinks in proportion to what is delivered (`tcp_enter_recovery`). @rfc 6937 */
export function enterRecovery(sock: TcpSock): void {
  sock.highSeq = sock.sndNxt
  sock.tlpHighSeq = -1
  sock.priorCwnd = sock.cwnd
  sock.cwndCount = 0
  sock.prrDelivered = 0
  sock.prrOut = 0
  sock.ssthresh = reducedThreshold(sock)
  sock.caState = 'Recovery'
}

/** The congestion window during recovery (`tcp_cwnd_reduction`). @rfc 6937 §3 */
export function reduceCwnd(sock: TcpSock, delivered: number, lost: number, advanced: boolean): void {
  if (delivered <= 0 || sock.priorCwnd === 0) return
  const flying = inFlight(sock)
  const delta = sock.ssthresh - flying
  sock.prrDelivered += delivered
  let count: number
  if (delta < 0) {
    count = Math.floor((sock.ssthresh * sock.prrDelivered + sock.priorCwnd - 1) / sock.priorCwnd) - sock.prrOut
  } else {
    count = Math.max(sock.prrDelivered - sock.prrOut, delivered)
    if (advanced && lost === 0) count++
    count = Math.min(delta, count)
  }
  sock.cwnd = flying + Math.max(count, sock.prrOut > 0 ? 0 : 1)
}

/** Timeout: everything is taken to be lost, and sending starts over with one segment (`tcp_enter_loss`). */
export function enterLoss(sock: TcpSock): void {
  const fresh = sock.caState === 'Open' || sock.caState === 'Disorder' || !after(sock.highSeq, sock.sndUna)
  const head = sock.rtx[0]
  for (const skb of sock.rtx) if (skb === head || timeLeft(sock, skb, 0) <= 0) markLost(skb)
  if (fresh || (sock.caState === 'Loss' && sock.retransmits === 0)) {
    sock.priorCwnd = sock.cwnd
    sock.ssthresh = reducedThreshold(sock)
  }
  sock.cwnd = inFlight(sock) + 1
  sock.cwndCount = 0
  sock.caState = 'Loss'
  sock.highSeq = sock.sndNxt
}

/** The path got narrower: what no longer fits is lost, though the network is not congested (`tcp_simple_retransmit`). */
export function simpleRetransmit(sock: TcpSock): void {
  const mss = currentMss(sock)
  let lost = false
  for (const skb of sock.rtx) {
    const size = segmentsOf(skb) > 1 ? skb.gsoSize : skb.length
    if (size > mss && !skb.sacked) {
      markLost(skb)
      lost = true
    }
  }
  if (!lost) return
  if (sock.caState !== 'Loss') {
    sock.highSeq = sock.sndNxt
    sock.ssthresh = reducedThreshold(sock)
    sock.caState = 'Loss'
  }
  xmitRetransmitQueue(sock)
}

/** A segment sent at `sentAt` was delivered (`tcp_rack_advance`). @rfc 8985 §6.2 */
export function rackAdvance(sock: TcpSock, skb: TxSkb): void {
  const rtt = Math.max(sock.ns.sim.clock.now - skb.sentAt, LEAST_RTT)
  if (rtt < sock.minRtt && skb.everRetrans) return
  sock.rackRtt = rtt
  sock.rackAdvanced = true
  if (sentAfter(skb.sentAt, skb.endSeq, sock.rackSentAt, sock.rackEndSeq)) {
    sock.rackSentAt = skb.sentAt
    sock.rackEndSeq = skb.endSeq
  }
}

function sentAfter(t1: number, seq1: number, t2: number, seq2: number): boolean {
  return t1 > t2 || (t1 === t2 && after(seq1, seq2))
}

function timeLeft(sock: TcpSock, skb: TxSkb, reorderWindow: number): number {
  return sock.rackRtt + reorderWindow - (sock.ns.sim.clock.now - skb.sentAt)
}

function reorderWindow(sock: TcpSock): number {
  if (sock.caState === 'Recovery' || sock.caState === 'Loss') return 0
  const sacked = sock.rtx.reduce((n, skb) => n + (skb.sacked ? segmentsOf(skb) : 0), 0)
  return sacked >= REORDERING ? 0 : Math.min(sock.minRtt / 4, sock.srtt)
}

/** Marks as lost what was sent well before something that arrived; returns how long to wait for the rest, 0 = not. */
function rackDetectLoss(sock: TcpSock): number {
  const window = reorderWindow(sock)
  let wait = 0
  for (const skb of sock.rtx) {
    if (skb.sacked || (skb.lost && !skb.retrans)) continue
    if (!sentAfter(sock.rackSentAt, sock.rackEndSeq, skb.sentAt, skb.endSeq)) continue
    const left = timeLeft(sock, skb, window)
    if (left <= 0) markLost(skb)
    else wait = Math.max(wait, left)
  }
  return wait
}

/** Looks for losses after an ACK; true when the reordering timer is armed (`tcp_rack_mark_lost`). */
export function rackMarkLost(sock: TcpSock): boolean {
  if (!sock.rackAdvanced) return false
  sock.rackAdvanced = false
  const wait = rackDetectLoss(sock)
  if (wait <= 0) return false
  armReordering(sock, wait)
  return true
}

/** The reordering timer fired (`tcp_rack_reo_timeout`). */
export function rackReorderTimeout(sock: TcpSock): void {
  const before = inFlight(sock)
  rackDetectLoss(sock)
  if (before !== inFlight(sock)) {
    if (sock.caState !== 'Recovery') {
      enterRecovery(sock)
      reduceCwnd(sock, 1, 0, false)
    }
    xmitRetransmitQueue(sock)
  }
  if (sock.rtxTimer === null) armRto(sock)
}
