import type { NetNs } from '../kernel/netns.ts'
import type { Ipv6Part } from './part.ts'
import type { Ipv6State } from './state.ts'

/** Place of IPv6 among the parts. */
export const IPV6_SLOT = 2

/** What IPv6 knows in a namespace; null while IPv6 is off on all its devices. */
export function ipv6Of(ns: NetNs): Ipv6State | null {
  return (ns.parts[IPV6_SLOT] as Ipv6Part).state
}
