import { type Ip6Key, keyToIpv6, numberToIpv4 } from '../../wire/index.ts'
import type { Addr } from './tuple.ts'

/** An address in engine form as people write it. */
export function addrText(addr: Addr): string {
  return typeof addr === 'number' ? numberToIpv4(addr) : keyToIpv6(addr as Ip6Key)
}
