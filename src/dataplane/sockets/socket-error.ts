import { IP_PROTOCOL, readU16, UDP_DESTINATION_PORT, UDP_HEADER_LENGTH } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import { enqueue, isTooBig, meaningOf, type QuotedError, quoted, updateRoute } from './icmp-quoted.ts'
import type { InetSock } from './inet-sock.ts'
import { rawMatches } from './raw-sock.ts'
import { socketsOf } from './slot.ts'
import { tcpErr } from './tcp-error.ts'

/**
 * Hands an ICMP error to the sockets it is about (tunnels were asked before); `data` is at the quoted IP header, `network` at the header of
 * the error itself.
 * @linux net/ipv4/icmp.c icmp_socket_deliver; net/ipv6/icmp.c icmpv6_notify
 */
export function icmpSocketErr(
  skb: PacketOnDevice,
  family: 'inet' | 'inet6',
  type: number,
  code: number,
  info: number,
): void {
  const { dev } = skb
  const { ns } = dev
  const e = quoted(skb, family, type, code, info)
  if (e === null) return
  for (const s of [...socketsOf(ns).raw]) {
    if (s.family === family && rawMatches(s, e.protocol, e.daddr, e.saddr, dev)) rawErr(s, skb, e)
  }
  switch (e.protocol) {
    case IP_PROTOCOL.UDP:
      udpErr(ns, skb, e)
      break
    case IP_PROTOCOL.TCP:
      tcpErr(ns, skb, e)
      break
  }
}

/** @linux net/ipv4/raw.c raw_err; net/ipv6/raw.c rawv6_err */
function rawErr(sock: InetSock, skb: PacketOnDevice, e: QuotedError): void {
  updateRoute(sock, skb, e)
  const meaning = meaningOf(e, sock)
  if (meaning === null) return
  if (!sock.recvErr && !sock.daddr) return
  enqueue(sock, skb, e, meaning, e.transport, 0)
  if (!sock.recvErr && !meaning.fatal) return
  sock.err = meaning.errno
  sock.onError?.()
}

/** @linux net/ipv4/udp.c __udp4_lib_err; net/ipv6/udp.c __udp6_lib_err */
function udpErr(ns: NetNs, skb: PacketOnDevice, e: QuotedError): void {
  const sport = readU16(skb.bytes, e.transport)
  const dport = readU16(skb.bytes, e.transport + UDP_DESTINATION_PORT)
  const sock = socketsOf(ns).lookupUdp(e.family, e.daddr, dport, e.saddr, sport, skb.dev)
  if (sock === null) return
  updateRoute(sock, skb, e)
  if (isTooBig(e) && sock.pmtudisc === 'dont') return
  const meaning = meaningOf(e, sock)
  if (meaning === null) return
  if (sock.recvErr) enqueue(sock, skb, e, meaning, e.transport + UDP_HEADER_LENGTH, dport)
  else if (!meaning.fatal || sock.dport === 0) return
  sock.err = meaning.errno
  sock.onError?.()
}
