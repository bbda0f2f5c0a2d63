import type { Ip, Prefix } from '../wire/index.ts'
import type { Scope } from './interface.ts'
import type { Origin } from './origin.ts'

/** Route types of `ip route`, in the order of the kernel's numbers from 1 on. @linux include/uapi/linux/rtnetlink.h RTN_UNICAST */
export const ROUTE_TYPES = [
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
] as const

/** A route type of `ip route`. */
export type RouteType = (typeof ROUTE_TYPES)[number]

/** One next hop of a route. */
export interface Nexthop {
  /** Gateway; absent = on-link. */
  readonly via?: Ip
  /** Device. */
  readonly dev?: string
  /** Weight among several (ECMP), from 1. */
  readonly weight?: number
  /** The gateway is taken to be reachable on `dev` without a covering route. */
  readonly onlink?: boolean
}

/** A route, as `ip route` prints it. */
export interface Route {
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Destination prefix, canonical; default is `0.0.0.0/0` or `::/0`. */
  readonly dst: Prefix
  /** Route type. */
  readonly type: RouteType
  /** Gateway, for a route with one next hop. */
  readonly via?: Ip
  /** Device, for a route with one next hop. */
  readonly dev?: string
  /** The gateway is on-link whatever the table says. */
  readonly onlink?: boolean
  /** Several next hops (ECMP); then `via`, `dev`, `onlink` are absent. */
  readonly nexthops?: readonly Nexthop[]
  /** Routing table, by the name or number `ip route` uses (`main`, `local`, `1`). */
  readonly table: string
  /** Routing protocol by name or number: `kernel`, `boot`, `static`, `bird`, `80`, `dhcp`, `ra`. */
  readonly protocol: string
  /** Scope. */
  readonly scope: Scope
  /** Preferred source. */
  readonly src?: Ip
  /** Metric (priority); absent = 0 (IPv6: 1024 where the kernel adds it, given explicitly). */
  readonly metric?: number
  /** Only for packets with this TOS. */
  readonly tos?: number
  /** Route MTU (`mtu N`). */
  readonly mtu?: number
  /** MTU is locked (`mtu lock N`). */
  readonly mtuLock?: boolean
  /** Advertised MSS (`advmss N`). */
  readonly advmss?: number
  /** Router preference, IPv6. */
  readonly pref?: 'low' | 'medium' | 'high'
  /** What made it. */
  readonly origin?: Origin
}

/** What a rule does on a match. */
export type RuleAction = 'lookup' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit'

/** A routing policy rule, as `ip rule` prints it. */
export interface Rule {
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Priority; lower is asked first. */
  readonly priority: number
  /** Match everything but the selector. */
  readonly not?: boolean
  /** Source prefix; absent = all. */
  readonly from?: Prefix
  /** Destination prefix; absent = all. */
  readonly to?: Prefix
  /** Input interface; `lo` means locally made packets. */
  readonly iif?: string
  /** Output interface a socket is bound to. */
  readonly oif?: string
  /** Packet mark. */
  readonly fwmark?: number
  /** Mask for `fwmark`; absent = all ones. */
  readonly fwmask?: number
  /** TOS byte. */
  readonly tos?: number
  /** IP protocol, by number. */
  readonly ipproto?: number
  /** Source port range, inclusive. */
  readonly sport?: { readonly low: number; readonly high: number }
  /** Destination port range, inclusive. */
  readonly dport?: { readonly low: number; readonly high: number }
  /** What to do. */
  readonly action: RuleAction
  /** Table for `lookup`. */
  readonly table?: string
  /** Target priority for `goto`. */
  readonly goto?: number
  /** Ignore results with a prefix length of at most this. */
  readonly suppressPrefixlength?: number
  /** What made it. */
  readonly origin?: Origin
}
