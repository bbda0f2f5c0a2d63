import type { HeldBack } from '../../model/index.ts'
import {
  buildIcmpv6,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_FRAGMENT_OFFSET,
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  IPV6_SOURCE,
  type Ipv6Chain,
  readIp6Key,
  readU16,
  walkIpv6,
} from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { PACKET_HOST, type PacketBuffer } from '../kernel/skb.ts'
import { ANY_ADDR, isLinkLocal6, isMulticast6, needsScopeId } from './addr.ts'
import { icmpv6GlobalAllow, icmpv6PeerAllow } from './icmpv6-limit.ts'
import { ipv6ChkAcastAddr, ipv6ChkAddr } from './inet6-addr.ts'
import { keySum } from './pseudo.ts'
import { ip6RouteOutput } from './route-output.ts'
import { type Rt6, rt6Of } from './rt6.ts'
import { ipv6DevGetSaddr } from './select-source.ts'
import { ipv6Of } from './slot.ts'
import { ip6Xmit } from './xmit.ts'

/** An ICMPv6 message of this host. */
export interface Icmpv6Message {
  /** Type. */
  readonly type: number
  /** Code. */
  readonly code: number
  /** Second word of the header. */
  readonly info: number
  /** What follows the header. */
  readonly body: Uint8Array
  /** Destination key. */
  readonly daddr: string
  /** Source key. */
  readonly saddr: string
  /** Traffic class. */
  readonly tclass: number
  /** Mark. */
  readonly mark: number
}

/**
 * Sends an ICMPv6 error about a packet, where one may be sent.
 *
 * @linux net/ipv6/icmp.c icmp6_send
 * @param info - second word of the header: MTU or pointer
 */
export function icmpv6Send(skb: PacketBuffer, type: number, code: number, info: number): void {
  const { dev } = skb
  if (dev === null || ipv6Of(dev.ns) === null) return
  const { ns } = dev
  const refused = refusal(skb, type, code, info)
  if (refused !== null) {
    ns.log?.icmpHeldBack(skb, type, code, refused)
    return
  }
  if (!dev.loopback && !icmpv6GlobalAllow(ns, type)) {
    ns.log?.icmpHeldBack(skb, type, code, 'machine-limit')
    return
  }
  const daddr = readIp6Key(skb.bytes, skb.network + IPV6_SOURCE)
  const mark = ipv6Of(ns)?.globals.fwmarkReflect ? skb.mark : 0
  const flow = { daddr, saddr: '', tclass: 0, mark, oif: needsScopeId(daddr) ? icmpv6Iif(skb, dev) : null }
  const rt = errorRoute(skb, ns, flow, ownDestination(skb, dev))
  if (rt === null) {
    ns.log?.icmpHeldBack(skb, type, code, 'no-route-back')
    return
  }
  if (rt.anycast) {
    ns.log?.icmpHeldBack(skb, type, code, 'anycast-sender')
    return
  }
  if (!icmpv6PeerAllow(ns, rt, daddr, type)) {
    ns.log?.icmpHeldBack(skb, type, code, 'sender-limit')
    return
  }
  ns.log?.icmpError(skb, rt.dev, type, code, info)
  const { bytes, network: at } = skb
  const quoted = Math.min(skb.tail - at, IPV6_MIN_MTU - IPV6_HEADER_LENGTH - ICMPV6_HEADER_LENGTH)
  const body = bytes.slice(at, at + quoted)
  sendIcmpv6(ns, rt, { type, code, info, body, daddr, saddr: rt.src, tclass: 0, mark }, skb.id)
}

/** Builds a message and sends it by its route. */
export function sendIcmpv6(ns: NetNs, rt: Rt6, message: Icmpv6Message, parent: number): void {
  const { type, code, info, body, daddr, saddr, tclass, mark } = message
  const length = ICMPV6_HEADER_LENGTH + body.length
  const skb = ns.sim.newSkb(length)
  skb.bytes.set(body, skb.data + ICMPV6_HEADER_LENGTH)
  const pseudo = keySum(saddr) + keySum(daddr) + IP_PROTOCOL.ICMPV6 + length
  buildIcmpv6(skb.bytes, skb.data, skb.tail, { type, code, restOfHeader: info >>> 0, pseudo })
  skb.parent = parent
  skb.dst = rt
  ip6Xmit(skb, ns, {
    daddr,
    saddr,
    nexthdr: IP_PROTOCOL.ICMPV6,
    tclass,
    hopLimit: -1,
    oif: null,
    sk: null,
    mark,
    ignoreDf: true,
    flowLabel: 0,
  })
}

