// A peer whose window is too small for what waits says nothing when it opens and that ACK is lost: so it is asked. @rfc 9293 §3.8.6.1
import { TCP_FLAG } from '../../wire/index.ts'
import { armProbe0, clearRtxTimer } from './tcp-clock.ts'
import { sendPiece, sendProbe } from './tcp-output.ts'
import { cutFront } from './tcp-piece.ts'
import { after, before, seqAdd, seqDiff } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

/** Most doublings of the wait: `net.ipv4.tcp_retries2`. */
const MOST_BACKOFF = 15

const windowEnd = (sock: TcpSock): number => seqAdd(sock.sndUna, sock.sndWnd)

/** Sends what the window takes of the next piece, or an old sequence number that must be answered (`tcp_write_wakeup`). */
export function probe0Timeout(sock: TcpSock): void {
  const head = sock.unsent[0]
  if (head === undefined || sock.rtx.length > 0) return
  if (before(head.seq, windowEnd(sock))) {
    const length = Math.min(seqDiff(windowEnd(sock), head.seq), sock.mss)
    const isCut = head.length > length
    const piece = isCut ? cutFront(head, length) : head
    if (!isCut) sock.unsent.shift()
    piece.flags |= TCP_FLAG.PSH
    sendPiece(sock, piece, sock.mss)
    sock.probesOut = sock.probeBackoff = 0
    return
  }
  sendProbe(sock)
  sock.probesOut++
  if (sock.probeBackoff < MOST_BACKOFF) sock.probeBackoff++
  armProbe0(sock)
}

/** An ACK came while nothing was under way: it opens the window, or the wait begins anew (`tcp_ack_probe`). */
export function ackProbe(sock: TcpSock): void {
  const head = sock.unsent[0]
  if (head === undefined) return
  if (after(head.endSeq, windowEnd(sock))) {
    armProbe0(sock)
    return
  }
  sock.probeBackoff = 0
  clearRtxTimer(sock)
}
