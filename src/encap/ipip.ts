import {
  IP_PROTOCOL,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  readU16,
} from '../wire/index.ts'
import { ecnDecapsulate, ecnEncapsulate, setEcn4 } from './ecn.ts'
import { type OuterAddresses, type OuterFields, writeOuter } from './outer.ts'

/** What decides the outer header of an IPIP tunnel: `ip -d link show tunl0`. */
export interface IpipParameters {
  /** Outer TTL; 0 = inherit from the inner header. */
  readonly ttl: number
  /** Outer TOS byte; `inherit` copies the inner one. */
  readonly tos: number | 'inherit'
  /** Path MTU discovery: DF is always set outside. */
  readonly pmtudisc: boolean
}

/**
 * Outer TOS, TTL and DF for an inner IPv4 packet at `at`: TTL is inherited when the tunnel says 0, the ECN bits are copied,
 * DF is the inner one, or always set with path MTU discovery.
 * @rfc 2003 §3.1
 * @linux net/ipv4/ip_tunnel.c ip_tunnel_xmit
 */
export function ipipOuter(inner: Uint8Array, at: number, tunnel: IpipParameters): OuterFields {
  const tos = inner[at + IPV4_TOS] as number
  return {
    tos: ecnEncapsulate(tunnel.tos === 'inherit' ? tos : tunnel.tos, tos),
    ttl: tunnel.ttl === 0 ? (inner[at + IPV4_TTL] as number) : tunnel.ttl,
    df: tunnel.pmtudisc || (readU16(inner, at + IPV4_FRAG_OFF) & IPV4_FLAG.DF) !== 0,
  }
}

/**
 * An IPv4 packet wrapped in an outer IPv4 header: what leaves the node.
 * @param inner - a whole IPv4 packet
 * @rfc 2003 §3
 */
export function ipipEncapsulate(inner: Uint8Array, addresses: OuterAddresses, tunnel: IpipParameters): Uint8Array {
  const outer = ipipOuter(inner, 0, tunnel)
  const bytes = new Uint8Array(IPV4_HEADER_LENGTH + inner.length)
  bytes.set(inner, IPV4_HEADER_LENGTH)
  writeOuter(bytes, addresses, outer, IP_PROTOCOL.IPIP)
  return bytes
}

/**
 * The inner packet of an IPIP packet, with the outer congestion mark carried in; undefined when it is not IPIP, is cut short,
 * or the marks do not fit (then Linux drops it).
 * @rfc 2003 §3.2, @rfc 6040 §4.2
 */
export function ipipDecapsulate(outer: Uint8Array): Uint8Array | undefined {
  const ihl = ((outer[0] ?? 0) & 15) * 4
  if (outer.length < ihl + IPV4_HEADER_LENGTH || ihl < IPV4_HEADER_LENGTH || outer[IPV4_PROTOCOL] !== IP_PROTOCOL.IPIP)
    return undefined
  const inner = outer.slice(ihl, readU16(outer, IPV4_TOTAL_LENGTH))
  const ecn = ecnDecapsulate(outer[IPV4_TOS] as number, inner[IPV4_TOS] as number)
  if (ecn === 'drop') return undefined
  setEcn4(inner, 0, ecn)
  return inner
}
