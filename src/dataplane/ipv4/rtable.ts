import type { Lookup } from '../../model/index.ts'
import type { Dst, DstKind, RouteError } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { RouteExceptionEntry } from './exceptions.ts'
import type { FibNexthop } from './fib-info.ts'

/** Route flag: the packet is for this host (RTCF_LOCAL). */
export const RTCF_LOCAL = 1
/** Destination is broadcast (RTCF_BROADCAST). */
export const RTCF_BROADCAST = 2
/** Destination is multicast (RTCF_MULTICAST). */
export const RTCF_MULTICAST = 4

/** The longest packet IPv4 can have. */
const IP_MAX_MTU = 0xffff

/** An IPv4 routing decision (`struct rtable`). MTUs are read when asked for: devices and exceptions change. */
export class Rtable implements Dst {
  /** What happens to the packet. */
  readonly kind: DstKind
  /** Output device; for input to this host the device it came in by. */
  readonly dev: NetDevice
  /** Error, for `kind: 'error'`. */
  readonly error: RouteError | null
  /** RTCF_ flags. */
  readonly flags: number
  /** RTN number. */
  readonly type: number
  /** Made for a received packet. */
  readonly isInput: boolean
  /** Source address for packets made here. */
  readonly src: number
  /** Next hop it was made of, null = none. */
  readonly nexthop: FibNexthop | null
  /** Exception that applies, null = none. */
  readonly exception: RouteExceptionEntry | null
  private readonly ownGateway: number | null
  /** For records and for people. */
  ref: Lookup

  constructor(
    kind: DstKind,
    dev: NetDevice,
    flags: number,
    type: number,
    isInput: boolean,
    src: number,
    nexthop: FibNexthop | null,
    exception: RouteExceptionEntry | null,
    error: RouteError | null,
    ref: Lookup,
  ) {
    this.kind = kind
    this.dev = dev
    this.flags = flags
    this.type = type
    this.isInput = isInput
    this.src = src
    this.nexthop = nexthop
    this.exception = exception
    this.error = error
    this.ref = ref
    this.ownGateway = nexthop === null || nexthop.gateway === 0 ? null : nexthop.gateway
  }

  /** It is still what a lookup would come to as long as neither tables nor exceptions change: time and `flush` end an exception. */
  get holds(): boolean {
    const e = this.exception
    return e === null || (!e.stale && (e.expires === 0 || this.dev.ns.sim.clock.now <= e.expires))
  }

  /** Gateway, null = the destination itself is the neighbour. */
  get gateway(): number | null {
    const e = this.exception
    return e !== null && e.gateway !== 0 ? e.gateway : this.ownGateway
  }

  /** Destination is broadcast. */
  get broadcast(): boolean {
    return (this.flags & RTCF_BROADCAST) !== 0
  }

  /** Destination is multicast. */
  get multicast(): boolean {
    return (this.flags & RTCF_MULTICAST) !== 0
  }

  /** MTU for packets made here (`dst_mtu`). */
  get mtu(): number {
    return this.mtuMaybeForward(false)
  }

  /** MTU for packets passing through. */
  get forwardMtu(): number {
    return this.mtuMaybeForward(true)
  }

  /** The MTU is locked (`ip_mtu_locked`). */
  get mtuLocked(): boolean {
    return (this.exception?.mtuLocked ?? false) || (this.nexthop?.info.mtuLock ?? false)
  }

  /** Advertised MSS, 0 = none. */
  get advmss(): number {
    return this.nexthop?.info.advmss ?? 0
  }

  /** Learned path MTU that has not expired; 0 = none. */
  get pathMtu(): number {
    const e = this.exception
    if (e === null || e.mtu === 0) return 0
    return this.dev.ns.sim.clock.now < e.expires ? e.mtu : 0
  }

  /** @linux include/net/ip.h ip_dst_mtu_maybe_forward */
  private mtuMaybeForward(forwarding: boolean): number {
    if (this.exception === null && this.nexthop !== null && !this.nexthop.info.mtuLock) {
      return Math.min(this.nexthop.info.mtu || this.dev.mtu, IP_MAX_MTU)
    }
    const locked = this.mtuLocked
    if (!forwarding || locked || this.dev.ns.ip.forwardUsePmtu) {
      const learned = this.pathMtu
      if (learned !== 0) return learned
    }
    const route = this.nexthop === null ? 0 : this.nexthop.info.mtu
    if (route !== 0) return Math.min(route, IP_MAX_MTU)
    let mtu = this.dev.mtu
    if (locked && this.gateway !== null && mtu > 576) mtu = 576
    return Math.min(mtu, IP_MAX_MTU)
  }
}

/** The route of a packet that has one (`skb_rtable`). */
export function rtOf(skb: PacketBuffer): Rtable {
  return skb.dst as Rtable
}
