import {
  buildUdp,
  buildVxlan,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPE,
  IP_PROTOCOL,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  IPV6_HOP_LIMIT,
  pseudoHeaderSum,
  readU16,
  readU24,
  readU32,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  VXLAN_FLAG_VNI,
  VXLAN_HEADER_LENGTH,
  VXLAN_PORT,
  VXLAN_VNI,
} from '../wire/index.ts'
import { ECN_MASK, ecnEncapsulate, innerTos } from './ecn.ts'
import { type OuterAddresses, type OuterFields, writeOuter } from './outer.ts'

/** What decides the outer header of a VXLAN device: `ip -d link show vxlan.calico`. */
export interface VxlanParameters {
  /** VXLAN network identifier. */
  readonly id: number
  /** UDP destination port. */
  readonly dstport: number
  /** Outer TTL; 0 = the system's default; `inherit` copies the inner one. */
  readonly ttl: number | 'inherit'
  /** Outer TOS; `inherit` copies the inner one. */
  readonly tos: number | 'inherit'
  /** DF of the outer header. */
  readonly df: 'unset' | 'set' | 'inherit'
  /** UDP checksums over IPv4. */
  readonly udpcsum: boolean
}

/**
 * Outer TOS, TTL and DF for an inner Ethernet frame at `at`. TTL 0 means the default of the route. A non-IP inner frame
 * gives zeros where something is inherited.
 * @rfc 7348 §5
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_xmit_one
 */
export function vxlanOuter(inner: Uint8Array, at: number, device: VxlanParameters): OuterFields {
  const type = readU16(inner, at + ETHERNET_TYPE)
  const ip = at + ETHERNET_HEADER_LENGTH
  const isIp = type === ETHERTYPE.IPV4 || type === ETHERTYPE.IPV6
  const tos = isIp ? innerTos(inner, ip) : 0
  const configured = device.tos === 'inherit' ? tos : device.tos
  return {
    tos: isIp ? ecnEncapsulate(configured, tos) : configured & ~ECN_MASK,
    ttl: device.ttl === 'inherit' ? innerTtl(inner, ip, type) : device.ttl,
    df: device.df === 'set' || (device.df === 'inherit' && innerDf(inner, ip, type)),
  }
}

function innerTtl(inner: Uint8Array, ip: number, type: number): number {
  if (type === ETHERTYPE.IPV4) return inner[ip + IPV4_TTL] as number
  return type === ETHERTYPE.IPV6 ? (inner[ip + IPV6_HOP_LIMIT] as number) : 0
}

function innerDf(inner: Uint8Array, ip: number, type: number): boolean {
  return (
    type === ETHERTYPE.IPV6 || (type === ETHERTYPE.IPV4 && (readU16(inner, ip + IPV4_FRAG_OFF) & IPV4_FLAG.DF) !== 0)
  )
}

/**
 * UDP source port of an outer header: spreads a flow hash over a port range, the same port for the same flow.
 * @param hash - of the inner flow, uint32
 * @rfc 7348 §5, @linux include/net/udp.h udp_flow_src_port
 */
export function vxlanSourcePort(hash: number, low: number, high: number): number {
  const mixed = (hash ^ (hash << 16)) >>> 0
  return low + Math.floor((mixed / 0x1_0000_0000) * (high - low))
}

/** What is left of a VXLAN header once its VNI is taken out. */
export type VxlanHeaderFault = 'truncated' | 'no_vni_flag' | 'reserved_bits'

/**
 * Judges the VXLAN header at `at`: the I flag must be set and, since no extension is on, every other bit clear.
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_rcv
 */
export function vxlanHeaderFault(bytes: Uint8Array, at: number, end: number): VxlanHeaderFault | undefined {
  if (end - at < VXLAN_HEADER_LENGTH) return 'truncated'
  if (((bytes[at] as number) & VXLAN_FLAG_VNI) === 0) return 'no_vni_flag'
  const besideFlag = readU32(bytes, at) & ~(VXLAN_FLAG_VNI << 24)
  const behindVni = readU32(bytes, at + VXLAN_VNI) & 0xff
  return (besideFlag | behindVni) === 0 ? undefined : 'reserved_bits'
}

/**
 * An Ethernet frame wrapped in VXLAN, UDP and IPv4: what leaves the node.
 * @param frame - the inner Ethernet frame
 * @param sourcePort - UDP source port; see {@link vxlanSourcePort}
 * @rfc 7348 §5
 */
export function vxlanEncapsulate(
  frame: Uint8Array,
  addresses: OuterAddresses,
  sourcePort: number,
  device: VxlanParameters,
): Uint8Array {
  const outer = vxlanOuter(frame, 0, device)
  const headers = IPV4_HEADER_LENGTH + UDP_HEADER_LENGTH + VXLAN_HEADER_LENGTH
  const bytes = new Uint8Array(headers + frame.length)
  bytes.set(frame, headers)
  writeOuter(bytes, addresses, outer, IP_PROTOCOL.UDP)
  buildVxlan(bytes, IPV4_HEADER_LENGTH + UDP_HEADER_LENGTH, device.id)
  const length = bytes.length - IPV4_HEADER_LENGTH
  const pseudo = pseudoHeaderSum(addresses.source, addresses.destination, IP_PROTOCOL.UDP, length)
  buildUdp(bytes, IPV4_HEADER_LENGTH, {
    sourcePort,
    destinationPort: device.dstport,
    length,
    ...(device.udpcsum ? { pseudo } : {}),
  })
  return bytes
}

/** What came out of a VXLAN packet. */
export interface VxlanContent {
  /** VXLAN network identifier. */
  readonly vni: number
  /** The inner Ethernet frame. */
  readonly frame: Uint8Array
}

/** The inner frame of a VXLAN packet; undefined when it is not one a plain VXLAN device takes. */
export function vxlanDecapsulate(outer: Uint8Array, port: number = VXLAN_PORT): VxlanContent | undefined {
  const udp = ((outer[0] ?? 0) & 15) * 4
  const at = udp + UDP_HEADER_LENGTH
  if (
    outer.length < at ||
    outer[IPV4_PROTOCOL] !== IP_PROTOCOL.UDP ||
    readU16(outer, udp + UDP_DESTINATION_PORT) !== port
  )
    return undefined
  if (vxlanHeaderFault(outer, at, outer.length) !== undefined) return undefined
  const vni = readU24(outer, at + VXLAN_VNI)
  return { vni, frame: outer.slice(at + VXLAN_HEADER_LENGTH, readU16(outer, IPV4_TOTAL_LENGTH)) }
}
