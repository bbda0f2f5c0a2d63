import type { DropCause } from '../../model/index.ts'
import { type SackBlock, TCP_FLAG } from '../../wire/index.ts'
import { MILLISECOND } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import { armDelack, armLinger, DELACK_MIN, delayAck } from './tcp-clock.ts'
import { fullSpace, receiveWindow, unread } from './tcp-mss.ts'
import { sendAck } from './tcp-output.ts'
import { has, type Segment } from './tcp-segment.ts'
import { after, before, seqAdd, seqDiff } from './tcp-seq.ts'
import type { EarlyData, TcpSock } from './tcp-sock.ts'

const MAX_QUICKACKS = 16
const MAX_SACKS = 4
const DUPACK_THRESHOLD = 3
const COMPRESS_DELAY = MILLISECOND

function increaseQuickAcks(sock: TcpSock): void {
  const wanted = Math.floor(sock.rcvWnd / (2 * sock.rcvMss)) || 2
  sock.quick = Math.max(sock.quick, Math.min(wanted, MAX_QUICKACKS))
}

/** From now on ACKs go out at once (`tcp_enter_quickack_mode`). */
export function enterQuickAck(sock: TcpSock): void {
  increaseQuickAcks(sock)
  sock.pingpong = false
  sock.ato = DELACK_MIN
}

/** Data came: adapts the delay of ACKs (`tcp_event_data_recv`). */
function dataReceived(sock: TcpSock, length: number): void {
  const { now } = sock.ns.sim.clock
  sock.ackScheduled = true
  if (length >= sock.rcvMss) sock.rcvMss = Math.min(length, sock.advmss)
  if (sock.ato === 0) {
    increaseQuickAcks(sock)
    sock.ato = DELACK_MIN
  } else {
    const gap = now - sock.lastReceived
    if (gap <= DELACK_MIN / 2) sock.ato = sock.ato / 2 + DELACK_MIN / 2
    else if (gap < sock.ato) sock.ato = Math.min(sock.ato / 2 + gap, sock.rto)
    else if (gap > sock.rto) increaseQuickAcks(sock)
  }
  sock.lastReceived = now
}

/**
 * Takes in the data and FIN of a segment (`tcp_data_queue`).
 * @returns why it is dropped, or null
 */
export function tcpDataQueue(sock: TcpSock, s: Segment): DropCause | null {
  if (s.seq === s.endSeq) return null
  if (!after(s.endSeq, sock.rcvNxt)) {
    setDsack(sock, s.seq, s.endSeq)
    return outOfWindow(sock, 'tcp_old_data')
  }
  if (!before(s.seq, seqAdd(sock.rcvNxt, receiveWindow(sock)))) return outOfWindow(sock, 'tcp_overwindow')
  if (after(s.seq, sock.rcvNxt)) {
    queueEarly(sock, s)
    return null
  }
  if (before(s.seq, sock.rcvNxt)) setDsack(sock, s.seq, sock.rcvNxt)
  takeIn(sock, s.payload, seqDiff(sock.rcvNxt, s.seq))
  if (s.payload.length > 0) dataReceived(sock, s.payload.length)
  if (has(s, TCP_FLAG.FIN)) tcpFin(sock)
  if (sock.ofo.length > 0) {
    drainEarly(sock)
    if (sock.ofo.length === 0) sock.ackNow = true
  }
  removeSacks(sock)
  sock.onReadable?.()
  return null
}

function outOfWindow(sock: TcpSock, cause: DropCause): DropCause {
  enterQuickAck(sock)
  sock.ackScheduled = true
  return cause
}

/** Takes in data but for a front that is known already. */
function takeIn(sock: TcpSock, data: Uint8Array, known: number): void {
  if (data.length <= known) return
  sock.rcvNxt = seqAdd(sock.rcvNxt, data.length - known)
  if (!sock.rcvShutdown) sock.received.push(known === 0 ? data : data.subarray(known))
}

/** Notes a block that came twice (`tcp_dsack_set`, `tcp_dsack_extend`). */
export function setDsack(sock: TcpSock, left: number, right: number): void {
  if (!sock.sackOk) return
  const known = sock.dsack
  if (known === null) sock.dsack = [left, right]
  else if (!after(left, known[1]) && !before(right, known[0])) {
    sock.dsack = [before(left, known[0]) ? left : known[0], after(right, known[1]) ? right : known[1]]
  }
}

