import { type Conn, IPS_ASSURED, IPS_CONFIRMED, IPS_SEEN_REPLY } from './conn.ts'
import type { CtSettings } from './ct-settings.ts'

/** How long a UDP flow must last before it counts as a stream, in nanoseconds. */
const STREAM_AFTER = 2e9

/**
 * Follows one datagram of a connection.
 * @linux net/netfilter/nf_conntrack_proto_udp.c nf_conntrack_udp_packet
 */
export function udpPacket(conn: Conn, now: number, settings: CtSettings): void {
  if (!(conn.status & IPS_CONFIRMED)) conn.streamAt = now + STREAM_AFTER
  if (!(conn.status & IPS_SEEN_REPLY)) {
    conn.expires = now + settings.udp
    return
  }
  const stream = now > conn.streamAt
  conn.expires = now + (stream ? settings.udpStream : settings.udp)
  if (stream) conn.status |= IPS_ASSURED
}
