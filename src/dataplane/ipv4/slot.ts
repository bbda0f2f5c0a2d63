import type { NetNs } from '../kernel/netns.ts'
import type { Ipv4Part } from './part.ts'

/** Place of IPv4 among the parts. */
export const IPV4_SLOT = 1

/** What IPv4 knows in a namespace. */
export function ipv4Of(ns: NetNs): Ipv4Part {
  return ns.parts[IPV4_SLOT] as Ipv4Part
}
