// Whole frames from parts, for tests and for users who send their own bytes; the engine has its own hot path.

import { buildArp } from './arp.ts'
import { InvariantError } from './assert.ts'
import { pseudoHeaderSum, pseudoHeaderSum6 } from './checksum.ts'
import { buildEthernet } from './ethernet.ts'
import { buildIcmp, echoWord, ICMP_HEADER_LENGTH, ICMP_TYPE } from './icmp.ts'
import { buildIcmpv6, ICMPV6_HEADER_LENGTH, ICMPV6_TYPE } from './icmpv6.ts'
import type { Ip } from './ip.ts'
import { buildIpv4Header, IPV4_HEADER_LENGTH, type Ipv4Fields } from './ipv4.ts'
import { type Ipv4, ipv4ToNumber } from './ipv4-address.ts'
import { buildIpv6Header, IPV6_HEADER_LENGTH, type Ipv6Fields } from './ipv6.ts'
import { type Ipv6, ipv6ToKey } from './ipv6-address.ts'
import { type Mac, macToKey } from './mac.ts'
import { ETHERTYPE, IP_PROTOCOL } from './protocols.ts'
import { buildTcp, type TcpFields, tcpHeaderLength } from './tcp.ts'
import { buildUdp, UDP_HEADER_LENGTH } from './udp.ts'
import { encodeUtf8 } from './utf8.ts'
import { buildVxlan, VXLAN_HEADER_LENGTH } from './vxlan.ts'

/** One part of a frame: a header, or the data at the end. Made by the functions of this file. */
export interface FramePart {
  /** Bytes this part takes. */
  readonly length: number
  /** The EtherType an Ethernet header in front of it names. */
  readonly etherType?: number
  /** The protocol number an IP header in front of it names. */
  readonly protocol?: number
  /** For IP headers: the partial sum of the pseudo header of what follows. */
  readonly pseudo?: (bytes: Uint8Array, at: number, protocol: number, length: number) => number
  /** Writes the part at `at`. All parts behind it are written already, up to `end`. */
  readonly write: (bytes: Uint8Array, at: number, end: number, around: PartPlace) => void
}

/** What stands around a part. */
export interface PartPlace {
  /** The part in front. */
  readonly outer: FramePart | undefined
  /** The part behind. */
  readonly inner: FramePart | undefined
  /** Partial sum of the pseudo header the part in front gives, when it is an IP header. */
  readonly pseudo: number | undefined
}

/**
 * A frame of parts, outermost first. Lengths, checksums and the fields that name the next header follow from the parts.
 * @example frame(ethernet({ source, destination }), ipv4({ source: a, destination: b }), echo({ identifier: 1, sequence: 1 }))
 */
export function frame(...parts: readonly FramePart[]): Uint8Array {
  const starts: number[] = []
  let end = 0
  for (const part of parts) {
    starts.push(end)
    end += part.length
  }
  const bytes = new Uint8Array(end)
  // Pseudo headers are read from headers in place, so these are written once before the parts behind them.
  for (const pass of [0, 1]) {
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!
      if (pass === 0 && part.pseudo === undefined) continue
      const outer = parts[i - 1]
      const pseudo = outer?.pseudo?.(bytes, starts[i - 1]!, part.protocol ?? 0, end - starts[i]!)
      part.write(bytes, starts[i]!, end, { outer, inner: parts[i + 1], pseudo })
    }
  }
  return bytes
}

/** An Ethernet header; the type follows from the part behind it. */
export function ethernet(fields: {
  readonly source: Mac
  readonly destination: Mac
  readonly type?: number
}): FramePart {
  return {
    length: 14,
    write: (bytes, at, _end, { inner }) => {
      const type = fields.type ?? inner?.etherType ?? 0xffff
      buildEthernet(bytes, at, { source: macToKey(fields.source), destination: macToKey(fields.destination), type })
    },
  }
}

/** An ARP packet for Ethernet and IPv4. */
export function arp(fields: {
  readonly operation: number
  readonly senderHardware: Mac
  readonly senderProtocol: Ipv4
  readonly targetHardware: Mac
  readonly targetProtocol: Ipv4
}): FramePart {
  return {
    length: 28,
    etherType: ETHERTYPE.ARP,
    write: (bytes, at) => {
      buildArp(bytes, at, {
        operation: fields.operation,
        senderHardware: macToKey(fields.senderHardware),
        senderProtocol: ipv4ToNumber(fields.senderProtocol),
        targetHardware: macToKey(fields.targetHardware),
        targetProtocol: ipv4ToNumber(fields.targetProtocol),
      })
    },
  }
}

/** The fields of {@link ipv4}: addresses as text, the rest as {@link Ipv4Fields} has it, TTL 64 when left out. */
export interface Ipv4Part extends Partial<Omit<Ipv4Fields, 'source' | 'destination'>> {
  /** Source address. */
  readonly source: Ipv4
  /** Destination address. */
  readonly destination: Ipv4
}

/** An IPv4 header; protocol and total length follow from the parts behind it. In front of another IP header: IPIP. */
export function ipv4(fields: Ipv4Part): FramePart {
  const source = ipv4ToNumber(fields.source)
  const destination = ipv4ToNumber(fields.destination)
  return {
    length: IPV4_HEADER_LENGTH + (((fields.options?.length ?? 0) + 3) & ~3),
    etherType: ETHERTYPE.IPV4,
    protocol: IP_PROTOCOL.IPIP,
    pseudo: (_bytes, _at, protocol, length) => pseudoHeaderSum(source, destination, protocol, length),
    write: (bytes, at, end, { inner }) => {
      const derived = { ttl: 64, protocol: inner?.protocol ?? 255, totalLength: end - at }
      buildIpv4Header(bytes, at, { ...derived, ...fields, source, destination })
    },
  }
}

