// A router with two legs and whatever rules a test wants; packets go through single hooks or the whole way across.
import type { NetNs } from '../../../src/dataplane/index.ts'
import { type PacketBuffer, Simulation } from '../../../src/dataplane/index.ts'
import { parseNamespaceDump } from '../../../src/linux/index.ts'
import type { DropCause, NamespaceParts } from '../../../src/model/index.ts'
import { iface, namespace, networkOf, route } from '../../../src/model/index.ts'
import {
  buildIcmp,
  buildIcmpv6,
  buildIpv4Header,
  buildIpv6Header,
  buildTcp,
  buildUdp,
  ipv4ToNumber,
  ipv6ToKey,
  pseudoHeaderSum,
  pseudoHeaderSum6,
  TCP_FLAG,
  type TcpOption,
  tcpHeaderLength,
  writeU16,
} from '../../../src/wire/index.ts'

export const HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const
export type HookName = keyof typeof HOOK

export interface Bench {
  readonly sim: Simulation
  readonly ns: NetNs
  readonly drops: DropCause[]
  /** Runs one hook; the verdict: 0 drop, 1 accept, 2 stolen. */
  hook(name: HookName, skb: PacketBuffer, indev?: string, outdev?: string): number
  /** PREROUTING, routing, FORWARD, POSTROUTING; false when it ended on the way. */
  across(skb: PacketBuffer, indev?: string): boolean
  /** PREROUTING and INPUT. */
  inward(skb: PacketBuffer, indev?: string): boolean
  /** Packets that hit rule n (from 0) of a chain. */
  hits(table: 'raw' | 'mangle' | 'nat' | 'filter', chain: string, rule?: number): number
}

export interface BenchParts extends NamespaceParts {
  readonly iptables6?: string
  readonly ipset?: string
  readonly seed?: number
}

