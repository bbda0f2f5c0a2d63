import type { Lookup } from '../../model/index.ts'
import { IPV6_MIN_MTU } from '../../wire/index.ts'
import type { Dst, DstKind, RouteError } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { RTN } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { RouteException6 } from './exceptions.ts'
import type { Fib6Info, Fib6Nexthop } from './fib6-info.ts'

/** An IPv6 routing decision (`struct rt6_info`). MTUs are read when asked for: devices and exceptions change. */
export class Rt6 implements Dst {
  /** What happens to the packet. */
  readonly kind: DstKind
  /** Output device; `lo` for addresses of this host. */
  readonly dev: NetDevice
  /** Device of the route itself (`rt6i_idev`): where an address of this host lives. */
  readonly idev: NetDevice
  /** Gateway key, null = the destination itself is the neighbour. */
  readonly gateway: string | null
  /** Error, for `kind: 'error'` and `'blackhole'`. */
  readonly error: RouteError | null
  /** Source address for packets made here, '' = none was asked for. */
  src: string
  /** Next hop it was made of, null = none. */
  readonly nexthop: Fib6Nexthop | null
  /** Exception that applies, null = none. */
  readonly exception: RouteException6 | null
  /** Destination is multicast. */
  readonly multicast: boolean
  /** IPv6 has no broadcast. */
  readonly broadcast: boolean = false
  /** For records and for people. */
  ref: Lookup

  constructor(
    kind: DstKind,
    dev: NetDevice,
    idev: NetDevice,
    gateway: string | null,
    error: RouteError | null,
    src: string,
    nexthop: Fib6Nexthop | null,
    exception: RouteException6 | null,
    multicast: boolean,
    ref: Lookup,
  ) {
    this.kind = kind
    this.dev = dev
    this.idev = idev
    this.gateway = gateway
    this.error = error
    this.src = src
    this.nexthop = nexthop
    this.exception = exception
    this.multicast = multicast
    this.ref = ref
  }

  /** The route, null for decisions made without one. */
  get info(): Fib6Info | null {
    return this.nexthop === null ? null : this.nexthop.info
  }

  /** The destination is an anycast address of this host. */
  get anycast(): boolean {
    return this.nexthop !== null && this.nexthop.info.type === RTN.ANYCAST
  }

  /** MTU for packets made here (`dst_mtu`). */
  get mtu(): number {
    return this.mtuMaybeForward(false)
  }

  /** MTU for packets passing through; at least the least of IPv6. */
  get forwardMtu(): number {
    return Math.max(this.mtuMaybeForward(true), IPV6_MIN_MTU)
  }

  /** The MTU is locked. */
  get mtuLocked(): boolean {
    return this.info?.mtuLock ?? false
  }

  /** Advertised MSS, 0 = none. */
  get advmss(): number {
    return this.info?.advmss ?? 0
  }

  /** @linux include/net/ip6_route.h ip6_dst_mtu_maybe_forward */
  private mtuMaybeForward(forwarding: boolean): number {
    if (!forwarding || this.mtuLocked) {
      const e = this.exception
      if (e !== null && e.mtu !== 0 && (e.expires === 0 || this.dev.ns.sim.clock.now < e.expires)) return e.mtu
      const route = this.info?.mtu ?? 0
      if (route !== 0) return route
    }
    return this.dev.conf6.mtu
  }
}

/** The route of a packet that has one (`skb_rt6_info`). */
export function rt6Of(skb: PacketBuffer): Rt6 {
  return skb.dst as Rt6
}
