import type { Lookup } from '../../model/index.ts'
import type { NetDevice } from './net-device.ts'

/** What a routing decision leads to. */
export type DstKind = 'local' | 'forward' | 'output' | 'broadcast' | 'multicast' | 'blackhole' | 'error'

/** Errors of a route lookup, by their errno names. */
export type RouteError = 'ENETUNREACH' | 'EHOSTUNREACH' | 'EACCES' | 'EINVAL' | 'ENOBUFS' | 'EADDRNOTAVAIL'

/**
 * A routing decision (`struct dst_entry` + `struct rtable`), IPv4 and IPv6. Immutable once made except for `ref`; may be cached
 * and shared between packets to the same destination.
 */
export interface Dst {
  /** What happens to the packet. */
  readonly kind: DstKind
  /** Output device (`lo` for local delivery of own packets). */
  readonly dev: NetDevice
  /** Gateway in engine form (IPv4: uint32; IPv6: 16-char key), null = the destination itself is the neighbour. */
  readonly gateway: number | string | null
  /** What the lookup failed with; null = it did not. */
  readonly error: RouteError | null
  /** MTU of the path: exception, route mtu, or device (what `dst_mtu` says). */
  readonly mtu: number
  /** MTU that forwarding checks (`ip_dst_mtu_maybe_forward`). */
  readonly forwardMtu: number
  /** MTU is locked: fragment although DF would be used for PMTU discovery. */
  readonly mtuLocked: boolean
  /** Route `advmss`, 0 = none. */
  readonly advmss: number
  /** Source address the kernel picks for this route (engine form). */
  readonly src: number | string
  /** Result flags: the destination is broadcast or multicast. */
  readonly broadcast: boolean
  /** Destination is multicast. */
  readonly multicast: boolean
  /** For records and for people. */
  readonly ref: Lookup
}
