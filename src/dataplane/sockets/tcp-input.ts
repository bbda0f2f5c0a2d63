import type { DropCause } from '../../model/index.ts'
import { IP_PROTOCOL, TCP_FLAG, tcpFault } from '../../wire/index.ts'
import { MILLISECOND } from '../kernel/clock.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { PACKET_HOST, type PacketOnDevice } from '../kernel/skb.ts'
import { checksumRight, pseudoSum } from './datagram-output.ts'
import { type IpEnds, inputDevice, ipEnds } from './ip-ends.ts'
import { socketsOf } from './slot.ts'
import { tcpAck } from './tcp-ack.ts'
import { armLinger } from './tcp-clock.ts'
import { tcpDone } from './tcp-close.ts'
import { completeSynRecv, listenRcv, synSentRcv } from './tcp-handshake.ts'
import type { TcpListener } from './tcp-listener.ts'
import { receiveWindow } from './tcp-mss.ts'
import { sendAck, sendSynAck, writeXmit } from './tcp-output.ts'
import { ackSndCheck, enterQuickAck, setDsack, tcpDataQueue } from './tcp-receive.ts'
import { tcpSendReset } from './tcp-reset.ts'
import { has, readSegment, type Segment } from './tcp-segment.ts'
import { after, before, between, seqAdd } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'
import { tcpFail } from './tcp-timer.ts'

/** Answers to bad segments without data are sent this seldom. */
const OOW_INTERVAL = 500 * MILLISECOND

/**
 * TCP input, `data` at the TCP header.
 * @linux net/ipv4/tcp_ipv4.c tcp_v4_rcv; net/ipv6/tcp_ipv6.c tcp_v6_rcv
 */
export function tcpRcv(skb: PacketOnDevice): void {
  const { dev } = skb
  const cause = receive(skb, dev)
  if (cause !== null) dropPacket(skb, cause, dev)
}

function receive(skb: PacketOnDevice, dev: NetDevice): DropCause | null {
  const { ns } = dev
  if (skb.pktType !== PACKET_HOST) return 'tcp_not_for_host'
  if (tcpFault(skb.bytes, skb.data, skb.tail) !== undefined) return 'tcp_short'
  const ends = ipEnds(skb)
  if (!skb.isSummed(skb.data, skb.tail)) {
    const sum = pseudoSum(ends.saddr, ends.daddr, IP_PROTOCOL.TCP, skb.len)
    if (!checksumRight(skb, skb.data, sum)) return 'tcp_checksum'
  }
  const s = readSegment(skb)
  const from = inputDevice(skb, ends.daddr)
  const sock = socketsOf(ns).connection(ends.daddr, s.dport, ends.saddr, s.sport)
  if (sock !== undefined && (sock.boundDev === null || sock.boundDev === from)) {
    const again = sock.state === 'TIME_WAIT' && reopens(sock, s)
    if (!again) return toConnection(sock, s)
    tcpDone(sock)
  }
  const listener = listenerFor(ns, ends, s, from)
  if (listener !== null) {
    ns.log?.deliver(skb, IP_PROTOCOL.TCP, s.dport, 'tcp-listener')
    const refused = listenRcv(listener, s)
    if (refused === null) ns.log?.end(skb, dev, 'delivered')
    return refused
  }
  tcpSendReset(s)
  return ends.family === 'inet' ? 'no_socket_tcp' : 'no_socket_tcp6'
}

/** Who listens where a segment came to; for a request to connect a program may be started. */
function listenerFor(ns: NetNs, { family, daddr }: IpEnds, s: Segment, from: NetDevice | null): TcpListener | null {
  const sockets = socketsOf(ns)
  const listener = sockets.lookupListener(family, daddr, s.dport, from)
  if (listener !== null || !has(s, TCP_FLAG.SYN) || has(s, TCP_FLAG.ACK)) return listener
  const { dport, sport } = s
  const isServed = ns.sim.onUnclaimed?.({ protocol: 'tcp', daddr, dport, sport }, ns) === true
  return isServed ? sockets.lookupListener(family, daddr, dport, from) : null
}

/** A new SYN for a connection that only waits for its end. */
function reopens(sock: TcpSock, s: Segment): boolean {
  if (!has(s, TCP_FLAG.SYN) || has(s, TCP_FLAG.RST) || has(s, TCP_FLAG.ACK)) return false
  return after(s.seq, sock.rcvNxt) || (s.timestamp >= 0 && after(s.timestamp, sock.tsRecent))
}

