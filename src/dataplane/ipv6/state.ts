import type { NetNs } from '../netns.ts'

/** Everything IPv6 of a namespace. */
export interface Ipv6State {
  /** Namespace. */
  readonly ns: NetNs
}

/** The IPv6 state of a namespace; null while IPv6 is off in it. */
export function createIpv6State(_ns: NetNs): Ipv6State | null {
  return null
}