/** The fields of {@link ipv6}: addresses as text, the rest as {@link Ipv6Fields} has it, hop limit 64 when left out. */
export interface Ipv6Part extends Partial<Omit<Ipv6Fields, 'source' | 'destination'>> {
  /** Source address. */
  readonly source: Ipv6
  /** Destination address. */
  readonly destination: Ipv6
}

/** An IPv6 header; next header and payload length follow from the parts behind it. */
export function ipv6(fields: Ipv6Part): FramePart {
  const source = ipv6ToKey(fields.source)
  const destination = ipv6ToKey(fields.destination)
  return {
    length: IPV6_HEADER_LENGTH,
    etherType: ETHERTYPE.IPV6,
    protocol: IP_PROTOCOL.IPV6,
    pseudo: pseudoHeaderSum6,
    write: (bytes, at, end, { inner }) => {
      const derived = {
        hopLimit: 64,
        nextHeader: inner?.protocol ?? IP_PROTOCOL.NONE,
        payloadLength: end - at - IPV6_HEADER_LENGTH,
      }
      buildIpv6Header(bytes, at, { ...derived, ...fields, source, destination })
    },
  }
}

/** An ICMP message header of any type. */
export function icmp(fields: {
  readonly type: number
  readonly code: number
  readonly restOfHeader?: number
}): FramePart {
  return {
    length: ICMP_HEADER_LENGTH,
    protocol: IP_PROTOCOL.ICMP,
    write: (bytes, at, end) => {
      buildIcmp(bytes, at, end, fields)
    },
  }
}

/** An ICMP echo request, or its reply. */
export function echo(fields: {
  readonly identifier: number
  readonly sequence: number
  readonly reply?: boolean
}): FramePart {
  const type = fields.reply === true ? ICMP_TYPE.ECHO_REPLY : ICMP_TYPE.ECHO
  return icmp({ type, code: 0, restOfHeader: echoWord(fields.identifier, fields.sequence) })
}

/** An ICMPv6 message header of any type; needs an {@link ipv6} part in front. */
export function icmpv6(fields: {
  readonly type: number
  readonly code: number
  readonly restOfHeader?: number
}): FramePart {
  return {
    length: ICMPV6_HEADER_LENGTH,
    protocol: IP_PROTOCOL.ICMPV6,
    write: (bytes, at, end, { pseudo }) => {
      buildIcmpv6(bytes, at, end, { ...fields, pseudo: needPseudo(pseudo, 'icmpv6') })
    },
  }
}

/** An ICMPv6 echo request, or its reply. */
export function echo6(fields: {
  readonly identifier: number
  readonly sequence: number
  readonly reply?: boolean
}): FramePart {
  const type = fields.reply === true ? ICMPV6_TYPE.ECHO_REPLY : ICMPV6_TYPE.ECHO_REQUEST
  return icmpv6({ type, code: 0, restOfHeader: echoWord(fields.identifier, fields.sequence) })
}

/** A UDP header with checksum; `checksum: false` leaves it 0, as VXLAN over IPv4 does. */
export function udp(fields: {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly checksum?: boolean
}): FramePart {
  return {
    length: UDP_HEADER_LENGTH,
    protocol: IP_PROTOCOL.UDP,
    write: (bytes, at, end, { pseudo }) => {
      const { sourcePort, destinationPort } = fields
      const sum = fields.checksum === false ? {} : { pseudo: needPseudo(pseudo, 'udp') }
      buildUdp(bytes, at, { sourcePort, destinationPort, length: end - at, ...sum })
    },
  }
}

/** A TCP header with its options; the window is 64240 when left out. */
export function tcp(fields: Omit<TcpFields, 'pseudo' | 'window'> & { readonly window?: number }): FramePart {
  return {
    length: tcpHeaderLength(fields.options),
    protocol: IP_PROTOCOL.TCP,
    write: (bytes, at, end, { pseudo }) => {
      buildTcp(bytes, at, end, { window: 64240, ...fields, pseudo: needPseudo(pseudo, 'tcp') })
    },
  }
}

/** A VXLAN header; an {@link ethernet} part follows. */
export function vxlan(fields: { readonly vni: number }): FramePart {
  return {
    length: VXLAN_HEADER_LENGTH,
    write: (bytes, at) => {
      buildVxlan(bytes, at, fields.vni)
    },
  }
}

/** Data: bytes as they are, text as UTF-8, or that many bytes counting up from 0. */
export function data(content: Uint8Array | string | number): FramePart {
  const source = typeof content === 'number' ? Uint8Array.from({ length: content }, (_, i) => i) : content
  const bytes = typeof source === 'string' ? encodeUtf8(source) : source
  return { length: bytes.length, write: (to, at) => to.set(bytes, at) }
}

/** The pseudo header's partial sum for an upper layer between two addresses of one family. */
export function pseudoSumOf(source: Ip, destination: Ip, protocol: number, length: number): number {
  if (!source.includes(':')) return pseudoHeaderSum(ipv4ToNumber(source), ipv4ToNumber(destination), protocol, length)
  const header = new Uint8Array(IPV6_HEADER_LENGTH)
  buildIpv6Header(header, 0, {
    source: ipv6ToKey(source),
    destination: ipv6ToKey(destination),
    nextHeader: protocol,
    hopLimit: 0,
    payloadLength: 0,
  })
  return pseudoHeaderSum6(header, 0, protocol, length)
}

function needPseudo(pseudo: number | undefined, part: string): number {
  if (pseudo === undefined) throw new InvariantError(`${part}() needs an IP header in front of it`)
  return pseudo
}