/** `in0` is 10.0.0.1/24 and fd00:a::1/64, `out0` 192.0.2.1/24 and fd00:b::1/64; the world is behind 192.0.2.254. */
export function bench(iptables: string, parts: BenchParts = {}): Bench {
  const { iptables6, ipset, seed, ...rest } = parts
  const dump = parseNamespaceDump('r', 'router', {
    'iptables.txt': iptables,
    ...(iptables6 === undefined ? {} : { 'ip6tables.txt': iptables6 }),
    ...(ipset === undefined ? {} : { 'ipset.txt': ipset }),
  })
  const { iptables: rules, ip6tables, ipsets } = dump.namespace
  const r = namespace('r', {
    forwarding: true,
    interfaces: [
      iface({ name: 'in0', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', 'fd00:a::1/64'] }),
      iface({ name: 'out0', mac: '02:00:00:00:00:02', addresses: ['192.0.2.1/24', 'fd00:b::1/64'] }),
    ],
    routes: [route('default', { via: '192.0.2.254', dev: 'out0' }), route('198.18.0.0/15', { dev: 'in0' })],
    ...rest,
    ...(rules === undefined ? {} : { iptables: rules }),
    ...(ip6tables === undefined ? {} : { ip6tables }),
    ...(ipsets === undefined ? {} : { ipsets }),
  })
  const sim = new Simulation(networkOf([r]), { seed: seed ?? 1 })
  const drops: DropCause[] = []
  sim.onDrop = (cause) => drops.push(cause)
  const ns = sim.netns('r')
  const dev = (name: string | undefined) => (name === undefined ? null : (ns.byName.get(name) ?? null))
  const hook: Bench['hook'] = (name, skb, indev, outdev) => {
    const family = skb.protocol === 0x86dd ? 'inet6' : 'inet'
    return sim.stack.nfHook(family, HOOK[name], skb, dev(indev), dev(outdev))
  }
  const pre = (skb: PacketBuffer, indev: string): boolean => {
    skb.dev = dev(indev)
    return hook('PREROUTING', skb, indev) === 1
  }
  return {
    sim,
    ns,
    drops,
    hook,
    across: (skb, indev = 'in0') => {
      if (!pre(skb, indev)) return false
      const out = outputOf(sim, skb, indev)
      return hook('FORWARD', skb, indev, out) === 1 && hook('POSTROUTING', skb, indev, out) === 1
    },
    inward: (skb, indev = 'in0') => pre(skb, indev) && hook('INPUT', skb, indev) === 1,
    hits: (table, chain, rule = 0) => ns.nf?.counter('inet', table, chain, rule)[0] ?? 0,
  }
}

function outputOf(sim: Simulation, skb: PacketBuffer, indev: string): string {
  if (skb.protocol === 0x86dd) return indev === 'in0' ? 'out0' : 'in0'
  const { bytes, network: at } = skb
  const ns = sim.netns('r')
  const read = (o: number): number =>
    ((bytes[o]! << 24) | (bytes[o + 1]! << 16) | (bytes[o + 2]! << 8) | bytes[o + 3]!) >>> 0
  const cause = sim.stack.ipRouteInput(skb, read(at + 16), read(at + 12), 0, ns.byName.get(indev)!)
  if (cause !== null || skb.dst === null) throw new Error(`the test's packet cannot be routed: ${cause}`)
  return skb.dst.dev.name
}

export interface PacketParts {
  readonly src?: string
  readonly dst?: string
  readonly ttl?: number
  readonly tos?: number
  readonly mark?: number
  readonly fragmentOffset?: number
  readonly mf?: boolean
}

function newPacket(b: Bench, headerLength: number, protocol: number): PacketBuffer {
  const skb = b.sim.newSkb(headerLength)
  skb.bytes.fill(0xa5, 0, skb.data)
  skb.network = skb.data
  skb.protocol = protocol
  return skb
}

/** An IPv4 packet of any protocol. */
export function ip4(b: Bench, protocol: number, payload: Uint8Array, parts: PacketParts = {}): PacketBuffer {
  const skb = newPacket(b, 20 + payload.length, 0x0800)
  const source = ipv4ToNumber(parts.src ?? '10.0.0.2')
  const destination = ipv4ToNumber(parts.dst ?? '203.0.113.9')
  skb.bytes.set(payload, skb.data + 20)
  const fields = { source, destination, protocol, ttl: parts.ttl ?? 64, tos: parts.tos ?? 0 }
  const fragment = { fragmentOffset: parts.fragmentOffset ?? 0, mf: parts.mf ?? false }
  buildIpv4Header(skb.bytes, skb.data, { ...fields, ...fragment, totalLength: 20 + payload.length })
  skb.transport = skb.data + 20
  skb.mark = parts.mark ?? 0
  return skb
}

const TEXT = new Uint8Array(24).map((_, i) => 97 + i)

/** A UDP datagram, `sport` to `dport`. */
export function udp(
  b: Bench,
  sport = 1000,
  dport = 53,
  parts: PacketParts & { checksum?: boolean } = {},
): PacketBuffer {
  const bytes = new Uint8Array(8 + TEXT.length)
  bytes.set(TEXT, 8)
  const pseudo = sumOf(parts, 17, bytes.length)
  buildUdp(bytes, 0, { sourcePort: sport, destinationPort: dport, length: bytes.length, pseudo })
  if (parts.checksum === false) writeU16(bytes, 6, 0)
  return ip4(b, 17, bytes, parts)
}

export interface SegmentParts extends PacketParts {
  readonly seq?: number
  readonly ack?: number
  readonly win?: number
  readonly data?: number
  readonly options?: readonly TcpOption[]
}

/** A TCP segment with flags in letters: S A F R P U. */
export function tcp(b: Bench, sport: number, dport: number, flags: string, parts: SegmentParts = {}): PacketBuffer {
  const letters = {
    S: TCP_FLAG.SYN,
    A: TCP_FLAG.ACK,
    F: TCP_FLAG.FIN,
    R: TCP_FLAG.RST,
    P: TCP_FLAG.PSH,
    U: TCP_FLAG.URG,
  }
  let bits = 0
  for (const c of flags) bits |= letters[c as keyof typeof letters]
  const headerLength = tcpHeaderLength(parts.options)
  const bytes = new Uint8Array(headerLength + (parts.data ?? 0))
  buildTcp(bytes, 0, bytes.length, {
    sourcePort: sport,
    destinationPort: dport,
    sequence: parts.seq ?? 0,
    acknowledgment: parts.ack ?? 0,
    flags: bits,
    window: parts.win ?? 65535,
    pseudo: sumOf(parts, 6, bytes.length),
    ...(parts.options === undefined ? {} : { options: parts.options }),
  })
  return ip4(b, 6, bytes, parts)
}

/** An ICMP message. */
export function icmp(
  b: Bench,
  type: number,
  code: number,
  word: number,
  body: Uint8Array,
  parts: PacketParts = {},
): PacketBuffer {
  const bytes = new Uint8Array(8 + body.length)
  bytes.set(body, 8)
  buildIcmp(bytes, 0, bytes.length, { type, code, restOfHeader: word >>> 0 })
  return ip4(b, 1, bytes, parts)
}

/** An echo request with an identifier. */
export function echo(b: Bench, id = 7, parts: PacketParts = {}): PacketBuffer {
  return icmp(b, 8, 0, id * 0x10000 + 1, TEXT, parts)
}

/** An ICMPv6 or UDP packet over IPv6. */
export function ip6(
  b: Bench,
  nextHeader: number,
  payload: Uint8Array,
  src = 'fd00:a::2',
  dst = 'fd00:b::9',
): PacketBuffer {
  const skb = newPacket(b, 40 + payload.length, 0x86dd)
  skb.bytes.set(payload, skb.data + 40)
  const ends = { source: ipv6ToKey(src), destination: ipv6ToKey(dst) }
  buildIpv6Header(skb.bytes, skb.data, { ...ends, nextHeader, hopLimit: 64, payloadLength: payload.length })
  skb.transport = skb.data + 40
  return skb
}

/** An ICMPv6 message. */
export function icmp6(b: Bench, type: number, word: number, body: Uint8Array, src: string, dst: string): PacketBuffer {
  const skb = ip6(b, 58, new Uint8Array(8 + body.length), src, dst)
  skb.bytes.set(body, skb.transport + 8)
  const pseudo = pseudoHeaderSum6(skb.bytes, skb.network, 58, 8 + body.length)
  buildIcmpv6(skb.bytes, skb.transport, skb.tail, { type, code: 0, restOfHeader: word, pseudo })
  return skb
}

/** A UDP datagram over IPv6. */
export function udp6(b: Bench, sport: number, dport: number, src = 'fd00:a::2', dst = 'fd00:b::9'): PacketBuffer {
  const bytes = new Uint8Array(8 + TEXT.length)
  bytes.set(TEXT, 8)
  const skb = ip6(b, 17, bytes, src, dst)
  const pseudo = pseudoHeaderSum6(skb.bytes, skb.network, 17, bytes.length)
  buildUdp(skb.bytes, skb.transport, { sourcePort: sport, destinationPort: dport, length: bytes.length, pseudo })
  return skb
}

function sumOf(parts: PacketParts, protocol: number, length: number): number {
  return pseudoHeaderSum(
    ipv4ToNumber(parts.src ?? '10.0.0.2'),
    ipv4ToNumber(parts.dst ?? '203.0.113.9'),
    protocol,
    length,
  )
}

/** The IP packet as bytes. */
export function bytesOf(skb: PacketBuffer): Uint8Array {
  return skb.bytes.slice(skb.network, skb.tail)
}

/** `src:sport > dst:dport` of a UDP or TCP packet, read from its bytes. */
export function flowOf(skb: PacketBuffer): string {
  const b = bytesOf(skb)
  const at = (b[0]! & 15) * 4
  const port = (o: number): number => (b[o]! << 8) | b[o + 1]!
  return `${b.slice(12, 16).join('.')}:${port(at)} > ${b.slice(16, 20).join('.')}:${port(at + 2)}`
}

/** `src > dst id` of an ICMP echo. */
export function echoOf(skb: PacketBuffer): string {
  const b = bytesOf(skb)
  return `${b.slice(12, 16).join('.')} > ${b.slice(16, 20).join('.')} ${(b[24]! << 8) | b[25]!}`
}

/** Rules of one table with policies ACCEPT, as iptables-save writes them. */
export function table(name: 'raw' | 'mangle' | 'nat' | 'filter', ...rules: string[]): string {
  const base = {
    raw: ['PREROUTING', 'OUTPUT'],
    mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  }[name]
  const user = new Set(rules.map((r) => r.split(' ')[1]!).filter((c) => !base.includes(c)))
  const chains = [...base.map((c) => `:${c} ACCEPT [0:0]`), ...[...user].map((c) => `:${c} - [0:0]`)]
  return [`*${name}`, ...chains, ...rules, 'COMMIT', ''].join('\n')
}
