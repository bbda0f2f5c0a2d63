import { IP_PROTOCOL } from '../../wire/index.ts'
import type { Dst } from '../kernel/dst.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { pseudoSum, putChecksum, routeDatagram } from './datagram-output.ts'
import type { Errno } from './errno.ts'
import type { Addr, InetSock } from './inet-sock.ts'

/** What a segment needs to become an IP packet. */
export interface TcpPacket {
  /** Source. */
  readonly saddr: Addr
  /** Destination. */
  readonly daddr: Addr
  /** TOS. */
  readonly tos: number
  /** TTL; -1 = default. */
  readonly ttl: number
  /** IP id; undefined = the stack's. */
  readonly id: number | undefined
  /** DF. */
  readonly df: boolean
  /** Mark. */
  readonly mark: number
}

/** The route of a connection. */
export function tcpRoute(sock: InetSock): Dst | Errno {
  return routeDatagram(sock, { daddr: sock.daddr, dport: sock.dport, protocol: IP_PROTOCOL.TCP })
}

/** Sends a segment, `[data, tail)` of a new packet whose checksum is written here, in an IP packet. That netfilter dropped it is no error here: it is sent again like any lost one. */
export function tcpIpSend(
  ns: NetNs,
  sock: InetSock | null,
  skb: PacketBuffer,
  p: TcpPacket,
  dst: Dst | null,
): Errno | null {
  const failed = sendSegment(ns, sock, skb, p, dst)
  return failed === 'EPERM' ? null : failed
}

function sendSegment(ns: NetNs, sock: InetSock | null, skb: PacketBuffer, p: TcpPacket, dst: Dst | null): Errno | null {
  putChecksum(skb, skb.data, 16, pseudoSum(p.saddr, p.daddr, IP_PROTOCOL.TCP, skb.len), 0)
  skb.transport = skb.data
  skb.dst = dst
  skb.sk = sock
  skb.mark = p.mark
  if (typeof p.daddr === 'string') {
    return ns.sim.stack.ip6Xmit(skb, ns, {
      daddr: p.daddr,
      saddr: p.saddr as string,
      nexthdr: IP_PROTOCOL.TCP,
      tclass: p.tos,
      hopLimit: p.ttl,
      oif: sock?.boundDev ?? null,
      sk: sock,
      mark: p.mark,
      ignoreDf: true,
      flowLabel: 0,
    })
  }
  return ns.sim.stack.ipQueueXmit(skb, ns, {
    daddr: p.daddr,
    saddr: p.saddr as number,
    protocol: IP_PROTOCOL.TCP,
    tos: p.tos,
    ttl: p.ttl,
    df: p.df,
    ignoreDf: false,
    id: p.id,
    sk: sock,
    mark: p.mark,
  })
}
