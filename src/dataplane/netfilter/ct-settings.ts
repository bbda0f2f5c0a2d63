import type { Namespace } from '../../model/index.ts'
import { sysctlOf } from '../../model/index.ts'

/** Conntrack sysctls of a namespace; times in nanoseconds. */
export interface CtSettings {
  /** nf_conntrack_max. */
  readonly max: number
  /** nf_conntrack_checksum. */
  readonly checksum: boolean
  /** nf_conntrack_tcp_loose. */
  readonly tcpLoose: boolean
  /** nf_conntrack_tcp_be_liberal. */
  readonly tcpBeLiberal: boolean
  /** nf_conntrack_tcp_ignore_invalid_rst. */
  readonly tcpIgnoreInvalidRst: boolean
  /** nf_conntrack_tcp_max_retrans. */
  readonly tcpMaxRetrans: number
  /** Time-out by TCP state. */
  readonly tcp: readonly number[]
  /** nf_conntrack_tcp_timeout_max_retrans. */
  readonly tcpRetrans: number
  /** nf_conntrack_tcp_timeout_unacknowledged. */
  readonly tcpUnacknowledged: number
  /** nf_conntrack_udp_timeout. */
  readonly udp: number
  /** nf_conntrack_udp_timeout_stream. */
  readonly udpStream: number
  /** nf_conntrack_icmp_timeout. */
  readonly icmp: number
  /** nf_conntrack_icmpv6_timeout. */
  readonly icmpv6: number
  /** nf_conntrack_generic_timeout. */
  readonly generic: number
}

/** TCP time-outs by state: the end of the sysctl's name and its default, in seconds. */
const TCP_TIMEOUTS: readonly (readonly [string, number])[] = [
  ['syn_sent', 120],
  ['syn_sent', 120],
  ['syn_recv', 60],
  ['established', 432000],
  ['fin_wait', 120],
  ['close_wait', 60],
  ['last_ack', 30],
  ['time_wait', 120],
  ['close', 10],
  ['syn_sent', 120],
]

/** Reads the settings of a namespace. */
export function ctSettings(ns: Namespace): CtSettings {
  const number = (name: string, otherwise: number): number => {
    const text = sysctlOf(ns, `net.netfilter.nf_conntrack_${name}`)
    const value = text === undefined ? Number.NaN : Number(text)
    return Number.isFinite(value) ? value : otherwise
  }
  const seconds = (name: string, otherwise: number): number => number(name, otherwise) * 1e9
  return {
    max: number('max', 262144),
    checksum: number('checksum', 1) !== 0,
    tcpLoose: number('tcp_loose', 1) !== 0,
    tcpBeLiberal: number('tcp_be_liberal', 0) !== 0,
    tcpIgnoreInvalidRst: number('tcp_ignore_invalid_rst', 0) !== 0,
    tcpMaxRetrans: number('tcp_max_retrans', 3),
    tcp: TCP_TIMEOUTS.map(([name, otherwise]) => seconds(`tcp_timeout_${name}`, otherwise)),
    tcpRetrans: seconds('tcp_timeout_max_retrans', 300),
    tcpUnacknowledged: seconds('tcp_timeout_unacknowledged', 300),
    udp: seconds('udp_timeout', 30),
    udpStream: seconds('udp_timeout_stream', 120),
    icmp: seconds('icmp_timeout', 30),
    icmpv6: seconds('icmpv6_timeout', 30),
    generic: seconds('generic_timeout', 600),
  }
}
