import {
  ARP_LENGTH,
  ArpView,
  ETHERTYPE,
  type Family,
  ICMP_HEADER_LENGTH,
  IcmpView,
  Icmpv6View,
  IP_PROTOCOL,
  IPV6_FRAGMENT_ID,
  IPV6_FRAGMENT_LENGTH,
  IPV6_HEADER_LENGTH,
  type Ip,
  Ipv4View,
  Ipv6View,
  ipv4HeaderFault,
  ipv6HeaderFault,
  isIpv6Extension,
  keyToIpv6,
  numberToIpv4,
  readU16,
  readU24,
  readU32,
  TCP_DESTINATION_PORT,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TcpView,
  UDP_HEADER_LENGTH,
  UdpView,
  VXLAN_FLAG_VNI,
  VXLAN_HEADER_LENGTH,
  VXLAN_RESERVED,
  VXLAN_RESERVED_LAST,
  WIREGUARD_PORT,
  walkIpv6,
  wireguardType,
} from '../wire/index.ts'
import { ethernetLayer, type LinkLayer, linkLayerOf } from './link-layer.ts'

/** An IP header of a captured packet. */
export interface IpHeader {
  readonly family: Family
  readonly source: Ip
  readonly destination: Ip
  readonly protocol: number
  /** TTL or hop limit. */
  readonly ttl: number
  /** Identification; 0 for IPv6 without fragments. */
  readonly id: number
  readonly dontFragment: boolean
  /** One of several fragments. */
  readonly isFragment: boolean
  /** Not the first of them: no ports follow. */
  readonly isLaterFragment: boolean
  /** Bytes of the whole packet. */
  readonly length: number
}

/** How one packet carries another. */
export type Carrier = 'ipip' | 'vxlan' | 'wireguard'

/** What an innermost packet carries. */
export interface Upper {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'other'
  /** Ports; of an echo its identifier; 0 where there are none. */
  readonly from: number
  readonly to: number
  /** Type and code of ICMP; -1 for anything else. */
  readonly type: number
  readonly code: number
  /** TCP: flags and numbers. ICMP echo: `sequence`. */
  readonly flags: number
  readonly sequence: number
  readonly acknowledgment: number
  /** Bytes of data. */
  readonly length: number
  /** MTU that an ICMP error tells; 0 for none. */
  readonly mtu: number
}

/** ARP, as far as it tells anything. */
export interface ArpPart {
  readonly isRequest: boolean
  readonly sender: Ip
  readonly target: Ip
}

/** A captured packet, opened: tunnels taken off. */
export interface Packet {
  readonly link: LinkLayer | undefined
  /** IP headers, outermost first. */
  readonly layers: readonly IpHeader[]
  /** How each carries the next, or, of the last, what hides behind it (`wireguard`: ciphertext). */
  readonly carriers: readonly Carrier[]
  readonly upper?: Upper
  readonly arp?: ArpPart
  /** The packet an ICMP error is about. */
  readonly quote?: Pick<Packet, 'layers' | 'carriers' | 'upper'>
  /** What could not be read; absent when all was. */
  readonly fault?: string
}

/** What opening packets needs to know: on which ports WireGuard is spoken. */
export interface Ports {
  readonly wireguard: ReadonlySet<number>
}

/** The ports where nobody says otherwise. */
export const USUAL_PORTS: Ports = { wireguard: new Set([WIREGUARD_PORT, WIREGUARD_PORT + 1]) }

const NOTHING = { layers: [], carriers: [] } as const

/** Opens a packet as it was captured; what is cut off or damaged is said, and what stands before it is read. */
export function openPacket(bytes: Uint8Array, linkType: number, ports: Ports = USUAL_PORTS): Packet {
  const link = linkLayerOf(bytes, linkType)
  if (typeof link === 'string') return { ...NOTHING, link: undefined, fault: link }
  return { link, ...openType(bytes, link, ports) }
}

type Opened = Omit<Packet, 'link'>

