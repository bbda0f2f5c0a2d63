import { InvariantError, TCP_FLAG } from '../../wire/index.ts'
import { MILLISECOND } from '../kernel/clock.ts'
import type { Dst } from '../kernel/dst.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { armLossProbe, armProbe0, armRto, cancelDelack } from './tcp-clock.ts'
import { establishedOptions, segment, synOptions, type TcpHeader } from './tcp-header.ts'
import { tcpIpSend, tcpRoute } from './tcp-ip.ts'
import { currentMss, fullSpace, offeredOptions, receiveWindow, unread } from './tcp-mss.ts'
import { packetsOut, tsoSegments } from './tcp-pacing.ts'
import { cutFront, segmentsOf, type TxSkb } from './tcp-piece.ts'
import { after, before, seqAdd, seqDiff } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

const NO_DATA = new Uint8Array(0)

/** Room for data that the program has not filled, in units of the window field (`__tcp_select_window`). */
function freeWindow(sock: TcpSock): number {
  const free = Math.max(0, Math.min(fullSpace(sock.ns), sock.windowClamp) - unread(sock))
  const scale = 1 << sock.rcvWscale
  return Math.floor(free / scale) * scale
}

/** The window to offer now (`tcp_select_window`): never takes back what was offered. */
function selectWindow(sock: TcpSock): number {
  sock.rcvWnd = Math.max(receiveWindow(sock), freeWindow(sock))
  sock.rcvWup = sock.rcvNxt
  return Math.min(sock.rcvWnd >>> sock.rcvWscale, 0xffff)
}

function xmit(sock: TcpSock, skb: PacketBuffer, dst: Dst | null, id: number | undefined): void {
  const df = dst !== null && sock.dontFragment(dst)
  const { saddr, daddr, tos, ttl, mark } = sock
  tcpIpSend(sock.ns, sock, skb, { saddr, daddr, tos, ttl, id, df, mark }, dst)
}

/** Sends a segment without data. */
function xmitBare(sock: TcpSock, header: TcpHeader, dst: Dst | null, id: number | undefined): void {
  xmit(sock, segment(sock, header, NO_DATA, 0, 0), dst, id)
}

function routeOrNull(sock: TcpSock): Dst | null {
  const dst = tcpRoute(sock)
  return typeof dst === 'string' ? null : dst
}

function nextId(sock: TcpSock): number {
  const id = sock.ipId
  sock.ipId = (id + 1) & 0xffff
  return id === 0 ? nextId(sock) : id
}

/** Sends the SYN, or sends it again. */
export function sendSyn(sock: TcpSock, skb: TxSkb): void {
  const offer = offeredOptions(sock.ns)
  const options = synOptions(sock, { timestamps: offer.timestamps, sack: offer.sack, wscale: offer.windowScaling })
  skb.sentAt = sock.ns.sim.clock.now
  const window = Math.min(sock.rcvWnd, 0xffff)
  xmitBare(sock, { seq: skb.seq, flags: TCP_FLAG.SYN, window, options }, routeOrNull(sock), nextId(sock))
}

/** Answers a SYN (`tcp_v4_send_synack`). The IP id is 0 where DF is set. */
export function sendSynAck(sock: TcpSock): void {
  const options = synOptions(sock, { timestamps: sock.tsOk, sack: sock.sackOk, wscale: sock.wscaleOk })
  const dst = routeOrNull(sock)
  if (dst === null) return
  const id = sock.dontFragment(dst) ? 0 : undefined
  const window = Math.min(sock.rcvWnd, 0xffff)
  xmitBare(sock, { seq: sock.iss, flags: TCP_FLAG.SYN | TCP_FLAG.ACK, window, options }, dst, id)
}

/** What sending any segment with ACK settles (`tcp_event_ack_sent`). */
function ackSent(sock: TcpSock): void {
  if (sock.quick > 0) {
    sock.quick--
    if (sock.quick === 0) sock.ato = Math.max(sock.ato, 40 * MILLISECOND)
  }
  sock.ackScheduled = false
  sock.ackNow = false
  cancelDelack(sock)
}

/** Sends a pure ACK. */
export function sendAck(sock: TcpSock): void {
  if (sock.state !== 'CLOSE') sendBare(sock, acceptableSeq(sock))
}

/** Sends a segment without data that is before the peer's window, so that it answers (`tcp_xmit_probe_skb`). */
export function sendProbe(sock: TcpSock): void {
  sendBare(sock, seqAdd(sock.sndUna, -1))
}

function sendBare(sock: TcpSock, seq: number): void {
  const window = selectWindow(sock)
  const options = establishedOptions(sock)
  ackSent(sock)
  xmitBare(sock, { seq, flags: TCP_FLAG.ACK, window, options }, routeOrNull(sock), nextId(sock))
}

/** The program has read: the peer is told when the window is now twice what it knows of (`tcp_cleanup_rbuf`). */
export function windowOpened(sock: TcpSock): void {
  if (sock.rcvShutdown || sock.finReceived || sock.state === 'CLOSE') return
  const known = receiveWindow(sock)
  if (2 * known > sock.windowClamp) return
  const free = freeWindow(sock)
  if (free > 0 && free >= 2 * known) sendAck(sock)
}

/** A sequence number the peer accepts: within its window even when that has shrunk. */
function acceptableSeq(sock: TcpSock): number {
  const windowEnd = seqAdd(sock.sndUna, sock.sndWnd)
  return before(windowEnd, sock.sndNxt) ? windowEnd : sock.sndNxt
}

