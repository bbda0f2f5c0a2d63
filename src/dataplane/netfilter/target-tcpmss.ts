import type { Target } from '../../model/index.ts'
import {
  IPV4_CHECKSUM,
  readU16,
  TCP_CHECKSUM,
  TCP_DATA_OFFSET,
  TCP_OPTION,
  TCP_OPTION_DATA,
  TCP_OPTION_LENGTH,
  updateChecksum16,
  writeU16,
} from '../../wire/index.ts'
import type { Dst, RouteError } from '../kernel/dst.ts'
import { NF_DROP, NO_PACKET } from '../kernel/stack.ts'
import type { NfPacket } from './packet.ts'
import { CONTINUE, type TargetFn } from './rule.ts'

/** Length of the MSS option. */
const MSS_LENGTH = 4
/** What a peer assumes that is told no MSS. @rfc 9293 §3.7.1, @rfc 8200 §8.3 */
const DEFAULT_MSS = { inet: 536, inet6: 1220 } as const

/**
 * TCPMSS: lowers the MSS option of a SYN, or adds one.
 * @linux net/netfilter/xt_TCPMSS.c tcpmss_mangle_packet
 */
export function tcpmssTarget(t: Extract<Target, { kind: 'TCPMSS' }>): TargetFn {
  return (p) => {
    if (p.fragmentOffset !== 0) return CONTINUE
    const room = p.end - p.transport
    const headerLength = room < 20 ? 0 : (p.bytes[p.transport + TCP_DATA_OFFSET]! >>> 4) * 4
    if (headerLength < 20 || room < headerLength) return NF_DROP
    const mss = t.clampToPmtu ? clampedMss(p) : (t.mss ?? 0)
    if (mss < 0) return NF_DROP
    if (lowerMss(p, headerLength, mss)) return CONTINUE
    if (room > headerLength || headerLength >= 60) return CONTINUE
    insertMss(p, Math.min(mss, DEFAULT_MSS[p.family]))
    return CONTINUE
  }
}

/** The smaller MTU of both ways less the headers; -1 when not even they fit. */
function clampedMss(p: NfPacket): number {
  const headers = (p.family === 'inet' ? 20 : 40) + 20
  const mtu = Math.min(p.skb.dst?.mtu ?? 0xffffffff, reverseMtu(p))
  return mtu <= headers ? -1 : mtu - headers
}

function reverseMtu(p: NfPacket): number {
  const { stack } = p.ns.sim
  const none = { tos: 0, mark: 0, oif: null, iif: null, proto: 0, sport: 0, dport: 0 }
  const back: Dst | RouteError =
    p.family === 'inet'
      ? stack.ipRouteOutput(p.ns, { ...none, daddr: p.src4, saddr: 0, anySource: false, packet: NO_PACKET })
      : stack.ip6RouteOutput(p.ns, { ...none, tclass: 0, daddr: p.src6Key, saddr: '' })
  return typeof back === 'string' ? 0xffffffff : back.mtu
}

/** True when there is an MSS option; it is only ever lowered. */
function lowerMss(p: NfPacket, headerLength: number, mss: number): boolean {
  const { bytes, transport } = p
  const end = transport + headerLength
  for (let i = transport + 20; i <= end - MSS_LENGTH; ) {
    const kind = bytes[i]!
    if (kind === TCP_OPTION.MSS && bytes[i + TCP_OPTION_LENGTH] === MSS_LENGTH) {
      const old = readU16(bytes, i + TCP_OPTION_DATA)
      if (old <= mss) return true
      changeWord(p, i + 2, mss)
      return true
    }
    i += kind <= TCP_OPTION.NOP ? 1 : bytes[i + TCP_OPTION_LENGTH]! || 1
  }
  return false
}

/** Writes a 16-bit field of the TCP header, which may lie at an odd offset, and mends the checksum. */
function changeWord(p: NfPacket, at: number, value: number): void {
  const { bytes, transport } = p
  const odd = ((at - transport) & 1) === 1
  const swap = (x: number): number => (odd ? ((x & 0xff) << 8) | (x >>> 8) : x)
  const sumAt = transport + TCP_CHECKSUM
  writeU16(bytes, sumAt, updateChecksum16(readU16(bytes, sumAt), swap(readU16(bytes, at)), swap(value)))
  writeU16(bytes, at, value)
}

/** Puts an MSS option in front of the other options: four bytes more. */
function insertMss(p: NfPacket, mss: number): void {
  const { skb } = p
  grow(p, MSS_LENGTH)
  const { bytes } = skb
  const options = p.transport + 20
  bytes.copyWithin(options + MSS_LENGTH, options, skb.tail - MSS_LENGTH)
  bytes[options] = TCP_OPTION.MSS
  bytes[options + TCP_OPTION_LENGTH] = MSS_LENGTH
  writeU16(bytes, options + TCP_OPTION_DATA, mss)
  const sumAt = p.transport + TCP_CHECKSUM
  let sum = readU16(bytes, sumAt)
  const length = skb.tail - p.transport
  sum = updateChecksum16(sum, length - MSS_LENGTH, length)
  sum = updateChecksum16(sum, 0, (TCP_OPTION.MSS << 8) | MSS_LENGTH)
  sum = updateChecksum16(sum, 0, mss)
  const old = readU16(bytes, p.transport + TCP_DATA_OFFSET)
  sum = updateChecksum16(sum, old, old + 0x1000)
  writeU16(bytes, p.transport + TCP_DATA_OFFSET, old + 0x1000)
  writeU16(bytes, sumAt, sum)
  lengthen(p)
  p.load()
}

/** Makes the packet n bytes longer at its end. */
function grow(p: NfPacket, n: number): void {
  const { skb } = p
  if (skb.tail + n > skb.bytes.length) {
    const longer = new Uint8Array(skb.tail + n)
    longer.set(skb.bytes)
    skb.bytes = longer
    p.bytes = longer
  }
  skb.tail += n
}

function lengthen(p: NfPacket): void {
  const { bytes, at } = p
  const field = p.family === 'inet' ? at + 2 : at + 4
  const old = readU16(bytes, field)
  if (p.family === 'inet')
    writeU16(bytes, at + IPV4_CHECKSUM, updateChecksum16(readU16(bytes, at + IPV4_CHECKSUM), old, old + MSS_LENGTH))
  writeU16(bytes, field, old + MSS_LENGTH)
}
