// What iputils' ping says about ICMP errors.

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
    case 3:
      if (code === 4) return `Frag needed and DF set (mtu = ${info})`
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`
    case 4:
      return 'Source Quench'
    case 5:
      return `${REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${gateway})`
    case 11:
      if (code === 0) return 'Time to live exceeded'
      return code === 1 ? 'Frag reassembly time exceeded' : `Time exceeded, Bad Code: ${code}`
    case 12:
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
    case 1:
      return `Destination unreachable: ${UNREACHABLE6[code] ?? `Unknown code ${code}`}`
    case 2:
      return `Packet too big: mtu=${info}${code ? `, code=${code}` : ''}`
    case 3:
      if (code === 0) return 'Time exceeded: Hop limit'
      return `Time exceeded: ${code === 1 ? 'Defragmentation failure' : `code ${code}`}`
    case 4:
      return `Parameter problem: ${PARAMETER6[code] ?? `code ${code}`}at ${info}`
    default:
      return `unknown icmp type: ${type}`
  }
}
