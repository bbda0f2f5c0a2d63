import type { Match, PortRange } from '../../model/index.ts'
import {
  ETHERNET_SOURCE,
  ICMP_CODE,
  INADDR_BROADCAST,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_PAYLOAD_LENGTH,
  macToKey,
  readU16,
  readU32,
  readU48,
  TCP_DATA_OFFSET,
  TCP_FLAGS,
  TCP_OPTION,
  TCP_OPTION_LENGTH,
  UDP_DESTINATION_PORT,
} from '../../wire/index.ts'
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST } from '../kernel/skb.ts'
import { maskAddr } from './ipset-key.ts'
import { engineAddr, enginePrefix } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import type { MatchFn } from './rule.ts'
import type { Addr } from './tuple.ts'
import { passesU32 } from './u32.ts'

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>

/** Matches a device name; a `+` at the end stands for any rest. No device at all has the empty name. */
export function interfaceMatch(m: Of<'in-interface' | 'out-interface'>): MatchFn {
  const invert = m.invert === true
  const input = m.kind === 'in-interface'
  if (!m.name.endsWith('+')) {
    const { name } = m
    return input ? (p) => (p.inName === name) !== invert : (p) => (p.outName === name) !== invert
  }
  const prefix = m.name.slice(0, -1)
  return input ? (p) => p.inName.startsWith(prefix) !== invert : (p) => p.outName.startsWith(prefix) !== invert
}

/** `-p`. IPv6 looks behind the extension headers. */
export function protocolMatch(m: Of<'protocol'>): MatchFn {
  const invert = m.invert === true
  const { protocol } = m
  return (p) => p.transportFound && (p.protocol === protocol) !== invert
}

/** `-s` and `-d`. */
export function prefixMatch(m: Of<'source' | 'destination'>): MatchFn {
  const invert = m.invert === true
  const { network, length } = enginePrefix(m.prefix)
  const source = m.kind === 'source'
  if (typeof network === 'number') {
    const mask = length === 0 ? 0 : (-1 << (32 - length)) | 0
    const net = network & mask
    return source ? (p) => ((p.src4 & mask) === net) !== invert : (p) => ((p.dst4 & mask) === net) !== invert
  }
  return (p) => (maskAddr(source ? p.src6Key : p.dst6Key, length) === network) !== invert
}

/** `-f`: second and further fragments. */
export function fragmentMatch(m: Of<'fragment'>): MatchFn {
  const invert = m.invert === true
  return (p) => (p.fragmentOffset !== 0) !== invert
}

type Ported = Of<'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite'>

const MIN_HEADER: Readonly<Record<Ported['kind'], number>> = { tcp: 20, udp: 8, udplite: 8, sctp: 12, dccp: 12 }

function inPorts(port: number, range: PortRange): boolean {
  return port >= range.low && port <= range.high
}

/** `-m tcp`, `-m udp` and their like: ports, flags, options. Only first fragments match; a cut header is dropped at once. */
export function portMatch(m: Ported): MatchFn {
  const { sport, dport, flags, option } = m
  const min = MIN_HEADER[m.kind]
  return (p) => {
    if (p.fragmentOffset !== 0) {
      // rewriting flags by an overlapping second fragment
      if (m.kind === 'tcp' && p.fragmentOffset === 8) p.hotdrop = true
      return false
    }
    if (p.end - p.transport < min) {
      p.hotdrop = true
      return false
    }
    if (sport && inPorts(readU16(p.bytes, p.transport), sport) === (sport.invert === true)) return false
    if (dport && inPorts(readU16(p.bytes, p.transport + UDP_DESTINATION_PORT), dport) === (dport.invert === true))
      return false
    if (flags && ((p.bytes[p.transport + TCP_FLAGS]! & flags.mask) === flags.comp) === (flags.invert === true))
      return false
    return !option || hasTcpOption(p, option.number) !== (option.invert === true)
  }
}

function hasTcpOption(p: NfPacket, number: number): boolean {
  const headerLength = (p.bytes[p.transport + TCP_DATA_OFFSET]! >>> 4) * 4
  const end = p.transport + headerLength
  if (headerLength < 20 || end > p.end) {
    p.hotdrop = true
    return false
  }
  for (let i = p.transport + 20; i < end; ) {
    const kind = p.bytes[i]!
    if (kind === number) return true
    i += kind <= TCP_OPTION.NOP ? 1 : p.bytes[i + TCP_OPTION_LENGTH]! || 1
  }
  return false
}

/** Any ICMP type. */
const ANY_TYPE = 0xff

