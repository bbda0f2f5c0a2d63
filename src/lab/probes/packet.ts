import { protocolNumber } from '../../linux/index.ts'
import {
  buildIcmp,
  buildIcmpv6,
  buildSctp,
  buildTcp,
  buildUdp,
  echoWord,
  ICMP_CHECKSUM,
  ICMP_HEADER_LENGTH,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_SOURCE,
  type Ip,
  type Ipv4,
  type Ipv6,
  ipv4ToNumber,
  ipv6ToKey,
  isIpv4,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  SCTP_PACKET_LENGTH,
  TCP_FLAG,
  TCP_HEADER_LENGTH,
  UDP_HEADER_LENGTH,
  writeIp6Key,
} from '../../wire/index.ts'
import { type PolicyProbe, UndecidedProbe } from './case.ts'

/** The last four bytes of every packet that is sent: by them it is known wherever it turns up. */
const MARK: readonly number[] = [0xca, 0x11, 0xc0, 0xde]

/** Source port where a probe names none. */
export const SOURCE_PORT = 50_000

/** Identifier of echo messages. */
export const ECHO_ID = 0x5077

/** ICMP messages that begin a connection: requests that have a reply. @linux net/netfilter/nf_conntrack_proto_icmp.c */
const BEGIN: Readonly<Record<number, readonly number[]>> = {
  [IP_PROTOCOL.ICMP]: [8, 13, 15, 17],
  [IP_PROTOCOL.ICMPV6]: [128, 139],
}

const UDPLITE = 136

/** Number of the protocol of a probe. @throws UndecidedProbe for a word that is none */
export function numberOf({ protocol }: PolicyProbe): number {
  const number = protocolNumber(String(protocol))
  if (number === undefined) throw new UndecidedProbe(`${protocol} is no protocol`)
  return number
}

/** Whether the connection table takes the packet for the first of a connection by itself. */
export function mayBegin(probe: PolicyProbe): boolean {
  const types = BEGIN[numberOf(probe)]
  return types === undefined || types.includes(probe.icmpType ?? 0)
}

/** The ports a probe is sent with: to `via` where it is translated. */
function portsOf(probe: PolicyProbe): { readonly source: number; readonly destination: number } {
  return { source: probe.sourcePort ?? SOURCE_PORT, destination: probe.via?.port ?? probe.port ?? 0 }
}

/**
 * What follows the IP header: a request as a program would send it, or, where the state asks for it, what the connection table
 * takes for the middle of a connection or for nothing it knows.
 * @throws UndecidedProbe when there is no such packet
 */
export function transportOf(probe: PolicyProbe, source: Ip, destination: Ip): Uint8Array {
  const protocol = numberOf(probe)
  switch (protocol) {
    case IP_PROTOCOL.TCP:
      return tcp(probe, (length) => pseudoOf(source, destination, protocol, length))
    case IP_PROTOCOL.UDP:
    case UDPLITE:
      return udp(probe, protocol, (length) => pseudoOf(source, destination, protocol, length))
    case IP_PROTOCOL.SCTP:
      return sctp(probe)
    case IP_PROTOCOL.ICMP:
    case IP_PROTOCOL.ICMPV6:
      return icmp(probe, protocol, (length) => pseudoOf(source, destination, protocol, length))
    default:
      return plain(probe)
  }
}

/** Partial sum of the pseudo header. */
function pseudoOf(source: Ip, destination: Ip, protocol: number, length: number): number {
  if (isIpv4(source) && isIpv4(destination))
    return pseudoHeaderSum(ipv4ToNumber(source as Ipv4), ipv4ToNumber(destination as Ipv4), protocol, length)
  const header = new Uint8Array(IPV6_HEADER_LENGTH)
  writeIp6Key(header, IPV6_SOURCE, ipv6ToKey(source as Ipv6))
  writeIp6Key(header, IPV6_DESTINATION, ipv6ToKey(destination as Ipv6))
  return pseudoHeaderSum6(header, 0, protocol, length)
}

function ending(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(MARK, length - MARK.length)
  return bytes
}

/** A SYN; data in the middle of a connection; an answer to nothing. */
function tcp(probe: PolicyProbe, pseudo: (length: number) => number): Uint8Array {
  const bytes = ending(TCP_HEADER_LENGTH + MARK.length)
  const flags = {
    new: TCP_FLAG.SYN,
    established: TCP_FLAG.ACK | TCP_FLAG.PSH,
    invalid: TCP_FLAG.SYN | TCP_FLAG.ACK,
  }[probe.state ?? 'new']
  const { source, destination } = portsOf(probe)
  buildTcp(bytes, 0, bytes.length, {
    sourcePort: source,
    destinationPort: destination,
    sequence: 1,
    acknowledgment: probe.state === undefined || probe.state === 'new' ? 0 : 1,
    flags,
    window: 64_240,
    pseudo: pseudo(bytes.length),
  })
  return bytes
}

/** A datagram; one that is cut off belongs to no connection. UDP-Lite: covered whole. */
function udp(probe: PolicyProbe, protocol: number, pseudo: (length: number) => number): Uint8Array {
  const bytes = ending(UDP_HEADER_LENGTH + MARK.length)
  const { source, destination } = portsOf(probe)
  const cut = probe.state === 'invalid' ? 8 : 0
  if (cut > 0 && protocol === UDPLITE) throw new UndecidedProbe('a UDPLite packet that is invalid is not made')
  const length = bytes.length + cut
  buildUdp(bytes, 0, { sourcePort: source, destinationPort: destination, length, pseudo: pseudo(bytes.length) })
  return bytes
}

/** INIT, or DATA in the middle of an association. @rfc 9260 §3.3.2 */
function sctp(probe: PolicyProbe): Uint8Array {
  if (probe.state === 'invalid') throw new UndecidedProbe('an SCTP packet that is invalid is not made')
  const bytes = ending(SCTP_PACKET_LENGTH)
  const { source, destination } = portsOf(probe)
  const chunk = probe.state === 'established' ? 'DATA' : 'INIT'
  buildSctp(bytes, { sourcePort: source, destinationPort: destination, chunk })
  return bytes
}

/** A message of this type and code; an invalid one that would begin a connection has a wrong checksum. */
function icmp(probe: PolicyProbe, protocol: number, pseudo: (length: number) => number): Uint8Array {
  const bytes = ending(ICMP_HEADER_LENGTH + MARK.length)
  const fields = { type: probe.icmpType ?? 0, code: probe.icmpCode ?? 0, restOfHeader: echoWord(ECHO_ID, 1) }
  if (protocol === IP_PROTOCOL.ICMP) buildIcmp(bytes, 0, bytes.length, fields)
  else buildIcmpv6(bytes, 0, bytes.length, { ...fields, pseudo: pseudo(bytes.length) })
  if (probe.state === 'invalid' && mayBegin(probe)) bytes[ICMP_CHECKSUM]! ^= 0xff
  return bytes
}

/** Zeros; GRE and most other protocols have nothing that conntrack looks at. */
function plain(probe: PolicyProbe): Uint8Array {
  if (probe.state === 'invalid') throw new UndecidedProbe(`no packet of protocol ${probe.protocol} is invalid`)
  return ending(16)
}

/** Whether bytes end as the packets of probes do. */
export function isMarked(bytes: Uint8Array, end: number): boolean {
  return MARK.every((byte, i) => bytes[end - MARK.length + i] === byte)
}