function toConnection(sock: TcpSock, s: Segment): DropCause | null {
  sock.ns.log?.deliver(s.skb, IP_PROTOCOL.TCP, s.dport, 'tcp-connection')
  if (sock.owned) {
    sock.backlog.push(s)
    sock.ns.log?.held(s.skb, s.skb.dev, 'socket')
    return null
  }
  return tcpDoRcv(sock, s)
}

/**
 * A segment of a connection (`tcp_v4_do_rcv`).
 * @returns why it is dropped, or null
 */
export function tcpDoRcv(sock: TcpSock, s: Segment): DropCause | null {
  const cause = byState(sock, s)
  const { log } = sock.ns
  if (cause === null && log !== null) {
    const isEarly = sock.ofo.some((piece) => piece.skb === s.skb)
    if (isEarly) log.held(s.skb, s.skb.dev, 'socket')
    else log.end(s.skb, s.skb.dev, 'delivered')
  }
  return cause
}

function byState(sock: TcpSock, s: Segment): DropCause | null {
  switch (sock.state) {
    case 'CLOSE':
      return 'tcp_closed'
    case 'SYN_SENT':
      return synSentRcv(sock, s)
    case 'SYN_RECV':
      return synRecvRcv(sock, s)
    case 'TIME_WAIT':
      return timeWaitRcv(sock, s)
    default:
      return stateProcess(sock, s)
  }
}

/** The answer to our SYN-ACK, or the SYN again (`tcp_check_req`). */
function synRecvRcv(sock: TcpSock, s: Segment): DropCause | null {
  if (sock.listener !== null && !sock.listener.listening) {
    tcpSendReset(s)
    tcpDone(sock)
    return 'tcp_refused'
  }
  const only = s.flags & (TCP_FLAG.SYN | TCP_FLAG.ACK | TCP_FLAG.RST)
  if (only === TCP_FLAG.SYN && s.seq === sock.rcvIsn) {
    if (!isRateLimited(sock, s)) sendSynAck(sock)
    return 'tcp_closed'
  }
  if (has(s, TCP_FLAG.ACK) && s.ack !== seqAdd(sock.iss, 1)) {
    tcpSendReset(s)
    return 'tcp_refused'
  }
  if (!between(s.seq, sock.rcvNxt, seqAdd(sock.rcvNxt, sock.rcvWnd))) {
    if (!has(s, TCP_FLAG.RST) && !isRateLimited(sock, s)) sendAck(sock)
    return 'tcp_invalid_sequence'
  }
  if (has(s, TCP_FLAG.RST) || has(s, TCP_FLAG.SYN)) {
    if (has(s, TCP_FLAG.SYN)) tcpSendReset(s)
    tcpDone(sock)
    return 'tcp_reset'
  }
  if (!has(s, TCP_FLAG.ACK)) return 'tcp_flags'
  completeSynRecv(sock, s)
  return stateProcess(sock, s)
}

function timeWaitRcv(sock: TcpSock, s: Segment): DropCause | null {
  if (s.seq === sock.rcvNxt && (s.seq === s.endSeq || has(s, TCP_FLAG.RST))) {
    if (has(s, TCP_FLAG.RST)) tcpDone(sock)
    else armLinger(sock)
    return null
  }
  if (has(s, TCP_FLAG.RST)) return null
  if (has(s, TCP_FLAG.ACK)) armLinger(sock)
  if (!isRateLimited(sock, s)) sendAck(sock)
  return null
}

/** From ESTABLISHED on (`tcp_rcv_established`, `tcp_rcv_state_process`). */
function stateProcess(sock: TcpSock, s: Segment): DropCause | null {
  const refused = validateIncoming(sock, s)
  if (refused !== null) return refused === 'settled' ? null : refused
  if (!has(s, TCP_FLAG.ACK)) return 'tcp_flags'
  if (tcpAck(sock, s) === 'invalid') return 'tcp_unsent_ack'
  if (s.timestamp >= 0 && !after(s.seq, sock.rcvWup)) sock.tsRecent = s.timestamp
  const settled = afterAck(sock, s)
  if (settled !== null) return settled === 'settled' ? null : settled
  const dataCause = takeText(sock, s)
  if (sock.state === 'CLOSE') return dataCause
  writeXmit(sock)
  ackSndCheck(sock)
  return dataCause
}

