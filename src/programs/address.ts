import type { Addr } from '../dataplane/index.ts'
import { type Ip6Key, keyToIpv6, numberToIpv4 } from '../wire/index.ts'

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
