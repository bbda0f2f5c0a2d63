import { readU16, readU32, TCP_DESTINATION_PORT, TCP_SEQUENCE } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import { enqueue, isTooBig, meaningOf, type QuotedError, updateRoute } from './icmp-quoted.ts'
import { socketsOf } from './slot.ts'
import { tcpKey } from './socket-table.ts'
import { tcpRoute } from './tcp-ip.ts'
import { mtuReduced } from './tcp-release.ts'
import { between } from './tcp-seq.ts'
import { tcpFail } from './tcp-timer.ts'

/**
 * An ICMP error about a segment of ours. Ends a handshake; only noted once a connection is up.
 * @linux net/ipv4/tcp_ipv4.c tcp_v4_err; net/ipv6/tcp_ipv6.c tcp_v6_err
 */
export function tcpErr(ns: NetNs, skb: PacketOnDevice, e: QuotedError): void {
  const sport = readU16(skb.bytes, e.transport)
  const dport = readU16(skb.bytes, e.transport + TCP_DESTINATION_PORT)
  const seq = readU32(skb.bytes, e.transport + TCP_SEQUENCE)
  const sock = socketsOf(ns).tcp.get(tcpKey(e.saddr, sport, e.daddr, dport))
  if (sock === undefined || sock.state === 'TIME_WAIT') return
  if (!between(seq, sock.sndUna, sock.sndNxt)) return
  if (isTooBig(e)) {
    updateRoute(sock, skb, e)
    if (!sock.acceptPmtu) return
    const dst = tcpRoute(sock)
    const mtu = typeof dst === 'string' ? e.info : dst.mtu
    if (sock.owned) sock.deferredMtu = mtu
    else mtuReduced(sock, mtu)
    return
  }
  const meaning = meaningOf(e, sock)
  if (meaning === null) {
    updateRoute(sock, skb, e)
    return
  }
  if (sock.state === 'SYN_SENT' || sock.state === 'SYN_RECV') {
    enqueue(sock, skb, e, meaning, e.transport, dport)
    tcpFail(sock, meaning.errno)
    return
  }
  sock.softErr = meaning.errno
}
