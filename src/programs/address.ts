import type { Addr } from '../dataplane/index.ts'
import {
  type Ip,
  type Ip6Key,
  type Ipv4,
  type Ipv6,
  ipv4ToNumber,
  ipv6ToKey,
  isIpv4,
  keyToIpv6,
  numberToIpv4,
} from '../wire/index.ts'

/** An address as the engine keeps it. */
export function engineAddress(ip: Ip): Addr {
  return isIpv4(ip) ? ipv4ToNumber(ip as Ipv4) : ipv6ToKey(ip as Ipv6)
}

/** An address of the engine as text. */
export function addressText(addr: Addr): string {
  return typeof addr === 'number' ? numberToIpv4(addr) : keyToIpv6(addr as Ip6Key)
}

/** `inet` or `inet6`. */
export function familyOfAddress(addr: Addr): 'inet' | 'inet6' {
  return typeof addr === 'number' ? 'inet' : 'inet6'
}

/** `address:port` as the laboratory's tools print it: without brackets. */
export function endpointText(addr: Addr, port: number): string {
  return `${addressText(addr)}:${port}`
}
