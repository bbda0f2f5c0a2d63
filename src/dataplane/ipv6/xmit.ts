import {
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  type Ip6Key,
  readU16,
  UDP_DESTINATION_PORT,
  writeIp6Key,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import type { Dst, RouteError } from '../kernel/dst.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { usesPathMtu } from '../kernel/sock.ts'
import type { Stack } from '../kernel/stack.ts'
import { ANY_ADDR, isMulticast6, LOOPBACK_ADDR } from './addr.ts'
import { ip6LocalOut } from './output.ts'
import { ip6RouteOutput } from './route-output.ts'

/** What a local sender gives to IPv6 output. */
export type Ip6Send = Parameters<Stack['ip6Xmit']>[2]

/**
 * Prepends an IPv6 header to the payload in `[data, tail)`, routes it if it has no route, and sends it.
 *
 * @linux net/ipv6/ip6_output.c ip6_xmit, ip6_push_pending_frames
 * @returns an error the sender sees at once (nothing was sent, or netfilter dropped it), or null
 */
export function ip6Xmit(skb: PacketBuffer, ns: NetNs, send: Ip6Send): RouteError | 'EMSGSIZE' | 'EPERM' | null {
  const rt = skb.dst ?? ip6RouteOutput(ns, sendFlow(skb, send))
  if (typeof rt === 'string') return rt
  if (rt.error !== null) return rt.error
  skb.dst = rt
  if (!send.ignoreDf && send.sk !== null && send.sk.type !== 'tcp') {
    const limit = usesPathMtu(send.sk) ? rt.mtu : rt.dev.mtu
    if (skb.tail - skb.data + IPV6_HEADER_LENGTH > limit) return 'EMSGSIZE'
  }
  writeHeader(skb, rt, send)
  skb.ignoreDf = send.ignoreDf
  skb.sk = send.sk
  skb.mark = send.mark
  const { log } = ns
  if (log !== null && send.encapsulated !== true) {
    log.routeOutput(skb.id, rt.dev, rt.ref)
    log.create(skb, null, send.nexthdr, skb.parent)
  }
  return ip6LocalOut(skb)
}

function writeHeader(skb: PacketBuffer, rt: Dst, send: Ip6Send): void {
  skb.transport = skb.data
  skb.push(IPV6_HEADER_LENGTH)
  const { bytes, data: at } = skb
  writeU32(bytes, at, (0x6000_0000 | ((send.tclass & 0xff) << 20) | (send.flowLabel & 0xfffff)) >>> 0)
  writeU16(bytes, at + IPV6_PAYLOAD_LENGTH, skb.tail - at - IPV6_HEADER_LENGTH)
  bytes[at + IPV6_NEXT_HEADER] = send.nexthdr
  bytes[at + IPV6_HOP_LIMIT] = hopLimitOf(rt, send)
  writeIp6Key(bytes, at + IPV6_SOURCE, (send.saddr !== '' ? send.saddr : rt.src) as Ip6Key)
  writeIp6Key(bytes, at + IPV6_DESTINATION, (send.daddr === ANY_ADDR ? LOOPBACK_ADDR : send.daddr) as Ip6Key)
}

/** @linux include/net/ipv6.h ip6_sk_dst_hoplimit */
function hopLimitOf(rt: Dst, send: Ip6Send): number {
  if (send.hopLimit >= 0) return send.hopLimit
  return isMulticast6(send.daddr) ? 1 : rt.dev.conf6.hopLimit
}

function sendFlow(skb: PacketBuffer, send: Ip6Send): Parameters<Stack['ip6RouteOutput']>[1] {
  const { daddr, saddr, tclass, mark, nexthdr } = send
  const hasPorts = (nexthdr === IP_PROTOCOL.UDP || nexthdr === IP_PROTOCOL.TCP) && skb.tail - skb.data >= 4
  return {
    daddr,
    saddr,
    tclass,
    mark,
    oif: send.oif ?? send.sk?.boundDev ?? null,
    proto: nexthdr,
    sport: hasPorts ? readU16(skb.bytes, skb.data) : 0,
    dport: hasPorts ? readU16(skb.bytes, skb.data + UDP_DESTINATION_PORT) : 0,
  }
}
