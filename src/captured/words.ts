import {
  concatBytes,
  describeFrame,
  ETHERTYPE,
  LINK_TYPE,
  protocolName,
  TCP_FLAG,
  type TcpConnections,
} from '../wire/index.ts'
import type { Names } from './names.ts'
import type { Carrier, IpHeader, Packet, Upper } from './packet.ts'
import type { CapturedEnd } from './report.ts'

/** A packet as tcpdump prints it; what is cooked without the header that the capture put there. */
export function lineOf(bytes: Uint8Array, linkType: number, { link }: Packet, connections: TcpConnections): string {
  if (link === undefined || link.kind === 'ethernet') return describeFrame(bytes, linkType, { connections })
  if (link.type === ETHERTYPE.IPV4 || link.type === ETHERTYPE.IPV6) {
    return describeFrame(bytes.subarray(link.at), LINK_TYPE.RAW, { connections })
  }
  const header = new Uint8Array(14)
  header[12] = link.type >>> 8
  header[13] = link.type & 0xff
  return describeFrame(concatBytes([header, bytes.subarray(link.at)]), LINK_TYPE.ETHERNET, { connections })
}

/** The ends of a tunnel. */
export interface TunnelEnds {
  readonly carrier: Carrier
  readonly from: CapturedEnd
  readonly to: CapturedEnd
}

const CARRIERS: Readonly<Record<Carrier, string>> = { ipip: 'IPIP', vxlan: 'VXLAN', wireguard: 'WireGuard' }

/** Tunnels around a packet, outermost first. */
export function tunnelsOf({ layers, carriers }: Packet, names: Names): TunnelEnds[] {
  return carriers.flatMap((carrier, i) => {
    const layer = layers[i]
    if (layer === undefined) return []
    return [{ carrier, from: names.end(layer.source, 0, ''), to: names.end(layer.destination, 0, '') }]
  })
}

/** Ends of the innermost packet that can be read. */
export function namedEnds(
  { layers, upper, carriers }: Packet,
  names: Names,
): { from: CapturedEnd; to: CapturedEnd } | undefined {
  const last = layers.at(-1)
  if (last === undefined) return undefined
  const isPorted = (upper?.protocol === 'tcp' || upper?.protocol === 'udp') && carriers.length < layers.length
  const [from, to] = isPorted ? [upper.from, upper.to] : [0, 0]
  const protocol = upper?.protocol ?? ''
  return { from: names.end(last.source, from, protocol), to: names.end(last.destination, to, protocol) }
}

/** What a packet is, in words. */
export function whatOf(packet: Packet, names: Names): string {
  const { arp, layers, carriers, fault } = packet
  if (arp !== undefined) {
    const [sender, target] = [arp.sender, arp.target].map((address) => names.end(address, 0, '').name)
    return arp.isRequest ? `${sender} asks who has ${target}` : `${sender} tells ${target} its hardware address`
  }
  const ends = namedEnds(packet, names)
  if (ends === undefined) return fault ?? 'no IP packet'
  const isCipher = carriers.length >= layers.length
  const inner = isCipher ? 'ciphertext' : `${messageOf(packet)} ${ends.from.name} → ${ends.to.name}`
  const around = tunnelsOf(packet, names)
    .reverse()
    .map(({ carrier, from, to }) => `in ${CARRIERS[carrier]} ${from.name} → ${to.name}`)
  const cut = fault === undefined ? '' : ` (${fault})`
  return [inner, ...around].join(' ') + cut
}

function messageOf({ layers, upper, quote }: Packet): string {
  const last = layers.at(-1) as IpHeader
  if (last.isLaterFragment) return 'fragment'
  const part = last.isFragment ? 'first fragment of ' : ''
  if (upper === undefined || upper.protocol === 'other')
    return `${part}${protocolName(last.protocol) ?? `protocol ${last.protocol}`}`
  return part + (upper.protocol === 'icmp' ? icmpOf(upper, last.family === 6, quote) : transportOf(upper))
}

function transportOf({ protocol, flags, length }: Upper): string {
  if (protocol === 'udp') return `UDP, ${length} bytes`
  if ((flags & TCP_FLAG.RST) !== 0) return 'TCP reset'
  if ((flags & TCP_FLAG.SYN) !== 0) return (flags & TCP_FLAG.ACK) === 0 ? 'TCP SYN' : 'TCP SYN-ACK'
  if (length > 0) return `TCP, ${length} bytes`
  return (flags & TCP_FLAG.FIN) === 0 ? 'TCP ACK' : 'TCP FIN'
}

/** Messages of ICMP and ICMPv6 by type. */
const ICMP_WORDS: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
}
const ICMPV6_WORDS: Readonly<Record<number, string>> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
  137: 'redirect',
  143: 'multicast report',
}

function icmpOf({ type, code, sequence, mtu }: Upper, isV6: boolean, quote: Packet['quote']): string {
  const word = (isV6 ? ICMPV6_WORDS : ICMP_WORDS)[type] ?? `ICMP type ${type}`
  if (word.startsWith('echo')) return `${word} ${sequence}`
  const isTooBig = mtu > 0 || (!isV6 && type === 3 && code === 4)
  const told = isTooBig ? `packet too big, ${mtu} bytes fit` : word
  const about = quote?.layers.at(-1)
  return about === undefined ? told : `ICMP error (${told}) about ${about.source} → ${about.destination},`
}
