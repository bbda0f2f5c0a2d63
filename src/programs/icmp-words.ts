// What iputils' ping says about ICMP errors.

import { ICMP_TIME_EXCEEDED, ICMP_TYPE, ICMP_UNREACH, ICMPV6_TIME_EXCEEDED, ICMPV6_TYPE } from '../wire/index.ts'

const UNREACHABLE: readonly string[] = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
]

const REDIRECTS: readonly string[] = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
]

/** An ICMP error in words. `info`: MTU or pointer; `gateway`: of a redirect, as text. */
export function icmpWords(type: number, code: number, info: number, gateway = ''): string {
  switch (type) {
    case ICMP_TYPE.DEST_UNREACH:
      if (code === ICMP_UNREACH.FRAG_NEEDED) return `Frag needed and DF set (mtu = ${info})`
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`
    case ICMP_TYPE.SOURCE_QUENCH:
      return 'Source Quench'
    case ICMP_TYPE.REDIRECT:
      return `${REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${gateway})`
    case ICMP_TYPE.TIME_EXCEEDED:
      if (code === ICMP_TIME_EXCEEDED.TTL) return 'Time to live exceeded'
      return code === ICMP_TIME_EXCEEDED.REASSEMBLY
        ? 'Frag reassembly time exceeded'
        : `Time exceeded, Bad Code: ${code}`
    case ICMP_TYPE.PARAMETER_PROBLEM:
      return `Parameter problem: pointer = ${info}`
    default:
      return `Bad ICMP type: ${type}`
  }
}

const UNREACHABLE6: readonly string[] = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
]

const PARAMETER6: readonly string[] = ['Wrong header field ', 'Unknown header ', 'Unknown option ']

/** An ICMPv6 error in words. */
export function icmp6Words(type: number, code: number, info: number): string {
  switch (type) {
    case ICMPV6_TYPE.DEST_UNREACH:
      return `Destination unreachable: ${UNREACHABLE6[code] ?? `Unknown code ${code}`}`
    case ICMPV6_TYPE.PACKET_TOO_BIG:
      return `Packet too big: mtu=${info}${code ? `, code=${code}` : ''}`
    case ICMPV6_TYPE.TIME_EXCEEDED:
      if (code === ICMPV6_TIME_EXCEEDED.HOP_LIMIT) return 'Time exceeded: Hop limit'
      return `Time exceeded: ${code === ICMPV6_TIME_EXCEEDED.REASSEMBLY ? 'Defragmentation failure' : `code ${code}`}`
    case ICMPV6_TYPE.PARAMETER_PROBLEM:
      return `Parameter problem: ${PARAMETER6[code] ?? `code ${code}`}at ${info}`
    default:
      return `unknown icmp type: ${type}`
  }
}
