import {
  checksumHolds,
  ICMP_ID,
  IP_PROTOCOL,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  readU16,
  UDP_CHECKSUM,
  UDP_LENGTH,
} from '../../wire/index.ts'
import { IP_CT_DIR_REPLY } from '../kernel/conntrack.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { NF_PRE_ROUTING } from '../kernel/stack.ts'
import { type Conn, IPS_CONFIRMED, IPS_DYING, IPS_SEEN_REPLY } from './conn.ts'
import type { TupleEntry } from './conn-table.ts'
import { ctinfoOf, pseudoSum4 } from './conntrack.ts'
import type { CtSettings } from './ct-settings.ts'
import { SEGMENT_ACK, type Segment } from './tcp-track.ts'
import { saneFlags, tcpPacket } from './tcp-tracker.ts'
import { udpPacket } from './udp-tracker.ts'

/**
 * What conntrack would say of a packet whose addresses, protocol and ports (or type and code) are those of one whose connection was
 * found, if all it had to do with the connection were to {@link follow} it.
 *
 * @param at - its IPv4 header, without options; it is no fragment, and 20 bytes follow
 * @param s - where a TCP segment is read to
 * @returns the IP_CT_ constant; -1 = conntrack must look at the packet itself
 */
export function trackedAgain(
  ct: CtSettings,
  hook: number,
  skb: PacketBuffer,
  at: number,
  found: TupleEntry,
  now: number,
  s: Segment,
): number {
  const { conn, dir } = found
  const { status } = conn
  if ((status & (IPS_CONFIRMED | IPS_DYING)) !== IPS_CONFIRMED || conn.expires <= now || conn.zone !== 0) return -1
  if (dir === IP_CT_DIR_REPLY && (status & IPS_SEEN_REPLY) === 0) return -1
  const { bytes, tail } = skb
  const upper = at + IPV4_HEADER_LENGTH
  const isChecked = hook === NF_PRE_ROUTING && ct.checksum && !skb.isSummed(upper, tail)
  const protocol = bytes[at + IPV4_PROTOCOL] as number
  switch (protocol) {
    case IP_PROTOCOL.ICMP:
      if (readU16(bytes, upper + ICMP_ID) !== found.tuple.sport) return -1
      if (isChecked && !isRight(skb, upper, 0)) return -1
      break
    case IP_PROTOCOL.UDP:
      if (readU16(bytes, upper + UDP_LENGTH) !== tail - upper) return -1
      if (
        isChecked &&
        readU16(bytes, upper + UDP_CHECKSUM) !== 0 &&
        !isRight(skb, upper, pseudoSum4(bytes, at, protocol, tail - upper))
      )
        return -1
      break
    case IP_PROTOCOL.TCP:
      if (!s.read(bytes, upper, tail) || s.kind !== SEGMENT_ACK || !saneFlags(s.flags)) return -1
      if (isChecked && !isRight(skb, upper, pseudoSum4(bytes, at, protocol, tail - upper))) return -1
      break
    case IP_PROTOCOL.IPIP:
      break
    default:
      return -1
  }
  return ctinfoOf(conn, dir)
}

/**
 * Another packet of a connection that {@link trackedAgain} knows.
 * @returns whether it belongs to it: a segment may lie outside the window
 */
export function follow(ct: CtSettings, conn: Conn, ctinfo: number, now: number, s: Segment): boolean {
  switch (conn.original.protocol) {
    case IP_PROTOCOL.TCP:
      return tcpPacket(conn, ctinfo, s, now, ct) === 'accept'
    case IP_PROTOCOL.ICMP:
      conn.expires = now + ct.icmp
      return true
    case IP_PROTOCOL.UDP:
      udpPacket(conn, now, ct)
      return true
    default:
      conn.expires = now + ct.generic
      return true
  }
}

/** Whether the checksum of an upper layer is right. */
function isRight(skb: PacketBuffer, upper: number, initial: number): boolean {
  if (!checksumHolds(skb.bytes, upper, skb.tail, initial)) return false
  skb.summed(upper, skb.tail)
  return true
}