function openType(bytes: Uint8Array, { type, at }: LinkLayer, ports: Ports): Opened {
  if (type === ETHERTYPE.IPV4 || type === ETHERTYPE.IPV6) return openIp(bytes, at, ports, 0)
  if (type !== ETHERTYPE.ARP) return { ...NOTHING, fault: `ethertype 0x${type.toString(16).padStart(4, '0')}` }
  if (bytes.length < at + ARP_LENGTH) return { ...NOTHING, fault: 'cut off in ARP' }
  const view = new ArpView(bytes, at)
  const [sender, target] = [numberToIpv4(view.senderProtocol), numberToIpv4(view.targetProtocol)]
  return { ...NOTHING, arp: { isRequest: view.operation === 1, sender, target } }
}

/** Packets in packets that are opened; more are an attack, or damage. */
const DEEPEST = 6

function openIp(bytes: Uint8Array, at: number, ports: Ports, depth: number): Opened {
  const version = (bytes[at] ?? 0) >>> 4
  const found = version === 6 ? ipv6At(bytes, at) : ipv4At(bytes, at)
  if (typeof found === 'string') return { ...NOTHING, fault: found }
  const { header, payloadAt } = found
  const own: Opened = { layers: [header], carriers: [] }
  if (header.isLaterFragment) return own
  const inner = (how: Carrier, opened: Opened): Opened => ({
    ...opened,
    layers: [header, ...opened.layers],
    carriers: [how, ...opened.carriers],
  })
  const { protocol } = header
  if (depth < DEEPEST && (protocol === IP_PROTOCOL.IPIP || protocol === IP_PROTOCOL.IPV6)) {
    return inner('ipip', openIp(bytes, payloadAt, ports, depth + 1))
  }
  if (protocol === IP_PROTOCOL.UDP) {
    const data = payloadAt + UDP_HEADER_LENGTH
    if (bytes.length < data) return { ...own, fault: 'cut off in the UDP header' }
    const frame = depth < DEEPEST && !header.isFragment ? vxlanFrame(bytes, data) : undefined
    if (frame !== undefined) return inner('vxlan', openType(bytes, frame, ports))
    const view = new UdpView(bytes, payloadAt)
    const [from, to] = [view.sourcePort, view.destinationPort]
    const end = Math.min(bytes.length, at + header.length)
    const isWireguard =
      ports.wireguard.has(from) ||
      ports.wireguard.has(to) ||
      (from === to && wireguardType(bytes, data, end) !== undefined)
    const upper = { ...NO_UPPER, protocol: 'udp' as const, from, to, length: view.payloadLength }
    return isWireguard ? { ...own, carriers: ['wireguard'], upper } : { ...own, upper }
  }
  if (protocol === IP_PROTOCOL.TCP) return { ...own, ...openTcp(bytes, payloadAt, at + header.length) }
  if (protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6) {
    return { ...own, ...openIcmp(bytes, payloadAt, at + header.length, protocol === IP_PROTOCOL.ICMPV6, ports, depth) }
  }
  return { ...own, upper: { ...NO_UPPER, length: at + header.length - payloadAt } }
}

const NO_UPPER: Upper = {
  protocol: 'other',
  from: 0,
  to: 0,
  type: -1,
  code: -1,
  flags: 0,
  sequence: 0,
  acknowledgment: 0,
  length: 0,
  mtu: 0,
}

interface FoundIp {
  readonly header: IpHeader
  readonly payloadAt: number
}

function ipv4At(bytes: Uint8Array, at: number): FoundIp | string {
  const fault = ipv4HeaderFault(bytes, at, bytes.length)
  if (fault !== undefined) return `no whole IPv4 header (${fault})`
  const view = new Ipv4View(bytes, at)
  const header: IpHeader = {
    family: 4,
    source: numberToIpv4(view.source),
    destination: numberToIpv4(view.destination),
    protocol: view.protocol,
    ttl: view.ttl,
    id: view.identification,
    dontFragment: view.df,
    isFragment: view.isFragment,
    isLaterFragment: view.fragmentOffset > 0,
    length: view.totalLength,
  }
  return { header, payloadAt: at + view.headerLength }
}