/** Why this packet gets no error; null = it may. */
function refusal(skb: PacketBuffer, type: number, code: number, info: number): HeldBack | null {
  const { bytes, network: at } = skb
  if (skb.tail - at < IPV6_HEADER_LENGTH) return 'packet-cut-off'
  const toMany = isMulticast6(readIp6Key(bytes, at + IPV6_DESTINATION)) || skb.pktType !== PACKET_HOST
  if (toMany && type !== ICMPV6_TYPE.PACKET_TOO_BIG && !asksForReport(skb, type, code, info)) {
    return 'packet-to-multicast'
  }
  const saddr = readIp6Key(bytes, at + IPV6_SOURCE)
  if (saddr === ANY_ADDR || isMulticast6(saddr)) return 'source-no-host'
  const chain = walkIpv6(bytes, at, skb.tail)
  if (chain.fault !== undefined || chain.protocol !== IP_PROTOCOL.ICMPV6) return null
  if (chain.fragmentOffset !== 0) return null
  // A first fragment that ends before the ICMPv6 header is what its sender is told of. @rfc 8200 §4.5
  if (chain.payloadAt >= skb.tail) return hasMore(bytes, chain) ? null : 'icmpv6-cut-off'
  return (bytes[chain.payloadAt] as number) < 128 ? 'about-an-error' : null
}

/** Whether a packet is a fragment that others follow. */
function hasMore(bytes: Uint8Array, { extensions }: Ipv6Chain): boolean {
  return extensions.some(
    ({ type, start }) => type === IP_PROTOCOL.FRAGMENT && (readU16(bytes, start + IPV6_FRAGMENT_OFFSET) & 1) !== 0,
  )
}

/** Unknown options of a kind that must be reported even when they came to a group. */
function asksForReport(skb: PacketBuffer, type: number, code: number, info: number): boolean {
  if (type !== ICMPV6_TYPE.PARAMETER_PROBLEM || code !== ICMPV6_PARAMETER_PROBLEM.OPTION) return false
  return ((skb.bytes[skb.network + info] as number) & 0xc0) === 0x80
}

/** The destination of the packet when it may be the source of the error: an address of ours; '' otherwise. */
function ownDestination(skb: PacketBuffer, dev: NetDevice): string {
  const { ns } = dev
  const daddr = readIp6Key(skb.bytes, skb.network + IPV6_DESTINATION)
  if (isMulticast6(daddr) || skb.pktType !== PACKET_HOST) return ''
  if (ipv6ChkAddr(ns, daddr, dev, false)) return daddr
  return ipv6ChkAcastAddr(ns, isLinkLocal6(daddr) ? dev : null, daddr) ? daddr : ''
}

interface ErrorFlow {
  readonly daddr: string
  readonly saddr: string
  readonly tclass: number
  readonly mark: number
  readonly oif: NetDevice | null
}

/**
 * The way of an error, with its source: our address the packet was for, the route's preference, the best address as seen
 * from the device the packet came in by, or as the route has it.
 */
function errorRoute(skb: PacketBuffer, ns: NetNs, flow: ErrorFlow, own: string): Rt6 | null {
  const ask = (saddr: string): Rt6 | null => {
    const rt = ip6RouteOutput(ns, { ...flow, saddr, proto: IP_PROTOCOL.ICMPV6, sport: 0, dport: 0 })
    if (typeof rt === 'string') return null
    if (saddr !== '') rt.src = saddr
    return rt
  }
  if (own !== '') return ask(own)
  const inbound = ns.byIndex.get(skb.iif)
  if (inbound === undefined) return ask('')
  const free = ask('')
  if (free !== null && free.info?.prefsrc !== '') return free
  return ask(ipv6DevGetSaddr(ns, inbound, flow.daddr))
}

/** The device a packet came in by; for one of this host the device its address lives on. @linux net/ipv6/icmp.c icmp6_iif */
export function icmpv6Iif(skb: PacketBuffer, dev: NetDevice): NetDevice {
  return dev.loopback && skb.dst !== null && 'idev' in skb.dst ? rt6Of(skb).idev : dev
}
