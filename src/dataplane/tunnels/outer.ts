import type { OuterFields } from '../../encap/index.ts'
import {
  buildIpv4Header,
  buildUdp,
  ETHERTYPE,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV6_DESTINATION,
  IPV6_SOURCE,
  ipv4ToNumber,
  pseudoHeaderSum,
  readU32,
  UDP_HEADER_LENGTH,
} from '../../wire/index.ts'
import type { Dst } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { type Flow4, NO_PACKET } from '../kernel/stack.ts'

/** The uint32 of an IPv4 address of the model; 0 when absent. */
export function addressNumber(text: string | undefined): number {
  return text === undefined ? 0 : ipv4ToNumber(text)
}

/** Address in engine form as text. */
/** A device of this namespace by name, or null. */
export function linkOf(dev: NetDevice, name: string | undefined): NetDevice | null {
  return name === undefined ? null : (dev.ns.byName.get(name) ?? null)
}

/**
 * Puts an outer IPv4 header in front of `[data, tail)` and sends it from LOCAL_OUT on. The packet keeps its id and its mark.
 * @linux net/ipv4/ip_tunnel_core.c iptunnel_xmit
 */
export function ipTunnelXmit(
  skb: PacketBuffer,
  dev: NetDevice,
  dst: Dst,
  source: number,
  destination: number,
  protocol: number,
  outer: OuterFields,
): void {
  skb.scrub(false)
  skb.sk = null
  skb.dst = dst
  skb.push(IPV4_HEADER_LENGTH)
  skb.mac = -1
  skb.network = skb.data
  skb.transport = skb.data + IPV4_HEADER_LENGTH
  skb.protocol = ETHERTYPE.IPV4
  setDevice(skb, dev)
  buildIpv4Header(skb.bytes, skb.data, {
    tos: outer.tos,
    totalLength: skb.len,
    identification: dev.ns.sim.random() & 0xffff || 1,
    df: outer.df && !dst.mtuLocked,
    ttl: outer.ttl === 0 ? dev.ns.ip.defaultTtl : outer.ttl,
    protocol,
    source,
    destination,
  })
  dev.ns.sim.stack.ipLocalOut(skb)
}

/** What an outer UDP header needs besides the IP fields. */
export interface OuterUdp {
  /** Source port. */
  readonly sport: number
  /** Destination port. */
  readonly dport: number
  /** Whether to compute a checksum (else 0, "none"). */
  readonly checksum: boolean
}

/** Puts UDP and IPv4 in front and sends. @linux net/ipv4/udp_tunnel_core.c udp_tunnel_xmit_skb */
export function udpTunnelXmit(
  skb: PacketBuffer,
  dev: NetDevice,
  dst: Dst,
  source: number,
  destination: number,
  outer: OuterFields,
  udp: OuterUdp,
): void {
  skb.push(UDP_HEADER_LENGTH)
  const length = skb.len
  const { sport: sourcePort, dport: destinationPort } = udp
  if (udp.checksum) {
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.UDP, length)
    buildUdp(skb.bytes, skb.data, { sourcePort, destinationPort, length, pseudo })
  } else buildUdp(skb.bytes, skb.data, { sourcePort, destinationPort, length })
  ipTunnelXmit(skb, dev, dst, source, destination, IP_PROTOCOL.UDP, outer)
}

/** The flow of the IPv4 header at `at`, leaving by `oif`. */
export function flowOfHeader(bytes: Uint8Array, at: number, mark: number, oif: NetDevice | null): Flow4 {
  return {
    daddr: readU32(bytes, at + IPV4_DESTINATION),
    saddr: readU32(bytes, at + IPV4_SOURCE),
    tos: bytes[at + IPV4_TOS] as number,
    mark,
    oif,
    iif: null,
    proto: bytes[at + IPV4_PROTOCOL] as number,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: NO_PACKET,
  }
}

/**
 * Tells the inner route what fits through the tunnel, as Linux does for every packet whose route knows a larger path MTU.
 * @param ip - where the inner IP header starts
 * @linux include/net/dst.h skb_dst_update_pmtu_no_confirm
 */
export function updateInnerPmtu(skb: PacketBuffer, dev: NetDevice, ip: number, mtu: number): void {
  const dst = skb.dst
  if (dst === null) return
  const version = (skb.bytes[ip] as number) >> 4
  const { stack } = dev.ns.sim
  if (version === 4) {
    stack.ipDstUpdatePmtu(skb, ip, dev, mtu)
  } else if (version === 6 && mtu < dst.mtu) {
    const key = (at: number): string => String.fromCharCode(...skb.bytes.subarray(at, at + 16))
    stack.ip6UpdatePmtu(
      dev.ns,
      { daddr: key(ip + IPV6_DESTINATION), saddr: key(ip + IPV6_SOURCE), mark: skb.mark, oif: dev },
      mtu,
    )
  }
}
