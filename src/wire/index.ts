/**
 * Bytes: addresses and prefixes, headers as views over `Uint8Array` (one protocol a file), their builders and checksums,
 * frames for people (one line as tcpdump prints it, and dissected to a tree of fields), and pcapng files.
 *
 * A header is a view with getters and setters named by its RFC; `checked` looks at the bytes once and gives the view or a
 * {@link HeaderFault}. Addresses are branded text outside and numbers inside: IPv4 a uint32, a hardware address a 48-bit
 * number, IPv6 a string of 16 bytes ({@link Ip6Key}).
 *
 * May import: no other room.
 *
 * @packageDocumentation
 */

export {
  ARP_HARDWARE_LENGTH,
  ARP_HARDWARE_TYPE,
  ARP_LENGTH,
  ARP_OPERATION,
  ARP_PROTOCOL_LENGTH,
  ARP_PROTOCOL_TYPE,
  type ArpFields,
  ArpView,
  arpFault,
  buildArp,
} from './arp.ts'
export { assertNever, InvariantError } from './assert.ts'
export {
  concatBytes,
  equalBytes,
  readU16,
  readU24,
  readU32,
  readU48,
  writeU16,
  writeU24,
  writeU32,
  writeU48,
} from './bytes.ts'
export {
  checksum,
  checksumHolds,
  checksumWithout,
  foldChecksum,
  partialSum,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  updateChecksum16,
  updateChecksum32,
} from './checksum.ts'
export { crc32 } from './crc32.ts'
export type { Layer, LayerField } from './dissect/field-tree.ts'
export { dissectFrame } from './dissect/frame.ts'
export {
  buildDnsAnswer,
  buildDnsQuery,
  DNS_PORT,
  DNS_TYPE,
  type DnsQuestion,
  type DnsQuestionPlace,
  readDnsQuestion,
} from './dns.ts'
export {
  buildEthernet,
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  type EthernetFields,
  EthernetView,
  VLAN_TAG_LENGTH,
} from './ethernet.ts'
export {
  arp,
  data,
  echo,
  echo6,
  ethernet,
  type FramePart,
  frame,
  type Ipv4Part,
  type Ipv6Part,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type PartPlace,
  pseudoSumOf,
  tcp,
  udp,
  vxlan,
} from './frame.ts'
export { type HeaderFault, isHeaderFault } from './header-fault.ts'
export { hexDump, hexNumber, parseHex, toHex } from './hex.ts'
export {
  buildIcmp,
  echoWord,
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_HEADER_LENGTH,
  ICMP_ID,
  ICMP_REDIRECT,
  ICMP_REST,
  ICMP_SEQUENCE,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  ICMP_UNREACH,
  type IcmpFields,
  IcmpView,
  icmpFault,
  isIcmpError,
  NR_ICMP_TYPES,
  NR_ICMP_UNREACH,
} from './icmp.ts'
export {
  buildIcmpv6,
  ICMPV6_CHECKSUM,
  ICMPV6_CODE,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_INFORMATIONAL,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_REST,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  type Icmpv6Fields,
  Icmpv6View,
  icmpv6Fault,
  isIcmpv6Error,
} from './icmpv6.ts'
export {
  addressKey,
  compareIps,
  explainIp,
  type Family,
  familyOf,
  type Ip,
  isIpv4,
  isIpv6,
  parseIp,
  parseIps,
  withPort,
} from './ip.ts'
export {
  buildIpv4Header,
  IPTOS_PREC_INTERNETCONTROL,
  IPTOS_RT_MASK,
  IPTOS_TOS_MASK,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_ID,
  IPV4_MAX_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  type Ipv4Fields,
  Ipv4View,
  ipv4Fault,
  ipv4HeaderFault,
  isIpv4Fragment,
} from './ipv4.ts'
export {
  type AddressFault,
  explainIpv4,
  INADDR_BROADCAST,
  INADDR_LOOPBACK,
  type Ipv4,
  ipv4ToNumber,
  isIpv4LinkLocal,
  isIpv4Loopback,
  isIpv4Multicast,
  numberToIpv4,
  parseIpv4,
} from './ipv4-address.ts'
export {
  IPV4_OPTION,
  IPV4_OPTION_DATA,
  IPV4_OPTION_LENGTH,
  IPV4_OPTION_OVERFLOW_FLAG,
  IPV4_OPTION_POINTER,
  type Ipv4Option,
  isCopiedOption,
  readIpv4Options,
} from './ipv4-options.ts'
export {
  buildIpv6Header,
  IPV6_CLASS_LOW,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_MIN_MTU,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  type Ipv6Fields,
  Ipv6View,
  ipv6Fault,
  ipv6HeaderFault,
} from './ipv6.ts'
export {
  bytesToIpv6,
  explainIpv6,
  type Ip6Key,
  type Ipv6,
  ipv6ToBytes,
  ipv6ToKey,
  isIpv6LinkLocal,
  isIpv6Multicast,
  keyToIpv6,
  parseIpv6,
  prefixKey,
  readIp6Key,
  solicitedNode,
  writeIp6Key,
} from './ipv6-address.ts'
export {
  buildIpv6Fragment,
  buildRouterAlert6,
  IPV6_EXTENSION_LENGTH,
  IPV6_FRAGMENT_ID,
  IPV6_FRAGMENT_LENGTH,
  IPV6_FRAGMENT_OFFSET,
  IPV6_OPTION,
  IPV6_OPTION_DATA,
  IPV6_OPTION_LENGTH,
  IPV6_ROUTING_TYPE,
  IPV6_SEGMENTS_LEFT,
  type Ipv6Chain,
  type Ipv6Extension,
  type Ipv6FragmentFields,
  Ipv6FragmentView,
  type Ipv6Option,
  isIpv6Extension,
  readIpv6Options,
  walkIpv6,
} from './ipv6-extension.ts'
export { LINK_TYPE, type LinkType } from './link-type.ts'
export {
  BROADCAST_MAC,
  BROADCAST_MAC_KEY,
  bytesToMac,
  eui64LinkLocal,
  explainMac,
  ipv4MulticastMac,
  isBroadcastMac,
  isMulticastMac,
  keyToMac,
  type Mac,
  type MacKey,
  macToBytes,
  macToKey,
  parseMac,
  readMac,
  writeMac,
  ZERO_MAC,
} from './mac.ts'
export { buildMld2Report, MLD2_RECORD, type Mld2Record, mld2ReportLength, readMld2Records } from './mld.ts'
export {
  buildLinkLayerOption,
  buildMtuOption,
  buildNeighborAdvertisement,
  buildNeighborSolicitation,
  NA_FLAG,
  ND_HOP_LIMIT,
  ND_LINK_LAYER_OPTION_LENGTH,
  ND_OPTION,
  ND_OPTION_LENGTH,
  ND_REDIRECT_DESTINATION,
  ND_REDIRECT_LENGTH,
  ND_TARGET,
  ND_TARGET_LENGTH,
  type NdOption,
  type NeighborFields,
  ndLinkLayer,
  ndOptionsOffset,
  ndTarget,
  neighborMessageLength,
  type RouterAdvertisement,
  readNdOptions,
  readRouterAdvertisement,
  redirectDestination,
} from './nd.ts'
export { type PcapPacket, writePcap } from './pcap.ts'
export { isPcap, type PcapFile, readPcap } from './pcap-read.ts'
export {
  PCAPNG_BLOCK,
  PCAPNG_MAGIC,
  PCAPNG_OPTION,
  type PcapngDirection,
  PcapngError,
  type PcapngFile,
  type PcapngInterface,
  type PcapngPacket,
} from './pcapng.ts'
export { type PcapngSoFar, readPcapng, readPcapngSoFar } from './pcapng-read.ts'
export { writePcapng, writePcapngInterface, writePcapngPacket, writePcapngSection } from './pcapng-write.ts'
export {
  addressAt,
  addressBits,
  addressCount,
  broadcastOf,
  type Cidr,
  contains,
  containsPrefix,
  DEFAULT_IPV4,
  DEFAULT_IPV6,
  explainCidr,
  explainPrefix,
  hostPrefix,
  isHostPrefix,
  maskLength,
  maskOf,
  netmaskText,
  overlaps,
  type Prefix,
  parseCidr,
  parsePrefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from './prefix.ts'
export { ETHERTYPE, IP_PROTOCOL, protocolName } from './protocols.ts'
export { buildSctp, SCTP_PACKET_LENGTH, type SctpFields } from './sctp.ts'
export { cookedFrame, LINUX_SLL2 } from './sll2.ts'
export {
  buildTcp,
  TCP_ACKNOWLEDGMENT,
  TCP_CHECKSUM,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAG,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TCP_URGENT_POINTER,
  TCP_WINDOW,
  type TcpFields,
  TcpView,
  tcpFault,
  tcpFlagLetters,
  tcpHeaderLength,
} from './tcp.ts'
export {
  placeTcpOptions,
  readTcpOptions,
  type SackBlock,
  TCP_OPTION,
  TCP_OPTION_DATA,
  TCP_OPTION_LENGTH,
  type TcpOption,
  type TcpOptionPlace,
  tcpOptionsLength,
  writeTcpOptions,
} from './tcp-options.ts'
export { type DescribeOptions, describeFrame } from './tcpdump/frame.ts'
export { TcpConnections, type TcpOrigin } from './tcpdump/tcp-connections.ts'
export {
  buildUdp,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  UDP_LENGTH,
  UDP_SOURCE_PORT,
  type UdpFields,
  UdpView,
  udpFault,
} from './udp.ts'
export { decodeUtf8, encodeUtf8 } from './utf8.ts'
export { buildVxlan, VXLAN_FLAG_VNI, VXLAN_HEADER_LENGTH, VXLAN_PORT, VXLAN_VNI, VxlanView } from './vxlan.ts'
export {
  WIREGUARD_COUNTER,
  WIREGUARD_LENGTH,
  WIREGUARD_PADDING,
  WIREGUARD_PORT,
  WIREGUARD_RECEIVER,
  WIREGUARD_RESPONSE_RECEIVER,
  WIREGUARD_SENDER,
  WIREGUARD_TRANSPORT_HEADER_LENGTH,
  WIREGUARD_TYPE,
  wireguardIndex,
  wireguardTransportLength,
  wireguardType,
} from './wireguard.ts'
