import {
  ICMP_TYPE,
  ICMP_UNREACH,
  ICMPV6_TYPE,
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV6_DESTINATION,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
  readU32,
  walkIpv6,
} from '../../wire/index.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { NO_PACKET } from '../kernel/stack.ts'
import { type IcmpMeaning, meaningOfIcmpv6, meaningOfUnreachable } from './errno.ts'
import type { Addr, InetSock } from './inet-sock.ts'

/** An ICMP error about a packet of ours, taken apart. Addresses are those of the quoted packet: `saddr` is ours. */
export interface QuotedError {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** ICMP type. */
  readonly type: number
  /** ICMP code. */
  readonly code: number
  /** MTU, or gateway. */
  readonly info: number
  /** Our address in the quoted packet. */
  readonly saddr: Addr
  /** Where the quoted packet went. */
  readonly daddr: Addr
  /** Protocol of the quoted packet. */
  readonly protocol: number
  /** Where its transport header starts in the buffer. */
  readonly transport: number
  /** TOS of the quoted packet. */
  readonly tos: number
  /** Who sent the error. */
  readonly offender: Addr
}

/** Reads an ICMP error; null when it quotes too little. */
export function quoted(
  skb: PacketBuffer,
  family: 'inet' | 'inet6',
  type: number,
  code: number,
  info: number,
): QuotedError | null {
  const { bytes, data, network, tail } = skb
  if (family === 'inet') {
    const transport = data + ((bytes[data] as number) & 15) * 4
    if (transport + 8 > tail) return null
    return {
      family,
      type,
      code,
      info,
      saddr: readU32(bytes, data + IPV4_SOURCE),
      daddr: readU32(bytes, data + IPV4_DESTINATION),
      protocol: bytes[data + IPV4_PROTOCOL] as number,
      transport,
      tos: bytes[data + IPV4_TOS] as number,
      offender: readU32(bytes, network + IPV4_SOURCE),
    }
  }
  if (data + 40 > tail) return null
  const chain = walkIpv6(bytes, data, tail)
  if (chain.fault !== undefined || chain.fragmentOffset !== 0 || chain.payloadAt + 8 > tail) return null
  return {
    family,
    type,
    code,
    info,
    saddr: readIp6Key(bytes, data + IPV6_SOURCE),
    daddr: readIp6Key(bytes, data + IPV6_DESTINATION),
    protocol: chain.protocol,
    transport: chain.payloadAt,
    tos: (readU16(bytes, data) >> 4) & 0xff,
    offender: readIp6Key(bytes, network + IPV6_SOURCE),
  }
}

/** What the error means, or null when it is no error for a socket (redirect, source quench). */
export function meaningOf(e: QuotedError, sock: InetSock): IcmpMeaning | null {
  if (e.family === 'inet6') {
    if (e.type === ICMPV6_TYPE.REDIRECT) return null
    return meaningOfIcmpv6(e.type, e.code)
  }
  switch (e.type) {
    case ICMP_TYPE.SOURCE_QUENCH:
    case ICMP_TYPE.REDIRECT:
      return null
    case ICMP_TYPE.PARAMETER_PROBLEM:
      return { errno: 'EPROTO', fatal: true }
    case ICMP_TYPE.DEST_UNREACH:
      if (e.code === ICMP_UNREACH.FRAG_NEEDED) return { errno: 'EMSGSIZE', fatal: sock.pmtudisc !== 'dont' }
      return meaningOfUnreachable(e.code)
    default:
      return { errno: 'EHOSTUNREACH', fatal: false }
  }
}

/** Whether the error tells a path MTU. */
export function isTooBig(e: QuotedError): boolean {
  return e.family === 'inet'
    ? e.type === ICMP_TYPE.DEST_UNREACH && e.code === ICMP_UNREACH.FRAG_NEEDED
    : e.type === ICMPV6_TYPE.PACKET_TOO_BIG
}

/** Learns path MTU and redirects for the route of this socket (`ipv4_sk_update_pmtu`, `ipv4_sk_redirect`). */
export function updateRoute(sock: InetSock, skb: PacketOnDevice, e: QuotedError): void {
  if (e.family !== 'inet') return // ICMPv6 input has done it
  const { stack } = sock.ns.sim
  const flow = {
    daddr: e.daddr as number,
    saddr: e.saddr as number,
    tos: sock.tos,
    mark: sock.mark,
    oif: sock.boundDev,
    iif: null,
    proto: e.protocol,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: NO_PACKET,
  }
  if (isTooBig(e)) {
    if (sock.acceptPmtu) stack.ipUpdatePmtu(sock.ns, flow, e.info)
  } else if (e.type === ICMP_TYPE.REDIRECT) {
    stack.ipRedirect(sock.ns, flow, e.info, e.offender as number, skb.dev)
  }
}

/** Puts an ICMP error on a socket's queue (`ip_icmp_error`). */
export function enqueue(
  sock: InetSock,
  skb: PacketBuffer,
  e: QuotedError,
  meaning: IcmpMeaning,
  payloadAt: number,
  dport: number,
): void {
  sock.queueError({
    errno: meaning.errno,
    origin: e.family === 'inet' ? 2 : 3,
    type: e.type,
    code: e.code,
    info: e.info,
    offender: e.offender,
    daddr: e.daddr,
    dport,
    payload: skb.bytes.slice(payloadAt, skb.tail),
  })
}
