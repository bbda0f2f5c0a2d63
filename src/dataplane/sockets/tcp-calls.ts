import { type Ip6Key, isIpv6Multicast, TCP_FLAG } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { peerOf, sourceOf } from './datagram-output.ts'
import type { Errno } from './errno.ts'
import type { Addr } from './inet-sock.ts'
import { lacksScope } from './raw-sock.ts'
import { socketsOf } from './slot.ts'
import { tcpKey } from './socket-table.ts'
import { armRto } from './tcp-clock.ts'
import { tcpDone } from './tcp-close.ts'
import { tcpRoute } from './tcp-ip.ts'
import { advertisedMss, boundToHalfWindow, currentMss, initialWindow, offeredOptions, syncMss } from './tcp-mss.ts'
import { sendActiveReset, sendSyn, writeXmit } from './tcp-output.ts'
import { GSO_MAX } from './tcp-pacing.ts'
import { newTxSkb } from './tcp-piece.ts'
import { seqAdd } from './tcp-seq.ts'
import type { TcpSock } from './tcp-sock.ts'

const NO_DATA = new Uint8Array(0)

/** Sends a SYN (`tcp_v4_connect`, `tcp_connect`). */
export function tcpConnect(sock: TcpSock, daddr: Addr, dport: number, oif: NetDevice | null): Errno | null {
  const { ns } = sock
  if (sock.state !== 'CLOSE') return 'EISCONN'
  if (typeof daddr === 'string' && isIpv6Multicast(daddr as Ip6Key)) return 'ENETUNREACH'
  if (lacksScope(sock, daddr, oif)) return 'EINVAL'
  sock.daddr = daddr
  sock.dport = dport
  const dst = tcpRoute(sock)
  if (typeof dst === 'string') return dst
  if (dst.broadcast || dst.multicast) return 'ENETUNREACH'
  const source = sourceOf(sock, dst)
  if (!sock.saddr) sock.saddr = source
  if (!sock.rcvSaddr) sock.rcvSaddr = source
  sock.daddr = peerOf(sock, dst, daddr)
  const taken = (port: number): boolean => socketsOf(ns).tcp.has(tcpKey(sock.rcvSaddr, port, sock.daddr, dport))
  if (sock.sport === 0) sock.sport = socketsOf(ns).ephemeralPort(taken)
  if (sock.sport === 0 || taken(sock.sport)) return 'EADDRNOTAVAIL'
  const offer = offeredOptions(ns)
  sock.tsOk = offer.timestamps
  sock.sackOk = offer.sack
  sock.mssClamp = 0xffff
  syncMss(sock, dst.mtu)
  sock.advmss = advertisedMss(sock, dst)
  const window = initialWindow(ns, sock.advmss, offer.windowScaling)
  sock.rcvWnd = window.wnd
  sock.rcvWscale = window.wscale
  sock.windowClamp = window.clamp
  sock.iss = ns.sim.random()
  sock.tsOffset = ns.sim.random()
  sock.ipId = ns.sim.random() & 0xffff
  sock.sndUna = sock.iss
  sock.sndNxt = sock.writeSeq = seqAdd(sock.iss, 1)
  sock.state = 'SYN_SENT'
  socketsOf(ns).addConnection(sock)
  const syn = newTxSkb(sock.iss, NO_DATA, TCP_FLAG.SYN, 1)
  sock.rtx = [syn]
  sendSyn(sock, syn)
  if (sock.rtx.length > 0) armRto(sock)
  return null
}

/**
 * Queues data and sends what may be sent (`tcp_sendmsg`). The program holds the socket meanwhile: what the network answers
 * at this very moment is looked at when it has let go.
 */
export function tcpSend(sock: TcpSock, data: Uint8Array): Errno | null {
  const pending = sock.takeError()
  if (pending !== null) return pending
  if (sock.sndShutdown || (sock.state !== 'ESTABLISHED' && sock.state !== 'CLOSE_WAIT')) return 'EPIPE'
  own(sock)
  const mss = currentMss(sock)
  const goal = Math.max(Math.floor(boundToHalfWindow(sock, GSO_MAX) / mss), 1) * mss
  for (let at = 0; at < data.length; at += goal) {
    const part = data.slice(at, at + goal)
    const last = at + goal >= data.length
    const skb = newTxSkb(sock.writeSeq, part, last ? TCP_FLAG.PSH : 0, mss)
    sock.writeSeq = skb.endSeq
    sock.unsent.push(skb)
  }
  writeXmit(sock)
  return null
}

/** Marks the socket as held until everything the network does at this moment is done. */
function own(sock: TcpSock): void {
  if (sock.owned) return
  sock.owned = true
  sock.releaseTimer = sock.ns.sim.clock.after(0, () => sock.onRelease(sock))
}

/** Sends a FIN behind what is queued (`tcp_shutdown`, `tcp_send_fin`). */
export function tcpShutdown(sock: TcpSock): void {
  if (sock.sndShutdown) return
  sock.sndShutdown = true
  if (sock.state === 'ESTABLISHED') sock.state = 'FIN_WAIT1'
  else if (sock.state === 'CLOSE_WAIT') sock.state = 'LAST_ACK'
  else return
  const tail = sock.unsent.at(-1)
  if (tail !== undefined) {
    tail.flags |= TCP_FLAG.FIN
    tail.endSeq = seqAdd(tail.endSeq, 1)
  } else sock.unsent.push(newTxSkb(sock.writeSeq, NO_DATA, TCP_FLAG.FIN, 1))
  sock.writeSeq = seqAdd(sock.writeSeq, 1)
  writeXmit(sock)
}

/** The program is done with the connection (`tcp_close`): a reset when it leaves data unread. */
export function tcpClose(sock: TcpSock): void {
  sock.onConnect = sock.onReadable = sock.onFail = null
  sock.dead = true
  sock.rcvShutdown = true
  if (sock.state === 'SYN_SENT' || sock.state === 'SYN_RECV') {
    tcpDone(sock)
    return
  }
  if (sock.received.length > 0) {
    sendActiveReset(sock)
    tcpDone(sock)
    return
  }
  tcpShutdown(sock)
}
