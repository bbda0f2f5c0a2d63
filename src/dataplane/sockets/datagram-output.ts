import { foldChecksum, partialSum, pseudoHeaderSum, writeU16 } from '../../wire/index.ts'
import type { Dst } from '../kernel/dst.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { type IpSend, PACKET_TO_COME } from '../kernel/stack.ts'
import type { Errno } from './errno.ts'
import type { Addr, InetSock } from './inet-sock.ts'

/** A datagram about to be sent by a UDP or raw socket. */
export interface Outgoing {
  /** Destination. */
  readonly daddr: Addr
  /** Destination port, 0 for raw sockets. */
  readonly dport: number
  /** IP protocol. */
  readonly protocol: number
  /** IPv4 options, raw. */
  readonly options?: Uint8Array
  /** Scope device of a link-local destination, or null. */
  readonly oif?: InetSock['boundDev']
}

const NO_PAYLOAD = new Uint8Array(0)

/** The partial sum of the pseudo header for either family. */
export function pseudoSum(saddr: Addr, daddr: Addr, protocol: number, length: number): number {
  if (typeof saddr === 'number' && typeof daddr === 'number') return pseudoHeaderSum(saddr, daddr, protocol, length)
  return sumOfKey(saddr as string) + sumOfKey(daddr as string) + (length >>> 16) + (length & 0xffff) + protocol
}

/** The partial sum of an IPv6 address in engine form. */
function sumOfKey(key: string): number {
  let sum = 0
  for (let i = 0; i < key.length; i += 2) sum += (key.charCodeAt(i) << 8) | key.charCodeAt(i + 1)
  return sum
}

/**
 * Writes the checksum of `[from, tail)` into the field `at` bytes behind `from`, an even number; zero becomes `zero`. Nobody has to
 * look at it again, as little as at one that a card is still to write (`CHECKSUM_PARTIAL`).
 */
export function putChecksum(skb: PacketBuffer, from: number, at: number, sum: number, zero: number): void {
  writeU16(skb.bytes, from + at, 0)
  writeU16(skb.bytes, from + at, foldChecksum(partialSum(skb.bytes, from, skb.tail, sum)) || zero)
  skb.summed(from, skb.tail)
}

/** Whether the checksum inside `[from, tail)` holds. */
export function checksumRight(skb: PacketBuffer, from: number, sum: number): boolean {
  return skb.isSummed(from, skb.tail) || foldChecksum(partialSum(skb.bytes, from, skb.tail, sum)) === 0
}

/** Routes a datagram of a socket. An errno when there is no way, or when broadcast is not allowed. */
export function routeDatagram(sock: InetSock, out: Outgoing): Dst | Errno {
  const oif = out.oif ?? sock.boundDev
  const dst =
    sock.family === 'inet'
      ? sock.ns.sim.stack.ipRouteOutput(sock.ns, {
          daddr: out.daddr as number,
          saddr: sock.saddr as number,
          tos: sock.tos,
          mark: sock.mark,
          oif,
          iif: null,
          proto: out.protocol,
          sport: sock.sport,
          dport: out.dport,
          anySource: false,
          packet: PACKET_TO_COME,
        })
      : sock.ns.sim.stack.ip6RouteOutput(sock.ns, {
          daddr: out.daddr as string,
          saddr: sock.saddr as string,
          tclass: sock.tos,
          mark: sock.mark,
          oif,
          proto: out.protocol,
          sport: sock.sport,
          dport: out.dport,
          packet: PACKET_TO_COME,
        })
  if (typeof dst === 'string') return dst
  if (dst.error !== null) return dst.error
  if (dst.kind === 'blackhole') return 'EINVAL'
  if (sock.family === 'inet' && dst.broadcast && !dst.multicast && !sock.broadcast) return 'EACCES'
  return dst
}

/** MTU of the path to the peer of a connected socket (IP_MTU); the device's limit of 65535 when there is no route. */
export function routeMtu(sock: InetSock): number {
  const dst = routeDatagram(sock, { daddr: sock.daddr, dport: sock.dport, protocol: sock.protocol })
  return typeof dst === 'string' ? 0xffff : dst.mtu
}

/** Source a datagram by this route will carry. */
export function sourceOf(sock: InetSock, dst: Dst): Addr {
  return sock.saddr || dst.src
}

/** Whom a datagram by this route comes to: 0.0.0.0 is the host itself, by the address it sends from. @linux net/ipv4/route.c ip_route_output_key_hash_rcu */
export function peerOf(sock: InetSock, dst: Dst, daddr: Addr): Addr {
  return daddr === 0 ? sourceOf(sock, dst) : daddr
}

/**
 * Sends `[data, tail)` of `skb` (transport header and payload) by `dst`: the MTU rules of `ip_append_data` and the DF rules of
 * `ip_make_skb`, then IP output.
 * @linux net/ipv4/ip_output.c __ip_append_data, __ip_make_skb; net/ipv6/ip6_output.c __ip6_append_data
 */
export function sendDatagram(sock: InetSock, skb: PacketBuffer, dst: Dst, out: Outgoing): Errno | null {
  const v4 = sock.family === 'inet'
  const optionsLength = out.options?.length ?? 0
  const headers = (v4 ? 20 : 40) + optionsLength
  const mtu = sock.usePmtu ? dst.mtu : dst.dev.mtu
  const limit = sock.ignoreDf ? (v4 ? 0xffff : 40 + 0xffff) : mtu
  if (skb.len > limit - headers) return localTooBig(sock, out, v4 ? mtu - optionsLength : mtu)
  skb.sk = sock
  skb.dst = dst
  skb.mark = sock.mark
  skb.transport = skb.data
  const saddr = sourceOf(sock, dst)
  const { ns } = sock
  if (!v4) {
    return ns.sim.stack.ip6Xmit(skb, ns, {
      daddr: out.daddr as string,
      saddr: saddr as string,
      nexthdr: out.protocol,
      tclass: sock.tos,
      hopLimit: sock.ttl,
      oif: out.oif ?? sock.boundDev,
      sk: sock,
      mark: sock.mark,
      ignoreDf: sock.ignoreDf,
      flowLabel: 0,
    })
  }
  const df =
    sock.pmtudisc === 'do' || sock.pmtudisc === 'probe' || (skb.len + headers <= dst.mtu && sock.dontFragment(dst))
  const send: IpSend = {
    daddr: out.daddr as number,
    saddr: saddr as number,
    protocol: out.protocol,
    tos: sock.tos,
    ttl: sock.ttl,
    df,
    ignoreDf: sock.ignoreDf,
    sk: sock,
    mark: sock.mark,
  }
  if (out.options !== undefined) send.options = out.options
  return ns.sim.stack.ipQueueXmit(skb, ns, send)
}

/** EMSGSIZE to the caller, with the MTU on the error queue (`ip_local_error`). */
function localTooBig(sock: InetSock, out: Outgoing, mtu: number): 'EMSGSIZE' {
  sock.queueError({
    errno: 'EMSGSIZE',
    origin: 1,
    type: 0,
    code: 0,
    info: mtu,
    offender: sock.family === 'inet' ? 0 : '',
    daddr: out.daddr,
    dport: out.dport,
    payload: NO_PAYLOAD,
  })
  return 'EMSGSIZE'
}
