import {
  TCP_ACKNOWLEDGMENT,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAG,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import { tcpIpSend } from './tcp-ip.ts'
import { has, type Segment } from './tcp-segment.ts'

/**
 * Answers a segment with a reset: on nobody's behalf, or for a connection that cannot take it. Never answers a reset, nor
 * what was not sent to this host.
 * @linux net/ipv4/tcp_ipv4.c tcp_v4_send_reset; net/ipv6/tcp_ipv6.c tcp_v6_send_reset
 */
export function tcpSendReset(s: Segment): void {
  if (has(s, TCP_FLAG.RST)) return
  const dev = s.skb.dev
  if (s.skb.dst !== null && s.skb.dst.kind !== 'local') return
  const { ns } = dev
  const reset = ns.sim.newSkb(TCP_HEADER_LENGTH)
  const { bytes, data: at } = reset
  writeU16(bytes, at, s.dport)
  writeU16(bytes, at + TCP_DESTINATION_PORT, s.sport)
  bytes[at + TCP_DATA_OFFSET] = 5 << 4
  if (has(s, TCP_FLAG.ACK)) {
    writeU32(bytes, at + TCP_SEQUENCE, s.ack)
    bytes[at + TCP_FLAGS] = TCP_FLAG.RST
  } else {
    writeU32(bytes, at + TCP_ACKNOWLEDGMENT, s.endSeq)
    bytes[at + TCP_FLAGS] = TCP_FLAG.RST | TCP_FLAG.ACK
  }
  const { saddr, daddr } = s.ends
  const mark = ns.ip.fwmarkReflect ? s.skb.mark : 0
  tcpIpSend(ns, null, reset, { saddr: daddr, daddr: saddr, tos: s.tos, ttl: -1, id: 0, df: true, mark }, null)
}
