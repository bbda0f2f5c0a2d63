/** EtherTypes: what a frame carries. @ieee 802.3, IANA ieee-802-numbers */
export const ETHERTYPE = {
  /** Internet Protocol version 4. */
  IPV4: 0x0800,
  /** Address Resolution Protocol. */
  ARP: 0x0806,
  /** IEEE 802.1Q tag. */
  VLAN: 0x8100,
  /** Internet Protocol version 6. */
  IPV6: 0x86dd,
} as const

/** Protocol numbers of IPv4 and next header numbers of IPv6. @rfc 790, IANA protocol-numbers */
export const IP_PROTOCOL = {
  /** IPv6 hop-by-hop options. @rfc 8200 §4.3 */
  HOP_BY_HOP: 0,
  /** Internet Control Message Protocol. @rfc 792 */
  ICMP: 1,
  /** Internet Group Management Protocol. @rfc 3376 */
  IGMP: 2,
  /** IPv4 in IP, the IPIP tunnel. @rfc 2003 */
  IPIP: 4,
  /** Transmission Control Protocol. @rfc 9293 */
  TCP: 6,
  /** User Datagram Protocol. @rfc 768 */
  UDP: 17,
  /** Datagram Congestion Control Protocol. @rfc 4340 */
  DCCP: 33,
  /** IPv6 in IP, the SIT tunnel. @rfc 2473 */
  IPV6: 41,
  /** IPv6 routing header. @rfc 8200 §4.4 */
  ROUTING: 43,
  /** IPv6 fragment header. @rfc 8200 §4.5 */
  FRAGMENT: 44,
  /** Generic Routing Encapsulation. @rfc 2784 */
  GRE: 47,
  /** Encapsulating Security Payload. @rfc 4303 */
  ESP: 50,
  /** Authentication Header. @rfc 4302 */
  AH: 51,
  /** ICMP for IPv6. @rfc 4443 */
  ICMPV6: 58,
  /** No next header. @rfc 8200 §4.7 */
  NONE: 59,
  /** IPv6 destination options. @rfc 8200 §4.6 */
  DESTINATION_OPTIONS: 60,
  /** Open Shortest Path First. @rfc 2328 */
  OSPF: 89,
  /** Stream Control Transmission Protocol. @rfc 9260 */
  SCTP: 132,
  /** UDP-Lite. @rfc 3828 */
  UDPLITE: 136,
} as const

/** Names of protocol numbers as tcpdump and `/etc/protocols` spell them. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'HOPOPT',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'IPv6-Route',
  44: 'IPv6-Frag',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  59: 'IPv6-NoNxt',
  60: 'IPv6-Opts',
  89: 'OSPF',
  132: 'SCTP',
  136: 'UDPLite',
}

/** The name of a protocol number, e.g. `TCP`; undefined for numbers without a name here. */
export function protocolName(protocol: number): string | undefined {
  return PROTOCOL_NAMES[protocol]
}
