import type { Ip } from '../wire/index.ts'
import type { Route, RouteType } from './route.ts'

/** What the kernel says of the way to one destination: `ip route get`. */
export interface ResolvedRoute {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Type. */
  readonly type: RouteType
  /** Destination asked for. */
  readonly dst: Ip
  /** Source asked for; IPv6 always tells one. */
  readonly from?: Ip
  /** Gateway. */
  readonly via?: Ip
  /** Output device; `lo` for what this host takes in. */
  readonly dev: string
  /** Table that answered, by name or number; absent when nothing was looked up. */
  readonly table?: string
  /** The route it follows, as it is configured; absent when nothing was looked up. */
  readonly route?: Route
  /** Source address that own packets get. */
  readonly src?: Ip
  /** Mark asked for. */
  readonly mark?: number
  /** Who asks; absent for a packet that comes in. */
  readonly uid?: number
  /** Device it comes in by. */
  readonly iif?: string
  /** MTU of the route, or what was learned of the path. */
  readonly mtu?: number
  /** The MTU is locked. */
  readonly mtuLock?: true
  /** Advertised MSS. */
  readonly advmss?: number
  /** Seconds until what was learned is forgotten. */
  readonly expires?: number
  /** Flags of a cached decision, IPv4: local, broadcast, multicast, a redirect is due. */
  readonly cache: readonly ('local' | 'mc' | 'brd' | 'redirect')[]
}