/** Sends a reset with our own numbers (`tcp_send_active_reset`). */
export function sendActiveReset(sock: TcpSock): void {
  const flags = TCP_FLAG.RST | TCP_FLAG.ACK
  const options = establishedOptions(sock)
  const window = selectWindow(sock)
  xmitBare(sock, { seq: acceptableSeq(sock), flags, window, options }, routeOrNull(sock), nextId(sock))
}

/** Puts a piece on the wire, cut into segments (`tcp_transmit_skb` and what segments it behind). */
export function transmit(sock: TcpSock, skb: TxSkb): void {
  const { now } = sock.ns.sim.clock
  const dst = routeOrNull(sock)
  const window = selectWindow(sock)
  const options = establishedOptions(sock)
  ackSent(sock)
  if (skb.length > 0) dataSent(sock, now)
  skb.sentAt = now
  if (dst === null) return
  const { block, from, gsoSize } = skb
  const end = from + skb.length
  const n = segmentsOf(skb)
  if (n > 1) skb.flags |= TCP_FLAG.PSH // so that a receiver that merges segments knows where to stop
  const header = { seq: skb.seq, flags: TCP_FLAG.ACK as number, window, options }
  for (let i = 0, at = from; i < n; i++, at += gsoSize) {
    const last = i === n - 1
    if (last) header.flags |= skb.flags & (TCP_FLAG.FIN | TCP_FLAG.PSH)
    xmit(sock, segment(sock, header, block, at, last ? end : at + gsoSize), dst, nextId(sock))
    header.seq = seqAdd(header.seq, gsoSize)
  }
}

/** Data in answer to data: from now on ACKs wait for data (`tcp_event_data_sent`). */
function dataSent(sock: TcpSock, now: number): void {
  if (sock.lastReceived >= 0 && now - sock.lastReceived < sock.ato) sock.pingpong = true
  sock.lastSent = now
}

/** Segments under way. */
export function inFlight(sock: TcpSock): number {
  let n = 0
  for (const skb of sock.rtx) {
    const count = segmentsOf(skb)
    if (!skb.sacked && !skb.lost) n += count
    if (skb.retrans) n += count
  }
  return n
}

/**
 * Sends what windows allow (`tcp_write_xmit`).
 * @param force - send at least one piece, whatever the windows (a tail loss probe)
 */
export function writeXmit(sock: TcpSock, force = false): boolean {
  if (sock.unsent.length === 0) return false // who looks at the route now would miss that it got narrower
  const mss = currentMss(sock)
  const most = tsoSegments(sock, mss)
  let sent = false
  while (sock.unsent.length > 0) {
    const skb = sock.unsent[0]
    if (skb === undefined) throw new InvariantError('a queue with a length has a head')
    const lastFin = (skb.flags & TCP_FLAG.FIN) !== 0 && skb.length <= mss
    const quota = cwndQuota(sock) || (lastFin || (force && !sent) ? 1 : 0)
    const limit = seqAdd(sock.sndUna, sock.sndWnd)
    const first = Math.min(skb.length, mss)
    if (quota === 0 || after(seqAdd(skb.seq, first), limit)) break
    if (nagle(sock, skb, mss)) break
    const allowed = Math.min(Math.min(quota, most) * mss, Math.max(seqDiff(limit, skb.seq), first))
    if (skb.length > allowed) sendPiece(sock, cutFront(skb, allowed - (allowed % mss) || allowed), mss)
    else {
      sock.unsent.shift()
      sendPiece(sock, skb, mss)
    }
    sent = true
    if (force) break
  }
  if (sent) noteWindowUse(sock)
  if (sent && !force) armLossProbe(sock)
  if (sock.rtx.length === 0 && sock.unsent.length > 0 && sock.rtxTimer === null) armProbe0(sock)
  return sent
}

/** Sends a piece taken from the head of what waits, in segments of `mss` (`tcp_event_new_data_sent`). */
export function sendPiece(sock: TcpSock, skb: TxSkb, mss: number): void {
  skb.gsoSize = mss
  const idle = sock.rtx.length === 0
  sock.rtx.push(skb)
  sock.sndNxt = skb.endSeq
  transmit(sock, skb)
  if (sock.caState === 'Recovery') sock.prrOut += segmentsOf(skb)
  if (idle || sock.rtxTimer === null) armRto(sock)
}

/** Remembers how much of the congestion window was used: what is not used does not grow (`tcp_cwnd_validate`). */
function noteWindowUse(sock: TcpSock): void {
  const limited = inFlight(sock) >= sock.cwnd
  const out = packetsOut(sock)
  const flightOver = !before(sock.sndUna, sock.cwndUsageSeq)
  if (!flightOver && !limited && (sock.cwndLimited || out <= sock.maxPacketsOut)) return
  sock.cwndLimited = limited
  sock.maxPacketsOut = out
  sock.cwndUsageSeq = sock.sndNxt
}

function cwndQuota(sock: TcpSock): number {
  const flying = inFlight(sock)
  if (flying >= sock.cwnd) return 0
  return Math.min(Math.max(sock.cwnd >>> 1, 1), sock.cwnd - flying)
}

/** A small piece waits while another small one is under way (`tcp_nagle_test`). */
function nagle(sock: TcpSock, skb: TxSkb, mss: number): boolean {
  if ((skb.flags & TCP_FLAG.FIN) !== 0 || skb.length >= mss || sock.unsent.length > 1) return false
  const last = sock.rtx.at(-1)
  return last !== undefined && last.length % last.gsoSize !== 0
}