function ipv6At(bytes: Uint8Array, at: number): FoundIp | string {
  const fault = ipv6HeaderFault(bytes, at, bytes.length)
  if (fault !== undefined) return `no whole IPv6 header (${fault})`
  const view = new Ipv6View(bytes, at)
  const chain = walkIpv6(bytes, at, bytes.length)
  const fragment = chain.extensions.find(({ type }) => type === IP_PROTOCOL.FRAGMENT)
  const header: IpHeader = {
    family: 6,
    source: keyToIpv6(view.source),
    destination: keyToIpv6(view.destination),
    protocol: chain.protocol,
    ttl: view.hopLimit,
    id:
      fragment === undefined || bytes.length < fragment.start + IPV6_FRAGMENT_LENGTH
        ? 0
        : readU32(bytes, fragment.start + IPV6_FRAGMENT_ID),
    dontFragment: true,
    isFragment: fragment !== undefined,
    isLaterFragment: chain.fragmentOffset > 0,
    length: IPV6_HEADER_LENGTH + view.payloadLength,
  }
  if (chain.fault !== undefined && isIpv6Extension(chain.protocol)) return 'cut off in the extension headers of IPv6'
  return { header, payloadAt: chain.payloadAt }
}

/** The frame in a VXLAN datagram of whatever port: its flags, its reserved bits, and an Ethernet of IP or ARP. @rfc 7348 §5 */
function vxlanFrame(bytes: Uint8Array, at: number): LinkLayer | undefined {
  if (bytes.length < at + VXLAN_HEADER_LENGTH) return undefined
  const isReservedZero = readU24(bytes, at + VXLAN_RESERVED) === 0 && bytes[at + VXLAN_RESERVED_LAST] === 0
  const isVxlan = bytes[at] === VXLAN_FLAG_VNI && isReservedZero
  if (!isVxlan) return undefined
  const frame = ethernetLayer(bytes, at + VXLAN_HEADER_LENGTH)
  if (typeof frame === 'string') return undefined
  const types: readonly number[] = [ETHERTYPE.IPV4, ETHERTYPE.IPV6, ETHERTYPE.ARP]
  return types.includes(frame.type) ? frame : undefined
}

function openTcp(bytes: Uint8Array, at: number, end: number): Pick<Opened, 'upper' | 'fault'> {
  if (bytes.length < at + TCP_HEADER_LENGTH) {
    if (bytes.length < at + TCP_SEQUENCE) return { fault: 'cut off in the TCP header' }
    const ports = { from: readU16(bytes, at + TCP_SOURCE_PORT), to: readU16(bytes, at + TCP_DESTINATION_PORT) }
    return { upper: { ...NO_UPPER, protocol: 'tcp', ...ports }, fault: 'cut off in the TCP header' }
  }
  const view = new TcpView(bytes, at)
  return {
    upper: {
      ...NO_UPPER,
      protocol: 'tcp',
      from: view.sourcePort,
      to: view.destinationPort,
      flags: view.flags,
      sequence: view.sequence,
      acknowledgment: view.acknowledgment,
      length: Math.max(0, end - view.payloadAt),
    },
  }
}

/** Echo request and reply, of ICMP and of ICMPv6. */
const ECHO: ReadonlySet<number> = new Set([0, 8, 128, 129])

function openIcmp(
  bytes: Uint8Array,
  at: number,
  end: number,
  isV6: boolean,
  ports: Ports,
  depth: number,
): Pick<Opened, 'upper' | 'quote' | 'fault'> {
  if (bytes.length < at + ICMP_HEADER_LENGTH) return { fault: 'cut off in the ICMP header' }
  const view = isV6 ? new Icmpv6View(bytes, at) : new IcmpView(bytes, at)
  const { type, code, payloadAt } = view
  const isEcho = ECHO.has(type) && isV6 === type >= 128
  const identifier = isEcho ? view.identifier : 0
  const tellsMtu = isV6 ? type === 2 : type === 3 && code === 4
  const upper: Upper = {
    ...NO_UPPER,
    protocol: 'icmp',
    type,
    code,
    from: identifier,
    to: identifier,
    sequence: isEcho ? view.sequence : 0,
    length: Math.max(0, end - payloadAt),
    mtu: tellsMtu ? view.mtu : 0,
  }
  const isError = isV6 ? type < 128 : !isEcho && type >= 3 && type <= 12 && type !== 9 && type !== 10
  if (!isError || depth >= DEEPEST) return { upper }
  const { layers, carriers, upper: about } = openIp(bytes, payloadAt, ports, depth + 1)
  return layers.length === 0 ? { upper } : { upper, quote: { layers, carriers, ...(about && { upper: about }) } }
}
