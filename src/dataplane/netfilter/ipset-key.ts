import type { IpSetType } from '../../model/index.ts'
import { ETHERNET_SOURCE, IP_PROTOCOL, macToKey, readU16, readU48, UDP_DESTINATION_PORT } from '../../wire/index.ts'
import { engineAddr } from './nat-range.ts'
import type { NfPacket } from './packet.ts'
import type { Addr } from './tuple.ts'

/** One dimension of a set. */
export type SetPart = 'ip' | 'net' | 'port' | 'mac'

/** Dimensions of the hash types. */
export const SET_PARTS: Readonly<Partial<Record<IpSetType, readonly SetPart[]>>> = {
  'hash:ip': ['ip'],
  'hash:net': ['net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:net,net': ['net', 'net'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:mac': ['mac'],
}

/** Names that `ipset save` writes, from `/etc/protocols`. */
const SET_PROTOCOLS: Readonly<Record<string, number>> = {
  igmp: IP_PROTOCOL.IGMP,
  ipencap: IP_PROTOCOL.IPIP,
  gre: IP_PROTOCOL.GRE,
  esp: IP_PROTOCOL.ESP,
  ah: IP_PROTOCOL.AH,
  ospf: IP_PROTOCOL.OSPF,
  dccp: IP_PROTOCOL.DCCP,
  tcp: IP_PROTOCOL.TCP,
  udp: IP_PROTOCOL.UDP,
  sctp: IP_PROTOCOL.SCTP,
  udplite: IP_PROTOCOL.UDPLITE,
  icmp: IP_PROTOCOL.ICMP,
  icmpv6: IP_PROTOCOL.ICMPV6,
  'ipv6-icmp': IP_PROTOCOL.ICMPV6,
}

const SET_ICMP: Readonly<Record<string, number>> = { ping: 0x800, 'echo-request': 0x800, pong: 0, 'echo-reply': 0 }

/** Protocol and port in one number: protocol * 65536 + port. */
export type ProtoPort = number

/** One member, in engine form: a value and, for addresses, a prefix length per dimension. */
export interface SetMember {
  /** Address, protocol and port, or MAC per dimension. */
  readonly values: readonly (Addr | ProtoPort)[]
  /** Prefix length per dimension; full length for hosts; 0 where there is no address. */
  readonly lengths: readonly number[]
}

/** Reads a member in the words of `ipset save`; undefined when it is none. A port range gives several. */
export function parseMember(text: string, parts: readonly SetPart[]): SetMember[] | undefined {
  const fields = text.split(',')
  if (fields.length !== parts.length) return undefined
  let members: SetMember[] = [{ values: [], lengths: [] }]
  for (const [i, part] of parts.entries()) {
    const choices = parsePart(fields[i]!, part)
    if (choices === undefined) return undefined
    members = members.flatMap((m) =>
      choices.map(([value, length]) => ({ values: [...m.values, value], lengths: [...m.lengths, length] })),
    )
  }
  return members
}

function parsePart(text: string, part: SetPart): [Addr, number][] | undefined {
  if (part === 'mac') return [[macToKey(text.toLowerCase()), 0]]
  if (part === 'port') return parsePorts(text)?.map((p): [Addr, number] => [p, 0])
  const slash = text.indexOf('/')
  const address = engineAddr(slash < 0 ? text : text.slice(0, slash))
  const full = typeof address === 'number' ? 32 : 128
  const length = slash < 0 ? full : Number(text.slice(slash + 1))
  return Number.isInteger(length) && length >= 0 && length <= full ? [[maskAddr(address, length), length]] : undefined
}

function parsePorts(text: string): ProtoPort[] | undefined {
  const colon = text.indexOf(':')
  const name = colon < 0 ? 'tcp' : text.slice(0, colon)
  const protocol = SET_PROTOCOLS[name] ?? Number(name)
  if (!Number.isInteger(protocol)) return undefined
  const rest = text.slice(colon + 1)
  if (protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6) {
    const [type, code] = rest.split('/')
    const word = SET_ICMP[rest] ?? Number(type) * 256 + Number(code ?? 0)
    return Number.isInteger(word) ? [protocol * 0x10000 + word] : undefined
  }
  const [low, high] = rest.split('-').map(Number)
  if (low === undefined || !Number.isInteger(low)) return undefined
  const out: ProtoPort[] = []
  for (let port = low; port <= (high ?? low); port++) out.push(protocol * 0x10000 + port)
  return out
}

/** The network of an address. */
export function maskAddr(addr: Addr, length: number): Addr {
  if (typeof addr === 'number') {
    if (length >= 32) return addr
    return length === 0 ? 0 : (addr & (-1 << (32 - length))) >>> 0
  }
  if (length >= 128) return addr
  const whole = length >>> 3
  const mask = (0xff00 >>> (length & 7)) & 0xff
  const split = String.fromCharCode(addr.charCodeAt(whole) & mask)
  return addr.slice(0, whole) + split + '\0'.repeat(15 - whole)
}

/** What a packet offers for a dimension: -1 when it has no such thing. */
export function partOfPacket(p: NfPacket, part: SetPart, source: boolean): Addr {
  switch (part) {
    case 'ip':
    case 'net':
      return source ? p.src : p.dst
    case 'port':
      return protoPortOf(p, source)
    case 'mac': {
      const { mac } = p.skb
      if (mac < 0 || p.indev === null || p.indev.hardHeaderLen !== 14) return -1
      return readU48(p.bytes, source ? mac + ETHERNET_SOURCE : mac)
    }
  }
}

/** @linux net/netfilter/ipset/ip_set_getport.c get_port */
function protoPortOf(p: NfPacket, source: boolean): ProtoPort {
  const { protocol } = p
  const icmp = protocol === (p.family === 'inet' ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)
  const ported =
    protocol === IP_PROTOCOL.TCP ||
    protocol === IP_PROTOCOL.UDP ||
    protocol === IP_PROTOCOL.SCTP ||
    protocol === IP_PROTOCOL.UDPLITE
  if (!icmp && !ported) return protocol * 0x10000
  if (p.fragmentOffset !== 0 || p.end - p.transport < 4) return -1
  if (icmp) return protocol * 0x10000 + readU16(p.bytes, p.transport)
  return protocol * 0x10000 + readU16(p.bytes, source ? p.transport : p.transport + UDP_DESTINATION_PORT)
}