/** `-m icmp` and `-m icmp6`. */
export function icmpMatch(m: Of<'icmp' | 'icmp6'>): MatchFn {
  const invert = m.invert === true
  const { type, code } = m
  const any = m.kind === 'icmp' && type === ANY_TYPE
  return (p) => {
    if (p.fragmentOffset !== 0) return false
    if (p.end - p.transport < 4) {
      p.hotdrop = true
      return false
    }
    const holds = any || (p.bytes[p.transport] === type && (!code || inPorts(p.bytes[p.transport + ICMP_CODE]!, code)))
    return holds !== invert
  }
}

/** `-m multiport`. */
export function multiportMatch(m: Of<'multiport'>): MatchFn {
  const invert = m.invert === true
  const { side, ports } = m
  const listed = (port: number): boolean => {
    for (const range of ports) if (port >= range.low && port <= range.high) return true
    return false
  }
  return (p) => {
    if (p.fragmentOffset !== 0) return false
    if (p.end - p.transport < 4) {
      p.hotdrop = true
      return false
    }
    const source = side !== 'dports' && listed(readU16(p.bytes, p.transport))
    const destination = side !== 'sports' && listed(readU16(p.bytes, p.transport + UDP_DESTINATION_PORT))
    return (source || destination) !== invert
  }
}

/** `-m iprange`. */
export function iprangeMatch(m: Of<'iprange'>): MatchFn {
  const compile = (r: NonNullable<typeof m.src>) => ({
    from: engineAddr(r.from),
    to: engineAddr(r.to),
    invert: r.invert === true,
  })
  const src = m.src && compile(m.src)
  const dst = m.dst && compile(m.dst)
  const outside = (addr: Addr, r: { from: Addr; to: Addr; invert: boolean }): boolean =>
    (addr >= r.from && addr <= r.to) === r.invert
  return (p) => !(src && outside(p.src, src)) && !(dst && outside(p.dst, dst))
}

/** `-m length`: of the IP packet (IPv6: with its header). */
export function lengthMatch(m: Of<'length'>): MatchFn {
  const invert = m.invert === true
  return (p) => {
    const length =
      p.family === 'inet'
        ? readU16(p.bytes, p.at + IPV4_TOTAL_LENGTH)
        : readU16(p.bytes, p.at + IPV6_PAYLOAD_LENGTH) + IPV6_HEADER_LENGTH
    return inPorts(length, m.range) !== invert
  }
}

/** `-m ttl` and `-m hl`. */
export function ttlMatch(m: Of<'ttl'>): MatchFn {
  const invert = m.invert === true
  return (p) => {
    const ttl = p.bytes[p.at + (p.family === 'inet' ? 8 : 7)]!
    const holds = m.op === 'eq' ? ttl === m.ttl : m.op === 'lt' ? ttl < m.ttl : ttl > m.ttl
    return holds !== invert
  }
}

/** `-m u32`: words of the packet, found by steps, against ranges. */
export function u32Match(m: Of<'u32'>): MatchFn {
  const invert = m.invert === true
  const { tests } = m
  return (p) => tests.every((test) => passesU32(p.bytes, p.at, p.end - p.at, test)) !== invert
}

/** The TOS byte or traffic class. */
export function tosOf(p: NfPacket): number {
  return p.family === 'inet' ? p.bytes[p.at + IPV4_TOS]! : (readU32(p.bytes, p.at) >>> 20) & 0xff
}

/** `-m tos` and `-m dscp`. */
export function tosMatch(m: Of<'tos' | 'dscp'>): MatchFn {
  const invert = m.invert === true
  const shift = m.kind === 'dscp' ? 2 : 0
  return (p) => (((tosOf(p) >>> shift) & m.mask) === m.value) !== invert
}

const PACKET_TYPES = { unicast: PACKET_HOST, broadcast: PACKET_BROADCAST, multicast: PACKET_MULTICAST } as const

/** `-m pkttype`. What came over loopback is judged by its destination address. */
export function pkttypeMatch(m: Of<'pkttype'>): MatchFn {
  const invert = m.invert === true
  const wanted = PACKET_TYPES[m.type]
  return (p) => (effectiveType(p) === wanted) !== invert
}

function effectiveType(p: NfPacket): number {
  if (p.indev !== null && !p.indev.loopback) return p.skb.pktType
  if (p.family === 'inet') {
    if (p.dst4 >>> 28 === 14) return PACKET_MULTICAST
    return p.dst4 === INADDR_BROADCAST ? PACKET_BROADCAST : PACKET_HOST
  }
  return p.dst6Key.charCodeAt(0) === 0xff ? PACKET_MULTICAST : PACKET_HOST
}

/** `-m mac`: only what came in over Ethernet has one. */
export function macMatch(m: Of<'mac'>): MatchFn {
  const invert = m.invert === true
  const wanted = macToKey(m.source.toLowerCase())
  return (p) => {
    const { mac } = p.skb
    if (mac < 0 || p.indev === null || p.indev.hardHeaderLen !== 14) return false
    return (readU48(p.bytes, mac + ETHERNET_SOURCE) === wanted) !== invert
  }
}
