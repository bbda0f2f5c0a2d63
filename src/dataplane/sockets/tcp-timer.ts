import { sysctlOf } from '../../model/index.ts'
import { assertNever } from '../../wire/index.ts'
import type { Errno } from './errno.ts'
import { armRto, DELACK_MIN } from './tcp-clock.ts'
import { tcpDone } from './tcp-close.ts'
import { sendAck, sendSyn, sendSynAck, writeXmit } from './tcp-output.ts'
import { probe0Timeout } from './tcp-probe.ts'
import { enterLoss, rackReorderTimeout, retransmitSkb, retransmitTail } from './tcp-recovery.ts'
import type { TcpSock, TcpTimerKind } from './tcp-sock.ts'

const RETRIES = 15
const SYNACK_RETRIES = 5

/** A timer of a connection fired. */
export function tcpTimeout(sock: TcpSock, kind: TcpTimerKind): void {
  switch (kind) {
    case 'rto':
      retransmitTimeout(sock)
      break
    case 'reo':
      rackReorderTimeout(sock)
      break
    case 'tlp':
      lossProbe(sock)
      break
    case 'probe0':
      probeWindow(sock)
      break
    case 'delack':
      delackTimeout(sock)
      break
    case 'compress':
      sendAck(sock)
      break
    case 'linger':
      tcpDone(sock)
      break
    default:
      assertNever(kind)
  }
}

/** The connection is over, with an error for the program. */
export function tcpFail(sock: TcpSock, errno: Errno): void {
  const { onFail } = sock
  tcpDone(sock)
  sock.err = errno
  onFail?.()
}

/** The ACK was held back long enough (`tcp_delack_timer_handler`). */
function delackTimeout(sock: TcpSock): void {
  if (!sock.ackScheduled) return
  if (sock.pingpong) {
    sock.pingpong = false
    sock.ato = DELACK_MIN
  } else sock.ato = Math.min(sock.ato * 2, sock.rto)
  sendAck(sock)
}

/** Sends something new, or the last segment again, to provoke an ACK (`tcp_send_loss_probe`). @rfc 8985 §7.3 */
function lossProbe(sock: TcpSock): void {
  if (sock.tlpHighSeq < 0 && sock.rtx.length > 0) {
    const sent = (sock.unsent.length > 0 && writeXmit(sock, true)) || retransmitTail(sock)
    if (sent) sock.tlpHighSeq = sock.sndNxt
  }
  armRto(sock)
}

/** The peer's window is still closed (`tcp_probe_timer`). */
function probeWindow(sock: TcpSock): void {
  if (sock.probesOut >= RETRIES) tcpFail(sock, sock.softErr ?? 'ETIMEDOUT')
  else probe0Timeout(sock)
}

/** Nothing was acknowledged for too long (`tcp_retransmit_timer`). */
function retransmitTimeout(sock: TcpSock): void {
  if (sock.state === 'SYN_RECV') {
    synAckTimeout(sock)
    return
  }
  const head = sock.rtx[0]
  if (head === undefined) return
  const limit = sock.state === 'SYN_SENT' ? Number(sysctlOf(sock.ns.model, 'net.ipv4.tcp_syn_retries')) : RETRIES
  if (sock.retransmits >= limit) {
    tcpFail(sock, sock.softErr ?? 'ETIMEDOUT')
    return
  }
  if (sock.state === 'SYN_SENT') {
    head.everRetrans = true
    sendSyn(sock, head)
  } else {
    enterLoss(sock)
    retransmitSkb(sock, head, 1)
  }
  sock.retransmits++
  armRto(sock)
}

function synAckTimeout(sock: TcpSock): void {
  if (sock.retransmits >= SYNACK_RETRIES) {
    tcpDone(sock)
    return
  }
  sock.retransmits++
  sendSynAck(sock)
  armRto(sock)
}
