import type { HeldBack } from '../../model/index.ts'
import {
  checksum,
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_HEADER_LENGTH,
  ICMP_REST,
  IP_PROTOCOL,
  IPTOS_PREC_INTERNETCONTROL,
  IPTOS_TOS_MASK,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  isIcmpError,
  NR_ICMP_TYPES,
  readU16,
  readU32,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import { ctAttach } from '../kernel/conntrack.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_SCOPE } from '../kernel/rtn.ts'
import { PACKET_HOST, type PacketBuffer } from '../kernel/skb.ts'
import { icmpGlobalAllow, icmpPeerAllow } from './icmp-limit.ts'
import { inetSelectAddr } from './inet-addr.ts'
import { type EchoedOptions, ipOptionsEcho } from './options.ts'
import { ipQueueXmit, ipSendWithOptions } from './queue-xmit.ts'
import { ipRouteOutput } from './route-output.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Rtable, rtOf } from './rtable.ts'
import type { IcmpQuery } from './scratch.ts'
import { ipv4Of } from './slot.ts'

/** Errors are at most this long, header included. @rfc 1812 §4.3.2.3 */
const ERROR_LENGTH = 576
/** 192.0.0.8: the source of errors of hosts without an address. @rfc 7600 §4.8 */
const INADDR_DUMMY = 0xc0000008

/**
 * Sends an ICMP error about a received packet, where one may be sent.
 *
 * @linux net/ipv4/icmp.c __icmp_send
 * @param info - second word of the header: MTU, gateway, or pointer in the upper byte
 */
export function icmpSend(skb: PacketBuffer, type: number, code: number, info: number): void {
  if (skb.dst === null) return
  const rt = rtOf(skb)
  const { ns } = rt.dev
  const refused = refusal(skb, rt)
  if (refused !== null) {
    ns.log?.icmpHeldBack(skb, type, code, refused)
    return
  }
  if (!(skb.dev?.loopback ?? false) && !icmpGlobalAllow(ns, type, code)) {
    ns.log?.icmpHeldBack(skb, type, code, 'machine-limit')
    return
  }
  const { bytes, network: at } = skb
  const to = readU32(bytes, at + IPV4_SOURCE)
  const wanted = errorSource(skb, rt, ns)
  const tos = (bytes[at + IPV4_TOS]! & IPTOS_TOS_MASK) | IPTOS_PREC_INTERNETCONTROL
  const { flow } = ipv4Of(ns).scratch.error
  flow.daddr = to
  flow.saddr = wanted
  flow.tos = tos & IPTOS_TOS_MASK
  flow.mark = ns.ip.fwmarkReflect ? skb.mark : 0
  const route = ipRouteOutput(ns, flow)
  if (typeof route === 'string') {
    ns.log?.icmpHeldBack(skb, type, code, 'no-route-back')
    return
  }
  if (!icmpPeerAllow(ns, route, to, type, code)) {
    ns.log?.icmpHeldBack(skb, type, code, 'sender-limit')
    return
  }
  transmitError(skb, ns, route, type, code, info, tos, wanted !== 0 ? wanted : route.src)
}

function transmitError(
  skb: PacketBuffer,
  ns: NetNs,
  route: Rtable,
  type: number,
  code: number,
  info: number,
  tos: number,
  source: number,
): void {
  const options = ipOptionsEcho(skb, ns)
  const room = Math.min(route.mtu, ERROR_LENGTH) - 20 - (options?.raw.length ?? 0) - 8
  if (room <= 20) return
  const { bytes, network: at } = skb
  const quoted = Math.min(skb.tail - at, room)
  const error = ns.sim.newSkb(8 + quoted)
  error.bytes.set(bytes.subarray(at, at + quoted), error.data + ICMP_HEADER_LENGTH)
  writeIcmp(error, type, code, info)
  error.parent = skb.id
  ctAttach(error, skb)
  error.dst = route
  ns.log?.icmpError(skb, route.dev, type, code, info)
  icmpPushReply(error, ns, ipv4Of(ns).scratch.error, source !== 0 ? source : INADDR_DUMMY, tos, options)
}

/** Sends a message to where its route was asked for, with the options that answer the sender's. @linux net/ipv4/icmp.c icmp_push_reply */
export function icmpPushReply(
  skb: PacketBuffer,
  ns: NetNs,
  { flow, send }: IcmpQuery,
  saddr: number,
  tos: number,
  options: EchoedOptions | null,
): void {
  send.daddr = flow.daddr
  send.saddr = saddr
  send.tos = tos
  send.mark = flow.mark
  if (options === null) ipQueueXmit(skb, ns, send)
  else ipSendWithOptions(skb, ns, send, options.raw, options.opt)
}

/** Writes the 8 bytes of an ICMP header at `data` over what follows up to `tail`. */
export function writeIcmp(skb: PacketBuffer, type: number, code: number, info: number): void {
  const { bytes, data: at } = skb
  bytes[at] = type
  bytes[at + ICMP_CODE] = code
  writeU16(bytes, at + ICMP_CHECKSUM, 0)
  writeU32(bytes, at + ICMP_REST, info)
  writeU16(bytes, at + ICMP_CHECKSUM, checksum(bytes, at, skb.tail))
  skb.summed(at, skb.tail)
}

/** Why this packet gets no error; null = it may. */
function refusal(skb: PacketBuffer, rt: Rtable): HeldBack | null {
  const { bytes, network: at } = skb
  if (skb.pktType !== PACKET_HOST && skb.pktType !== 4) return 'frame-to-group'
  if ((rt.flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return 'packet-to-group'
  if ((readU16(bytes, at + IPV4_FRAG_OFF) & IPV4_FLAG.OFFSET) !== 0) return 'later-fragment'
  if (bytes[at + IPV4_PROTOCOL] !== IP_PROTOCOL.ICMP) return null
  const inner = at + ((bytes[at]! & 0xf) << 2)
  if (inner >= skb.tail) return 'icmp-cut-off'
  const innerType = bytes[inner]!
  return innerType > NR_ICMP_TYPES || isIcmpError(innerType) ? 'about-an-error' : null
}

/** Source of an error: the address the packet was sent to if it is ours, the address of its inbound device by sysctl, else the route's. */
function errorSource(skb: PacketBuffer, rt: Rtable, ns: NetNs): number {
  const { bytes, network: at } = skb
  if ((rt.flags & RTCF_LOCAL) !== 0) return readU32(bytes, at + IPV4_DESTINATION)
  if (!rt.isInput || !ns.ip.icmpErrorsUseInboundIfaddr) return 0
  const inbound = ns.byIndex.get(skb.iif) ?? skb.dev
  return inbound === null ? 0 : inetSelectAddr(inbound, readU32(bytes, at + IPV4_SOURCE), RT_SCOPE.LINK)
}
