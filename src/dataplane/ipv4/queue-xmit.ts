import {
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_ID,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TTL,
  isIpv4Multicast,
  readU16,
  UDP_DESTINATION_PORT,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import type { Dst, RouteError } from '../kernel/dst.ts'
import type { IpOptions } from '../kernel/ip-options.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { usesPathMtu } from '../kernel/sock.ts'
import { type Flow4, type IpSend, PACKET_TO_COME } from '../kernel/stack.ts'
import { ipOptionsBuild, ipOptionsCompile } from './options.ts'
import { ipLocalOut, ipSelectIdent } from './output.ts'
import { ipRouteOutput } from './route-output.ts'
import { rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'

/**
 * Prepends an IPv4 header to the payload in `[data, tail)`, routes it if it has no route, and sends it.
 *
 * @linux net/ipv4/ip_output.c ip_queue_xmit, ip_make_skb
 * @returns an error the sender sees at once (nothing was sent, or netfilter dropped it), or null
 */
export function ipQueueXmit(skb: PacketBuffer, ns: NetNs, send: IpSend): RouteError | 'EMSGSIZE' | 'EPERM' | null {
  const rt = skb.dst ?? ipRouteOutput(ns, sendFlow(skb, ipv4Of(ns).scratch.send, send))
  if (typeof rt === 'string') return rt
  skb.dst = rt
  const source = send.saddr !== 0 ? send.saddr : (rt.src as number)
  const optionsLength = send.options === undefined ? 0 : (send.options.length + 3) & ~3
  const length = skb.tail - skb.data + 20 + optionsLength
  if (refusesToFragment(send) && length > pathMtu(rt, send)) return 'EMSGSIZE'
  writeHeader(skb, ns, rt, send, source, 20 + optionsLength)
  if (send.options !== undefined) addOptions(skb, ns, send.options, source)
  return emit(skb, ns, send)
}

/** Writes a header with options that are already in their final form but for the slots the sender fills. */
export function ipSendWithOptions(skb: PacketBuffer, ns: NetNs, send: IpSend, raw: Uint8Array, opt: IpOptions): void {
  const rt = rtOf(skb)
  writeHeader(skb, ns, rt, send, send.saddr, 20 + raw.length)
  ipOptionsBuild(skb.bytes, skb.data, raw, opt, send.saddr, ns.sim)
  emit(skb, ns, send)
}

/** Hands a finished packet to the local output path, under the terms of its sender. */
function emit(skb: PacketBuffer, ns: NetNs, send: IpSend): ReturnType<typeof ipLocalOut> {
  skb.ignoreDf = send.ignoreDf
  skb.sk = send.sk
  skb.mark = send.mark
  const { log } = ns
  if (log !== null) {
    const rt = rtOf(skb)
    log.routeOutput(skb.id, rt.dev, rt.ref)
    log.create(skb, null, send.protocol, skb.parent)
  }
  return ipLocalOut(skb)
}

function writeHeader(skb: PacketBuffer, ns: NetNs, rt: Dst, send: IpSend, source: number, headerLength: number): void {
  skb.transport = skb.data
  skb.push(headerLength)
  const { bytes, data: at } = skb
  bytes[at] = 0x40 | (headerLength >>> 2)
  bytes[at + IPV4_TOS] = send.tos
  writeU16(bytes, at + IPV4_ID, send.id ?? (send.df && !send.ignoreDf ? 0 : ipSelectIdent(ns)))
  writeU16(bytes, at + IPV4_FRAG_OFF, send.df ? IPV4_FLAG.DF : 0)
  bytes[at + IPV4_TTL] = ttlOf(ns, rt, send)
  bytes[at + IPV4_PROTOCOL] = send.protocol
  writeU32(bytes, at + IPV4_SOURCE, source)
  // Who sends to 0.0.0.0 sends to himself.
  writeU32(bytes, at + IPV4_DESTINATION, send.daddr === 0 ? source : send.daddr)
}

function ttlOf(ns: NetNs, rt: Dst, send: IpSend): number {
  if (send.ttl >= 0) return send.ttl
  return rt.multicast || isIpv4Multicast(send.daddr) ? 1 : ns.ip.defaultTtl
}

function refusesToFragment(send: IpSend): boolean {
  return send.df && !send.ignoreDf && send.sk !== null && send.sk.type !== 'tcp'
}

function pathMtu(rt: Dst, send: IpSend): number {
  return send.sk === null || usesPathMtu(send.sk) ? rt.mtu : rt.dev.mtu
}

/** Options of a local program: the stack fills the first slot with the source. */
function addOptions(skb: PacketBuffer, ns: NetNs, options: Uint8Array, source: number): void {
  const { bytes, data: at } = skb
  const end = at + ((bytes[at]! & 0xf) << 2)
  bytes.fill(0, at + IPV4_HEADER_LENGTH, end)
  bytes.set(options, at + IPV4_HEADER_LENGTH)
  const opt = ipOptionsCompile(bytes, at, end, { ns, address: () => source, received: false })
  if (typeof opt !== 'number') ipOptionsBuild(bytes, at, bytes.slice(at + IPV4_HEADER_LENGTH, end), opt, source, ns.sim)
}

function sendFlow(skb: PacketBuffer, flow: Flow4, send: IpSend): Flow4 {
  flow.daddr = send.daddr
  flow.saddr = send.saddr
  flow.tos = send.tos
  flow.mark = send.mark
  flow.oif = send.sk?.boundDev ?? null
  flow.proto = send.protocol
  flow.packet = PACKET_TO_COME
  flow.sport = 0
  flow.dport = 0
  const ports = send.protocol === IP_PROTOCOL.UDP || send.protocol === IP_PROTOCOL.TCP
  if (ports && skb.tail - skb.data >= 4) {
    flow.sport = readU16(skb.bytes, skb.data)
    flow.dport = readU16(skb.bytes, skb.data + UDP_DESTINATION_PORT)
  }
  return flow
}
