import type { DropCause } from '../../model/index.ts'
import { TCP_FLAG, TCP_TIMESTAMPS_ALONE } from '../../wire/index.ts'
import { socketsOf } from './slot.ts'
import { armRto, clearRtxTimer, measureRtt } from './tcp-clock.ts'
import { tcpRoute } from './tcp-ip.ts'
import type { TcpListener } from './tcp-listener.ts'
import { advertisedMss, initialWindow, offeredOptions, syncMss } from './tcp-mss.ts'
import { sendAck, sendSynAck, writeXmit } from './tcp-output.ts'
import { updatePacingRate } from './tcp-pacing.ts'
import { tcpSendReset } from './tcp-reset.ts'
import { has, type Segment } from './tcp-segment.ts'
import { after, seqAdd } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'
import { tcpFail } from './tcp-timer.ts'

const DEFAULT_MSS = 536
const DEFAULT_MSS_6 = 1220
const MIN_MSS = 88

/** Takes over what the peer's SYN offers. */
function readOffer(sock: TcpSock, s: Segment): void {
  const offer = offeredOptions(sock.ns)
  sock.mssClamp = s.mss || (sock.family === 'inet' ? DEFAULT_MSS : DEFAULT_MSS_6)
  sock.tsOk = offer.timestamps && s.timestamp >= 0
  sock.sackOk = offer.sack && s.sackOk
  sock.wscaleOk = offer.windowScaling && s.wscale >= 0
  sock.sndWscale = sock.wscaleOk ? s.wscale : 0
  sock.tsRecent = sock.tsOk ? s.timestamp : 0
}

function initReceive(sock: TcpSock, s: Segment): void {
  sock.rcvIsn = s.seq
  sock.rcvNxt = seqAdd(s.seq, 1)
  sock.rcvWup = sock.rcvNxt
  sock.sndWl1 = s.seq
  sock.rcvMss = Math.max(Math.min(sock.advmss, sock.mss, DEFAULT_MSS, sock.rcvWnd >>> 1 || DEFAULT_MSS), MIN_MSS)
}

/**
 * A segment for a listening socket: a SYN makes a connection in SYN_RECV and is answered (`tcp_conn_request`).
 * @returns why it is dropped, or null
 */
export function listenRcv(listener: TcpListener, s: Segment): DropCause | null {
  if (has(s, TCP_FLAG.RST)) return 'tcp_flags'
  if (has(s, TCP_FLAG.ACK)) {
    tcpSendReset(s)
    return 'tcp_refused'
  }
  if (!has(s, TCP_FLAG.SYN) || has(s, TCP_FLAG.FIN)) return 'tcp_flags'
  if (s.skb.dst !== null && (s.skb.dst.broadcast || s.skb.dst.multicast)) return 'tcp_flags'
  const { ns } = listener
  const sock = listener.spawn()
  sock.rcvSaddr = sock.saddr = s.ends.daddr
  sock.daddr = s.ends.saddr
  sock.sport = s.dport
  sock.dport = s.sport
  const dst = tcpRoute(sock)
  if (typeof dst === 'string') return null // no way back: the SYN is taken in and forgotten
  readOffer(sock, s)
  sock.advmss = advertisedMss(sock, dst)
  const window = initialWindow(ns, sock.advmss - (sock.tsOk ? TCP_TIMESTAMPS_ALONE : 0), sock.wscaleOk)
  sock.rcvWnd = window.wnd
  sock.rcvWscale = window.wscale
  sock.windowClamp = window.clamp
  syncMss(sock, dst.mtu)
  initReceive(sock, s)
  begin(sock)
  sock.sndNxt = sock.writeSeq = seqAdd(sock.iss, 1)
  sock.sndWnd = sock.maxWindow = s.window
  sock.state = 'SYN_RECV'
  socketsOf(ns).addConnection(sock)
  sock.synAckAt = ns.sim.clock.now
  sendSynAck(sock)
  armRto(sock)
  return null
}

/** Random start of numbers. */
function begin(sock: TcpSock): void {
  const { sim } = sock.ns
  sock.iss = sim.random()
  sock.sndUna = sock.iss
  sock.tsOffset = sim.random()
  sock.ipId = sim.random() & 0xffff
}

/** The ACK that completes a handshake we answered: the connection is handed to who listens. */
export function completeSynRecv(sock: TcpSock, s: Segment): void {
  const { listener } = sock
  clearRtxTimer(sock)
  if (sock.retransmits === 0) measureRtt(sock, sock.ns.sim.clock.now - sock.synAckAt)
  sock.retransmits = 0
  sock.state = 'ESTABLISHED'
  sock.sndUna = s.ack
  sock.sndWnd = s.window * 2 ** sock.sndWscale
  sock.maxWindow = Math.max(sock.maxWindow, sock.sndWnd)
  sock.sndWl1 = s.seq
  const dst = tcpRoute(sock)
  if (typeof dst !== 'string') syncMss(sock, dst.mtu)
  updatePacingRate(sock)
  sock.listener = null
  listener?.onAccept?.(sock)
}

/**
 * A segment for a connection we began (`tcp_rcv_synsent_state_process`).
 * @returns why it is dropped, or null
 */
export function synSentRcv(sock: TcpSock, s: Segment): DropCause | null {
  const ack = has(s, TCP_FLAG.ACK)
  if (ack && (!after(s.ack, sock.sndUna) || after(s.ack, sock.sndNxt))) {
    tcpSendReset(s)
    return 'tcp_refused'
  }
  if (has(s, TCP_FLAG.RST)) {
    if (ack) tcpFail(sock, 'ECONNREFUSED')
    return ack ? null : 'tcp_flags'
  }
  if (!has(s, TCP_FLAG.SYN)) return 'tcp_flags'
  if (!ack) return simultaneousOpen(sock, s)
  const syn = sock.rtx[0]
  readOffer(sock, s)
  sock.rcvWscale = sock.wscaleOk ? sock.rcvWscale : 0
  if (!sock.wscaleOk) sock.windowClamp = Math.min(sock.windowClamp, 0xffff)
  initReceive(sock, s)
  sock.sndUna = s.ack
  sock.sndWnd = sock.maxWindow = s.window
  sock.rtx = []
  clearRtxTimer(sock)
  if (syn !== undefined && !syn.everRetrans) measureRtt(sock, sock.ns.sim.clock.now - syn.sentAt)
  sock.retransmits = 0
  sock.softErr = null
  const dst = tcpRoute(sock)
  if (typeof dst !== 'string') syncMss(sock, dst.mtu)
  sock.rcvMss = Math.max(Math.min(sock.advmss, sock.mss, DEFAULT_MSS), MIN_MSS)
  updatePacingRate(sock)
  sock.state = 'ESTABLISHED'
  sock.lastReceived = sock.ns.sim.clock.now
  sendAck(sock)
  writeXmit(sock)
  sock.onConnect?.()
  return null
}

/** Both began at once. @rfc 9293 §3.5 */
function simultaneousOpen(sock: TcpSock, s: Segment): null {
  readOffer(sock, s)
  initReceive(sock, s)
  sock.sndWnd = sock.maxWindow = s.window
  sock.state = 'SYN_RECV'
  sock.rtx = []
  sock.synAckAt = sock.ns.sim.clock.now
  sendSynAck(sock)
  armRto(sock)
  return null
}