/** Our FIN may just have been acknowledged. Null: go on with the segment; else it is done with, or dropped. */
function afterAck(sock: TcpSock, s: Segment): DropCause | 'settled' | null {
  if (sock.sndUna !== sock.writeSeq) return null
  switch (sock.state) {
    case 'FIN_WAIT1':
      sock.state = 'FIN_WAIT2'
      if (!sock.dead) return null
      if (s.endSeq !== s.seq && after(seqAdd(s.endSeq, has(s, TCP_FLAG.FIN) ? -1 : 0), sock.rcvNxt)) {
        tcpSendReset(s)
        tcpDone(sock)
        return 'settled'
      }
      armLinger(sock)
      return null
    case 'CLOSING':
      sock.state = 'TIME_WAIT'
      armLinger(sock)
      return 'settled'
    case 'LAST_ACK':
      tcpDone(sock)
      return 'settled'
    default:
      return null
  }
}

/** The data of the segment, where the state takes any. */
function takeText(sock: TcpSock, s: Segment): DropCause | null {
  switch (sock.state) {
    case 'CLOSE_WAIT':
    case 'CLOSING':
    case 'LAST_ACK':
      if (!before(s.seq, sock.rcvNxt)) return s.seq === s.endSeq ? null : 'tcp_closed'
      break
    case 'FIN_WAIT1':
    case 'FIN_WAIT2': {
      const end = seqAdd(s.endSeq, has(s, TCP_FLAG.FIN) ? -1 : 0)
      if (sock.rcvShutdown && s.endSeq !== s.seq && after(end, sock.rcvNxt)) {
        tcpSendReset(s)
        tcpDone(sock)
        return 'tcp_refused'
      }
      break
    }
    default:
      break
  }
  return tcpDataQueue(sock, s)
}

/**
 * Is the segment acceptable (`tcp_validate_incoming`)?
 * @returns null when it is; a cause when it is dropped; 'settled' when it was a reset that ended the connection
 */
function validateIncoming(sock: TcpSock, s: Segment): DropCause | 'settled' | null {
  if (sock.tsOk && s.timestamp >= 0 && before(s.timestamp, sock.tsRecent) && !has(s, TCP_FLAG.RST)) {
    if (!isRateLimited(sock, s)) sendDupAck(sock, s)
    return 'tcp_paws'
  }
  const inWindow = !before(s.endSeq, sock.rcvWup) && !after(s.seq, seqAdd(sock.rcvNxt, receiveWindow(sock)))
  if (!inWindow) {
    if (has(s, TCP_FLAG.RST)) return 'tcp_invalid_sequence'
    if (has(s, TCP_FLAG.SYN)) challengeAck(sock, s)
    else if (!isRateLimited(sock, s)) sendDupAck(sock, s)
    return 'tcp_invalid_sequence'
  }
  if (has(s, TCP_FLAG.RST)) {
    if (s.seq !== sock.rcvNxt) {
      challengeAck(sock, s)
      return 'tcp_reset'
    }
    tcpFail(sock, sock.state === 'CLOSE_WAIT' ? 'EPIPE' : 'ECONNRESET')
    return 'settled'
  }
  if (has(s, TCP_FLAG.SYN)) {
    challengeAck(sock, s)
    return 'tcp_invalid_syn'
  }
  return null
}

/** An ACK that asks the peer whether it meant it. @rfc 5961 §3.2 */
function challengeAck(sock: TcpSock, s: Segment): void {
  if (!isRateLimited(sock, s)) sendAck(sock)
}

/** Tells the peer where we are; a segment that came twice is reported (`tcp_send_dupack`). */
function sendDupAck(sock: TcpSock, s: Segment): void {
  if (s.endSeq !== s.seq && before(s.seq, sock.rcvNxt)) {
    enterQuickAck(sock)
    setDsack(sock, s.seq, after(s.endSeq, sock.rcvNxt) ? sock.rcvNxt : s.endSeq)
  }
  sendAck(sock)
}

/** Answers without data to segments without data are rare, lest two ends talk forever (`tcp_oow_rate_limited`). */
function isRateLimited(sock: TcpSock, s: Segment): boolean {
  if (s.seq !== s.endSeq && !has(s, TCP_FLAG.SYN)) return false
  const { now } = sock.ns.sim.clock
  if (sock.lastOow >= 0 && now - sock.lastOow < OOW_INTERVAL) return true
  sock.lastOow = now
  return false
}
