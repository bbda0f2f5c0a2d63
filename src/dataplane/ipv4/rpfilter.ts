import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FIB_OK, RTN } from '../kernel/rtn.ts'
import type { Flow4 } from '../kernel/stack.ts'
import { ipv4Of } from './slot.ts'

/**
 * Whether the routing tables, next hops without carrier among them, lead to `flow.daddr` by a device; `null` = by any.
 * @linux net/ipv4/netfilter/ipt_rpfilter.c rpfilter_lookup_reverse
 */
export function rpfilterLookupReverse(ns: NetNs, flow: Flow4, dev: NetDevice | null, acceptLocal: boolean): boolean {
  const { fib, scratch } = ipv4Of(ns)
  const { reverse: result } = scratch
  if (fib.lookup(flow, result, true) !== FIB_OK) return false
  if (result.type !== RTN.UNICAST && !(result.type === RTN.LOCAL && acceptLocal)) return false
  return dev === null || result.alias?.info.nexthops.some((hop) => hop.dev === dev) === true
}
