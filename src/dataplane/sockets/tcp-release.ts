import { dropPacket } from '../kernel/drop.ts'
import { tcpDoRcv } from './tcp-input.ts'
import { syncMss } from './tcp-mss.ts'
import { simpleRetransmit } from './tcp-recovery.ts'
import type { TcpSock } from './tcp-sock.ts'

/** The program lets go of the socket: first what arrived, then path MTUs learned (`release_sock`, `tcp_release_cb`). */
export function tcpRelease(sock: TcpSock): void {
  sock.owned = false
  for (const s of sock.backlog.splice(0)) {
    const cause = tcpDoRcv(sock, s)
    if (cause !== null) dropPacket(s.skb, cause, s.skb.dev)
  }
  const mtu = sock.deferredMtu
  sock.deferredMtu = 0
  if (mtu > 0) mtuReduced(sock, mtu)
}

/** The path got narrower: smaller segments from now on, and what does not fit is sent again (`tcp_v4_mtu_reduced`). */
export function mtuReduced(sock: TcpSock, mtu: number): void {
  if (sock.state === 'CLOSE' || sock.pmtudisc === 'dont' || sock.pmtu <= mtu) return
  syncMss(sock, mtu)
  simpleRetransmit(sock)
}
