import { dropPacket } from '../kernel/drop.ts'
import { socketsOf } from './slot.ts'
import type { TcpSock } from './tcp-sock.ts'

/** Forgets a connection: timers stop, nobody finds it any more (`tcp_done`). */
export function tcpDone(sock: TcpSock): void {
  const { clock } = sock.ns.sim
  clock.cancel(sock.rtxTimer)
  clock.cancel(sock.delackTimer)
  clock.cancel(sock.lingerTimer)
  sock.rtxTimer = sock.delackTimer = sock.lingerTimer = null
  socketsOf(sock.ns).removeConnection(sock)
  sock.state = 'CLOSE'
  sock.rtx = []
  sock.unsent = []
  freeEarly(sock)
  for (const { skb } of sock.backlog.splice(0)) if (skb.dev !== null) dropPacket(skb, 'tcp_closed', skb.dev)
}

/**
 * What came before its turn does not get one any more: it goes with its socket, which the kernel counts as no drop.
 *
 * @linux net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock
 */
export function freeEarly(sock: TcpSock): void {
  for (const { skb } of sock.ofo) if (skb.dev !== null) sock.ns.log?.end(skb, skb.dev, 'consumed')
  sock.ofo = []
}
