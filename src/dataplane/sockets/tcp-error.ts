import type { NetNs } from '../netns.ts'
import type { PacketBuffer } from '../skb.ts'
import type { QuotedError } from './socket-error.ts'

/** An ICMP error about a TCP segment of ours. @linux net/ipv4/tcp_ipv4.c tcp_v4_err */
export function tcpErr(_ns: NetNs, _skb: PacketBuffer, _e: QuotedError): void {}
