import {
  ETHERNET_HEADER_LENGTH,
  ICMP_HEADER_LENGTH,
  IcmpView,
  IP_PROTOCOL,
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
  Ipv4View,
  UDP_HEADER_LENGTH,
  UdpView,
  VXLAN_HEADER_LENGTH,
  VXLAN_PORT,
} from '../../wire/index.ts'

/** Tunnels in tunnels that are looked into. */
const DEEPEST = 4

/**
 * What tells the packets of one probe from those of another: the identifier of an echo, or both ports, of the innermost packet;
 * empty where there are none. @param at - where the IP header starts @param end - behind the packet
 */
export function flowIds(bytes: Uint8Array, at: number, end: number, depth: number = DEEPEST): readonly number[] {
  if (at < 0 || depth === 0) return []
  const version = (bytes[at] ?? 0) >> 4
  if (version === 4 && at + IPV4_HEADER_LENGTH <= end) {
    const { protocol, payloadAt } = new Ipv4View(bytes, at)
    return idsOf(bytes, protocol, payloadAt, end, depth)
  }
  if (version !== 6 || at + IPV6_HEADER_LENGTH > end) return []
  return idsOf(bytes, bytes[at + IPV6_NEXT_HEADER]!, at + IPV6_HEADER_LENGTH, end, depth)
}

function idsOf(bytes: Uint8Array, protocol: number, at: number, end: number, depth: number): readonly number[] {
  if (at + UDP_HEADER_LENGTH > end) return []
  switch (protocol) {
    case IP_PROTOCOL.IPIP:
    case IP_PROTOCOL.IPV6:
      return flowIds(bytes, at, end, depth - 1)
    case IP_PROTOCOL.ICMP:
    case IP_PROTOCOL.ICMPV6:
      return at + ICMP_HEADER_LENGTH > end ? [] : [new IcmpView(bytes, at).identifier]
    case IP_PROTOCOL.UDP:
    case IP_PROTOCOL.TCP: {
      const { sourcePort, destinationPort } = new UdpView(bytes, at)
      const inner = at + UDP_HEADER_LENGTH + VXLAN_HEADER_LENGTH + ETHERNET_HEADER_LENGTH
      const isVxlan = protocol === IP_PROTOCOL.UDP && destinationPort === VXLAN_PORT
      return isVxlan ? flowIds(bytes, inner, end, depth - 1) : [sourcePort, destinationPort]
    }
    default:
      return []
  }
}
