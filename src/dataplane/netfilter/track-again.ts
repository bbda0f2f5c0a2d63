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
import { type Conn, IPS_ASSURED, IPS_CONFIRMED, IPS_DYING, IPS_SEEN_REPLY } from './conn.ts'
import type { TupleEntry } from './conn-table.ts'
import { ctinfoOf } from './conntrack.ts'
import type { CtSettings } from './ct-settings.ts'

/**
 * What conntrack would say of a packet whose addresses, protocol and ports (or type and code) are those of one whose connection was
 * found, if all it had to do with the connection were to put off its end ({@link putOff}).
 *
 * @param at - its IPv4 header, without options; it is no fragment, and 20 bytes follow
 * @returns the IP_CT_ constant; -1 = conntrack must look at the packet itself
 */
export function trackedAgain(
  ct: CtSettings,
  hook: number,
  skb: PacketBuffer,
  at: number,
  found: TupleEntry,
  now: number,
): number {
  const { conn, dir } = found
  const { status } = conn
  if ((status & (IPS_CONFIRMED | IPS_DYING)) !== IPS_CONFIRMED || conn.expires <= now || conn.zone !== 0) return -1
  if (dir === IP_CT_DIR_REPLY && (status & IPS_SEEN_REPLY) === 0) return -1
  const upper = at + IPV4_HEADER_LENGTH
  const isChecked = hook === NF_PRE_ROUTING && ct.checksum
  switch (skb.bytes[at + IPV4_PROTOCOL]) {
    case IP_PROTOCOL.ICMP:
      if (readU16(skb.bytes, upper + ICMP_ID) !== found.tuple.sport) return -1
      if (isChecked && !isSummed(skb, upper)) return -1
      break
    case IP_PROTOCOL.UDP:
      if (isStream(conn, now) && (status & IPS_ASSURED) === 0) return -1
      if (readU16(skb.bytes, upper + UDP_LENGTH) !== skb.tail - upper) return -1
      if (isChecked && readU16(skb.bytes, upper + UDP_CHECKSUM) !== 0 && !skb.isSummed(upper, skb.tail)) return -1
      break
    case IP_PROTOCOL.IPIP:
      break
    default:
      return -1
  }
  return ctinfoOf(conn, dir)
}

/** Another packet of a connection, which {@link trackedAgain} has taken for one, puts off its end. */
export function putOff(ct: CtSettings, conn: Conn, now: number): void {
  const { protocol } = conn.original
  if (protocol === IP_PROTOCOL.ICMP) conn.expires = now + ct.icmp
  else if (protocol === IP_PROTOCOL.UDP) conn.expires = now + (isStream(conn, now) ? ct.udpStream : ct.udp)
  else conn.expires = now + ct.generic
}

/** @linux net/netfilter/nf_conntrack_proto_udp.c nf_conntrack_udp_packet */
function isStream(conn: Conn, now: number): boolean {
  return (conn.status & IPS_SEEN_REPLY) !== 0 && now > conn.streamAt
}

/** Whether the checksum of an ICMP message is right. */
function isSummed(skb: PacketBuffer, upper: number): boolean {
  if (skb.isSummed(upper, skb.tail)) return true
  if (!checksumHolds(skb.bytes, upper, skb.tail)) return false
  skb.summed(upper, skb.tail)
  return true
}