/** Data before its turn: kept, reported, acknowledged at once (`tcp_data_queue_ofo`). */
function queueEarly(sock: TcpSock, s: Segment): void {
  sock.ackScheduled = true
  const piece: EarlyData = { seq: s.seq, endSeq: s.endSeq, data: s.payload, fin: has(s, TCP_FLAG.FIN), skb: s.skb }
  for (const known of sock.ofo) {
    if (!before(piece.seq, known.endSeq) || !after(piece.endSeq, known.seq)) continue
    if (!before(piece.seq, known.seq) && !after(piece.endSeq, known.endSeq)) {
      setDsack(sock, piece.seq, piece.endSeq)
      newSack(sock, piece.seq, piece.endSeq)
      return
    }
    if (after(piece.seq, known.seq)) setDsack(sock, piece.seq, known.endSeq)
    else if (!after(known.endSeq, piece.endSeq)) setDsack(sock, known.seq, known.endSeq)
    else setDsack(sock, known.seq, piece.endSeq)
  }
  const isKept = (known: EarlyData) => before(known.seq, piece.seq) || after(known.endSeq, piece.endSeq)
  for (const known of sock.ofo) if (!isKept(known)) taken(sock, known)
  sock.ofo = sock.ofo.filter(isKept)
  const at = sock.ofo.findIndex((known) => after(known.seq, piece.seq))
  sock.ofo.splice(at < 0 ? sock.ofo.length : at, 0, piece)
  newSack(sock, piece.seq, piece.endSeq)
}

/** Puts a block in front of those to report, joined with what it touches (`tcp_sack_new_ofo_skb`). */
function newSack(sock: TcpSock, left: number, right: number): void {
  if (!sock.sackOk) return
  let [l, r] = [left, right]
  const others: SackBlock[] = []
  for (const block of sock.sackBlocks) {
    if (after(block[0], r) || before(block[1], l)) others.push(block)
    else {
      if (before(block[0], l)) l = block[0]
      if (after(block[1], r)) r = block[1]
    }
  }
  sock.sackBlocks = [[l, r] as SackBlock, ...others].slice(0, MAX_SACKS)
}

function removeSacks(sock: TcpSock): void {
  sock.sackBlocks = sock.ofo.length === 0 ? [] : sock.sackBlocks.filter(([left]) => after(left, sock.rcvNxt))
}

/** The gap is filled: what waited behind it comes in (`tcp_ofo_queue`). */
function drainEarly(sock: TcpSock): void {
  let high = sock.rcvNxt
  for (let p = sock.ofo[0]; p !== undefined && !after(p.seq, sock.rcvNxt); p = sock.ofo[0]) {
    sock.ofo.shift()
    if (before(p.seq, high)) {
      const seen = high
      if (before(p.endSeq, high)) high = p.endSeq
      setDsack(sock, p.seq, before(p.endSeq, seen) ? p.endSeq : seen)
    }
    if (!after(p.endSeq, sock.rcvNxt)) {
      dropPacket(p.skb, 'tcp_ofo_drop', p.skb.dev)
      continue
    }
    takeIn(sock, p.data, seqDiff(sock.rcvNxt, p.seq))
    taken(sock, p)
    if (p.fin) tcpFin(sock)
  }
}

/** The socket has what a packet carried. */
function taken(sock: TcpSock, { skb }: EarlyData): void {
  sock.ns.log?.end(skb, skb.dev, 'delivered')
}

/** The peer sends no more (`tcp_fin`). */
function tcpFin(sock: TcpSock): void {
  sock.rcvNxt = seqAdd(sock.rcvNxt, 1)
  sock.ackScheduled = true
  sock.finReceived = true
  for (const piece of sock.ofo) taken(sock, piece)
  sock.ofo = []
  sock.sackBlocks = []
  switch (sock.state) {
    case 'SYN_RECV':
    case 'ESTABLISHED':
      sock.state = 'CLOSE_WAIT'
      sock.pingpong = true
      break
    case 'FIN_WAIT1':
      sendAck(sock)
      sock.state = 'CLOSING'
      break
    case 'FIN_WAIT2':
      sendAck(sock)
      sock.state = 'TIME_WAIT'
      armLinger(sock)
      break
    default:
      break
  }
}

/** Whether the program has read so much that the window need not shrink. */
function isRoomy(sock: TcpSock): boolean {
  const waiting = unread(sock)
  if (waiting === 0) return true
  const space = fullSpace(sock.ns)
  return space - waiting >= Math.min(sock.rcvWnd, space)
}

/** Sends the ACK that is due, at once or later (`tcp_ack_snd_check`). */
export function ackSndCheck(sock: TcpSock): void {
  if (!sock.ackScheduled || sock.state === 'CLOSE' || sock.state === 'TIME_WAIT') return
  const muchCame = seqDiff(sock.rcvNxt, sock.rcvWup) > sock.rcvMss && isRoomy(sock)
  if (muchCame || (sock.quick > 0 && !sock.pingpong) || sock.ackNow) {
    sendAck(sock)
    return
  }
  if (sock.ofo.length === 0) {
    delayAck(sock)
    return
  }
  sock.dupAcks = sock.dupAcksAt === sock.rcvNxt ? sock.dupAcks + 1 : 1
  sock.dupAcksAt = sock.rcvNxt
  if (!sock.sackOk || sock.dupAcks <= DUPACK_THRESHOLD) sendAck(sock)
  else compress(sock)
}

/** Many duplicate ACKs are told as one, a little later. */
function compress(sock: TcpSock): void {
  if (sock.delackTimer !== null) return
  armDelack(sock, 'compress', COMPRESS_DELAY)
}
