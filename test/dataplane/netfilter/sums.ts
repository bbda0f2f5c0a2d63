// Whether all checksums of a packet are right, the quoted packet of an ICMP error included as far as it goes.
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { checksum, pseudoHeaderSum, pseudoHeaderSum6, readU16, readU32 } from '../../../src/wire/index.ts'

/** Names of the checksums that are wrong; empty = all right. */
export function wrongSums(skb: PacketBuffer): string[] {
  return skb.protocol === 0x86dd
    ? wrong6(skb.bytes, skb.network, skb.tail)
    : wrong4(skb.bytes, skb.network, skb.tail, false)
}

function wrong4(b: Uint8Array, at: number, end: number, quoted: boolean): string[] {
  const bad: string[] = []
  const head = (b[at]! & 15) * 4
  if (checksum(b, at, at + head) !== 0) bad.push(quoted ? 'quoted ip' : 'ip')
  const l4 = at + head
  const protocol = b[at + 9]!
  const whole = end - at >= readU16(b, at + 2)
  if (protocol === 1) {
    if (whole && checksum(b, l4, end) !== 0) bad.push('icmp')
    if (!quoted && [3, 11, 5].includes(b[l4]!)) bad.push(...wrong4(b, l4 + 8, end, true))
    return bad
  }
  if (!whole || (protocol === 17 && readU16(b, l4 + 6) === 0)) return bad
  const pseudo = pseudoHeaderSum(readU32(b, at + 12), readU32(b, at + 16), protocol, end - l4)
  if ((protocol === 6 || protocol === 17) && checksum(b, l4, end, pseudo) !== 0) bad.push(quoted ? 'quoted l4' : 'l4')
  return bad
}

function wrong6(b: Uint8Array, at: number, end: number): string[] {
  const protocol = b[at + 6]!
  const sum = checksum(b, at + 40, end, pseudoHeaderSum6(b, at, protocol, end - at - 40))
  return sum === 0 ? [] : ['l4']
}
