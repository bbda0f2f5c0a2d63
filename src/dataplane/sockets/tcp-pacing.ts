// How fast a connection would send if it paced itself. Nothing waits for it here; but the rate decides how many segments
// are handed down as one piece, and with that where a piece is cut when it must be sent again.
import { MILLISECOND, SECOND } from '../kernel/clock.ts'
import { segmentsOf } from './tcp-piece.ts'
import type { TcpSock } from './tcp-sock.ts'

/** Largest piece handed down, in bytes: what the length field allows less the largest headers (`sk_gso_max_size`). */
export const GSO_MAX: number = 65536 - 320
/** Least segments of a piece, whatever the rate (`net.ipv4.tcp_min_tso_segs`). */
const MIN_TSO_SEGS = 2
/** A piece holds what is sent in this part of a second (`sk_pacing_shift`). */
const PACING_SHIFT = 10
/** Near peers get larger pieces: the bonus halves with each step of this many microseconds, 2^9 (`net.ipv4.tcp_tso_rtt_log`). */
const TSO_RTT_LOG = 9
/** Twice what a round trip delivers in slow start, 1.2 times later (`tcp_pacing_ss_ratio`, `tcp_pacing_ca_ratio`). */
const SLOW_START_RATIO = 2
const AVOIDANCE_RATIO = 1.2
const MICROSECOND: number = MILLISECOND / 1000

/** Sets the pacing rate after an ACK. @linux net/ipv4/tcp_input.c tcp_update_pacing_rate */
export function updatePacingRate(sock: TcpSock): void {
  if (sock.srtt === 0) return
  const ratio = sock.cwnd < sock.ssthresh / 2 ? SLOW_START_RATIO : AVOIDANCE_RATIO
  const segments = Math.max(sock.cwnd, packetsOut(sock))
  sock.pacingRate = (sock.mss * ratio * segments * SECOND) / sock.srtt
}

/** Most segments of one piece at today's rate. @linux net/ipv4/tcp_output.c tcp_tso_autosize */
export function tsoSegments(sock: TcpSock, mss: number): number {
  const halvings = Math.floor(sock.minRtt / MICROSECOND) >>> TSO_RTT_LOG
  const bonus = halvings < 32 ? GSO_MAX >>> halvings : 0
  const bytes = Math.min(sock.pacingRate / 2 ** PACING_SHIFT + bonus, GSO_MAX)
  return Math.max(Math.floor(bytes / mss), MIN_TSO_SEGS)
}

/** Segments sent and not acknowledged. */
export function packetsOut(sock: TcpSock): number {
  let n = 0
  for (const skb of sock.rtx) n += segmentsOf(skb)
  return n
}
